//! The public keys that verify users' tokens: fetched from `auth`, kept by id, fetched again for an unknown id.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jsonwebtoken::DecodingKey;
use parking_lot::RwLock;
use tokio::time::Instant;
use tonic::Code;
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};

use crate::{
    error::Refused,
    jwt,
    peer::{self, PeerChannel},
};

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
    auth: PeerChannel,
    known: RwLock<Arc<Known>>,
    /// When the known ones were last told, and for how long they are believed without being told again.
    told: RwLock<Option<Instant>>,
    believed: Duration,
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
    pub(crate) fn new(auth: PeerChannel, believed: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                auth,
                known: RwLock::default(),
                told: RwLock::default(),
                believed,
                #[cfg(feature = "test")]
                own: RwLock::default(),
                last: tokio::sync::Mutex::new(Last::Never),
            }),
        }
    }

    /// The key of this id. `UNAVAILABLE` (`KEYS_UNAVAILABLE`) while nobody can tell whether there is one.
    pub(crate) async fn key(&self, kid: &str) -> Result<DecodingKey, Refused> {
        if let Some(key) = self.believed(kid) {
            return Ok(key);
        }
        let mut last = self.inner.last.lock().await;
        if let Some(key) = self.believed(kid) {
            return Ok(key);
        }
        match *last {
            Last::Good(at) if at.elapsed() < PATIENCE => {}
            Last::Failed(at) if at.elapsed() < RETRY => return Err(unavailable()),
            _ => *last = self.fetch().await,
        }
        match *last {
            Last::Good(_) => self.known(kid).ok_or_else(jwt::invalid),
            _ => Err(unavailable()),
        }
    }

    /// Whether the known keys have been told lately enough to be believed.
    pub(crate) fn are_believed(&self) -> bool {
        self.age().is_none_or(|age| age < self.inner.believed)
    }

    /// How long ago the keys were told.
    fn age(&self) -> Option<Duration> {
        self.inner.told.read().map(|it| it.elapsed())
    }

    fn believed(&self, kid: &str) -> Option<DecodingKey> {
        self.known(kid).filter(|_| self.are_believed())
    }

    /// Fetches the keys where they are old: what a background task does now and then.
    pub(crate) async fn refresh(&self) {
        let mut last = self.inner.last.lock().await;
        if !matches!(*last, Last::Good(at) if at.elapsed() < FRESH) {
            *last = self.fetch().await;
        }
        if let Some(age) = self.age() {
            metrics::gauge!("voltaire_keys_age_seconds").set(age.as_secs_f64());
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
                *self.inner.told.write() = Some(Instant::now());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;

    const DAY: Duration = Duration::from_hours(24);

    #[tokio::test(start_paused = true)]
    async fn keys_that_cannot_be_told_again_are_believed_for_a_day_and_no_longer() {
        // Nobody serves auth.
        let (channels, _incoming) = peer::in_memory("auth");
        let keys = Keys::new(channels.calls, DAY);
        let told = || {
            let key = DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
            *keys.inner.known.write() = Arc::new(Known::from([("old".to_owned(), key)]));
            *keys.inner.told.write() = Some(Instant::now());
        };
        told();
        tokio::time::advance(DAY / 2).await;
        keys.refresh().await;
        assert!(keys.key("old").await.is_ok(), "auth may be away for hours");
        tokio::time::advance(DAY / 2).await;
        assert!(!keys.are_believed());
        let refused = keys.key("old").await.unwrap_err();
        assert_eq!(refused.kind(), (Code::Unavailable, "KEYS_UNAVAILABLE"));
        told();
        assert!(keys.key("old").await.is_ok(), "and again when they are told");
    }
}
