//! A running product (or a peer of it) that is stopped when it goes out of scope.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A started and ready `voltaire`.
pub(super) struct Product {
    child: Child,
    /// The one port.
    pub(super) url: String,
    /// From the start of the process to the first good answer of `/healthz`.
    pub(super) ready: Duration,
}

impl Product {
    /// Starts `command` on a free port, its words into `log`, and waits until it is ready.
    pub(super) fn start(mut command: Command, log: fs::File) -> anyhow::Result<Self> {
        let address = free_address()?;
        command.args(["--listen", &address]);
        Self::start_at(command, (&address, "/healthz"), log)
    }

    /// Starts any program that will serve at an address, and waits until a path of it answers well.
    pub(super) fn start_at(mut command: Command, (address, path): (&str, &str), log: fs::File) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        let child = command.spawn().context("cannot start the binary")?;
        let mut product = Self {
            child,
            url: format!("http://{address}"),
            ready: Duration::ZERO,
        };
        while get(address, path).is_err() {
            let gone = product.child.try_wait()?;
            anyhow::ensure!(gone.is_none(), "it ended at once; see bench.log in the target folder");
            anyhow::ensure!(started.elapsed() < PATIENCE, "it is not ready after {PATIENCE:?}");
            thread::sleep(Duration::from_millis(2));
        }
        product.ready = started.elapsed();
        Ok(product)
    }

    /// Host and port.
    pub(super) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in bytes.
    pub(super) fn resident(&self) -> anyhow::Result<usize> {
        self.memory("VmRSS:")
    }

    /// The most resident memory it ever had, in bytes.
    pub(super) fn peak(&self) -> anyhow::Result<usize> {
        self.memory("VmHWM:")
    }

    /// What it has computed so far, with all its threads.
    pub(super) fn cpu(&self) -> anyhow::Result<Duration> {
        /// Linux counts in hundredths of a second.
        const TICK: Duration = Duration::from_millis(10);
        let line = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything.
        let (_, fields) = line.rsplit_once(") ").context("Linux tells it")?;
        let ticks = |at| anyhow::Ok(fields.split(' ').nth(at).context("Linux tells it")?.parse::<u32>()?);
        Ok(TICK * (ticks(11)? + ticks(12)?))
    }

    fn memory(&self, field: &str) -> anyhow::Result<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(field))
            .context("Linux tells it")?;
        let kibibytes: usize = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024)
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        // A measured product is asked to drain, as an operator would; only when nobody can ask is it killed.
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        if !asked.is_ok_and(|status| status.success()) {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

/// A free port of this machine.
pub(super) fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// The body of a good answer.
pub(super) fn get(address: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    anyhow::ensure!(status.starts_with('2'), "{path}: {status}");
    Ok(body.to_owned())
}
