//! The compose files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
};

use serde_json::Value;

use crate::{binary, documents, names, project, texts};

/// Who runs the binary.
const OWN: &str = "voltaire:";

/// A service of a compose file.
pub(crate) struct Service {
    pub(crate) file: &'static str,
    pub(crate) name: String,
    value: Value,
}

/// A compose file, its variables replaced by what `.env.example` says.
fn compose(file: &'static str) -> Value {
    let text = fs::read_to_string(project(".env.example")).expect(".env.example");
    let variables: BTreeMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let mut all = documents(&project(file));
    let mut value = all.remove(0);
    interpolate(&mut value, &variables);
    value
}

fn interpolate(value: &mut Value, variables: &BTreeMap<&str, &str>) {
    match value {
        Value::String(text) => {
            while let Some((before, rest)) = text.clone().split_once("${") {
                let (variable, after) = rest.split_once('}').expect("a variable ends");
                let (name, default) = variable.split_once(":-").expect("a variable has a default");
                let known = variables
                    .get(name)
                    .unwrap_or_else(|| panic!(".env.example lacks {name}"));
                assert_eq!(*known, default, "{name} is the same in .env.example");
                *text = format!("{before}{known}{after}");
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|it| interpolate(it, variables)),
        Value::Object(all) => all.values_mut().for_each(|it| interpolate(it, variables)),
        _ => {}
    }
}

/// All services of both files.
pub(crate) fn services(file: &'static str) -> Vec<Service> {
    let compose = compose(file);
    let services = compose["services"].as_object().expect("services").clone();
    let service = |(name, value)| Service { file, name, value };
    services.into_iter().map(service).collect()
}

fn all() -> Vec<Service> {
    let mut all = services("docker-compose.yml");
    all.extend(services("docker-compose.dev.yml"));
    all
}

impl Service {
    pub(crate) fn named(name: &str) -> Self {
        let mut all = services("docker-compose.yml").into_iter();
        all.find(|it| it.name == name)
            .unwrap_or_else(|| panic!("a service {name}"))
    }

    fn place(&self) -> String {
        format!("{}: {}", self.file, self.name)
    }

    fn image(&self) -> &str {
        self.value["image"].as_str().expect("an image")
    }

    fn is_own(&self) -> bool {
        self.image().starts_with(OWN)
    }

    /// Runs once and ends.
    fn is_once(&self) -> bool {
        self.value["restart"] == "no"
    }

    pub(crate) fn command(&self) -> Vec<String> {
        texts(&self.value["command"])
    }

    /// The command of its health check, without the first word.
    pub(crate) fn health(&self) -> Vec<String> {
        texts(&self.value["healthcheck"]["test"]).split_off(1)
    }

    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let environment = self.value["environment"].as_object();
        let text = |value: &Value| value.as_str().expect("values are texts").to_owned();
        let variables = environment.into_iter().flatten();
        variables.map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// What is mounted: from where, to where.
    fn mounts(&self) -> Vec<(String, String)> {
        let mount = |it: &Value| match it {
            Value::String(text) => text.split_once(':').map(|(from, to)| {
                let to = to.trim_end_matches(":ro");
                (from.to_owned(), to.to_owned())
            }),
            _ => Some((it["source"].as_str()?.to_owned(), it["target"].as_str()?.to_owned())),
        };
        let volumes = self.value["volumes"].as_array().cloned().unwrap_or_default();
        volumes.iter().map(|it| mount(it).expect("a mount")).collect()
    }
}

#[test]
fn whatever_is_named_is_there() {
    for file in ["docker-compose.yml", "docker-compose.dev.yml"] {
        let compose = compose(file);
        let services = services(file);
        let known = |kind: &str| names(&compose[kind]).into_iter().collect::<BTreeSet<_>>();
        for service in &services {
            let place = service.place();
            for (needed, how) in service.value["depends_on"].as_object().into_iter().flatten() {
                let needed = services.iter().find(|it| it.name == *needed);
                let needed = needed.unwrap_or_else(|| panic!("{place} waits for what is not there"));
                match how["condition"].as_str().expect("a condition") {
                    "service_healthy" => assert!(needed.value["healthcheck"].is_object(), "{place}: {}", needed.name),
                    "service_completed_successfully" => assert!(needed.is_once(), "{place}: {}", needed.name),
                    other => panic!("{place}: {other}"),
                }
            }
            for secret in texts(&service.value["secrets"]) {
                assert!(known("secrets").contains(&secret), "{place}: {secret}");
            }
            for network in names(&service.value["networks"]) {
                assert!(known("networks").contains(&network), "{place}: {network}");
            }
            for (from, _) in service.mounts() {
                if from.starts_with("./") {
                    assert!(project(&from).exists(), "{place}: {from}");
                } else {
                    assert!(known("volumes").contains(&from), "{place}: {from}");
                }
            }
        }
    }
}

#[test]
fn secrets_are_files_and_every_one_is_given_to_those_alone_who_read_it() {
    for service in all() {
        let given: BTreeSet<_> = texts(&service.value["secrets"]).into_iter().collect();
        let environment = service.environment();
        let read = environment.values().filter_map(|it| it.strip_prefix("/run/secrets/"));
        assert_eq!(given, read.map(str::to_owned).collect(), "{}", service.place());
        for (name, value) in environment {
            let secret = ["PASSWORD", "SECRET", "TOKEN", "DATABASE_URL"]
                .iter()
                .any(|it| name.contains(it));
            assert!(
                !secret || value.starts_with("/run/secrets/"),
                "{}: {name}",
                service.place()
            );
        }
    }
}

#[test]
fn the_script_makes_every_secret_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("deploy")).expect("made");
    let script = folder.path().join("deploy/secrets.sh");
    fs::copy(project("deploy/secrets.sh"), &script).expect("copied");
    let run = || {
        let done = Command::new("sh").arg(&script).output().expect("sh runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let files = fs::read_dir(folder.path().join("secrets")).expect("secrets");
        let read = |it: fs::DirEntry| Some((it.file_name().into_string().ok()?, fs::read_to_string(it.path()).ok()?));
        files.filter_map(|it| read(it.ok()?)).collect::<BTreeMap<_, _>>()
    };
    let made = run();
    let of_file = |file| compose(file)["secrets"].as_object().cloned().unwrap_or_default();
    let mut wanted = of_file("docker-compose.yml");
    wanted.extend(of_file("docker-compose.dev.yml"));
    // A user's own, made when there is a user.
    assert!(wanted.remove("mqtt_token").is_some());
    for (name, it) in &wanted {
        assert_eq!(it["file"].as_str(), Some(format!("./secrets/{name}").as_str()));
        assert!(made[name].len() >= 32, "{name}");
    }
    assert_eq!(made.len(), wanted.len());
    assert!(made["database_url"].contains(&made["postgres_password"]));
    let distinct = made.values().collect::<BTreeSet<_>>().len();
    assert_eq!(distinct, made.len());
    assert_eq!(run(), made, "what is there stays");
    let rights = fs::metadata(folder.path().join("secrets"))
        .expect("a folder")
        .permissions();
    assert_eq!(rights.mode() & 0o777, 0o700);
}

#[test]
fn images_are_of_one_version() {
    for service in all() {
        let (_, tag) = service.image().split_once(':').unwrap_or_default();
        let exact = tag.chars().filter(|it| *it == '.').count() >= 2 || tag.starts_with("0.");
        assert!(exact, "{}: {}", service.place(), service.image());
    }
    let file = fs::read_to_string(project("deploy/docker/Dockerfile")).expect("the Dockerfile");
    for line in file.lines().filter_map(|it| it.strip_prefix("FROM ")) {
        let tag = line.split([':', ' ']).nth(1).unwrap_or_default();
        assert!(tag.contains('.') && !tag.contains("latest"), "{line}");
    }
    assert!(file.contains("\nUSER 10001:10001\n") && file.contains("ENTRYPOINT [\"voltaire\"]"));
}

#[test]
fn nobody_may_do_more_than_is_needed() {
    for service in services("docker-compose.yml") {
        let (place, it) = (service.place(), &service.value);
        assert_eq!(it["read_only"], true, "{place}");
        assert_eq!(texts(&it["cap_drop"]), ["ALL"], "{place}");
        assert_eq!(texts(&it["security_opt"]), ["no-new-privileges:true"], "{place}");
        let user = it["user"].as_str();
        assert!(
            service.is_own() && user.is_none() || user.is_some_and(|it| !it.starts_with('0')),
            "{place}"
        );
        let limits = &it["deploy"]["resources"]["limits"];
        for limit in ["cpus", "memory", "pids"] {
            assert!(!limits[limit].is_null(), "{place}: {limit}");
        }
        let checked = it["healthcheck"]["test"].is_array();
        assert!(checked || service.is_once() || service.name == "collector", "{place}");
    }
    for service in all() {
        for port in texts(&service.value["ports"]) {
            let public = service.name == "envoy";
            assert!(public || port.starts_with("127.0.0.1:"), "{}: {port}", service.place());
        }
    }
}

#[test]
fn commands_and_settings_are_known_to_the_binary() {
    let own: Vec<_> = all().into_iter().filter(Service::is_own).collect();
    assert_eq!(own.len(), 8);
    for service in own {
        binary::knows_command(&service.place(), &service.command());
        binary::knows_settings(&service.place(), &service.environment());
        if !service.is_once() {
            let health = service.health();
            assert_eq!(health[0], "voltaire");
            assert!(health.contains(&service.name), "{health:?}");
            binary::knows_command(&service.place(), &health[1..]);
        }
    }
}

#[test]
fn ports_are_those_that_the_proxy_knows() {
    let proxy = fs::read_to_string(project("deploy/envoy/envoy.yaml")).expect("the configuration");
    let at = |host: &str, port: &str| {
        let address = format!("socket_address: {{ address: {host}, port_value: {port} }}");
        assert!(proxy.contains(&address), "{address}");
    };
    for role in ["auth", "telemetry", "chat", "gateway"] {
        let environment = Service::named(role).environment();
        let (_, port) = environment["VOLTAIRE_LISTEN"].rsplit_once(':').expect("a port");
        at(&format!("\"{role}\""), port);
        for peer in ["AUTH", "TELEMETRY", "CHAT"] {
            let url = &environment[&format!("VOLTAIRE_MESH__PEERS__{peer}")];
            at(
                "0.0.0.0",
                url.strip_prefix("https://envoy:").expect("by way of the proxy"),
            );
        }
    }
    let envoy = Service::named("envoy");
    let (_, public) = texts(&envoy.value["ports"])[0]
        .split_once(':')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a port");
    at("0.0.0.0", &public);
    at("0.0.0.0", "9902");
    assert!(envoy.health().concat().contains("127.0.0.1/9902"));
}
