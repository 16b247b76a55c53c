//! What is refused although its signature is good: in memory, told by `auth`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::RwLock;
use tokio::sync::watch;
use voltaire_proto::auth::v1::{self as pb, revocation::Subject};
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::{identity::Identity, wire};

/// The revocations in force; shared by clones.
#[derive(Clone, Debug)]
pub struct Revocations {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    set: RwLock<Set>,
    /// How often the set has changed: 0 until the first snapshot.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Set {
    tokens: HashMap<TokenId, Timestamp>,
    users: HashMap<UserId, (u64, Timestamp)>,
    ready: bool,
}

impl Default for Revocations {
    fn default() -> Self {
        Self {
            inner: Arc::new(Inner {
                set: RwLock::default(),
                changes: watch::Sender::new(0),
            }),
        }
    }
}

impl Revocations {
    /// Adds revocations. A snapshot is everything in force: the set is ready after the first one. What was told before a
    /// snapshot stays, as it may be newer than the snapshot.
    pub fn apply(&self, revocations: Vec<pb::Revocation>, snapshot: bool) {
        {
            let mut set = self.inner.set.write();
            for revocation in revocations {
                set.add(revocation);
            }
            set.ready |= snapshot;
        }
        self.inner.changes.send_modify(|changes| *changes += 1);
    }

    /// Whether a first snapshot has arrived.
    pub fn is_ready(&self) -> bool {
        self.inner.set.read().ready
    }

    /// Waits for the first snapshot; whether it has come in time.
    pub(crate) async fn ready_within(&self, wait: Duration) -> bool {
        let mut changes = self.inner.changes.subscribe();
        let ready = changes.wait_for(|_| self.is_ready());
        self.is_ready() || tokio::time::timeout(wait, ready).await.is_ok()
    }

    /// Whether a token is revoked; `version` is the `tv` claim of a session token.
    pub(crate) fn is_revoked(&self, token: TokenId, user: UserId, version: Option<u64>) -> bool {
        let set = self.inner.set.read();
        let old = version.is_some_and(|version| set.users.get(&user).is_some_and(|(least, _)| version < *least));
        old || set.tokens.contains_key(&token)
    }

    /// Ends when the token is revoked.
    pub(crate) async fn revoked(self, identity: Identity, version: Option<u64>) {
        let mut changes = self.inner.changes.subscribe();
        let end = changes.wait_for(|_| self.is_revoked(identity.token_id, identity.user_id, version));
        if end.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Drops what has expired by itself.
    pub(crate) fn prune(&self, now: Timestamp) {
        self.inner.set.write().prune(now);
    }

    /// How many revocations are in force.
    pub fn len(&self) -> usize {
        let set = self.inner.set.read();
        set.tokens.len() + set.users.len()
    }

    /// Whether none is in force.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Set {
    fn add(&mut self, revocation: pb::Revocation) {
        // One that never says when it ends stays.
        let until = wire::parse_timestamp("expire_time", revocation.expire_time.as_ref()).unwrap_or(Timestamp::MAX);
        let told = match revocation.subject {
            Some(Subject::TokenId(id)) => id.parse().map(|id| {
                let known = self.tokens.entry(id).or_insert(until);
                *known = until.max(*known);
            }),
            Some(Subject::UserSessions(sessions)) => sessions.user_id.parse().map(|id| {
                let known = self.users.entry(id).or_insert((0, until));
                *known = (sessions.min_version.max(known.0), until.max(known.1));
            }),
            None => {
                tracing::error!("a revocation of an unknown kind: is this process older than auth?");
                Ok(())
            }
        };
        if told.is_err() {
            tracing::error!("a revocation names nobody");
        }
    }

    fn prune(&mut self, now: Timestamp) {
        // Later than the last moment at which the leeway lets such a token pass.
        let gone = now.minus(Duration::from_mins(1));
        self.tokens.retain(|_, until| *until > gone);
        self.users.retain(|_, (_, until)| *until > gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_parts(seconds, 0).unwrap()
    }

    fn token(id: TokenId, until: i64) -> pb::Revocation {
        pb::Revocation {
            subject: Some(Subject::TokenId(id.to_string())),
            expire_time: Some(wire::timestamp(at(until))),
        }
    }

    fn sessions(user: UserId, min_version: u64) -> pb::Revocation {
        let user_id = user.to_string();
        pb::Revocation {
            subject: Some(Subject::UserSessions(pb::UserSessions { user_id, min_version })),
            expire_time: Some(wire::timestamp(at(10_000))),
        }
    }

    #[test]
    fn a_revoked_token_and_old_sessions_are_refused_and_others_not() {
        let (user, session) = (UserId::new(), TokenId::new());
        let all = Revocations::default();
        all.apply(vec![token(session, 10_000), sessions(user, 3)], false);
        assert!(all.is_revoked(session, UserId::new(), Some(9)));
        assert!(all.is_revoked(TokenId::new(), user, Some(2)));
        assert!(!all.is_revoked(TokenId::new(), user, Some(3)));
        assert!(!all.is_revoked(TokenId::new(), user, None));
        all.apply(vec![sessions(user, 2)], false);
        assert!(all.is_revoked(TokenId::new(), user, Some(2)), "never taken back");
    }

    #[test]
    fn only_a_snapshot_makes_the_set_ready() {
        let all = Revocations::default();
        all.apply(vec![], false);
        assert!(!all.is_ready());
        all.apply(vec![], true);
        assert!(all.is_ready());
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let all = Revocations::default();
        all.apply(vec![token(TokenId::new(), 100), token(TokenId::new(), 10_000)], true);
        all.prune(at(120));
        assert_eq!(all.len(), 2, "the leeway is not over");
        all.prune(at(1_000));
        assert_eq!(all.len(), 1);
    }
}
