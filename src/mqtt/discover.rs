//! `mqtt discover`: listens for a while, and shows who publishes what and which device it would go to.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use rumqttc::{Event, Packet, QoS};
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{Clock, Timestamp};

use super::{
    command::Sources,
    formats::{Filter, Formats},
    gather::{Gather, Measured},
    heard::{Heard, Message},
    known::Known,
};
use crate::{
    cli,
    client::{Connection, device::Devices, json},
};

/// The longest name of a device, characters.
const LONGEST_NAME: usize = 80;

/// Shows what is published and which device it would go to.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Many devices publish once a minute or every five: listen as long. A new device gets its source's name; rename it as \
you like, since it keeps that as an alias. Adding devices needs you signed in (voltaire login)."
)]
pub(crate) struct Discover {
    #[command(flatten)]
    sources: Sources,
    /// How long to listen, as 30s or 5m.
    #[arg(long = "for", default_value = "15s", value_parser = cli::length, value_name = "TIME")]
    length: Duration,
    /// Adds a device for each source that has none.
    #[arg(long)]
    add: bool,
}

impl Discover {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let home = self.sources.home_id(&server).await?;
        let mut devices = Devices::of(&server);
        let found = self.listen(connection).await?;
        let mut all = devices.of_home(&home).await?;
        let known = Known::of(&all);
        let mut rows = Vec::new();
        for measured in found.into_values() {
            let mut device = known.find(&measured.source).map(str::to_owned);
            let mut added = false;
            if self.add && device.is_none() {
                let made = devices.add(fresh(&measured, &home), "other").await;
                let made = made.with_context(|| format!("{} cannot be added", measured.source.name()))?;
                device = Some(made.device_id.clone());
                all.push(made);
                added = true;
            }
            let name = all.iter().find(|it| Some(&it.device_id) == device.as_ref());
            rows.push(Row {
                device: name.map(|it| it.name.clone()),
                measured,
                added,
            });
        }
        if connection.json {
            json::print(&rows.iter().map(Row::json).collect());
        } else {
            self.print(&rows);
        }
        Ok(())
    }

    /// The latest of each source, by its name.
    async fn listen(&self, connection: &Connection) -> anyhow::Result<BTreeMap<String, Measured>> {
        let (mut formats, filters) = self.sources.formats()?;
        let broker = &self.sources.broker;
        let (client, mut events) = broker.open(broker.options(&format!("{}-discover", broker.client))?)?;
        let subscribe = |filters: &[Filter]| {
            let all = filters
                .iter()
                .map(|it| client.try_subscribe(&*it.topic, QoS::AtMostOnce));
            all.collect::<Result<(), _>>()
        };
        let clock = Clock::system();
        let (mut gather, mut found) = (Gather::default(), BTreeMap::new());
        let mut add = |measured: Measured| found.insert(measured.source.name().to_owned(), measured);
        let end = Instant::now() + self.length;
        loop {
            let event = tokio::select! {
                () = sleep_until(end) => break,
                event = events.poll() => event,
            };
            match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    if !connection.json {
                        eprintln!("Listening at {} for {:?}…", broker.url, self.length);
                    }
                    subscribe(&filters)?;
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let at = clock.now();
                    for heard in read(&mut formats, &publish, at) {
                        gather.take(heard, at).map(&mut add);
                    }
                    subscribe(&formats.new_filters())?;
                    gather.due(at).into_iter().map(&mut add).for_each(drop);
                }
                Ok(_) => {}
                Err(error) => return Err(broker.explain(&error).into()),
            }
        }
        let after = clock.now().plus(Duration::from_secs(1));
        gather.due(after).into_iter().map(&mut add).for_each(drop);
        Ok(found)
    }

    fn print(&self, rows: &[Row]) {
        if rows.is_empty() {
            println!(
                "Nothing was published in {:?} that Voltaire reads. Listen longer with --for 5m, or see voltaire mqtt --help.",
                self.length
            );
        }
        for row in rows {
            let device = row.device.as_deref().unwrap_or("no device");
            let added = if row.added { " (added)" } else { "" };
            println!(
                "{:<36} {:>10.1} W  {device}{added}",
                row.measured.source.name(),
                row.measured.reading.power_watts
            );
        }
        if rows.iter().any(|it| it.device.is_none()) {
            println!("Add the rest with --add, or give your devices these names as aliases.");
        }
    }
}

fn read(formats: &mut Formats, publish: &rumqttc::Publish, at: Timestamp) -> Vec<Heard> {
    let topic = String::from_utf8_lossy(&publish.topic);
    let read = formats.read(&Message::of(publish, &topic, at));
    read.unwrap_or_else(|why| {
        eprintln!("{topic}: {why}");
        Vec::new()
    })
}

/// A device of a source's name, which stays known by its maker's name for it.
fn fresh(measured: &Measured, home: &str) -> pb::Device {
    let short = |text: &str| text.chars().take(LONGEST_NAME).collect::<String>();
    let names: Vec<_> = measured.source.names().map(short).collect();
    pb::Device {
        home_id: home.to_owned(),
        name: short(measured.source.name()),
        aliases: names.into_iter().skip(1).collect(),
        ..pb::Device::default()
    }
}

/// A source, and where it goes.
struct Row {
    measured: Measured,
    device: Option<String>,
    added: bool,
}

impl Row {
    fn json(&self) -> serde_json::Value {
        json!({
            "source": self.measured.source.name(),
            "powerWatts": self.measured.reading.power_watts,
            "device": self.device,
            "added": self.added,
        })
    }
}
