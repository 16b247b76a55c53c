//! What is refused although its signature is good, and how everyone learns of it: this process at once, other services
//! through a stream, other replicas of this service through the database, which a notice by NATS has them read at once.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::StreamExt;
use tokio::sync::{Mutex, Notify, broadcast};
use voltaire_mesh::{Bus, Mesh};
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::{config::LONGEST_SESSION, convert, error::Result, store::Store, user::User};

/// What replicas tell each other is only that there is news: what it is stands in the database.
const SUBJECT: &str = "auth.revocations";
/// How much longer a revocation is kept than the tokens it refuses: services may have clocks that differ.
const MARGIN: Duration = Duration::from_mins(1);
/// News that a slow watcher may be behind before it gets everything afresh.
const BUFFER: usize = 256;

/// What is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// One token.
    Token(TokenId),
    /// The sessions of a user below a version.
    Sessions { user: UserId, min_version: i64 },
}

impl Subject {
    /// Token, user and version, as they are stored.
    pub(crate) fn columns(self) -> (Option<TokenId>, Option<UserId>, Option<i64>) {
        match self {
            Self::Token(token) => (Some(token), None, None),
            Self::Sessions { user, min_version } => (None, Some(user), Some(min_version)),
        }
    }
}

/// Something that is refused until it has expired by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Revocation {
    pub(crate) subject: Subject,
    pub(crate) expires: Timestamp,
}

impl Revocation {
    /// Of one token, which expires at that time.
    pub(crate) fn token(id: TokenId, expires: Timestamp) -> Self {
        Self {
            subject: Subject::Token(id),
            expires: expires.plus(MARGIN),
        }
    }

    /// Of all sessions that are older than the user's version.
    pub(crate) fn sessions(user: &User, now: Timestamp) -> Self {
        let subject = Subject::Sessions {
            user: user.id,
            min_version: user.token_version,
        };
        Self {
            subject,
            expires: now.plus(LONGEST_SESSION + MARGIN),
        }
    }
}

/// Keeps the newest revocation of each token and user, in order.
pub(crate) fn newest(all: &[Revocation]) -> Vec<Revocation> {
    let mut last = HashMap::new();
    for (place, revocation) in all.iter().enumerate() {
        last.insert(key(revocation.subject), place);
    }
    let is_last = |place: usize, it: &Revocation| last.get(&key(it.subject)) == Some(&place);
    all.iter()
        .enumerate()
        .filter(|(place, it)| is_last(*place, it))
        .map(|(_, it)| *it)
        .collect()
}

fn key(subject: Subject) -> uuid::Uuid {
    match subject {
        Subject::Token(token) => token.uuid(),
        Subject::Sessions { user, .. } => user.uuid(),
    }
}

/// Tells of revocations, each once and in the order in which they were made.
pub(crate) struct News {
    store: Store,
    mesh: Mesh,
    sender: broadcast::Sender<Arc<[Revocation]>>,
    last: Mutex<i64>,
    /// Something is to be told to other replicas.
    fresh: Notify,
}

impl News {
    /// Tells this process of all revocations in force.
    pub(crate) async fn open(store: Store, mesh: Mesh) -> Result<Self> {
        let last = store.last_revocation().await?;
        let it = Self {
            store,
            mesh,
            sender: broadcast::channel(BUFFER).0,
            last: Mutex::new(last),
            fresh: Notify::new(),
        };
        let all = it.in_force().await?;
        it.mesh.revocations().apply(convert::revocations(&all), true);
        Ok(it)
    }

    /// All revocations in force.
    pub(crate) async fn in_force(&self) -> Result<Vec<Revocation>> {
        Ok(newest(&self.store.revocations_in_force(self.mesh.clock().now()).await?))
    }

    /// From here on, what is revoked.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<[Revocation]>> {
        self.sender.subscribe()
    }

    /// Tells of what was committed since the last time, by this replica or another.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        let mut last = self.last.lock().await;
        loop {
            let news = self.store.revocations_after(*last).await?;
            let Some((newest, _)) = news.last() else { return Ok(()) };
            let newest = *newest;
            let news: Arc<[Revocation]> = news.into_iter().map(|(_, revocation)| revocation).collect();
            self.mesh.revocations().apply(convert::revocations(&news), false);
            // Nobody may be watching.
            drop(self.sender.send(news));
            *last = newest;
        }
    }

    /// The same right after a change of this replica. The change is committed, so a failure is not the caller's: the next
    /// poll makes up for it.
    pub(crate) async fn tell(&self) {
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "revocations are told late");
        }
        self.fresh.notify_one();
    }

    /// Tells other replicas that there is news, and reads it when they do, for ever.
    pub(crate) async fn exchange(&self, bus: Bus) {
        let told = async {
            let mut link = bus.link();
            loop {
                self.fresh.notified().await;
                if link.wait_for(|link| link.up).await.is_err() {
                    return;
                }
                bus.publish(SUBJECT, Vec::new()).await;
            }
        };
        let heard = async {
            let mut notices = std::pin::pin!(bus.subscribe(SUBJECT));
            while notices.next().await.is_some() {
                if let Err(error) = self.catch_up().await {
                    tracing::warn!(%error, "revocations of another replica are told late");
                }
            }
        };
        futures::join!(told, heard);
    }

    /// Watches the database for revocations of other replicas, for ever.
    pub(crate) async fn poll(&self, every: Duration) {
        let mut interval = tokio::time::interval(every);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            interval.tick().await;
            match self.catch_up().await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    tracing::warn!(%error, "revocations of other replicas cannot be read");
                    failing = true;
                }
                Err(_) => {}
            }
        }
    }
}
