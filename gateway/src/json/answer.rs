//! Errors as JSON: `{"error": {"code", "status", "message", "details"}}` in the way of google.rpc.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use voltaire_mesh::Refusal;

use crate::error::{Error, http_status};

/// The edge's own refusal.
pub(crate) fn refusal(error: Error) -> Response<Body> {
    let http = error.http();
    let allow = match &error {
        Error::Method { allow } => HeaderValue::from_str(allow).ok(),
        _ => None,
    };
    let mut response = answer(&error.into_status(), http);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// A service's refusal.
pub(crate) fn failure(status: &Status) -> Response<Body> {
    answer(status, None)
}

/// The error as it stands in an answer or at the end of a stream.
pub(crate) fn error_json(status: &Status, http: StatusCode) -> Value {
    json!({"error": {
        "code": http.as_u16(),
        "status": name(status.code()),
        "message": status.message(),
        "details": details(status),
    }})
}

fn answer(status: &Status, http: Option<StatusCode>) -> Response<Body> {
    let http = http.unwrap_or_else(|| http_status(status.code()));
    let mut response = Response::new(Body::from(error_json(status, http).to_string()));
    *response.status_mut() = http;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if http == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(wait) = status.get_details_retry_info().and_then(|it| it.retry_delay) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    response
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn details(status: &Status) -> Vec<Value> {
    let known = status.get_error_details();
    let mut list = Vec::new();
    let mut add = |kind: &str, mut value: Value| {
        value["@type"] = format!("type.googleapis.com/google.rpc.{kind}").into();
        list.push(value);
    };
    if let Some(it) = known.error_info() {
        add(
            "ErrorInfo",
            json!({"reason": it.reason, "domain": it.domain, "metadata": it.metadata}),
        );
    }
    if let Some(it) = known.bad_request() {
        let violations = it.field_violations.iter();
        let violations = violations.map(|it| json!({"field": it.field, "description": it.description}));
        add("BadRequest", json!({"fieldViolations": violations.collect::<Vec<_>>()}));
    }
    if let Some(wait) = known.retry_info().and_then(|it| it.retry_delay) {
        add("RetryInfo", json!({"retryDelay": format!("{}s", wait.as_secs_f64())}));
    }
    if let Some(it) = known.precondition_failure() {
        let violations = it.violations.iter();
        let violations =
            violations.map(|it| json!({"type": it.r#type, "subject": it.subject, "description": it.description}));
        add(
            "PreconditionFailure",
            json!({"violations": violations.collect::<Vec<_>>()}),
        );
    }
    if let Some(it) = known.quota_failure() {
        let violations = it.violations.iter();
        let violations = violations.map(|it| json!({"subject": it.subject, "description": it.description}));
        add("QuotaFailure", json!({"violations": violations.collect::<Vec<_>>()}));
    }
    if let Some(it) = known.resource_info() {
        let resource = json!({"resourceType": it.resource_type, "resourceName": it.resource_name});
        add("ResourceInfo", resource);
    }
    if let Some(it) = known.request_info() {
        add("RequestInfo", json!({"requestId": it.request_id}));
    }
    if let Some(it) = known.help() {
        let links = it
            .links
            .iter()
            .map(|it| json!({"description": it.description, "url": it.url}));
        add("Help", json!({"links": links.collect::<Vec<_>>()}));
    }
    list
}

fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
