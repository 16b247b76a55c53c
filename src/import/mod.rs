//! Files of readings: what a utility or a logger gives away, turned into readings of a device.

pub(crate) mod command;
pub(crate) mod csv;
pub(crate) mod green_button;
pub(crate) mod upload;

use std::time::Duration;

use voltaire_types::{Timestamp, Watts};

/// One reading of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Imported {
    /// The line of the file it begins on, from 1.
    pub(crate) line: usize,
    /// Which device of the file; none: the one that the import is for.
    pub(crate) device: Option<String>,
    /// When; with an interval, its start.
    pub(crate) at: Timestamp,
    /// Active power; with an interval, the mean over it.
    pub(crate) power: Watts,
    /// The stretch that `power` is the mean of.
    pub(crate) interval: Option<Duration>,
    /// RMS voltage, V.
    pub(crate) voltage: Option<f64>,
    /// RMS current, A.
    pub(crate) current: Option<f64>,
    /// −1 to 1.
    pub(crate) power_factor: Option<f64>,
    /// Cumulative counter, Wh.
    pub(crate) counter: Option<f64>,
}

/// A file that cannot be read, with the line and the cause. Nothing of it was sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub(crate) struct BrokenFile {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

impl BrokenFile {
    pub(crate) fn new(line: usize, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
        }
    }
}
