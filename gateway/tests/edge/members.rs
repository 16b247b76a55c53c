//! Behind the mesh's proxy: nobody else is let in, what it says of its clients is believed, and it notices the end in time.

use std::{fs, path::Path};

use rcgen::{CertificateParams, KeyPair, SanType};
use tempfile::TempDir;
use tonic::{
    Code,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use voltaire_gateway::Config;
use voltaire_mesh::{MeshConfig, TlsConfig, test::TestMesh};
use voltaire_proto::auth::v1::{GetMeRequest, auth_service_client::AuthServiceClient};
use voltaire_types::Clock;

use crate::support::{Authority, Edge};

/// The certificate of each member that is asked for.
impl Authority {
    /// Certificate and key of a member.
    fn member(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let id = format!("spiffe://voltaire/{name}").try_into().unwrap();
        params.subject_alt_names.push(SanType::URI(id));
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    fn member_files(&self, folder: &Path, name: &str) -> TlsConfig {
        let (certificate, key) = self.member(name);
        let file = |name: &str, text: String| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path
        };
        TlsConfig {
            certificate: file("tls.crt", certificate),
            key: file("tls.key", key),
            authority: file("ca.crt", self.0.pem()),
            ..TlsConfig::default()
        }
    }

    fn member_channel(&self, edge: &Edge, member: Option<&str>) -> Channel {
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(self.0.pem()));
        if let Some(name) = member {
            let (certificate, key) = self.member(name);
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let url = format!("https://localhost:{}", edge.address.port());
        Endpoint::from_shared(url)
            .unwrap()
            .tls_config(tls)
            .unwrap()
            .connect_lazy()
    }
}

async fn behind_the_proxy(authority: &Authority, notice_seconds: u32) -> (Edge, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mesh = MeshConfig {
        tls: Some(authority.member_files(folder.path(), "test")),
        notice_seconds,
        ..MeshConfig::default()
    };
    let config = Config {
        mutual_tls: true,
        ..Config::default()
    };
    (Edge::of(TestMesh::with(Clock::system(), &mesh), config).await, folder)
}

async fn get_me(edge: &Edge, channel: Channel) -> Result<(), Code> {
    let request = TestMesh::request(&edge.token(), GetMeRequest {});
    let answer = AuthServiceClient::new(channel).get_me(request).await;
    answer.map(drop).map_err(|status| status.code())
}

#[tokio::test]
async fn only_the_proxy_and_the_gateways_own_probe_are_let_in() {
    let authority = Authority::new();
    let (edge, _folder) = behind_the_proxy(&authority, 0).await;
    for member in ["envoy", "gateway"] {
        let answer = get_me(&edge, authority.member_channel(&edge, Some(member))).await;
        assert_eq!(answer, Ok(()), "{member}");
    }
    for member in [Some("chat"), None] {
        let answer = get_me(&edge, authority.member_channel(&edge, member)).await;
        assert!(answer.is_err(), "{member:?}");
    }
    let plain = edge.client.get(edge.url("/livez")).send().await;
    assert!(plain.is_err(), "no TLS");
}

#[tokio::test]
async fn it_says_that_it_leaves_before_it_does() {
    let authority = Authority::new();
    let (mut edge, _folder) = behind_the_proxy(&authority, 3600).await;
    let channel = authority.member_channel(&edge, Some("envoy"));
    let mut health = HealthClient::new(channel.clone());
    let request = HealthCheckRequest {
        service: "gateway".into(),
    };
    let mut news = health.watch(request).await.unwrap().into_inner();
    assert_eq!(news.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    edge.stop.take().unwrap().send(()).unwrap();
    assert_eq!(
        news.message().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    assert_eq!(get_me(&edge, channel).await, Ok(()), "and answers all the same");
    let late = authority.member_channel(&edge, Some("envoy"));
    assert_eq!(get_me(&edge, late).await, Ok(()), "new connections too");
}

#[test]
fn it_needs_certificates() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let config = Config {
            mutual_tls: true,
            ..Config::default()
        };
        let edge = Edge::with(config).await;
        assert!(edge.served.await.unwrap().is_err());
    });
}
