//! A running product that is stopped when it goes out of scope.

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
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        command
            .args(["--listen", &address])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let started = Instant::now();
        let child = command.spawn().context("cannot start the binary")?;
        let mut product = Self {
            child,
            url: format!("http://{address}"),
            ready: Duration::ZERO,
        };
        while !is_ready(&address) {
            let gone = product.child.try_wait()?;
            anyhow::ensure!(gone.is_none(), "it ended at once; see bench.log in the target folder");
            anyhow::ensure!(started.elapsed() < PATIENCE, "it is not ready after {PATIENCE:?}");
            thread::sleep(Duration::from_millis(2));
        }
        product.ready = started.elapsed();
        Ok(product)
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in bytes.
    pub(super) fn resident(&self) -> anyhow::Result<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
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

fn is_ready(address: &str) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream
            .write_all(format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        std::io::Result::Ok(head)
    };
    ask().is_ok_and(|head| head.ends_with(b" 200"))
}
