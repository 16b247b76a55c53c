//! What is deployed fits the binary: compose files and Kubernetes manifests name what exists, set what is a setting, run what
//! is a command, and give nobody more than is needed; and what compose would run does run, as processes.

mod binary;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod compose;
mod kubernetes;
mod metrics;
mod observability;
mod running;
mod schemas;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A file of the project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All documents of a YAML file.
fn documents(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A value's texts; of a single text that one.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().filter_map(|it| Some(it.as_str()?.to_owned())).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The names in an object, or the texts in a list.
fn names(value: &Value) -> Vec<String> {
    value
        .as_object()
        .map_or_else(|| texts(value), |it| it.keys().cloned().collect())
}
