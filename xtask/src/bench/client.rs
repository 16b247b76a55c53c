//! The client side, a program of its own: `examples/bench`.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::Context as _;
use clap::Args;
use xshell::cmd;

use crate::workspace::Workspace;

/// What is sent, and how.
#[derive(Args, Clone)]
pub(super) struct Load {
    /// Devices of the home.
    #[arg(long, default_value_t = 20)]
    pub(super) devices: u64,
    /// Readings in a batch, at most 5,000.
    #[arg(long, default_value_t = 5000)]
    pub(super) batch: u64,
    /// Connections that send.
    #[arg(long, default_value_t = 2)]
    pub(super) writers: u64,
    /// Measures what was built before.
    #[arg(long)]
    pub(super) no_build: bool,
    /// Time that the readings cover, s.
    #[arg(skip)]
    pub(super) seconds: u64,
    /// Time between two readings of a device, s.
    #[arg(skip)]
    pub(super) resolution: u64,
}

impl Load {
    /// How many readings there are.
    pub(super) fn readings(&self) -> u64 {
        self.seconds / self.resolution.max(1) * self.devices
    }
}

/// What the client printed: numbers by their names.
pub(super) type Figures = BTreeMap<String, f64>;

/// The built client.
pub(super) struct Client {
    program: PathBuf,
}

impl Client {
    /// Builds it for release.
    pub(super) fn build(workspace: &Workspace) -> anyhow::Result<()> {
        let shell = workspace.shell()?;
        cmd!(shell, "cargo build --package voltaire --example bench --release")
            .quiet()
            .run()?;
        Ok(())
    }

    /// The one that was built.
    pub(super) fn of(workspace: &Workspace) -> Self {
        let program = workspace.target.join("release/examples/bench");
        Self { program }
    }

    /// Sends the load into a target.
    pub(super) fn ingest(&self, into: &str, url: &str, load: &Load) -> anyhow::Result<Figures> {
        self.run(&["ingest", "--into", into, "--url", url], Some(load))
    }

    /// Asks a target about what the load brought.
    pub(super) fn query(&self, of: &str, url: &str, (load, repetitions): (&Load, u64)) -> anyhow::Result<Figures> {
        let repetitions = repetitions.to_string();
        let arguments = ["query", "--of", of, "--url", url, "--repetitions", &repetitions];
        self.run(&arguments, Some(load))
    }

    /// Asks the product questions in words about what the load brought.
    pub(super) fn talk(&self, url: &str, load: &Load) -> anyhow::Result<Figures> {
        self.run(&["talk", "--url", url], Some(load))
    }

    /// Makes a database on a PostgreSQL server and gives its URL.
    pub(super) fn database(&self, server: &str, name: &str, timescale: bool) -> anyhow::Result<String> {
        let mut arguments = vec!["database", "--url", server, "--name", name];
        arguments.extend(timescale.then_some("--timescale"));
        self.run(&arguments, None)?;
        let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
        Ok(format!("{base}/{name}"))
    }

    /// The bytes of a PostgreSQL database.
    pub(super) fn size(&self, url: &str) -> anyhow::Result<f64> {
        let figures = self.run(&["size", "--url", url], None)?;
        figures.get("bytes").copied().context("a size is printed")
    }

    fn run(&self, arguments: &[&str], load: Option<&Load>) -> anyhow::Result<Figures> {
        let mut command = Command::new(&self.program);
        command.args(arguments);
        if let Some(load) = load {
            let options = [
                ("--devices", load.devices),
                ("--seconds", load.seconds),
                ("--resolution", load.resolution),
                ("--batch", load.batch),
                ("--writers", load.writers),
            ];
            for (name, value) in options {
                command.arg(name).arg(value.to_string());
            }
        }
        figures_of(command)
    }
}

/// Runs a client to its end and reads what it printed.
pub(super) fn figures_of(mut command: Command) -> anyhow::Result<Figures> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.context("cannot run the client")?;
    anyhow::ensure!(output.status.success(), "the client failed");
    Ok(figures(&String::from_utf8_lossy(&output.stdout)))
}

fn figures(text: &str) -> Figures {
    let line = |line: &str| {
        let (name, value) = line.split_once('\t')?;
        Some((name.to_owned(), value.trim().parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// Readings a second.
pub(super) fn rate(figures: &Figures) -> f64 {
    let of = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    of("readings") / of("seconds")
}

/// The middle value.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_other_lines_are_not() {
        let figures = figures("hours p50\t2.125\nnoise\nreadings\t10\nseconds\t4\n");
        assert_eq!(figures.get("hours p50"), Some(&2.125));
        assert_eq!(figures.len(), 3);
        assert!((rate(&figures) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn the_median_of_three_is_the_middle_one() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!(median(&[]).is_nan());
    }
}
