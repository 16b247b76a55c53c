//! The files against the published schemas, which come with packages for Python and for Node: nothing is fetched.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

use crate::{common::tool, documents, kubernetes, project};

/// The operators whose objects are used.
const OPERATORS: [&str; 4] = [
    "cert-manager.io",
    "gateway.networking.k8s.io",
    "monitoring.coreos.com",
    "postgresql.cnpg.io",
];

fn passes(mut command: Command, files: &[PathBuf]) {
    let output = command.args(files).output().expect("Python runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[test]
fn compose_files_fit_the_compose_specification() {
    let Some(mut python) = tool::tool("VOLTAIRE_TEST_SCHEMAS") else {
        return;
    };
    python.args(["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]);
    passes(python, &["docker-compose.yml", "docker-compose.dev.yml"].map(project));
}

#[test]
fn manifests_fit_the_schemas_of_kubernetes() {
    let Some(mut python) = tool::tool("VOLTAIRE_TEST_SCHEMAS") else {
        return;
    };
    python.arg(project("tests/data/kubernetes.py"));
    passes(python, &kubernetes::files());
}

#[test]
fn objects_of_operators_fit_their_schemas() {
    let Some(packages) = tool::path("VOLTAIRE_TEST_OPERATORS") else {
        return;
    };
    let objects = kubernetes::files().into_iter().flat_map(|file| documents(&file));
    let group = |object: &Value| object["apiVersion"].as_str()?.split('/').next().map(str::to_owned);
    let objects: Vec<_> = objects
        .filter(|it| group(it).is_some_and(|group| OPERATORS.contains(&group.as_str())))
        .collect();
    let check = |objects: &[Value]| {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        serde_json::to_writer(&file, objects).expect("written");
        let mut node = Command::new("node");
        node.arg(project("tests/data/operators.mjs"))
            .arg(&packages)
            .arg(file.path());
        let output = node.output().expect("Node runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), told)
    };
    let (fits, told) = check(&objects);
    assert!(fits && told.trim() == format!("{} checked", objects.len()), "{told}");
    // The check itself tells what does not fit: a field that there is not, and a value that may not be.
    for (kind, field, value) in [
        ("PodMonitor", "/spec/podMetricsEndpoints/0/prot", "metrics"),
        ("Gateway", "/spec/listeners/0/tls/mode", "Pass"),
        ("Cluster", "/spec/storage/sise", "200Gi"),
    ] {
        let mut wrong = objects
            .iter()
            .find(|it| it["kind"] == kind)
            .expect("there is one")
            .clone();
        let (parent, name) = field.rsplit_once('/').expect("a path");
        wrong.pointer_mut(parent).expect("it is there")[name] = value.into();
        let (fits, told) = check(&[wrong]);
        assert!(!fits && told.contains(kind), "{told}");
    }
}
