//! What every number means, computed once: energy, coverage, peaks, totals, cost, steps, staleness, runs.
//!
//! Pure functions of samples and time: nothing here reads a database or a clock. `docs/definitions.md` says the same in
//! words, and is the law.

use std::time::Duration;

use voltaire_types::{Timestamp, WattHours, Watts};

pub(crate) mod cost;
pub(crate) mod curve;
pub(crate) mod energy;
pub(crate) mod exact;
pub(crate) mod latest;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod properties;
pub(crate) mod rate;
pub(crate) mod runs;
pub(crate) mod step;
pub(crate) mod sum;
#[cfg(test)]
pub(crate) mod test;
pub(crate) mod total;

/// A reading, as far as figures need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// When it was measured; with `interval`, when the stretch begins.
    pub at: Timestamp,
    /// Active power; with `interval`, the mean over the stretch.
    pub power: Watts,
    /// How long the stretch is that `power` is the mean of; none for a momentary sample.
    pub interval: Option<Duration>,
    /// The device's own cumulative counter.
    pub counter: Option<WattHours>,
}

/// A power and when it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PowerAt {
    /// Active power.
    pub power: Watts,
    /// When.
    pub at: Timestamp,
}
