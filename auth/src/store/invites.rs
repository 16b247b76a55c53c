use voltaire_mesh::{transaction, write};
use voltaire_types::Timestamp;

use super::{Store, record};
use crate::{audit::Event, error::Result, invite::NewInvite};

impl Store {
    /// Adds an invitation.
    pub(crate) async fn create_invite(&self, new: NewInvite, event: Event) -> Result<()> {
        const SQL: &str = "INSERT INTO invites (id, hash, email_key, created_by, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6)";
        transaction!(self.db, |tx| {
            let query = sqlx::query(SQL)
                .bind(new.id)
                .bind(new.hash)
                .bind(new.email.map(|it| it.key().to_owned()))
                .bind(event.actor_id)
                .bind(event.at)
                .bind(new.expires_at);
            query.execute(&mut *tx).await?;
            record!(&mut *tx, event);
            Ok(())
        })
    }

    /// Forgets invitations that ran out before `horizon`; gives their number.
    pub(crate) async fn forget_invites(&self, horizon: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM invites WHERE expires_at < $1";
        write!(self.db, |pool| Ok(sqlx::query(SQL)
            .bind(horizon)
            .execute(pool)
            .await?
            .rows_affected()))
    }
}
