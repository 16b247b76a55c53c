//! Watches a database: whether it answers, and whether a pool of dead connections hides that it does.
//!
//! A pool of sqlx may keep waiting on sockets whose server has vanished (sqlx #4349, #4407). It is then replaced, and what
//! waits on the old one ends with an error. Pings are not cut short, as that is what spoils a pool: each is a task of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Db, Mesh};

const EVERY: Duration = Duration::from_secs(1);
/// A database that has not answered for so long is away.
const PATIENCE: Duration = Duration::from_millis(2500);
/// Pings that may hang at once.
const HANGING: usize = 3;

/// The watch over one database; ends when dropped.
pub(crate) struct Watchdog {
    start: Instant,
    /// When it last answered, ms after `start`, and 1 more; 0: never.
    answered: Arc<AtomicU64>,
    end: CancellationToken,
}

impl Watchdog {
    pub(crate) fn start(service: &'static str, db: Db, mesh: &Mesh) -> Self {
        let dog = Self {
            start: Instant::now(),
            answered: Arc::default(),
            end: CancellationToken::new(),
        };
        let (start, answered, end) = (dog.start, Arc::clone(&dog.answered), dog.end.clone());
        let stopping = mesh.stopping();
        mesh.spawn("database watch", async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = stopping.cancelled() => {}
                () = watch((service, &db), start, &answered) => {}
            }
        });
        dog
    }

    /// Whether the database has answered lately.
    pub(crate) fn is_well(&self) -> bool {
        let answered = self.answered.load(Ordering::Relaxed);
        let Some(answered) = answered.checked_sub(1) else {
            return false;
        };
        self.start + Duration::from_millis(answered) + PATIENCE > Instant::now()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn watch((service, db): (&'static str, &Db), start: Instant, answered: &Arc<AtomicU64>) {
    let mut pings = TaskTracker::new();
    let mut failed = 0_u32;
    loop {
        db.tell_usage(service);
        let before = answered.load(Ordering::Relaxed);
        if pings.len() < HANGING {
            ping(db.clone(), &pings, start, Arc::clone(answered));
        }
        tokio::time::sleep(EVERY).await;
        if answered.load(Ordering::Relaxed) == before {
            failed += 1;
            tracing::warn!(failed, "the database does not answer");
        } else {
            failed = 0;
        }
        if (failed >= 3 || db.is_broken()) && db.renew().await {
            // Those that hang are of the old pool.
            pings = TaskTracker::new();
            failed = 0;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a query that is not cut short; few at once")]
fn ping(db: Db, pings: &TaskTracker, start: Instant, answered: Arc<AtomicU64>) {
    drop(tokio::spawn(pings.track_future(async move {
        match db.ping().await {
            Ok(()) => {
                let now = start.elapsed().as_millis() as u64 + 1;
                answered.fetch_max(now, Ordering::Relaxed);
            }
            Err(error) => tracing::debug!(%error, "the database refused a ping"),
        }
    })));
}
