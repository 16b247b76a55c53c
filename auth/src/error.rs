//! What can go wrong, in the words of this service, and how it is told.

use std::time::Duration;

use tonic::Code;
use tonic_types::ErrorDetails;
use voltaire_mesh::{Invalid, Refusal, error::database_kind, refusal_to_status};

use crate::password::Flaw;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("{field}: {flaw}")]
    Password { field: &'static str, flaw: Flaw },
    #[error("there is an account with this e-mail already: sign in instead")]
    EmailTaken,
    #[error("this server takes no registrations")]
    RegistrationClosed,
    #[error("this server takes registrations by invitation: enter the code of yours")]
    InviteRequired,
    #[error("this invitation is used up, too old or for somebody else: ask for a new one")]
    InviteInvalid,
    #[error("e-mail or password is wrong")]
    BadCredentials,
    #[error("this account is gone or disabled")]
    Gone,
    #[error("the last administrator cannot go: make somebody else one first")]
    LastAdmin,
    #[error("there is no such user")]
    NoUser,
    #[error("there is no such token")]
    NoToken,
    #[error("there are {0} tokens already: revoke one that is not needed")]
    TooManyTokens(i64),
    #[error("too many attempts: wait {} s", .0.as_secs_f64().ceil())]
    TooManyAttempts(Duration),
    #[error("too many are signing in at this moment: try again in a second")]
    Busy,
    #[error("the database failed")]
    Store(#[from] sqlx::Error),
    #[error("a stored value cannot be read: {0}")]
    Corrupt(&'static str),
    #[error("cryptography failed: {0}")]
    Crypto(String),
}

impl Refusal for Error {
    const DOMAIN: &'static str = "voltaire.auth";

    fn kind(&self) -> (Code, &'static str) {
        match self {
            Self::Invalid(invalid) => invalid.kind(),
            Self::Password { flaw, .. } => (Code::InvalidArgument, flaw.reason()),
            Self::EmailTaken => (Code::AlreadyExists, "EMAIL_TAKEN"),
            Self::RegistrationClosed => (Code::PermissionDenied, "REGISTRATION_CLOSED"),
            Self::InviteRequired => (Code::PermissionDenied, "INVITE_REQUIRED"),
            Self::InviteInvalid => (Code::PermissionDenied, "INVITE_INVALID"),
            Self::BadCredentials => (Code::Unauthenticated, "BAD_CREDENTIALS"),
            Self::Gone => (Code::Unauthenticated, "TOKEN_REVOKED"),
            Self::LastAdmin => (Code::FailedPrecondition, "LAST_ADMIN"),
            Self::NoUser => (Code::NotFound, "NO_USER"),
            Self::NoToken => (Code::NotFound, "NO_TOKEN"),
            Self::TooManyTokens(_) => (Code::FailedPrecondition, "TOO_MANY_TOKENS"),
            Self::TooManyAttempts(_) => (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS"),
            Self::Busy => (Code::ResourceExhausted, "BUSY"),
            Self::Store(error) => database_kind(error),
            Self::Corrupt(_) | Self::Crypto(_) => (Code::Internal, "INTERNAL"),
        }
    }

    fn details(&self, details: &mut ErrorDetails) {
        match self {
            Self::Invalid(invalid) => invalid.describe(details),
            Self::Password { field, flaw } => {
                details.add_bad_request_violation(*field, flaw.to_string());
            }
            Self::TooManyAttempts(wait) => {
                details.set_retry_info(Some(*wait));
            }
            Self::Busy => {
                details.set_retry_info(Some(Duration::from_secs(1)));
            }
            Self::EmailTaken
            | Self::RegistrationClosed
            | Self::InviteRequired
            | Self::InviteInvalid
            | Self::BadCredentials
            | Self::Gone
            | Self::LastAdmin
            | Self::NoUser
            | Self::NoToken
            | Self::TooManyTokens(_)
            | Self::Store(_)
            | Self::Corrupt(_)
            | Self::Crypto(_) => {}
        }
    }
}
refusal_to_status!(Error);
