//! What every number means, computed once: energy, coverage, peaks, totals, cost, steps, staleness, runs.
//!
//! Pure functions of samples and time: nothing here reads a database or a clock. `docs/definitions.md` says the same in
//! words, and is the law.

use std::time::Duration;

use voltaire_types::{Timestamp, WattHours, Watts};

pub(crate) mod activity;
pub(crate) mod always_on;
pub(crate) mod change;
pub(crate) mod cost;
pub(crate) mod curve;
pub(crate) mod duration;
pub(crate) mod energy;
pub(crate) mod exact;
pub(crate) mod flows;
pub(crate) mod forecast;
pub(crate) mod gaps;
pub(crate) mod latest;
pub(crate) mod profile;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod properties;
pub(crate) mod quantile;
#[cfg(test)]
mod real;
pub(crate) mod rollup;
pub(crate) mod runs;
pub(crate) mod segment;
pub(crate) mod step;
pub(crate) mod sum;
#[cfg(test)]
pub(crate) mod test;
pub(crate) mod total;
pub(crate) mod unusual;

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
    /// Whether a correction put it in the place of what was measured.
    pub estimated: bool,
}

impl Sample {
    /// A sample of a moment, measured, without a counter.
    pub(crate) fn momentary(at: Timestamp, power: Watts) -> Self {
        Self {
            at,
            power,
            interval: None,
            counter: None,
            estimated: false,
        }
    }
}

/// A power and when it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PowerAt {
    /// Active power.
    pub power: Watts,
    /// When.
    pub at: Timestamp,
}
