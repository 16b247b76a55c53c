//! What is deployed fits the binary: compose files and Kubernetes manifests name what exists, set what is a setting, run what
//! is a command, and give nobody more than is needed; and what compose would run does run, as processes.

mod binary;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod compose;
mod kubernetes;
mod metrics;
mod monitors;
mod observability;
mod rendered;
mod running;
mod schemas;
mod trouble;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A file of the project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files in a folder of the project, however deep, whose names end in this.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![project(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                files.push(path);
            }
        }
    }
    files
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
