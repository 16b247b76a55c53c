//! What can be set.

use std::time::Duration;

use serde::Deserialize;
use voltaire_mesh::config::Secret;

/// The longest life of a session token, and how long a retired key must at least outlive its last one.
pub(crate) const LONGEST_SESSION: Duration = Duration::from_hours(24);

/// The settings of the auth service.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the users are kept: `sqlite://PATH` or `postgres://…`. The signing keys are in there too, so nobody else may read it.
    pub database_url: Secret,
    /// Database connections at most.
    pub max_connections: u32,
    /// Whether missing migrations are applied at start.
    pub migrate: bool,
    /// Who may register. The first user of a server always may, and is its admin.
    pub registration: Registration,
    /// How long a session lasts, s: from 60 to 86,400.
    pub token_lifetime_seconds: u64,
    /// Sign-ins that fail and registrations that one address (IPv6: one /64) may make in a minute.
    pub attempts_per_minute: u32,
    /// How long security events are kept, days.
    pub audit_days: u32,
    /// How often the database is asked for revocations of other replicas, which tell of them by NATS as well.
    #[serde(skip)]
    pub poll: Duration,
    /// What a guess of a password costs an attacker who has the database.
    #[serde(skip)]
    pub password_cost: PasswordCost,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 8,
            migrate: true,
            registration: Registration::Open,
            token_lifetime_seconds: LONGEST_SESSION.as_secs(),
            attempts_per_minute: 20,
            audit_days: 365,
            poll: Duration::from_millis(500),
            password_cost: PasswordCost::default(),
        }
    }
}

impl Config {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            (60..=LONGEST_SESSION.as_secs()).contains(&self.token_lifetime_seconds),
            "auth.token_lifetime_seconds must be from 60 to 86400"
        );
        anyhow::ensure!(self.max_connections > 0, "auth.max_connections must be at least 1");
        anyhow::ensure!(
            self.attempts_per_minute > 0,
            "auth.attempts_per_minute must be at least 1"
        );
        anyhow::ensure!(self.audit_days > 0, "auth.audit_days must be at least 1");
        Ok(())
    }

    pub(crate) fn token_lifetime(&self) -> Duration {
        Duration::from_secs(self.token_lifetime_seconds)
    }
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Anyone.
    Open,
    /// Who has an invitation of an admin.
    Invite,
    /// Nobody.
    Closed,
}

/// The parameters of argon2id; the default is OWASP's minimum, about 28 ms of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self {
            memory: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}
