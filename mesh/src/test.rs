//! What tests of every service need: a fresh database of each kind that is at hand, and a mesh without other processes.

pub mod nats;
mod token;

use std::{env, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use tonic::{Request, transport::Channel};
use voltaire_types::{Clock, TokenId, UserId};

use crate::{Db, Identity, Listener, Mesh, MeshConfig, Role, Service, db::Connect, migrate::Migrations, serve};
pub use nats::Nats;
pub use token::{Signer, claims};

/// Runs the test on a fresh, migrated database of each kind, as [`on_each_url`] does.
///
/// # Panics
/// Where the test cannot be set up.
pub async fn on_each_db(migrations: &Migrations, test: impl AsyncFn(Db)) {
    on_each_url(async |url| run(url, migrations, &test).await).await;
}

/// Runs the test on the URL of a fresh, empty database of each kind: SQLite always, PostgreSQL and TimescaleDB where
/// `TEST_POSTGRES_URL` and `TEST_TIMESCALE_URL` name a server (else says that it is skipped). The database is dropped after.
///
/// # Panics
/// Where the test cannot be set up.
pub async fn on_each_url(test: impl AsyncFn(&str)) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    test(&format!("sqlite://{}", folder.path().join("test.db").display())).await;
    for variable in ["TEST_POSTGRES_URL", "TEST_TIMESCALE_URL"] {
        #[expect(
            clippy::disallowed_methods,
            reason = "a test has no configuration but its environment"
        )]
        match env::var(variable) {
            Ok(server) => on_postgres(&server, variable == "TEST_TIMESCALE_URL", &test).await,
            Err(_) => println!("skipped: {variable} is not set"),
        }
    }
}

async fn on_postgres(server: &str, timescale: bool, test: &impl AsyncFn(&str)) {
    let options: PgConnectOptions = server.parse().expect("the test server's URL is valid");
    let mut admin = options.connect().await.expect("the test server answers");
    let name = format!("voltaire_{}", uuid::Uuid::now_v7().simple());
    let execute = |sql: String| sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
    execute(format!("CREATE DATABASE {name}"))
        .execute(&mut admin)
        .await
        .expect("a test database can be made");
    let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
    let url = format!("{base}/{name}");
    if timescale {
        let mut inside = url
            .parse::<PgConnectOptions>()
            .expect("a valid URL")
            .connect()
            .await
            .expect("it answers");
        sqlx::raw_sql("CREATE EXTENSION IF NOT EXISTS timescaledb")
            .execute(&mut inside)
            .await
            .expect("the extension is installed");
        inside.close().await.expect("closes");
    }
    let outcome = AssertUnwindSafe(test(&url)).catch_unwind().await;
    execute(format!("DROP DATABASE {name} WITH (FORCE)"))
        .execute(&mut admin)
        .await
        .expect("the test database can be dropped");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn run(url: &str, migrations: &Migrations, test: &impl AsyncFn(Db)) {
    let db = Db::open(&Connect {
        url,
        max_connections: 4,
    })
    .await
    .expect("the database opens");
    migrations.up(&db).await.expect("the migrations apply");
    test(db.clone()).await;
    db.close().await;
}

/// A mesh without other processes: it verifies the tokens that it signs itself.
#[derive(Debug)]
pub struct TestMesh {
    /// The mesh, as a service sees it.
    pub mesh: Mesh,
    signer: Signer,
}

impl TestMesh {
    /// A mesh whose time is this clock's.
    pub fn new(clock: Clock) -> Self {
        Self::with(clock, &MeshConfig::default())
    }

    /// A mesh with a configuration of its own.
    ///
    /// # Panics
    /// Where the test cannot be set up.
    pub fn with(clock: Clock, config: &MeshConfig) -> Self {
        let mesh = Mesh::new("test", clock, config).expect("the test's configuration is good");
        let signer = Signer::new("test");
        mesh.verifier().keys.add(signer.key_id(), signer.verifying_key());
        mesh.revocations().apply(Vec::new(), true);
        Self { mesh, signer }
    }

    /// A session token of a user whose role is `user`, for an hour.
    pub fn token(&self, user: UserId) -> String {
        self.token_of(&Identity {
            user_id: user,
            role: Role::User,
            scopes: None,
            token_id: TokenId::new(),
            expires: self.mesh.clock().now().plus(Duration::from_hours(1)),
        })
    }

    /// A token that says this: a session token (of version 1), an API token where there are scopes, a service token for a
    /// service.
    pub fn token_of(&self, identity: &Identity) -> String {
        let now = self.mesh.clock().now();
        match identity.role {
            Role::Service => self.mesh.verifier().service_key.token("test", now),
            Role::User | Role::Admin => self.signer.token(&token::claims(identity, now)),
        }
    }

    /// Mounts a service with everything that stands before it in production, in memory. The mesh's own
    /// `peer(service.name)` reaches it as well. Each name once.
    ///
    /// # Panics
    /// Where a service of this name is served already.
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    #[expect(clippy::unused_async, reason = "needs a runtime, and says so")]
    pub async fn serve(&self, service: Service) -> Channel {
        let name = service.name;
        let incoming = self.mesh.listen(name).expect("each service is served once");
        incoming.open();
        let mesh = self.mesh.clone();
        drop(tokio::spawn(async move {
            let end = std::future::pending();
            serve(Listener::Memory(incoming), vec![service], &mesh, end).await
        }));
        self.mesh.peer(name).plain()
    }

    /// A request with a bearer token.
    ///
    /// # Panics
    /// Where the token is not ASCII.
    pub fn request<M>(token: &str, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let value = format!("Bearer {token}").parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", value);
        request
    }
}
