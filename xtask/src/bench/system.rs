//! What is measured: the product on a database, or a peer; started fresh for each measurement.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use clap::ValueEnum;

use super::{
    client::{Client, Load},
    peer,
    product::{Product, get},
};
use crate::{
    databases::{Durability, Running},
    tools::{postgres, timescale},
    up,
    workspace::Workspace,
};

/// How long the product may take to pack what it has: for every so many readings once more.
const SETTLE: Duration = Duration::from_mins(10);
const SETTLED: u64 = 20_000_000;

/// Something that keeps readings.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum System {
    /// The product on SQLite.
    Sqlite,
    /// The product on PostgreSQL.
    Postgres,
    /// The product on PostgreSQL with TimescaleDB.
    Timescale,
    /// Influx 1.x.
    Influxdb,
    /// Victoria Metrics, one node.
    Victoria,
}

impl System {
    /// Those asked for, or all.
    pub(super) fn those(only: &[Self]) -> Vec<Self> {
        let all = [
            Self::Sqlite,
            Self::Postgres,
            Self::Timescale,
            Self::Influxdb,
            Self::Victoria,
        ];
        all.into_iter()
            .filter(|it| only.is_empty() || only.contains(it))
            .collect()
    }

    /// As tables call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "Voltaire, SQLite",
            Self::Postgres => "Voltaire, PostgreSQL",
            Self::Timescale => "Voltaire, TimescaleDB",
            Self::Influxdb => "InfluxDB",
            Self::Victoria => "VictoriaMetrics",
        }
    }

    /// What the client calls it.
    pub(super) fn target(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres | Self::Timescale => "product",
            Self::Influxdb => "influxdb",
            Self::Victoria => "victoria",
        }
    }

    /// Whether it is the product, which has a raw limit beside it.
    pub(super) fn is_product(self) -> bool {
        self.target() == "product"
    }
}

/// What a benchmark needs to start systems.
pub(super) struct Ground<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) client: Client,
    binary: PathBuf,
}

impl<'a> Ground<'a> {
    /// The product and the client, built unless that is not wanted.
    pub(super) fn prepare(workspace: &'a Workspace, load: &Load) -> anyhow::Result<Self> {
        if !load.no_build {
            up::build_binary(workspace, "release")?;
            Client::build(workspace)?;
        }
        Ok(Self {
            workspace,
            binary: workspace.target.join("release/voltaire"),
            client: Client::of(workspace),
        })
    }

    /// The database server that a system needs, if any; it serves all rounds.
    pub(super) fn server(&self, system: System) -> anyhow::Result<Option<Running>> {
        let server = match system {
            System::Postgres => postgres::find()?,
            System::Timescale => timescale::find_or_install(self.workspace)?,
            System::Sqlite | System::Influxdb | System::Victoria => return Ok(None),
        };
        Running::start(self.workspace, server, Durability::Full).map(Some)
    }

    /// The URL of a new, empty database of the kind that a system uses.
    pub(super) fn database(&self, system: System, server: Option<&Running>, name: &str) -> anyhow::Result<Database> {
        let folder = self.fresh_folder(name)?;
        let url = match server {
            Some(server) => self.client.database(&server.url, name, system == System::Timescale)?,
            None => format!("sqlite://{}", folder.join("telemetry.db").display()),
        };
        Ok(Database { url, folder })
    }

    /// Starts a system with nothing in it.
    pub(super) fn start(&self, system: System, server: Option<&Running>) -> anyhow::Result<Started> {
        let database = self.database(system, server, "bench_product")?;
        let log = fs::File::create(self.workspace.target.join("bench.log"))?;
        let process = match system {
            System::Influxdb => peer::influxdb(self.workspace, &database.folder, log)?,
            System::Victoria => peer::victoria(self.workspace, &database.folder, log)?,
            System::Sqlite | System::Postgres | System::Timescale => {
                let mut command = Command::new(&self.binary);
                command.args(["up", "--no-demo", "--data-dir"]).arg(&database.folder);
                // What it can, not what one token may.
                let limits = [
                    "readings_per_second_of_token",
                    "readings_per_second_of_home",
                    "queries_per_second_of_token",
                ];
                command.args(limits.map(|limit| format!("--set=telemetry.limits.{limit}=0")));
                if server.is_some() {
                    let url = &database.url;
                    command.arg(format!("--set=telemetry.database_url={url}"));
                }
                Product::start(command, log)?
            }
        };
        Ok(Started {
            system,
            empty: self.bytes(&database)?,
            process,
            database,
        })
    }

    /// What a database takes on disk.
    pub(super) fn bytes(&self, database: &Database) -> anyhow::Result<f64> {
        if database.url.starts_with("sqlite:") {
            Ok(peer::bytes(&database.folder) as f64)
        } else {
            self.client.size(&database.url)
        }
    }

    fn fresh_folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.workspace.target.join("bench").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// Where readings are kept.
pub(super) struct Database {
    pub(super) url: String,
    folder: PathBuf,
}

/// A running system.
pub(super) struct Started {
    system: System,
    pub(super) process: Product,
    database: Database,
    /// Bytes on disk before the first reading.
    empty: f64,
}

impl Started {
    /// Sends a load into it.
    pub(super) fn ingest(&self, ground: &Ground<'_>, load: &Load) -> anyhow::Result<f64> {
        let figures = ground.client.ingest(self.system.target(), &self.process.url, load)?;
        Ok(super::client::rate(&figures))
    }

    /// Waits until it has put everything in the order that it keeps it in.
    pub(super) fn settle(&self, load: &Load) -> anyhow::Result<()> {
        match self.system {
            System::Victoria => {
                peer::merge(&self.process)?;
                peer::at_rest(self.folder()).map(drop)
            }
            System::Influxdb => peer::at_rest(self.folder()).map(drop),
            System::Sqlite | System::Postgres | System::Timescale => {
                let times = load.readings().div_ceil(SETTLED).try_into().unwrap_or(u32::MAX);
                self.packed(SETTLE.saturating_mul(times))
            }
        }
    }

    /// Waits until every finished day is rolled up and packed.
    fn packed(&self, within: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut quiet = 0;
        while begun.elapsed() < within {
            let metrics = get(self.process.address(), "/metrics")?;
            let is_idle = metric(&metrics, "voltaire_upkeep_idle").is_some_and(|idle| idle > 0.5);
            // It looks for work every five seconds.
            quiet = if is_idle { quiet + 1 } else { 0 };
            if quiet == 10 {
                return Ok(());
            }
            thread::sleep(Duration::from_secs(1));
        }
        anyhow::bail!("it is still at work after {within:?}")
    }

    /// Ends it, and says how many bytes its readings take on disk.
    pub(super) fn end(self, ground: &Ground<'_>) -> anyhow::Result<f64> {
        let Self {
            process,
            database,
            empty,
            ..
        } = self;
        drop(process);
        Ok(ground.bytes(&database)? - empty)
    }

    fn folder(&self) -> &Path {
        &self.database.folder
    }
}

/// A value of a page of metrics, all labels added up.
fn metric(page: &str, name: &str) -> Option<f64> {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let is_it = rest.starts_with(' ') || rest.starts_with('{');
        is_it.then(|| line.rsplit(' ').next()?.parse::<f64>().ok())?
    };
    page.lines().filter_map(value).reduce(|a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_by_its_whole_name() {
        let page = "# TYPE days gauge\ndays 3\ndays_total{of=\"a\"} 4\ndays_total{of=\"b\"} 1\n";
        assert_eq!(metric(page, "days"), Some(3.0));
        assert_eq!(metric(page, "days_total"), Some(5.0));
        assert_eq!(metric(page, "day"), None);
    }
}
