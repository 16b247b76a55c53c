//! What the Prometheus operator is told to read and to raise is what Prometheus is told without it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    cluster::{Cluster, name, ports},
    documents, project, texts,
};

/// Where metrics are: by job, the path and the port.
type Jobs = BTreeMap<String, (String, u64)>;

fn cluster() -> Cluster {
    Cluster::of("prometheus-operator")
}

/// Whose pods a selector means, by their names.
fn selected(selector: &Value) -> Vec<String> {
    let one = texts(&selector["matchLabels"]["app.kubernetes.io/name"]);
    let many = selector["matchExpressions"].as_array().into_iter().flatten();
    let many = many.filter(|it| it["key"] == "app.kubernetes.io/name" && it["operator"] == "In");
    one.into_iter()
        .chain(many.flat_map(|it| texts(&it["values"])))
        .collect()
}

/// As the operator reads them.
fn monitored(cluster: &Cluster) -> Jobs {
    let mut jobs = Jobs::new();
    for monitor in cluster.all("PodMonitor") {
        let spec = &monitor["spec"];
        assert_eq!(spec["jobLabel"], "app.kubernetes.io/name", "{}", name(monitor));
        for endpoint in spec["podMetricsEndpoints"].as_array().expect("endpoints") {
            let port = endpoint["port"].as_str().expect("by name");
            for role in selected(&spec["selector"]) {
                let workload = cluster.labelled(&role).expect("it is deployed");
                let port = *ports(workload).get(port).unwrap_or_else(|| panic!("{role}: {port}"));
                let path = endpoint["path"].as_str().expect("a path").to_owned();
                let known = jobs.insert(role.clone(), (path, port));
                assert_eq!(known, None, "{role} is read once");
            }
        }
    }
    jobs
}

#[test]
fn the_operator_reads_what_prometheus_reads() {
    let config = documents(&project("deploy/observability/prometheus.yml")).remove(0);
    let mut jobs = Jobs::new();
    for job in config["scrape_configs"].as_array().expect("jobs") {
        let Some(port) = job["dns_sd_configs"][0]["port"].as_u64() else {
            // Itself, which the operator knows.
            continue;
        };
        let path = job["metrics_path"].as_str().unwrap_or("/metrics").to_owned();
        // The collector of a broker is of compose alone.
        if job["job_name"] == "mqtt" {
            continue;
        }
        jobs.insert(job["job_name"].as_str().expect("a name").to_owned(), (path, port));
    }
    assert_eq!(monitored(&cluster()), jobs);
}

#[test]
fn the_operator_raises_the_same_alerts() {
    let cluster = cluster();
    let rules: Vec<_> = cluster.all("PrometheusRule").collect();
    assert_eq!(rules.len(), 1);
    let own = documents(&project("deploy/observability/rules.yml")).remove(0);
    assert!(
        rules[0]["spec"] == own,
        "overlays/prometheus-operator/rules.yaml is not deploy/observability/rules.yml"
    );
}
