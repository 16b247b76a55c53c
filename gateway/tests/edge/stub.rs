//! Small services behind the edge: they answer what the tests ask about, and show what reached them.

use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::Duration,
};

use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use http::Request;
use tonic::{Response, Status, body::Body, server::NamedService, service::Routes};
use tonic_prost::ProstCodec;
use tonic_types::{ErrorDetails, StatusExt};
use tower::service_fn;
use voltaire_mesh::{Refused, caller, client_address};
use voltaire_proto::{auth::v1 as auth, telemetry::v1 as telemetry};

macro_rules! stub {
    ($name:ident = $full:literal, $answer:ident) => {
        #[derive(Clone)]
        struct $name;

        impl NamedService for $name {
            const NAME: &'static str = $full;
        }

        impl tower::Service<Request<Body>> for $name {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<Body>) -> Self::Future {
                Box::pin(async move { Ok($answer(request).await) })
            }
        }
    };
}

stub!(Auth = "voltaire.auth.v1.AuthService", auth_answer);
stub!(Devices = "voltaire.telemetry.v1.DeviceService", devices_answer);
stub!(Query = "voltaire.telemetry.v1.QueryService", query_answer);

pub(crate) fn auth_routes() -> Routes {
    Routes::new(Auth)
}

pub(crate) fn telemetry_routes() -> Routes {
    Routes::new(Devices).add_service(Query)
}

async fn unary<I, O, F, R>(request: Request<Body>, answer: F) -> http::Response<Body>
where
    I: prost::Message + Default + Send + 'static,
    O: prost::Message + Default + Send + 'static,
    F: FnMut(tonic::Request<I>) -> R + Send,
    R: Future<Output = Result<Response<O>, Status>> + Send,
{
    let mut grpc = tonic::server::Grpc::new(ProstCodec::<O, I>::default());
    grpc.unary(service_fn(answer), request).await
}

async fn auth_answer(request: Request<Body>) -> http::Response<Body> {
    match request.uri().path().rsplit('/').next().unwrap() {
        "GetMe" => unary(request, get_me).await,
        "Login" => unary(request, login).await,
        "UpdateMe" => unary(request, update_me).await,
        "RevokeApiToken" => unary(request, revoke).await,
        "GetJwks" => unary(request, jwks).await,
        "ListUsers" => unary(request, list_users).await,
        _ => Status::unimplemented("later").into_http(),
    }
}

/// Shows the caller's address as the name, and the metadata's keys as the e-mail.
async fn get_me(request: tonic::Request<auth::GetMeRequest>) -> Result<Response<auth::GetMeResponse>, Status> {
    let keys: Vec<_> = request
        .metadata()
        .as_ref()
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    let user = auth::User {
        user_id: caller(&request)?.user_id.to_string(),
        name: client_address(&request).map(|it| it.to_string()).unwrap_or_default(),
        email: keys.join(" "),
        role: auth::Role::User.into(),
        ..auth::User::default()
    };
    Ok(Response::new(auth::GetMeResponse { user: Some(user) }))
}

async fn login(request: tonic::Request<auth::LoginRequest>) -> Result<Response<auth::LoginResponse>, Status> {
    match request.get_ref().email.as_str() {
        "busy" => Err(Refused::new(tonic::Code::ResourceExhausted, "TOO_FAST", "wait")
            .retry_after(Duration::from_millis(1500))
            .into()),
        "good" => Ok(Response::new(auth::LoginResponse::default())),
        _ => Err(Refused::new(
            tonic::Code::Unauthenticated,
            "BAD_CREDENTIALS",
            "wrong e-mail or password",
        )
        .into()),
    }
}

async fn update_me(request: tonic::Request<auth::UpdateMeRequest>) -> Result<Response<auth::UpdateMeResponse>, Status> {
    let user = request.into_inner().user;
    Ok(Response::new(auth::UpdateMeResponse { user }))
}

async fn revoke(
    request: tonic::Request<auth::RevokeApiTokenRequest>,
) -> Result<Response<auth::RevokeApiTokenResponse>, Status> {
    let mut details = ErrorDetails::new();
    details.set_error_info(
        "NO_TOKEN",
        "voltaire.auth",
        [("token_id".to_owned(), request.get_ref().token_id.clone())],
    );
    details.add_bad_request_violation("token_id", "unknown");
    Err(Status::with_error_details(
        tonic::Code::NotFound,
        "no such token: ü",
        details,
    ))
}

async fn jwks(_: tonic::Request<auth::GetJwksRequest>) -> Result<Response<auth::GetJwksResponse>, Status> {
    let key = auth::Jwk {
        kty: "OKP".into(),
        r#use: "sig".into(),
        ..auth::Jwk::default()
    };
    Ok(Response::new(auth::GetJwksResponse { keys: vec![key] }))
}

async fn list_users(
    request: tonic::Request<auth::ListUsersRequest>,
) -> Result<Response<auth::ListUsersResponse>, Status> {
    let next_page_token = format!("{} {}", request.get_ref().page_size, request.get_ref().page_token);
    Ok(Response::new(auth::ListUsersResponse {
        users: Vec::new(),
        next_page_token,
    }))
}

async fn devices_answer(request: Request<Body>) -> http::Response<Body> {
    match request.uri().path().rsplit('/').next().unwrap() {
        "UpdateDevice" => unary(request, update_device).await,
        _ => Status::unimplemented("later").into_http(),
    }
}

async fn update_device(
    request: tonic::Request<telemetry::UpdateDeviceRequest>,
) -> Result<Response<telemetry::UpdateDeviceResponse>, Status> {
    let device = request.into_inner().device;
    Ok(Response::new(telemetry::UpdateDeviceResponse { device }))
}

async fn query_answer(request: Request<Body>) -> http::Response<Body> {
    match request.uri().path().rsplit('/').next().unwrap() {
        "ListReadings" => unary(request, list_readings).await,
        "WatchLive" => {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
            grpc.server_streaming(service_fn(watch_live), request).await
        }
        _ => Status::unimplemented("later").into_http(),
    }
}

/// Shows the request it got in the page token.
async fn list_readings(
    request: tonic::Request<telemetry::ListReadingsRequest>,
) -> Result<Response<telemetry::ListReadingsResponse>, Status> {
    Ok(Response::new(telemetry::ListReadingsResponse {
        readings: Vec::new(),
        next_page_token: format!("{:?}", request.into_inner()),
    }))
}

type Live = BoxStream<'static, Result<telemetry::WatchLiveResponse, Status>>;

/// Two messages, then an error.
async fn watch_live(_: tonic::Request<telemetry::WatchLiveRequest>) -> Result<Response<Live>, Status> {
    let message = || Ok(telemetry::WatchLiveResponse::default());
    let end = Err(Refused::new(tonic::Code::Unavailable, "DRAINING", "comes back").into());
    Ok(Response::new(
        futures::stream::iter([message(), message(), end]).boxed(),
    ))
}
