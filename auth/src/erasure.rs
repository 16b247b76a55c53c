//! Has the other services forget users who are gone. What is to be done stands in the database, so a restart loses nothing.

use std::time::Duration;

use voltaire_mesh::Mesh;
use voltaire_types::UserId;

use crate::{erase_client, error::Result, store::Store};

/// When the background task makes its first attempt; the one at once is over by then.
pub(crate) const FIRST_RETRY: Duration = Duration::from_secs(15);
/// How long a user who leaves waits for the services.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the background task looks for something to do.
const POLL: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// A user whom a service has still to forget.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Erasure {
    pub(crate) user_id: UserId,
    pub(crate) service: String,
    pub(crate) attempts: i64,
}

/// Works through what is to be erased.
#[derive(Clone)]
pub(crate) struct Eraser {
    store: Store,
    mesh: Mesh,
}

impl Eraser {
    pub(crate) fn new(store: Store, mesh: Mesh) -> Self {
        Self { store, mesh }
    }

    /// Asks every service to forget the user; what fails is left to the background task.
    pub(crate) async fn erase_now(&self, user_id: UserId) {
        let of = |service: &str| Erasure {
            user_id,
            service: service.to_owned(),
            attempts: 0,
        };
        let all = crate::store::DELETED_FROM.map(|service| self.attempt(of(service)));
        let Ok(outcomes) = tokio::time::timeout(PATIENCE, futures::future::join_all(all)).await else {
            tracing::warn!(user.id = %user_id, "an erasure takes long and is done later");
            return;
        };
        for error in outcomes.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "an erasure is done later");
        }
    }

    /// Tries what is due again and again, for ever.
    pub(crate) async fn work(&self) {
        let mut interval = tokio::time::interval(POLL);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "erasures cannot be read");
            }
        }
    }

    async fn round(&self) -> Result<()> {
        for erasure in self.store.due_erasures(self.mesh.clock().now()).await? {
            self.attempt(erasure).await?;
        }
        Ok(())
    }

    async fn attempt(&self, erasure: Erasure) -> Result<()> {
        match erase_client::erase(&self.mesh, &erasure.service, erasure.user_id).await {
            Ok(()) => self.store.finish_erasure(erasure.user_id, erasure.service).await,
            Err(status) => {
                let Erasure {
                    user_id,
                    service,
                    attempts,
                } = &erasure;
                tracing::warn!(user.id = %user_id, service, attempts, code = ?status.code(), "an erasure failed");
                let until = self.mesh.clock().now().plus(wait(*attempts));
                self.store.postpone_erasure(erasure, until).await
            }
        }
    }
}

/// 2, 4, 8 … 300 s.
fn wait(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    Duration::from_secs(2 << doublings).min(LONGEST_WAIT)
}
