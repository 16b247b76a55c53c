//! `cargo xtask bench ingest`: how many readings a second are on disk and acknowledged.
//!
//! Every system gets the same readings in the same batches from clients that have them ready. The product and plain inserts into
//! the same kind of database take turns, so that what else the machine does meets both.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use clap::Args;

use super::{
    client::{self, Load, median},
    product::Product,
    system::{Ground, System},
};
use crate::{databases::Running, workspace::Workspace};

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
    /// Serves all rounds.
    server: Option<Running>,
    rates: Vec<f64>,
    raw: Vec<f64>,
    /// What the process computed for a reading, µs.
    cpu: Vec<f64>,
    bytes: f64,
    /// Of plain rows in the same database.
    raw_bytes: f64,
    /// Resident memory before, after and at most, bytes.
    memory: [usize; 3],
    /// The same after each tenth of the time that the load took.
    curve: Vec<usize>,
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
    let mut outcomes: Vec<Outcome> = Vec::new();
    for system in System::those(&options.only) {
        match ground.server(system) {
            Ok(server) => outcomes.push(Outcome::new(system, server)),
            Err(error) => println!("{}: skipped: {error:#}", system.name()),
        }
    }
    for round in 1..=options.rounds {
        outcomes.retain_mut(
            |outcome| match outcome.measure(&ground, &load, round == options.rounds) {
                Ok(()) => true,
                Err(error) => {
                    println!("{}: skipped: {error:#}", outcome.system.name());
                    false
                }
            },
        );
    }
    print(&outcomes, load.readings());
    Ok(())
}

impl Outcome {
    fn new(system: System, server: Option<Running>) -> Self {
        Self {
            system,
            server,
            rates: Vec::new(),
            raw: Vec::new(),
            cpu: Vec::new(),
            bytes: f64::NAN,
            raw_bytes: f64::NAN,
            memory: [0; 3],
            curve: Vec::new(),
        }
    }

    /// One round: plain inserts where the system has a raw limit, then the system itself.
    fn measure(&mut self, ground: &Ground<'_>, load: &Load, last: bool) -> anyhow::Result<()> {
        let server = self.server.as_ref();
        if self.system.is_product() {
            let rows = ground.database(self.system, server, "bench_rows")?;
            let figures = ground.client.ingest("rows", &rows.url, load)?;
            self.raw.push(client::rate(&figures));
            self.raw_bytes = ground.bytes(&rows)?;
        }
        let started = ground.start(self.system, server)?;
        let process = &started.process;
        let (before, idle) = (process.resident()?, process.cpu()?);
        let (rate, curve) = watched(process, || started.ingest(ground, load));
        let rate = rate?;
        self.curve = tenths(&curve);
        let cpu = process.cpu()?.saturating_sub(idle);
        self.rates.push(rate);
        self.cpu.push(cpu.as_secs_f64() * 1e6 / load.readings() as f64);
        self.memory = [before, process.resident()?, process.peak()?];
        if last {
            started.settle(load)?;
        }
        self.bytes = started.end(ground)?;
        let raw = self.raw.last().copied().unwrap_or(f64::NAN);
        println!(
            "{}: {}, plain inserts {}",
            self.system.name(),
            thousands(rate),
            thousands(raw)
        );
        Ok(())
    }
}

fn print(outcomes: &[Outcome], readings: u64) {
    let peer = outcomes.iter().find(|it| it.system == System::Influxdb);
    println!(
        "\n| | readings/s | plain inserts | of plain inserts | of InfluxDB | CPU of the process, µs/reading \
         | B/reading | plain | memory, MB: before, after, most |"
    );
    println!("|---|{}", "---|".repeat(8));
    for outcome in outcomes {
        let [before, after, most] = outcome.memory.map(|bytes| bytes / 1_000_000);
        println!(
            "| {} | {} | {} | {} | {} | {:.2} | {:.1} | {} | {before}, {after}, {most} |",
            outcome.system.name(),
            thousands(median(&outcome.rates)),
            thousands(median(&outcome.raw)),
            ratio(&outcome.rates, &outcome.raw),
            ratio(&outcome.rates, peer.map_or(&[], |it| &it.rates)),
            median(&outcome.cpu),
            outcome.bytes / readings as f64,
            shown(outcome.raw_bytes / readings as f64),
        );
    }
    println!("\nmemory after each tenth of the last load, MB");
    for outcome in outcomes {
        let curve: Vec<_> = outcome.curve.iter().map(|it| format!("{}", it / 1_000_000)).collect();
        println!("{}: {}", outcome.system.name(), curve.join(", "));
    }
}

/// Does something, and gives the process's resident memory meanwhile, bytes.
fn watched<T>(process: &Product, work: impl FnOnce() -> T) -> (T, Vec<usize>) {
    const EVERY: Duration = Duration::from_millis(100);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut curve = Vec::new();
            while !done.load(Ordering::Relaxed) {
                curve.extend(process.resident().ok());
                thread::sleep(EVERY);
            }
            curve
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        (result, watch.join().unwrap_or_default())
    })
}

/// The values at the end of each tenth.
fn tenths(curve: &[usize]) -> Vec<usize> {
    let last = curve.len().saturating_sub(1);
    let tenths = (1..=10).filter_map(|tenth| curve.get(last * tenth / 10));
    tenths.copied().collect()
}

fn shown(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{value:.1}")
    }
}

fn thousands(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{:.0} k", value / 1e3)
    }
}

/// The median of the ratios of each round.
fn ratio(of: &[f64], to: &[f64]) -> String {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    if ratios.is_empty() {
        "–".into()
    } else {
        format!("{:.2}", median(&ratios))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_told_by_its_tenths() {
        let curve: Vec<usize> = (0..=100).collect();
        assert_eq!(tenths(&curve), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
        assert!(tenths(&[]).is_empty());
    }
}
