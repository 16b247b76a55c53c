use voltaire_mesh::{read, write};
use voltaire_types::{Timestamp, UserId};

use super::Store;
use crate::{erasure::Erasure, error::Result};

/// The most erasures that are tried in one go.
const AT_ONCE: i64 = 100;

impl Store {
    /// The erasures whose next attempt is due.
    pub(crate) async fn due_erasures(&self, now: Timestamp) -> Result<Vec<Erasure>> {
        const SQL: &str = "SELECT user_id, service, attempts FROM erasures WHERE next_attempt_at <= $1
            ORDER BY next_attempt_at LIMIT $2";
        Ok(read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(now)
            .bind(AT_ONCE)
            .fetch_all(pool)
            .await?))
    }

    /// Notes that a service has forgotten a user.
    pub(crate) async fn finish_erasure(&self, user: UserId, service: String) -> Result<()> {
        const SQL: &str = "DELETE FROM erasures WHERE user_id = $1 AND service = $2";
        write!(self.db, |pool| Ok(sqlx::query(SQL)
            .bind(user)
            .bind(service)
            .execute(pool)
            .await
            .map(drop)?))
    }

    /// Notes that an attempt failed, and when to try again.
    pub(crate) async fn postpone_erasure(&self, erasure: Erasure, until: Timestamp) -> Result<()> {
        const SQL: &str =
            "UPDATE erasures SET attempts = attempts + 1, next_attempt_at = $1 WHERE user_id = $2 AND service = $3";
        write!(self.db, |pool| {
            let query = sqlx::query(SQL).bind(until).bind(erasure.user_id).bind(erasure.service);
            Ok(query.execute(pool).await.map(drop)?)
        })
    }
}
