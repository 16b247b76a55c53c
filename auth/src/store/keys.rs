use sqlx::FromRow;
use voltaire_mesh::{read, transaction};
use voltaire_types::Timestamp;

use super::{Store, record, take};
use crate::{
    audit::Event,
    error::{Error, Result},
    keys::{NewKey, OVERLAP, StoredKey},
};

#[derive(FromRow)]
struct Row {
    kid: String,
    private_key: Option<Vec<u8>>,
    public_key: Vec<u8>,
    active_from: Timestamp,
    retired_at: Option<Timestamp>,
}

impl From<Row> for StoredKey {
    fn from(row: Row) -> Self {
        Self {
            kid: row.kid,
            private: row.private_key,
            public: row.public_key,
            active_from: row.active_from,
            retired_at: row.retired_at,
        }
    }
}

macro_rules! insert {
    ($tx:expr, $key:expr) => {{
        const SQL: &str = "INSERT INTO signing_keys (kid, private_key, public_key, created_at, active_from)
            VALUES ($1, $2, $3, $4, $5)";
        let key = $key;
        sqlx::query(SQL)
            .bind(key.kid)
            .bind(key.private)
            .bind(key.public)
            .bind(key.created_at)
            .bind(key.active_from)
            .execute(&mut *$tx)
            .await?
    }};
}

impl Store {
    /// Adds the first key of a server; nothing happens where there is one already.
    pub(crate) async fn add_first_key(&self, key: NewKey) -> Result<()> {
        transaction!(self.db, |tx| {
            take!(tx, "keys");
            if sqlx::query_scalar::<_, i64>("SELECT count(*) FROM signing_keys")
                .fetch_one(&mut *tx)
                .await?
                == 0
            {
                insert!(tx, key);
            }
            Ok::<_, Error>(())
        })
    }

    /// Adds a key and retires the others from when on it signs.
    pub(crate) async fn rotate_key(&self, key: NewKey, event: Event) -> Result<()> {
        const RETIRE: &str = "UPDATE signing_keys SET retired_at = $1 WHERE retired_at IS NULL";
        transaction!(self.db, |tx| {
            take!(tx, "keys");
            sqlx::query(RETIRE).bind(key.active_from).execute(&mut *tx).await?;
            insert!(tx, key);
            record!(&mut *tx, event);
            Ok::<_, Error>(())
        })
    }

    /// The keys that are published, newest first: those in use, those retired for less than the overlap, and those that
    /// signed an API token which is still good.
    pub(crate) async fn published_keys(&self, now: Timestamp) -> Result<Vec<StoredKey>> {
        const SQL: &str = "SELECT kid, private_key, public_key, active_from, retired_at FROM signing_keys k
            WHERE retired_at IS NULL OR retired_at > $1 OR EXISTS (
                SELECT 1 FROM api_tokens t WHERE t.kid = k.kid AND t.revoked_at IS NULL AND t.expires_at > $2)
            ORDER BY active_from DESC, created_at DESC";
        let horizon = now.minus(OVERLAP);
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(horizon)
            .bind(now)
            .fetch_all(pool)
            .await?);
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Forgets the private halves of keys that were retired before `horizon`.
    pub(crate) async fn forget_private_keys(&self, horizon: Timestamp) -> Result<u64> {
        const SQL: &str =
            "UPDATE signing_keys SET private_key = NULL WHERE retired_at < $1 AND private_key IS NOT NULL";
        transaction!(self.db, |tx| {
            take!(tx, "keys");
            Ok::<_, Error>(sqlx::query(SQL).bind(horizon).execute(&mut *tx).await?.rows_affected())
        })
    }
}
