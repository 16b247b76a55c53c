//! What a server may leave out: its health says whether a service is there.

use prost::Message;
use voltaire_proto::demo::v1::demo_service_server::SERVICE_NAME as DEMO;

use super::{
    Answer, Failure, Kind,
    wire::{Call, call},
};

/// What `grpc.health.v1` says of a service that is there and well.
const SERVING: i32 = 1;

#[derive(Clone, PartialEq, Message)]
struct HealthCheckRequest {
    #[prost(string, tag = "1")]
    service: String,
}

#[derive(Clone, PartialEq, Message)]
struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    status: i32,
}

impl Call for HealthCheckRequest {
    type Answer = HealthCheckResponse;
    const SERVICE: &'static str = "grpc.health.v1.Health";
    const METHOD: &'static str = "Check";
}

/// Whether this server fills a home with the demo.
pub(crate) async fn demo_offered() -> Answer<bool> {
    let request = HealthCheckRequest {
        service: DEMO.to_owned(),
    };
    match call(request).await {
        Ok(answer) => Ok(answer.status == SERVING),
        Err(Failure {
            kind: Kind::Missing | Kind::Unsupported,
            ..
        }) => Ok(false),
        Err(failure) => Err(failure),
    }
}
