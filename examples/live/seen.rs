//! What those who watch have seen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use voltaire_proto::telemetry::v1::{LatestReading, WatchLiveResponse, watch_live_response::Event};

/// When a batch was sent, and when it was acknowledged.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    at: Instant,
    acknowledged: Option<Instant>,
}

/// The batches of a home by their timestamp, µs.
#[derive(Clone, Default)]
pub(crate) struct Batches(Arc<Mutex<HashMap<i64, Sent>>>);

impl Batches {
    /// A batch is about to be sent.
    pub(crate) fn sending(&self, batch: i64) {
        let sent = Sent {
            at: Instant::now(),
            acknowledged: None,
        };
        self.lock().insert(batch, sent);
    }

    /// It has been acknowledged.
    pub(crate) fn acknowledged(&self, batch: i64) {
        if let Some(sent) = self.lock().get_mut(&batch) {
            sent.acknowledged = Some(Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Sent>> {
        self.0.lock().expect("nobody panics with the lock")
    }
}

/// What one who watches has seen.
#[derive(Default)]
pub(crate) struct Seen {
    since_sent: Vec<Duration>,
    since_acknowledged: Vec<Duration>,
    /// Messages that it was told it has missed.
    missed: u64,
    /// Numbers that were left out without a word.
    gaps: u64,
    /// The number of the last message.
    number: Option<u64>,
    /// The newest reading, µs since 1970.
    newest: i64,
}

impl Seen {
    /// A message has arrived.
    pub(crate) fn message(&mut self, message: &WatchLiveResponse, sent: &Batches) {
        let now = Instant::now();
        match &message.event {
            Some(Event::Readings(it)) => {
                self.gaps += u64::from(self.number.is_some_and(|before| message.sequence != before + 1));
                if let Some(at) = it.latest.first().and_then(instant) {
                    self.newest = self.newest.max(at);
                    let known = sent.lock().get(&at).copied();
                    self.arrived(now, known);
                }
            }
            Some(Event::Missed(it)) => self.missed += it.messages,
            Some(Event::Snapshot(_) | Event::Heartbeat(_)) | None => {}
        }
        self.number = Some(message.sequence);
    }

    fn arrived(&mut self, now: Instant, sent: Option<Sent>) {
        let Some(sent) = sent else { return };
        self.since_sent.push(now - sent.at);
        let since = |it| now.saturating_duration_since(it);
        self.since_acknowledged
            .push(sent.acknowledged.map_or(Duration::ZERO, since));
    }

    /// Whether it saw the last reading that was sent.
    fn is_complete(&self, sent: &Batches) -> bool {
        sent.lock().keys().max() == Some(&self.newest)
    }
}

fn instant(latest: &LatestReading) -> Option<i64> {
    let timestamp = latest.reading.as_ref()?.timestamp?;
    Some(timestamp.seconds * 1_000_000 + i64::from(timestamp.nanos / 1000))
}

/// Waits until all has been sent and has arrived, and tells what was seen.
pub(crate) async fn end(
    mut senders: JoinSet<anyhow::Result<()>>,
    watchers: JoinSet<(Batches, anyhow::Result<Seen>)>,
    end: &CancellationToken,
) -> anyhow::Result<usize> {
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    // What was committed last is still on its way.
    tokio::time::sleep(Duration::from_secs(2)).await;
    end.cancel();
    tell(&watchers.join_all().await)
}

/// Tells what all have seen, each with the batches of its home, and gives the number of messages that arrived; fails where one
/// ended early, or missed something without being told.
fn tell(all: &[(Batches, anyhow::Result<Seen>)]) -> anyhow::Result<usize> {
    let watched = || all.iter().filter_map(|(sent, seen)| Some((sent, seen.as_ref().ok()?)));
    let times = |of: fn(&Seen) -> &Vec<Duration>| watched().flat_map(|(_, it)| of(it)).copied().collect();
    let count = tell_times("sent", times(|it| &it.since_sent));
    tell_times("acknowledged", times(|it| &it.since_acknowledged));
    let missed: u64 = watched().map(|(_, it)| it.missed).sum();
    println!("messages\t{count}\nmissed\t{missed}");
    for seen in all.iter().filter_map(|(_, seen)| seen.as_ref().err()) {
        eprintln!("ended early: {seen:#}");
    }
    let gaps: u64 = watched().map(|(_, it)| it.gaps).sum();
    let complete = watched().filter(|(sent, it)| it.is_complete(sent)).count();
    anyhow::ensure!(gaps == 0, "{gaps} messages were missed without a word");
    anyhow::ensure!(
        complete == all.len() && count > 0,
        "{complete} of {} saw the last reading",
        all.len()
    );
    Ok(count)
}

fn tell_times(what: &str, mut times: Vec<Duration>) -> usize {
    times.sort_unstable();
    let at = |part: f64| {
        let index = (times.len() as f64 * part) as usize;
        let time = times.get(index).or(times.last());
        time.map_or(f64::NAN, |it| it.as_secs_f64() * 1e3)
    };
    for (name, part) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        println!("{what} {name}\t{:.3}", at(part));
    }
    times.len()
}
