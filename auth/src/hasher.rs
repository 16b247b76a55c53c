//! Hashes passwords with argon2id, off the reactor: as many at once as there are cores, a bounded queue behind them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::PasswordCost,
    error::{Error, Result},
    password::Password,
};

/// How many may wait for a core.
const QUEUE: usize = 32;

/// Makes and checks hashes of passwords.
pub(crate) struct Hasher {
    params: Params,
    cores: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// The hash of a password that nobody has, for users who do not exist.
    nobody: String,
}

impl Hasher {
    /// A hasher of this cost.
    pub(crate) fn new(cost: PasswordCost) -> Result<Self> {
        let params = Params::new(cost.memory, cost.passes, cost.lanes, None).map_err(failed)?;
        let nobody = hash(params.clone(), &rand::random::<[u8; 32]>())?;
        let cores = available_parallelism().map_or(1, usize::from);
        Ok(Self {
            params,
            cores: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
            nobody,
        })
    }

    /// The hash of a password, as PHC string.
    pub(crate) async fn hash(&self, password: Password) -> Result<String> {
        let params = self.params.clone();
        self.run(move || hash(params, password.bytes())).await
    }

    /// Whether the password has this hash; without one, false after the same time.
    pub(crate) async fn matches(&self, password: Password, phc: Option<String>) -> Result<bool> {
        let exists = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.nobody.clone());
        self.run(move || Ok(verify(password.bytes(), &phc)? && exists)).await
    }

    /// Whether the hash was made at another cost than today's.
    pub(crate) fn is_outdated(&self, phc: &str) -> bool {
        let params = PasswordHash::new(phc)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok());
        params.is_none_or(|it| {
            let of = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
            of(&it) != of(&self.params)
        })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let permit = self.permit().await?;
        let work = move || {
            let result = work();
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Crypto(error.to_string()))?
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = self.cores.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let place = Place::take(&self.waiting)?;
        let permit = self
            .cores
            .clone()
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        drop(place);
        Ok(permit)
    }
}

/// A place in the queue, given back however the wait ends.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let one_more = |it| (it < QUEUE).then_some(it + 1);
        waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
            .map_err(|_| Error::Busy)?;
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn hash(params: Params, password: &[u8]) -> Result<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon2.hash_password(password).map_err(failed)?.to_string())
}

fn verify(password: &[u8], phc: &str) -> Result<bool> {
    let hash = PasswordHash::new(phc).map_err(|_| Error::Corrupt("users.password"))?;
    // The parameters are those of the hash.
    Ok(Argon2::default().verify_password(password, &hash).is_ok())
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Crypto(error.to_string())
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    const CHEAP: PasswordCost = PasswordCost {
        memory: 8,
        passes: 1,
        lanes: 1,
    };

    fn password(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hasher = Hasher::new(CHEAP).unwrap();
        let phc = hasher.hash(password("blue kettle")).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
        assert!(
            hasher
                .matches(password("blue kettle"), Some(phc.clone()))
                .await
                .unwrap()
        );
        assert!(!hasher.matches(password("red kettle"), Some(phc.clone())).await.unwrap());
        assert!(!hasher.matches(password("blue kettle"), None).await.unwrap());
        assert_ne!(
            hasher.hash(password("blue kettle")).await.unwrap(),
            phc,
            "every hash has its own salt"
        );
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_outdated() {
        let phc = Hasher::new(CHEAP).unwrap().hash(password("blue kettle")).await.unwrap();
        assert!(!Hasher::new(CHEAP).unwrap().is_outdated(&phc));
        assert!(
            Hasher::new(PasswordCost { passes: 2, ..CHEAP })
                .unwrap()
                .is_outdated(&phc)
        );
        assert!(Hasher::new(CHEAP).unwrap().is_outdated("no hash"));
    }

    #[tokio::test]
    async fn beyond_the_queue_one_is_sent_away_and_nobody_else() {
        let hasher = Hasher::new(CHEAP).unwrap();
        let all = hasher.cores.available_permits();
        let held = hasher
            .cores
            .clone()
            .acquire_many_owned(u32::try_from(all).unwrap())
            .await
            .unwrap();
        let waiting = (0..=QUEUE).map(|_| hasher.hash(password("blue kettle")));
        let free = async { drop(held) };
        let (results, ()) = tokio::join!(join_all(waiting), free);
        let busy = results
            .iter()
            .filter(|result| matches!(result, Err(Error::Busy)))
            .count();
        assert_eq!((busy, results.len()), (1, QUEUE + 1));
        assert_eq!(hasher.waiting.load(Ordering::Acquire), 0);
    }

    #[test]
    fn the_default_cost_is_what_owasp_asks_for() {
        let phc = hash(Hasher::new(PasswordCost::default()).unwrap().params, b"blue kettle").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    }
}
