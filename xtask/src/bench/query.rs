//! `cargo xtask bench query`: how long the figures of a page take, with years of readings behind them.

use clap::Args;

use super::{
    client::{Figures, Load},
    system::{Ground, System},
};
use crate::{report, workspace::Workspace};

/// The questions, as the client and as tables call them.
const QUESTIONS: [(&str, &str); 6] = [
    ("months-one", "months of a year, one device"),
    ("months-all", "all devices"),
    ("days", "days of a month, all"),
    ("hours", "hours of a day, all"),
    ("columns", "a day at 600 columns"),
    ("latest", "last values"),
];

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    load: Load,
    /// Days that the readings cover, from 1 January 2025.
    #[arg(long, default_value_t = 365)]
    days: u64,
    /// Time between two readings of a device, as 60s.
    #[arg(long, default_value = "60s", value_parser = seconds)]
    resolution: u64,
    /// How often each question is asked.
    #[arg(long, default_value_t = 30)]
    repetitions: u64,
    /// Only these; without: each that is at hand.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<System>,
}

fn seconds(text: &str) -> Result<u64, String> {
    match text.strip_suffix('s').unwrap_or(text).parse() {
        Ok(seconds @ 1..=86_400) => Ok(seconds),
        _ => Err("must be from 1s to 86400s".into()),
    }
}

/// Builds, fills every system, asks all of them, and prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let ground = Ground::prepare(workspace, &options.load)?;
    let load = Load {
        seconds: options.days * 86_400,
        resolution: options.resolution,
        ..options.load.clone()
    };
    println!("\n{} readings of 4 values, {} devices", load.readings(), load.devices);
    let mut answers = Vec::new();
    for system in System::those(&options.only) {
        match measure(&ground, system, (&load, options.repetitions)) {
            Ok(figures) => answers.push((system, figures)),
            Err(error) => println!("{}: skipped: {error:#}", system.name()),
        }
    }
    print(&answers);
    Ok(())
}

fn measure(ground: &Ground<'_>, system: System, asked: (&Load, u64)) -> anyhow::Result<Figures> {
    let (load, _) = asked;
    let server = ground.server(system)?;
    let started = ground.start(system, server.as_ref())?;
    let rate = started.ingest(ground, load)?;
    let begun = std::time::Instant::now();
    started.settle(load)?;
    println!(
        "{}: filled at {:.0} k/s, settled after {}",
        system.name(),
        rate / 1e3,
        report::duration(begun.elapsed())
    );
    let mut figures = ground.client.query(system.target(), &started.process.url, asked)?;
    figures.insert("memory".into(), started.process.resident()? as f64);
    figures.insert("bytes".into(), started.end(ground)? / load.readings() as f64);
    Ok(figures)
}

fn print(answers: &[(System, Figures)]) {
    let names: Vec<&str> = QUESTIONS.iter().map(|(_, name)| *name).collect();
    println!("\np50 / p95, ms; –: not answered\n");
    println!("| | {} | B/reading | memory, MB |", names.join(" | "));
    println!("|---|{}", "---|".repeat(QUESTIONS.len() + 2));
    for (system, figures) in answers {
        let times: Vec<String> = QUESTIONS
            .iter()
            .map(|(question, _)| times(figures, question).unwrap_or_else(|| "–".into()))
            .collect();
        let of = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
        println!(
            "| {} | {} | {:.1} | {:.0} |",
            system.name(),
            times.join(" | "),
            of("bytes"),
            of("memory") / 1e6
        );
    }
    println!();
    for (question, name) in QUESTIONS {
        let counts = answers
            .iter()
            .filter_map(|(_, it)| it.get(&format!("{question} values")));
        let counts: Vec<String> = counts.map(|it| format!("{it:.0}")).collect();
        println!("values in an answer, {name}: {}", counts.join(", "));
    }
}

fn times(figures: &Figures, question: &str) -> Option<String> {
    let of = |percentile| figures.get(&format!("{question} {percentile}"));
    Some(format!("{:.1} / {:.1}", of("p50")?, of("p95")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolution_is_in_seconds_with_or_without_saying_so() {
        assert_eq!(seconds("10s"), Ok(10));
        assert_eq!(seconds("60"), Ok(60));
        assert!(seconds("0").is_err() && seconds("2m").is_err());
    }
}
