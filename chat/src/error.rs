//! What can go wrong, in the words of this service, and how it is told.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use voltaire_mesh::{Invalid, Refusal, error::database_kind};

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("there is no such session")]
    NoSession,
    #[error("there is no such answer")]
    NoMessage,
    #[error("telemetry did not answer")]
    Telemetry(#[source] Box<Status>),
    #[error("telemetry answered what cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("the database failed")]
    Store(#[from] sqlx::Error),
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Telemetry(Box::new(status))
    }
}

impl Refusal for Error {
    const DOMAIN: &'static str = "voltaire.chat";

    fn kind(&self) -> (Code, &'static str) {
        match self {
            Self::Invalid(invalid) => invalid.kind(),
            Self::NoSession => (Code::NotFound, "NO_SESSION"),
            Self::NoMessage => (Code::NotFound, "NO_MESSAGE"),
            Self::Telemetry(status) => match status.code() {
                Code::Unavailable | Code::ResourceExhausted | Code::Aborted => {
                    (Code::Unavailable, "TELEMETRY_UNAVAILABLE")
                }
                Code::DeadlineExceeded | Code::Cancelled => (Code::DeadlineExceeded, "TELEMETRY_TOO_SLOW"),
                _ => (Code::Internal, "TELEMETRY"),
            },
            Self::Unreadable(_) => (Code::Internal, "TELEMETRY"),
            Self::Store(error) => database_kind(error),
        }
    }

    fn details(&self, details: &mut ErrorDetails) {
        if let Self::Invalid(invalid) = self {
            invalid.describe(details);
        }
    }
}

impl Error {
    /// Whether the request is wrong, so that nothing here has failed.
    pub(crate) fn is_askers_fault(&self) -> bool {
        match self {
            Self::Invalid(_) | Self::NoSession | Self::NoMessage => true,
            Self::Telemetry(status) => passed_on(status),
            Self::Unreadable(_) | Self::Store(_) => false,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        // What telemetry refuses the user, as another user's home, is told in its own words.
        match error {
            Error::Telemetry(status) if passed_on(&status) => *status,
            error => error.into_status(),
        }
    }
}

fn passed_on(status: &Status) -> bool {
    let told = [
        Code::NotFound,
        Code::Unauthenticated,
        Code::PermissionDenied,
        Code::InvalidArgument,
    ];
    told.contains(&status.code()) && status.get_error_details().error_info().is_some()
}
