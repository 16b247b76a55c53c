//! `import`: brings a file of readings to a server. Repeating it changes nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{Calendar, WattHours};

use super::{BrokenFile, Imported, csv, green_button, upload};
use crate::{
    cli,
    client::{
        Connection, Server,
        device::{Devices, FlowArg},
        home, json,
        refusal::Usage,
    },
    simulate::command::progress_bar,
};

/// Imports readings from a file.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Import {
    /// Green Button (ESPI) XML, as utilities export it.
    GreenButton(GreenButton),
    /// CSV with a header: a column `timestamp`, and `power_watts`, `energy_wh` or `energy_kwh`.
    Csv(CsvFile),
}

/// A Green Button file.
#[derive(Debug, clap::Args)]
pub(crate) struct GreenButton {
    /// The file.
    file: PathBuf,
    /// The device that the readings are of; added when there is none of this name.
    #[arg(long, default_value = "Grid meter")]
    device: String,
}

/// A CSV file.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Also understood: device, voltage, current, power_factor, energy_total_wh, interval_seconds.\n\
Times are RFC 3339, seconds since 1970, or local time of your home as 2026-11-23 14:20."
)]
pub(crate) struct CsvFile {
    /// The file.
    file: PathBuf,
    /// The device of rows that name none; added when there is none of this name.
    #[arg(long, default_value = "Imported")]
    device: String,
    /// Its kind, when it is added.
    #[arg(long = "type", default_value = "other", value_name = "KIND")]
    kind: String,
    /// Which way its energy goes, when it is added.
    #[arg(long, value_enum, default_value_t = FlowArg::Consumption)]
    flow: FlowArg,
    /// The stretch that each row is the mean or the energy of, as 15m or 1h; without: rows are samples.
    #[arg(long, value_parser = cli::length)]
    interval: Option<Duration>,
}

/// The device that readings without a name of their own go to.
struct Target {
    name: String,
    kind: String,
    flow: pb::Flow,
}

impl Import {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        match self {
            Self::GreenButton(it) => {
                let text = fs::read_to_string(&it.file).map_err(|error| unreadable(&it.file, &error))?;
                let readings = green_button::parse(&text).with_context(|| it.file.display().to_string())?;
                let target = Target {
                    name: it.device,
                    kind: "grid".into(),
                    flow: pb::Flow::Grid,
                };
                send(connection, &connection.signed_in().await?, readings, target).await
            }
            Self::Csv(it) => {
                let server = connection.signed_in().await?;
                let home = home::first(&server).await?;
                let calendar = Calendar::new(&home.time_zone, jiff::civil::Weekday::Monday)
                    .map_err(|error| Usage(error.to_string()))?;
                let file = fs::File::open(&it.file).map_err(|error| unreadable(&it.file, &error))?;
                let readings = csv::parse(
                    file,
                    &csv::Meaning {
                        calendar,
                        interval: it.interval,
                    },
                )
                .with_context(|| it.file.display().to_string())?;
                send(
                    connection,
                    &server,
                    readings,
                    Target {
                        name: it.device,
                        kind: it.kind,
                        flow: it.flow.into(),
                    },
                )
                .await
            }
        }
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Usage {
    Usage(format!("cannot read {}: {error}", file.display()))
}

async fn send(connection: &Connection, server: &Server, readings: Vec<Imported>, target: Target) -> anyhow::Result<()> {
    let energy: WattHours = readings.iter().filter_map(|it| Some(it.power * it.interval?)).sum();
    let lines: Vec<usize> = readings.iter().map(|it| it.line).collect();
    let prepared = prepare(server, readings, &target).await?;
    let bar = progress_bar(prepared.len() as u64, "readings");
    let mut first_refused = None;
    let refused = |place: u64, why: &str| {
        let line = usize::try_from(place)
            .ok()
            .and_then(|place| lines.get(place))
            .copied()
            .unwrap_or_default();
        first_refused.get_or_insert_with(|| BrokenFile::new(line, why));
    };
    let outcome = upload::upload(
        server,
        prepared.into_iter(),
        |outcome| bar.set_position(outcome.total()),
        refused,
    )
    .await?;
    bar.finish_and_clear();
    if connection.json {
        json::print(&serde_json::json!({ "outcome": outcome, "energy_wh": energy.0 }));
    } else {
        println!(
            "{} new readings, {} known already, {} rejected.",
            outcome.accepted, outcome.duplicates, outcome.rejected
        );
        if energy.0 != 0.0 {
            println!("The file's intervals hold {:.3} kWh.", energy.kilowatt_hours());
        }
    }
    first_refused.map_or(Ok(()), |refused| {
        Err(refused).context("the server rejected readings; the first one")
    })
}

/// Gives every reading the id of its device, adding devices that are missing.
async fn prepare(server: &Server, readings: Vec<Imported>, target: &Target) -> anyhow::Result<Vec<pb::Reading>> {
    let mut devices = Devices::of(server);
    let mut ids = std::collections::HashMap::new();
    let mut prepared = Vec::with_capacity(readings.len());
    for it in readings {
        let name = match it.device.as_deref() {
            Some(green_button::EXPORT_DEVICE) => format!("{} (export)", target.name),
            Some(name) => name.to_owned(),
            None => target.name.clone(),
        };
        if !ids.contains_key(&name) {
            let wanted = pb::Device {
                name: name.clone(),
                flow: target.flow.into(),
                ..pb::Device::default()
            };
            let device = devices.named(wanted, &target.kind).await?;
            ids.insert(name.clone(), device.device_id);
        }
        let device_id = ids.get(&name).cloned().unwrap_or_default();
        prepared.push(pb::Reading {
            device_id,
            timestamp: Some(voltaire_mesh::wire::timestamp(it.at)),
            power_watts: it.power.0,
            voltage: it.voltage,
            current: it.current,
            power_factor: it.power_factor,
            energy_total_wh: it.counter,
            interval: it.interval.map(voltaire_mesh::wire::duration),
            reading_id: String::new(),
        });
    }
    Ok(prepared)
}
