//! `cargo xtask bench chat`: how much of the question corpus is understood, by batch, kind and home; with `--speed`, how long
//! understanding takes; with `--answers`, how long whole answers take, alone and a hundred conversations at once.

use clap::Args;
use xshell::cmd;

use super::{
    client::Load,
    system::{Ground, System},
};
use crate::workspace::Workspace;

/// What to report.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this batch.
    #[arg(long)]
    batch: Option<u32>,
    /// Each question that failed, what was meant, and what was understood.
    #[arg(long)]
    failures: bool,
    /// How long understanding a question takes, built for release.
    #[arg(long)]
    speed: bool,
    /// How long whole answers take: 12 devices, 75 days of a reading a minute, SQLite.
    #[arg(long)]
    answers: bool,
}

/// Runs the corpus and prints the figures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let shell = workspace.shell()?;
    if options.speed {
        cmd!(shell, "cargo bench --package voltaire-chat --bench understanding").run()?;
        return Ok(());
    }
    if options.answers {
        return answers(workspace);
    }
    let mut command = cmd!(
        shell,
        "cargo test --quiet --package voltaire-chat --test corpus -- --ignored --nocapture report"
    )
    .quiet();
    if let Some(batch) = options.batch {
        command = command.env("VOLTAIRE_CORPUS_BATCH", batch.to_string());
    }
    if options.failures {
        command = command.env("VOLTAIRE_CORPUS_FAILURES", "1");
    }
    command.run()?;
    Ok(())
}

/// Fills a home and asks about it.
fn answers(workspace: &Workspace) -> anyhow::Result<()> {
    let load = Load {
        devices: 12,
        batch: 5000,
        writers: 2,
        no_build: false,
        seconds: 75 * 86_400,
        resolution: 60,
    };
    let ground = Ground::prepare(workspace, &load)?;
    let started = ground.start(System::Sqlite, None)?;
    started.ingest(&ground, &load)?;
    started.settle(&load)?;
    let figures = ground.client.talk(&started.process.url, &load)?;
    let of = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    println!(
        "\n{} readings, {} devices; p50 / p95, ms\n",
        load.readings(),
        load.devices
    );
    println!("| | first event | whole answer |");
    println!("|---|---|---|");
    for (name, row) in [
        ("alone", "one question at a time"),
        ("at-once", "100 conversations at once"),
    ] {
        let pair = |what: &str| {
            format!(
                "{:.1} / {:.1}",
                of(&format!("{name} {what} p50")),
                of(&format!("{name} {what} p95"))
            )
        };
        println!("| {row} | {} | {} |", pair("first"), pair("whole"));
    }
    let (answers, seconds) = (of("at-once answers"), of("at-once seconds"));
    println!(
        "\n{answers:.0} answers of conversations at once in {seconds:.2} s, {:.0} a second, none failed",
        answers / seconds
    );
    Ok(())
}
