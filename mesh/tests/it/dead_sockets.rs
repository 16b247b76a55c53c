//! A database server that vanishes without a word: its sockets stay open and are silent for ever.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::{join_all, pending};
use parking_lot::Mutex;
use sqlx::{migrate::Migrator, postgres::PgConnectOptions};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Barrier,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use voltaire_mesh::{
    Db, Migrations,
    db::Connect,
    read,
    test::{TestMesh, on_each_db},
    transaction,
};
use voltaire_types::Clock;

use crate::stub::Stub;

/// Connections that are open when the server vanishes.
const OPEN: usize = 4;
/// Recovery takes less, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(40);

/// Stands between the pool and the server.
struct Proxy {
    port: u16,
    /// Of the connections that are alive.
    alive: Arc<Mutex<CancellationToken>>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    async fn before(server: (String, u16)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let alive = Arc::new(Mutex::new(CancellationToken::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let proxy = Self {
            port,
            alive: Arc::clone(&alive),
            connections: Arc::clone(&connections),
        };
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let server = TcpStream::connect((server.0.as_str(), server.1)).await.unwrap();
                spawn(forward(client, server, alive.lock().clone()));
            }
        });
        proxy
    }

    /// From now on every connection that there is hears nothing more and is told nothing; new ones work.
    async fn freeze(&self) {
        std::mem::take(&mut *self.alive.lock()).cancel();
        // Until everyone has heard it.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn forward(mut client: TcpStream, mut server: TcpStream, alive: CancellationToken) {
    tokio::select! {
        ended = copy_bidirectional(&mut client, &mut server) => drop(ended),
        () = alive.cancelled() => pending().await,
    }
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(work));
}

/// A service on a database behind a proxy.
struct House {
    proxy: Proxy,
    db: Db,
    health: HealthClient<Channel>,
    _mesh: TestMesh,
}

/// Runs the test on PostgreSQL, with some connections of the pool open.
async fn behind_a_proxy(max_connections: usize, test: impl AsyncFn(House)) {
    let migrations = Migrations::new("it", Migrator::DEFAULT, Migrator::DEFAULT);
    on_each_db(&migrations, async |direct| {
        let Some((server, url)) = place(&direct).await else {
            return;
        };
        let proxy = Proxy::before((server.get_host().to_owned(), server.get_port())).await;
        let url = url.replace(
            &format!("{}:{}", server.get_host(), server.get_port()),
            &format!("127.0.0.1:{}", proxy.port),
        );
        let connect = Connect {
            url: &url,
            max_connections: max_connections as u32,
        };
        let db = Db::open(&connect).await.unwrap();
        let mesh = TestMesh::new(Clock::system());
        let channel = mesh.serve(Stub::default().auth(db.clone())).await;
        let house = House {
            proxy,
            db,
            health: HealthClient::new(channel),
            _mesh: mesh,
        };
        house.until(ServingStatus::Serving).await;
        house.at_once(OPEN).await.expect("the pool is whole");
        test(house).await;
    })
    .await;
}

/// The server of a database, and its URL.
async fn place(db: &Db) -> Option<(PgConnectOptions, String)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no configuration but its environment"
    )]
    let servers = ["TEST_POSTGRES_URL", "TEST_TIMESCALE_URL"].map(|it| env::var(it).ok());
    let Db::Postgres(_) = db else { return None };
    let sql = "SELECT current_database()::text, inet_server_port()";
    let (name, port): (String, i32) = read!(db, |c| sqlx::query_as(sql).fetch_one(c).await).unwrap();
    servers.into_iter().flatten().find_map(|server| {
        let options: PgConnectOptions = server.parse().ok()?;
        let base = server.rsplit_once('/')?.0;
        (i32::from(options.get_port()) == port).then(|| (options, format!("{base}/{name}")))
    })
}

impl House {
    /// Waits until health says so.
    async fn until(&self, expected: ServingStatus) {
        let health = async || {
            let request = HealthCheckRequest {
                service: "auth".to_owned(),
            };
            let answer = self.health.clone().check(request).await;
            answer.map(|it| it.into_inner().status())
        };
        let all = async {
            while !health().await.is_ok_and(|it| it == expected) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, all)
            .await
            .unwrap_or_else(|_| panic!("never {expected:?}"));
    }

    /// So many transactions, each of which waits for all others.
    async fn at_once(&self, transactions: usize) -> Result<(), sqlx::Error> {
        let all = Arc::new(Barrier::new(transactions));
        let each = (0..transactions).map(|_| {
            let (db, all) = (self.db.clone(), Arc::clone(&all));
            async move {
                transaction!(db, |tx| {
                    sqlx::query("SELECT 1").execute(&mut *tx).await?;
                    let met = timeout(Duration::from_secs(1), all.wait()).await;
                    met.map(drop).map_err(|_| sqlx::Error::PoolTimedOut)
                })
            }
        });
        join_all(each).await.into_iter().collect()
    }

    /// Callers whose queries are under way when the sockets die, and who then leave.
    async fn abandon(&self, callers: usize) {
        let queries = join_all((0..callers).map(|_| self.sleep(1.0)));
        let left = timeout(Duration::from_millis(500), async {
            tokio::join!(queries, async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.proxy.freeze().await;
            })
        });
        left.await.expect_err("nobody is answered");
    }

    async fn sleep(&self, seconds: f64) -> Result<(), sqlx::Error> {
        let sql = "SELECT 1 FROM pg_sleep($1)";
        read!(self.db, |c| sqlx::query(sql).bind(seconds).execute(c).await.map(drop))
    }
}

/// A transaction that is under way when the sockets die.
fn under_way(db: &Db) -> tokio::task::JoinHandle<Result<(), sqlx::Error>> {
    let db = db.clone();
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        transaction!(db, |tx| {
            sqlx::query("SELECT 1 FROM pg_sleep(1)").execute(&mut *tx).await?;
            Ok(())
        })
    })
}

#[tokio::test]
async fn a_pool_of_dead_sockets_is_replaced_and_is_whole() {
    behind_a_proxy(OPEN, async |house| {
        house.abandon(OPEN).await;
        house.until(ServingStatus::NotServing).await;
        house.until(ServingStatus::Serving).await;
        house.at_once(OPEN).await.expect("no connection is lost");
    })
    .await;
}

#[tokio::test]
async fn a_pool_that_has_lost_some_connections_is_replaced_too() {
    behind_a_proxy(2 * OPEN, async |house| {
        house.abandon(OPEN).await;
        let whole = async {
            while house.at_once(2 * OPEN).await.is_err() {
                // The others are free again.
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        };
        timeout(PATIENCE, whole).await.expect("no connection is lost for good");
    })
    .await;
}

#[tokio::test]
async fn work_that_waits_on_a_dead_socket_ends() {
    behind_a_proxy(OPEN, async |house| {
        let transactions = [under_way(&house.db), under_way(&house.db)];
        let reads = [house.sleep(1.0), house.sleep(1.0)];
        let freeze = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            house.proxy.freeze().await;
        };
        // Every connection is in use, so that none is left to notice it by.
        let (reads, ()) = tokio::join!(timeout(PATIENCE, join_all(reads)), freeze);
        assert!(reads.expect("reads end").iter().all(Result::is_err));
        for transaction in transactions {
            let ended = timeout(PATIENCE, transaction).await;
            ended
                .expect("a transaction ends")
                .unwrap()
                .expect_err("nothing is acknowledged");
        }
        house.until(ServingStatus::Serving).await;
        house.at_once(OPEN).await.expect("no connection is lost");
    })
    .await;
}

#[tokio::test]
async fn a_busy_pool_is_not_taken_for_a_dead_one() {
    behind_a_proxy(OPEN, async |house| {
        let connections = house.proxy.connections.load(Ordering::Relaxed);
        let busy = (0..OPEN).map(|_| house.sleep(4.5));
        let ended = join_all(busy).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        house.until(ServingStatus::Serving).await;
        assert_eq!(house.proxy.connections.load(Ordering::Relaxed), connections);
    })
    .await;
}
