//! What can be set.

use serde::Deserialize;
use voltaire_mesh::config::Secret;

use crate::llm::LlmConfig;

/// The settings of the chat service.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where conversations are kept: `sqlite://PATH` or `postgres://…`.
    pub database_url: Secret,
    /// Database connections at most.
    pub max_connections: u32,
    /// Whether missing migrations are applied at start.
    pub migrate: bool,
    /// A language model that reads questions which the rules are unsure of; off by default.
    pub llm: LlmConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 8,
            migrate: true,
            llm: LlmConfig::default(),
        }
    }
}
