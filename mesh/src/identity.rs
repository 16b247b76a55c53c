//! Who calls: what a verified token says, put into every request by the identity layer.

use std::{fmt, str::FromStr};

use tonic::{Request, Status};
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::error::Refused;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sees and changes what is theirs.
    User,
    /// Also manages users.
    Admin,
    /// A service of the mesh acting for nobody.
    Service,
}

/// What an API token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Sending readings.
    Ingest,
    /// Reading everything of the user.
    Read,
    /// Reading through an assistant.
    Mcp,
}

macro_rules! words {
    ($name:ident: $($variant:ident = $word:literal),+) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}

words!(Role: User = "user", Admin = "admin", Service = "service");
words!(Scope: Ingest = "ingest", Read = "read", Mcp = "mcp");

/// A verified caller. For [`Role::Service`] the user id is the nil UUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whose token it is.
    pub user_id: UserId,
    /// What the user may do.
    pub role: Role,
    /// What an API token opens; none for a session token, which opens everything its role may do.
    pub scopes: Option<Vec<Scope>>,
    /// The token itself.
    pub token_id: TokenId,
    /// When the token expires, UTC.
    pub expires: Timestamp,
}

/// The verified caller of a request.
///
/// `UNAUTHENTICATED` (`TOKEN_MISSING`) on methods that are open to anyone.
pub fn caller<T>(request: &Request<T>) -> Result<Identity, Status> {
    request
        .extensions()
        .get::<Identity>()
        .cloned()
        .ok_or_else(|| Refused::token_missing().into())
}
