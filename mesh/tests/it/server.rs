//! A server on a socket: health, reflection, addresses.

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::{Code, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::{v1, v1alpha};
use voltaire_mesh::{Certificates, Listener, MeshConfig, ServeError, Service, serve, test::TestMesh};
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};
use voltaire_types::{Clock, UserId};

use crate::stub::{Stub, database, eventually};

/// A server on a port of this machine.
pub(crate) struct Running {
    pub(crate) port: u16,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<Result<(), ServeError>>,
}

pub(crate) async fn run(mesh: &TestMesh, services: Vec<Service>, tls: Option<Certificates>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let (mesh, end) = (mesh.mesh.clone(), stop.clone());
    #[expect(clippy::disallowed_methods, reason = "ends with the test")]
    let ended =
        tokio::spawn(async move { serve(Listener::Tcp { listener, tls }, services, &mesh, end.cancelled()).await });
    Running { port, stop, ended }
}

impl Running {
    pub(crate) async fn channel(&self) -> Channel {
        let url = format!("http://127.0.0.1:{}", self.port);
        Channel::from_shared(url).unwrap().connect().await.unwrap()
    }
}

async fn health(channel: &Channel, service: &str) -> Result<ServingStatus, Code> {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = HealthClient::new(channel.clone()).check(request).await;
    answer
        .map(|it| it.into_inner().status())
        .map_err(|status| status.code())
}

#[tokio::test]
async fn health_follows_the_database_under_every_name() {
    let (db, _folder) = database().await;
    let (mesh, stub) = (TestMesh::new(Clock::system()), Stub::default());
    let server = run(&mesh, vec![stub.auth(db.clone())], None).await;
    let channel = server.channel().await;
    for name in ["", "auth", "voltaire.auth.v1.AuthService"] {
        eventually(name, async || {
            health(&channel, name).await == Ok(ServingStatus::Serving)
        })
        .await;
    }
    assert_eq!(health(&channel, "chat").await, Err(Code::NotFound));
    db.close().await;
    for name in ["", "auth", "voltaire.auth.v1.AuthService"] {
        eventually(name, async || {
            health(&channel, name).await == Ok(ServingStatus::NotServing)
        })
        .await;
    }
}

#[tokio::test]
async fn reflection_lists_what_is_served_in_both_versions() {
    let (db, _folder) = database().await;
    let (mesh, stub) = (TestMesh::new(Clock::system()), Stub::default());
    let server = run(&mesh, vec![stub.auth(db.clone()), stub.chat(db)], None).await;
    let channel = server.channel().await;
    let expected = [
        "grpc.health.v1.Health",
        "grpc.reflection",
        "voltaire.auth.v1.AuthService",
        "voltaire.chat.v1.ChatService",
        "voltaire.chat.v1.ErasureService",
    ];
    for version in ["v1", "v1alpha"] {
        let names = if version == "v1" {
            list_v1(channel.clone()).await
        } else {
            list_v1alpha(channel.clone()).await
        };
        for name in expected {
            assert!(
                names.iter().any(|it| it.starts_with(name)),
                "{version}: {name} in {names:?}"
            );
        }
        assert!(!names.iter().any(|it| it.contains("telemetry")), "{names:?}");
    }
}

macro_rules! list {
    ($name:ident, $pb:ident) => {
        async fn $name(channel: Channel) -> Vec<String> {
            use $pb::{server_reflection_request::MessageRequest, server_reflection_response::MessageResponse};
            let request = $pb::ServerReflectionRequest {
                host: String::new(),
                message_request: Some(MessageRequest::ListServices(String::new())),
            };
            let mut client = $pb::server_reflection_client::ServerReflectionClient::new(channel);
            let mut answers = client
                .server_reflection_info(futures::stream::iter([request]))
                .await
                .unwrap()
                .into_inner();
            match answers.message().await.unwrap().unwrap().message_response {
                Some(MessageResponse::ListServicesResponse(list)) => {
                    list.service.into_iter().map(|it| it.name).collect()
                }
                other => panic!("{other:?}"),
            }
        }
    };
}
list!(list_v1, v1);
list!(list_v1alpha, v1alpha);

async fn address(mesh: &TestMesh, forwarded: &str) -> String {
    let (db, _folder) = database().await;
    let server = run(mesh, vec![Stub::default().auth(db)], None).await;
    let mut request = TestMesh::request(&mesh.token(UserId::new()), pb::GetMeRequest {});
    request
        .metadata_mut()
        .insert("x-forwarded-for", forwarded.parse().unwrap());
    let answer = AuthServiceClient::new(server.channel().await).get_me(request).await;
    answer.unwrap().into_inner().user.unwrap().name
}

#[tokio::test]
async fn only_a_trusted_proxy_tells_an_address() {
    let stranger = TestMesh::new(Clock::system());
    assert_eq!(address(&stranger, "203.0.113.7").await, "127.0.0.1");
    let config = MeshConfig {
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..MeshConfig::default()
    };
    let trusting = TestMesh::with(Clock::system(), &config);
    assert_eq!(address(&trusting, "6.6.6.6, 203.0.113.7").await, "203.0.113.7");
}
