//! An edge on a free port with its services in memory.

use std::net::SocketAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use voltaire_gateway::Config;
use voltaire_mesh::{Db, Identity, Role, Scope, Service, db::Connect, test::TestMesh};
use voltaire_types::{Clock, TokenId, UserId};

use crate::stub;

/// An authority of the test's own.
pub(crate) struct Authority(pub(crate) CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }
}

pub(crate) struct Edge {
    pub(crate) mesh: TestMesh,
    pub(crate) address: SocketAddr,
    pub(crate) client: reqwest::Client,
    pub(crate) served: JoinHandle<anyhow::Result<()>>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    _folder: TempDir,
}

impl Edge {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::of(TestMesh::new(Clock::system()), config).await
    }

    /// In this mesh.
    pub(crate) async fn of(mesh: TestMesh, config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, routes) in [("auth", stub::auth_routes()), ("telemetry", stub::telemetry_routes())] {
            let url = format!("sqlite://{}", folder.path().join(format!("{name}.db")).display());
            let db = Db::open(&Connect {
                url: &url,
                max_connections: 1,
            })
            .await
            .unwrap();
            mesh.serve(Service { name, routes, db }).await;
        }
        let gateway = voltaire_gateway::open(config, &mesh.mesh).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        let served = tokio::spawn(gateway.serve(listener, async move {
            stopped.await.ok();
        }));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            mesh,
            address,
            client,
            served,
            stop: Some(stop),
            _folder: folder,
        }
    }

    /// Waits until both services have said that they are well.
    pub(crate) async fn well(&self) {
        let channel = tonic::transport::Endpoint::from_shared(self.url(""))
            .unwrap()
            .connect_lazy();
        let mut health = HealthClient::new(channel);
        for service in ["auth", "telemetry"] {
            let request = HealthCheckRequest {
                service: service.into(),
            };
            let mut news = health.watch(request).await.unwrap().into_inner();
            while news.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn token(&self) -> String {
        self.mesh.token(UserId::new())
    }

    pub(crate) fn api_token(&self) -> String {
        self.mesh.token_of(&Identity {
            user_id: UserId::new(),
            role: Role::User,
            scopes: Some(vec![Scope::Read]),
            token_id: TokenId::new(),
            expires: self.mesh.mesh.clock().now().plus(std::time::Duration::from_hours(1)),
        })
    }

    /// A GET with a token; status and JSON.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self
            .client
            .get(self.url(path))
            .bearer_auth(self.token())
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// A request with a token and a JSON body; status and JSON.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.request(method.parse().unwrap(), self.url(path));
        let answer = request.bearer_auth(self.token()).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Bytes on the wire and back, without a client's help.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A GET of a path exactly as it is written; the status.
    pub(crate) async fn raw_status(&self, path: &str) -> u16 {
        let answer = self
            .raw(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
            .await;
        answer.split(' ').nth(1).unwrap_or("0").parse().unwrap_or(0)
    }
}

/// The reason in an error's JSON.
pub(crate) fn reason(error: &Value) -> &str {
    error["error"]["details"][0]["reason"].as_str().unwrap_or_default()
}
