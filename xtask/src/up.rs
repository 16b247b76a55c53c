//! `cargo xtask up`: from an empty machine to a running product.

use std::{net::SocketAddr, os::unix::process::CommandExt as _, path::PathBuf, process::Command, time::Instant};

use clap::Args;
use xshell::cmd;

use crate::{report, tools, ui, workspace::Workspace};

/// How to start.
#[derive(Args)]
pub(crate) struct Options {
    /// Address and port of the one port.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Where the databases and keys live.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Starts empty, without the demo home.
    #[arg(long)]
    no_demo: bool,
    /// Builds without optimisation: quicker to build, slower to run.
    #[arg(long, conflicts_with = "release")]
    dev: bool,
    /// Builds with optimisation (the default).
    #[arg(long)]
    release: bool,
}

/// Builds what is missing and becomes the product; returns only when something failed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let started = Instant::now();
    report::step(1, 3, "the web UI (wasm)");
    tools::wasm::ensure(workspace)?;
    let ui = ui::run(workspace)?;
    report::step(2, 3, "the binary `voltaire`");
    let binary = build_binary(workspace, if options.dev { "dev" } else { "release" })?;
    report::step(
        3,
        3,
        &format!("start (built in {})", report::duration(started.elapsed())),
    );
    let mut command = Command::new(&binary);
    command.arg("up").arg("--ui-dir").arg(ui);
    if let Some(address) = options.listen {
        command.arg("--listen").arg(address.to_string());
    }
    if let Some(folder) = &options.data_dir {
        command.arg("--data-dir").arg(folder);
    }
    if options.no_demo {
        command.arg("--no-demo");
    }
    // Signals must reach the product itself, so xtask makes way for it.
    Err(anyhow::Error::from(command.exec()).context(format!("cannot start {}", binary.display())))
}

/// Builds the one binary with a cargo profile and returns its path.
pub(crate) fn build_binary(workspace: &Workspace, profile: &str) -> anyhow::Result<PathBuf> {
    let shell = workspace.shell()?;
    cmd!(
        shell,
        "cargo build --locked --package voltaire --bin voltaire --profile {profile}"
    )
    .quiet()
    .run()?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(workspace.target.join(folder).join("voltaire"))
}
