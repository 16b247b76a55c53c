//! The limit: the same messages through a NATS server, which keeps nothing and knows no one.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_nats::{Client, Subscriber};
use futures::StreamExt as _;
use prost::Message as _;
use tokio::{task::JoinSet, time::interval};
use tokio_util::sync::CancellationToken;
use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1::{
    LatestReading, LiveReadings, Reading, WatchLiveResponse, watch_live_response::Event,
};
use voltaire_types::{Clock, Timestamp};

use crate::{
    Arguments, Usage,
    seen::{self, Batches, Seen},
};

/// Watches and sends, and tells what arrived when.
pub(crate) async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let (mut watchers, mut senders, end) = (JoinSet::new(), JoinSet::new(), CancellationToken::new());
    for home in 0..arguments.homes {
        let (subject, sent) = (format!("home.{home}"), Batches::default());
        let watching = async_nats::connect(&arguments.url).await?;
        for _ in 0..arguments.watchers {
            let messages = watching.subscribe(subject.clone()).await?;
            let (sent, end) = (sent.clone(), end.clone());
            watchers.spawn(async move {
                let seen = watch(messages, &sent, &end).await;
                (sent, seen)
            });
        }
        watching.flush().await?;
        let sending = async_nats::connect(&arguments.url).await?;
        senders.spawn(send((sending, subject), sent, arguments.clone()));
    }
    let usage = Usage::of(arguments)?;
    usage.tell(arguments, seen::end(senders, watchers, &end).await?)
}

async fn watch(mut messages: Subscriber, sent: &Batches, end: &CancellationToken) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    while let Some(message) = end.run_until_cancelled(messages.next()).await {
        let message = message.context("the subscription ended")?;
        seen.message(&WatchLiveResponse::decode(message.payload)?, sent);
    }
    Ok(seen)
}

async fn send((client, subject): (Client, String), sent: Batches, arguments: Arguments) -> anyhow::Result<()> {
    let clock = Clock::system();
    let begun = Instant::now();
    let mut tick = interval(Duration::from_millis(arguments.every));
    let mut sequence = 0;
    while begun.elapsed() < Duration::from_secs(arguments.seconds) {
        tick.tick().await;
        let now = clock.now();
        sequence += 1;
        let message = message(sequence, now, arguments.devices).encode_to_vec();
        sent.sending(now.micros());
        client.publish(subject.clone(), message.into()).await?;
        client.flush().await?;
        sent.acknowledged(now.micros());
    }
    Ok(())
}

/// What the product would tell those who watch.
fn message(sequence: u64, now: Timestamp, devices: usize) -> WatchLiveResponse {
    let latest = |number: usize| LatestReading {
        reading: Some(Reading {
            device_id: uuid::Uuid::from_u128(number as u128).to_string(),
            timestamp: Some(wire::timestamp(now)),
            power_watts: (now.micros() % 2000) as f64,
            ..Default::default()
        }),
        ..Default::default()
    };
    let readings = LiveReadings {
        latest: (0..devices).map(latest).collect(),
        home_power_watts: Some(1.0),
    };
    WatchLiveResponse {
        sequence,
        event: Some(Event::Readings(readings)),
    }
}
