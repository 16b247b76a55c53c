//! Taking readings in: batches of all streams become one commit, and each is answered after it.
//!
//! One task writes. It waits for the first batch, gathers what comes within a few milliseconds, stores all of it as one
//! transaction, and then says to each sender what became of theirs. The queue is bounded, so a slow database slows the
//! senders. A failed transaction is an error for the batches in it and for no other; nothing of them is acknowledged.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use voltaire_mesh::Mesh;

use crate::{
    alerting::Alerting,
    error::Error,
    live::Live,
    store::{Batch, Store, Stored},
};

/// Batches that wait to be stored.
const QUEUE: usize = 64;
/// How long a draining process waits for a last batch.
const LAST_CALL: Duration = Duration::from_millis(500);

/// When a group of batches is full.
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
    pub(crate) live: Live,
    pub(crate) alerting: Alerting,
}

struct Job {
    batch: Batch,
    reply: oneshot::Sender<Result<Stored, Error>>,
}

/// The way to the task that writes; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Ingest {
    jobs: mpsc::Sender<Job>,
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
        Self { jobs }
    }

    /// Stores a batch and says what became of it, after the commit. What was handed over is stored even if the caller
    /// goes away.
    pub(crate) async fn submit(&self, batch: Batch) -> Result<Stored, Error> {
        if batch.readings.is_empty() {
            return Ok(Stored::default());
        }
        let (reply, answer) = oneshot::channel();
        self.jobs
            .send(Job { batch, reply })
            .await
            .map_err(|_| Error::Draining)?;
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

impl Writer {
    async fn run(mut self) {
        while let Some(first) = self.next().await {
            let group = self.gather(first).await;
            self.store_group(group).await;
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

    async fn gather(&mut self, first: Job) -> Vec<Job> {
        let until = Instant::now() + self.group.wait;
        let mut readings = first.batch.readings.len();
        let mut group = vec![first];
        while readings < self.group.readings {
            let Ok(Some(job)) = timeout_at(until, self.queue.recv()).await else {
                break;
            };
            readings += job.batch.readings.len();
            group.push(job);
        }
        group
    }

    async fn store_group(&self, group: Vec<Job>) {
        let (batches, replies): (Vec<_>, Vec<_>) = group.into_iter().map(|it| (it.batch, it.reply)).unzip();
        let begun = Instant::now();
        match AssertUnwindSafe(self.store.insert(batches)).catch_unwind().await {
            Ok(Ok(stored)) => {
                metrics::histogram!("voltaire_ingest_commit_seconds").record(begun.elapsed().as_secs_f64());
                for (reply, stored) in replies.into_iter().zip(stored) {
                    count(&stored);
                    self.news.live.committed(&stored.last);
                    self.news.alerting.committed(&stored.last);
                    // Whoever has gone away knows that the outcome is unknown.
                    let gone = reply.send(Ok(stored));
                    drop(gone);
                }
            }
            Ok(Err(error)) => fail(replies, error),
            Err(_) => fail(replies, sqlx::Error::WorkerCrashed.into()),
        }
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

fn count(stored: &Stored) {
    let outcomes = [
        ("accepted", stored.accepted),
        ("duplicate", stored.duplicates),
        ("rejected", stored.rejected.len() as u32),
    ];
    for (outcome, count) in outcomes {
        metrics::counter!("voltaire_ingest_readings_total", "outcome" => outcome).increment(u64::from(count));
    }
}
