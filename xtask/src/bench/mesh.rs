//! `cargo xtask bench mesh`: what mutual TLS and Envoy cost a call, beside the same call in one process.

use clap::Args;
use xshell::cmd;

use crate::{
    databases::{Durability, Running},
    tools::{daemons, postgres, python},
    workspace::Workspace,
};

/// What to measure with.
#[derive(Args)]
pub(crate) struct Options {
    /// The unoptimised build: sooner ready, and only of use to see that it works.
    #[arg(long)]
    debug: bool,
}

/// Builds for release, starts the whole mesh, measures, prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let (envoy, nats) = (python::envoy(workspace)?, daemons::nats()?);
    let database = Running::start(workspace, postgres::find()?, Durability::Full)?;
    let shell = workspace.shell()?;
    let profile = if options.debug { "dev" } else { "release" };
    cmd!(
        shell,
        "cargo test --quiet --profile {profile} --package voltaire --test whole_mesh -- --ignored --nocapture what_the_way_costs"
    )
    .quiet()
    .env("VOLTAIRE_TEST_ENVOY", envoy)
    .env("VOLTAIRE_TEST_NATS", nats)
    .env("TEST_POSTGRES_URL", &database.url)
    .env_remove("TEST_TIMESCALE_URL")
    .run()?;
    Ok(())
}
