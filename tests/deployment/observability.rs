//! Alerts, runbooks and dashboards: they fit the metrics that there are, and each other.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::{
    common::{process, tool},
    documents, files, metrics, project,
};

/// Series that Prometheus itself makes.
const OWN: [&str; 2] = ["up", "ALERTS"];
/// Ranges that are Grafana's to choose.
const RANGE: &str = "$__rate_interval";

/// All rules of alerts.
fn alerts() -> Vec<Value> {
    let rules = documents(&project("deploy/observability/rules.yml")).remove(0);
    let groups = rules["groups"].as_array().expect("groups");
    let rules = groups
        .iter()
        .flat_map(|it| it["rules"].as_array().expect("rules").clone());
    rules.collect()
}

/// Every dashboard.
fn dashboards() -> Vec<Value> {
    let folder = fs::read_dir(project("deploy/observability/grafana/dashboards")).expect("a folder");
    let files = folder.map(|it| it.expect("a file").path());
    let read = |path: &Path| serde_json::from_str(&fs::read_to_string(path).expect("a text")).expect("JSON");
    files
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .map(|it| read(&it))
        .collect()
}

/// The queries of a dashboard's panels.
fn queries(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels
        .iter()
        .flat_map(|it| it["targets"].as_array().expect("targets").clone());
    targets
        .map(|it| it["expr"].as_str().expect("a query").to_owned())
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

/// Words of a query that are names: not in quotes, not numbers.
fn words(query: &str) -> Vec<String> {
    let outside: String = query.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    words
        .filter(|it| it.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

/// What queries name as series.
fn named(query: &str) -> impl Iterator<Item = String> {
    let ours = [
        "voltaire_",
        "grpc_server_",
        "envoy_cluster_outlier_",
        "envoy_cluster_upstream_",
    ];
    words(query)
        .into_iter()
        .filter(move |it| OWN.contains(&it.as_str()) || ours.iter().any(|prefix| it.starts_with(prefix)))
}

#[test]
fn alerts_and_dashboards_name_metrics_that_there_are() {
    let series = metrics::series();
    let alerts: Vec<_> = alerts().iter().map(|it| text(it, "expr").to_owned()).collect();
    let shown: Vec<_> = dashboards().iter().flat_map(queries).collect();
    for query in alerts.iter().chain(&shown) {
        let mut labels: BTreeSet<_> = ["job", "instance", "le", "alertname", "alertstate"]
            .map(str::to_owned)
            .into();
        let names: Vec<_> = named(query).collect();
        assert!(!names.is_empty(), "{query}");
        for name in names.iter().filter(|it| !OWN.contains(&it.as_str())) {
            let known = series.get(name).unwrap_or_else(|| panic!("{name} of {query}"));
            labels.extend(known.iter().cloned());
        }
        for list in query.split("by (").skip(1) {
            let (list, _) = list.split_once(')').expect("a list ends");
            for label in list.split(", ") {
                assert!(labels.contains(label), "{label} of {query}");
            }
        }
    }
    let shown: BTreeSet<_> = shown.iter().flat_map(|it| named(it)).collect();
    for name in metrics::documented().keys() {
        assert!(
            shown.iter().any(|it| it.starts_with(name.as_str())),
            "no dashboard shows {name}"
        );
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let runbooks = fs::read_to_string(project("docs/runbooks.md")).expect("docs/runbooks.md");
    let parts: Vec<_> = runbooks.split("\n## ").skip(1).collect();
    let written: BTreeSet<_> = parts.iter().filter_map(|it| it.lines().next()).collect();
    let alerts = alerts();
    for alert in &alerts {
        let name = text(alert, "alert");
        let link = format!("docs/runbooks.md#{}", name.to_lowercase());
        assert_eq!(text(&alert["annotations"], "runbook"), link);
        assert!(!text(&alert["annotations"], "summary").is_empty(), "{name}");
        assert!(
            ["critical", "warning"].contains(&text(&alert["labels"], "severity")),
            "{name}"
        );
    }
    assert_eq!(written, alerts.iter().map(|it| text(it, "alert")).collect());
    for part in parts {
        for step in ["**Symptom:**", "**Look:**", "**Do:**"] {
            assert!(part.contains(step), "{step} {part}");
        }
    }
}

/// A stream takes as long as its reader likes.
#[test]
fn streams_are_not_called_slow() {
    let mut streams = BTreeSet::new();
    for file in files("proto", "proto") {
        let text = fs::read_to_string(file).expect("a text");
        let calls = text.lines().filter_map(|it| it.trim().strip_prefix("rpc "));
        let streaming = calls.filter(|it| it.contains("stream "));
        streams.extend(streaming.filter_map(|it| Some(it.split_once('(')?.0.to_owned())));
    }
    let all: Vec<_> = streams.into_iter().collect();
    let left_out = format!("grpc_method!~\"{}\"", all.join("|"));
    let slow = alerts().into_iter().find(|it| it["alert"] == "CallsSlow");
    assert!(
        slow.expect("an alert")["expr"]
            .to_string()
            .replace('\\', "")
            .contains(&left_out),
        "{left_out}"
    );
}

#[test]
fn dashboards_fit_what_provides_them() {
    let grafana = project("deploy/observability/grafana");
    let sources = documents(&grafana.join("datasources/prometheus.yaml")).remove(0);
    let source = &sources["datasources"][0];
    assert_eq!(source["url"], "http://prometheus:9090");
    let mut titles = BTreeSet::new();
    for dashboard in dashboards() {
        let title = text(&dashboard, "title").to_owned();
        assert!(text(&dashboard, "uid").starts_with("voltaire-"), "{title}");
        for panel in dashboard["panels"].as_array().expect("panels") {
            assert_eq!(panel["datasource"]["uid"], source["uid"], "{title}: {}", panel["title"]);
        }
        titles.insert(title);
    }
    assert_eq!(titles.len(), 5);
}

/// Runs promtool; nothing where it is missing.
fn promtool(arguments: &[&str]) {
    let Some(mut command) = tool::tool("VOLTAIRE_TEST_PROMTOOL") else {
        return;
    };
    command.args(arguments);
    let output = process::run(command, "");
    let told = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    assert!(output.status.success(), "{}", told.concat());
}

#[test]
fn prometheus_takes_its_configuration() {
    let file = project("deploy/observability/prometheus.yml");
    promtool(&["check", "config", &file.display().to_string()]);
}

#[test]
fn each_alert_fires_when_it_should_and_none_while_all_is_well() {
    let file = project("tests/data/alerts.yml");
    let tests = documents(&file).remove(0);
    let tested: BTreeSet<_> = tests["tests"]
        .as_array()
        .expect("tests")
        .iter()
        .filter(|it| it["name"] != "all is well")
        .map(|it| text(it, "name").to_owned())
        .collect();
    assert_eq!(tested, alerts().iter().map(|it| text(it, "alert").to_owned()).collect());
    promtool(&["test", "rules", &file.display().to_string()]);
}

/// The dashboards' queries as rules, for promtool to parse.
#[test]
fn queries_of_dashboards_are_queries() {
    let all = dashboards();
    let rule = |query: &String| {
        let query = query.replace(RANGE, "1m");
        serde_json::json!({ "record": "it", "expr": query })
    };
    let rules: Vec<_> = all
        .iter()
        .flat_map(queries)
        .collect::<BTreeSet<_>>()
        .iter()
        .map(rule)
        .collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("rules.yml");
    let groups = serde_json::json!({ "groups": [{ "name": "dashboards", "rules": rules }] });
    fs::write(&file, groups.to_string()).expect("written");
    promtool(&["check", "rules", "--lint=none", &file.display().to_string()]);
}
