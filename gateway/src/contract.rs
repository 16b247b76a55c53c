//! The contract as data: which upstream has a service, what each method takes and gives, who may call it.

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use prost_reflect::{DescriptorPool, ExtensionDescriptor, MethodDescriptor, Value};
use voltaire_mesh::access::{Access, rule_of};

/// The demo home, where this process offers it.
pub(crate) const DEMO: &str = "demo";
/// The services of the mesh, without which nothing works.
pub(crate) const UPSTREAMS: [&str; 3] = ["auth", "telemetry", "chat"];

/// The contract's descriptors with what the edge asks of them.
#[derive(Clone)]
pub(crate) struct Contract {
    /// All descriptors.
    pub(crate) pool: DescriptorPool,
    http: ExtensionDescriptor,
    upstreams: HashMap<String, &'static str>,
    /// Paths of the methods that answer with streams.
    streams: HashSet<String>,
}

/// How a method is called by HTTP and JSON.
#[derive(Clone, Debug)]
pub(crate) struct HttpRule {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub(crate) verb: http::Method,
    /// The path's template.
    pub(crate) template: String,
    /// Which part of the request the body is: `*`, a field, or empty for none.
    pub(crate) body: String,
}

impl Contract {
    /// Reads the descriptors of this binary.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let pool = DescriptorPool::decode(voltaire_proto::DESCRIPTORS)?;
        let http = pool
            .get_extension_by_name("google.api.http")
            .context("no option google.api.http")?;
        let mut contract = Self {
            http,
            pool: pool.clone(),
            upstreams: HashMap::new(),
            streams: HashSet::new(),
        };
        for service in pool.services() {
            let package = service.package_name();
            let mut all = UPSTREAMS.into_iter().chain([DEMO]);
            let Some(upstream) = all.find(|it| package == format!("voltaire.{it}.v1")) else {
                continue;
            };
            let streams = service.methods().filter(MethodDescriptor::is_server_streaming);
            contract.streams.extend(streams.map(|it| path(&it)));
            contract.upstreams.insert(service.full_name().to_owned(), upstream);
        }
        Ok(contract)
    }

    /// The upstream that has a service, by the service's full name.
    pub(crate) fn upstream(&self, service: &str) -> Option<&'static str> {
        self.upstreams.get(service).copied()
    }

    /// Whether the method at a path answers with a stream.
    pub(crate) fn is_stream(&self, path: &str) -> bool {
        self.streams.contains(path)
    }

    /// Every method that users may call, in the contract's order.
    pub(crate) fn open_methods(&self) -> impl Iterator<Item = MethodDescriptor> {
        let methods = self
            .pool
            .services()
            .flat_map(|service| service.methods().collect::<Vec<_>>());
        let known = methods.filter(|it| rule_of(&path(it)).is_some_and(|rule| rule.access != Access::Service));
        known.collect::<Vec<_>>().into_iter()
    }

    /// How a method is called by HTTP and JSON: its rule and the additional ones.
    pub(crate) fn http_rules(&self, method: &MethodDescriptor) -> anyhow::Result<Vec<HttpRule>> {
        let options = method.options();
        if !options.has_extension(&self.http) {
            return Ok(Vec::new());
        }
        let rule = options.get_extension(&self.http).into_owned();
        let rule = rule.as_message().context("google.api.http is a message")?;
        let mut rules = vec![http_rule(rule)?];
        let more = rule.get_field_by_name("additional_bindings");
        for rule in more.as_deref().and_then(Value::as_list).unwrap_or_default() {
            rules.push(http_rule(rule.as_message().context("a binding is a message")?)?);
        }
        Ok(rules)
    }
}

/// The path that a method is called at.
pub(crate) fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

fn http_rule(rule: &prost_reflect::DynamicMessage) -> anyhow::Result<HttpRule> {
    let text = |name| {
        let value = rule.get_field_by_name(name);
        value.as_deref().and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    anyhow::ensure!(text("response_body").is_empty(), "response_body is not supported");
    let verbs = ["get", "put", "post", "delete", "patch"];
    let verb = verbs.into_iter().find(|verb| !text(verb).is_empty());
    let verb = verb.context("a google.api.http rule needs a path")?;
    Ok(HttpRule {
        verb: http::Method::from_bytes(verb.to_ascii_uppercase().as_bytes())?,
        template: text(verb),
        body: text("body"),
    })
}
