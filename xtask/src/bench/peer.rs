//! Peers: other time-series databases, started from Debian's packages on ports and folders of their own.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use super::product::{Product, free_address, get};
use crate::{tools::peers::find_or_unpack, workspace::Workspace};

/// Starts `InfluxDB` 1.x. It writes its cache out soon after the last reading, so that sizes can be compared.
pub(super) fn influxdb(workspace: &Workspace, data: &Path, log: fs::File) -> anyhow::Result<Product> {
    let program = find_or_unpack(workspace, "influxdb", "influxd")?;
    let (http, rpc) = (free_address()?, free_address()?);
    let mut command = Command::new(program);
    let folder = |name: &str| data.join(name).into_os_string();
    command
        .args(["run", "-config", "/dev/null"])
        .env("INFLUXDB_META_DIR", folder("meta"))
        .env("INFLUXDB_DATA_DIR", folder("data"))
        .env("INFLUXDB_DATA_WAL_DIR", folder("wal"))
        .env("INFLUXDB_HTTP_BIND_ADDRESS", &http)
        .env("INFLUXDB_BIND_ADDRESS", rpc)
        .env("INFLUXDB_HTTP_LOG_ENABLED", "false")
        .env("INFLUXDB_DATA_QUERY_LOG_ENABLED", "false")
        .env("INFLUXDB_MONITOR_STORE_ENABLED", "false")
        .env("INFLUXDB_REPORTING_DISABLED", "true")
        .env("INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION", "5s")
        .env("INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION", "10s");
    Product::start_at(command, (&http, "/ping"), log)
}

/// Starts `VictoriaMetrics`.
pub(super) fn victoria(workspace: &Workspace, data: &Path, log: fs::File) -> anyhow::Result<Product> {
    let program = find_or_unpack(workspace, "victoria-metrics", "victoria-metrics")?;
    let address = free_address()?;
    let mut command = Command::new(program);
    command
        .arg(format!("-storageDataPath={}", data.display()))
        .arg(format!("-httpListenAddr={address}"))
        .args(["-retentionPeriod=100y", "-loggerLevel=WARN"]);
    Product::start_at(command, (&address, "/health"), log)
}

/// Asks `VictoriaMetrics` to merge its files.
pub(super) fn merge(victoria: &Product) -> anyhow::Result<()> {
    get(victoria.address(), "/internal/force_flush")?;
    get(victoria.address(), "/internal/force_merge")?;
    Ok(())
}

/// Waits until the files below a folder have kept their size for a while; gives it, bytes.
pub(super) fn at_rest(folder: &Path) -> anyhow::Result<f64> {
    let mut size = bytes(folder);
    let mut quiet = 0;
    for _ in 0..120 {
        thread::sleep(Duration::from_secs(1));
        let now = bytes(folder);
        quiet = if now == size { quiet + 1 } else { 0 };
        size = now;
        if quiet == 15 {
            return Ok(size as f64);
        }
    }
    anyhow::bail!("the files in {} do not come to rest", folder.display())
}

/// The sizes of all files below a folder; those that vanish meanwhile do not count.
pub(super) fn bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}
