//! The one place that makes a [`Status`]: a code, a machine-readable reason and `google.rpc` details.
//!
//! A caller reads `ErrorInfo.reason`, `BadRequest.field_violations` and `RetryInfo`, never message text. Causes inside the
//! server are logged here, once, and leave as "internal error".

use std::{collections::HashMap, error::Error, str::FromStr, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// An error that can be told to a caller.
pub trait Refusal: Error + Sized {
    /// Whose words the reasons are: `voltaire.auth`, `voltaire.telemetry`, `voltaire.chat`, `voltaire.gateway`.
    const DOMAIN: &'static str;

    /// The gRPC code and the reason, in `UPPER_SNAKE_CASE`.
    fn kind(&self) -> (Code, &'static str);

    /// More details: field violations, waiting time.
    fn details(&self, _details: &mut ErrorDetails) {}

    /// The status: with this message, or "internal error" and a log line where the cause is inside the server.
    fn into_status(self) -> Status {
        let (code, reason) = self.kind();
        let mut details = ErrorDetails::new();
        details.set_error_info(reason, Self::DOMAIN, HashMap::<String, String>::new());
        self.details(&mut details);
        let message = match code {
            Code::Internal | Code::Unknown | Code::DataLoss => {
                tracing::error!(error = chain(&self), reason, "internal error");
                "internal error".to_owned()
            }
            Code::Unavailable => {
                tracing::warn!(error = chain(&self), reason, "unavailable");
                if details.retry_info().is_none() {
                    details.set_retry_info(Some(Duration::from_secs(1)));
                }
                "unavailable: try again shortly".to_owned()
            }
            _ => self.to_string(),
        };
        Status::with_error_details(code, message, details)
    }
}

/// Implements `From<$error> for tonic::Status` by its [`Refusal`], so that `?` works in adapters.
#[macro_export]
macro_rules! refusal_to_status {
    ($error:ty) => {
        impl From<$error> for tonic::Status {
            fn from(error: $error) -> Self {
                $crate::error::Refusal::into_status(error)
            }
        }
    };
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// How a failed statement is told: `Unavailable` where the database cannot be reached or is busy, else `Internal`.
pub fn database_kind(error: &sqlx::Error) -> (Code, &'static str) {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed => (Code::Unavailable, "DATABASE_UNAVAILABLE"),
        // SQLite: busy, locked, full. PostgreSQL: connection exceptions, insufficient resources, shutdown, timeouts.
        sqlx::Error::Database(cause) => match cause.code().as_deref() {
            Some("13" | "53100") => (Code::ResourceExhausted, "STORAGE_FULL"),
            Some("5" | "6" | "261" | "517" | "57014" | "57P01" | "57P02" | "57P03" | "55P03" | "40001" | "40P01") => {
                (Code::Unavailable, "DATABASE_UNAVAILABLE")
            }
            Some(code) if code.starts_with("08") || code.starts_with("53") => {
                (Code::Unavailable, "DATABASE_UNAVAILABLE")
            }
            _ => (Code::Internal, "INTERNAL"),
        },
        _ => (Code::Internal, "INTERNAL"),
    }
}

/// A field that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// The field's path, as `device.name` or `readings[3].timestamp`.
    pub field: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

impl Invalid {
    /// The field at this path is wrong in this way.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// Adds itself to the details as a field violation.
    pub fn describe(&self, details: &mut ErrorDetails) {
        details.add_bad_request_violation(self.field.clone(), self.problem.clone());
    }
}

impl Refusal for Invalid {
    const DOMAIN: &'static str = "voltaire";

    fn kind(&self) -> (Code, &'static str) {
        (Code::InvalidArgument, "INVALID_FIELD")
    }

    fn details(&self, details: &mut ErrorDetails) {
        self.describe(details);
    }
}
refusal_to_status!(Invalid);

/// Reads a value from a field's text, such as an id.
pub fn parse<T: FromStr>(field: &str, text: &str) -> Result<T, Invalid> {
    let problem = if text.is_empty() {
        "must be set".to_owned()
    } else {
        format!("not a valid {}", short_name::<T>())
    };
    text.parse().map_err(|_| Invalid::new(field, problem))
}

fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.rsplit("::").next().unwrap_or(name);
    if name.ends_with("Id") { "UUID" } else { name }
}

/// Refusals of the mesh itself, before a service is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    code: Code,
    reason: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

impl Refused {
    /// A refusal with a code, a reason in `UPPER_SNAKE_CASE` and a sentence that says what to do.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            retry_after: None,
        }
    }

    /// The same, with the time after which trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// There is no token where one is needed.
    pub fn token_missing() -> Self {
        Self::new(
            Code::Unauthenticated,
            "TOKEN_MISSING",
            "sign in: send `authorization: Bearer TOKEN`",
        )
    }
}

impl Refusal for Refused {
    const DOMAIN: &'static str = "voltaire.mesh";

    fn kind(&self) -> (Code, &'static str) {
        (self.code, self.reason)
    }

    fn details(&self, details: &mut ErrorDetails) {
        if let Some(wait) = self.retry_after {
            details.set_retry_info(Some(wait));
        }
    }
}
refusal_to_status!(Refused);

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::StatusExt;

    #[derive(Debug, thiserror::Error)]
    #[error("disk /dev/secret is broken")]
    struct Broken;

    impl Refusal for Broken {
        const DOMAIN: &'static str = "test";

        fn kind(&self) -> (Code, &'static str) {
            (Code::Internal, "BROKEN")
        }
    }

    #[test]
    fn an_internal_cause_is_not_told() {
        let status = Broken.into_status();
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
        assert_eq!(
            status.get_error_details().error_info().map(|info| info.reason.clone()),
            Some("BROKEN".into())
        );
    }

    #[test]
    fn a_bad_field_is_named() {
        let status: Status = parse::<voltaire_types::DeviceId>("device_id", "x").unwrap_err().into();
        let details = status.get_error_details();
        let violation = &details.bad_request().unwrap().field_violations[0];
        assert_eq!(
            (violation.field.as_str(), violation.description.as_str()),
            ("device_id", "not a valid UUID")
        );
    }
}
