use sqlx::FromRow;
use voltaire_mesh::{read, transaction, write};
use voltaire_types::{Timestamp, TokenId, UserId};

use super::{Store, record, revoke, take};
use crate::{
    audit::Event,
    error::{Error, Result},
    revocation::{Revocation, Subject},
};

/// The most news that are read at once.
const AT_ONCE: i64 = 1000;

#[derive(FromRow)]
struct Row {
    seq: i64,
    token_id: Option<TokenId>,
    user_id: Option<UserId>,
    min_version: Option<i64>,
    expires_at: Timestamp,
}

impl TryFrom<Row> for Revocation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let subject = match (row.token_id, row.user_id, row.min_version) {
            (Some(token), None, None) => Subject::Token(token),
            (None, Some(user), Some(min_version)) => Subject::Sessions { user, min_version },
            _ => return Err(Error::Corrupt("revocations")),
        };
        Ok(Self {
            subject,
            expires: row.expires_at,
        })
    }
}

impl Store {
    /// Revokes one token.
    pub(crate) async fn revoke_token(&self, id: TokenId, expires: Timestamp, event: Event) -> Result<()> {
        transaction!(self.db, |tx| {
            revoke!(tx, Revocation::token(id, expires));
            record!(&mut *tx, event);
            Ok::<_, Error>(())
        })
    }

    /// The number of the newest revocation.
    pub(crate) async fn last_revocation(&self) -> Result<i64> {
        const SQL: &str = "SELECT value FROM auth_sequences WHERE name = 'revocations'";
        Ok(read!(self.db, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// The revocations after a number, in the order in which they were made, each with its own number.
    pub(crate) async fn revocations_after(&self, seq: i64) -> Result<Vec<(i64, Revocation)>> {
        const SQL: &str = "SELECT seq, token_id, user_id, min_version, expires_at FROM revocations
            WHERE seq > $1 ORDER BY seq LIMIT $2";
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(seq)
            .bind(AT_ONCE)
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(|row| Ok((row.seq, row.try_into()?))).collect()
    }

    /// Every revocation that is in force, in the order in which they were made.
    pub(crate) async fn revocations_in_force(&self, now: Timestamp) -> Result<Vec<Revocation>> {
        const SQL: &str = "SELECT seq, token_id, user_id, min_version, expires_at FROM revocations
            WHERE expires_at > $1 ORDER BY seq";
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(SQL).bind(now).fetch_all(pool).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Forgets revocations whose tokens all ran out before `horizon`; gives their number.
    pub(crate) async fn forget_revocations(&self, horizon: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM revocations WHERE expires_at < $1";
        write!(self.db, |pool| Ok(sqlx::query(SQL)
            .bind(horizon)
            .execute(pool)
            .await?
            .rows_affected()))
    }
}
