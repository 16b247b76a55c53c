//! `cargo xtask bench live`: how late a committed reading arrives at a thousand who watch through the one port, beside a NATS
//! server that passes the same messages on to as many subscribers.

use std::{fs, process::Command};

use clap::Args;
use xshell::cmd;

use super::{
    client::{self, Figures},
    product::{Product, free_address},
};
use crate::{tools::daemons, up, workspace::Workspace};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Homes.
    #[arg(long, default_value_t = 10)]
    homes: usize,
    /// Who watches each of them, at most 128.
    #[arg(long, default_value_t = 100)]
    watchers: usize,
    /// Who watches each of them and never reads.
    #[arg(long, default_value_t = 5)]
    stalled: usize,
    /// Devices of a home, all of which are in each batch.
    #[arg(long, default_value_t = 20)]
    devices: usize,
    /// Between two batches of a home, ms.
    #[arg(long, default_value_t = 500)]
    every: u64,
    /// How long readings are sent, s.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Measures what was built before.
    #[arg(long)]
    no_build: bool,
}

/// Builds for release and measures, on SQLite, as a home runs it; then the limit.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    if !options.no_build {
        up::build_binary(workspace, "release")?;
        let shell = workspace.shell()?;
        cmd!(shell, "cargo build --package voltaire --example live --release")
            .quiet()
            .run()?;
    }
    println!(
        "\n{} homes of {} devices, a batch every {} ms, {} who watch each and {} who do not read",
        options.homes, options.devices, options.every, options.watchers, options.stalled
    );
    let product = options.measure(workspace, "product", &product(workspace)?)?;
    let limit = match nats(workspace) {
        Ok(nats) => options.measure(workspace, "nats", &nats)?,
        Err(error) => {
            println!("NATS: skipped: {error:#}");
            Figures::new()
        }
    };
    print(&product, &limit);
    Ok(())
}

fn product(workspace: &Workspace) -> anyhow::Result<Product> {
    let data = workspace.target.join("bench-live");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let mut command = Command::new(workspace.target.join("release/voltaire"));
    command.args(["up", "--no-demo", "--data-dir"]).arg(data);
    Product::start(command, fs::File::create(workspace.target.join("bench.log"))?)
}

fn nats(workspace: &Workspace) -> anyhow::Result<Product> {
    let (clients, health) = (free_address()?, free_address()?);
    let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
    let mut command = Command::new(daemons::nats()?);
    command.args(["-a", "127.0.0.1", "-p", &port(&clients), "-m", &port(&health)]);
    let log = fs::File::create(workspace.target.join("bench-nats.log"))?;
    let mut server = Product::start_at(command, (&health, "/varz"), log)?;
    server.url = format!("nats://{clients}");
    Ok(server)
}

impl Options {
    fn measure(&self, workspace: &Workspace, target: &str, server: &Product) -> anyhow::Result<Figures> {
        let mut command = Command::new(workspace.target.join("release/examples/live"));
        command.args(["--of", target, "--url", &server.url]);
        let numbers = [
            ("--homes", self.homes as u64),
            ("--watchers", self.watchers as u64),
            ("--stalled", self.stalled as u64),
            ("--devices", self.devices as u64),
            ("--every", self.every),
            ("--seconds", self.seconds),
            ("--pid", server.pid().into()),
        ];
        for (name, value) in numbers {
            command.arg(name).arg(value.to_string());
        }
        client::figures_of(command)
    }
}

fn print(product: &Figures, limit: &Figures) {
    let of = |figures: &Figures, name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    println!("\n| | Voltaire, on disk | NATS, nothing kept | ratio |\n|---|---|---|---|");
    let rows = [
        ("sent → watcher p50, ms (more than commit → watcher)", "sent p50", 1.0),
        ("p99", "sent p99", 1.0),
        ("max", "sent max", 1.0),
        ("acknowledged → watcher p50, ms (less than it)", "acknowledged p50", 1.0),
        ("p99", "acknowledged p99", 1.0),
        ("messages that arrived", "messages", 1.0),
        ("missed, and told so", "missed", 1.0),
        ("computed by the server for a message, µs", "computed", 1.0),
        ("memory before the load, MB", "memory before", 1e6),
        ("after it", "memory after", 1e6),
    ];
    for (what, name, unit) in rows {
        let (ours, theirs) = (of(product, name) / unit, of(limit, name) / unit);
        println!("| {what} | {ours:.1} | {theirs:.1} | {:.2} |", ours / theirs);
    }
}
