//! Tokens of services acting for nobody: short-lived, signed with the secret that only services of the mesh hold.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use uuid::Uuid;
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::{
    error::Refused,
    identity::{Identity, Role},
    jwt::{SERVICE_AUDIENCE, SERVICE_LIFE, ServiceClaims, Unverified},
};

/// The mesh's shared secret, ready to sign and to verify.
#[derive(Clone)]
pub(crate) struct ServiceKey {
    sign: EncodingKey,
    verify: DecodingKey,
}

impl ServiceKey {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self {
            sign: EncodingKey::from_secret(secret),
            verify: DecodingKey::from_secret(secret),
        }
    }

    /// A token of a service, good for a minute.
    pub(crate) fn token(&self, service: &str, now: Timestamp) -> String {
        let (now, _) = now.parts();
        let claims = ServiceClaims {
            aud: SERVICE_AUDIENCE.to_owned(),
            sub: service.to_owned(),
            iat: now,
            exp: now + SERVICE_LIFE,
        };
        let claims = serde_json::to_vec(&claims).expect("plain claims are JSON");
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"svc+jwt"}"#);
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.sign, Algorithm::HS256)
            .expect("a secret of any length signs");
        format!("{message}.{signature}")
    }

    /// The service that calls, by name.
    pub(crate) fn verify(&self, token: &Unverified<'_>, now: Timestamp) -> Result<(String, Identity), Refused> {
        let claims = token.service(&self.verify, now)?;
        tracing::Span::current().record("peer.service", &claims.sub);
        let identity = Identity {
            user_id: UserId::from_uuid(Uuid::nil()),
            role: Role::Service,
            scopes: None,
            token_id: TokenId::from_uuid(Uuid::nil()),
            expires: Timestamp::from_parts(claims.exp, 0).unwrap_or(now),
        };
        Ok((claims.sub, identity))
    }
}
