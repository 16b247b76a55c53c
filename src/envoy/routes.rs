//! Which call goes where, how long it may take, and whether it is tried again: one line a method, from the contracts.

use std::{fmt::Write, time::Duration};

use anyhow::Context;
use prost_reflect::{DescriptorPool, MethodDescriptor, Value};
use voltaire_mesh::access::{Access, Rule, member_of, rules};

use super::SERVICES;

/// A call that has surely not begun is tried again, whatever it does.
pub(super) const NEVER_BEGUN: &str = "{ retry_on: \"connect-failure,refused-stream,reset-before-request\", num_retries: 3, \
retry_back_off: { base_interval: 0.05s, max_interval: 0.5s } }";
/// One that may be repeated is tried again on another replica, whatever happened to it.
const IDEMPOTENT: &str = "{ retry_on: \"connect-failure,refused-stream,reset-before-request,reset,unavailable\", num_retries: 3, \
retry_back_off: { base_interval: 0.05s, max_interval: 0.5s }, host_selection_retry_max_attempts: 3, retry_host_predicate: [{ name: \
envoy.retry_host_predicates.previous_hosts, typed_config: { \"@type\": \
type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate } }] }";
/// A filter that has nothing to do.
const OFF: &str = "{ \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }";
/// What the gateway does may last, as it streams.
const GATEWAY: &str = "{ cluster: gateway, timeout: 0s, idle_timeout: 3600s }";
/// A browser's session: the gateway makes a token of its cookie, where the request comes from its own pages.
const SESSION: &str = "[{ name: cookie, string_match: { contains: \"__Host-session=\" } }, { name: authorization, present_match: \
false }]";
/// gRPC alone, as the services take it.
const GRPC: &str = "[{ name: \":method\", string_match: { exact: POST } }, { name: content-type, string_match: { prefix: \
application/grpc } }]";
/// A service's own limit comes first, and says more.
const MARGIN: Duration = Duration::from_secs(5);

/// Writes out what is said often once, and refers to it afterwards.
pub(super) fn said_once(text: String) -> String {
    let often = [
        ("never_begun", NEVER_BEGUN),
        ("idempotent", IDEMPOTENT),
        ("to_gateway", GATEWAY),
        ("grpc", GRPC),
        ("off", OFF),
    ];
    often
        .into_iter()
        .fold(text, |text, (name, said)| match text.split_once(said) {
            Some((before, after)) => format!("{before}&{name} {said}{}", after.replace(said, &format!("*{name}"))),
            None => text,
        })
}

/// The methods of all services, and how they are called by JSON.
pub(super) struct Methods {
    /// By path, sorted.
    all: Vec<(&'static str, &'static Rule)>,
    json: Vec<Json>,
}

/// How a method is called by JSON.
struct Json {
    rpc: String,
    path: String,
    is_stream: bool,
}

impl Methods {
    /// Those of this binary's contracts.
    pub(super) fn new() -> anyhow::Result<Self> {
        let mut all: Vec<_> = rules()
            .filter(|(_, rule)| member_of(&rule.service).is_some_and(|it| SERVICES.contains(&it)))
            .collect();
        all.sort_unstable_by_key(|(path, _)| *path);
        Ok(Self { all, json: json()? })
    }

    /// Full names of the services that anyone outside may call.
    pub(super) fn services(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.outside().map(|(_, rule)| rule.service.as_str()).collect();
        names.dedup();
        names
    }

    fn outside(&self) -> impl Iterator<Item = &(&'static str, &'static Rule)> {
        self.all.iter().filter(|(_, rule)| rule.access != Access::Service)
    }

    fn open(&self) -> impl Iterator<Item = &'static str> {
        let open = self.all.iter().filter(|(_, rule)| rule.access == Access::Public);
        open.map(|(path, _)| *path)
    }

    /// Paths that need no token, each exactly: gRPC and JSON.
    pub(super) fn open_rules(&self) -> String {
        let open = self.open().map(str::to_owned);
        let json = self.json.iter().filter(|it| self.open().any(|path| path == it.rpc));
        let paths = open.chain(json.map(|it| it.path.clone()));
        let rules: Vec<_> = paths.map(|path| format!("- match: {{ path: {path} }}")).collect();
        rules.join("\n")
    }

    /// Where anyone may try who has no account yet, or claims to have one: addresses that do are counted apart.
    pub(super) fn sign_in_paths(&self) -> String {
        let tries = |path: &str| {
            let mut all = self.all.iter();
            all.any(|(it, rule)| *it == path && rule.access == Access::Public && !rule.idempotent)
        };
        let json = self.json.iter().filter(|it| tries(&it.rpc));
        let paths = self.open().filter(|path| tries(path)).map(str::to_owned);
        let paths = paths.chain(json.map(|it| it.path.clone()));
        let paths: Vec<_> = paths.map(|path| path.replace('.', "\\.")).collect();
        format!("^({})(\\?.*)?$", paths.join("|"))
    }

    /// The way in, first match first.
    pub(super) fn edge_routes(&self) -> String {
        let mut routes = String::from("- { match: { path: /metrics }, direct_response: { status: 404 } }\n");
        for (path, _) in self.all.iter().filter(|(_, rule)| rule.access == Access::Service) {
            push(
                &mut routes,
                &format!("{{ match: {{ path: {path} }}, direct_response: {{ status: 403 }} }}"),
            );
        }
        // As they came: it speaks gRPC-Web and JSON itself.
        let to_gateway = |test: &str| {
            let filters = ["grpc_web", "grpc_json_transcoder", "lua"];
            let off = filters
                .map(|filter| format!("envoy.filters.http.{filter}: {OFF}"))
                .join(", ");
            format!("{{ match: {{ {test} }}, route: {GATEWAY}, typed_per_filter_config: {{ {off} }} }}")
        };
        push(&mut routes, &to_gateway(&format!("prefix: /, headers: {SESSION}")));
        for json in self.json.iter().filter(|it| it.is_stream) {
            push(&mut routes, &to_gateway(&format!("path: \"{}\"", json.path)));
        }
        for (path, rule) in self.outside() {
            push(&mut routes, &method(path, rule));
        }
        for prefix in ["/v1/", "/.well-known/"] {
            push(
                &mut routes,
                &format!("{{ match: {{ prefix: {prefix} }}, route: {GATEWAY} }}"),
            );
        }
        push(&mut routes, &to_gateway("prefix: /"));
        routes
    }

    /// The ways between members: a virtual host a service.
    pub(super) fn mesh_hosts(&self) -> String {
        let mut hosts = String::new();
        for service in SERVICES {
            let _ = writeln!(
                hosts,
                "- name: {service}\n  domains: [{service}]\n  retry_policy: {NEVER_BEGUN}\n  routes:"
            );
            let own = self
                .all
                .iter()
                .filter(|(_, rule)| member_of(&rule.service) == Some(service));
            for (path, rule) in own {
                let _ = writeln!(hosts, "  - {}", method(path, rule));
            }
            for prefix in ["/grpc.health.", "/grpc.reflection."] {
                let route = format!("{{ cluster: {service}, timeout: 0s }}");
                let _ = writeln!(hosts, "  - {{ match: {{ prefix: {prefix} }}, route: {route} }}");
            }
        }
        hosts
    }
}

fn push(routes: &mut String, route: &str) {
    let _ = writeln!(routes, "- {route}");
}

/// The line of a method.
fn method(path: &str, rule: &Rule) -> String {
    let mut action = format!(
        "cluster: {}, timeout: 0s, ",
        member_of(&rule.service).unwrap_or_default()
    );
    match rule.limit {
        Some(limit) => {
            let most = (limit + MARGIN).as_secs();
            let _ = write!(
                action,
                "max_stream_duration: {{ max_stream_duration: {most}s, grpc_timeout_header_max: {most}s }}"
            );
        }
        None => action.push_str("idle_timeout: 3600s, max_stream_duration: { grpc_timeout_header_max: 0s }"),
    }
    if rule.idempotent {
        let _ = write!(action, ", retry_policy: {IDEMPOTENT}");
    }
    format!("{{ match: {{ path: {path}, headers: {GRPC} }}, route: {{ {action} }} }}")
}

/// Every method with a JSON path that has no variable: those that are asked for.
fn json() -> anyhow::Result<Vec<Json>> {
    let pool = DescriptorPool::decode(voltaire_proto::DESCRIPTORS)?;
    let option = pool
        .get_extension_by_name("google.api.http")
        .context("no option google.api.http")?;
    let path = |method: &MethodDescriptor| {
        let options = method.options();
        let rule = options.get_extension(&option).into_owned();
        let rule = rule.as_message()?;
        let verbs = ["get", "put", "post", "delete", "patch"];
        let mut paths = verbs.iter().filter_map(|verb| {
            let value = rule.get_field_by_name(verb);
            value
                .as_deref()
                .and_then(Value::as_str)
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
        });
        paths.next()
    };
    let methods = pool
        .services()
        .flat_map(|service| service.methods().collect::<Vec<_>>());
    Ok(methods
        .filter_map(|method| {
            Some(Json {
                path: path(&method)?,
                rpc: format!("/{}/{}", method.parent_service().full_name(), method.name()),
                is_stream: method.is_server_streaming(),
            })
        })
        .filter(|it| !it.path.contains('{'))
        .collect())
}
