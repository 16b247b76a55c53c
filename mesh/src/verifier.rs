//! Who calls, and whether they may: the one decision behind every method.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tonic::Code;
use voltaire_types::Clock;

use crate::{
    access::{Access, Rule},
    error::Refused,
    identity::{Identity, Role},
    jwt::{self, Check, Kind, Unverified, Verified},
    keys::Keys,
    revocation::Revocations,
    service_key::ServiceKey,
    tls::Caller,
};

/// How many verified tokens are remembered.
const REMEMBERED: usize = 4096;
/// How long a call waits for the first snapshot of revocations after a start.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything that a token is checked against.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) revocations: Revocations,
    pub(crate) service_key: ServiceKey,
    /// The longest life of a session token, s.
    pub(crate) session_life: i64,
    pub(crate) remembered: Remembered,
}

/// Tokens whose signature has been found good; their times and revocations are checked at every call.
#[derive(Clone, Default)]
pub(crate) struct Remembered(Arc<Mutex<Tokens>>);

/// Under which keys they were verified, and what they say.
type Tokens = (usize, HashMap<Box<str>, Verified>);

impl Remembered {
    /// What a token says, if it was verified under the keys of this generation.
    fn get(&self, token: &str, generation: usize) -> Option<Verified> {
        let mut inner = self.0.lock();
        if inner.0 != generation {
            *inner = (generation, HashMap::new());
        }
        inner.1.get(token).cloned()
    }

    fn put(&self, token: &str, generation: usize, verified: &Verified) {
        let mut inner = self.0.lock();
        if inner.0 == generation {
            if inner.1.len() >= REMEMBERED {
                inner.1.clear();
            }
            inner.1.insert(token.into(), verified.clone());
        }
    }
}

impl Verifier {
    /// The caller of a method, if the caller may call it; none where anyone may. `token` is the value of the one
    /// `authorization` header, `caller` the process that calls.
    pub(crate) async fn admit(
        &self,
        rule: &Rule,
        token: Option<&str>,
        caller: &Caller,
    ) -> Result<Option<Verified>, Refused> {
        if rule.access == Access::Public {
            return Ok(None);
        }
        let token = token.ok_or_else(Refused::token_missing)?;
        let unverified = Unverified::parse(token)?;
        if unverified.kind == Kind::Service {
            return self.service(rule, &unverified, caller).map(Some);
        }
        let verified = self.user(token, &unverified).await?;
        permit(rule, &verified.identity)?;
        Ok(Some(verified))
    }

    /// A service of the mesh, which is the one that its certificate names, and one of those that may call.
    fn service(&self, rule: &Rule, token: &Unverified<'_>, caller: &Caller) -> Result<Verified, Refused> {
        let (name, identity) = self.service_key.verify(token, self.clock.now())?;
        if rule.access != Access::Service {
            return Err(jwt::invalid());
        }
        let is_one = match caller {
            Caller::Process => true,
            Caller::Unknown => rule.admits(&name),
            Caller::Member { member, .. } => rule.admits(&name) && member.name() == name,
        };
        if !is_one {
            let message = "this service of the mesh may not call this";
            return Err(Refused::new(Code::PermissionDenied, "CALLER_NOT_ALLOWED", message));
        }
        let version = None;
        Ok(Verified { identity, version })
    }

    async fn user(&self, token: &str, unverified: &Unverified<'_>) -> Result<Verified, Refused> {
        let now = self.clock.now();
        let generation = self.keys.generation();
        let remembered = self
            .remembered
            .get(token, generation)
            .filter(|_| self.keys.are_believed());
        let verified = match remembered {
            Some(verified) if verified.identity.expires.plus(Duration::from_secs(jwt::LEEWAY as u64)) > now => verified,
            Some(_) => return Err(jwt::expired()),
            None => {
                let key = self.keys.key(&unverified.key).await?;
                let check = Check {
                    now,
                    session_life: self.session_life,
                };
                let verified = unverified.user(&key, &check)?;
                self.remembered.put(token, self.keys.generation(), &verified);
                verified
            }
        };
        if !self.revocations.ready_within(PATIENCE).await {
            return Err(Refused::new(
                Code::Unavailable,
                "REVOCATIONS_UNAVAILABLE",
                "sign-in is not available for the moment",
            ));
        }
        let Identity { token_id, user_id, .. } = verified.identity;
        if self.revocations.is_revoked(token_id, user_id, verified.version) {
            return Err(revoked());
        }
        Ok(verified)
    }
}

/// The refusal of a token that was taken back.
pub(crate) fn revoked() -> Refused {
    Refused::new(
        Code::Unauthenticated,
        "TOKEN_REVOKED",
        "the session or token was ended: sign in again",
    )
}

fn permit(rule: &Rule, identity: &Identity) -> Result<(), Refused> {
    let denied = |reason, message: String| Err(Refused::new(Code::PermissionDenied, reason, message));
    match (rule.access, &identity.scopes) {
        (Access::Service, _) => denied("SERVICE_ONLY", "only services of the mesh may call this".into()),
        (Access::Admin, None) if identity.role != Role::Admin => {
            denied("ROLE_REQUIRED", "only an admin may call this".into())
        }
        (Access::Public, _) | (Access::User | Access::Admin, None) => Ok(()),
        (Access::Admin, Some(_)) => denied("SCOPE_REQUIRED", "no API token opens this: sign in".into()),
        (Access::User, Some(scopes)) if rule.scopes.iter().any(|it| scopes.contains(it)) => Ok(()),
        (Access::User, Some(_)) => match rule.scopes.as_slice() {
            [] => denied("SCOPE_REQUIRED", "no API token opens this: sign in".into()),
            needed => {
                let words = needed.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
                denied("SCOPE_REQUIRED", format!("needs an API token with the scope {words}"))
            }
        },
    }
}
