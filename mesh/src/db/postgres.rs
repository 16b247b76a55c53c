//! PostgreSQL: a pool that is replaced when its server has vanished without a word.

use std::{str::FromStr, sync::Arc, task::Poll, time::Duration};

use async_stream::try_stream;
use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::{self, BoxFuture},
    stream,
    stream::BoxStream,
};
use parking_lot::RwLock;
use sqlx::{
    ConnectOptions, Connection, Either, Error, Execute, Executor, PgConnection, PgPool, SqlStr,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio_util::sync::CancellationToken;

use super::pulse::{Pulse, Question};

/// The server ends a statement by itself after so long.
const STATEMENT: Duration = Duration::from_secs(10);
/// How long a query waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(3);
/// A connection that was in use just now is lent to who reads as it is.
const FRESH: Duration = Duration::from_secs(1);
/// A busy pool hears from a connection in so long.
const SILENCE: Duration = Duration::from_secs(5);
/// How long work on a replaced pool may go on: a statement that lives ends by itself, counted from the silence.
const GRACE: Duration = Duration::from_secs(6);

/// PostgreSQL.
#[derive(Clone, Debug)]
pub struct Postgres {
    options: Arc<PgConnectOptions>,
    max_connections: u32,
    current: Arc<RwLock<Lease>>,
}

/// The pool in use when a piece of work began. Work on a pool that was replaced ends in `PoolClosed`, lest it wait for a dead
/// socket for ever.
#[derive(Clone, Debug)]
pub struct Lease {
    pool: PgPool,
    pulse: Arc<Pulse>,
    gone: CancellationToken,
    /// Whether each connection is rolled back before it is used, as who writes needs it.
    writes: bool,
}

impl Postgres {
    /// Connects to `postgres://USER:PASSWORD@HOST/NAME`.
    pub(super) async fn open(url: &str, max_connections: u32) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("voltaire")
            .options([
                ("statement_timeout", format!("{}s", STATEMENT.as_secs()).as_str()),
                ("lock_timeout", "3s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("tcp_keepalives_idle", "30"),
                ("timezone", "UTC"),
                ("plan_cache_mode", "force_generic_plan"),
            ])
            .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(2));
        let lease = Lease::open(&options, max_connections).await?;
        Ok(Self {
            options: Arc::new(options),
            max_connections,
            current: Arc::new(RwLock::new(lease)),
        })
    }

    /// The pool in use, for one piece of work: another one may be in use for the next.
    pub fn lease(&self) -> Lease {
        self.current.read().clone()
    }

    /// The same for one that writes.
    pub fn writer(&self) -> Lease {
        Lease {
            writes: true,
            ..self.lease()
        }
    }

    /// Whether a connection answers; each is asked, so that a silent one is noticed whoever meets it.
    pub(super) async fn ping(&self) -> Result<(), Error> {
        let lease = self.writer();
        sqlx::query("SELECT 1").execute(&lease).await.map(drop)
    }

    /// A connection of its own, whose statements may take as long as they need: for the maintenance of tables.
    pub async fn maintenance(&self) -> Result<PgConnection, Error> {
        let mut connection = self.options.connect().await?;
        sqlx::query("SET statement_timeout = 0")
            .execute(&mut connection)
            .await?;
        Ok(connection)
    }

    /// Whether a connection is dead for certain.
    pub(super) fn is_broken(&self) -> bool {
        self.lease().pulse.is_broken()
    }

    /// Replaces the pool where its connections are dead and a fresh one works; whether it did.
    pub(super) async fn renew(&self) -> bool {
        let pulse = self.lease().pulse;
        if !pulse.is_broken() && pulse.silence() < SILENCE {
            return false;
        }
        let fresh = async {
            let mut connection = self.options.connect().await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            connection.close().await?;
            Lease::open(&self.options, self.max_connections).await
        };
        let Ok(Ok(lease)) = tokio::time::timeout(ACQUIRE, fresh).await else {
            return false;
        };
        std::mem::replace(&mut *self.current.write(), lease).retire();
        tracing::warn!("replaced a pool of dead connections");
        true
    }

    /// Closes all connections; those that do not come back in time are left to the server.
    pub(super) async fn close(&self) {
        let closed = tokio::time::timeout(STATEMENT, self.lease().pool.close()).await;
        if closed.is_err() {
            tracing::warn!("connections were in use when the database was closed");
        }
    }
}

impl Lease {
    async fn open(options: &PgConnectOptions, max_connections: u32) -> Result<Self, Error> {
        let pulse = Pulse::new();
        let asked = Arc::clone(&pulse);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE)
            .max_lifetime(Duration::from_mins(30))
            .test_before_acquire(false)
            .before_acquire(move |connection, of| {
                if of.idle_for < FRESH {
                    return future::ready(Ok(true)).boxed();
                }
                rolled_back(asked.ask(), connection).boxed()
            })
            .connect_with(options.clone())
            .await?;
        Ok(Self {
            pool,
            pulse,
            gone: CancellationToken::new(),
            writes: false,
        })
    }

    /// A connection; one that is written to is rolled back before.
    pub async fn connection(&self) -> Result<PoolConnection<sqlx::Postgres>, Error> {
        let clean = async {
            loop {
                let mut connection = self.pool.acquire().await?;
                if !self.writes || rolled_back(self.pulse.ask(), &mut connection).await? {
                    return Ok(connection);
                }
                connection.close().await?;
            }
        };
        let found = tokio::time::timeout(ACQUIRE, clean).await;
        found.unwrap_or(Err(Error::PoolTimedOut))
    }

    /// Gives no connection back with a transaction that a statement has broken.
    async fn mend(&self, mut connection: PoolConnection<sqlx::Postgres>) -> Result<(), Error> {
        if self.writes && !rolled_back(self.pulse.ask(), &mut connection).await? {
            connection.close().await?;
        }
        Ok(())
    }

    /// The pool itself; a query on it is not ended when it is replaced.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Does some work, which ends in an error when the pool is replaced.
    pub async fn work<T, E: From<Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let ended = self.gone.run_until_cancelled(work).await;
        if let Some(Ok(_)) = ended {
            self.pulse.beat();
        }
        ended.unwrap_or_else(|| Err(Error::PoolClosed.into()))
    }

    /// Lends no more connections, and soon ends what still waits for an answer.
    #[expect(clippy::disallowed_methods, reason = "ends by itself, soon")]
    fn retire(self) {
        drop(tokio::spawn(async move {
            // Done when all connections were given back, which dead ones never are.
            let closed = tokio::time::timeout(GRACE, self.pool.close()).await;
            drop(closed);
            self.gone.cancel();
        }));
    }
}

/// A connection must not be written to with somebody's transaction open (sqlx #4393).
///
/// Of a rollback where there is none the server would warn in its log. Where one is open, it warns of the beginning; where that
/// one has failed, the beginning fails too, and the connection is not lent again.
async fn rolled_back(question: Question, connection: &mut PgConnection) -> Result<bool, Error> {
    let done = sqlx::raw_sql("BEGIN; ROLLBACK").execute(connection).await;
    question.answered();
    Ok(done.is_ok())
}

impl<'p> Executor<'p> for &'_ Lease {
    type Database = sqlx::Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let lease = self.clone();
        let mut rows: BoxStream<'e, _> = if self.writes {
            Box::pin(try_stream! {
                let mut connection = lease.connection().await?;
                let failed = {
                    let mut rows = connection.fetch_many(query);
                    loop {
                        match rows.try_next().await {
                            Ok(Some(row)) => yield row,
                            Ok(None) => break None,
                            Err(error) => break Some(error),
                        }
                    }
                };
                if let Some(error) = failed {
                    lease.mend(connection).await?;
                    Err(error)?;
                }
            })
        } else {
            self.pool.fetch_many(query)
        };
        let pulse = Arc::clone(&self.pulse);
        let mut gone = Box::pin(self.gone.clone().cancelled_owned());
        let rows = stream::poll_fn(move |context| {
            let row = rows.poll_next_unpin(context);
            if row.is_ready() {
                if let Poll::Ready(None | Some(Ok(Either::Left(_)))) = row {
                    pulse.beat();
                }
                return row;
            }
            gone.poll_unpin(context).map(|()| Some(Err(Error::PoolClosed)))
        });
        rows.boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let lease = self.clone();
        async move {
            let row = async {
                let mut connection = lease.connection().await?;
                let row = connection.fetch_optional(query).await;
                if row.is_err() {
                    lease.mend(connection).await?;
                }
                row
            };
            lease.work(row).await
        }
        .boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<sqlx::Describe<Self::Database>, Error>>
    where
        'p: 'e,
    {
        self.pool.describe(sql)
    }
}
