//! One database handle for SQLite and PostgreSQL, and the two rules that keep an acknowledged row:
//! every write runs in a task of its own, so that a caller who goes away cannot leave a transaction half open, and every
//! connection is rolled back before it is written to (sqlx #4393).

pub mod copy;
mod postgres;
mod pulse;
mod usage;

use std::{future::Future, str::FromStr, time::Duration};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use postgres::{Lease, Postgres};

/// A database: reads and writes go through [`read!`](crate::read), [`write!`](crate::write) and
/// [`transaction!`](crate::transaction), one SQL text for both kinds.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file of this process.
    Sqlite(Sqlite),
    /// A server, perhaps with TimescaleDB.
    Postgres(Postgres),
}

/// SQLite: one writer, several readers.
#[derive(Clone, Debug)]
pub struct Sqlite {
    /// Read-only connections.
    pub readers: SqlitePool,
    /// The one connection that writes.
    pub writer: SqlitePool,
}

/// Where to find a database, and how many connections to hold.
#[derive(Clone, Debug)]
pub struct Connect<'a> {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: &'a str,
    /// Connections at most: readers for SQLite, all for PostgreSQL.
    pub max_connections: u32,
}

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of no known kind.
    #[error("database URL must begin with sqlite:// or postgres://")]
    Kind,
    /// The database refused.
    #[error("cannot open the database")]
    Sqlx(#[from] sqlx::Error),
}

/// Runs a query on a read connection: `read!(db, |c| sqlx::query_as(SQL).bind(id).fetch_optional(c).await)`.
#[macro_export]
macro_rules! read {
    ($db:expr, |$pool:ident| $body:expr) => {
        match &$db {
            $crate::db::Db::Sqlite(sqlite) => {
                let $pool = &sqlite.readers;
                $body
            }
            $crate::db::Db::Postgres(postgres) => {
                let lease = postgres.lease();
                let $pool = &lease;
                $body
            }
        }
    };
}

/// Runs one statement on a write connection, to its end even if the caller goes away. The body must own what it uses:
/// `write!(db, |c| sqlx::query(SQL).bind(id).execute(c).await.map(drop))`.
#[macro_export]
macro_rules! write {
    ($db:expr, |$pool:ident| $body:expr) => {
        match $db.clone() {
            $crate::db::Db::Sqlite(sqlite) => {
                $crate::db::to_the_end(async move {
                    let $pool = &sqlite.writer;
                    $body
                })
                .await
            }
            $crate::db::Db::Postgres(postgres) => {
                $crate::db::to_the_end(async move {
                    let lease = postgres.writer();
                    let $pool = &lease;
                    $body
                })
                .await
            }
        }
    };
}

/// Runs statements as one transaction, to its end even if the caller goes away; an error rolls it back. The body must own
/// what it uses and give a `Result`: `transaction!(db, |tx| { sqlx::query(SQL).execute(&mut *tx).await?; Ok(()) })`.
#[macro_export]
macro_rules! transaction {
    ($db:expr, |$tx:ident| $body:expr) => {
        match $db.clone() {
            $crate::db::Db::Sqlite(sqlite) => {
                $crate::db::to_the_end(Box::pin(async move {
                    let mut transaction = sqlite.writer.begin_with("BEGIN IMMEDIATE").await?;
                    let result = {
                        let $tx = &mut *transaction;
                        async { $body }.await
                    };
                    if result.is_ok() {
                        transaction.commit().await?;
                    } else {
                        transaction.rollback().await?;
                    }
                    result
                }))
                .await
            }
            $crate::db::Db::Postgres(postgres) => {
                $crate::db::to_the_end(Box::pin(async move {
                    let lease = postgres.writer();
                    let work = async {
                        let mut connection = lease.connection().await?;
                        let mut transaction = $crate::db::begin(&mut connection).await?;
                        let result = {
                            let $tx = &mut *transaction;
                            async { $body }.await
                        };
                        if result.is_ok() {
                            transaction.commit().await?;
                        } else {
                            transaction.rollback().await?;
                        }
                        result
                    };
                    lease.work(work).await
                }))
                .await
            }
        }
    };
}

/// Begins a transaction.
pub async fn begin(connection: &mut sqlx::PgConnection) -> Result<sqlx::Transaction<'_, sqlx::Postgres>, sqlx::Error> {
    sqlx::Connection::begin(connection).await
}

/// Runs the work in a task of its own, so that dropping the caller does not stop it half way.
#[expect(
    clippy::disallowed_methods,
    reason = "must outlive the call; it ends by itself, bounded by the database's time limits"
)]
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(tracing::Instrument::in_current_span(work)).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl Db {
    /// Opens a database; a SQLite file is made when there is none.
    pub async fn open(connect: &Connect<'_>) -> Result<Self, OpenError> {
        if connect.url.starts_with("sqlite:") {
            Ok(Self::Sqlite(Self::sqlite(connect).await?))
        } else if connect.url.starts_with("postgres:") || connect.url.starts_with("postgresql:") {
            Ok(Self::Postgres(
                Postgres::open(connect.url, connect.max_connections).await?,
            ))
        } else {
            Err(OpenError::Kind)
        }
    }

    async fn sqlite(connect: &Connect<'_>) -> Result<Sqlite, sqlx::Error> {
        let options = SqliteConnectOptions::from_str(connect.url)?
            .create_if_missing(true)
            // Holds for a new file; pages that nothing fills any more can be given back then.
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            // Handing rows over one by one costs more than reading them.
            .row_buffer_size(1_000)
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("mmap_size", "0")
            .pragma("journal_size_limit", "67108864");
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(Duration::from_secs(10))
                .test_before_acquire(false)
        };
        let writer = pool()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .before_acquire(|connection, _| {
                // Fails where there is nothing to roll back, which is the rule.
                Box::pin(async move {
                    {
                        let idle = sqlx::query("ROLLBACK").execute(connection).await;
                        drop(idle);
                        Ok(true)
                    }
                })
            })
            .connect_with(options.clone())
            .await?;
        let readers = pool()
            .max_connections(connect.max_connections)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        Ok(Sqlite { readers, writer })
    }

    /// Whether it is PostgreSQL with the TimescaleDB extension installed in the database.
    pub async fn has_timescale(&self) -> Result<bool, sqlx::Error> {
        const SQL: &str = "SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'";
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(postgres) => Ok(sqlx::query_scalar::<_, i64>(SQL).fetch_one(&postgres.lease()).await? > 0),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(sqlite) => sqlx::query("SELECT 1").execute(&sqlite.readers).await.map(drop),
            Self::Postgres(postgres) => postgres.ping().await,
        }
    }

    /// Whether a connection is dead for certain, so that its place in the pool is lost.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self, Self::Postgres(postgres) if postgres.is_broken())
    }

    /// Replaces a pool of dead connections where a fresh one works; whether it did.
    pub(crate) async fn renew(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(postgres) => postgres.renew().await,
        }
    }

    /// Closes all connections; SQLite writes its log back first.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => {
                sqlite.readers.close().await;
                let optimized = sqlx::query("PRAGMA optimize").execute(&sqlite.writer).await;
                drop(optimized);
                sqlite.writer.close().await;
            }
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}
