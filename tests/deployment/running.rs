//! What `docker compose up` would run, as processes of this machine: the same commands, variables, secrets and health checks,
//! with other ports and folders. Migrations are run by several at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use tempfile::TempDir;
use tokio::{
    task::JoinSet,
    time::{Duration, Instant},
};
use voltaire_proto::telemetry::v1 as telemetry;

use crate::{
    common::{
        edge::Edge,
        free_port,
        process::{self, Process},
        tool,
        user::User,
        whole::PATIENCE,
    },
    compose::Service,
    metrics, project,
};

/// Services that run on, and how many of each.
const ROLES: [(&str, usize); 4] = [("auth", 1), ("telemetry", 2), ("chat", 2), ("gateway", 1)];
/// Ports that several have to know.
const SHARED: [&str; 6] = ["edge", "mesh", "figures", "admin", "nats", "nats monitor"];

/// This machine in place of a network of containers.
struct Machine {
    folder: TempDir,
    ports: BTreeMap<String, u16>,
}

impl Machine {
    fn new(database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).expect("made");
        fs::write(secrets.join("database_url"), database).expect("written");
        fs::write(secrets.join("mesh_secret"), "an-end-to-end-test-needs-no-better-secret").expect("written");
        let roles = ROLES
            .into_iter()
            .flat_map(|(role, count)| (0..count).map(move |it| format!("{role} {it}")));
        let roles = roles.flat_map(|it| [format!("{it} metrics"), it]);
        let names = roles.chain(SHARED.map(str::to_owned));
        Self {
            folder,
            ports: names.map(|name| (name, free_port())).collect(),
        }
    }

    fn port(&self, name: &str) -> u16 {
        self.ports[name]
    }

    /// Where the replica that listens at a port shows its metrics; anywhere where no replica does.
    fn metrics_port(&self, listen: u16) -> u16 {
        let replica = self.ports.iter().find(|(_, port)| **port == listen);
        let port = replica.and_then(|(name, _)| self.ports.get(&format!("{name} metrics")));
        port.copied().unwrap_or(0)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A word of a service's command, variables or health check, as it is on this machine.
    fn here(&self, word: &str, service: &str, listen: u16) -> String {
        let certificates = if ROLES.iter().any(|(role, _)| *role == service) || service == "nats" {
            self.path(&format!("certs/{service}"))
        } else {
            self.path("certs")
        };
        let at = |name: &str| format!("127.0.0.1:{}", self.port(name));
        let edge = format!("https://{}", at("edge"));
        [
            ("/run/secrets", self.path("secrets")),
            ("/certs", certificates),
            ("/config", self.path("proxy")),
            ("/etc/envoy", self.path("proxy")),
            ("https://localhost:3000", edge),
            ("envoy:8444", at("mesh")),
            ("nats:4222", at("nats")),
            ("collector:4317", format!("127.0.0.1:{}", free_port())),
            ("0.0.0.0:4222", at("nats")),
            ("127.0.0.1:8222", at("nats monitor")),
            ("0.0.0.0:50051", format!("127.0.0.1:{listen}")),
            ("0.0.0.0:3000", format!("127.0.0.1:{listen}")),
            ("0.0.0.0:9464", format!("127.0.0.1:{}", self.metrics_port(listen))),
        ]
        .into_iter()
        .fold(word.to_owned(), |word, (there, here)| word.replace(there, &here))
    }

    /// The binary with a service's variables and these words.
    fn command(&self, service: &Service, words: &[String], listen: u16) -> Command {
        let here = |word: &String| self.here(word, &service.name, listen);
        let mut command = process::voltaire();
        command.args(words.iter().map(here));
        command.envs(
            service
                .environment()
                .iter()
                .map(|(name, value)| (name.clone(), here(value))),
        );
        command
    }

    /// Runs a service that ends.
    fn once(&self, name: &str) {
        let service = Service::named(name);
        let mut command = self.command(&service, &service.command(), 0);
        if name == "proxy" {
            command.envs(self.proxy());
        }
        let output = process::run(command, "");
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Where the proxy's files, its own listeners and the replicas are: known by name between containers.
    fn proxy(&self) -> Vec<(String, String)> {
        let at = |name: &str| format!("127.0.0.1:{}", self.port(name));
        let mut settings = vec![
            ("LISTEN", at("edge")),
            ("MESH_LISTEN", at("mesh")),
            ("FIGURES_LISTEN", at("figures")),
            ("ADMIN_PORT", self.port("admin").to_string()),
            ("FOLDER", self.path("proxy")),
            ("CERTIFICATES", self.path("certs/envoy")),
            ("EDGE_CERTIFICATES", self.path("certs/edge")),
        ];
        for (role, count) in ROLES {
            let all: Vec<_> = (0..count)
                .map(|it| format!("\"{}\"", at(&format!("{role} {it}"))))
                .collect();
            settings.push((role, format!("[{}]", all.join(","))));
        }
        let variable = |name: &str| format!("VOLTAIRE_ENVOY__{}", name.to_uppercase());
        settings
            .into_iter()
            .map(|(name, value)| (variable(name), value))
            .collect()
    }

    fn nats(&self) -> Process {
        let file = self.folder.path().join("nats.conf");
        let text = fs::read_to_string(project("deploy/nats/nats.conf")).expect("its configuration");
        fs::write(&file, self.here(&text, "nats", 0)).expect("written");
        let mut command = tool::tool("VOLTAIRE_TEST_NATS").expect("looked for before");
        command.arg("--config").arg(file);
        Process::start("nats", command)
    }

    fn envoy(&self) -> Process {
        let service = Service::named("envoy");
        let words = service.command();
        assert_eq!(words[0], "envoy");
        let mut command = tool::tool("VOLTAIRE_TEST_ENVOY").expect("looked for before");
        command.args(words[1..].iter().map(|word| self.here(word, "envoy", 0)));
        Process::start("envoy", command)
    }

    /// Starts every replica of every role.
    fn roles(&self) -> Vec<(Service, u16, Process)> {
        let replicas = ROLES
            .into_iter()
            .flat_map(|(role, count)| (0..count).map(move |it| (role, it)));
        replicas
            .map(|(role, number)| {
                let (service, port) = (Service::named(role), self.port(&format!("{role} {number}")));
                let process = Process::start(role, self.command(&service, &service.command(), port));
                (service, port, process)
            })
            .collect()
    }

    /// Asks by the service's own health check until it says yes.
    async fn healthy(&self, (service, port, process): &(Service, u16, Process)) {
        let begun = Instant::now();
        loop {
            let output = process::run(self.command(service, &service.health()[1..], *port), "");
            if output.status.success() {
                return;
            }
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                begun.elapsed() < PATIENCE,
                "{}: {told}\n{}",
                service.name,
                process.log()
            );
            assert_eq!(process.ended(), None, "{}", service.name);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compose_runs_as_it_stands() {
    if ["VOLTAIRE_TEST_ENVOY", "VOLTAIRE_TEST_NATS"]
        .into_iter()
        .any(|it| tool::path(it).is_none())
    {
        return;
    }
    let Some(database) = tool::Database::make() else {
        return;
    };
    let machine = Machine::new(&database.url);
    machine.once("certificates");
    machine.once("proxy");
    let machine = several_migrate_at_once(machine).await;
    let (nats, envoy) = (machine.nats(), machine.envoy());
    let roles = machine.roles();
    for role in &roles {
        machine.healthy(role).await;
        a_stranger_is_not_told(&machine, role);
    }
    works(&machine).await;
    show_metrics(&machine, &roles);
    let mut ends = JoinSet::new();
    for (service, _, mut process) in roles {
        ends.spawn_blocking(move || (service.name, process.stop()));
    }
    while let Some(end) = ends.join_next().await {
        let (name, code) = end.expect("it is waited for");
        assert_eq!(code, Some(0), "{name}");
    }
    drop((nats, envoy));
    database.drop();
}

/// Every replica shows what it has done; together, each metric that the work before must have moved.
fn show_metrics(machine: &Machine, roles: &[(Service, u16, Process)]) {
    let mut by_role: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut all = String::new();
    for (service, listen, _) in roles {
        let port = machine.metrics_port(*listen);
        assert!(metrics::read(port, "/").starts_with("HTTP/1.1 404 "));
        by_role.entry(&service.name).or_default().extend(metrics::shown(port));
        all += &metrics::read(port, "/metrics");
    }
    for counted in [
        "voltaire_ingest_readings_total{outcome=\"accepted\"} 1\n",
        "voltaire_ingest_lag_seconds_count 1\n",
        "voltaire_chat_answers_total{outcome=\"answered\"} 1\n",
    ] {
        assert!(all.contains(counted), "{counted}{all}");
    }
    let service = [
        "grpc_server_handled_total",
        "grpc_server_handling_seconds",
        "voltaire_db_connections",
        "voltaire_db_connections_max",
        "voltaire_tls_certificate_expires_seconds",
    ];
    let ingest = [
        "voltaire_ingest_commit_seconds",
        "voltaire_ingest_lag_seconds",
        "voltaire_ingest_readings_total",
        "voltaire_nats_connected",
        "voltaire_upkeep_idle",
    ];
    let gateway = ["voltaire_gateway_requests_total", "voltaire_gateway_answer_seconds"];
    for (role, names) in [
        ("auth", &service[..]),
        ("chat", &service),
        ("telemetry", &service),
        ("telemetry", &ingest),
        ("chat", &["voltaire_chat_answers_total"]),
        ("gateway", &gateway),
    ] {
        for name in names {
            assert!(
                by_role[role].contains(*name),
                "{role} shows {name}: {:?}",
                by_role[role]
            );
        }
    }
}

/// They wait for each other, and each migration is applied once.
async fn several_migrate_at_once(machine: Machine) -> Machine {
    let machine = std::sync::Arc::new(machine);
    let mut all = JoinSet::new();
    for _ in 0..4 {
        let machine = std::sync::Arc::clone(&machine);
        all.spawn_blocking(move || machine.once("migrations"));
    }
    while let Some(done) = all.join_next().await {
        done.expect("migrated");
    }
    let service = Service::named("migrations");
    let status = ["migrate", "status"].map(str::to_owned);
    let output = process::run(machine.command(&service, &status, 0), "");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.lines().count() >= 11 && !told.contains("missing"), "{told}");
    std::sync::Arc::into_inner(machine).expect("all have ended")
}

/// A health check without a certificate of the mesh gets no answer; of the gateway nor does another member, as only Envoy
/// and the gateway itself get in.
fn a_stranger_is_not_told(machine: &Machine, (service, port, _): &(Service, u16, Process)) {
    let check = || machine.command(service, &service.health()[1..], *port);
    let mut stranger = check();
    for variable in ["AUTHORITY", "CERTIFICATE", "KEY"] {
        stranger.env_remove(format!("VOLTAIRE_MESH__TLS__{variable}"));
    }
    assert!(!process::run(stranger, "").status.success(), "a stranger is answered");
    if service.name == "gateway" {
        let mut member = check();
        for (variable, file) in [("CERTIFICATE", "tls.crt"), ("KEY", "tls.key")] {
            let path = machine.path(&format!("certs/chat/{file}"));
            member.env(format!("VOLTAIRE_MESH__TLS__{variable}"), path);
        }
        assert!(!process::run(member, "").status.success(), "another member is answered");
    }
}

/// By the public port: an account, a reading, a question.
async fn works(machine: &Machine) {
    let edge = Edge::new(machine.port("edge"), &Path::new(&machine.path("certs")).join("ca.crt"));
    let begun = Instant::now();
    while !edge
        .get("/healthz")
        .await
        .is_ok_and(|(status, _)| status.as_u16() == 200)
    {
        assert!(begun.elapsed() < PATIENCE, "the edge is not ready");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let user = User::register_at(edge.channel(), "ada").await;
    let device = user.device("Fridge").await;
    let reading = telemetry::Reading {
        device_id: device,
        timestamp: Some(voltaire_mesh::wire::timestamp(voltaire_types::Clock::system().now())),
        power_watts: 80.0,
        ..telemetry::Reading::default()
    };
    let request = user.request(telemetry::IngestBatchRequest {
        readings: vec![reading],
    });
    let stored = user.ingest().ingest_batch(request).await.expect("stored").into_inner();
    assert_eq!(stored.result.expect("a result").accepted, 1);
    assert!(!user.ask("what is on now?").await.is_empty());
}
