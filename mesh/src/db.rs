//! One database handle for SQLite and PostgreSQL, and the two rules that keep an acknowledged row:
//! every write runs in a task of its own, so that a caller who goes away cannot leave a transaction half open, and every
//! connection is rolled back before it is lent again (sqlx #4393).

use std::{future::Future, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

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

/// PostgreSQL.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: Arc<parking_lot::RwLock<PgPool>>,
    options: Arc<(PgConnectOptions, u32)>,
}

impl Postgres {
    /// The pool in use; a watchdog may replace it, so do not keep it.
    pub fn pool(&self) -> PgPool {
        self.pool.read().clone()
    }
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
                let pool = postgres.pool();
                let $pool = &pool;
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
                    let pool = postgres.pool();
                    let $pool = &pool;
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
                $crate::db::to_the_end(async move {
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
                })
                .await
            }
            $crate::db::Db::Postgres(postgres) => {
                $crate::db::to_the_end(async move {
                    let mut transaction = postgres.pool().begin().await?;
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
                })
                .await
            }
        }
    };
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
            let options = Arc::new((Self::postgres_options(connect.url)?, connect.max_connections));
            let pool = Self::postgres_pool(&options).await?;
            Ok(Self::Postgres(Postgres {
                pool: Arc::new(parking_lot::RwLock::new(pool)),
                options,
            }))
        } else {
            Err(OpenError::Kind)
        }
    }

    async fn sqlite(connect: &Connect<'_>) -> Result<Sqlite, sqlx::Error> {
        let options = SqliteConnectOptions::from_str(connect.url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
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

    fn postgres_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
        Ok(PgConnectOptions::from_str(url)?
            .application_name("voltaire")
            .options([
                ("statement_timeout", "10s"),
                ("lock_timeout", "3s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("tcp_keepalives_idle", "30"),
                ("timezone", "UTC"),
            ])
            .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(2)))
    }

    async fn postgres_pool(options: &(PgConnectOptions, u32)) -> Result<PgPool, sqlx::Error> {
        PgPoolOptions::new()
            .max_connections(options.1)
            .acquire_timeout(Duration::from_secs(3))
            .max_lifetime(Duration::from_mins(30))
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(sqlx::query("ROLLBACK").execute(connection).await.is_ok()) })
            })
            .connect_with(options.0.clone())
            .await
    }

    /// Whether it is PostgreSQL with the TimescaleDB extension installed in the database.
    pub async fn has_timescale(&self) -> Result<bool, sqlx::Error> {
        const SQL: &str = "SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'";
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(postgres) => Ok(sqlx::query_scalar::<_, i64>(SQL).fetch_one(&postgres.pool()).await? > 0),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        read!(self, |pool| sqlx::query("SELECT 1").execute(pool).await.map(drop))
    }

    /// Replaces the pool where a fresh connection works although the pool's do not; whether it did.
    pub(crate) async fn renew(&self) -> bool {
        let Self::Postgres(postgres) = self else {
            return false;
        };
        let fresh = async {
            let mut connection = postgres.options.0.connect().await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            connection.close().await?;
            Self::postgres_pool(&postgres.options).await
        };
        let Ok(Ok(pool)) = tokio::time::timeout(Duration::from_secs(3), fresh).await else {
            return false;
        };
        let old = std::mem::replace(&mut *postgres.pool.write(), pool);
        tracing::warn!("replaced a pool of dead connections");
        // Closing waits for those who hold a connection, perhaps for long.
        #[expect(
            clippy::disallowed_methods,
            reason = "ends when the last dead connection is given back"
        )]
        drop(tokio::spawn(async move { old.close().await }));
        true
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
            Self::Postgres(postgres) => postgres.pool().close().await,
        }
    }
}
