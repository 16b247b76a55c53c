//! What is done to readings after they are on disk: quarters that are over are rolled up, days that are over are sealed.
//!
//! None of it changes a figure; it makes figures cheap and readings small. It can be stopped anywhere and goes on where it
//! was, and several processes may do it at once: whoever comes second finds that it is done.

mod roll;
mod seal;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use voltaire_mesh::Mesh;
use voltaire_types::Clock;

use crate::{error::Error, store::Store};

/// Devices that are looked after at a time.
const DEVICES: u32 = 100;
/// Time between looks at what there is to do, at least.
const PAUSE: Duration = Duration::from_secs(5);
/// The same where nothing is taken in.
const IDLE: Duration = Duration::from_mins(1);
/// Free space in a file from which on it is given back, bytes.
const WORTH_GIVING_BACK: i64 = 4 << 20;
/// The part of the time that looking for work may take.
const SHARE: u32 = 20;

/// When readings are sealed and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Days that have been over for so long are sealed; none: never, and what is sealed becomes rows again.
    pub(crate) seal_after: Option<Duration>,
    /// Readings are dropped when they are so old; none: never.
    pub(crate) keep: Option<Duration>,
}

/// Wakes upkeep; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wake(Arc<Notify>);

impl Wake {
    /// Readings have been stored.
    pub(crate) fn stored(&self) {
        self.0.notify_one();
    }
}

/// Looks after readings.
pub(crate) struct Upkeep {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
}

impl Upkeep {
    /// Starts the task that looks after readings whenever some have been stored.
    pub(crate) fn start(self, wake: Wake, mesh: &Mesh) {
        mesh.spawn("upkeep", self.run(wake, mesh.stopping()));
    }

    async fn run(self, wake: Wake, stopping: CancellationToken) {
        if let Err(error) = self.choose_compression().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "compression could not be chosen"
            );
        }
        loop {
            let begun = Instant::now();
            let worked = tokio::select! {
                () = stopping.cancelled() => return,
                worked = self.pass() => worked,
            };
            metrics::gauge!("voltaire_upkeep_idle").set(f64::from(u8::from(!worked)));
            if worked {
                continue;
            }
            let pause = PAUSE.max(begun.elapsed() * SHARE);
            tokio::select! {
                () = stopping.cancelled() => return,
                () = async {
                    tokio::time::sleep(pause).await;
                    timeout(IDLE, wake.0.notified()).await.unwrap_or_default();
                } => {}
            }
        }
    }

    /// Does a part of what there is to do, and says whether there was anything.
    pub(crate) async fn pass(&self) -> bool {
        let mut worked = done("roll up", self.roll_up().await);
        worked |= done("seal", self.seal().await);
        worked |= done("drop", self.drop_old().await);
        worked || done("give back space", self.give_back().await)
    }

    async fn give_back(&self) -> Result<usize, Error> {
        self.store.give_back(WORTH_GIVING_BACK).await.map(usize::from)
    }

    /// Rolls up what is over, of some devices. Says how many days that were.
    async fn roll_up(&self) -> Result<usize, Error> {
        let devices = self.store.devices_to_roll(DEVICES).await?;
        let mut rolled = Vec::new();
        let mut days = 0;
        for task in self.store.begin_rollup(devices).await? {
            let device = task.before.device_id;
            match roll::roll(&self.store, task).await {
                Ok(it) => {
                    days += it.days.len() + it.mended.len();
                    rolled.push(it);
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(device.id = %device, error, "a device cannot be rolled up");
                }
            }
        }
        self.store.finish_rollup(rolled).await?;
        metrics::gauge!("voltaire_rollup_stale_days").set(self.store.stale_day_count().await? as f64);
        Ok(days)
    }
}

/// Whether anything of a kind was done; says in the log what could not be.
fn done(work: &str, done: Result<usize, Error>) -> bool {
    done.inspect_err(|error| {
        let error = error as &dyn std::error::Error;
        tracing::error!(work, error, "upkeep of readings failed");
    })
    .is_ok_and(|count| count > 0)
}
