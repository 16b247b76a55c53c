//! A reading: what is taken in, what is rejected, and why.

use std::time::Duration;

use uuid::Uuid;
use voltaire_types::{DeviceId, Timestamp, WattHours, Watts};

use crate::figures::Sample;

/// Readings in a batch at most.
pub(crate) const MAX_BATCH: usize = 5000;
/// 2000-01-01T00:00:00Z.
const OLDEST: i64 = 946_684_800_000_000;
const AHEAD: Duration = Duration::from_mins(5);
const MAX_POWER: f64 = 1e6;
/// The longest stretch that a reading may be the mean of.
pub(crate) const MAX_INTERVAL: Duration = Duration::from_hours(31 * 24);
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// A sample of a device, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) device: DeviceId,
    pub(crate) at: Timestamp,
    pub(crate) power: Watts,
    /// RMS voltage, V.
    pub(crate) voltage: Option<f64>,
    /// RMS current, A.
    pub(crate) current: Option<f64>,
    pub(crate) power_factor: Option<f64>,
    /// The device's own cumulative counter.
    pub(crate) counter: Option<WattHours>,
    /// Set when the power is a mean over so long from `at` on.
    pub(crate) interval: Option<Duration>,
}

impl Reading {
    /// The id that the key gives: `UUIDv5` in the device's namespace of the microseconds since 1970, in decimal.
    pub(crate) fn id(&self) -> Uuid {
        Uuid::new_v5(&self.device.uuid(), self.at.micros().to_string().as_bytes())
    }

    /// What figures are made from.
    pub(crate) fn sample(&self) -> Sample {
        Sample {
            at: self.at,
            power: self.power,
            interval: self.interval,
            counter: self.counter,
            estimated: false,
        }
    }
}

/// Why a reading is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    UnknownDevice,
    TimestampMissing,
    TimestampTooOld,
    TimestampInFuture,
    NotANumber,
    PowerOutOfRange,
    VoltageOutOfRange,
    PowerFactorOutOfRange,
    CounterOutOfRange,
    IntervalOutOfRange,
    Dropped,
}

impl Reason {
    /// The same in words, with what is allowed.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::UnknownDevice => "device_id must be the UUID of one of your devices",
            Self::TimestampMissing => "timestamp must be set to a valid instant",
            Self::TimestampTooOld => "timestamp must not be before 2000-01-01T00:00:00Z",
            Self::TimestampInFuture => "timestamp must be at most 5 minutes ahead of the server's clock",
            Self::NotANumber => "values must be finite numbers",
            Self::PowerOutOfRange => "power_watts must be from -1000000 to 1000000",
            Self::VoltageOutOfRange => "voltage must not be negative",
            Self::PowerFactorOutOfRange => "power_factor must be from -1 to 1",
            Self::CounterOutOfRange => "energy_total_wh must not be negative",
            Self::IntervalOutOfRange => "interval must be from 1 second to 31 days",
            Self::Dropped => "timestamp must be of a time whose readings are still kept: see telemetry.keep_days",
        }
    }
}

/// A reading that is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// Its place in the batch, from 0.
    pub(crate) index: u32,
    pub(crate) reason: Reason,
}

/// Checks a reading against what is allowed; `now` is the server's clock.
pub(crate) fn check(reading: &Reading, now: Timestamp) -> Result<(), Reason> {
    let counter = reading.counter.map(|it| it.0);
    let numbers = [reading.voltage, reading.current, reading.power_factor, counter];
    let outside = |value: Option<f64>, good: fn(f64) -> bool| value.is_some_and(|it| !good(it));
    if reading.at.micros() < OLDEST {
        Err(Reason::TimestampTooOld)
    } else if reading.at > now.plus(AHEAD) {
        Err(Reason::TimestampInFuture)
    } else if !reading.power.0.is_finite() || numbers.iter().flatten().any(|it| !it.is_finite()) {
        Err(Reason::NotANumber)
    } else if reading.power.0.abs() > MAX_POWER {
        Err(Reason::PowerOutOfRange)
    } else if outside(reading.voltage, |it| it >= 0.0) {
        Err(Reason::VoltageOutOfRange)
    } else if outside(reading.power_factor, |it| (-1.0..=1.0).contains(&it)) {
        Err(Reason::PowerFactorOutOfRange)
    } else if outside(counter, |it| it >= 0.0) {
        Err(Reason::CounterOutOfRange)
    } else if reading
        .interval
        .is_some_and(|it| !(MIN_INTERVAL..=MAX_INTERVAL).contains(&it))
    {
        Err(Reason::IntervalOutOfRange)
    } else {
        Ok(())
    }
}
