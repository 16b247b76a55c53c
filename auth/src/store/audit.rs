use voltaire_mesh::{read, write};
use voltaire_types::Timestamp;

use super::{Store, record};
use crate::{
    audit::{Event, Position},
    error::Result,
};

impl Store {
    /// Writes a security event.
    pub(crate) async fn record(&self, event: Event) -> Result<()> {
        write!(self.db, |pool| {
            record!(pool, event);
            Ok(())
        })
    }

    /// At most `limit` security events before a position, newest first.
    pub(crate) async fn audit_events(&self, before: Option<Position>, limit: u32) -> Result<Vec<Event>> {
        const FIRST: &str =
            "SELECT id, at, kind, actor_id, subject_id, address FROM audit_events ORDER BY at DESC, id DESC LIMIT $1";
        const NEXT: &str = "SELECT id, at, kind, actor_id, subject_id, address FROM audit_events
            WHERE (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3";
        let limit = i64::from(limit);
        Ok(match before {
            None => read!(self.db, |pool| sqlx::query_as(FIRST)
                .bind(limit)
                .fetch_all(pool)
                .await?),
            Some(Position { at, id }) => {
                read!(self.db, |pool| sqlx::query_as(NEXT)
                    .bind(at)
                    .bind(id)
                    .bind(limit)
                    .fetch_all(pool)
                    .await?)
            }
        })
    }

    /// Forgets security events of before `horizon`; gives their number.
    pub(crate) async fn forget_events(&self, horizon: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM audit_events WHERE at < $1";
        write!(self.db, |pool| Ok(sqlx::query(SQL)
            .bind(horizon)
            .execute(pool)
            .await?
            .rows_affected()))
    }
}
