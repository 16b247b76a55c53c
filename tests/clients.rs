//! Real clients against the one port and each role's own: grpcurl, buf curl, Python.

mod common;

use std::process::Command;

use common::{Server, on_each_shape, tool, user::User};

const SERVICES: [&str; 11] = [
    "voltaire.auth.v1.AuthService",
    "voltaire.telemetry.v1.HomeService",
    "voltaire.telemetry.v1.DeviceService",
    "voltaire.telemetry.v1.IngestService",
    "voltaire.telemetry.v1.QueryService",
    "voltaire.telemetry.v1.AnalysisService",
    "voltaire.telemetry.v1.CorrectionService",
    "voltaire.telemetry.v1.AlertService",
    "voltaire.chat.v1.ChatService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
];

fn run(mut command: Command) -> (bool, String) {
    let output = command.output().expect("the tool runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[tokio::test]
async fn grpcurl_lists_and_calls_every_service_through_one_port() {
    on_each_shape(async |server| {
        let Some(mut list) = tool::tool("VOLTAIRE_TEST_GRPCURL") else {
            return;
        };
        list.args(["-plaintext", server.authority(), "list"]);
        let (_, listed) = run(list);
        for service in SERVICES {
            assert!(listed.contains(service), "{service} is not in\n{listed}");
        }
        let user = User::register(server, "dan").await;
        let calls = [
            ("voltaire.auth.v1.AuthService/GetMe", "dan@example.com"),
            ("voltaire.telemetry.v1.HomeService/ListHomes", "homeId"),
            ("voltaire.telemetry.v1.DeviceService/ListDeviceTypes", "fridge"),
            ("voltaire.telemetry.v1.QueryService/GetLatest", "serverTime"),
            ("voltaire.chat.v1.ChatService/ListSessions", "{"),
            ("grpc.health.v1.Health/Check", "SERVING"),
        ];
        for (method, expected) in calls {
            let Some(mut call) = tool::tool("VOLTAIRE_TEST_GRPCURL") else {
                return;
            };
            call.args([
                "-plaintext",
                "-H",
                &format!("authorization: Bearer {}", user.token),
                server.authority(),
                method,
            ]);
            let (ok, text) = run(call);
            assert!(ok && text.contains(expected), "{method}: {text}");
            if !method.starts_with("grpc.") {
                let Some(mut call) = tool::tool("VOLTAIRE_TEST_GRPCURL") else {
                    return;
                };
                call.args(["-plaintext", server.authority(), method]);
                let (ok, text) = run(call);
                assert!(
                    !ok && text.contains("Unauthenticated"),
                    "{method} without a token: {text}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn grpcurl_reaches_each_role_at_its_own_port_with_a_certificate_only() {
    let server = Server::mesh().await;
    let user = User::register(&server, "kim").await;
    let bearer = format!("authorization: Bearer {}", user.token);
    let file = |name: &str| server.file(name).display().to_string();
    let (authority, certificate, key) = (file("ca.crt"), file("gateway/tls.crt"), file("gateway/tls.key"));
    let member = ["-cacert", &authority, "-cert", &certificate, "-key", &key];
    let stranger = ["-cacert", &authority, "-connect-timeout", "3"];
    for (role, address) in &server.roles {
        let grpcurl = |who: &[&str], what: &[&str]| {
            let mut command = tool::tool("VOLTAIRE_TEST_GRPCURL")?;
            command.args(who).args(what);
            Some(run(command))
        };
        let method = match *role {
            "auth" => "voltaire.auth.v1.AuthService/GetMe",
            "telemetry" => "voltaire.telemetry.v1.HomeService/ListHomes",
            _ => "voltaire.chat.v1.ChatService/ListSessions",
        };
        let Some((ok, text)) = grpcurl(&member, &[address, "list"]) else {
            return;
        };
        assert!(ok && text.contains(&format!("voltaire.{role}.v1.")), "{role}: {text}");
        let Some((ok, text)) = grpcurl(&member, &["-H", &bearer, address, method]) else {
            return;
        };
        assert!(ok && text.starts_with('{'), "{role}: {text}");
        let Some((ok, text)) = grpcurl(&member, &[address, method]) else {
            return;
        };
        assert!(
            !ok && text.contains("Unauthenticated"),
            "{role} without a token: {text}"
        );
        let Some((ok, text)) = grpcurl(&stranger, &[address, "list"]) else {
            return;
        };
        assert!(!ok, "{role} let somebody in without a certificate: {text}");
    }
    server.stop();
}

#[tokio::test]
async fn buf_curl_speaks_grpc_and_grpc_web() {
    let server = Server::up().await;
    let user = User::register(&server, "eva").await;
    for protocol in ["grpc", "grpcweb"] {
        let Some(mut call) = tool::tool("VOLTAIRE_TEST_BUF") else {
            return;
        };
        call.args([
            "curl",
            "--protocol",
            protocol,
            "--http2-prior-knowledge",
            "--schema",
            "proto",
        ])
        .args(["-H", &format!("authorization: Bearer {}", user.token), "-d", "{}"])
        .arg(format!("{}/voltaire.auth.v1.AuthService/GetMe", server.url));
        let (ok, text) = run(call);
        assert!(ok && text.contains("eva@example.com"), "{protocol}: {text}");
    }
    server.stop();
}

#[tokio::test]
async fn python_reads_the_contracts_by_reflection_and_calls() {
    let server = Server::up().await;
    let user = User::register(&server, "fay").await;
    let Some(mut python) = tool::tool("VOLTAIRE_TEST_PYTHON") else {
        return;
    };
    let (ok, text) = run({
        python.args(["tests/data/client.py", server.authority(), &user.token]);
        python
    });
    assert!(ok && text.contains("fay@example.com"), "{text}");
    server.stop();
}
