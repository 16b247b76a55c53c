//! The mesh as an operator runs it, on this machine: Envoy, two telemetry, two chat, auth, gateway, a database server, NATS.

use std::{fmt::Write, path::Path, time::Duration};

use http::StatusCode;
use tempfile::TempDir;

use super::{
    certs,
    collector::Collector,
    edge::Edge,
    free_port,
    pipe::Pipe,
    process::{self, Process},
    tool,
};

/// What runs, each a process of its own.
const REPLICAS: [(&str, usize); 4] = [("auth", 1), ("telemetry", 2), ("chat", 2), ("gateway", 1)];
/// Long enough on any machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// One process of a role.
pub(crate) struct Replica {
    /// Its role.
    pub(crate) role: &'static str,
    port: u16,
    process: Option<Process>,
}

/// The running mesh.
pub(crate) struct WholeMesh {
    /// The processes of the product.
    pub(crate) replicas: Vec<Replica>,
    /// The way in.
    pub(crate) edge: Edge,
    /// The way to the database.
    pub(crate) pipe: Pipe,
    /// The server by which replicas tell each other what is new.
    pub(crate) nats: Option<Process>,
    /// What spans are sent to.
    pub(crate) collector: Collector,
    /// Certificates, settings, the configuration of Envoy.
    pub(crate) folder: TempDir,
    envoy: Process,
    ports: Ports,
    database: Option<tool::Database>,
}

/// Ports that several have to know.
struct Ports {
    edge: u16,
    mesh: u16,
    figures: u16,
    admin: u16,
    nats: u16,
    collector: u16,
}

impl WholeMesh {
    /// Starts everything at once, as an operator's tools do; none, with a word why, where something is missing.
    pub(crate) async fn start() -> Option<Self> {
        tool::path("VOLTAIRE_TEST_ENVOY")?;
        tool::path("VOLTAIRE_TEST_NATS")?;
        let database = tool::Database::make()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        certs::write(folder.path());
        let collector = Collector::start().await;
        let ports = Ports {
            edge: free_port(),
            mesh: free_port(),
            figures: free_port(),
            admin: free_port(),
            nats: free_port(),
            collector: collector.port,
        };
        let pipe = Pipe::to(database.server_address()).await;
        let replicas: Vec<_> = REPLICAS
            .into_iter()
            .flat_map(|(role, count)| (0..count).map(move |_| role))
            .map(|role| Replica {
                role,
                port: free_port(),
                process: None,
            })
            .collect();
        let url = database.url_at(pipe.port);
        std::fs::write(
            folder.path().join("voltaire.toml"),
            settings(folder.path(), (&ports, &replicas), &url),
        )
        .expect("the settings are written");
        let mut mesh = Self {
            edge: Edge::new(ports.edge, &folder.path().join("ca.crt")),
            envoy: envoy(folder.path()),
            nats: Some(nats(ports.nats)?),
            replicas,
            pipe,
            collector,
            folder,
            ports,
            database: Some(database),
        };
        for number in 0..mesh.replicas.len() {
            mesh.launch(number);
        }
        mesh.ready().await;
        Some(mesh)
    }

    fn launch(&mut self, number: usize) {
        let replica = &mut self.replicas[number];
        let mut command = process::voltaire();
        command
            .args([
                "serve",
                replica.role,
                "--listen",
                &format!("127.0.0.1:{}", replica.port),
                "--config",
            ])
            .arg(self.folder.path().join("voltaire.toml"));
        process::role_environment(&mut command, self.folder.path(), replica.role);
        replica.process = Some(Process::start(replica.role, command));
    }

    /// Waits until the way in says that everything serves.
    pub(crate) async fn ready(&self) {
        self.eventually("everything serves", async || {
            let answer = self.edge.get("/healthz").await;
            answer.is_ok_and(|(status, _)| status == StatusCode::OK)
        })
        .await;
    }

    /// Waits for something; fails with all logs when it does not come, or when a process has ended by itself.
    pub(crate) async fn eventually(&self, what: &str, mut happened: impl AsyncFnMut() -> bool) {
        let begun = tokio::time::Instant::now();
        while !happened().await {
            let processes = self.replicas.iter().filter_map(|it| it.process.as_ref());
            if let Some(log) = processes.chain([&self.envoy]).find_map(Process::ended) {
                panic!("while waiting until {what}, a process has ended: {log}");
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "waited in vain until {what}:\n{}",
                self.logs()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Which replicas play a role.
    pub(crate) fn numbers(&self, role: &str) -> Vec<usize> {
        (0..self.replicas.len())
            .filter(|it| self.replicas[*it].role == role)
            .collect()
    }

    /// Where a replica listens.
    pub(crate) fn port(&self, number: usize) -> u16 {
        self.replicas[number].port
    }

    /// Where Envoy listens for services that call each other.
    pub(crate) fn inner_port(&self) -> u16 {
        self.ports.mesh
    }

    /// The database of all services.
    pub(crate) fn database_url(&self) -> String {
        self.database.as_ref().map(|it| it.url.clone()).unwrap_or_default()
    }

    /// Asks replicas to end, waits until they have, starts them again, and waits until Envoy believes that they serve.
    pub(crate) async fn restart(&mut self, numbers: &[usize]) {
        let stopping = numbers.iter().map(|number| self.replicas[*number].process.take());
        let stopping: Vec<_> = stopping.flatten().collect();
        let codes = stopping
            .into_iter()
            .map(|mut process| tokio::task::spawn_blocking(move || process.stop()));
        for code in futures::future::join_all(codes).await {
            assert_eq!(code.expect("it is waited for"), Some(0), "a replica ends by itself");
        }
        for number in numbers {
            self.launch(*number);
        }
        self.healthy(numbers).await;
    }

    /// Kills a replica without a word.
    pub(crate) fn kill(&mut self, number: usize) {
        drop(self.replicas[number].process.take());
    }

    /// Starts a replica that was killed.
    pub(crate) async fn revive(&mut self, number: usize) {
        self.launch(number);
        self.healthy(&[number]).await;
    }

    /// Waits until Envoy believes that replicas serve.
    pub(crate) async fn healthy(&self, numbers: &[usize]) {
        for number in numbers {
            let Replica { role, port, .. } = self.replicas[*number];
            let line = format!("{role}::127.0.0.1:{port}::health_flags::healthy");
            self.eventually(&line, async || self.admin("/clusters").await.contains(&line))
                .await;
        }
    }

    /// What Envoy's admin interface answers, which is closed to other machines.
    pub(crate) async fn admin(&self, path: &str) -> String {
        plain(self.ports.admin, path).await
    }

    /// What the listener for those who watch answers.
    pub(crate) async fn figures(&self, path: &str) -> String {
        plain(self.ports.figures, path).await
    }

    /// Starts NATS again.
    pub(crate) fn revive_nats(&mut self) {
        self.nats = nats(self.ports.nats);
    }

    /// Applies a command of the binary to the mesh's database.
    pub(crate) fn on_database(&self, arguments: &[&str]) -> String {
        let mut command = process::voltaire();
        command.args(arguments).args(["--database-url", &self.database_url()]);
        let output = process::run(command, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What every process has printed, by its name.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let of = |replica: &Replica| Some((replica.role, replica.process.as_ref()?.log()));
        let mut all: Vec<_> = self.replicas.iter().filter_map(of).collect();
        all.push(("envoy", self.envoy.log()));
        all.into_iter()
            .flat_map(|(name, log)| log.lines().map(|line| (name, line.to_owned())).collect::<Vec<_>>())
            .collect()
    }

    /// What each replica of a role has last told of its health, in its log.
    pub(crate) fn health(&self, role: &str) -> Vec<Option<bool>> {
        let last = |replica: &Replica| {
            let log = replica.process.as_ref()?.log();
            let told = log.lines().rfind(|line| line.contains(r#""message":"health""#))?;
            Some(told.contains(r#""serving":true"#))
        };
        self.replicas.iter().filter(|it| it.role == role).map(last).collect()
    }

    fn logs(&self) -> String {
        let mut all = self
            .replicas
            .iter()
            .filter_map(|it| it.process.as_ref())
            .fold(String::new(), |mut all, it| {
                let log = it.log();
                let _ = writeln!(all, "{}", &log[log.len().saturating_sub(4000)..]);
                all
            });
        all.push_str(&self.envoy.log());
        all
    }

    /// Ends everything, asking first, and drops the database.
    pub(crate) async fn stop(mut self) {
        let stopping: Vec<_> = self.replicas.iter_mut().filter_map(|it| it.process.take()).collect();
        let ends = stopping
            .into_iter()
            .map(|mut it| tokio::task::spawn_blocking(move || it.stop()));
        for code in futures::future::join_all(ends).await {
            assert_eq!(code.expect("it is waited for"), Some(0));
        }
        if let Some(database) = self.database.take() {
            database.drop();
        }
    }
}

impl Drop for WholeMesh {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for replica in &mut self.replicas {
                replica.process = None;
            }
            if let Some(database) = self.database.take() {
                database.drop();
            }
        }
    }
}

/// What a port answers to a plain request; the error as text.
pub(crate) async fn plain(port: u16, path: &str) -> String {
    let answer = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await;
    match answer {
        Ok(answer) => answer.text().await.unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}

fn nats(port: u16) -> Option<Process> {
    let mut command = tool::tool("VOLTAIRE_TEST_NATS")?;
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string()]);
    Some(Process::start("nats", command))
}

/// Envoy with what `voltaire envoy` makes of `voltaire.toml` in a folder.
pub(crate) fn envoy(folder: &Path) -> Process {
    let mut configure = process::voltaire();
    configure.args(["envoy", "--out"]).arg(folder.join("proxy"));
    configure.arg("--config").arg(folder.join("voltaire.toml"));
    let made = process::run(configure, "");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut command = tool::tool("VOLTAIRE_TEST_ENVOY").expect("looked for before");
    command
        .arg("-c")
        .arg(folder.join("proxy/envoy.yaml"))
        .args(["--disable-hot-restart", "--concurrency", "2", "-l", "warning"])
        .args(["--file-flush-interval-msec", "100"]);
    Process::start("envoy", command)
}

/// The settings that all processes share.
fn settings(folder: &Path, (ports, replicas): (&Ports, &[Replica]), database: &str) -> String {
    let peer = |role| format!("{role} = \"https://127.0.0.1:{}\"\n", ports.mesh);
    let peers: String = ["auth", "telemetry", "chat"].map(peer).concat();
    let service = |role| format!("[{role}]\ndatabase_url = \"{database}\"\nmax_connections = 4\n");
    let services: String = ["auth", "telemetry", "chat"].map(service).concat();
    let at = |role: &str| {
        let own = replicas.iter().filter(|it| it.role == role);
        own.map(|it| format!("\"127.0.0.1:{}\"", it.port))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let at = ["auth", "telemetry", "chat", "gateway"]
        .map(|role| format!("{role} = [{}]\n", at(role)))
        .concat();
    let ui = std::env::var("VOLTAIRE_UI_DIR")
        .map(|it| format!("ui_dir = \"{it}\"\n"))
        .unwrap_or_default();
    let folder = folder.display();
    let Ports {
        edge,
        mesh,
        figures,
        admin,
        nats,
        collector,
    } = ports;
    format!(
        "[mesh]\nsecret = \"an-end-to-end-test-needs-no-better-secret\"\nnotice_seconds = 3\n\
         [mesh.log]\njson = true\nfilter = \"info,voltaire_mesh=debug\"\n\
         [mesh.trace]\nendpoint = \"http://127.0.0.1:{collector}\"\n\
         [mesh.peers]\n{peers}[mesh.nats]\nurl = \"nats://127.0.0.1:{nats}\"\n{services}\
         [gateway]\nmutual_tls = true\nallowed_origins = [\"https://dashboard.example\"]\n{ui}\
         [envoy]\nlisten = \"127.0.0.1:{edge}\"\nmesh_listen = \"127.0.0.1:{mesh}\"\n\
         figures_listen = \"127.0.0.1:{figures}\"\nadmin_port = {admin}\n\
         collector = \"127.0.0.1:{collector}\"\nfolder = \"{folder}/proxy\"\n\
         certificates = \"{folder}/envoy\"\nedge_certificates = \"{folder}/edge\"\n{at}\
         [envoy.limits]\ncalls_per_second = 10000\ncalls_per_second_of_address = 5000\n"
    )
}
