//! Samples for tests: seconds from 2026-01-01T00:00:00Z on.

use std::time::Duration;

use voltaire_types::{Timestamp, WattHours, Watts};

use super::Sample;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_parts(1_767_225_600 + seconds, 0).unwrap()
}

pub(crate) fn point(seconds: i64, watts: f64) -> Sample {
    Sample::momentary(at(seconds), Watts(watts))
}

pub(crate) fn interval(seconds: i64, length: u64, watts: f64) -> Sample {
    Sample {
        interval: Some(Duration::from_secs(length)),
        ..point(seconds, watts)
    }
}

pub(crate) fn counter(seconds: i64, watts: f64, watt_hours: f64) -> Sample {
    Sample {
        counter: Some(WattHours(watt_hours)),
        ..point(seconds, watts)
    }
}
