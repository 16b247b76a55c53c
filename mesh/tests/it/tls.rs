//! Mutual TLS: who shows no certificate, or another name, is refused.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::{
    Code,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use voltaire_mesh::{Mesh, MeshConfig, Pem, Secret, TlsConfig, config::Peers, test::TestMesh};
use voltaire_proto::auth::v1::{GetJwksRequest, auth_service_client::AuthServiceClient};
use voltaire_types::Clock;

use crate::{
    server::{Running, run},
    stub::{Stub, database},
};

struct Authority(CertifiedIssuer<'static, KeyPair>);

struct Leaf {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn leaf(&self, name: &str) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Leaf {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn pem(&self, name: &str) -> Pem {
        let leaf = self.leaf(name);
        Pem::new(leaf.certificate, leaf.key, self.0.pem())
    }
}

/// A process that calls `auth` at this port with this certificate.
fn caller(port: u16, leaf: &Leaf, authority: &Authority) -> Mesh {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let tls = TlsConfig {
        certificate: file("certificate.pem", &leaf.certificate),
        key: file("key.pem", &leaf.key),
        authority: file("authority.pem", &authority.0.pem()),
    };
    let config = MeshConfig {
        tls: Some(tls),
        peers: Peers {
            auth: Some(format!("https://localhost:{port}")),
            ..Peers::default()
        },
        secret: Secret::new("0123456789abcdef0123456789abcdef"),
        ..MeshConfig::default()
    };
    Mesh::new("chat", Clock::system(), &config).unwrap()
}

async fn calls(channel: Channel) -> Result<(), Code> {
    let answer = AuthServiceClient::new(channel).get_jwks(GetJwksRequest {}).await;
    answer.map(drop).map_err(|status| status.code())
}

async fn server(authority: &Authority, name: &str) -> (Running, tempfile::TempDir) {
    let (db, folder) = database().await;
    let mesh = TestMesh::new(Clock::system());
    let service = Stub::default().auth(db);
    (run(&mesh, vec![service], Some(authority.pem(name))).await, folder)
}

#[tokio::test]
async fn a_member_of_the_mesh_is_let_in() {
    let authority = Authority::new();
    let (server, _folder) = server(&authority, "localhost").await;
    let mesh = caller(server.port, &authority.leaf("chat"), &authority);
    calls(mesh.peer("auth")).await.expect("both sides are members");
}

#[tokio::test]
async fn a_server_of_another_name_is_not_called() {
    let authority = Authority::new();
    let (server, _folder) = server(&authority, "telemetry.mesh").await;
    let mesh = caller(server.port, &authority.leaf("chat"), &authority);
    calls(mesh.peer("auth")).await.expect_err("localhost is not its name");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let authority = Authority::new();
    let (server, _folder) = server(&authority, "localhost").await;
    let foreign = Authority::new().leaf("chat");
    let mesh = caller(server.port, &foreign, &authority);
    calls(mesh.peer("auth")).await.expect_err("nobody here signed it");
}

#[tokio::test]
async fn without_a_certificate_or_without_tls_nothing_is_answered() {
    let authority = Authority::new();
    let (server, _folder) = server(&authority, "localhost").await;
    let anonymous = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority.0.pem()));
    let url = format!("https://localhost:{}", server.port);
    let endpoint = Endpoint::from_shared(url).unwrap().tls_config(anonymous).unwrap();
    calls(endpoint.connect_lazy()).await.expect_err("no certificate");
    let url = format!("http://localhost:{}", server.port);
    let plain = Endpoint::from_shared(url).unwrap();
    calls(plain.connect_lazy()).await.expect_err("no TLS");
}

#[test]
fn several_processes_need_a_secret_and_certificates_for_https() {
    let with = |url: &str, secret: &str| {
        let peers = Peers {
            auth: Some(url.to_owned()),
            ..Peers::default()
        };
        let config = MeshConfig {
            peers,
            secret: Secret::new(secret),
            ..MeshConfig::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _inside = runtime.enter();
        Mesh::new("chat", Clock::system(), &config).map(drop)
    };
    let secret = "0123456789abcdef0123456789abcdef";
    assert!(with("http://auth:50051", secret).is_ok());
    for (url, secret) in [
        ("http://auth:50051", ""),
        ("http://auth:50051", "short"),
        ("https://auth:50051", secret),
        ("auth:50051", secret),
        ("ftp://auth", secret),
    ] {
        assert!(with(url, secret).is_err(), "{url}");
    }
}
