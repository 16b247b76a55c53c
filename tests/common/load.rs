//! A load that counts: every call's outcome, every acknowledged reading, every stream that had to be opened again.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Status};
use voltaire_proto::{auth::v1 as auth, chat::v1 as chat, telemetry::v1 as telemetry};
use voltaire_types::{Clock, Timestamp};

use super::user::User;

/// Batches of a stream that wait for their acknowledgement.
const AHEAD: usize = 4;
/// Readings in a batch.
const BATCH: u64 = 10;
/// No call may take longer.
const LONGEST: Duration = Duration::from_secs(30);

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Calls by method and code.
    pub(crate) calls: HashMap<(&'static str, Code), usize>,
    /// What the first failed call of each kind was told.
    pub(crate) failures: Vec<String>,
    /// Seconds since 1970 of acknowledged readings, by device.
    pub(crate) acked: BTreeMap<String, BTreeSet<i64>>,
    /// How often a stream was opened again.
    pub(crate) reopened: usize,
    /// How long each call took.
    pub(crate) times: Vec<Duration>,
    /// Messages of live streams.
    pub(crate) live: usize,
}

impl Counted {
    fn call<T>(&mut self, method: &'static str, begun: Instant, outcome: &Result<T, Status>) {
        let code = outcome.as_ref().err().map_or(Code::Ok, Status::code);
        self.times.push(begun.elapsed());
        let count = self.calls.entry((method, code)).or_default();
        *count += 1;
        if let (Err(status), 1) = (outcome, *count) {
            self.failures.push(format!("{method}: {status:?}"));
        }
    }

    fn acknowledge(&mut self, device: &str, readings: &[telemetry::Reading]) {
        let seconds = readings.iter().filter_map(|it| Some(it.timestamp?.seconds));
        self.acked.entry(device.to_owned()).or_default().extend(seconds);
    }

    fn add(&mut self, other: Self) {
        for (key, count) in other.calls {
            *self.calls.entry(key).or_default() += count;
        }
        for (device, seconds) in other.acked {
            self.acked.entry(device).or_default().extend(seconds);
        }
        self.failures.extend(other.failures);
        self.reopened += other.reopened;
        self.times.extend(other.times);
        self.live += other.live;
    }

    /// Calls that went well, and all.
    pub(crate) fn totals(&self) -> (usize, usize) {
        let well = self.calls.iter().filter(|((_, code), _)| *code == Code::Ok);
        (well.map(|(_, count)| count).sum(), self.calls.values().sum())
    }

    /// The time within which so many percent of the calls were answered, ms.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        self.times.sort_unstable();
        let at = (self.times.len() * percent / 100).min(self.times.len().saturating_sub(1));
        self.times.get(at).map_or(0.0, |it| it.as_secs_f64() * 1e3)
    }
}

/// A running load.
pub(crate) struct Load {
    stop: CancellationToken,
    tasks: JoinSet<Counted>,
}

impl Load {
    /// Starts it as a user with these devices: one takes batches, the other a stream.
    pub(crate) fn start(user: &User, [batched, streamed]: [String; 2]) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for number in 0..3 {
            tasks.spawn(calls(user.clone(), number, stop.clone()));
        }
        tasks.spawn(batches(user.clone(), batched, stop.clone()));
        tasks.spawn(stream(user.clone(), streamed, stop.clone()));
        tasks.spawn(watch(user.clone(), stop.clone()));
        Self { stop, tasks }
    }

    /// Lets it end with what is at work, and says what came of it.
    pub(crate) async fn end(mut self) -> Counted {
        self.stop.cancel();
        let mut all = Counted::default();
        while let Some(counted) = self.tasks.join_next().await {
            all.add(counted.expect("a load does not panic"));
        }
        all
    }
}

fn timed<T>(user: &User, message: T) -> Request<T> {
    let mut request = user.request(message);
    request.set_timeout(LONGEST);
    request
}

/// Calls of every service, one after the other.
async fn calls(user: User, number: usize, stop: CancellationToken) -> Counted {
    let mut counted = Counted::default();
    let mut round = number;
    while !stop.is_cancelled() {
        let begun = Instant::now();
        match round % 5 {
            0 => {
                let it = user.auth().get_me(timed(&user, auth::GetMeRequest {})).await;
                counted.call("GetMe", begun, &it);
            }
            1 => {
                let request = timed(&user, telemetry::ListDevicesRequest::default());
                counted.call("ListDevices", begun, &user.devices().list_devices(request).await);
            }
            2 => {
                let request = timed(&user, chat::ListSessionsRequest::default());
                counted.call("ListSessions", begun, &user.chat().list_sessions(request).await);
            }
            3 => {
                // Not to be repeated: made once, or the call has failed.
                let device = telemetry::Device {
                    name: format!("Lamp {number}.{round}"),
                    ..telemetry::Device::default()
                };
                let request = timed(&user, telemetry::CreateDeviceRequest { device: Some(device) });
                let made = user.devices().create_device(request).await;
                counted.call("CreateDevice", begun, &made);
                if let Some(device) = made.ok().and_then(|it| it.into_inner().device) {
                    let request = timed(
                        &user,
                        telemetry::DeleteDeviceRequest {
                            device_id: device.device_id,
                        },
                    );
                    counted.call("DeleteDevice", begun, &user.devices().delete_device(request).await);
                }
            }
            _ => {
                let asked = ask(&user).await;
                counted.call("Ask", begun, &asked);
            }
        }
        round += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    counted
}

/// A question, to the end of its answer.
async fn ask(user: &User) -> Result<usize, Status> {
    let request = chat::AskRequest {
        text: "what is on now?".to_owned(),
        ..chat::AskRequest::default()
    };
    let mut steps = user.chat().ask(timed(user, request)).await?.into_inner();
    let mut count = 0;
    while steps.message().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// When the readings of a load begin.
fn beginning() -> i64 {
    Clock::system().now().minus(Duration::from_hours(72)).parts().0
}

/// The batch with this number: no two have a reading in common.
fn batch(device: &str, beginning: i64, number: u64) -> Vec<telemetry::Reading> {
    (0..BATCH)
        .map(|second| {
            let at = Timestamp::from_parts(beginning.saturating_add_unsigned(number * BATCH + second), 0).ok();
            telemetry::Reading {
                device_id: device.to_owned(),
                timestamp: at.map(voltaire_mesh::wire::timestamp),
                power_watts: 100.0,
                ..telemetry::Reading::default()
            }
        })
        .collect()
}

async fn batches(user: User, device: String, stop: CancellationToken) -> Counted {
    let (mut counted, beginning) = (Counted::default(), beginning());
    let mut number = 0;
    while !stop.is_cancelled() {
        let readings = batch(&device, beginning, number);
        let begun = Instant::now();
        let request = telemetry::IngestBatchRequest {
            readings: readings.clone(),
        };
        let answer = user.ingest().ingest_batch(timed(&user, request)).await;
        counted.call("IngestBatch", begun, &answer);
        if answer.is_ok() {
            counted.acknowledge(&device, &readings);
            number += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    counted
}

/// A stream of batches, opened again where it breaks; what was not acknowledged is sent again.
async fn stream(user: User, device: String, stop: CancellationToken) -> Counted {
    let (mut counted, beginning) = (Counted::default(), beginning());
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    loop {
        let (sender, receiver) = mpsc::channel(2 * AHEAD);
        for sequence in waiting.keys() {
            send(&sender, &waiting, *sequence).await;
        }
        let acks = user.ingest().ingest(user.request(ReceiverStream::new(receiver))).await;
        if let Ok(acks) = acks {
            let mut acks = acks.into_inner();
            loop {
                while waiting.len() < AHEAD && !stop.is_cancelled() {
                    waiting.insert(next, batch(&device, beginning, next));
                    send(&sender, &waiting, next).await;
                    next += 1;
                }
                if waiting.is_empty() {
                    return counted;
                }
                let Ok(Some(ack)) = acks.message().await else { break };
                if let Some(readings) = waiting.remove(&ack.sequence) {
                    counted.acknowledge(&device, &readings);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        counted.reopened += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn send(
    sender: &mpsc::Sender<telemetry::IngestRequest>,
    waiting: &BTreeMap<u64, Vec<telemetry::Reading>>,
    sequence: u64,
) {
    let readings = waiting.get(&sequence).cloned().unwrap_or_default();
    // A stream that has broken takes nothing more: it is opened again.
    drop(sender.send(telemetry::IngestRequest { sequence, readings }).await);
}

/// Follows the home, and goes on where it stopped.
async fn watch(user: User, stop: CancellationToken) -> Counted {
    let (mut counted, mut since_sequence) = (Counted::default(), 0);
    while !stop.is_cancelled() {
        let request = telemetry::WatchLiveRequest {
            since_sequence,
            ..telemetry::WatchLiveRequest::default()
        };
        if let Ok(messages) = user.query().watch_live(user.request(request)).await {
            let mut messages = messages.into_inner();
            loop {
                let message = tokio::select! {
                    message = messages.message() => message,
                    () = stop.cancelled() => return counted,
                };
                let Ok(Some(message)) = message else { break };
                since_sequence = message.sequence;
                counted.live += 1;
            }
        }
        counted.reopened += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    counted
}
