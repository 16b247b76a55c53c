//! `cargo xtask bench`: what the release build weighs, how fast it starts, and what the one port carries.
//!
//! Figures depend on the machine and on what else it does: compare runs of one machine only.

mod live;
mod product;

use std::{fs, path::Path, process::Command, thread, time::Duration};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use xshell::cmd;

use self::product::Product;
use crate::{
    databases::{Durability, Running},
    report::kilobytes,
    tools::postgres,
    ui, up,
    workspace::Workspace,
};

/// What to measure.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// Only this database; without: each that is at hand.
    #[arg(value_enum)]
    database: Option<Database>,
    /// How long readings are sent, s.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// A part that is measured by itself.
#[derive(Subcommand)]
enum What {
    /// How late a committed reading arrives at those who watch.
    Live(live::Options),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Builds for release and measures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    if let Some(What::Live(options)) = &options.what {
        return live::run(workspace, options);
    }
    let ui = ui::run(workspace)?;
    let binary = up::build_binary(workspace, "release")?;
    let shell = workspace.shell()?;
    cmd!(shell, "cargo build --package voltaire --example load --release")
        .quiet()
        .run()?;
    let bench = Bench {
        workspace,
        binary,
        ui,
        seconds: options.seconds,
    };
    println!("\nbinary: {}", size(&bench.binary)?);
    for file in ui::files(&bench.ui)?
        .iter()
        .filter(|file| file.to_string_lossy().ends_with(".wasm.br"))
    {
        println!("web UI module, brotli: {}", size(file)?);
    }
    if options.database != Some(Database::Postgres) {
        bench.sqlite()?;
    }
    if options.database != Some(Database::Sqlite) {
        bench.postgres()?;
    }
    Ok(())
}

struct Bench<'a> {
    workspace: &'a Workspace,
    binary: std::path::PathBuf,
    ui: std::path::PathBuf,
    seconds: u64,
}

impl Bench<'_> {
    /// As a home runs it.
    fn sqlite(&self) -> anyhow::Result<()> {
        println!("\nSQLite, one process:");
        self.measure(&[])
    }

    /// The same process on a PostgreSQL that keeps what it promised.
    fn postgres(&self) -> anyhow::Result<()> {
        println!("\nPostgreSQL, one process:");
        let database = Running::start(self.workspace, postgres::find()?, Durability::Full)?;
        let setting = |service| format!("--set={service}.database_url={}", database.url);
        self.measure(&["auth", "telemetry", "chat"].map(setting))
    }

    fn measure(&self, settings: &[String]) -> anyhow::Result<()> {
        let data = self.workspace.target.join("bench");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut command = Command::new(&self.binary);
        command
            .args(["up", "--no-demo", "--data-dir"])
            .arg(&data)
            .arg("--ui-dir")
            .arg(&self.ui)
            .args(settings);
        let log = fs::File::create(self.workspace.target.join("bench.log"))?;
        let product = Product::start(command, log)?;
        println!("start to ready: {:.0} ms", product.ready.as_secs_f64() * 1e3);
        // Idle means that start-up work has ended, not that a request has.
        thread::sleep(Duration::from_secs(5));
        println!("idle memory (resident): {}", kilobytes(product.resident()?));
        let load = self.workspace.target.join("release/examples/load");
        let status = Command::new(load)
            .arg(&product.url)
            .args(["--seconds", &self.seconds.to_string()])
            .status()?;
        anyhow::ensure!(status.success(), "the load client failed");
        println!("memory after the load (resident): {}", kilobytes(product.resident()?));
        Ok(())
    }
}

fn size(file: &Path) -> anyhow::Result<String> {
    let bytes = fs::metadata(file).with_context(|| file.display().to_string())?.len();
    Ok(kilobytes(usize::try_from(bytes)?))
}
