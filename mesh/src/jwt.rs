//! What a token says, read strictly: RFC 8725, and everything that libraries let pass.
//!
//! Nothing here is believed before the signature is checked; [`Unverified`] only finds the key to check it with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tonic::Code;
use uuid::Uuid;
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::{
    error::Refused,
    identity::{Identity, Role, Scope},
};

/// The longest token that is looked at, bytes.
pub(crate) const MAX_LENGTH: usize = 4096;
/// How far clocks may be apart, s.
pub(crate) const LEEWAY: i64 = 5;
/// The longest life of an API token, s.
const API_TOKEN_LIFE: i64 = 366 * 24 * 3600;
/// The issuer and the audience of users' tokens.
pub(crate) const ISSUER: &str = "voltaire";

/// The refusal of a token that is not one of ours. It says nothing of what is wrong with it.
pub(crate) fn invalid() -> Refused {
    Refused::new(
        Code::Unauthenticated,
        "TOKEN_INVALID",
        "the token is not valid here: sign in again",
    )
}

/// The refusal of a token whose time is over.
pub(crate) fn expired() -> Refused {
    Refused::new(
        Code::Unauthenticated,
        "TOKEN_EXPIRED",
        "the token has expired: sign in again",
    )
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user's: `EdDSA`, `at+jwt`.
    User,
    /// A service's: HS256, `svc+jwt`.
    Service,
}

/// The only header fields there may be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: Option<String>,
}

/// A token whose form is right and whose signature is not checked yet.
pub(crate) struct Unverified<'a> {
    pub(crate) kind: Kind,
    /// The key's id; empty for a service's token.
    pub(crate) key: String,
    message: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
}

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_LENGTH {
            return Err(invalid());
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(invalid)?;
        let (header, payload) = message.split_once('.').ok_or_else(invalid)?;
        if signature.is_empty() || payload.contains('.') {
            return Err(invalid());
        }
        decode(signature)?;
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| invalid())?;
        let (kind, key) = match (header.alg.as_str(), header.typ.as_str(), header.kid) {
            ("EdDSA", "at+jwt", Some(kid)) if is_key_id(&kid) => (Kind::User, kid),
            ("HS256", "svc+jwt", None) => (Kind::Service, String::new()),
            _ => return Err(invalid()),
        };
        Ok(Self {
            kind,
            key,
            message,
            payload: decode(payload)?,
            signature,
        })
    }

    /// The payload, once the signature is found good.
    fn verify(&self, key: &DecodingKey) -> Result<&[u8], Refused> {
        let algorithm = match self.kind {
            Kind::User => Algorithm::EdDSA,
            Kind::Service => Algorithm::HS256,
        };
        match jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, algorithm) {
            Ok(true) => Ok(&self.payload),
            Ok(false) | Err(_) => Err(invalid()),
        }
    }

    /// The claims of a user's token with a good signature, whose form and times are right.
    pub(crate) fn user(&self, key: &DecodingKey, check: &Check) -> Result<Verified, Refused> {
        if self.kind != Kind::User {
            return Err(invalid());
        }
        let claims: UserClaims = serde_json::from_slice(self.verify(key)?).map_err(|_| invalid())?;
        claims.check(check)
    }

    /// The name of the service whose token it is, with a good signature and right times.
    pub(crate) fn service(&self, key: &DecodingKey, now: Timestamp) -> Result<ServiceClaims, Refused> {
        if self.kind != Kind::Service {
            return Err(invalid());
        }
        let claims: ServiceClaims = serde_json::from_slice(self.verify(key)?).map_err(|_| invalid())?;
        times(claims.iat, claims.iat, claims.exp, now)?;
        if claims.aud != SERVICE_AUDIENCE || claims.exp - claims.iat > SERVICE_LIFE {
            return Err(invalid());
        }
        Ok(claims)
    }
}

/// Canonical base64url without padding, or nothing.
fn decode(part: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid())
}

/// `[A-Za-z0-9_-]{1,64}`.
pub(crate) fn is_key_id(kid: &str) -> bool {
    (1..=64).contains(&kid.len())
        && kid
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-')
}

/// What a token is measured by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) now: Timestamp,
    /// The longest life of a session token, s.
    pub(crate) session_life: i64,
}

/// A token with a good signature, within its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) identity: Identity,
    /// The version of the user's sessions that it was made under; none for an API token.
    pub(crate) version: Option<u64>,
}

/// All that a user's token may say: what nobody here understands is not believed in part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserClaims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    role: String,
    tv: Option<u64>,
    scope: Option<String>,
}

impl UserClaims {
    fn check(self, check: &Check) -> Result<Verified, Refused> {
        let user_id = UserId::from_uuid(canonical_uuid(&self.sub)?);
        let token_id = TokenId::from_uuid(canonical_uuid(&self.jti)?);
        let role = match self.role.as_str() {
            "user" => Role::User,
            "admin" => Role::Admin,
            _ => return Err(invalid()),
        };
        let scopes = self.scope.as_deref().map(scopes).transpose()?;
        let life = if scopes.is_some() {
            API_TOKEN_LIFE
        } else {
            check.session_life
        };
        let kind_is_right = match &scopes {
            Some(_) => role == Role::User,
            None => self.tv.is_some(),
        };
        let too_long = self.exp.checked_sub(self.iat).is_none_or(|it| it > life);
        if self.iss != ISSUER || self.aud != ISSUER || !kind_is_right || too_long {
            return Err(invalid());
        }
        times(self.iat, self.nbf, self.exp, check.now)?;
        Ok(Verified {
            version: if scopes.is_some() { None } else { self.tv },
            identity: Identity {
                user_id,
                role,
                scopes,
                token_id,
                expires: Timestamp::from_parts(self.exp, 0).map_err(|_| invalid())?,
            },
        })
    }
}

fn times(issued: i64, not_before: i64, expires: i64, now: Timestamp) -> Result<(), Refused> {
    let (now, _) = now.parts();
    let later = now.saturating_add(LEEWAY);
    if issued > later || not_before > later || expires <= issued {
        return Err(invalid());
    }
    if expires.saturating_add(LEEWAY) <= now {
        return Err(expired());
    }
    Ok(())
}

/// A UUID in its one usual form, and not the nil UUID.
fn canonical_uuid(text: &str) -> Result<Uuid, Refused> {
    let uuid = Uuid::parse_str(text).map_err(|_| invalid())?;
    if uuid.is_nil() || uuid.hyphenated().to_string() != text {
        return Err(invalid());
    }
    Ok(uuid)
}

fn scopes(words: &str) -> Result<Vec<Scope>, Refused> {
    let mut scopes = Vec::new();
    for word in words.split(' ') {
        let scope = word.parse().map_err(|()| invalid())?;
        if scopes.contains(&scope) {
            return Err(invalid());
        }
        scopes.push(scope);
    }
    Ok(scopes)
}

/// The audience of services' tokens.
pub(crate) const SERVICE_AUDIENCE: &str = "voltaire-mesh";
/// The life of a service's token, s.
pub(crate) const SERVICE_LIFE: i64 = 60;

/// What a service's token says.
#[derive(Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceClaims {
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}
