//! The edge's own TLS.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use voltaire_gateway::{Config, Tls};
use voltaire_mesh::test::TestMesh;
use voltaire_proto::auth::v1::{GetMeRequest, auth_service_client::AuthServiceClient};

use crate::support::{Authority, Edge, reason};

impl Authority {
    /// Files of a certificate for `localhost`, with its key.
    fn files(&self, folder: &TempDir) -> Tls {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let tls = Tls {
            cert_file: folder.path().join("edge.crt"),
            key_file: folder.path().join("edge.key"),
        };
        let certificate = params.signed_by(&key, &self.0).unwrap();
        std::fs::write(&tls.cert_file, certificate.pem()).unwrap();
        std::fs::write(&tls.key_file, key.serialize_pem()).unwrap();
        tls
    }

    /// A gRPC channel that trusts this authority.
    fn channel(&self, edge: &Edge) -> Channel {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(self.0.pem()));
        let url = format!("https://localhost:{}", edge.address.port());
        Endpoint::from_shared(url)
            .unwrap()
            .tls_config(tls)
            .unwrap()
            .connect_lazy()
    }

    /// A connection that trusts this authority and expects this name.
    async fn connect(&self, edge: &Edge, name: &'static str) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.0.der().to_vec())).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let stream = TcpStream::connect(edge.address).await.unwrap();
        let name = name.try_into().unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

async fn edge(authority: &Authority) -> (Edge, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        tls: Some(authority.files(&folder)),
        ..Config::default()
    };
    (Edge::with(config).await, folder)
}

async fn get_me(edge: &Edge, channel: Channel) -> Result<String, tonic::Status> {
    let request = TestMesh::request(&edge.token(), GetMeRequest {});
    let answer = AuthServiceClient::new(channel).get_me(request).await?;
    Ok(answer.into_inner().user.unwrap().name)
}

#[tokio::test]
async fn grpc_and_json_come_through_it() {
    let authority = Authority::new();
    let (edge, _folder) = edge(&authority).await;
    assert_eq!(get_me(&edge, authority.channel(&edge)).await.unwrap(), "127.0.0.1");

    let mut stream = authority.connect(&edge, "localhost").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let token = edge.token();
    let request =
        format!("GET /v1/me HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(
        head.contains("strict-transport-security: max-age=31536000; includeSubDomains"),
        "{head}"
    );
    assert!(body.contains("127.0.0.1"), "{body}");
}

#[tokio::test]
async fn a_client_that_does_not_know_the_certificate_says_nothing() {
    let authority = Authority::new();
    let (edge, _folder) = edge(&authority).await;
    let stranger = Authority::new();
    stranger
        .connect(&edge, "localhost")
        .await
        .expect_err("nobody whom it trusts signed it");
    authority
        .connect(&edge, "energy.example")
        .await
        .expect_err("another name");
    get_me(&edge, stranger.channel(&edge))
        .await
        .expect_err("nobody whom it trusts signed it");
    get_me(&edge, authority.channel(&edge))
        .await
        .expect("the others are still served");
}

#[tokio::test]
async fn plain_http_is_told_to_come_by_https() {
    let (edge, _folder) = edge(&Authority::new()).await;
    let page = edge.client.get(edge.url("/usage?r=2026-11-23")).send().await.unwrap();
    assert_eq!(page.status(), 308);
    let location = page.headers()["location"].to_str().unwrap();
    assert_eq!(location, format!("https://{}/usage?r=2026-11-23", edge.address));
    assert!(page.headers().get("strict-transport-security").is_none());

    let (status, answer) = edge.get("/v1/me").await;
    assert_eq!(
        (status, reason(&answer)),
        (400, "HTTPS_REQUIRED"),
        "a token was sent in the clear"
    );
    let (status, answer) = edge.send("POST", "/v1/login", &Value::Null).await;
    assert_eq!((status, reason(&answer)), (400, "HTTPS_REQUIRED"));
    let plain = Endpoint::from_shared(edge.url("")).unwrap().connect_lazy();
    get_me(&edge, plain).await.expect_err("no gRPC either");
}

#[tokio::test]
async fn a_key_of_another_certificate_and_a_missing_file_are_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let good = Authority::new().files(&folder);
    let other = tempfile::tempdir().unwrap();
    let key_file = Authority::new().files(&other).key_file;
    let cert_file = folder.path().join("none.crt");
    for (tls, problem) in [
        (
            Tls {
                key_file,
                ..good.clone()
            },
            "do not fit",
        ),
        (Tls { cert_file, ..good }, "none.crt"),
    ] {
        let config = Config {
            tls: Some(tls),
            ..Config::default()
        };
        let ended = Edge::with(config).await.served.await.unwrap();
        let error = format!("{:#}", ended.unwrap_err());
        assert!(error.contains(problem), "{error}");
    }
}
