//! Child processes of a test: the binary, its log, its end.

use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The binary under test, with an environment that has nothing of the developer's own.
pub(crate) fn voltaire() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltaire"));
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy().into_owned();
        if name_text.starts_with("VOLTAIRE_") || name_text == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end, with this as its standard input.
pub(crate) fn run(mut command: Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("its input");
    // One that reads no input may have ended already.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

/// A running process; killed when dropped.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it, with its output in a file.
    pub(crate) fn start(name: &str, mut command: Command) -> Self {
        let log = std::env::temp_dir().join(format!("voltaire-{name}-{}.log", uuid::Uuid::now_v7()));
        let file = File::create(&log).expect("a log file");
        let copy = file.try_clone().expect("a second handle");
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(copy)
            .spawn()
            .expect("the binary starts");
        Self {
            name: name.to_owned(),
            child,
            log,
        }
    }

    /// What it printed.
    pub(crate) fn log(&self) -> String {
        let mut text = String::new();
        let read = File::open(&self.log).and_then(|mut file| file.read_to_string(&mut text));
        drop(read);
        format!("--- {} ---\n{text}", self.name)
    }

    /// Its log, if it has ended.
    pub(crate) fn ended(&self) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then(|| self.log())
    }

    /// Sends SIGTERM and waits; its exit code, none where it had to be killed.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        drop(asked);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_file(&self.log));
    }
}

/// The configuration of four processes that meet over mutual TLS.
pub(crate) fn mesh_config(folder: &Path, ports: &[(&'static str, u16)], database: Option<&str>) -> String {
    let url = |role: &str| {
        database.map_or_else(
            || format!("sqlite://{}", folder.join(format!("{role}.db")).display()),
            str::to_owned,
        )
    };
    let services = ["auth", "telemetry", "chat"]
        .map(|role| format!("[{role}]\ndatabase_url = \"{}\"\nmax_connections = 4\n", url(role)))
        .concat();
    let peers: Vec<_> = ports
        .iter()
        .take(3)
        .map(|(role, port)| format!("{role} = \"https://127.0.0.1:{port}\"\n"))
        .collect();
    let peers = peers.concat();
    let ui = std::env::var("VOLTAIRE_UI_DIR")
        .map(|it| format!("ui_dir = \"{it}\"\n"))
        .unwrap_or_default();
    format!(
        "[mesh]\nsecret = \"an-end-to-end-test-needs-no-better-secret\"\ntrusted_proxies = [\"127.0.0.1\"]\n[mesh.peers]\n{peers}{services}[gateway]\n{ui}"
    )
}

/// What differs between the roles: each has a certificate of its own.
pub(crate) fn role_environment(command: &mut Command, folder: &Path, role: &str) {
    command
        .env("VOLTAIRE_MESH__TLS__CERTIFICATE", folder.join(role).join("tls.crt"))
        .env("VOLTAIRE_MESH__TLS__KEY", folder.join(role).join("tls.key"))
        .env("VOLTAIRE_MESH__TLS__AUTHORITY", folder.join("ca.crt"));
}

/// Applies all migrations, as the migration job of a deployment does.
pub(crate) fn migrate_up(database: Option<&str>) {
    let mut command = voltaire();
    command.args(["migrate", "up"]);
    if let Some(url) = database {
        command.args(["--database-url", url]);
    }
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
