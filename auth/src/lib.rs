//! Who may come in: users, sessions, API tokens, and the keys that sign them.
//!
//! What it promises: one account per e-mail address however it is written; one first admin however many register at once,
//! and never a server with users but without an admin; passwords only as argon2id hashes, made off the reactor; guessing is
//! slow and tells nothing about who exists; what is revoked is refused by every service within a second, across replicas
//! and restarts; a deleted user is forgotten by every service, sooner or later; every such event is in the audit table,
//! without secrets.
//!
//! The private signing keys stand in this service's database, unencrypted: whoever may read it may sign. `up` makes the
//! file readable by its owner only; on PostgreSQL grant the tables to this service's role alone.

mod account;
mod api_token;
mod audit;
mod config;
mod convert;
mod email;
mod erase_client;
mod erasure;
mod error;
mod hasher;
mod housekeeping;
mod invite;
mod keys;
mod password;
mod revocation;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod throttle;
mod token;
mod user;
mod watch_service;

use std::sync::Arc;

use anyhow::Context as _;
use tonic::service::Routes;
use voltaire_mesh::{Db, Mesh, Migrations, Service, db::Connect};
use voltaire_proto::auth::v1::auth_service_server::AuthServiceServer;
use voltaire_types::{Clock, UserId};

pub use config::{Config, PasswordCost, Registration};

/// What every request has at hand.
struct Auth {
    config: Config,
    store: store::Store,
    hasher: hasher::Hasher,
    throttle: throttle::Throttle,
    keys: keys::KeyRing,
    news: Arc<revocation::News>,
    erasures: erasure::Eraser,
}

/// The schema: users, keys, revocations, API tokens, invitations, audit events, erasures.
pub fn migrations() -> Migrations {
    Migrations::new(
        "auth",
        sqlx::migrate!("migrations/sqlite"),
        sqlx::migrate!("migrations/postgres"),
    )
}

/// Opens the database and returns the service, ready to be mounted. Its background tasks run in the mesh.
pub async fn open(config: Config, mesh: &Mesh) -> anyhow::Result<Service> {
    config.check()?;
    let connect = Connect {
        url: config.database_url.reveal(),
        max_connections: config.max_connections,
    };
    let db = Db::open(&connect).await.context("auth.database_url")?;
    if config.migrate {
        migrations().up(&db).await.context("the migrations of auth")?;
    }
    serve(config, mesh, db).await
}

async fn serve(config: Config, mesh: &Mesh, db: Db) -> anyhow::Result<Service> {
    let store = store::Store::new(db.clone());
    let auth = Arc::new(Auth {
        hasher: hasher::Hasher::new(config.password_cost)?,
        throttle: throttle::Throttle::new(config.attempts_per_minute),
        keys: keys::KeyRing::open(store.clone(), mesh.clock().clone()).await?,
        news: Arc::new(revocation::News::open(store.clone(), mesh.clone()).await?),
        erasures: erasure::Eraser::new(store.clone(), mesh.clone()),
        store: store.clone(),
        config,
    });
    let (news, erasures) = (auth.news.clone(), auth.erasures.clone());
    let every = auth.config.poll;
    spawn(mesh, "auth revocations", async move { news.poll(every).await });
    if let Some(bus) = mesh.bus().await.context("mesh.nats")? {
        let news = auth.news.clone();
        spawn(mesh, "auth replicas", async move { news.exchange(bus).await });
    }
    spawn(mesh, "auth erasures", async move { erasures.work().await });
    spawn(
        mesh,
        "auth housekeeping",
        housekeeping::work(store, mesh.clock().clone(), auth.config.audit_days),
    );
    let service = service::AuthService {
        auth,
        mesh: mesh.clone(),
    };
    Ok(Service {
        name: "auth",
        routes: Routes::new(AuthServiceServer::new(service)),
        db,
    })
}

/// Runs work that knows no end until the process drains.
fn spawn(mesh: &Mesh, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
    let stopping = mesh.stopping();
    mesh.spawn(name, async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = work => {}
        }
    });
}

/// Somebody whom the operator lets in, as `up` does with its demo account.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// How to address them.
    pub name: &'a str,
    /// Their e-mail.
    pub email: &'a str,
    /// Their password, under the same rules as at registration.
    pub password: &'a str,
}

/// Adds a plain user, whoever may register; the first one to register is still the admin. Fails where the e-mail is taken.
pub async fn add_member(db: &Db, clock: &Clock, member: Member<'_>) -> anyhow::Result<()> {
    let email = email::Email::parse(member.email).map_err(|problem| anyhow::anyhow!("email: {problem}"))?;
    let password = password::Password::chosen(member.password, member.name, &email)
        .map_err(|flaw| anyhow::anyhow!("password: {}", flaw.reason()))?;
    let hash = hasher::Hasher::new(PasswordCost::default())?.hash(password).await?;
    let id = UserId::new();
    let origin = audit::Origin {
        now: clock.now(),
        address: None,
        actor: None,
    };
    let new = user::NewUser {
        id,
        name: member.name.to_owned(),
        email,
        hash,
    };
    let admission = store::Admission {
        registration: Registration::Closed,
        invite: None,
        member: true,
    };
    store::Store::new(db.clone())
        .register(new, admission, origin.event(audit::Kind::Register, Some(id)))
        .await?;
    Ok(())
}

/// Makes a new signing key and gives its id (`kid`). It is published at once and signs 15 s later; the old key verifies for
/// another 25 hours, and as long as an API token that it signed is good. Running servers notice within seconds.
pub async fn rotate_keys(db: &Db, clock: &Clock) -> anyhow::Result<String> {
    let origin = audit::Origin {
        now: clock.now(),
        address: None,
        actor: None,
    };
    Ok(keys::rotate(&store::Store::new(db.clone()), origin).await?)
}
