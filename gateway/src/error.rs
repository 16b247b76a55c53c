//! What the edge itself refuses, before a service is asked.

use http::StatusCode;
use tonic::Code;
use tonic_types::ErrorDetails;
use voltaire_mesh::{Invalid, Refusal};

/// A refusal of the edge.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is nothing at this address; see /api-docs for what there is")]
    NotFound,
    #[error("this address takes {allow}")]
    Method { allow: String },
    #[error("send `content-type: {expected}`")]
    Type { expected: &'static str },
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the body did not arrive in time")]
    Slow,
    #[error("the body is not JSON: {0}")]
    Json(String),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("unknown service {0}")]
    UnknownService(String),
    #[error("only services of the mesh may call this")]
    ServiceOnly,
    #[error("the header {0} is given more than once")]
    DuplicateHeader(&'static str),
    #[error("this is for pages of this server only")]
    CrossSite,
    #[error("a browser session needs a session token, not an API token")]
    NotASession,
    #[error("only for this machine and its private network")]
    Outside,
    #[error("this port speaks https only")]
    Plain,
    #[error("the time for this call is over")]
    Deadline,
    #[error("cannot reach the service")]
    Unreachable(#[source] tonic::transport::Error),
    #[error("a handler panicked")]
    Panicked,
}

impl Refusal for Error {
    const DOMAIN: &'static str = "voltaire.gateway";

    fn kind(&self) -> (Code, &'static str) {
        match self {
            Self::NotFound => (Code::NotFound, "NO_ROUTE"),
            Self::Method { .. } => (Code::Unimplemented, "METHOD_NOT_ALLOWED"),
            Self::Type { .. } => (Code::InvalidArgument, "CONTENT_TYPE"),
            Self::TooLarge { .. } => (Code::OutOfRange, "BODY_TOO_LARGE"),
            Self::Slow => (Code::DeadlineExceeded, "BODY_TOO_SLOW"),
            Self::Json(_) => (Code::InvalidArgument, "INVALID_JSON"),
            Self::Invalid(_) => (Code::InvalidArgument, "INVALID_FIELD"),
            Self::UnknownService(_) => (Code::Unimplemented, "UNKNOWN_SERVICE"),
            Self::ServiceOnly => (Code::PermissionDenied, "SERVICE_ONLY"),
            Self::DuplicateHeader(_) => (Code::InvalidArgument, "DUPLICATE_HEADER"),
            Self::CrossSite => (Code::PermissionDenied, "CROSS_SITE"),
            Self::NotASession => (Code::PermissionDenied, "SESSION_TOKEN_REQUIRED"),
            Self::Plain => (Code::FailedPrecondition, "HTTPS_REQUIRED"),
            Self::Outside => (Code::PermissionDenied, "PRIVATE_NETWORK_ONLY"),
            Self::Deadline => (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            Self::Unreachable(_) => (Code::Unavailable, "SERVICE_UNREACHABLE"),
            Self::Panicked => (Code::Internal, "PANICKED"),
        }
    }

    fn details(&self, details: &mut ErrorDetails) {
        if let Self::Invalid(invalid) = self {
            invalid.describe(details);
        }
    }
}
voltaire_mesh::refusal_to_status!(Error);

impl Error {
    /// The HTTP status, where it says more than the code's usual one.
    pub(crate) fn http(&self) -> Option<StatusCode> {
        match self {
            Self::Method { .. } => Some(StatusCode::METHOD_NOT_ALLOWED),
            Self::Type { .. } => Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::TooLarge { .. } => Some(StatusCode::PAYLOAD_TOO_LARGE),
            Self::Slow => Some(StatusCode::REQUEST_TIMEOUT),
            _ => None,
        }
    }
}

/// The HTTP status of a gRPC code (`google.rpc.Code`).
pub(crate) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
