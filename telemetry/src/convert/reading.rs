//! Readings, batches of them, and what became of those.

use std::time::Duration;

use voltaire_mesh::{Invalid, wire};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{Timestamp, UserId, WattHours, Watts};

use crate::{
    reading::{MAX_BATCH, Reading, Reason, Rejected, check},
    store::{Batch, Stored},
};

impl From<Reading> for pb::Reading {
    fn from(reading: Reading) -> Self {
        wire_reading(reading, reading.id().to_string())
    }
}

/// A reading whose id is known, or not wanted.
pub(super) fn wire_reading(reading: Reading, reading_id: String) -> pb::Reading {
    let Reading {
        device,
        at,
        power,
        voltage,
        current,
        power_factor,
        counter,
        interval,
    } = reading;
    pb::Reading {
        device_id: device.to_string(),
        timestamp: Some(wire::timestamp(at)),
        power_watts: power.0,
        voltage,
        current,
        power_factor,
        energy_total_wh: counter.map(|it| it.0),
        interval: interval.map(wire::duration),
        reading_id,
    }
}

/// A batch whose readings are good, and those that are not.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) batch: Batch,
    pub(crate) rejected: Vec<Rejected>,
}

/// Parts the readings of a user's batch: those that may be stored, and those that are rejected.
pub(crate) fn checked(user: UserId, readings: &[pb::Reading], now: Timestamp) -> Result<Checked, Invalid> {
    if readings.is_empty() || readings.len() > MAX_BATCH {
        return Err(Invalid::new("readings", format!("must have 1 to {MAX_BATCH} entries")));
    }
    let size = readings.len();
    let mut batch = Batch {
        user,
        readings: Vec::with_capacity(size),
        places: Vec::with_capacity(size),
    };
    let mut rejected = Vec::new();
    for (index, reading) in (0_u32..).zip(readings) {
        match parse(reading).and_then(|it| check(&it, now).map(|()| it)) {
            Ok(reading) => {
                batch.readings.push(reading);
                batch.places.push(index);
            }
            Err(reason) => rejected.push(Rejected { index, reason }),
        }
    }
    Ok(Checked { batch, rejected })
}

/// A reading as it is told, not checked yet.
pub(super) fn parse(reading: &pb::Reading) -> Result<Reading, Reason> {
    let timestamp = wire::parse_timestamp("timestamp", reading.timestamp.as_ref());
    Ok(Reading {
        device: reading.device_id.parse().map_err(|_| Reason::UnknownDevice)?,
        at: timestamp.map_err(|_| Reason::TimestampMissing)?,
        power: Watts(reading.power_watts),
        voltage: reading.voltage,
        current: reading.current,
        power_factor: reading.power_factor,
        counter: reading.energy_total_wh.map(WattHours),
        interval: reading.interval.as_ref().map(interval).transpose()?,
    })
}

/// To the microsecond, as it is stored.
fn interval(interval: &prost_types::Duration) -> Result<Duration, Reason> {
    let interval = wire::parse_duration("interval", interval).map_err(|_| Reason::IntervalOutOfRange)?;
    Ok(Duration::new(interval.as_secs(), interval.subsec_micros() * 1000))
}

impl From<Rejected> for pb::RejectedReading {
    fn from(Rejected { index, reason }: Rejected) -> Self {
        use pb::RejectionReason as Wire;
        let wire = match reason {
            Reason::UnknownDevice => Wire::UnknownDevice,
            Reason::TimestampMissing => Wire::TimestampMissing,
            Reason::TimestampTooOld => Wire::TimestampTooOld,
            Reason::TimestampInFuture => Wire::TimestampInFuture,
            Reason::NotANumber => Wire::NotANumber,
            Reason::PowerOutOfRange => Wire::PowerOutOfRange,
            Reason::VoltageOutOfRange => Wire::VoltageOutOfRange,
            Reason::PowerFactorOutOfRange => Wire::PowerFactorOutOfRange,
            Reason::CounterOutOfRange => Wire::CounterOutOfRange,
            Reason::IntervalOutOfRange => Wire::IntervalOutOfRange,
            Reason::Dropped => Wire::Dropped,
        };
        Self {
            index,
            reason: wire.into(),
            message: reason.message().to_owned(),
        }
    }
}

impl From<Stored> for pb::IngestResult {
    fn from(stored: Stored) -> Self {
        Self {
            accepted: stored.accepted,
            duplicates: stored.duplicates,
            rejected: stored.rejected.into_iter().map(Into::into).collect(),
        }
    }
}
