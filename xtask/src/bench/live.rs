//! `cargo xtask bench live`: how late a committed reading arrives at a thousand who watch through the one port.

use std::process::Command;

use clap::Args;
use xshell::cmd;

use super::product::Product;
use crate::{up, workspace::Workspace};

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
    /// How long readings are sent, s.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

/// Builds for release and measures, on SQLite, as a home runs it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let binary = up::build_binary(workspace, "release")?;
    let shell = workspace.shell()?;
    cmd!(shell, "cargo build --package voltaire --example live --release")
        .quiet()
        .run()?;
    let data = workspace.target.join("bench-live");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let mut command = Command::new(&binary);
    command.args(["up", "--no-demo", "--data-dir"]).arg(&data);
    let log = std::fs::File::create(workspace.target.join("bench.log"))?;
    let product = Product::start(command, log)?;
    let status = Command::new(workspace.target.join("release/examples/live"))
        .arg(&product.url)
        .args(["--homes", &options.homes.to_string()])
        .args(["--watchers", &options.watchers.to_string()])
        .args(["--stalled", &options.stalled.to_string()])
        .args(["--seconds", &options.seconds.to_string()])
        .args(["--pid", &product.pid().to_string()])
        .status()?;
    anyhow::ensure!(status.success(), "the live client failed");
    Ok(())
}
