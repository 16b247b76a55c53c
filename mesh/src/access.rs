//! Who may call which method, read from the contracts themselves, so that the list cannot drift from them.

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, MethodDescriptor};

use crate::identity::Scope;

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A session token, or an API token with one of the rule's scopes.
    User,
    /// Anyone, without a token.
    Public,
    /// A session token whose role is `admin`.
    Admin,
    /// A service token.
    Service,
}

/// What the contract says of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The full name of its service, as `voltaire.auth.v1.AuthService`.
    pub service: String,
    /// Its name.
    pub method: String,
    /// Who may call.
    pub access: Access,
    /// API-token scopes that open it as well.
    pub scopes: Vec<Scope>,
    /// The services that may call, where only services may.
    pub callers: Vec<String>,
    /// Whether calling it again is as good as once: a call without an answer may be tried again.
    pub idempotent: bool,
    /// Whether the caller or the service sends a stream.
    pub streaming: bool,
    /// The longest time a call may take; none: until either side ends it.
    pub limit: Option<Duration>,
}

const UNARY: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_mins(2);
const LIVE: Duration = Duration::from_mins(30);

/// Methods that are no part of our contracts and are open to anyone, by exact path.
const PUBLIC: [(&str, &str, Option<Duration>); 4] = [
    ("grpc.health.v1.Health", "Check", Some(UNARY)),
    ("grpc.health.v1.Health", "Watch", None),
    (
        "grpc.reflection.v1.ServerReflection",
        "ServerReflectionInfo",
        Some(ANSWER),
    ),
    (
        "grpc.reflection.v1alpha.ServerReflection",
        "ServerReflectionInfo",
        Some(ANSWER),
    ),
];

static RULES: LazyLock<HashMap<String, Rule>> = LazyLock::new(|| {
    let pool =
        DescriptorPool::decode(voltaire_proto::DESCRIPTORS).expect("the contracts were compiled into this binary");
    let option = pool
        .get_extension_by_name("voltaire.options.v1.rule")
        .expect("the option is part of the contracts");
    let ours = pool.services().filter(|it| it.package_name().starts_with("voltaire."));
    let ours = ours.flat_map(|it| it.methods().map(|method| rule(&method, &option)).collect::<Vec<_>>());
    let others = PUBLIC.iter().map(|&(service, method, limit)| Rule {
        service: service.to_owned(),
        method: method.to_owned(),
        access: Access::Public,
        scopes: Vec::new(),
        callers: Vec::new(),
        idempotent: true,
        streaming: method != "Check",
        limit,
    });
    ours.chain(others)
        .map(|rule| (format!("/{}/{}", rule.service, rule.method), rule))
        .collect()
});

/// The rule of a method by its path, as `/voltaire.auth.v1.AuthService/Login`; none for a method that does not exist.
pub fn rule_of(path: &str) -> Option<&'static Rule> {
    RULES.get(path)
}

/// Every method there is: its path and its rule.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    RULES.iter().map(|(path, rule)| (path.as_str(), rule))
}

/// Who calls in the name of users: the ways in, and chat, which asks telemetry as the user who asks it.
const FOR_USERS: [(&str, &[&str]); 3] = [
    ("envoy", &["auth", "telemetry", "chat"]),
    ("gateway", &["auth", "telemetry", "chat"]),
    ("chat", &["telemetry"]),
];

impl Rule {
    /// Whether a member of the mesh may call, whoever it calls for. What anyone may call every member may.
    pub fn admits(&self, member: &str) -> bool {
        match self.access {
            Access::Public => true,
            Access::Service => self.callers.iter().any(|it| it == member),
            Access::User | Access::Admin => FOR_USERS.iter().any(|(caller, services)| {
                *caller == member && services.iter().any(|it| member_of(&self.service) == Some(it))
            }),
        }
    }
}

/// The service of the mesh that has a gRPC service, as `auth` for `voltaire.auth.v1.AuthService`; none for others.
pub fn member_of(service: &str) -> Option<&str> {
    service.strip_prefix("voltaire.")?.split('.').next()
}

/// The full names of the gRPC services of a service of the mesh, as `voltaire.auth.v1.AuthService` for `auth`.
pub fn services_of(name: &str) -> Vec<&'static str> {
    let package = format!("voltaire.{name}.v1.");
    let mut all: Vec<_> = rules()
        .map(|(_, rule)| rule.service.as_str())
        .filter(|service| service.starts_with(&package))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn rule(method: &MethodDescriptor, option: &ExtensionDescriptor) -> Rule {
    let options = method.options();
    let value = options.get_extension(option);
    let (access, scopes) = value.as_message().map_or((Access::User, Vec::new()), access_of);
    let callers = value.as_message().map_or(Vec::new(), |rule| words_of(rule, "callers"));
    // 0: nothing is known of it.
    let idempotency = options
        .get_field_by_name("idempotency_level")
        .and_then(|it| it.as_enum_number());
    let streaming = method.is_client_streaming() || method.is_server_streaming();
    let limit = match (method.name(), streaming) {
        (_, false) => Some(UNARY),
        ("Ask" | "ReplayPlan", true) => Some(ANSWER),
        ("WatchLive", true) => Some(LIVE),
        (_, true) => None,
    };
    Rule {
        service: method.parent_service().full_name().to_owned(),
        method: method.name().to_owned(),
        access,
        scopes,
        callers,
        idempotent: idempotency.is_some_and(|level| level > 0),
        streaming,
        limit,
    }
}

fn access_of(rule: &DynamicMessage) -> (Access, Vec<Scope>) {
    let number = rule
        .get_field_by_name("access")
        .and_then(|it| it.as_enum_number())
        .expect("a rule has an access");
    let access = match number {
        0 => Access::User,
        1 => Access::Public,
        2 => Access::Admin,
        3 => Access::Service,
        _ => panic!("the contract names an access that this code does not know"),
    };
    let scopes = words_of(rule, "scopes").into_iter();
    let scopes = scopes.map(|word| word.parse().expect("the contract names known scopes"));
    (access, scopes.collect())
}

fn words_of(rule: &DynamicMessage, field: &str) -> Vec<String> {
    let words = rule.get_field_by_name(field).expect("a rule has this field");
    let words = words.as_list().expect("it is a list").iter();
    words.map(|word| word.as_str().expect("of texts").to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_says_who_may_call() {
        let access = |path| rule_of(path).map(|rule| rule.access);
        assert_eq!(access("/voltaire.auth.v1.AuthService/Login"), Some(Access::Public));
        assert_eq!(access("/voltaire.auth.v1.AuthService/Logout"), Some(Access::User));
        assert_eq!(access("/voltaire.auth.v1.AuthService/ListUsers"), Some(Access::Admin));
        let watch = rule_of("/voltaire.auth.v1.AuthService/WatchRevocations").unwrap();
        assert_eq!(
            (watch.access, watch.limit, watch.streaming),
            (Access::Service, None, true)
        );
        let me = rule_of("/voltaire.auth.v1.AuthService/GetMe").unwrap();
        assert_eq!(me.scopes, [Scope::Read, Scope::Mcp, Scope::Ingest]);
    }

    #[test]
    fn what_only_services_may_call_names_them() {
        for (path, rule) in rules() {
            let named = !rule.callers.is_empty();
            assert_eq!(named, rule.access == Access::Service, "{path}");
        }
    }

    #[test]
    fn every_member_has_its_own_calls() {
        let may = |member, path| rule_of(path).unwrap().admits(member);
        let (me, devices) = (
            "/voltaire.auth.v1.AuthService/GetMe",
            "/voltaire.telemetry.v1.DeviceService/ListDevices",
        );
        let (keys, watch) = (
            "/voltaire.auth.v1.AuthService/GetJwks",
            "/voltaire.auth.v1.AuthService/WatchRevocations",
        );
        let erase = "/voltaire.telemetry.v1.ErasureService/EraseUser";
        for (member, allowed) in [
            ("envoy", [true, true, true, false, false]),
            ("gateway", [true, true, true, false, false]),
            ("auth", [false, false, true, false, true]),
            ("telemetry", [false, false, true, true, false]),
            ("chat", [false, true, true, true, false]),
            ("nats", [false, false, true, false, false]),
        ] {
            assert_eq!(
                [me, devices, keys, watch, erase].map(|path| may(member, path)),
                allowed,
                "{member}"
            );
        }
    }

    #[test]
    fn what_reads_is_idempotent_and_what_makes_is_not() {
        let reads = ["Get", "List", "Query", "Summarize", "Explain", "Watch"];
        for (path, rule) in rules().filter(|(path, _)| path.starts_with("/voltaire.")) {
            if reads.iter().any(|verb| rule.method.starts_with(verb)) {
                assert!(rule.idempotent, "{path}");
            }
            if rule.method.starts_with("Create") || rule.method.starts_with("Register") {
                assert!(!rule.idempotent, "{path}");
            }
        }
        let batch = rule_of("/voltaire.telemetry.v1.IngestService/IngestBatch").unwrap();
        assert!(batch.idempotent, "readings that are sent again have one effect");
    }

    #[test]
    fn only_the_exact_path_of_a_method_has_a_rule() {
        assert!(rule_of("/grpc.health.v1.Health/Check").is_some());
        for path in [
            "",
            "/",
            "/voltaire.auth.v1.AuthService/Nothing",
            "//voltaire.auth.v1.AuthService/Login",
            "/voltaire.auth.v1.AuthService/Login/",
            "/voltaire.auth.v1.AuthService/Login;x",
            "/%76oltaire.auth.v1.AuthService/Login",
            "/voltaire.auth.v1.authservice/login",
        ] {
            assert!(rule_of(path).is_none(), "{path}");
        }
    }

    #[test]
    fn few_methods_are_open_to_anyone() {
        let mut open: Vec<_> = rules()
            .filter(|(path, rule)| rule.access == Access::Public && path.starts_with("/voltaire."))
            .map(|(_, rule)| rule.method.as_str())
            .collect();
        open.sort_unstable();
        assert_eq!(open, ["GetJwks", "Login", "Register"]);
    }

    #[test]
    fn a_service_knows_its_own_parts() {
        assert_eq!(services_of("auth"), ["voltaire.auth.v1.AuthService"]);
        assert!(services_of("telemetry").len() > 3 && services_of("nothing").is_empty());
    }
}
