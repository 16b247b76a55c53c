//! A live client, for `cargo xtask bench live`: how late readings arrive at many who watch, some of whom do not read.
//!
//! `cargo run --release --example live -- http://127.0.0.1:3000` registers throw-away accounts on that server. A commit
//! happens between the sending of a batch and its acknowledgement: the figures are from both.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Parser;
use tokio::{task::JoinSet, time::interval};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Streaming,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};
use uuid::Uuid;
use voltaire_mesh::wire;
use voltaire_proto::{
    auth::v1::{RegisterRequest, auth_service_client::AuthServiceClient},
    telemetry::v1::{
        CreateDeviceRequest, Device, IngestBatchRequest, LatestReading, Reading, WatchLiveRequest, WatchLiveResponse,
        device_service_client::DeviceServiceClient, ingest_service_client::IngestServiceClient,
        query_service_client::QueryServiceClient, watch_live_response::Event,
    },
};
use voltaire_types::Clock;

/// Measures a running server.
#[derive(Clone, Parser)]
struct Arguments {
    /// The server's one port.
    server: String,
    /// Homes; one account each.
    #[arg(long, default_value_t = 10)]
    homes: usize,
    /// Who watches each home; at most 128, over one connection.
    #[arg(long, default_value_t = 100)]
    watchers: usize,
    /// Who watches each home and never reads.
    #[arg(long, default_value_t = 5)]
    stalled: usize,
    /// Devices of a home, all of which are in each batch.
    #[arg(long, default_value_t = 20)]
    devices: usize,
    /// Between two batches of a home, ms.
    #[arg(long, default_value_t = 500)]
    every: u64,
    /// How long readings are sent, s.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The server's process, whose memory is told.
    #[arg(long)]
    pid: Option<u32>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut homes = Vec::new();
    for _ in 0..arguments.homes {
        homes.push(Home::make(&arguments).await?);
    }
    told_memory(&arguments, "before");
    let (mut watchers, mut stalled, end) = (JoinSet::new(), Vec::new(), CancellationToken::new());
    for home in &homes {
        let channel = connect(&arguments.server, None).await?;
        for _ in 0..arguments.watchers {
            let messages = home.watch(channel.clone()).await?;
            watchers.spawn(watch(messages, Arc::clone(&home.sent), end.clone()));
        }
        // The least that a stream may have unread: its server waits from the first message on.
        let channel = connect(&arguments.server, Some(1024)).await?;
        for _ in 0..arguments.stalled {
            stalled.push(home.watch(channel.clone()).await?);
        }
    }
    told_memory(&arguments, "with all who watch");
    let mut senders = JoinSet::new();
    for home in homes {
        senders.spawn(home.send(arguments.clone()));
    }
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    // What was committed last is still on its way.
    tokio::time::sleep(Duration::from_secs(2)).await;
    told_memory(&arguments, "after the load");
    end.cancel();
    report(&watchers.join_all().await, stalled.len());
    Ok(())
}

/// When a batch was sent, and when it was acknowledged.
#[derive(Clone, Copy)]
struct Sent {
    at: Instant,
    acknowledged: Option<Instant>,
}

/// The batches of a home by their timestamp, µs.
type Batches = Arc<Mutex<HashMap<i64, Sent>>>;

/// What one who watches has seen.
#[derive(Default)]
struct Seen {
    since_sent: Vec<Duration>,
    since_acknowledged: Vec<Duration>,
    /// Messages that it was told it has missed.
    missed: u64,
    /// Numbers that were left out without a word.
    gaps: u64,
    /// The newest reading, µs since 1970.
    newest: i64,
    /// Whether that is the last one that was sent.
    complete: bool,
}

/// A home of an account of its own.
struct Home {
    server: String,
    bearer: String,
    devices: Vec<String>,
    sent: Batches,
}

impl Home {
    async fn make(arguments: &Arguments) -> anyhow::Result<Self> {
        let channel = connect(&arguments.server, None).await?;
        let request = RegisterRequest {
            name: "Load".into(),
            email: format!("live-{}@example.com", Uuid::new_v4().simple()),
            password: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let answer = AuthServiceClient::new(channel.clone()).register(request).await?;
        let session = answer
            .into_inner()
            .session
            .context("a registration answers with a session")?;
        let mut home = Self {
            server: arguments.server.clone(),
            bearer: format!("Bearer {}", session.access_token),
            devices: Vec::new(),
            sent: Batches::default(),
        };
        let mut client = DeviceServiceClient::new(channel);
        for number in 0..arguments.devices {
            let device = Some(Device {
                name: format!("Load {number}"),
                ..Default::default()
            });
            let made = client
                .create_device(home.request(CreateDeviceRequest { device })?)
                .await?;
            let device = made.into_inner().device.context("a creation answers with the device")?;
            home.devices.push(device.device_id);
        }
        Ok(home)
    }

    fn request<M>(&self, message: M) -> anyhow::Result<Request<M>> {
        let mut request = Request::new(message);
        let bearer = MetadataValue::try_from(&self.bearer)?;
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }

    async fn watch(&self, channel: Channel) -> anyhow::Result<Streaming<WatchLiveResponse>> {
        let request = self.request(WatchLiveRequest::default())?;
        let answer = QueryServiceClient::new(channel).watch_live(request).await?;
        Ok(answer.into_inner())
    }

    /// Sends a batch of all devices at every step.
    async fn send(self, arguments: Arguments) -> anyhow::Result<()> {
        let mut client = IngestServiceClient::new(connect(&self.server, None).await?);
        let clock = Clock::system();
        let begun = Instant::now();
        let mut tick = interval(Duration::from_millis(arguments.every));
        while begun.elapsed() < Duration::from_secs(arguments.seconds) {
            tick.tick().await;
            let now = clock.now();
            let reading = |device: &String| Reading {
                device_id: device.clone(),
                timestamp: Some(wire::timestamp(now)),
                power_watts: (now.micros() % 2000) as f64,
                ..Default::default()
            };
            let readings = self.devices.iter().map(reading).collect();
            let request = self.request(IngestBatchRequest { readings })?;
            let at = Instant::now();
            let acknowledged = None;
            lock(&self.sent).insert(now.micros(), Sent { at, acknowledged });
            client.ingest_batch(request).await?;
            let acknowledged = Some(Instant::now());
            lock(&self.sent).insert(now.micros(), Sent { at, acknowledged });
        }
        Ok(())
    }
}

fn lock(batches: &Batches) -> std::sync::MutexGuard<'_, HashMap<i64, Sent>> {
    batches.lock().expect("nobody panics with the lock")
}

async fn connect(server: &str, window: Option<u32>) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(server.to_owned())?.initial_stream_window_size(window);
    endpoint.connect().await.context("no server there")
}

/// Follows a home until the end, and says what it saw when.
async fn watch(
    mut messages: Streaming<WatchLiveResponse>,
    sent: Batches,
    end: CancellationToken,
) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    let mut number = None;
    loop {
        let message = tokio::select! {
            () = end.cancelled() => break,
            message = messages.message() => message?.context("the stream ended")?,
        };
        let now = Instant::now();
        match message.event {
            Some(Event::Readings(it)) => {
                seen.gaps += u64::from(number.is_some_and(|before| message.sequence != before + 1));
                if let Some(at) = it.latest.first().and_then(instant) {
                    seen.arrived(at, now, lock(&sent).get(&at).copied());
                }
            }
            Some(Event::Missed(it)) => seen.missed += it.messages,
            Some(Event::Snapshot(_) | Event::Heartbeat(_)) | None => {}
        }
        number = Some(message.sequence);
    }
    seen.complete = lock(&sent).keys().max() == Some(&seen.newest);
    Ok(seen)
}

fn instant(latest: &LatestReading) -> Option<i64> {
    let timestamp = latest.reading.as_ref()?.timestamp?;
    Some(timestamp.seconds * 1_000_000 + i64::from(timestamp.nanos / 1000))
}

impl Seen {
    fn arrived(&mut self, at: i64, now: Instant, sent: Option<Sent>) {
        self.newest = self.newest.max(at);
        let Some(sent) = sent else { return };
        self.since_sent.push(now - sent.at);
        let acknowledged = sent
            .acknowledged
            .map_or(Duration::ZERO, |it| now.saturating_duration_since(it));
        self.since_acknowledged.push(acknowledged);
    }
}

fn report(all: &[anyhow::Result<Seen>], stalled: usize) {
    let seen: Vec<_> = all.iter().filter_map(|it| it.as_ref().ok()).collect();
    let sum = |count: fn(&Seen) -> u64| seen.iter().map(|it| count(it)).sum::<u64>();
    println!(
        "watchers: {}, {} of them ended early, and {stalled} who do not read; {} saw the last reading, {} messages missed and told, {} gaps",
        all.len(),
        all.len() - seen.len(),
        sum(|it| it.complete.into()),
        sum(|it| it.missed),
        sum(|it| it.gaps),
    );
    let times = |of: fn(&Seen) -> &Vec<Duration>| seen.iter().flat_map(|it| of(it)).copied().collect();
    told(
        "sent → watcher (more than commit → watcher)",
        times(|it| &it.since_sent),
    );
    told(
        "acknowledged → watcher (less than it)",
        times(|it| &it.since_acknowledged),
    );
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: f64| {
        let index = (times.len() as f64 * part) as usize;
        times
            .get(index)
            .or(times.last())
            .map_or(0.0, |it| it.as_secs_f64() * 1e3)
    };
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms ({} messages)",
        at(0.5),
        at(0.99),
        at(1.0),
        times.len()
    );
}

/// Tells the resident memory of the server, where its process is known.
fn told_memory(arguments: &Arguments, when: &str) {
    let Some(pid) = arguments.pid else { return };
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    if let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmRSS:")) {
        println!("memory {when} (resident): {}", line.trim());
    }
}
