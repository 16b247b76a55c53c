//! `types ← proto ← mesh ← {auth, telemetry, chat, gateway} ← voltaire`; the UI stands on types, proto and chart alone.

use super::source::Tree;

/// Crate → our crates that it may depend on.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("voltaire-types", &[]),
    ("voltaire-proto", &["voltaire-types"]),
    ("voltaire-mesh", &["voltaire-types", "voltaire-proto"]),
    ("voltaire-auth", SERVICE),
    ("voltaire-telemetry", SERVICE),
    ("voltaire-chat", SERVICE),
    ("voltaire-gateway", SERVICE),
    ("voltaire-chart", &["voltaire-types"]),
    ("voltaire-ui", &["voltaire-types", "voltaire-proto", "voltaire-chart"]),
    ("voltaire", ROOT),
    ("xtask", &[]),
];
const SERVICE: &[&str] = &["voltaire-types", "voltaire-proto", "voltaire-mesh"];
const ROOT: &[&str] = &[
    "voltaire-types",
    "voltaire-proto",
    "voltaire-mesh",
    "voltaire-auth",
    "voltaire-telemetry",
    "voltaire-chat",
    "voltaire-gateway",
];

/// Finds crates that depend on what they must not know.
pub(super) fn direction(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (folder, manifest) in tree.crates() {
        let Some(name) = manifest
            .get("package")
            .and_then(|package| package.get("name")?.as_str())
        else {
            continue;
        };
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            problems.push(format!(
                "{folder}/Cargo.toml: say in xtask/src/tidy/dependencies.rs what {name} may depend on"
            ));
            continue;
        };
        let ours = |dependency: &String| dependency.starts_with("voltaire") || dependency == "xtask";
        for dependency in dependencies(&manifest).into_iter().filter(ours) {
            if dependency != name && !allowed.contains(&dependency.as_str()) {
                problems.push(format!(
                    "{folder}/Cargo.toml: {name} must not depend on {dependency}; it may on {allowed:?}"
                ));
            }
        }
    }
    problems
}

/// The names in every dependency table, also below `target`.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            found.extend(table.keys().cloned());
        } else if key == "target" {
            found.extend(table.values().filter_map(toml::Value::as_table).flat_map(dependencies));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::File;

    #[test]
    fn a_service_that_depends_on_another_is_found() {
        let text =
            "[package]\nname = \"voltaire-chat\"\n[target.'cfg(unix)'.dev-dependencies]\nvoltaire-telemetry = \"1\"\n";
        let tree = Tree {
            files: vec![File {
                path: "chat/Cargo.toml".into(),
                text: text.into(),
            }],
        };
        let problems = direction(&tree);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
