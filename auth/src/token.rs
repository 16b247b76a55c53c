//! What a token says: the claims of a session and of an API token.

use std::time::Duration;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use voltaire_types::{Timestamp, TokenId};

use crate::{
    api_token::{ApiToken, scopes_text},
    user::User,
};

/// Who makes tokens, and for whom.
const VOLTAIRE: &str = "voltaire";

/// The claims of a token (RFC 9068); times are seconds since 1970.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// The version of the user's sessions; API tokens have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    tv: Option<i64>,
    role: String,
    /// What an API token opens; session tokens have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

impl Claims {
    /// Of a new session of the user that starts now; also gives when it ends.
    pub(crate) fn of_session(user: &User, now: Timestamp, lifetime: Duration) -> (Self, Timestamp) {
        let now = whole_seconds(now);
        let expires = now.plus(lifetime);
        let claims = Self {
            iss: VOLTAIRE.to_owned(),
            aud: VOLTAIRE.to_owned(),
            sub: user.id.to_string(),
            jti: TokenId::new().to_string(),
            iat: now.parts().0,
            nbf: now.parts().0,
            exp: expires.parts().0,
            tv: Some(user.token_version),
            role: user.role.to_string(),
            scope: None,
        };
        (claims, expires)
    }

    /// Of an API token made now. Its role is always `user`.
    pub(crate) fn of_api_token(token: &ApiToken, now: Timestamp) -> Self {
        Self {
            iss: VOLTAIRE.to_owned(),
            aud: VOLTAIRE.to_owned(),
            sub: token.user.to_string(),
            jti: token.id.to_string(),
            iat: now.parts().0,
            nbf: now.parts().0,
            exp: token.expires_at.parts().0,
            tv: None,
            role: "user".to_owned(),
            scope: Some(scopes_text(&token.scopes)),
        }
    }
}

/// The instant cut to the second, as tokens have it.
pub(crate) fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_parts(at.parts().0, 0).unwrap_or(at)
}

/// SHA-256 of a secret that is too long to be guessed.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}
