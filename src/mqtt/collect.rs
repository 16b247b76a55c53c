//! `mqtt collect`: sends on what devices publish, until it is stopped.
//!
//! A message that the broker keeps for us (QoS 1) is acknowledged when its readings are on disk. While the server is away readings
//! are held here, up to a limit; beyond it no more messages are taken.

use std::{collections::HashSet, convert::Infallible, pin::pin, sync::Arc, time::Duration};

use rumqttc::{AckMode, AsyncClient, ConnectionError, Event as BrokerEvent, EventLoop, LastWill, Packet, Publish, QoS};
use tokio::{
    sync::{Notify, Semaphore, mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use toml::Table;
use voltaire_mesh::Mesh;
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::Clock;

use super::{
    broker::Broker,
    command::Sources,
    formats::{Filter, Formats},
    forward::{Forward, Parcel, Receipt},
    gather::{Gather, Measured},
    heard::Message,
    known::Known,
    pause::Pause,
    report::{Reporter, publish},
};
use crate::{
    cli,
    client::{Connection, Server, device::Devices, refusal::Unreachable},
    node::{end_of_process, settings},
};

/// So many readings may be held here: twenty devices that tell every ten seconds for half a day.
const HELD: usize = 100_000;
/// Parts of readings are looked at so often.
const TICK: Duration = Duration::from_millis(100);
/// Devices are asked for anew this often, and when one is not known, but not more often than the latter.
const DEVICES: Duration = Duration::from_secs(60);
const DEVICES_AGAIN: Duration = Duration::from_secs(5);
/// What is held at the end has so long to be acknowledged.
const GRACE: Duration = Duration::from_secs(10);
/// Of no more sources and topics is it remembered that they were told of.
const TOLD: usize = 1000;

/// Sends on what devices publish.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It needs a token with the scope `ingest` (voltaire token create), as a session ends after a day. Readings are held \
while the server is away, and the broker keeps dated messages (voltaire/readings/…, Shelly's events) while the collector is: \
neither is lost. Metrics and logs are set as those of services: mesh.metrics_listen, mesh.log.json, RUST_LOG.\n\n\
Exit codes: 0 stopped, 2 wrong input, 4 the server or the broker does not let it in."
)]
pub(crate) struct Collect {
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    settings: cli::Settings,
}

impl Collect {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let settings = settings::load(&self.settings, Table::new())?;
        settings::observe(&settings, "mqtt")?;
        let mesh = Mesh::new("mqtt", Clock::system(), &settings.mesh)?;
        settings::show_metrics(&settings, &mesh).await?;
        let end = end_of_process()?;
        let ended = self.collect(connection, &mesh, &end).await;
        mesh.drain().await;
        ended
    }

    async fn collect(&self, connection: &Connection, mesh: &Mesh, end: &CancellationToken) -> anyhow::Result<()> {
        let (formats, filters) = self.sources.formats()?;
        let options = self.sources.broker.options(&self.sources.broker.client)?;
        let Some((server, home, devices)) = reach(connection, &self.sources, end).await? else {
            return Ok(());
        };
        let (known, latest) = watch::channel(devices);
        let unknown = Arc::new(Notify::new());
        let follow = follow_devices(Devices::of(&server), home, Arc::clone(&unknown), known);

        let link = Link::open(self.sources.broker.clone(), options)?;
        let (parcels, arriving) = mpsc::unbounded_channel();
        let (client, connections) = (link.client.clone(), link.connections.clone());
        let status = self.sources.broker.status_topic();
        let mut reporter = Reporter::new(client.clone(), connections, status.clone());
        let forward = Forward::new(server, arriving).run(move |event| reporter.tell(event));
        let mut forward = pin!(forward);
        let listener = Listener {
            link,
            formats,
            filters,
            gather: Gather::default(),
            clock: mesh.clock().clone(),
            known: latest,
            unknown,
            parcels,
            room: Arc::new(Semaphore::new(HELD)),
            told: HashSet::new(),
        };
        let mut link = tokio::select! {
            stopped = &mut forward => return Ok(stopped?),
            left = listener.run(end) => left?,
            never = follow => match never {},
        };
        // What was taken is brought to its end.
        if timeout(GRACE, forward).await.is_err() {
            tracing::warn!("readings were held that the server did not take in time");
        }
        link.leave(&status).await;
        Ok(())
    }
}

/// The server, the home and its devices, when they can be reached; none where the end comes first.
async fn reach(
    connection: &Connection,
    sources: &Sources,
    end: &CancellationToken,
) -> anyhow::Result<Option<(Server, String, Known)>> {
    let mut pause = Pause::default();
    loop {
        let reached = async {
            let server = connection.signed_in().await?;
            let home = sources.home_id(&server).await?;
            let devices = Known::of(&Devices::of(&server).of_home(&home).await?);
            anyhow::Ok((server, home, devices))
        };
        let away = match reached.await {
            Ok(reached) => return Ok(Some(reached)),
            Err(error) if is_away(&error) => error,
            Err(error) => return Err(error),
        };
        tracing::warn!(why = format!("{away:#}"), "the server is not there yet");
        tokio::select! {
            () = end.cancelled() => return Ok(None),
            () = tokio::time::sleep(pause.next(None)) => {}
        }
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    let unavailable = |it: &tonic::Status| it.code() == tonic::Code::Unavailable;
    error.is::<Unreachable>() || error.downcast_ref().is_some_and(unavailable)
}

/// Keeps the devices up to date.
async fn follow_devices(
    mut devices: Devices,
    home: String,
    unknown: Arc<Notify>,
    known: watch::Sender<Known>,
) -> Infallible {
    loop {
        tokio::time::sleep(DEVICES_AGAIN).await;
        // In time, or when one is not known: whichever is first.
        drop(timeout(DEVICES.saturating_sub(DEVICES_AGAIN), unknown.notified()).await);
        match devices.of_home(&home).await {
            Ok(all) => drop(known.send(Known::of(&all))),
            Err(error) => tracing::debug!(error = format!("{error:#}"), "the devices cannot be asked for"),
        }
    }
}

/// The connection to the broker.
struct Link {
    broker: Broker,
    client: AsyncClient,
    events: EventLoop,
    /// How many there have been.
    connections: watch::Sender<u64>,
    pause: Pause,
}

impl Link {
    fn open(broker: Broker, mut options: rumqttc::MqttOptions) -> anyhow::Result<Self> {
        let offline = LastWill::new(broker.status_topic(), "offline", QoS::AtLeastOnce, true);
        options
            .set_clean_session(false)
            .set_ack_mode(AckMode::Manual)
            .set_last_will(offline);
        let (client, events) = broker.open(options)?;
        metrics::gauge!("voltaire_mqtt_connected").set(0.0);
        Ok(Self {
            broker,
            client,
            events,
            connections: watch::Sender::new(0),
            pause: Pause::default(),
        })
    }

    fn connected(&mut self, filters: &[Filter]) {
        self.connections.send_modify(|it| *it += 1);
        self.pause = Pause::default();
        metrics::gauge!("voltaire_mqtt_connected").set(1.0);
        tracing::info!(broker = self.broker.url, "connected to the broker");
        self.subscribe(filters);
    }

    fn subscribe(&self, filters: &[Filter]) {
        for filter in filters {
            let quality = if filter.dated {
                QoS::AtLeastOnce
            } else {
                QoS::AtMostOnce
            };
            if let Err(error) = self.client.try_subscribe(&*filter.topic, quality) {
                tracing::warn!(%error, topic = filter.topic, "not a filter of topics");
            }
        }
    }

    /// Waits before the next attempt; fails where there is no use in one.
    async fn lost(&mut self, error: &ConnectionError) -> anyhow::Result<()> {
        metrics::gauge!("voltaire_mqtt_connected").set(0.0);
        let why = self.broker.explain(error);
        if why.refused && *self.connections.borrow() == 0 {
            return Err(why.into());
        }
        let again_in = self.pause.next(None);
        tracing::warn!(%why, ?again_in, "not connected to the broker");
        tokio::time::sleep(again_in).await;
        Ok(())
    }

    fn acknowledge(&self, message: &Publish) {
        if let Err(error) = self.client.try_ack(message) {
            tracing::debug!(%error, "a message is not acknowledged, and will come again");
        }
    }

    /// Says goodbye, after what was to be acknowledged.
    async fn leave(&mut self, status: &str) {
        publish(&self.client, status, "offline");
        let left = async {
            self.client.disconnect().await.ok();
            while self.events.poll().await.is_ok() {}
        };
        drop(timeout(Duration::from_secs(2), left).await);
    }
}

/// Takes messages and makes parcels of them.
struct Listener {
    link: Link,
    formats: Formats,
    filters: Vec<Filter>,
    gather: Gather,
    clock: Clock,
    known: watch::Receiver<Known>,
    unknown: Arc<Notify>,
    parcels: mpsc::UnboundedSender<Parcel>,
    room: Arc<Semaphore>,
    /// Sources and topics that a line of the log was written about.
    told: HashSet<String>,
}

impl Listener {
    /// Until the end; gives back the connection.
    async fn run(mut self, end: &CancellationToken) -> anyhow::Result<Link> {
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                () = end.cancelled() => return Ok(self.link),
                event = self.link.events.poll() => tokio::select! {
                    () = end.cancelled() => return Ok(self.link),
                    done = self.take(event) => done?,
                },
                _ = tick.tick() => {
                    let due = self.gather.due(self.clock.now());
                    tokio::select! {
                        () = end.cancelled() => return Ok(self.link),
                        () = self.deliver(due, None) => {}
                    }
                    metrics::gauge!("voltaire_mqtt_held_readings").set((HELD - self.room.available_permits()) as f64);
                }
            }
        }
    }

    async fn take(&mut self, event: Result<BrokerEvent, ConnectionError>) -> anyhow::Result<()> {
        match event {
            Ok(BrokerEvent::Incoming(Packet::ConnAck(_))) => self.link.connected(&self.filters),
            Ok(BrokerEvent::Incoming(Packet::Publish(message))) => self.message(message).await,
            Ok(_) => {}
            Err(error) => self.link.lost(&error).await?,
        }
        Ok(())
    }

    async fn message(&mut self, publish: Publish) {
        let now = self.clock.now();
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        let read = self.formats.read(&Message::of(&publish, &topic, now));
        let fresh = self.formats.new_filters();
        self.link.subscribe(&fresh);
        self.filters.extend(fresh);
        let heard = read.unwrap_or_else(|why| {
            count("not_understood");
            if self.is_first(&topic) {
                tracing::warn!(topic, %why, "a message is not understood");
            }
            Vec::new()
        });
        let measured: Vec<_> = heard.into_iter().filter_map(|it| self.gather.take(it, now)).collect();
        let receipt = (publish.qos != QoS::AtMostOnce).then(|| Receipt {
            message: publish,
            connection: *self.link.connections.borrow(),
        });
        self.deliver(measured, receipt).await;
    }

    /// Makes a parcel of what is of known devices, and waits for room for it.
    async fn deliver(&mut self, measured: Vec<Measured>, receipt: Option<Receipt>) {
        let readings: Vec<_> = measured.into_iter().filter_map(|it| self.addressed(it)).collect();
        if readings.is_empty() {
            // Nothing of it has to be kept.
            if let Some(receipt) = receipt {
                self.link.acknowledge(&receipt.message);
            }
            return;
        }
        let places = u32::try_from(readings.len()).unwrap_or(u32::MAX);
        let Ok(places) = Arc::clone(&self.room).acquire_many_owned(places).await else {
            return;
        };
        let parcel = Parcel {
            readings,
            receipt,
            places,
        };
        drop(self.parcels.send(parcel));
    }

    fn addressed(&mut self, measured: Measured) -> Option<pb::Reading> {
        let device = self.known.borrow().find(&measured.source).map(str::to_owned);
        let Some(device_id) = device else {
            count("unknown_device");
            self.unknown.notify_one();
            let source = measured.source.name();
            if self.is_first(source) {
                tracing::warn!(
                    source,
                    watts = measured.reading.power_watts,
                    "no device is called so: add one, or give one this alias"
                );
            }
            return None;
        };
        count("taken");
        Some(pb::Reading {
            device_id,
            ..measured.reading
        })
    }

    fn is_first(&mut self, what: &str) -> bool {
        self.told.len() < TOLD && self.told.insert(what.to_owned())
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("voltaire_mqtt_messages_total", "outcome" => outcome).increment(1);
}
