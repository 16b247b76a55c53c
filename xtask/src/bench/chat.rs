//! `cargo xtask bench chat`: how much of the question corpus is understood, by batch, kind and home; with `--speed`, how long
//! understanding takes.

use clap::Args;
use xshell::cmd;

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
}

/// Runs the corpus and prints the figures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let shell = workspace.shell()?;
    if options.speed {
        cmd!(shell, "cargo bench --package voltaire-chat --bench understanding").run()?;
        return Ok(());
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
