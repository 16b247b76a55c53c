//! `envoy`: the configuration of the proxy, made from the contracts and the settings, so that nothing in it can drift from
//! them: methods, who may call them without a token, how long they may take, which may be tried again.

mod replies;
mod routes;
mod settings;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use prost::Message;
use toml::Table;

pub(crate) use settings::Config;

use crate::{cli, node};

/// The version of Envoy that the templates are for.
const VERSION: &str = "1.40";
const MAIN: &str = include_str!("template/envoy.yaml");
const CLUSTER: &str = include_str!("template/cluster.yaml");
const COLLECTOR: &str = include_str!("template/collector.yaml");
const ERRORS: &str = include_str!("template/errors.lua");
/// Certificates, each a file that Envoy reads again when it changes.
const SECRETS: [(&str, &str); 3] = [
    ("edge.yaml", include_str!("template/edge.yaml")),
    ("member.yaml", include_str!("template/member.yaml")),
    ("authority.yaml", include_str!("template/authority.yaml")),
];
/// The contracts as Envoy reads them.
const CONTRACTS: &str = "contracts.binpb";

/// Members behind the proxy.
const SERVICES: [&str; 3] = ["auth", "telemetry", "chat"];

/// Writes the configuration of Envoy.
#[derive(Debug, Args)]
#[command(
    after_help = "Settings are those of the section [envoy], and gateway.allowed_origins and mesh.tls.trust_domain."
)]
pub(crate) struct Envoy {
    /// Where to: envoy.yaml, the files of its certificates, and the contracts.
    #[arg(long, default_value = "envoy", value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    settings: cli::Settings,
}

/// Writes the files.
pub(crate) fn run(envoy: &Envoy) -> anyhow::Result<()> {
    let settings = node::settings::load(&envoy.settings, Table::new())?;
    let proxy = Proxy {
        config: &settings.envoy,
        origins: &settings.gateway.allowed_origins,
        trust_domain: settings
            .mesh
            .tls
            .map_or_else(|| "voltaire".to_owned(), |tls| tls.trust_domain),
    };
    fs::create_dir_all(&envoy.out).with_context(|| format!("cannot make {}", envoy.out.display()))?;
    let write = |name: &str, content: &[u8]| {
        let file = envoy.out.join(name);
        fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))
    };
    for (name, text) in proxy.texts()? {
        write(name, text.as_bytes())?;
    }
    write(CONTRACTS, &contracts()?)
}

/// Everything that the configuration is made from.
struct Proxy<'a> {
    config: &'a Config,
    origins: &'a [String],
    trust_domain: String,
}

impl Proxy<'_> {
    /// Each file with its text.
    fn texts(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let folders = [
            ("folder", shown(&self.config.folder)),
            ("certificates", shown(&self.config.certificates)),
            ("edge_certificates", shown(&self.config.edge_certificates)),
        ];
        let mut files = vec![("envoy.yaml", self.main()?)];
        files.extend(SECRETS.map(|(name, text)| (name, fill(text, &folders))));
        Ok(files)
    }

    fn main(&self) -> anyhow::Result<String> {
        let config = self.config;
        let methods = routes::Methods::new()?;
        let limits = &config.limits;
        let number = |value: u32| value.to_string();
        let clusters = SERVICES.into_iter().chain(["gateway"]).map(|name| self.cluster(name));
        let values = [
            ("version", VERSION.to_owned()),
            ("folder", shown(&config.folder)),
            ("admin_port", config.admin_port.to_string()),
            ("heap_bytes", config.heap_bytes.to_string()),
            ("connections", number(limits.connections)),
            ("edge_host", config.listen.ip().to_string()),
            ("edge_port", config.listen.port().to_string()),
            ("mesh_host", config.mesh_listen.ip().to_string()),
            ("mesh_port", config.mesh_listen.port().to_string()),
            ("figures_host", config.figures_listen.ip().to_string()),
            ("figures_port", config.figures_listen.port().to_string()),
            ("collector", self.collector()),
            ("sampling", number(config.sampled_percent)),
            ("local_replies", replies::of_all()),
            ("local_replies_of_grpc", replies::of_grpc()),
            ("burst", number(limits.calls_per_second.saturating_mul(2))),
            ("per_second", number(limits.calls_per_second)),
            (
                "burst_of_address",
                number(limits.calls_per_second_of_address.saturating_mul(2)),
            ),
            ("per_second_of_address", number(limits.calls_per_second_of_address)),
            ("sign_in_paths", quoted(&methods.sign_in_paths())),
            ("sign_ins", number(limits.sign_ins_per_minute_of_address)),
            ("errors_lua", ERRORS.trim_end().to_owned()),
            ("services", methods.services().join(", ")),
            ("audiences", "voltaire".to_owned()),
            ("open_methods", methods.open_rules()),
            ("never_begun", routes::NEVER_BEGUN.to_owned()),
            ("origins", self.origins()),
            ("edge_routes", methods.edge_routes()),
            ("members", member(&self.trust_domain, "(auth|telemetry|chat|gateway)")),
            ("mesh_hosts", methods.mesh_hosts()),
            ("get", "{ name: \":method\", string_match: { exact: GET } }".to_owned()),
            ("clusters", clusters.collect()),
        ];
        Ok(routes::said_once(fill(MAIN, &values)))
    }

    fn cluster(&self, name: &'static str) -> String {
        let limits = &self.config.limits;
        let replicas: Vec<_> = self.config.replicas(name).iter().map(endpoint).collect();
        fill(
            CLUSTER,
            &[
                ("name", name.to_owned()),
                ("folder", shown(&self.config.folder)),
                ("requests", limits.calls_at_once.to_string()),
                ("pending", limits.calls_waiting.to_string()),
                ("member", member(&self.trust_domain, name)),
                ("replicas", replicas.join(", ")),
            ],
        )
    }

    fn origins(&self) -> String {
        let exact = |origin: &String| format!("{{ exact: {} }}", quoted(origin));
        self.origins.iter().map(exact).collect::<Vec<_>>().join(", ")
    }

    fn collector(&self) -> String {
        let endpoint = self.config.collector.as_ref().map(endpoint).unwrap_or_default();
        fill(COLLECTOR, &[("endpoints", endpoint)])
    }
}

/// A matcher of a member's SPIFFE id, whatever stands before its name in the path.
fn member(trust_domain: &str, name: &str) -> String {
    let id = format!("^spiffe://{}/(.*/)?{name}$", trust_domain.replace('.', "\\."));
    format!("{{ safe_regex: {{ regex: {} }} }}", quoted(&id))
}

fn endpoint(address: &settings::Address) -> String {
    let settings::Address { host, port } = address;
    format!(
        "{{ endpoint: {{ address: {{ socket_address: {{ address: {}, port_value: {port} }} }} }} }}",
        quoted(host)
    )
}

/// A text as YAML takes it, which is as JSON takes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The template with values in the place of `${name}`. A value of several lines is indented as its place is; an empty one
/// that stands alone takes its line with it.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    for line in template.lines() {
        let indent = line.len() - line.trim_start().len();
        let mut text = line.to_owned();
        for (name, value) in values {
            let place = format!("${{{name}}}");
            if line.trim() == place && value.trim().is_empty() {
                text.clear();
            } else if text.contains(&place) {
                let deeper = format!("\n{}", " ".repeat(indent));
                text = text.replace(&place, &value.trim_end().replace('\n', &deeper));
            }
        }
        if !text.trim().is_empty() || line.is_empty() {
            filled.push_str(text.trim_end());
            filled.push('\n');
        }
    }
    filled
}

/// The contracts with the details of errors, which Envoy tells in JSON.
fn contracts() -> anyhow::Result<Vec<u8>> {
    let own = prost_types::FileDescriptorSet::decode(voltaire_proto::DESCRIPTORS)?;
    let known = |name: &str| own.file.iter().any(|it| it.name() == name);
    let mut details = prost_types::FileDescriptorSet::decode(tonic_types::pb::FILE_DESCRIPTOR_SET)?;
    details.file.retain(|it| !known(it.name()));
    // Two sets one after the other are one; ours stays as it is, with its options.
    let mut all = voltaire_proto::DESCRIPTORS.to_vec();
    details.encode(&mut all)?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed(name: &str) -> String {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/envoy").join(name);
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    fn proxy(config: &Config) -> Proxy<'_> {
        Proxy {
            config,
            origins: &[],
            trust_domain: "voltaire".to_owned(),
        }
    }

    #[test]
    fn the_files_of_the_repository_are_what_is_made() {
        let config = Config::default();
        for (name, text) in proxy(&config).texts().unwrap() {
            assert!(
                committed(name) == text,
                "deploy/envoy/{name} is old: cargo run -- envoy --out deploy/envoy"
            );
        }
    }

    #[test]
    fn every_place_of_the_templates_is_filled() {
        for (name, text) in proxy(&Config::default()).texts().unwrap() {
            assert!(!text.contains("${"), "{name}");
        }
    }

    #[test]
    fn what_needs_no_token_is_what_the_contracts_say() {
        let text = proxy(&Config::default()).main().unwrap();
        let rules = text.split("              rules:\n").nth(1).unwrap();
        let open: Vec<_> = rules
            .lines()
            .map_while(|line| line.trim().strip_prefix("- match: { path: ")?.strip_suffix(" }"))
            .collect();
        let public = voltaire_mesh::access::rules().filter(|(path, rule)| {
            path.starts_with("/voltaire.") && rule.access == voltaire_mesh::access::Access::Public
        });
        let mut expected: Vec<_> = public.map(|(path, _)| path).collect();
        expected.extend(["/.well-known/jwks.json", "/v1/login", "/v1/register"]);
        expected.sort_unstable();
        let mut found = open.clone();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_method_has_its_way_in_and_only_services_have_theirs() {
        let text = proxy(&Config::default()).main().unwrap();
        let (edge, mesh) = text.split_once("  - name: mesh\n").unwrap();
        for (path, rule) in voltaire_mesh::access::rules().filter(|(path, _)| !path.starts_with("/grpc.")) {
            let Some(service) = voltaire_mesh::access::member_of(&rule.service).filter(|it| SERVICES.contains(it))
            else {
                continue;
            };
            let is_closed = edge.contains(&format!("{{ path: {path} }}, direct_response: {{ status: 403 }}"));
            let is_open = edge.contains(&format!("{{ path: {path}, headers: "));
            let is_inner = rule.access == voltaire_mesh::access::Access::Service;
            assert_eq!((is_closed, is_open), (is_inner, !is_inner), "{path}");
            let line = mesh
                .lines()
                .find(|line| line.contains(&format!("path: {path},")))
                .unwrap();
            assert!(line.contains(&format!("cluster: {service},")), "{line}");
            assert_eq!(line.contains("retry_policy: *idempotent"), rule.idempotent, "{line}");
        }
    }

    #[test]
    fn settings_reach_the_configuration() {
        let config = Config {
            telemetry: vec!["10.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()],
            collector: Some("otel:4317".parse().unwrap()),
            ..Config::default()
        };
        let origins = ["https://dashboard.example".to_owned()];
        let proxy = Proxy {
            config: &config,
            origins: &origins,
            trust_domain: "example.org".to_owned(),
        };
        let text = proxy.main().unwrap();
        for part in [
            "address: \"10.0.0.1\", port_value: 1",
            "address: \"::1\", port_value: 2",
            "address: \"otel\", port_value: 4317",
            "[{ exact: \"https://dashboard.example\" }]",
            "^spiffe://example\\\\.org/(.*/)?telemetry$",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert!("host".parse::<settings::Address>().is_err() && ":1".parse::<settings::Address>().is_err());
    }

    #[test]
    fn a_value_of_several_lines_stands_where_its_place_is() {
        let values = [
            ("list", "- a\n- b\n".to_owned()),
            ("none", String::new()),
            ("name", "x".to_owned()),
        ];
        let filled = fill("all:\n  ${list}\n  ${none}\nend: ${name}\n", &values);
        assert_eq!(filled, "all:\n  - a\n  - b\nend: x\n");
    }

    #[test]
    fn the_contracts_of_envoy_know_the_details_of_errors() {
        let set = prost_types::FileDescriptorSet::decode(contracts().unwrap().as_slice()).unwrap();
        let mut names: Vec<_> = set.file.iter().map(prost_types::FileDescriptorProto::name).collect();
        assert!(
            names.contains(&"google/rpc/error_details.proto") || names.iter().any(|it| it.contains("error_details")),
            "{names:?}"
        );
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "each file once");
    }
}
