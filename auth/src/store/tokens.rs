use sqlx::FromRow;
use voltaire_mesh::{read, transaction, write};
use voltaire_types::{Timestamp, TokenId, UserId};

use super::{Store, record, revoke, take};
use crate::{
    api_token::{ApiToken, MOST, NewApiToken, parse_scopes, scopes_text},
    audit::Event,
    error::{Error, Result},
    revocation::Revocation,
};

/// The most tokens that are listed.
const LISTED: i64 = 1000;

#[derive(FromRow)]
struct Row {
    id: TokenId,
    user_id: UserId,
    name: String,
    scopes: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl TryFrom<Row> for ApiToken {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            user: row.user_id,
            name: row.name,
            scopes: parse_scopes(&row.scopes).ok_or(Error::Corrupt("api_tokens.scopes"))?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

impl Store {
    /// Adds an API token to a user who is not disabled and has not too many.
    pub(crate) async fn create_api_token(&self, new: NewApiToken, event: Event) -> Result<()> {
        const LOCK: &str = "UPDATE users SET updated_at = updated_at WHERE id = $1 AND NOT disabled";
        const COUNT: &str =
            "SELECT count(*) FROM api_tokens WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2";
        const SQL: &str = "INSERT INTO api_tokens (id, user_id, name, hash, scopes, kid, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        transaction!(self.db, |tx| {
            let token = new.token;
            if sqlx::query(LOCK)
                .bind(token.user)
                .execute(&mut *tx)
                .await?
                .rows_affected()
                != 1
            {
                return Err(Error::Gone);
            }
            let query = sqlx::query_scalar::<_, i64>(COUNT).bind(token.user).bind(event.at);
            if query.fetch_one(&mut *tx).await? >= MOST {
                return Err(Error::TooManyTokens(MOST));
            }
            let query = sqlx::query(SQL)
                .bind(token.id)
                .bind(token.user)
                .bind(token.name)
                .bind(new.hash)
                .bind(scopes_text(&token.scopes))
                .bind(new.kid)
                .bind(token.created_at)
                .bind(token.expires_at);
            query.execute(&mut *tx).await?;
            record!(&mut *tx, event);
            Ok(())
        })
    }

    /// The newest API tokens of a user, newest first.
    pub(crate) async fn api_tokens(&self, user: UserId) -> Result<Vec<ApiToken>> {
        const SQL: &str = "SELECT id, user_id, name, scopes, created_at, expires_at, revoked_at FROM api_tokens
            WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(user)
            .bind(LISTED)
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Revokes an API token of a user; nothing happens where it is revoked already.
    pub(crate) async fn revoke_api_token(&self, user: UserId, id: TokenId, event: Event) -> Result<()> {
        const FIND: &str = "SELECT revoked_at FROM api_tokens WHERE id = $1 AND user_id = $2";
        const SQL: &str = "UPDATE api_tokens SET revoked_at = $1 WHERE id = $2 AND user_id = $3 AND revoked_at IS NULL
            RETURNING expires_at";
        transaction!(self.db, |tx| {
            let query = sqlx::query_scalar::<_, Timestamp>(SQL)
                .bind(event.at)
                .bind(id)
                .bind(user);
            if let Some(expires) = query.fetch_optional(&mut *tx).await? {
                revoke!(tx, Revocation::token(id, expires));
                record!(&mut *tx, event);
                return Ok(());
            }
            let query = sqlx::query_scalar::<_, Option<Timestamp>>(FIND).bind(id).bind(user);
            query.fetch_optional(&mut *tx).await?.map(drop).ok_or(Error::NoToken)
        })
    }

    /// Forgets API tokens that ran out before `horizon`; gives their number.
    pub(crate) async fn forget_api_tokens(&self, horizon: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM api_tokens WHERE expires_at < $1";
        write!(self.db, |pool| Ok(sqlx::query(SQL)
            .bind(horizon)
            .execute(pool)
            .await?
            .rows_affected()))
    }
}
