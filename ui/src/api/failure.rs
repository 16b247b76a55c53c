//! What can go wrong with a call, by code and reason. Message texts of the server are never parsed.

use prost::Message;

use crate::browser;

/// What kind of failure it is: what a reader can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The browser has no network.
    Offline,
    /// The server did not answer.
    Unreachable,
    /// Nobody is signed in any more.
    SignedOut,
    /// Not allowed.
    Denied,
    /// Something in the request is wrong.
    Invalid,
    /// It is not there.
    Missing,
    /// Too much or too often.
    Exhausted,
    /// The server does not do it yet.
    Unsupported,
    /// The server failed.
    Broken,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// What kind of failure it is.
    pub(crate) kind: Kind,
    /// The machine-readable reason, as `EMAIL_TAKEN`; empty: none was given.
    pub(crate) reason: String,
    /// The fields at fault, each with what is wrong.
    pub(crate) fields: Vec<(String, String)>,
    /// After how many seconds to try again.
    pub(crate) retry_seconds: Option<i64>,
    /// What to tell whoever runs the server.
    pub(crate) trace: String,
}

impl Failure {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            reason: String::new(),
            fields: Vec::new(),
            retry_seconds: None,
            trace: String::new(),
        }
    }

    /// The server did not answer.
    pub(crate) fn unreachable() -> Self {
        Self::new(if browser::online() {
            Kind::Unreachable
        } else {
            Kind::Offline
        })
    }

    /// The server's answer lacks what it promised.
    pub(crate) fn incomplete() -> Self {
        Self::new(Kind::Broken)
    }

    /// An HTTP status that is not a success.
    pub(crate) fn http(status: u16) -> Self {
        Self::new(match status {
            401 => Kind::SignedOut,
            403 => Kind::Denied,
            502..=504 => Kind::Unreachable,
            _ => Kind::Broken,
        })
    }

    /// What is wrong with a field; by the end of its path.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let named = |path: &str| path.rsplit('.').next() == Some(name);
        self.fields
            .iter()
            .find(|(path, _)| named(path))
            .map(|(_, problem)| problem.as_str())
    }
}

impl Failure {
    /// A call that the server refused: its gRPC status code, and the status with its details.
    pub(crate) fn status(code: i32, details: &[u8]) -> Self {
        let mut failure = Self::new(match code {
            // Cancelled, deadline exceeded, aborted, unavailable.
            1 | 4 | 10 | 14 => Kind::Unreachable,
            // Invalid argument, already exists, failed precondition, out of range.
            3 | 6 | 9 | 11 => Kind::Invalid,
            5 => Kind::Missing,
            7 => Kind::Denied,
            8 => Kind::Exhausted,
            12 => Kind::Unsupported,
            16 => Kind::SignedOut,
            // Unknown, internal, data loss.
            _ => Kind::Broken,
        });
        for detail in &RpcStatus::decode(details).unwrap_or_default().details {
            failure.take(detail);
        }
        failure
    }

    fn take(&mut self, detail: &prost_types::Any) {
        let value = detail.value.as_slice();
        match detail.type_url.rsplit('.').next() {
            Some("ErrorInfo") => {
                let info = ErrorInfo::decode(value).unwrap_or_default();
                self.reason = info.reason;
                if let Some(trace) = info.metadata.into_iter().find(|entry| entry.key == "trace_id") {
                    self.trace = trace.value;
                }
            }
            Some("BadRequest") => {
                let request = BadRequest::decode(value).unwrap_or_default();
                self.fields.extend(
                    request
                        .field_violations
                        .into_iter()
                        .map(|field| (field.field, field.description)),
                );
            }
            Some("RetryInfo") => {
                let delay = RetryInfo::decode(value)
                    .unwrap_or_default()
                    .retry_delay
                    .unwrap_or_default();
                self.retry_seconds = Some(delay.seconds + i64::from(delay.nanos > 0));
            }
            Some("RequestInfo") => self.trace = RequestInfo::decode(value).unwrap_or_default().request_id,
            _ => {}
        }
    }
}

// The few messages of `google.rpc` that are read; tonic-types brings a transport along.

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<Entry>,
}

/// A map is a list of these.
#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    field_violations: Vec<FieldViolation>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldViolation {
    #[prost(string, tag = "1")]
    field: String,
    #[prost(string, tag = "2")]
    description: String,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}

#[derive(Clone, PartialEq, Message)]
struct RequestInfo {
    #[prost(string, tag = "1")]
    request_id: String,
}
