//! Tests at the service's edge, on every database; the clock is the test's own.

mod account;
mod admin;
mod deletion;
mod keys;
mod login;
mod register;
mod replicas;
mod revocations;
mod store;
mod store_users;
mod tokens;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tonic::{Code, Request, Response, Status, transport::Channel};
use tonic_types::StatusExt;
use voltaire_mesh::{
    Db, Identity, MeshConfig, Role,
    test::{TestMesh, on_each_db},
};
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};
use voltaire_types::{Clock, Timestamp, TokenId, UserId};

use crate::{Config, PasswordCost, migrations, serve};

/// What everyone's password is.
const PASSWORD: &str = "blue kettle on the roof";

/// A service with a database and a clock of its own.
struct Bench {
    mesh: TestMesh,
    channel: Channel,
    db: Db,
    time: Arc<AtomicI64>,
}

/// The settings of tests: hashing costs nothing, and throttling is seen only where it is meant.
fn config() -> Config {
    Config {
        password_cost: PasswordCost {
            memory: 8,
            passes: 1,
            lanes: 1,
        },
        attempts_per_minute: 1000,
        ..Config::default()
    }
}

async fn each(test: impl AsyncFn(&Bench)) {
    each_with(config(), test).await;
}

async fn each_with(config: Config, test: impl AsyncFn(&Bench)) {
    on_each_db(&migrations(), async |db| {
        let bench = Bench::new(db, config.clone()).await;
        test(&bench).await;
        bench.mesh.mesh.stopping().cancel();
    })
    .await;
}

impl Bench {
    async fn new(db: Db, config: Config) -> Self {
        Self::at(db, config, Arc::new(AtomicI64::new(1_800_000_000_000_000))).await
    }

    async fn at(db: Db, config: Config, time: Arc<AtomicI64>) -> Self {
        Box::pin(Self::within(db, config, (time, &MeshConfig::default()))).await
    }

    /// The same with a configuration of the mesh.
    async fn within(db: Db, config: Config, (time, mesh): (Arc<AtomicI64>, &MeshConfig)) -> Self {
        let told = time.clone();
        let now = move || Timestamp::from_micros(told.load(Ordering::SeqCst)).unwrap();
        let mesh = TestMesh::with(Clock::from_fn(now), mesh);
        let service = serve(config, &mesh.mesh, db.clone()).await.unwrap();
        let channel = mesh.serve(service).await;
        Self {
            mesh,
            channel,
            db,
            time,
        }
    }

    /// Another replica on the same database, with the same time.
    async fn replica(&self) -> Self {
        Self::at(self.db.clone(), config(), self.time.clone()).await
    }

    fn client(&self) -> AuthServiceClient<Channel> {
        AuthServiceClient::new(self.channel.clone())
    }

    fn now(&self) -> Timestamp {
        self.mesh.mesh.clock().now()
    }

    fn advance(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).unwrap();
        self.time.fetch_add(micros, Ordering::SeqCst);
    }

    async fn register(&self, name: &str) -> pb::Session {
        session(
            self.client()
                .register(application(name))
                .await
                .map(|it| it.into_inner().session),
        )
    }

    async fn login_as(&self, email: &str, password: &str) -> Result<pb::Session, Status> {
        let (email, password) = (email.to_owned(), password.to_owned());
        let answer = self.client().login(pb::LoginRequest { email, password }).await;
        answer.map(|it| it.into_inner().session.unwrap())
    }

    async fn me(&self, token: &str) -> Result<pb::User, Status> {
        let answer = self.client().get_me(bearer(token, pb::GetMeRequest {})).await;
        answer.map(|it| it.into_inner().user.unwrap())
    }

    fn service_token(&self) -> String {
        self.mesh.token_of(&Identity {
            user_id: UserId::from_uuid(uuid::Uuid::nil()),
            role: Role::Service,
            scopes: None,
            token_id: TokenId::new(),
            expires: self.now().plus(Duration::from_mins(1)),
        })
    }

    /// The kinds of the newest events, newest first.
    async fn events(&self, admin: &pb::Session) -> Vec<pb::AuditEvent> {
        let request = bearer(
            &admin.access_token,
            pb::ListAuditEventsRequest {
                page_size: 200,
                ..Default::default()
            },
        );
        self.client()
            .list_audit_events(request)
            .await
            .unwrap()
            .into_inner()
            .events
    }
}

fn application(name: &str) -> pb::RegisterRequest {
    pb::RegisterRequest {
        name: name.to_owned(),
        email: email(name),
        password: PASSWORD.to_owned(),
        invite_code: String::new(),
    }
}

fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

fn session(answer: Result<Option<pb::Session>, Status>) -> pb::Session {
    answer.unwrap().expect("a session is given")
}

fn user_of(session: &pb::Session) -> pb::User {
    session.user.clone().expect("a session says whose it is")
}

fn bearer<M>(token: &str, message: M) -> Request<M> {
    TestMesh::request(token, message)
}

/// From that address, as the gateway tells it.
fn from<M>(address: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("x-forwarded-for", address.parse().unwrap());
    request
}

/// Code and reason of a refusal.
fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    (
        status.code(),
        details.error_info().map(|it| it.reason.clone()).unwrap_or_default(),
    )
}

/// The field at fault of an invalid request.
fn field<T: std::fmt::Debug>(answer: Result<Response<T>, Status>) -> String {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_error_details();
    details.bad_request().unwrap().field_violations[0].field.clone()
}

/// The wait that a refusal asks for, s.
fn retry_after<T: std::fmt::Debug>(answer: Result<T, Status>) -> u64 {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    status
        .get_error_details()
        .retry_info()
        .unwrap()
        .retry_delay
        .unwrap()
        .as_secs()
}

const REVOKED: (Code, &str) = (Code::Unauthenticated, "TOKEN_REVOKED");

fn is(refusal: &(Code, String), expected: (Code, &str)) -> bool {
    (refusal.0, refusal.1.as_str()) == expected
}
