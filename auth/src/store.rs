//! All SQL of the auth service.
//!
//! Whoever changes who is admin, the keys or the revocations takes the sequence of that name first: such transactions wait
//! for each other, on SQLite and on PostgreSQL alike. The order is always users → a user's row → revocations.

mod audit;
mod erasures;
mod invites;
mod keys;
mod revocations;
mod tokens;
mod users;

use voltaire_mesh::Db;

pub(crate) use users::{Admission, DELETED_FROM};

/// The database of the auth service.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
}

impl Store {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Takes a sequence: other transactions that take it wait until this one is over. Gives its next number.
macro_rules! take {
    ($tx:expr, $sequence:literal) => {
        sqlx::query_scalar::<_, i64>(concat!(
            "UPDATE auth_sequences SET value = value + 1 WHERE name = '",
            $sequence,
            "' RETURNING value"
        ))
        .fetch_one(&mut *$tx)
        .await?
    };
}

/// Writes a security event within a transaction.
macro_rules! record {
    ($executor:expr, $event:expr) => {{
        const SQL: &str =
            "INSERT INTO audit_events (id, at, kind, actor_id, subject_id, address) VALUES ($1, $2, $3, $4, $5, $6)";
        let event = $event;
        sqlx::query(SQL)
            .bind(event.id)
            .bind(event.at)
            .bind(event.kind)
            .bind(event.actor_id)
            .bind(event.subject_id)
            .bind(event.address)
            .execute($executor)
            .await?
    }};
}

/// Writes a revocation within a transaction.
macro_rules! revoke {
    ($tx:expr, $revocation:expr) => {{
        const SQL: &str =
            "INSERT INTO revocations (seq, token_id, user_id, min_version, expires_at) VALUES ($1, $2, $3, $4, $5)";
        let seq = take!($tx, "revocations");
        let revocation: crate::revocation::Revocation = $revocation;
        let (token, user, version) = revocation.subject.columns();
        sqlx::query(SQL)
            .bind(seq)
            .bind(token)
            .bind(user)
            .bind(version)
            .bind(revocation.expires)
            .execute(&mut *$tx)
            .await?
    }};
}

/// Revokes every good API token of a user within a transaction.
macro_rules! revoke_api_tokens {
    ($tx:expr, $user:expr, $now:expr) => {{
        const SQL: &str =
            "UPDATE api_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $3
            RETURNING id, expires_at";
        let good: Vec<(voltaire_types::TokenId, voltaire_types::Timestamp)> = sqlx::query_as(SQL)
            .bind($user)
            .bind($now)
            .bind($now)
            .fetch_all(&mut *$tx)
            .await?;
        for (id, expires) in good {
            revoke!($tx, crate::revocation::Revocation::token(id, expires));
        }
    }};
}

pub(crate) use {record, revoke, revoke_api_tokens, take};
