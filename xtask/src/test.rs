//! `cargo xtask test`: every check and every test, with real clients and real databases, and an honest summary.

mod output;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;

use self::output::Tally;
use crate::{
    databases::{Durability, Running},
    lint,
    report::duration,
    tools::{self, postgres, timescale},
    ui,
    workspace::{Workspace, environment},
};

/// What to run.
#[derive(Args)]
pub(crate) struct Options {
    /// No lints, no UI build, no PostgreSQL, no browser: the tests that need nothing but cargo.
    #[arg(long)]
    fast: bool,
    /// Only tests whose name contains this; lints are left out.
    filter: Option<String>,
}

/// Runs what was asked for to the end, then fails if anything did.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let mut run = Run {
        workspace,
        steps: Vec::new(),
        tally: Tally::default(),
        variables: Vec::new(),
        servers: Vec::new(),
    };
    if !options.fast && options.filter.is_none() {
        for (name, check) in lint::CHECKS {
            run.step(name, |run| check(run.workspace));
        }
    }
    if !options.fast {
        run.step("the web UI", |run| {
            ui::run(run.workspace).map(|folder| run.set("VOLTAIRE_UI_DIR", &folder.display()))
        });
        run.step("tools and databases", |run| {
            run.prepare();
            Ok(())
        });
    }
    if run.step("build the tests", build) {
        run.step("tests", |run| execute(run, options.filter.as_deref()));
    }
    run.summary()
}

/// One run of the suite.
struct Run<'a> {
    workspace: &'a Workspace,
    steps: Vec<(&'static str, Duration, anyhow::Result<()>)>,
    tally: Tally,
    /// Tells tests where their tools are.
    variables: Vec<(&'static str, String)>,
    /// Stopped when the run ends.
    servers: Vec<Running>,
}

impl Run<'_> {
    /// Does one step and keeps its outcome; says whether it went well.
    fn step(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> anyhow::Result<()>) -> bool {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = work(self);
        if let Err(error) = &outcome {
            println!("{name} failed: {error:#}");
        }
        let went_well = outcome.is_ok();
        self.steps.push((name, started.elapsed(), outcome));
        went_well
    }

    fn set(&mut self, variable: &'static str, value: &impl ToString) {
        self.variables.push((variable, value.to_string()));
    }

    /// Finds every tool and starts the databases; what is missing is no failure but is told.
    fn prepare(&mut self) {
        for tool in tools::programs(self.workspace) {
            match tool.found {
                Ok(path) => self.set(tool.variable, &path.display()),
                Err(error) => self.missing(tool.name, &error),
            }
        }
        let postgres = postgres::find();
        self.serve("PostgreSQL", "TEST_POSTGRES_URL", postgres);
        let timescale = timescale::find_or_install(self.workspace);
        self.serve("TimescaleDB", "TEST_TIMESCALE_URL", timescale);
        for (variable, value) in &self.variables {
            println!("  {variable}={value}");
        }
    }

    /// Starts a server of our own, unless the developer named one.
    fn serve(&mut self, name: &'static str, variable: &'static str, server: anyhow::Result<postgres::Server>) {
        if let Some(url) = environment(variable) {
            return self.set(variable, &url.to_string_lossy());
        }
        match server.and_then(|server| Running::start(self.workspace, server, Durability::None)) {
            Ok(running) => {
                self.set(variable, &running.url);
                self.servers.push(running);
            }
            Err(error) => self.missing(name, &error),
        }
    }

    fn missing(&mut self, name: &str, error: &anyhow::Error) {
        self.tally.skip(format!("{name}: {error:#}"));
    }

    fn summary(mut self) -> anyhow::Result<()> {
        self.servers.clear();
        println!("\n== summary");
        for (name, time, outcome) in &self.steps {
            let word = if outcome.is_ok() { "ok" } else { "FAILED" };
            println!("  {word:<7} {name:<24} {:>12}", duration(*time));
        }
        for (reason, tests) in self.tally.skips() {
            println!(
                "  skipped: {reason}{}",
                if *tests > 0 {
                    format!(" ({tests} tests)")
                } else {
                    String::new()
                }
            );
        }
        for failure in self.tally.failures() {
            println!("  failed: {}", failure.name);
            for line in &failure.message {
                println!("    {line}");
            }
        }
        let steps = self
            .steps
            .iter()
            .filter(|(name, _, outcome)| outcome.is_err() && *name != "tests")
            .count();
        let broken = self.steps.iter().any(|(_, _, outcome)| outcome.is_err());
        println!("\n{}", self.tally.line(steps));
        anyhow::ensure!(!broken, "not everything passed");
        Ok(())
    }
}

fn build(run: &mut Run) -> anyhow::Result<()> {
    let mut command = cargo(run);
    command.arg("--no-run");
    if environment("CI").is_some() {
        command.arg("--quiet");
    }
    let status = command.status()?;
    anyhow::ensure!(status.success(), "the tests do not compile");
    Ok(())
}

fn execute(run: &mut Run, filter: Option<&str>) -> anyhow::Result<()> {
    let mut command = cargo(run);
    command
        .arg("--no-fail-fast")
        .args(filter)
        .args(["--", "--show-output"])
        .stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot run cargo")?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    output::read(stdout, &mut run.tally, |line| println!("{line}"))?;
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "some tests failed");
    Ok(())
}

/// `cargo test` over everything that runs natively; of the web UI that is its logic, where that has tests.
fn cargo(run: &Run) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(["test", "--workspace"])
        .current_dir(&run.workspace.root)
        .stdin(Stdio::null());
    if !has_tests(&run.workspace.root.join("ui/src")) {
        command.args(["--exclude", "voltaire-ui"]);
    }
    command.envs(run.variables.iter().map(|(name, value)| (name, value)));
    command
}

fn has_tests(folder: &Path) -> bool {
    let is_tested = |file: &PathBuf| fs::read_to_string(file).is_ok_and(|text| text.contains("#[cfg(test)]"));
    ui::files(folder).is_ok_and(|files| files.iter().any(is_tested))
}
