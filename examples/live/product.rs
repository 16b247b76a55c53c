//! The product, with those who watch and those who watch without reading.

use std::time::{Duration, Instant};

use anyhow::Context as _;
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
        CreateDeviceRequest, Device, IngestBatchRequest, Reading, WatchLiveRequest, WatchLiveResponse,
        device_service_client::DeviceServiceClient, ingest_service_client::IngestServiceClient,
        query_service_client::QueryServiceClient,
    },
};
use voltaire_types::Clock;

use crate::{
    Arguments, Usage,
    seen::{self, Batches, Seen},
};

/// Watches and sends, and tells what arrived when. A commit happens between the sending of a batch and its acknowledgement:
/// figures are from both.
pub(crate) async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let mut homes = Vec::new();
    for _ in 0..arguments.homes {
        homes.push(Home::make(arguments).await?);
    }
    let (mut watchers, mut stalled, end) = (JoinSet::new(), Vec::new(), CancellationToken::new());
    for home in &homes {
        let channel = connect(&arguments.url, None).await?;
        for _ in 0..arguments.watchers {
            let messages = home.watch(channel.clone()).await?;
            let (sent, end) = (home.sent.clone(), end.clone());
            watchers.spawn(async move {
                let seen = watch(messages, &sent, &end).await;
                (sent, seen)
            });
        }
        // The least that a stream may have unread: its server waits from the first message on.
        let channel = connect(&arguments.url, Some(1024)).await?;
        for _ in 0..arguments.stalled {
            stalled.push(home.watch(channel.clone()).await?);
        }
    }
    let usage = Usage::of(arguments)?;
    let mut senders = JoinSet::new();
    for home in homes {
        senders.spawn(home.send(arguments.clone()));
    }
    usage.tell(arguments, seen::end(senders, watchers, &end).await?)
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
        let channel = connect(&arguments.url, None).await?;
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
            server: arguments.url.clone(),
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
            self.sent.sending(now.micros());
            client.ingest_batch(request).await?;
            self.sent.acknowledged(now.micros());
        }
        Ok(())
    }
}

async fn connect(server: &str, window: Option<u32>) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(server.to_owned())?.initial_stream_window_size(window);
    endpoint.connect().await.context("no server there")
}

/// Follows a home until the end, and says what it saw when.
async fn watch(
    mut messages: Streaming<WatchLiveResponse>,
    sent: &Batches,
    end: &CancellationToken,
) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    while let Some(message) = end.run_until_cancelled(messages.message()).await {
        seen.message(&message?.context("the stream ended")?, sent);
    }
    Ok(seen)
}
