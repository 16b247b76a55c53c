//! The keys that sign tokens: made at first start, kept in the database, rotated with overlap.
//!
//! A new key is published at once and signs a little later, so that everyone knows it when its first token comes. An old
//! key stays published until no token that it signed can be good.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use tokio::sync::Mutex;
use voltaire_types::Timestamp;

use crate::{
    audit::{Kind, Origin},
    error::{Error, Result},
    store::Store,
    token::{self, Claims},
};

/// How long a retired key is published: the longest session, and an hour for clocks that differ.
pub(crate) const OVERLAP: Duration = Duration::from_hours(25);
/// How long a new key is published before it signs: longer than any cache of keys lives.
const PUBLISHED_BEFORE_USE: Duration = Duration::from_secs(15);
/// How old the keys in memory may be.
const FRESH: Duration = Duration::from_secs(3);

/// A key as the database has it. No `Debug`: it holds the private half.
pub(crate) struct StoredKey {
    pub(crate) kid: String,
    /// PKCS#8; none when the key only verifies.
    pub(crate) private: Option<Vec<u8>>,
    pub(crate) public: Vec<u8>,
    pub(crate) active_from: Timestamp,
    pub(crate) retired_at: Option<Timestamp>,
}

/// A key that is to be stored. No `Debug`: it holds the private half.
pub(crate) struct NewKey {
    pub(crate) kid: String,
    pub(crate) private: Vec<u8>,
    pub(crate) public: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) active_from: Timestamp,
}

impl NewKey {
    /// Makes a key that signs from that instant on.
    pub(crate) fn generate(now: Timestamp, active_from: Timestamp) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| Error::Crypto(error.to_string());
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|error| failed(&error))?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|error| failed(&error))?;
        let public = pair.public_key().as_ref().to_vec();
        let kid = thumbprint(&public);
        Ok(Self {
            kid,
            private: document.as_ref().to_vec(),
            public,
            created_at: now,
            active_from,
        })
    }
}

/// The RFC 7638 thumbprint of an Ed25519 key.
fn thumbprint(public: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    URL_SAFE_NO_PAD.encode(token::hash(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

/// Adds a key and retires those before it; gives its id.
pub(crate) async fn rotate(store: &Store, origin: Origin) -> Result<String> {
    let key = NewKey::generate(origin.now, origin.now.plus(PUBLISHED_BEFORE_USE))?;
    let kid = key.kid.clone();
    store.rotate_key(key, origin.event(Kind::KeysRotated, None)).await?;
    Ok(kid)
}

/// A published key.
pub(crate) struct Key {
    stored: StoredKey,
    encoding: Option<EncodingKey>,
}

impl Key {
    fn new(mut stored: StoredKey) -> Self {
        let encoding = stored.private.take().map(|der| EncodingKey::from_ed_der(&der));
        Self { stored, encoding }
    }

    /// Its id.
    pub(crate) fn kid(&self) -> &str {
        &self.stored.kid
    }

    /// Its public half, base64url.
    pub(crate) fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.stored.public)
    }

    /// A token that says this.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String> {
        let encoding = self
            .encoding
            .as_ref()
            .ok_or(Error::Corrupt("signing_keys.private_key"))?;
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(self.stored.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, encoding).map_err(|error| Error::Crypto(error.to_string()))
    }

    fn signs(&self, now: Timestamp) -> bool {
        self.encoding.is_some() && self.stored.active_from <= now && self.stored.retired_at.is_none_or(|end| now < end)
    }
}

/// The published keys, newest first.
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    /// The key that signs now.
    pub(crate) fn signer(&self, now: Timestamp) -> Result<&Key> {
        let usable = || self.0.iter().filter(|key| key.encoding.is_some());
        let chosen = usable().find(|key| key.signs(now));
        // A clock that was set back may leave no key in its time: then any that can sign.
        chosen
            .or_else(|| usable().next_back())
            .ok_or(Error::Corrupt("signing_keys"))
    }

    /// All keys, the one that signs now first.
    pub(crate) fn published(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        let signer = self.signer(now).map_or("", Key::kid);
        let (first, rest): (Vec<_>, Vec<_>) = self.0.iter().partition(|key| key.kid() == signer);
        first.into_iter().chain(rest)
    }
}

/// The keys of the database, a few seconds old at most.
pub(crate) struct KeyRing {
    store: Store,
    clock: voltaire_types::Clock,
    cache: Mutex<Option<(Timestamp, Arc<Keys>)>>,
}

impl KeyRing {
    /// Makes the first key where there is none.
    pub(crate) async fn open(store: Store, clock: voltaire_types::Clock) -> Result<Self> {
        let now = clock.now();
        store.add_first_key(NewKey::generate(now, now)?).await?;
        Ok(Self {
            store,
            clock,
            cache: Mutex::new(None),
        })
    }

    /// The published keys. While the database is away, those known before serve on.
    pub(crate) async fn current(&self) -> Result<Arc<Keys>> {
        let now = self.clock.now();
        let mut cache = self.cache.lock().await;
        if let Some((read_at, keys)) = &*cache
            && *read_at <= now
            && now.since(*read_at) < FRESH
        {
            return Ok(keys.clone());
        }
        match (self.store.published_keys(now).await, &*cache) {
            (Ok(stored), _) => {
                let keys = Arc::new(Keys(stored.into_iter().map(Key::new).collect()));
                *cache = Some((now, keys.clone()));
                Ok(keys)
            }
            (Err(error), Some((_, keys))) => {
                tracing::warn!(%error, "the signing keys cannot be read again");
                Ok(keys.clone())
            }
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_id_is_the_thumbprint_of_rfc_8037() {
        let public = URL_SAFE_NO_PAD
            .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
            .unwrap();
        assert_eq!(thumbprint(&public), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
