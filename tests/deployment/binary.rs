//! What the binary says to settings and commands of a deployment.

use std::{collections::BTreeMap, fs};

use crate::common::process;

/// Fails where a variable is no setting of the binary, or its value no value of it. Files that secrets come in are made up.
pub(crate) fn knows_settings(of: &str, environment: &BTreeMap<String, String>) {
    let told = refused_settings(environment);
    assert!(told.is_none(), "{of}: {}", told.unwrap_or_default());
}

/// Why the settings are refused.
fn refused_settings(environment: &BTreeMap<String, String>) -> Option<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let secret = folder.path().join("secret");
    fs::write(&secret, "a-secret-of-more-than-thirty-two-characters").expect("written");
    let mut command = process::voltaire();
    command.arg("envoy").arg("--out").arg(folder.path().join("out"));
    for (name, value) in environment {
        let is_secret = value.starts_with("/run/secrets/") || value.starts_with("/secrets/");
        if is_secret {
            command.env(name, &secret);
        } else {
            command.env(name, value);
        }
    }
    let output = process::run(command, "");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Fails where these are no arguments of the binary.
pub(crate) fn knows_command(of: &str, arguments: &[String]) {
    let told = refused_command(arguments);
    assert!(told.is_none(), "{of}: {}", told.unwrap_or_default());
}

/// Why the arguments are refused.
fn refused_command(arguments: &[String]) -> Option<String> {
    let mut command = process::voltaire();
    command.args(arguments).arg("--help");
    let output = process::run(command, "");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_the_binary_does_not_know_is_told() {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for wrong in [
        "serf auth",
        "serve authority",
        "serve auth --lisen 1",
        "health nothing",
        "migrate upp",
    ] {
        assert!(refused_command(&words(wrong)).is_some(), "{wrong}");
    }
    let set = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    for (name, value) in [
        ("VOLTAIRE_MESH__PEERS__TELEMETRI", "https://envoy:8444"),
        ("VOLTAIRE_AUTH__MIGRATE", "perhaps"),
        ("VOLTAIRE_ENVOY__COLLECTOR", "collector"),
        ("DATABASE_URL_FILE", "/nowhere/at/all"),
    ] {
        assert!(refused_settings(&set(name, value)).is_some(), "{name}={value}");
    }
    assert_eq!(refused_settings(&set("VOLTAIRE_AUTH__MIGRATE", "false")), None);
}
