//! The manifests of Kubernetes, file by file as kustomize puts them together: overlays add files, and change none.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

use crate::{
    binary,
    cluster::{Cluster, containers, name, on_each_overlay, pod, ports},
    common::{certs, tool},
    documents, project, texts,
};

/// Secrets that are made by hand or by an operator: docs/operate.md.
const SECRETS: [&str; 2] = ["mesh", "database-app"];

/// Every YAML file below `deploy/k8s`.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![project("deploy/k8s")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_file_is_part_of_an_overlay() {
    let mut listed = BTreeSet::new();
    let mut folders: Vec<_> = ["dev", "gateway-api", "prometheus-operator"]
        .map(|it| project("deploy/k8s/overlays").join(it))
        .into();
    while let Some(folder) = folders.pop() {
        let file = folder.join("kustomization.yaml");
        for resource in texts(&documents(&file).remove(0)["resources"]) {
            let path = folder.join(resource).canonicalize().expect("it is there");
            if path.is_dir() {
                folders.push(path);
            } else {
                listed.insert(path);
            }
        }
        listed.insert(file.canonicalize().expect("it is there"));
    }
    assert_eq!(files().into_iter().collect::<BTreeSet<_>>(), listed);
}

#[test]
fn commands_settings_and_probes_are_known_to_the_binary() {
    on_each_overlay(|cluster| {
        let mut own = 0;
        for workload in cluster.workloads() {
            for container in containers(workload).filter(|it| it["image"] == "voltaire") {
                own += 1;
                binary::knows_command(name(workload), &texts(&container["args"]));
                let environment = cluster.environment(container);
                binary::knows_settings(name(workload), &environment);
                if let Some(listen) = environment.get("VOLTAIRE_LISTEN") {
                    let port = listen.rsplit(':').next().and_then(|it| it.parse().ok());
                    assert_eq!(ports(workload).into_values().next(), port, "{}", name(workload));
                }
                for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                    let command = texts(&container[probe]["exec"]["command"]);
                    if workload["kind"] == "Deployment" && container["name"] == workload["metadata"]["name"] {
                        assert_eq!(command[..3], ["voltaire", "health", name(workload)], "{probe}");
                        binary::knows_command(name(workload), &command[1..]);
                    }
                }
            }
        }
        assert_eq!(own, 6);
    });
}

#[test]
fn whatever_is_named_is_there() {
    on_each_overlay(|cluster| {
        let certified: BTreeSet<String> = ["auth", "telemetry", "chat", "gateway", "envoy", "nats", "edge"]
            .map(|it| format!("{it}-tls"))
            .into();
        for workload in cluster.workloads() {
            let (place, pod) = (name(workload), pod(workload));
            let account = pod["serviceAccountName"].as_str().expect("an account of its own");
            assert!(cluster.named("ServiceAccount", account).is_some(), "{place}: {account}");
            let volumes = pod["volumes"].as_array().cloned().unwrap_or_default();
            for volume in &volumes {
                if let Some(secret) = volume["secret"]["secretName"].as_str() {
                    assert!(
                        SECRETS.contains(&secret) || certified.contains(secret),
                        "{place}: {secret}"
                    );
                }
                if let Some(map) = volume["configMap"]["name"].as_str() {
                    assert!(cluster.named("ConfigMap", map).is_some(), "{place}: {map}");
                }
            }
            let claims = workload["spec"]["volumeClaimTemplates"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let known: BTreeSet<_> = volumes
                .iter()
                .map(|it| it["name"].as_str())
                .chain(claims.iter().map(|it| Some(name(it))))
                .collect();
            for container in containers(workload) {
                let image = container["image"].as_str().expect("an image");
                let tag = cluster
                    .tags
                    .get(image)
                    .unwrap_or_else(|| panic!("{place}: {image} has no tag"));
                assert!(tag.contains('.'), "{place}: {tag}");
                for mount in container["volumeMounts"].as_array().into_iter().flatten() {
                    assert!(known.contains(&mount["name"].as_str()), "{place}: {mount}");
                }
                for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                    if let Some(port) = container[probe]["httpGet"]["port"].as_str() {
                        assert!(ports(workload).contains_key(port), "{place}: {port}");
                    }
                }
            }
        }
        for service in cluster.all("Service") {
            let selected = service["spec"]["selector"]["app.kubernetes.io/name"]
                .as_str()
                .expect("a label");
            let workload = cluster
                .labelled(selected)
                .unwrap_or_else(|| panic!("{}: nothing is selected", name(service)));
            for port in service["spec"]["ports"].as_array().into_iter().flatten() {
                let target = port["targetPort"].as_str().expect("by name");
                let known = ports(workload);
                assert!(known.contains_key(target), "{}: {target}", name(service));
                let own = name(service) != "edge";
                assert!(!own || known[target] == port["port"], "{}: {port}", name(service));
            }
        }
    });
}

#[test]
fn every_role_is_scaled_and_never_gone() {
    on_each_overlay(|cluster| {
        for role in ["auth", "telemetry", "chat", "gateway", "envoy"] {
            let scaler = cluster.named("HorizontalPodAutoscaler", role).expect("it is scaled");
            assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], role);
            assert!(scaler["spec"]["minReplicas"].as_u64() >= Some(2), "{role}");
            let deployment = cluster.named("Deployment", role).expect("it is deployed");
            assert!(
                deployment["spec"]["replicas"].is_null(),
                "{role}: the scaler says how many"
            );
            assert_eq!(deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0);
            assert!(containers(deployment).all(|it| it["resources"]["requests"]["cpu"].is_string()));
        }
        for budget in cluster.all("PodDisruptionBudget") {
            let label = &budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"];
            assert!(cluster.labelled(label.as_str().expect("a label")).is_some());
        }
    });
}

#[test]
fn nobody_may_do_more_than_is_needed() {
    on_each_overlay(|cluster| {
        assert!(cluster.all("Role").chain(cluster.all("ClusterRole")).next().is_none());
        for workload in cluster.workloads() {
            let (place, pod) = (name(workload), pod(workload));
            assert_eq!(pod["automountServiceAccountToken"], false, "{place}");
            assert_eq!(pod["enableServiceLinks"], false, "{place}");
            let context = &pod["securityContext"];
            assert_eq!(context["runAsNonRoot"], true, "{place}");
            assert_eq!(context["seccompProfile"]["type"], "RuntimeDefault", "{place}");
            for container in containers(workload) {
                let context = &container["securityContext"];
                assert_eq!(context["allowPrivilegeEscalation"], false, "{place}");
                assert_eq!(context["readOnlyRootFilesystem"], true, "{place}");
                assert_eq!(texts(&context["capabilities"]["drop"]), ["ALL"], "{place}");
                assert!(container["resources"]["limits"]["memory"].is_string(), "{place}");
            }
        }
        let text = cluster.objects.iter().map(Value::to_string).collect::<String>();
        assert!(!text.contains("\"kind\":\"Secret\""), "secrets are not kept here");
    });
}

/// Who may talk to whom, by label and port, as the policies say.
fn allowed(cluster: &Cluster, way: &str) -> BTreeSet<(String, String, u64)> {
    let mut allowed = BTreeSet::new();
    let labels = |selector: &Value| -> Vec<String> {
        let one = selector["matchLabels"]["app.kubernetes.io/name"]
            .as_str()
            .map(str::to_owned);
        let many = selector["matchExpressions"][0]["values"].clone();
        one.into_iter().chain(texts(&many)).collect()
    };
    for policy in cluster.all("NetworkPolicy") {
        for rule in policy["spec"][way].as_array().into_iter().flatten() {
            let peers = rule[if way == "ingress" { "from" } else { "to" }].as_array().cloned();
            for peer in peers.into_iter().flatten() {
                for (own, other) in labels(&policy["spec"]["podSelector"]).into_iter().flat_map(|own| {
                    labels(&peer["podSelector"])
                        .into_iter()
                        .map(move |it| (own.clone(), it))
                }) {
                    let (from, to) = if way == "ingress" { (other, own) } else { (own, other) };
                    for port in rule["ports"].as_array().into_iter().flatten() {
                        allowed.insert((from.clone(), to.clone(), port["port"].as_u64().expect("a number")));
                    }
                }
            }
        }
    }
    allowed
}

#[test]
fn the_network_lets_through_what_members_need_and_nothing_else() {
    on_each_overlay(|cluster| {
        let nobody = cluster
            .named("NetworkPolicy", "nobody")
            .expect("nothing is open by itself");
        assert_eq!(nobody["spec"]["podSelector"], serde_json::json!({}));
        assert_eq!(texts(&nobody["spec"]["policyTypes"]), ["Ingress", "Egress"]);
        let (into, out) = (allowed(cluster, "ingress"), allowed(cluster, "egress"));
        let mut needed = BTreeSet::new();
        for role in ["auth", "telemetry", "chat"] {
            for (from, to, port) in [
                ("envoy", role, 50051),
                (role, "envoy", 8444),
                (role, "nats", 4222),
                (role, "database", 5432),
            ] {
                needed.insert((from.to_owned(), to.to_owned(), port));
            }
        }
        for (from, to, port) in [
            ("envoy", "gateway", 3000),
            ("gateway", "envoy", 8444),
            ("nats", "nats", 6222),
            ("migrations", "database", 5432),
        ] {
            needed.insert((from.to_owned(), to.to_owned(), port));
        }
        assert_eq!(out, needed);
        let servers = |it: &&(String, String, u64)| it.0 != "database";
        assert_eq!(into.iter().filter(servers).cloned().collect::<BTreeSet<_>>(), needed);
        for (_, to, port) in &needed {
            if let Some(workload) = cluster.labelled(to) {
                assert!(ports(workload).values().any(|it| it == port), "{to}: {port}");
            }
        }
    });
}

/// Metrics are for those who watch, and every role's may be read.
#[test]
fn who_watches_reaches_metrics_and_a_collector_is_reached() {
    on_each_overlay(|cluster| {
        for role in ["auth", "telemetry", "chat", "gateway"] {
            let workload = cluster.labelled(role).expect("it is deployed");
            let container = containers(workload)
                .find(|it| it["name"] == role)
                .expect("its container");
            let environment = cluster.environment(container);
            let at = |variable: &str| environment[variable].rsplit(':').next().and_then(|it| it.parse().ok());
            let metrics: Option<u64> = at("VOLTAIRE_MESH__METRICS_LISTEN");
            assert_eq!(ports(workload).get("metrics").copied(), metrics, "{role}");
            let policy = if role == "gateway" { "gateway" } else { "services" };
            let policy = cluster.named("NetworkPolicy", policy).expect("its policy");
            for (way, peers, port) in [
                ("ingress", "from", metrics),
                ("egress", "to", at("VOLTAIRE_MESH__TRACE__ENDPOINT")),
            ] {
                let watching = |it: &&Value| {
                    let labels = &it[peers][0]["namespaceSelector"]["matchLabels"];
                    labels["kubernetes.io/metadata.name"] == "monitoring"
                };
                let rules = policy["spec"][way].as_array().expect("rules");
                let found: Vec<_> = rules.iter().filter(watching).collect();
                assert_eq!(found.len(), 1, "{role}: {way}");
                assert_eq!(found[0]["ports"][0]["port"].as_u64(), port, "{role}: {way}");
            }
        }
    });
}

/// Of the version that tests have; a cluster's own is newer.
#[test]
fn nats_takes_its_configurations() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    certs::write(folder.path());
    let cluster = Cluster::of("production");
    let map = cluster.named("ConfigMap", "nats").expect("its configuration");
    let of_compose = fs::read_to_string(project("deploy/nats/nats.conf")).expect("its configuration");
    for text in [map["data"]["nats.conf"].as_str().expect("a text"), &of_compose] {
        let file = folder.path().join("nats.conf");
        let certificates = folder.path().join("nats").display().to_string();
        fs::write(&file, text.replace("/certs", &certificates)).expect("written");
        let Some(mut nats) = tool::tool("VOLTAIRE_TEST_NATS") else {
            return;
        };
        let output = nats.arg("-t").arg("--config").arg(&file).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn certificates_name_the_members() {
    let cluster = Cluster::of("production");
    for member in ["auth", "telemetry", "chat", "gateway", "envoy", "nats"] {
        let spec = &cluster.named("Certificate", member).expect("a certificate")["spec"];
        assert_eq!(texts(&spec["uris"]), [format!("spiffe://voltaire/{member}")]);
        assert_eq!(spec["secretName"], format!("{member}-tls"));
        let hosts = texts(&spec["dnsNames"]);
        assert!(
            hosts.iter().any(|it| it == member),
            "others call it by this name, and so does its health check"
        );
        assert!(texts(&spec["usages"]).iter().any(|it| it == "client auth"), "{member}");
    }
}
