//! What stands before a method: the guard of the wire, deadlines, panics, traces.

use http::{Method, Request, StatusCode, header};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tonic::{Code, body::Body, transport::Channel};
use tower::{Service, ServiceExt};
use voltaire_mesh::test::TestMesh;
use voltaire_proto::{auth::v1 as pb, chat::v1 as chat};
use voltaire_types::Clock;

use crate::{
    server::run,
    stub::{House, Stub, database, eventually, reason},
};

async fn send(channel: &mut Channel, request: Request<Body>) -> http::Response<Body> {
    channel.ready().await.unwrap().call(request).await.unwrap()
}

fn request(method: Method, path: &str, content_type: &[&str]) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(format!("http://memory{path}"));
    for value in content_type {
        builder = builder.header(header::CONTENT_TYPE, *value);
    }
    let message = http_body_util::Full::new(bytes::Bytes::from_static(&[0; 5]));
    builder.body(Body::new(message)).unwrap()
}

const LOGIN: &str = "/voltaire.auth.v1.AuthService/Login";

#[tokio::test]
async fn only_a_post_of_grpc_is_executed() {
    let mut house = House::new().await;
    let grpc = ["application/grpc"];
    for method in [Method::GET, Method::OPTIONS, Method::PUT, Method::DELETE, Method::HEAD] {
        let response = send(&mut house.auth, request(method.clone(), LOGIN, &grpc)).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    for types in [
        &["text/plain"][..],
        &["application/json"],
        &["application/x-www-form-urlencoded"],
        &["multipart/form-data"],
        &["application/grpcx"],
        &["application/grpc-web"],
        &["text/plain; application/grpc"],
        &["application/grpc", "text/plain"],
        &[],
    ] {
        let response = send(&mut house.auth, request(Method::POST, LOGIN, types)).await;
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{types:?}");
    }
    assert_eq!(house.stub.runs(), 0, "nothing ran");
    for content_type in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc;charset=utf-8",
    ] {
        let response = send(&mut house.auth, request(Method::POST, LOGIN, &[content_type])).await;
        assert_eq!(response.status(), StatusCode::OK, "{content_type}");
    }
    assert_eq!(house.stub.runs(), 3);
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_unimplemented_without_running() {
    let mut house = House::new().await;
    for path in [
        "/voltaire.auth.v1.AuthService/Nothing",
        "/voltaire.auth.v1.AuthService/Login/",
        "//voltaire.auth.v1.AuthService/Login",
        "/voltaire.auth.v1.AuthService/%4cogin",
        "/nobody.Service/Login",
        "/",
    ] {
        let response = send(&mut house.auth, request(Method::POST, path, &["application/grpc"])).await;
        let status = tonic::Status::from_header_map(response.headers()).expect(path);
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::Unimplemented, "NO_METHOD"),
            "{path}"
        );
    }
    assert_eq!(house.stub.runs(), 0);
}

fn login(email: &str) -> tonic::Request<pb::LoginRequest> {
    tonic::Request::new(pb::LoginRequest {
        email: email.to_owned(),
        password: String::new(),
    })
}

#[tokio::test]
async fn the_callers_deadline_is_kept() {
    let (db, _folder) = database().await;
    let (mesh, stub) = (TestMesh::new(Clock::system()), Stub::default());
    let server = run(&mesh, vec![stub.auth(db)], None).await;
    // A client of tonic would give up by itself at the same time.
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Body>();
    let mut hang = request(Method::POST, LOGIN, &["application/grpc"]);
    *hang.uri_mut() = format!("http://127.0.0.1:{}{LOGIN}", server.port).parse().unwrap();
    hang.headers_mut().insert("grpc-timeout", "50m".parse().unwrap());
    *hang.body_mut() = Body::new(http_body_util::Full::new(bytes::Bytes::from_static(
        b"\0\0\0\0\x06\n\x04hang",
    )));
    let response = client.request(hang).await.unwrap();
    let status = tonic::Status::from_header_map(response.headers()).unwrap();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
    assert_eq!(stub.runs(), 1, "it was at work");
}

#[tokio::test]
async fn what_is_too_much_is_refused_with_when_to_come_again_and_passes() {
    use tonic_types::StatusExt;
    use voltaire_mesh::{MeshConfig, metrics};

    metrics::record();
    let config = MeshConfig {
        concurrency: 1,
        ..MeshConfig::default()
    };
    let (db, _folder) = database().await;
    let (mesh, stub) = (TestMesh::with(Clock::system(), &config), Stub::default());
    let channel = mesh.serve(stub.auth(db)).await;
    let client = pb::auth_service_client::AuthServiceClient::new(channel);
    let mut hanging = tokio::task::JoinSet::new();
    let mut first = client.clone();
    hanging.spawn(async move { first.login(login("hang")).await });
    eventually("it is at work", async || stub.runs() == 1).await;
    let refused = client.clone().login(login("else")).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::ResourceExhausted, "OVERLOADED")
    );
    let wait = refused.get_details_retry_info().and_then(|it| it.retry_delay);
    assert_eq!(wait, Some(std::time::Duration::from_secs(1)));
    assert_eq!(stub.runs(), 1, "it was not run");
    let shown = http_body_util::BodyExt::collect(metrics::answer().into_body())
        .await
        .unwrap();
    let shown = String::from_utf8(shown.to_bytes().to_vec()).unwrap();
    assert!(shown.contains("voltaire_overloaded_total"), "{shown}");
    // Who hangs goes away: there is a place again.
    hanging.abort_all();
    eventually("others are served again", async || {
        client.clone().login(login("else")).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_malformed_deadline_is_an_invalid_argument() {
    let mut house = House::new().await;
    for timeout in ["abc", "-1S", "1", "123456789S", ""] {
        let mut request = request(Method::POST, LOGIN, &["application/grpc"]);
        request.headers_mut().insert("grpc-timeout", timeout.parse().unwrap());
        let response = send(&mut house.auth, request).await;
        let status = tonic::Status::from_header_map(response.headers()).expect(timeout);
        assert_eq!(status.code(), Code::InvalidArgument, "{timeout}");
    }
    assert_eq!(house.stub.runs(), 0);
}

#[tokio::test]
async fn a_deadline_is_passed_on_and_told_as_one() {
    let house = House::new().await;
    let mut request = TestMesh::request(
        &house.user_token(),
        chat::ListMessagesRequest {
            session_id: "hang".into(),
            ..Default::default()
        },
    );
    request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request.metadata_mut().insert("traceparent", given.parse().unwrap());
    request.metadata_mut().insert("tracestate", "vendor=1".parse().unwrap());
    let status = house.chat.clone().list_messages(request).await.unwrap_err();
    let by_client = status.code() == Code::Cancelled && status.message() == "Timeout expired";
    assert!(by_client || status.code() == Code::DeadlineExceeded, "{status}");
    let metadata = house.stub.metadata.lock().clone();
    let timeout = metadata.get("grpc-timeout").expect("passed on").to_str().unwrap();
    let (digits, unit) = timeout.split_at(timeout.len() - 1);
    let micros = digits.parse::<u64>().unwrap() * if unit == "m" { 1000 } else { 1 };
    assert!(
        ["m", "u"].contains(&unit) && micros < 300_000,
        "less than what was given: {timeout}"
    );
    let trace = metadata.get("traceparent").expect("passed on").to_str().unwrap();
    assert!(trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && trace != given);
    assert_eq!(metadata.get("tracestate").expect("passed on"), "vendor=1");
}

#[tokio::test]
async fn tonics_own_timeout_is_told_as_a_deadline() {
    let status = voltaire_mesh::peer_deadline(tonic::Status::cancelled("Timeout expired"));
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
    let status = voltaire_mesh::peer_deadline(tonic::Status::cancelled("the user left"));
    assert_eq!(status.code(), Code::Cancelled);
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_others_live_on() {
    let house = House::new().await;
    let status = house.auth().login(login("panic")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    house
        .auth()
        .login(login("fine"))
        .await
        .expect("the connection lives on");
    let text = "panic".to_owned();
    let request = TestMesh::request(
        &house.user_token(),
        chat::AskRequest {
            text,
            ..Default::default()
        },
    );
    let mut stream = house.chat.clone().ask(request).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());
    assert_eq!(
        stream.message().await.unwrap_err().code(),
        Code::Internal,
        "half way as well"
    );
}
