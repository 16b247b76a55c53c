//! What can be set.

use std::time::Duration;

use serde::Deserialize;
use voltaire_mesh::config::Secret;

use crate::query::MOST_READINGS;

/// Readings are kept for so long at least, days: their figures must have settled.
const LEAST_KEPT: u32 = 7;

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
    /// Readings that one question may read one by one; figures of quarter hours and longer need none.
    pub most_readings: u64,
    /// Readings are committed together: as soon as there are so many …
    pub flush_readings: usize,
    /// … or the first of them has waited for so long, ms.
    pub flush_milliseconds: u64,
    /// Days that have been over for so long are packed into blocks, in which a reading takes a few bytes; 0: never, and what
    /// is packed becomes rows again; TimescaleDB then compresses them after a week, where its edition can. At least 1.
    pub seal_after_days: u32,
    /// Readings are dropped when they are so old, days; their quarter-hour figures stay. 0: never.
    pub keep_days: u32,
    /// How much a token or a home may send and ask.
    pub limits: Limits,
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
            most_readings: MOST_READINGS,
            flush_readings: 5000,
            flush_milliseconds: 10,
            seal_after_days: 3,
            keep_days: 0,
            limits: Limits::default(),
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
            self.keep_days == 0 || self.keep_days >= LEAST_KEPT,
            "telemetry.keep_days must be 0 or at least {LEAST_KEPT}"
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

/// The section `[telemetry.limits]`: how much a token or a home may send and ask, per process. 0: as much as it likes. What
/// has not been used in the last ten seconds may be used at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Readings a second that come with one token.
    pub readings_per_second_of_token: u32,
    /// Readings a second of one home's devices, whatever they come with.
    pub readings_per_second_of_home: u32,
    /// Calls of `QueryService` a second with one token.
    pub queries_per_second_of_token: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            readings_per_second_of_token: 200_000,
            readings_per_second_of_home: 100_000,
            queries_per_second_of_token: 1000,
        }
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
    /// Streams at once in this process; one user may have an eighth of them.
    pub watchers: usize,
    /// How long a stream lives at most; whoever opens it again is checked again.
    pub lifetime: Duration,
    /// A stream, of live values or alerts, whose reader takes nothing for so long ends.
    pub stall: Duration,
    /// How long a home that nobody watches is still followed.
    pub linger: Duration,
    /// With other replicas: how often a watched home is read again, should a notice of theirs have been lost.
    pub reread: Duration,
    /// The same while they cannot be heard.
    pub reread_alone: Duration,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            merge: Duration::from_millis(100),
            heartbeat: Duration::from_secs(15),
            backlog: 256,
            watchers: 8000,
            lifetime: Duration::from_mins(30),
            stall: Duration::from_secs(30),
            linger: Duration::from_mins(1),
            reread: Duration::from_secs(30),
            reread_alone: Duration::from_secs(2),
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
