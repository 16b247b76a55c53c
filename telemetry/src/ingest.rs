//! Taking readings in: batches of all streams become one commit, and each is answered after it.
//!
//! One task writes. It waits for the first batch, gathers what comes within a few milliseconds, stores all of it as one
//! transaction, and then says to each sender what became of theirs. What comes while a group is being stored makes the
//! next one, so that groups grow with the load. The queue is bounded, so a slow database slows the senders: who streams waits,
//! who sends one batch is told to come again when no place becomes free for a while. A failed transaction is an error for the batches in it and for no other; nothing of them is acknowledged.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use voltaire_mesh::Mesh;
use voltaire_types::{Clock, Timestamp};

use crate::{
    alerting::Alerting,
    error::Error,
    live::Live,
    store::{Batch, Store, Stored},
    upkeep::Wake,
};

/// Batches that wait to be stored.
const QUEUE: usize = 64;
/// How long a single batch waits for a place among them.
const PATIENCE: Duration = Duration::from_secs(2);
/// Readings that a group has room for; the last batch may exceed it.
const LARGEST: usize = 20_000;
/// How long a draining process waits for a last batch.
const LAST_CALL: Duration = Duration::from_millis(500);

/// When a group of batches is stored, where nothing before it holds it up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// As soon as it holds so many readings,
    pub(crate) readings: usize,
    /// or the first of them has waited for so long.
    pub(crate) wait: Duration,
}

/// Who hears of what has been committed.
#[derive(Clone)]
pub(crate) struct News {
    pub(crate) clock: Clock,
    pub(crate) live: Live,
    pub(crate) alerting: Alerting,
    pub(crate) upkeep: Wake,
}

struct Job {
    batch: Batch,
    reply: oneshot::Sender<Result<Stored, Error>>,
}

/// The way to the task that writes; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Ingest {
    jobs: mpsc::Sender<Job>,
    patience: Duration,
}

impl Ingest {
    /// Starts the task that writes.
    pub(crate) fn start(store: Store, news: News, group: Group, mesh: &Mesh) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let writer = Writer {
            queue,
            store,
            news,
            group,
            stopping: mesh.stopping(),
        };
        mesh.spawn("ingest", writer.run());
        Self {
            jobs,
            patience: PATIENCE,
        }
    }

    /// Stores a batch and says what became of it, after the commit. What was handed over is stored even if the caller
    /// goes away.
    pub(crate) async fn submit(&self, batch: Batch) -> Result<Stored, Error> {
        if batch.readings.is_empty() {
            return Ok(Stored::default());
        }
        let place = self.jobs.reserve().await.map_err(|_| Error::Draining)?;
        Self::hand_over(place, batch).await
    }

    /// The same for one who does not wait long: `Busy` while no place becomes free.
    pub(crate) async fn submit_soon(&self, batch: Batch) -> Result<Stored, Error> {
        if batch.readings.is_empty() {
            return Ok(Stored::default());
        }
        // A slow disk keeps nobody from reading: who waits for a commit is not at work.
        let place = if voltaire_mesh::wait_elsewhere() {
            timeout(self.patience, self.jobs.reserve()).await.ok()
        } else {
            None
        };
        let Some(place) = place else {
            metrics::counter!("voltaire_ingest_busy_total").increment(1);
            tracing::warn!(waiting = QUEUE, "the database is slow: a batch is refused");
            return Err(Error::Busy);
        };
        Self::hand_over(place.map_err(|_| Error::Draining)?, batch).await
    }

    async fn hand_over(place: mpsc::Permit<'_, Job>, batch: Batch) -> Result<Stored, Error> {
        let (reply, answer) = oneshot::channel();
        place.send(Job { batch, reply });
        answer.await.map_err(|_| Error::Draining)?
    }
}

struct Writer {
    queue: mpsc::Receiver<Job>,
    store: Store,
    news: News,
    group: Group,
    stopping: CancellationToken,
}

/// Batches that will be stored together.
#[derive(Default)]
struct Gathered {
    jobs: Vec<Job>,
    readings: usize,
    /// When the first of them came.
    since: Option<Instant>,
}

impl Gathered {
    fn push(&mut self, job: Job) {
        self.readings += job.batch.readings.len();
        self.since.get_or_insert_with(Instant::now);
        self.jobs.push(job);
    }

    fn has_room(&self, group: Group) -> bool {
        self.readings < group.readings.max(LARGEST)
    }

    /// When they have waited long enough; none without batches.
    fn due(&self, group: Group) -> Option<Instant> {
        let since = self.since?;
        let full = self.readings >= group.readings;
        Some(if full { since } else { since + group.wait })
    }
}

impl Writer {
    async fn run(mut self) {
        let (store, news) = (self.store.clone(), self.news.clone());
        let mut storing = FuturesUnordered::new();
        let mut next = Gathered::default();
        let mut ended = false;
        while !ended || !storing.is_empty() || !next.jobs.is_empty() {
            let due = next.due(self.group).filter(|_| storing.len() < store.writers());
            if due.is_some_and(|due| ended || due <= Instant::now()) {
                self.take_waiting(&mut next);
                storing.push(store_group(&store, &news, std::mem::take(&mut next).jobs));
            }
            let due = next.due(self.group).filter(|_| storing.len() < store.writers());
            tokio::select! {
                biased;
                Some(()) = storing.next() => self.news.upkeep.stored(),
                job = self.next(), if !ended && next.has_room(self.group) => match job {
                    Some(job) => next.push(job),
                    None => ended = true,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            }
        }
    }

    /// The next batch; none when all senders are gone, or none came for a while in a draining process.
    async fn next(&mut self) -> Option<Job> {
        let stopping = self.stopping.clone();
        tokio::select! {
            biased;
            job = self.queue.recv() => job,
            () = stopping.cancelled() => timeout(LAST_CALL, self.queue.recv()).await.ok().flatten(),
        }
    }

    /// Takes what is in the queue already.
    fn take_waiting(&mut self, gathered: &mut Gathered) {
        while gathered.has_room(self.group) {
            let Ok(job) = self.queue.try_recv() else { break };
            gathered.push(job);
        }
    }
}

async fn store_group(store: &Store, news: &News, group: Vec<Job>) {
    let (batches, replies): (Vec<_>, Vec<_>) = group.into_iter().map(|it| (it.batch, it.reply)).unzip();
    let begun = Instant::now();
    match AssertUnwindSafe(store.insert(batches)).catch_unwind().await {
        Ok(Ok(stored)) => {
            metrics::histogram!("voltaire_ingest_commit_seconds").record(begun.elapsed().as_secs_f64());
            for (reply, stored) in replies.into_iter().zip(stored) {
                count(&stored, news.clock.now());
                news.live.committed(&stored.last);
                news.alerting.committed(&stored.last);
                // Whoever has gone away knows that the outcome is unknown.
                let gone = reply.send(Ok(stored));
                drop(gone);
            }
        }
        Ok(Err(error)) => fail(replies, error),
        Err(_) => fail(replies, sqlx::Error::WorkerCrashed.into()),
    }
}

fn fail(replies: Vec<oneshot::Sender<Result<Stored, Error>>>, error: Error) {
    let cause = Arc::new(match error {
        Error::Store(cause) => cause,
        other => sqlx::Error::Protocol(other.to_string()),
    });
    metrics::counter!("voltaire_ingest_failed_commits_total").increment(1);
    for reply in replies {
        drop(reply.send(Err(Error::NotStored(cause.clone()))));
    }
}

fn count(stored: &Stored, now: Timestamp) {
    let outcomes = [
        ("accepted", stored.accepted),
        ("duplicate", stored.duplicates),
        ("rejected", stored.rejected.len() as u32),
    ];
    for (outcome, count) in outcomes {
        metrics::counter!("voltaire_ingest_readings_total", "outcome" => outcome).increment(u64::from(count));
    }
    if let Some(newest) = stored.last.iter().map(|(_, it)| it.at).max() {
        metrics::histogram!("voltaire_ingest_lag_seconds").record(now.since(newest).as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use voltaire_types::{DeviceId, UserId, Watts};

    use super::*;
    use crate::reading::Reading;

    const GROUP: Group = Group {
        readings: 3,
        wait: Duration::from_secs(60),
    };

    fn job(readings: usize) -> Job {
        let reading = Reading {
            device: DeviceId::new(),
            at: Timestamp::from_micros(0).unwrap(),
            power: Watts(1.0),
            voltage: None,
            current: None,
            power_factor: None,
            counter: None,
            interval: None,
        };
        let batch = Batch {
            user: UserId::new(),
            readings: vec![reading; readings],
            places: (0..readings as u32).collect(),
        };
        let (reply, _) = oneshot::channel();
        Job { batch, reply }
    }

    #[tokio::test]
    async fn a_batch_that_finds_no_place_is_told_to_come_again() {
        let (jobs, mut queue) = mpsc::channel(1);
        let ingest = Ingest {
            jobs,
            patience: Duration::from_millis(1),
        };
        let filled = ingest.submit(job(1).batch);
        let mut filled = std::pin::pin!(filled);
        assert!(futures::poll!(&mut filled).is_pending(), "it waits for its answer");
        assert!(matches!(ingest.submit_soon(job(1).batch).await, Err(Error::Busy)));
        assert!(ingest.submit_soon(job(0).batch).await.is_ok(), "nothing needs no place");
        drop(queue.recv().await);
        let next = ingest.submit_soon(job(1).batch);
        let mut next = std::pin::pin!(next);
        assert!(futures::poll!(&mut next).is_pending(), "there is a place again");
        drop(queue);
        assert!(matches!(next.await, Err(Error::Draining)));
    }

    #[test]
    fn a_small_group_waits_and_a_full_one_does_not() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.due(GROUP), None);
        gathered.push(job(2));
        let since = gathered.since.unwrap();
        assert_eq!(gathered.due(GROUP), Some(since + GROUP.wait));
        gathered.push(job(1));
        assert_eq!(gathered.due(GROUP), Some(since));
    }

    #[test]
    fn a_full_group_that_cannot_be_stored_yet_takes_more_but_not_without_end() {
        let mut gathered = Gathered::default();
        gathered.push(job(3));
        assert!(gathered.has_room(GROUP));
        gathered.push(job(LARGEST));
        assert!(!gathered.has_room(GROUP));
        let large = Group {
            readings: 2 * LARGEST,
            ..GROUP
        };
        assert!(gathered.has_room(large));
    }
}
