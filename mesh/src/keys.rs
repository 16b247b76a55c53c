//! The public keys that verify users' tokens: fetched from `auth`, kept by id, fetched again for an unknown id.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jsonwebtoken::DecodingKey;
use parking_lot::RwLock;
use tokio::time::Instant;
use tonic::{Code, transport::Channel};
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};

use crate::{error::Refused, jwt, peer};

/// An unknown id asks again at most so often.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a failure it is tried again after so long.
const RETRY: Duration = Duration::from_millis(500);
/// Keys this old are fetched again, so that a retired one is forgotten.
const FRESH: Duration = Duration::from_mins(5);
const TIMEOUT: Duration = Duration::from_secs(2);

type Known = HashMap<String, DecodingKey>;

/// The keys, shared by clones.
#[derive(Clone)]
pub(crate) struct Keys {
    inner: Arc<Inner>,
}

struct Inner {
    auth: Channel,
    known: RwLock<Arc<Known>>,
    /// Keys that a test signs with.
    #[cfg(feature = "test")]
    own: RwLock<Known>,
    /// Held while fetching, so that one fetch serves all who wait.
    last: tokio::sync::Mutex<Last>,
}

#[derive(Clone, Copy)]
enum Last {
    Never,
    Good(Instant),
    Failed(Instant),
}

impl Keys {
    pub(crate) fn new(auth: Channel) -> Self {
        Self {
            inner: Arc::new(Inner {
                auth,
                known: RwLock::default(),
                #[cfg(feature = "test")]
                own: RwLock::default(),
                last: tokio::sync::Mutex::new(Last::Never),
            }),
        }
    }

    /// The key of this id. `UNAVAILABLE` (`KEYS_UNAVAILABLE`) while nobody can tell whether there is one.
    pub(crate) async fn key(&self, kid: &str) -> Result<DecodingKey, Refused> {
        if let Some(key) = self.known(kid) {
            return Ok(key);
        }
        let mut last = self.inner.last.lock().await;
        if let Some(key) = self.known(kid) {
            return Ok(key);
        }
        match *last {
            Last::Good(at) if at.elapsed() < PATIENCE => return Err(jwt::invalid()),
            Last::Failed(at) if at.elapsed() < RETRY => return Err(unavailable()),
            _ => *last = self.fetch().await,
        }
        match (self.known(kid), *last) {
            (Some(key), _) => Ok(key),
            (None, Last::Good(_)) => Err(jwt::invalid()),
            (None, _) => Err(unavailable()),
        }
    }

    /// Fetches the keys where they are old: what a background task does now and then.
    pub(crate) async fn refresh(&self) {
        let mut last = self.inner.last.lock().await;
        if !matches!(*last, Last::Good(at) if at.elapsed() < FRESH) {
            *last = self.fetch().await;
        }
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        #[cfg(feature = "test")]
        if let Some(key) = self.inner.own.read().get(kid) {
            return Some(key.clone());
        }
        self.inner.known.read().get(kid).cloned()
    }

    /// Which keys are known: another value after every change.
    pub(crate) fn generation(&self) -> usize {
        Arc::as_ptr(&self.inner.known.read()) as usize
    }

    /// Adds a key that no other process knows.
    #[cfg(feature = "test")]
    pub(crate) fn add(&self, kid: &str, key: DecodingKey) {
        self.inner.own.write().insert(kid.to_owned(), key);
    }

    async fn fetch(&self) -> Last {
        let client = AuthServiceClient::new(self.inner.auth.clone());
        let mut request = tonic::Request::new(pb::GetJwksRequest {});
        request.set_timeout(TIMEOUT);
        let answer = tokio::time::timeout(TIMEOUT, async move { client.clone().get_jwks(request).await }).await;
        match answer {
            Ok(Ok(answer)) => {
                let keys = answer.into_inner().keys.iter().filter_map(parse).collect::<Known>();
                let mut known = self.inner.known.write();
                let same = keys.len() == known.len() && keys.keys().all(|kid| known.contains_key(kid));
                if !same {
                    *known = Arc::new(keys);
                }
                Last::Good(Instant::now())
            }
            Ok(Err(status)) => {
                tracing::warn!(error = %peer::deadline(status), "cannot fetch the keys of tokens");
                Last::Failed(Instant::now())
            }
            Err(_) => {
                tracing::warn!("auth does not answer: no keys of tokens");
                Last::Failed(Instant::now())
            }
        }
    }
}

fn parse(jwk: &pb::Jwk) -> Option<(String, DecodingKey)> {
    let right = jwk.kty == "OKP" && jwk.crv == "Ed25519" && jwk.alg == "EdDSA" && jwk.r#use == "sig";
    if !right || !jwt::is_key_id(&jwk.kid) {
        return None;
    }
    Some((jwk.kid.clone(), DecodingKey::from_ed_components(&jwk.x).ok()?))
}

fn unavailable() -> Refused {
    Refused::new(
        Code::Unavailable,
        "KEYS_UNAVAILABLE",
        "sign-in is not available for the moment",
    )
}
