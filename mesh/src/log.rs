//! What the process says while it runs: lines of text for people, of JSON for machines.

use std::io;

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt};

/// The section `[mesh.log]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// One JSON object a line instead of text.
    pub json: bool,
    /// What is logged, in the syntax of `RUST_LOG`, which is stronger.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            json: false,
            filter: "info".to_owned(),
        }
    }
}

/// The filter or the subscriber cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A filter is malformed.
    #[error("not a log filter: {0}")]
    Filter(String, #[source] tracing_subscriber::filter::ParseError),
    /// Something else logs already.
    #[error("the log is set up already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Begins to log to standard error. `rust_log` is the value of `RUST_LOG`; it is stronger than the configuration.
pub fn init(config: &LogConfig, rust_log: Option<&str>) -> Result<(), LogError> {
    let directives = rust_log.filter(|it| !it.is_empty()).unwrap_or(&config.filter);
    let filter = filter(directives)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = if config.json {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.boxed()
    };
    registry().with(filter).with(lines).try_init()?;
    Ok(())
}

fn filter(directives: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::builder()
        .parse(directives)
        .map_err(|error| LogError::Filter(directives.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_filter_is_told() {
        assert!(filter("info,voltaire=debug").is_ok());
        assert!(matches!(filter("info,voltaire=loud"), Err(LogError::Filter(..))));
    }
}
