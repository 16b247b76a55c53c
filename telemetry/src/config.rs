//! What can be set.

use std::time::Duration;

use serde::Deserialize;
use voltaire_mesh::config::Secret;

/// The settings of the telemetry service.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where homes, devices and readings are kept: `sqlite://PATH` or `postgres://…`.
    pub database_url: Secret,
    /// Database connections at most.
    pub max_connections: u32,
    /// Whether missing migrations are applied at start.
    pub migrate: bool,
    /// Readings are committed together: as soon as there are so many …
    pub flush_readings: usize,
    /// … or the first of them has waited for so long, ms.
    pub flush_milliseconds: u64,
    /// How often the clock looks at alert rules, ms: 10 to 60,000.
    pub alert_milliseconds: u64,
    /// How long alerts that are over are kept, days.
    pub alert_days: u32,
    /// How live values are sent.
    #[serde(skip)]
    pub live: Live,
    /// How alerts are told.
    #[serde(skip)]
    pub alerts: Alerts,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 8,
            migrate: true,
            flush_readings: 5000,
            flush_milliseconds: 10,
            alert_milliseconds: 30_000,
            alert_days: 730,
            live: Live::default(),
            alerts: Alerts::default(),
        }
    }
}

impl Config {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.max_connections > 0, "telemetry.max_connections must be at least 1");
        anyhow::ensure!(
            (1..=100_000).contains(&self.flush_readings),
            "telemetry.flush_readings must be from 1 to 100000"
        );
        anyhow::ensure!(
            self.flush_milliseconds <= 1000,
            "telemetry.flush_milliseconds must be at most 1000"
        );
        anyhow::ensure!(
            (10..=60_000).contains(&self.alert_milliseconds),
            "telemetry.alert_milliseconds must be from 10 to 60000"
        );
        anyhow::ensure!(
            (1..=36_500).contains(&self.alert_days),
            "telemetry.alert_days must be from 1 to 36500"
        );
        Ok(())
    }
}

/// How live values are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// Readings of a home within this time make one message.
    pub merge: Duration,
    /// A stream without news sends a sign of life this often.
    pub heartbeat: Duration,
    /// Messages that a reader may be behind, and that one who comes back can still have.
    pub backlog: usize,
    /// How long a stream lives at most; whoever opens it again is checked again.
    pub lifetime: Duration,
    /// How long a home that nobody watches is still followed.
    pub linger: Duration,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            merge: Duration::from_millis(250),
            heartbeat: Duration::from_secs(15),
            backlog: 256,
            lifetime: Duration::from_mins(30),
            linger: Duration::from_mins(1),
        }
    }
}

/// How alerts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// Readings of a home within this time are looked at together.
    pub merge: Duration,
    /// A stream looks this often for what another process has told.
    pub poll: Duration,
    /// A stream without news sends a sign of life this often.
    pub heartbeat: Duration,
    /// How long a stream lives at most; whoever opens it again is checked again.
    pub lifetime: Duration,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            merge: Duration::from_secs(1),
            poll: Duration::from_secs(5),
            heartbeat: Duration::from_secs(15),
            lifetime: Duration::from_mins(30),
        }
    }
}
