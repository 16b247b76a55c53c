//! Everything a developer or CI runs: `cargo xtask --help`.

mod bench;
mod databases;
mod lint;
mod report;
mod test;
mod tidy;
mod tools;
mod ui;
mod up;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs, tests and measures Voltaire.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Subcommand)]
enum Command {
    /// Builds everything and starts the product with a demo home.
    Up(up::Options),
    /// Builds the web UI into the target folder.
    Ui,
    /// Formatting, lints, house rules and every test, with what they need.
    Test(test::Options),
    /// Formatting, clippy, house rules and the contracts; no tests.
    Lint,
    /// Checks the invariants of ARCHITECTURE.md.
    Tidy,
    /// Finds or installs what the tests need, and says what is missing.
    Tools,
    /// Measures the release build, beside the raw limit and beside peers.
    #[command(subcommand)]
    Bench(bench::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let workspace = workspace::Workspace::find()?;
    match command {
        Command::Up(options) => up::run(&workspace, &options),
        Command::Ui => ui::run(&workspace).map(drop),
        Command::Test(options) => test::run(&workspace, &options),
        Command::Lint => lint::run(&workspace),
        Command::Tidy => tidy::run(&workspace),
        Command::Tools => {
            tools::run(&workspace);
            Ok(())
        }
        Command::Bench(options) => bench::run(&workspace, &options),
    }
}
