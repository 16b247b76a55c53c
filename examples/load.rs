//! A load client, for `cargo xtask bench`: what a call costs through the one port, and how many readings a second it takes in.
//!
//! `cargo run --release --example load -- http://127.0.0.1:3000` registers a throw-away account on that server.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, metadata::MetadataValue, transport::Channel};
use uuid::Uuid;
use voltaire_proto::{
    auth::v1::{GetMeRequest, RegisterRequest, auth_service_client::AuthServiceClient},
    telemetry::v1::{
        CreateDeviceRequest, Device, Flow, IngestRequest, ListDeviceTypesRequest, Reading,
        device_service_client::DeviceServiceClient, ingest_service_client::IngestServiceClient,
    },
};

/// Measures a running server.
#[derive(Parser)]
struct Arguments {
    /// The server's one port.
    server: String,
    /// How many unary calls are timed, one after the other.
    #[arg(long, default_value_t = 2000)]
    calls: usize,
    /// How long readings are sent, s.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Readings in a batch.
    #[arg(long, default_value_t = 1000)]
    batch: usize,
    /// Batches that wait for their ack at a time.
    #[arg(long, default_value_t = 4)]
    in_flight: usize,
    /// Devices whose readings are interleaved.
    #[arg(long, default_value_t = 20)]
    devices: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let channel = Channel::from_shared(arguments.server.clone())?
        .connect()
        .await
        .context("no server there")?;
    let account = Account::register(channel).await?;
    account.time_calls(arguments.calls).await?;
    account.ingest(&arguments).await
}

/// A new account and the way to the server.
struct Account {
    channel: Channel,
    bearer: String,
}

impl Account {
    async fn register(channel: Channel) -> anyhow::Result<Self> {
        let request = RegisterRequest {
            name: "Load".into(),
            email: format!("load-{}@example.com", Uuid::new_v4().simple()),
            password: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let answer = AuthServiceClient::new(channel.clone())
            .register(request)
            .await?
            .into_inner();
        let session = answer.session.context("a registration answers with a session")?;
        Ok(Self {
            channel,
            bearer: format!("Bearer {}", session.access_token),
        })
    }

    fn request<M>(&self, message: M) -> anyhow::Result<Request<M>> {
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert("authorization", MetadataValue::try_from(&self.bearer)?);
        Ok(request)
    }

    /// Times `GetMe` over one connection, after a warm-up.
    async fn time_calls(&self, calls: usize) -> anyhow::Result<()> {
        let mut client = AuthServiceClient::new(self.channel.clone());
        let mut times = Vec::with_capacity(calls);
        for number in 0..calls + 200 {
            let request = self.request(GetMeRequest {})?;
            let started = Instant::now();
            client.get_me(request).await?;
            if number >= 200 {
                times.push(started.elapsed());
            }
        }
        times.sort();
        let at = |percent: usize| {
            times
                .get(calls * percent / 100)
                .map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        println!(
            "unary call: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms ({calls} calls)",
            at(50),
            at(95),
            at(99)
        );
        Ok(())
    }

    async fn make_devices(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut client = DeviceServiceClient::new(self.channel.clone());
        let types = client
            .list_device_types(self.request(ListDeviceTypesRequest {})?)
            .await?
            .into_inner();
        let device_type_id = types
            .device_types
            .first()
            .context("device types are seeded")?
            .device_type_id;
        let mut devices = Vec::new();
        for number in 0..count {
            let device = Device {
                name: format!("Load {number}"),
                device_type_id,
                flow: Flow::Consumption.into(),
                ..Default::default()
            };
            let answer = client
                .create_device(self.request(CreateDeviceRequest { device: Some(device) })?)
                .await?
                .into_inner();
            devices.push(answer.device.context("a creation answers with the device")?.device_id);
        }
        Ok(devices)
    }

    /// Streams batches for a while, a few ahead of their acks, and counts what was acknowledged.
    async fn ingest(&self, arguments: &Arguments) -> anyhow::Result<()> {
        let devices = self.make_devices(arguments.devices).await?;
        let (sender, receiver) = tokio::sync::mpsc::channel(arguments.in_flight);
        let mut next = 0;
        while next < arguments.in_flight as u64 {
            sender.send(batch(next, arguments.batch, &devices)).await?;
            next += 1;
        }
        let mut client = IngestServiceClient::new(self.channel.clone());
        let started = Instant::now();
        let mut acks = client
            .ingest(self.request(ReceiverStream::new(receiver))?)
            .await?
            .into_inner();
        let mut sender = Some(sender);
        let mut accepted = 0;
        let until = Duration::from_secs(arguments.seconds);
        while let Some(ack) = acks.next().await {
            accepted += u64::from(ack?.result.context("an ack carries its result")?.accepted);
            if started.elapsed() >= until {
                sender = None;
            } else if let Some(sender) = &sender {
                sender.send(batch(next, arguments.batch, &devices)).await?;
                next += 1;
            }
        }
        let rate = accepted as f64 / started.elapsed().as_secs_f64();
        println!(
            "ingest: {rate:.0} readings/s acknowledged ({accepted} readings, {} devices, batches of {})",
            arguments.devices, arguments.batch
        );
        Ok(())
    }
}

/// The batch with this number: one reading a second and device from 2024 on, so that no two are alike.
fn batch(sequence: u64, size: usize, devices: &[String]) -> IngestRequest {
    let reading = |number: usize| {
        let seconds = 1_704_067_200 + i64::from((number / devices.len()) as u32);
        Some(Reading {
            device_id: devices.get(number % devices.len())?.clone(),
            timestamp: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            power_watts: (number % 2000) as f64,
            ..Default::default()
        })
    };
    let first = sequence as usize * size;
    IngestRequest {
        sequence,
        readings: (first..first + size).filter_map(reading).collect(),
    }
}
