//! An account.

use voltaire_mesh::Role;
use voltaire_types::{Timestamp, UserId};

use crate::email::Email;

/// An account without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) name: String,
    /// As its owner writes it.
    pub(crate) email: String,
    pub(crate) role: Role,
    pub(crate) disabled: bool,
    /// Session tokens with a lower `tv` are refused.
    pub(crate) token_version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// An account and the hash of its password.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) user: User,
    pub(crate) hash: String,
}

/// Somebody who wants to have an account.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) email: Email,
    /// Of the password.
    pub(crate) hash: String,
}

/// What a user changes; none stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<Email>,
}

/// Where a page of users begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    pub(crate) at: Timestamp,
    pub(crate) id: UserId,
}
