use base64::{Engine as _, engine::general_purpose::STANDARD};
use tonic::{Code, Request, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt;
use voltaire_mesh::test::TestMesh;
use voltaire_proto::{
    auth::v1::{GetMeRequest, RevokeApiTokenRequest, WatchRevocationsRequest, auth_service_client::AuthServiceClient},
    telemetry::v1::{WatchLiveRequest, query_service_client::QueryServiceClient},
};

use crate::{
    support::Edge,
    wire::{frames, message, trailers},
};

async fn channel(edge: &Edge) -> Channel {
    Channel::from_shared(edge.url("")).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn native_calls_pass_with_details_and_streams() {
    let edge = Edge::start().await;
    let channel = channel(&edge).await;
    let mut auth = AuthServiceClient::new(channel.clone());
    let id = "t".to_owned();
    let request = TestMesh::request(&edge.token(), RevokeApiTokenRequest { token_id: id });
    let status = auth.revoke_api_token(request).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "no such token: ü"));
    assert_eq!(status.get_details_error_info().unwrap().reason, "NO_TOKEN");
    let mut query = QueryServiceClient::new(channel);
    let request = TestMesh::request(&edge.token(), WatchLiveRequest::default());
    let mut live = query.watch_live(request).await.unwrap().into_inner();
    assert!(live.message().await.unwrap().is_some() && live.message().await.unwrap().is_some());
    assert_eq!(live.message().await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn only_the_edge_tells_who_calls() {
    let edge = Edge::start().await;
    let mut auth = AuthServiceClient::new(channel(&edge).await);
    let mut request = TestMesh::request(&edge.token(), GetMeRequest {});
    for name in [
        "x-voltaire-user",
        "x-forwarded-for",
        "forwarded",
        "x-jwt-payload",
        "cookie",
        "x-kept",
    ] {
        request.metadata_mut().insert(name, "6.6.6.6".parse().unwrap());
    }
    let user = auth.get_me(request).await.unwrap().into_inner().user.unwrap();
    assert_eq!(user.name, "127.0.0.1");
    let keys: Vec<_> = user.email.split(' ').collect();
    for gone in ["x-voltaire-user", "forwarded", "x-jwt-payload", "cookie"] {
        assert!(!keys.contains(&gone), "{gone} in {keys:?}");
    }
    assert!(keys.contains(&"x-kept"), "{keys:?}");
}

#[tokio::test]
async fn calls_for_services_and_unknown_calls_are_refused() {
    let edge = Edge::start().await;
    let channel = channel(&edge).await;
    let mut auth = AuthServiceClient::new(channel.clone());
    let status = auth.watch_revocations(WatchRevocationsRequest {}).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.get_details_error_info().unwrap().reason, "SERVICE_ONLY");
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    let path = http::uri::PathAndQuery::from_static("/nothing.v1.Nothing/Do");
    let status = grpc.unary(Request::new(()), path, codec).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}

#[tokio::test]
async fn health_is_of_the_services_behind() {
    let edge = Edge::start().await;
    edge.well().await;
    let mut health = HealthClient::new(channel(&edge).await);
    let mut ask = async |service: &str| {
        let request = HealthCheckRequest {
            service: service.into(),
        };
        health
            .check(request)
            .await
            .map(|it| it.into_inner().status().as_str_name())
    };
    assert_eq!(ask("voltaire.auth.v1.AuthService").await.unwrap(), "SERVING");
    assert_eq!(ask("").await.unwrap(), "NOT_SERVING", "there is no chat in this mesh");
    assert_eq!(ask("nothing").await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_call_must_be_a_post_of_grpc() {
    let edge = Edge::start().await;
    let path = "/voltaire.auth.v1.AuthService/Login";
    for (method, kind, status) in [
        ("GET", "application/grpc", 405),
        ("GET", "", 405),
        ("PUT", "application/grpc-web", 405),
        ("POST", "text/plain", 415),
        ("POST", "", 415),
        ("POST", "multipart/form-data", 415),
        ("POST", "application/grpc+json", 415),
        ("POST", "application/grpcx", 415),
        ("OPTIONS", "application/grpc", 403),
    ] {
        let request = edge
            .client
            .request(method.parse().unwrap(), edge.url(path))
            .header("content-type", kind);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{method} {kind}");
    }
}

#[tokio::test]
async fn games_with_paths_reach_no_call() {
    let edge = Edge::start().await;
    for path in [
        "//voltaire.auth.v1.AuthService/Login",
        "/voltaire.auth.v1.AuthService/Login/",
        "/voltaire.auth.v1.AuthService/Login;x",
        "/%76oltaire.auth.v1.AuthService/Login",
        "/voltaire.auth.v1.AuthService%2fLogin",
        "/VOLTAIRE.AUTH.V1.AUTHSERVICE/LOGIN",
    ] {
        let answer = edge
            .client
            .post(edge.url(path))
            .header("content-type", "application/grpc-web");
        let answer = answer.body(frames(&[])).send().await.unwrap();
        let told = answer
            .headers()
            .get("grpc-status")
            .map(|it| it.to_str().unwrap().to_owned());
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        let refused = |it: &str| it == "12" || it == "16";
        assert!(
            told.as_deref().is_some_and(refused) || body.contains("grpc-status:12"),
            "{path}: {told:?} {body}"
        );
    }
}

#[tokio::test]
async fn grpc_web_works_in_bytes_and_in_text() {
    let edge = Edge::start().await;
    let call = |kind: &'static str, path: &str, body: Vec<u8>| {
        let request = edge.client.post(edge.url(path)).bearer_auth(edge.token());
        let request = request.header("content-type", kind).header("accept", kind).body(body);
        async move { request.send().await.unwrap() }
    };
    let path = "/voltaire.auth.v1.AuthService/GetMe";
    let answer = call("application/grpc-web+proto", path, frames(&[])).await;
    let body = answer.bytes().await.unwrap();
    assert!(trailers(&body).contains("grpc-status:0"), "{}", trailers(&body));
    let user = message::<voltaire_proto::auth::v1::GetMeResponse>(&body).user.unwrap();
    assert_eq!(user.name, "127.0.0.1");

    let answer = call(
        "application/grpc-web-text",
        path,
        STANDARD.encode(frames(&[])).into_bytes(),
    )
    .await;
    let text = answer.text().await.unwrap();
    let groups = text.as_bytes().chunks(4);
    let body: Vec<u8> = groups.flat_map(|it| STANDARD.decode(it).unwrap()).collect();
    assert!(
        !message::<voltaire_proto::auth::v1::GetMeResponse>(&body)
            .user
            .unwrap()
            .user_id
            .is_empty()
    );

    let path = "/voltaire.auth.v1.AuthService/RevokeApiToken";
    let answer = call("application/grpc-web", path, frames(&[])).await;
    let told = format!("{:?}", answer.headers());
    let body = answer.bytes().await.unwrap();
    let all = format!("{told}{}", String::from_utf8_lossy(&body));
    assert!(all.contains("grpc-status-details-bin"), "{all}");
}

#[tokio::test]
async fn draining_ends_in_time_and_lets_calls_end() {
    let mut edge = Edge::start().await;
    let idle = channel(&edge).await;
    let (status, _) = edge.get("/livez").await;
    assert_eq!(status, 200);
    edge.stop.take().unwrap().send(()).unwrap();
    (&mut edge.served).await.unwrap().unwrap();
    drop(idle);
    assert!(tokio::net::TcpStream::connect(edge.address).await.is_err());
}
