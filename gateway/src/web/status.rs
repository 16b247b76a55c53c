//! Whether the product is well: `/healthz` for readiness, `/livez` for liveness.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use tonic_health::pb::health_check_response::ServingStatus;

use super::files::Files;
use crate::grpc::Health;

/// 200 when every service serves and the UI is there; else 503, naming what is not.
pub(crate) async fn ready(health: &Health, files: &Files) -> Response<Body> {
    let (services, ui) = tokio::join!(health.all(), files.ready());
    let mut missing: Vec<&str> = Vec::new();
    let mut by_service = Map::new();
    for (name, status) in services {
        by_service.insert(name.to_owned(), status.as_str_name().into());
        if status != ServingStatus::Serving {
            missing.push(name);
        }
    }
    if !ui {
        missing.push("ui");
    }
    if health.draining() {
        missing.push("gateway");
    }
    let http = if missing.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = if missing.is_empty() { "SERVING" } else { "NOT_SERVING" };
    told(
        http,
        &json!({"status": word, "services": by_service, "ui": ui, "missing": missing}),
    )
}

/// 200 while the process answers at all.
pub(crate) fn alive() -> Response<Body> {
    told(StatusCode::OK, &json!({"status": "ALIVE"}))
}

fn told(http: StatusCode, json: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(json.to_string()));
    *response.status_mut() = http;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
