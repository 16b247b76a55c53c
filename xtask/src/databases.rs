//! Database servers that live as long as a test run: made fresh, on a free port, stopped by pid whatever happens.

mod guard;

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use self::guard::Guard;
use crate::{
    tools::postgres::Server,
    workspace::{Workspace, is_root},
};

/// How much a database server may forget in a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing is synced: for tests.
    None,
    /// As delivered: for measurements.
    Full,
}

/// A running server; dropping it stops it.
pub(crate) struct Running {
    /// How to connect, as a superuser without a password.
    pub(crate) url: String,
    data: PathBuf,
    /// Should this process be killed.
    _guard: Guard,
}

impl Running {
    /// Makes a new cluster and starts it.
    pub(crate) fn start(workspace: &Workspace, server: Server, durability: Durability) -> anyhow::Result<Self> {
        let cluster = Cluster::new(workspace, server)?;
        stop(&cluster.data());
        cluster.initialize()?;
        let guard = Guard::over(&cluster.data())?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        cluster.start(port, durability)?;
        Ok(Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            data: cluster.data(),
            _guard: guard,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        stop(&self.data);
    }
}

/// Ends the server that wrote its pid into `data`, also one that an interrupted run left behind.
fn stop(data: &Path) {
    let Ok(file) = fs::read_to_string(data.join("postmaster.pid")) else {
        return;
    };
    let Some(pid) = file.lines().next().and_then(|line| line.parse::<u32>().ok()) else {
        return;
    };
    // A pid may have been given to someone else since.
    let mine = fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|command| command.contains("postgres"));
    if !mine {
        return;
    }
    let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status();
    let deadline = Instant::now() + Duration::from_secs(20);
    while sent.is_ok() && Path::new(&format!("/proc/{pid}")).exists() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(50));
    }
}

/// The files of a server, and how to run its programs.
struct Cluster {
    server: Server,
    /// As the host sees it.
    folder: PathBuf,
}

impl Cluster {
    fn new(workspace: &Workspace, server: Server) -> anyhow::Result<Self> {
        let name = if server.timescale {
            "voltaire-timescale"
        } else {
            "voltaire-postgres"
        };
        let folder = match &server.root {
            // A system of its own may serve several checkouts.
            Some(root) => root
                .join("srv")
                .join(format!("{name}-{:016x}", hash(&workspace.target))),
            None if is_root() && !is_reachable(&workspace.target) => std::env::temp_dir().join(name),
            None => workspace.target.join("databases").join(name),
        };
        fs::create_dir_all(&folder)?;
        Ok(Self { server, folder })
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn initialize(&self) -> anyhow::Result<()> {
        if self.data().exists() {
            fs::remove_dir_all(self.data())?;
        }
        if is_root() {
            let owner = self
                .program_as("root", "chown")
                .arg("postgres")
                .arg(self.inside(&self.folder))
                .status()?;
            anyhow::ensure!(owner.success(), "there is no user postgres to run the server");
        }
        let mut initdb = self.program("initdb");
        initdb.arg("-D").arg(self.inside(&self.data())).args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]);
        let output = initdb.output().context("cannot run initdb")?;
        anyhow::ensure!(
            output.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    fn start(&self, port: u16, durability: Durability) -> anyhow::Result<()> {
        let log = self.folder.join("log");
        let mut options =
            format!("-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c max_connections=300");
        if durability == Durability::None {
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off";
        }
        if self.server.timescale {
            options += " -c shared_preload_libraries=timescaledb -c timescaledb.telemetry_level=off -c max_worker_processes=64";
        }
        let mut start = self.program("pg_ctl");
        start
            .arg("start")
            .arg("-w")
            .arg("-D")
            .arg(self.inside(&self.data()))
            .arg("-l")
            .arg(self.inside(&log))
            .arg("-o")
            .arg(options);
        let status = start
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("cannot run pg_ctl")?;
        let said = || fs::read_to_string(&log).unwrap_or_default();
        anyhow::ensure!(
            status.success(),
            "the server did not start: {}",
            said().lines().last().unwrap_or_default()
        );
        Ok(())
    }

    /// A program of the server, run as the user it insists on.
    fn program(&self, name: &str) -> Command {
        self.program_as("postgres", &self.server.bin.join(name).display().to_string())
    }

    fn program_as(&self, user: &str, program: &str) -> Command {
        let mut command = match &self.server.root {
            // The mounts are private: they vanish with the last process that sees them.
            Some(root) => {
                let mut command = Command::new("unshare");
                let script =
                    "mount --bind /proc \"$1/proc\" && mount --bind /dev/shm \"$1/dev/shm\" && shift && exec \"$@\"";
                command
                    .args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"])
                    .arg(root);
                command
                    .arg("chroot")
                    .arg(format!("--userspec={user}"))
                    .arg(root)
                    .arg(program);
                command
            }
            None if is_root() => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--", program]);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// `path` as the server sees it.
    fn inside(&self, path: &Path) -> PathBuf {
        let Some(root) = &self.server.root else {
            return path.to_owned();
        };
        Path::new("/").join(path.strip_prefix(root).unwrap_or(path))
    }
}

fn hash(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

/// Whether the user postgres gets as far as `folder`.
fn is_reachable(folder: &Path) -> bool {
    let check = Command::new("runuser")
        .args(["-u", "postgres", "--", "test", "-x"])
        .arg(folder)
        .status();
    check.is_ok_and(|status| status.success())
}
