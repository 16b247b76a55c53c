//! What can be set.

use serde::Deserialize;
use voltaire_mesh::config::Secret;

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
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 8,
            migrate: true,
        }
    }
}
