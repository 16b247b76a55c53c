//! A running Voltaire for end-to-end tests, in both of its shapes: `up` in one process, and four processes over mutual TLS.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::disallowed_methods,
    reason = "every test file uses its own part of this module, and has no configuration but its environment"
)]

pub(crate) mod broker;
pub(crate) mod browser;
pub(crate) mod certs;
pub(crate) mod collector;
pub(crate) mod edge;
pub(crate) mod load;
pub(crate) mod pipe;
pub(crate) mod process;
pub(crate) mod tool;
pub(crate) mod user;
pub(crate) mod whole;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use process::Process;
use tempfile::TempDir;

/// A running server and its folder.
pub(crate) struct Server {
    /// Where it is reached: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// Each role's own address, where roles are processes of their own.
    pub(crate) roles: Vec<(&'static str, String)>,
    /// Which shape it has.
    pub(crate) shape: &'static str,
    /// Its folder, with the test users' credentials.
    pub(crate) folder: TempDir,
    processes: Vec<Process>,
    database: Option<tool::Database>,
}

impl Server {
    /// All roles in one process, on SQLite.
    pub(crate) async fn up() -> Self {
        Self::up_with(&["--no-demo"]).await
    }

    /// All roles in one process, with these flags.
    pub(crate) async fn up_with(flags: &[&str]) -> Self {
        Self::up_in(tempfile::tempdir().expect("a temporary folder"), flags).await
    }

    async fn up_in(folder: TempDir, flags: &[&str]) -> Self {
        Self::up_at(&format!("127.0.0.1:{}", free_port()), folder, flags).await
    }

    async fn up_at(listen: &str, folder: TempDir, flags: &[&str]) -> Self {
        let data = folder.path().join("data");
        let mut command = process::voltaire();
        command
            .args(["up", "--listen", listen, "--data-dir"])
            .arg(&data)
            .args(flags);
        if let Some(ui) = std::env::var_os("VOLTAIRE_UI_DIR") {
            command.arg("--ui-dir").arg(ui);
        }
        let processes = vec![Process::start("up", command)];
        let server = Self {
            url: format!("http://{listen}"),
            roles: Vec::new(),
            shape: "up",
            folder,
            processes,
            database: None,
        };
        server.ready().await;
        server
    }

    /// Four processes that meet over mutual TLS, on the server that tests are given, or else on SQLite.
    pub(crate) async fn mesh() -> Self {
        Self::mesh_with("").await
    }

    /// The same with more settings, as sections of a file.
    pub(crate) async fn mesh_with(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = tool::Database::make();
        let ports: Vec<(&'static str, u16)> = ["auth", "telemetry", "chat", "gateway"]
            .map(|role| (role, free_port()))
            .to_vec();
        certs::write(folder.path());
        let config =
            process::mesh_config(folder.path(), &ports, database.as_ref().map(|it| it.url.as_str())) + settings;
        let file = folder.path().join("voltaire.toml");
        std::fs::write(&file, config).expect("the configuration is written");
        if database.is_some() {
            process::migrate_up(database.as_ref().map(|it| it.url.as_str()));
        }
        let start = |(role, port): &(&'static str, u16)| {
            let mut command = process::voltaire();
            command
                .args(["serve", role, "--listen", &format!("127.0.0.1:{port}"), "--config"])
                .arg(&file);
            process::role_environment(&mut command, folder.path(), role);
            Process::start(role, command)
        };
        let processes = ports.iter().map(start).collect();
        let gateway = ports.last().map_or(0, |(_, port)| *port);
        let roles = ports
            .iter()
            .take(3)
            .map(|(role, port)| (*role, format!("127.0.0.1:{port}")))
            .collect();
        let server = Self {
            url: format!("http://127.0.0.1:{gateway}"),
            roles,
            shape: "mesh",
            folder,
            processes,
            database,
        };
        server.ready().await;
        server
    }

    /// `HOST:PORT`.
    pub(crate) fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// A file in the server's folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until `/healthz` says that everything is ready.
    async fn ready(&self) {
        let mut last = String::new();
        for _ in 0..600 {
            match reqwest::get(format!("{}/healthz", self.url)).await {
                Ok(answer) if answer.status() == 200 => return,
                Ok(answer) => last = answer.text().await.unwrap_or_default(),
                Err(error) => last = error.to_string(),
            }
            if let Some(ended) = self.processes.iter().find_map(Process::ended) {
                panic!("{} has ended: {}", self.shape, ended);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let logs: String = self.processes.iter().map(Process::log).collect();
        panic!("{} is not ready after a minute: {last}\n{logs}", self.shape);
    }

    /// Kills the one process without a word and starts it again on the same data.
    pub(crate) async fn kill_and_restart(self) -> Self {
        assert_eq!(self.shape, "up");
        drop(self.processes);
        Self::up_in(self.folder, &["--no-demo"]).await
    }

    /// Kills the one process without a word; what is left are its address and its data.
    pub(crate) fn kill(self) -> (String, TempDir) {
        assert_eq!(self.shape, "up");
        let authority = self.authority().to_owned();
        drop(self.processes);
        (authority, self.folder)
    }

    /// The same at the same address, on the same data.
    pub(crate) async fn back((authority, folder): (String, TempDir)) -> Self {
        Self::up_at(&authority, folder, &["--no-demo"]).await
    }

    /// All roles in one process, on the data of a folder.
    pub(crate) async fn on(folder: TempDir) -> Self {
        Self::up_in(folder, &["--no-demo"]).await
    }

    /// All roles in one process, on one PostgreSQL database.
    pub(crate) async fn on_postgres(url: &str) -> Self {
        let setting = |service| format!("{service}.database_url={url}");
        let [auth, telemetry, chat] = ["auth", "telemetry", "chat"].map(setting);
        Self::up_with(&["--no-demo", "--set", &auth, "--set", &telemetry, "--set", &chat]).await
    }

    /// All roles in one process, on what a backup restores.
    pub(crate) async fn restored(backup: &std::path::Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = process::voltaire();
        command.arg("restore").arg(backup);
        command.arg("--data-dir").arg(folder.path().join("data"));
        let output = process::run(command, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self::on(folder).await
    }

    /// Asks the one process to stop and keeps its folder.
    pub(crate) fn stop_and_keep(mut self) -> TempDir {
        let codes: Vec<_> = self.processes.iter_mut().map(Process::stop).collect();
        assert_eq!(codes, [Some(0)]);
        self.folder
    }

    /// Asks all processes to stop and gives their exit codes.
    pub(crate) fn stop(mut self) -> Vec<Option<i32>> {
        let codes = self.processes.iter_mut().map(Process::stop).collect();
        if let Some(database) = self.database.take() {
            database.drop();
        }
        codes
    }
}

/// Runs a test on both shapes, one after the other.
pub(crate) async fn on_each_shape(test: impl AsyncFn(&Server)) {
    let server = Server::up().await;
    println!("shape: up");
    test(&server).await;
    server.stop();
    let server = Server::mesh().await;
    println!("shape: mesh");
    test(&server).await;
    server.stop();
}

/// A port that was free a moment ago, and that no connection out of this machine is given meanwhile: it lies below those.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Other test processes begin elsewhere.
    let begin = std::process::id().wrapping_mul(97);
    let ports = std::iter::repeat_with(|| begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)));
    ports
        .map(|number| 10_000 + (number % 20_000) as u16)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a port is free")
}
