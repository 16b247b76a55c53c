//! Every kind of client at the way in, and what is closed to all of them.

use std::{collections::BTreeSet, process::Command};

use serde_json::{Value, json};
use tokio::time::timeout;
use tonic::Code;
use voltaire_proto::{auth::v1 as auth, telemetry::v1 as telemetry};

use crate::common::{
    process, tool,
    user::{PASSWORD, User},
    whole::{PATIENCE, WholeMesh},
};

fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("the tool runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

/// Native gRPC with a client that everybody has, by reflection.
pub(crate) fn grpc(mesh: &WholeMesh, user: &User) {
    let grpcurl = |arguments: &[&str]| {
        let mut command = tool::tool("VOLTAIRE_TEST_GRPCURL")?;
        command
            .arg("-cacert")
            .arg(mesh.folder.path().join("ca.crt"))
            .args(arguments);
        Some(run(&mut command))
    };
    let address = format!("127.0.0.1:{}", mesh.edge.port);
    let bearer = format!("authorization: Bearer {}", user.token);
    let Some((_, listed)) = grpcurl(&[&address, "list"]) else {
        return;
    };
    for service in [
        "auth.v1.AuthService",
        "telemetry.v1.QueryService",
        "chat.v1.ChatService",
    ] {
        assert!(listed.contains(&format!("voltaire.{service}")), "{listed}");
    }
    for (method, expected) in [
        ("voltaire.auth.v1.AuthService/GetMe", "ada@example.com"),
        ("voltaire.telemetry.v1.HomeService/ListHomes", "homeId"),
        ("voltaire.chat.v1.ChatService/ListSessions", "{"),
        ("grpc.health.v1.Health/Check", "SERVING"),
    ] {
        let (ok, text) = grpcurl(&["-H", &bearer, &address, method]).expect("found before");
        assert!(ok && text.contains(expected), "{method}: {text}");
        if !method.starts_with("grpc.") {
            let (ok, text) = grpcurl(&[&address, method]).expect("found before");
            assert!(
                !ok && text.contains("Unauthenticated"),
                "{method} without a token: {text}"
            );
        }
    }
}

/// A browser's calls: with a token in hand to the services, with a session's cookie by way of the gateway.
pub(crate) async fn grpc_web(mesh: &WholeMesh, user: &User) {
    let method = "/voltaire.auth.v1.AuthService/GetMe";
    let bearer = format!("Bearer {}", user.token);
    let cookie = format!("__Host-session={}", user.token);
    let own = mesh.edge.url();
    let with_token = [("authorization", bearer.as_str())];
    let with_cookie = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    for headers in [&with_token[..], &with_cookie[..]] {
        let (answer, status) = mesh
            .edge
            .grpc_web::<auth::GetMeResponse>(method, headers, &auth::GetMeRequest {})
            .await;
        assert_eq!(status, "0", "{headers:?}");
        assert_eq!(answer.and_then(|it| it.user).expect("a user").email, user.email);
    }
    let foreign = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    for headers in [&[][..], &foreign[..]] {
        let (answer, status) = mesh
            .edge
            .grpc_web::<auth::GetMeResponse>(method, headers, &auth::GetMeRequest {})
            .await;
        assert_eq!((answer, status.as_str()), (None, "16"), "{headers:?}");
    }
}

/// JSON, made gRPC by Envoy: the same answers and the same errors as the gateway gives, which answers with a cookie.
pub(crate) async fn json_calls(mesh: &WholeMesh, user: &User) {
    let bearer = format!("Bearer {}", user.token);
    let cookie = format!("__Host-session={}", user.token);
    let by_envoy = [("authorization", bearer.as_str())];
    let by_gateway = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let nobody = "/v1/devices/00000000-0000-4000-8000-000000000000";
    for (verb, path, body, status) in [
        ("GET", "/v1/me", Value::Null, 200),
        ("GET", "/v1/homes", Value::Null, 200),
        ("POST", "/v1/summary:query", json!({}), 200),
        ("GET", nobody, Value::Null, 404),
        ("POST", "/v1/devices", json!({"device": {"name": ""}}), 400),
    ] {
        let one = mesh.edge.json(verb, path, &by_envoy, &body).await;
        let other = mesh.edge.json(verb, path, &by_gateway, &body).await;
        assert_eq!(
            (one.status.as_u16(), other.status.as_u16()),
            (status, status),
            "{path}: {}",
            one.json()
        );
        let (one, other) = (one.json(), other.json());
        if status == 200 {
            let keys = |it: &Value| it.as_object().map(|it| it.keys().cloned().collect::<BTreeSet<_>>());
            assert_eq!(keys(&one), keys(&other), "{path}");
        } else {
            for part in ["code", "status", "message"] {
                assert_eq!(one["error"][part], other["error"][part], "{path}: {one} {other}");
            }
            let reason = |it: &Value| it["error"]["details"][0]["reason"].clone();
            assert_eq!(reason(&one), reason(&other), "{path}: {one} {other}");
        }
    }
    let nobody = mesh.edge.json("GET", "/v1/me", &[], &Value::Null).await;
    assert_eq!(
        (nobody.status.as_u16(), nobody.json()["error"]["status"].as_str()),
        (401, Some("UNAUTHENTICATED"))
    );
    let stream = mesh
        .edge
        .json("POST", "/v1/ask", &by_envoy, &json!({"text": "what is on now?"}))
        .await;
    assert_eq!(
        (stream.status.as_u16(), stream.header("content-type")),
        (200, "application/x-ndjson")
    );
}

/// The command line of a user at a desk: signs in, settles homes, sends a load by several connections, asks.
pub(crate) async fn command_line(mesh: &WholeMesh) {
    let voltaire = |arguments: &[&str], input: &str| {
        let mut command = process::voltaire();
        command
            .args(arguments)
            .env("VOLTAIRE_SERVER", mesh.edge.url())
            .env("VOLTAIRE_AUTHORITY", mesh.folder.path().join("ca.crt"))
            .env("XDG_CONFIG_HOME", mesh.folder.path().join("desk"));
        let output = process::run(command, input);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{arguments:?}: {told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        told
    };
    let desk = User::register_at(mesh.edge.channel(), "desk").await;
    voltaire(&["login", "--email", &desk.email, "--password-stdin"], PASSWORD);
    let load = "simulate --homes 3 --devices 5 --days 1 --step 900 --load --seconds 4 --every 500 --queries 15 --json";
    let told = voltaire(&load.split(' ').collect::<Vec<_>>(), "");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["readings"], 3 * 5 * 8, "{told}");
    for kind in ["ingest", "latest", "summary"] {
        let calls = &told["calls"][kind];
        assert!(
            calls["due"] == calls["done"] && calls["due"].as_u64() > Some(0),
            "{told}"
        );
    }
    println!("        a load by the command line: {}", told["calls"]);
    let answer = voltaire(&["ask", "how much did I use today?"], "");
    assert!(answer.contains("Wh"), "{answer}");
}

/// A caller's deadline reaches the service: a stream that would not end by itself ends then, and says why.
pub(crate) async fn deadlines(user: &User) {
    let mut watch = user.request(telemetry::WatchLiveRequest::default());
    watch
        .metadata_mut()
        .insert("grpc-timeout", "3S".parse().expect("ASCII"));
    let mut messages = user.query().watch_live(watch).await.expect("a stream").into_inner();
    let end = async {
        loop {
            match messages.message().await {
                Ok(Some(_)) => {}
                Ok(None) => return Code::Ok,
                Err(status) => return status.code(),
            }
        }
    };
    let end = timeout(PATIENCE, end).await.expect("it ends");
    assert_eq!(end, Code::DeadlineExceeded);
}

/// What nobody outside may do.
pub(crate) async fn closed_doors(mesh: &WholeMesh, user: &User) {
    let watch = user.request(auth::WatchRevocationsRequest {});
    let code = user
        .auth()
        .watch_revocations(watch)
        .await
        .map(drop)
        .map_err(|it| it.code());
    assert_eq!(code, Err(Code::PermissionDenied), "for services alone");
    let evil = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
    ];
    let path = "/voltaire.auth.v1.AuthService/GetMe";
    let preflight = mesh.edge.json("OPTIONS", path, &evil, &Value::Null).await;
    assert_eq!(preflight.header("access-control-allow-origin"), "");
    assert_ne!(preflight.header("grpc-status"), "0", "nothing has run");
    let good = [("origin", "https://dashboard.example"), evil[1]];
    let preflight = mesh.edge.json("OPTIONS", path, &good, &Value::Null).await;
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "https://dashboard.example"
    );
    let page = mesh.edge.json("GET", "/livez", &[], &Value::Null).await;
    assert_eq!((page.status.as_u16(), page.header("server")), (200, ""));
    for path in ["/metrics", "/voltaire.auth.v1.AuthService/Nothing"] {
        let answer = mesh.edge.json("GET", path, &[], &Value::Null).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert!(mesh.figures("/ready").await.contains("LIVE"));
    assert!(
        mesh.figures("/stats/prometheus")
            .await
            .contains("envoy_cluster_upstream_rq")
    );
    assert_eq!(
        mesh.figures("/quitquitquit").await,
        "",
        "the rest of the admin interface is closed"
    );
}

/// Who guesses at the door is slowed down, and told for how long.
pub(crate) async fn too_much(mesh: &WholeMesh) {
    let mut refused = None;
    for _ in 0..60 {
        let answer = mesh.edge.json("POST", "/v1/login", &[], &json!({"nothing": 1})).await;
        if answer.status.as_u16() == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("there is a limit");
    assert_eq!(
        refused.json()["error"]["status"],
        "RESOURCE_EXHAUSTED",
        "{}",
        refused.json()
    );
    assert_eq!(refused.header("retry-after"), "1");
}
