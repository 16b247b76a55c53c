//! All settings of a process, one section for each part: flags > environment > file > defaults.

use anyhow::Context;
use serde::Deserialize;
use toml::{Table, Value};
use voltaire_mesh::{
    Mesh, MeshConfig,
    config::{self, Alias, ConfigError, Sources},
};

use crate::cli;

/// The settings of a process.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) mesh: MeshConfig,
    pub(crate) auth: voltaire_auth::Config,
    pub(crate) telemetry: voltaire_telemetry::Config,
    pub(crate) chat: voltaire_chat::Config,
    pub(crate) gateway: voltaire_gateway::Config,
    pub(crate) envoy: crate::envoy::Config,
}

/// Plain variables that set keys as well.
const ALIASES: [Alias<'static>; 9] = [
    Alias {
        variable: "DATABASE_URL",
        keys: &["auth.database_url", "telemetry.database_url", "chat.database_url"],
    },
    Alias {
        variable: "MESH_SECRET",
        keys: &["mesh.secret"],
    },
    Alias {
        variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
        keys: &["mesh.trace.endpoint"],
    },
    Alias {
        variable: "OTEL_TRACES_SAMPLER_ARG",
        keys: &["mesh.trace.share"],
    },
    Alias {
        variable: "CHAT_LLM",
        keys: &["chat.llm.mode"],
    },
    Alias {
        variable: "CHAT_MODEL",
        keys: &["chat.llm.model"],
    },
    Alias {
        variable: "OPENAI_BASE_URL",
        keys: &["chat.llm.base_url"],
    },
    Alias {
        variable: "OPENAI_API_KEY",
        keys: &["chat.llm.api_key"],
    },
    Alias {
        variable: "OLLAMA_HOST",
        keys: &["chat.llm.ollama_host"],
    },
];

/// What is wrong with the settings. Exit code 64.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used: {0}")]
pub(crate) struct BadSettings(#[from] ConfigError);

/// Reads all settings; `flags` are the command's own, weaker than `--set`.
pub(crate) fn load(from: &cli::Settings, flags: Table) -> anyhow::Result<Settings> {
    let mut flags = flags;
    for assignment in &from.set {
        let (key, value) = assignment
            .split_once('=')
            .with_context(|| format!("--set {assignment}: not KEY=VALUE"))?;
        assign(&mut flags, key, value).with_context(|| format!("--set {assignment}: not a key"))?;
    }
    let sources = Sources {
        file: from.config.clone(),
        environment: environment(),
        aliases: &ALIASES,
        flags,
    };
    Ok(config::load(sources).map_err(BadSettings)?)
}

/// Begins to log, as the settings and `RUST_LOG` say, to record metrics, and to send spans in the name of a member of the
/// mesh.
pub(crate) fn observe(settings: &Settings, member: &str) -> anyhow::Result<()> {
    let rust_log = environment()
        .into_iter()
        .find(|(name, _)| name == "RUST_LOG")
        .map(|(_, value)| value);
    voltaire_mesh::log::init(&settings.mesh.log, rust_log.as_deref())?;
    voltaire_mesh::metrics::record();
    Ok(voltaire_mesh::spans::init(&settings.mesh.trace, member)?)
}

/// Lets metrics be read at an address of their own, where the settings say so.
pub(crate) async fn show_metrics(settings: &Settings, mesh: &Mesh) -> anyhow::Result<()> {
    if let Some(listen) = settings.mesh.metrics_listen {
        let cannot = || format!("cannot listen at {listen} (mesh.metrics_listen)");
        voltaire_mesh::metrics::listen(listen, mesh)
            .await
            .with_context(cannot)?;
    }
    Ok(())
}

/// The one place that reads the environment.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Sets `section.key` to a value: TOML where it is some (`8080`, `true`, `["a"]`), else a text.
pub(crate) fn assign(table: &mut Table, key: &str, value: &str) -> Option<()> {
    let literal = toml::from_str::<Table>(&format!("it = {value}"))
        .ok()
        .and_then(|mut it| it.remove("it"));
    let value = literal.unwrap_or_else(|| Value::String(value.to_owned()));
    let (path, last) = key
        .rsplit_once('.')
        .map_or((None, key), |(path, last)| (Some(path), last));
    let mut section = table;
    for part in path.into_iter().flat_map(|path| path.split('.')) {
        section = section
            .entry(part)
            .or_insert_with(|| Table::new().into())
            .as_table_mut()?;
    }
    (!last.is_empty()).then(|| drop(section.insert(last.to_owned(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_known_and_others_are_refused() {
        let with = |set: &str| {
            load(
                &cli::Settings {
                    config: None,
                    set: vec![set.to_owned()],
                },
                Table::new(),
            )
        };
        assert_eq!(
            with("telemetry.max_connections=3").unwrap().telemetry.max_connections,
            3
        );
        assert!(
            with("telemetri.max_connections=3")
                .unwrap_err()
                .to_string()
                .contains("telemetri")
        );
        assert!(with("gateway.colour=blue").is_err());
        assert!(with("nothing").is_err());
    }

    #[test]
    fn the_usual_variables_of_a_language_model_are_settings() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "sk-1\n").unwrap();
        let load = |mode: &str| {
            let variables = [
                ("CHAT_LLM", mode),
                ("CHAT_MODEL", "qwen3:4b"),
                ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
                ("OPENAI_API_KEY_FILE", key.to_str().unwrap()),
                ("OLLAMA_HOST", "0.0.0.0"),
            ];
            config::load::<Settings>(Sources {
                file: None,
                environment: variables.map(|(name, value)| (name.to_owned(), value.to_owned())),
                aliases: &ALIASES,
                flags: Table::new(),
            })
        };
        let llm = load("auto").unwrap().chat.llm;
        assert_eq!(llm.mode, voltaire_chat::Mode::Auto);
        assert_eq!((llm.model.as_str(), llm.api_key.reveal()), ("qwen3:4b", "sk-1"));
        assert_eq!(
            (llm.base_url.as_str(), llm.ollama_host.as_str()),
            ("http://127.0.0.1:8080/v1", "0.0.0.0")
        );
        assert!(!format!("{llm:?}").contains("sk-1"));
        let wrong = load("sometimes").unwrap_err().to_string();
        assert!(wrong.contains("CHAT_LLM") && wrong.contains("always"), "{wrong}");
    }
}
