//! Signs tokens as `auth` does.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData};
use serde_json::{Value, json};
use voltaire_proto::auth::v1::Jwk;
use voltaire_types::Timestamp;

use crate::{Identity, jwt::ISSUER};

/// A key that signs tokens, made anew for each test.
pub struct Signer {
    key_id: String,
    key: KeyPair,
}

impl Signer {
    /// A new key with this id.
    ///
    /// # Panics
    /// Where the test cannot be set up.
    pub fn new(key_id: &str) -> Self {
        Self {
            key_id: key_id.to_owned(),
            key: KeyPair::generate_for(&PKCS_ED25519).expect("a key can be made"),
        }
    }

    /// Its id, the `kid` of its tokens.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The key that verifies its tokens.
    ///
    /// # Panics
    /// Where the test cannot be set up.
    pub fn verifying_key(&self) -> DecodingKey {
        DecodingKey::from_ed_components(&self.jwk().x).expect("the key is base64url")
    }

    /// The key that verifies its tokens, as `GetJwks` tells it.
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: URL_SAFE_NO_PAD.encode(self.key.der_bytes()),
            kid: self.key_id.clone(),
            r#use: "sig".into(),
            alg: "EdDSA".into(),
        }
    }

    /// A token with the usual header and these claims.
    pub fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": self.key_id });
        self.sign(&header.to_string(), claims.to_string().as_bytes())
    }

    /// A token with any header and payload, signed all the same.
    pub fn sign(&self, header: &str, payload: &[u8]) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        self.sign_message(&message)
    }

    /// Signs two segments as they are.
    ///
    /// # Panics
    /// Where the test cannot be set up.
    pub fn sign_message(&self, message: &str) -> String {
        let key = EncodingKey::from_ed_der(&self.key.serialize_der());
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("an Ed25519 key signs");
        format!("{message}.{signature}")
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.key_id)
    }
}

/// What a token of this identity says that is issued now; a session token has version 1.
pub fn claims(identity: &Identity, now: Timestamp) -> Value {
    let (now, _) = now.parts();
    let mut claims = json!({
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": identity.user_id,
        "jti": identity.token_id,
        // A token may be made of an identity whose time is over.
        "iat": now.min(identity.expires.parts().0 - 1),
        "nbf": now.min(identity.expires.parts().0 - 1),
        "exp": identity.expires.parts().0,
        "role": identity.role.to_string(),
    });
    match &identity.scopes {
        Some(scopes) => {
            let words: Vec<_> = scopes.iter().map(ToString::to_string).collect();
            claims["scope"] = words.join(" ").into();
        }
        None => claims["tv"] = 1.into(),
    }
    claims
}
