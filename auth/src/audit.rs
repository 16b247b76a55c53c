//! Security events: who did what to whom, from where. Never a secret, never a password that failed.

use std::net::IpAddr;

use voltaire_types::{EventId, Timestamp, UserId};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Register,
    Login,
    LoginFailed,
    Logout,
    UserUpdated,
    PasswordChanged,
    PasswordFailed,
    RoleChanged,
    UserDisabled,
    UserEnabled,
    UserDeleted,
    TokenCreated,
    TokenRevoked,
    InviteCreated,
    KeysRotated,
}

impl Kind {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::Logout => "logout",
            Self::UserUpdated => "user_updated",
            Self::PasswordChanged => "password_changed",
            Self::PasswordFailed => "password_failed",
            Self::RoleChanged => "role_changed",
            Self::UserDisabled => "user_disabled",
            Self::UserEnabled => "user_enabled",
            Self::UserDeleted => "user_deleted",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
            Self::InviteCreated => "invite_created",
            Self::KeysRotated => "keys_rotated",
        }
    }
}

/// When and from where a request comes, and who is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) now: Timestamp,
    pub(crate) address: Option<IpAddr>,
    pub(crate) actor: Option<UserId>,
}

impl Origin {
    /// That this happened to that user.
    pub(crate) fn event(&self, kind: Kind, subject: Option<UserId>) -> Event {
        Event {
            id: EventId::new(),
            at: self.now,
            kind: kind.word().to_owned(),
            actor_id: self.actor,
            subject_id: subject,
            address: self.address.map(|it| it.to_canonical().to_string()),
        }
    }
}

/// One security event.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Event {
    pub(crate) id: EventId,
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) actor_id: Option<UserId>,
    pub(crate) subject_id: Option<UserId>,
    pub(crate) address: Option<String>,
}

/// Where a page of events begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    pub(crate) at: Timestamp,
    pub(crate) id: EventId,
}
