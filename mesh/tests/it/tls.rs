//! Mutual TLS: who shows no certificate, an expired one, or another name, is refused; and files are replaced while running.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType, date_time_ymd};
use tempfile::TempDir;
use tonic::{
    Code,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use voltaire_mesh::{Certificates, Mesh, MeshConfig, Secret, TlsConfig, TlsError, config::Peers, test::TestMesh};
use voltaire_proto::auth::v1::{
    GetJwksRequest, GetMeRequest, WatchRevocationsRequest, auth_service_client::AuthServiceClient,
};
use voltaire_types::{Clock, UserId};

use crate::{
    server::{Running, run},
    stub::{Stub, database, eventually, reason},
};

struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a certificate says.
#[derive(Clone)]
struct Says {
    id: Option<String>,
    host: &'static str,
    last_year: i32,
}

/// A certificate of this member for this machine, good for long.
fn member(name: &str) -> Says {
    Says {
        id: Some(format!("spiffe://voltaire/{name}")),
        host: "localhost",
        last_year: 2100,
    }
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Writes `tls.crt`, `tls.key` and `ca.crt`; what was there is replaced.
    fn write(&self, folder: &Path, says: Says) -> TlsConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![says.host.to_owned()]).unwrap();
        if let Some(id) = says.id {
            params.subject_alt_names.push(SanType::URI(id.try_into().unwrap()));
        }
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(says.last_year, 1, 1);
        let certificate = params.signed_by(&key, &self.0).unwrap().pem();
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path
        };
        TlsConfig {
            certificate: file("tls.crt", &certificate),
            key: file("tls.key", &key.serialize_pem()),
            authority: file("ca.crt", &self.0.pem()),
            ..TlsConfig::default()
        }
    }
}

/// A process `name` that calls `auth` at this port with these files.
fn process(name: &str, port: u16, tls: TlsConfig) -> Mesh {
    let config = MeshConfig {
        tls: Some(tls),
        peers: Peers {
            auth: Some(format!("https://localhost:{port}")),
            ..Peers::default()
        },
        secret: Secret::new("0123456789abcdef0123456789abcdef"),
        ..MeshConfig::default()
    };
    Mesh::new(name, Clock::system(), &config).unwrap()
}

/// `auth` on a port, behind these files.
struct Server {
    running: Running,
    certificates: Certificates,
    mesh: TestMesh,
    folder: TempDir,
    _database: TempDir,
}

impl Server {
    async fn start(authority: &Authority, says: Says) -> Self {
        let (db, database) = database().await;
        let folder = tempfile::tempdir().unwrap();
        let certificates = Certificates::read(&authority.write(folder.path(), says)).unwrap();
        let config = MeshConfig {
            secret: Secret::new("0123456789abcdef0123456789abcdef"),
            ..MeshConfig::default()
        };
        let mesh = TestMesh::with(Clock::system(), &config);
        let running = run(&mesh, vec![Stub::default().auth(db)], Some(certificates.clone())).await;
        Self {
            running,
            certificates,
            mesh,
            folder,
            _database: database,
        }
    }

    /// What a process is told that shows this. In TLS 1.3 the client has connected before the server has looked at its
    /// certificate, so that tonic may call the refusal "unknown".
    async fn answers(&self, authority: &Authority, name: &str, says: Says) -> Result<(), Code> {
        let folder = tempfile::tempdir().unwrap();
        let mesh = process(name, self.running.port, authority.write(folder.path(), says));
        calls(mesh.peer("auth").plain()).await.map_err(|code| match code {
            Code::Unknown => Code::Unavailable,
            code => code,
        })
    }
}

async fn calls(channel: Channel) -> Result<(), Code> {
    let answer = AuthServiceClient::new(channel).get_jwks(GetJwksRequest {}).await;
    answer.map(drop).map_err(|status| status.code())
}

#[tokio::test]
async fn a_member_of_the_mesh_is_let_in() {
    let authority = Authority::new();
    let server = Server::start(&authority, member("auth")).await;
    assert_eq!(server.answers(&authority, "chat", member("chat")).await, Ok(()));
}

#[tokio::test]
async fn where_another_host_or_another_member_is_nobody_calls() {
    let authority = Authority::new();
    let elsewhere = Says {
        host: "telemetry.mesh",
        ..member("auth")
    };
    for says in [elsewhere, member("chat"), member("telemetry")] {
        let server = Server::start(&authority, says).await;
        let code = server.answers(&authority, "chat", member("chat")).await;
        assert_eq!(code, Err(Code::Unavailable));
    }
    let proxy = Server::start(&authority, member("envoy")).await;
    let behind_it = proxy.answers(&authority, "chat", member("chat")).await;
    assert_eq!(behind_it, Ok(()), "the proxy stands for every service");
}

#[tokio::test]
async fn who_shows_what_is_not_a_good_certificate_is_turned_away() {
    let authority = Authority::new();
    let server = Server::start(&authority, member("auth")).await;
    let foreign = server.answers(&Authority::new(), "chat", member("chat")).await;
    assert_eq!(foreign, Err(Code::Unavailable), "of another authority");
    let expired = Says {
        last_year: 2001,
        ..member("chat")
    };
    let expired = server.answers(&authority, "chat", expired).await;
    assert_eq!(expired, Err(Code::Unavailable), "expired");
    assert_eq!(server.answers(&authority, "chat", member("chat")).await, Ok(()));
}

#[tokio::test]
async fn an_expired_server_is_not_called() {
    let authority = Authority::new();
    let expired = Says {
        last_year: 2001,
        ..member("auth")
    };
    let server = Server::start(&authority, expired).await;
    let code = server.answers(&authority, "chat", member("chat")).await;
    assert_eq!(code, Err(Code::Unavailable));
}

/// A client that is none of ours.
async fn stranger(server: &Server, tls: ClientTlsConfig) -> Result<(), Code> {
    let url = format!("https://localhost:{}", server.running.port);
    let endpoint = Endpoint::from_shared(url).unwrap().tls_config(tls).unwrap();
    calls(endpoint.connect_lazy()).await
}

#[tokio::test]
async fn without_a_certificate_or_without_tls_nothing_is_answered() {
    let authority = Authority::new();
    let server = Server::start(&authority, member("auth")).await;
    let trusting = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority.0.pem()));
    stranger(&server, trusting.clone()).await.expect_err("no certificate");
    let plain = Endpoint::from_shared(format!("http://localhost:{}", server.running.port)).unwrap();
    calls(plain.connect_lazy()).await.expect_err("no TLS");
    let two_ids =
        ["spiffe://voltaire/chat", "spiffe://other/chat", "https://voltaire/chat"].map(|id| Some(id.to_owned()));
    let [ours, other, web] = two_ids;
    for (id, may) in [(ours, true), (other, false), (web, false), (None, false)] {
        let folder = tempfile::tempdir().unwrap();
        let files = authority.write(
            folder.path(),
            Says {
                id: id.clone(),
                ..member("chat")
            },
        );
        let read = |path| fs::read(path).unwrap();
        let shown = Identity::from_pem(read(files.certificate), read(files.key));
        let answer = stranger(&server, trusting.clone().identity(shown)).await;
        assert_eq!(answer.is_ok(), may, "{id:?}");
    }
}

#[tokio::test]
async fn each_member_may_call_what_is_its_own_and_nothing_else() {
    let authority = Authority::new();
    let server = Server::start(&authority, member("auth")).await;
    let folders: Vec<TempDir> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let user = server.mesh.token(UserId::new());
    for ((name, may_watch, may_pass_on), folder) in [
        ("chat", true, false),
        ("telemetry", true, false),
        ("gateway", false, true),
        ("envoy", false, true),
    ]
    .into_iter()
    .zip(&folders)
    {
        let mesh = process(name, server.running.port, authority.write(folder.path(), member(name)));
        let mut auth = AuthServiceClient::new(mesh.peer("auth"));
        let watched = auth
            .watch_revocations(mesh.service_request(WatchRevocationsRequest {}))
            .await
            .map(drop)
            .map_err(|status| (status.code(), reason(&status)));
        let me = auth
            .get_me(TestMesh::request(&user, GetMeRequest {}))
            .await
            .map(drop)
            .map_err(|status| (status.code(), reason(&status)));
        let refused = Err((Code::PermissionDenied, "CALLER_NOT_ALLOWED".to_owned()));
        assert_eq!(watched, if may_watch { Ok(()) } else { refused.clone() }, "{name}");
        assert_eq!(me, if may_pass_on { Ok(()) } else { refused }, "{name}");
    }
}

#[tokio::test]
async fn a_service_token_of_another_service_is_no_use() {
    let authority = Authority::new();
    let server = Server::start(&authority, member("auth")).await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let of =
        |name: &str, folder: &TempDir| process(name, server.running.port, authority.write(folder.path(), member(name)));
    let [chat, telemetry] = [of("chat", &folders[0]), of("telemetry", &folders[1])];
    let status = AuthServiceClient::new(chat.peer("auth"))
        .watch_revocations(telemetry.service_request(WatchRevocationsRequest {}))
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status)),
        (Code::PermissionDenied, "CALLER_NOT_ALLOWED".into())
    );
}

#[tokio::test]
async fn only_the_proxy_says_whose_call_it_passes_on() {
    let authority = Authority::new();
    let server = Server::start(&authority, member("auth")).await;
    let chat = "By=spiffe://voltaire/envoy;Hash=00;URI=spiffe://voltaire/chat";
    for (name, allowed) in [("envoy", true), ("gateway", false)] {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let passing = process(
            name,
            server.running.port,
            authority.write(folders[0].path(), member(name)),
        );
        let caller = process("chat", 1, authority.write(folders[1].path(), member("chat")));
        let mut request = caller.service_request(WatchRevocationsRequest {});
        let forwarded = chat.parse().unwrap();
        request.metadata_mut().insert("x-forwarded-client-cert", forwarded);
        let answer = AuthServiceClient::new(passing.peer("auth"))
            .watch_revocations(request)
            .await;
        assert_eq!(answer.is_ok(), allowed, "{name}");
    }
}

#[tokio::test]
async fn certificates_are_replaced_while_both_sides_run() {
    let (old, new) = (Authority::new(), Authority::new());
    let server = Server::start(&old, member("auth")).await;
    let folder = tempfile::tempdir().unwrap();
    let client = process("chat", server.running.port, old.write(folder.path(), member("chat")));
    assert_eq!(calls(client.peer("auth").plain()).await, Ok(()));
    new.write(server.folder.path(), member("auth"));
    new.write(folder.path(), member("chat"));
    assert!(server.certificates.renew().unwrap());
    assert_eq!(calls(client.peer("auth").plain()).await, Ok(()), "what is open goes on");
    // A connection of its own: good as soon as the client has looked at its files.
    eventually("the client shows its new certificate", async || {
        calls(client.streams("auth").plain()).await == Ok(())
    })
    .await;
    let late = server.answers(&old, "chat", member("chat")).await;
    assert_eq!(late, Err(Code::Unavailable), "the old authority is no longer believed");
}

#[tokio::test]
async fn files_that_do_not_fit_change_nothing() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let files = authority.write(folder.path(), member("auth"));
    let certificates = Certificates::read(&files).unwrap();
    assert!(!certificates.renew().unwrap(), "nothing has changed");
    let good = fs::read(&files.key).unwrap();
    fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(matches!(certificates.renew(), Err(TlsError::Rustls(_))), "another key");
    fs::write(&files.key, "nothing").unwrap();
    assert!(matches!(certificates.renew(), Err(TlsError::Pem(_))));
    fs::remove_file(&files.key).unwrap();
    assert!(matches!(certificates.renew(), Err(TlsError::File(..))));
    fs::write(&files.key, good).unwrap();
    assert!(!certificates.renew().unwrap(), "what is in force is still good");
    authority.write(folder.path(), member("auth"));
    assert!(certificates.renew().unwrap());
    let nameless = Says {
        id: None,
        ..member("auth")
    };
    authority.write(folder.path(), nameless);
    assert!(matches!(certificates.renew(), Err(TlsError::NoMember(_))));
}

#[tokio::test]
async fn a_process_does_not_start_with_anothers_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Authority::new().write(folder.path(), member("chat"));
    let config = MeshConfig {
        tls: Some(tls),
        ..MeshConfig::default()
    };
    assert!(Mesh::new("telemetry", Clock::system(), &config).is_err());
    assert!(Mesh::new("chat", Clock::system(), &config).is_ok());
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
