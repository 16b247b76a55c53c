//! `cargo xtask bench ingest`: how many readings a second are on disk and acknowledged.
//!
//! Every system gets the same readings in the same batches from clients that have them ready. The product and plain inserts into
//! the same kind of database take turns, so that what else the machine does meets both.

use clap::Args;

use super::{
    client::{self, Load, median},
    system::{Ground, System},
};
use crate::workspace::Workspace;

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    load: Load,
    /// Time that the readings cover, s.
    #[arg(long, default_value_t = 86_400)]
    seconds: u64,
    /// Time between two readings of a device, s.
    #[arg(long, default_value_t = 1)]
    resolution: u64,
    /// How often everything is measured; the table shows the middle.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only these; without: each that is at hand.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<System>,
}

/// What came out for a system.
struct Outcome {
    system: System,
    rates: Vec<f64>,
    raw: Vec<f64>,
    bytes: f64,
    /// Of plain rows in the same database.
    raw_bytes: f64,
    /// Resident memory before, after and at most, bytes.
    memory: [usize; 3],
}

/// Builds, measures, and prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let ground = Ground::prepare(workspace, &options.load)?;
    let load = Load {
        seconds: options.seconds,
        resolution: options.resolution,
        ..options.load.clone()
    };
    println!(
        "\n{} readings of 4 values, {} devices, batches of {}, {} writers, {} rounds",
        load.readings(),
        load.devices,
        load.batch,
        load.writers,
        options.rounds
    );
    let mut outcomes = Vec::new();
    for system in System::those(&options.only) {
        match measure(&ground, system, (&load, options.rounds)) {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => println!("{}: skipped: {error:#}", system.name()),
        }
    }
    print(&outcomes, load.readings());
    Ok(())
}

fn measure(ground: &Ground<'_>, system: System, (load, rounds): (&Load, usize)) -> anyhow::Result<Outcome> {
    let server = ground.server(system)?;
    let mut outcome = Outcome {
        system,
        rates: Vec::new(),
        raw: Vec::new(),
        bytes: f64::NAN,
        raw_bytes: f64::NAN,
        memory: [0; 3],
    };
    for round in 1..=rounds {
        if system.is_product() {
            let rows = ground.database(system, server.as_ref(), "bench_rows")?;
            outcome
                .raw
                .push(client::rate(&ground.client.ingest("rows", &rows.url, load)?));
            outcome.raw_bytes = ground.bytes(&rows)?;
        }
        let started = ground.start(system, server.as_ref())?;
        let before = started.process.resident()?;
        outcome.rates.push(started.ingest(ground, load)?);
        outcome.memory = [before, started.process.resident()?, started.process.peak()?];
        if round == rounds {
            started.settle()?;
        }
        outcome.bytes = started.end(ground)?;
        let last = |rates: &[f64]| rates.last().copied().unwrap_or(f64::NAN) / 1e3;
        println!(
            "{}, round {round}: {:.0} k/s, plain inserts {:.0} k/s",
            system.name(),
            last(&outcome.rates),
            last(&outcome.raw)
        );
    }
    Ok(outcome)
}

fn print(outcomes: &[Outcome], readings: u64) {
    let peer = outcomes
        .iter()
        .find(|it| it.system == System::Influxdb)
        .map_or(f64::NAN, |it| median(&it.rates));
    println!(
        "\n| | readings/s | of plain inserts | of InfluxDB | B/reading (plain) | memory, MB: before, after, most |"
    );
    println!("|---|---|---|---|---|---|");
    for outcome in outcomes {
        let ratios: Vec<f64> = outcome
            .rates
            .iter()
            .zip(&outcome.raw)
            .map(|(rate, raw)| rate / raw)
            .collect();
        let rate = median(&outcome.rates);
        let [before, after, most] = outcome.memory.map(|bytes| bytes / 1_000_000);
        println!(
            "| {} | {:.0} k | {} | {} | {:.1} ({:.1}) | {before}, {after}, {most} |",
            outcome.system.name(),
            rate / 1e3,
            ratio(median(&ratios)),
            ratio(rate / peer),
            outcome.bytes / readings as f64,
            outcome.raw_bytes / readings as f64,
        );
    }
}

fn ratio(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{value:.2}")
    }
}
