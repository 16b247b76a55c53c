//! The files against the published schemas, which come with Python packages: nothing is fetched.

use std::{path::PathBuf, process::Command};

use crate::{common::tool, kubernetes, project};

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
