//! All SQL of telemetry. One text per query; where the two databases differ, [`Dialect`] says how.

mod alert;
mod alert_rule;
mod alone;
mod block;
mod correction;
mod device;
mod device_type;
mod dialect;
mod home;
mod keep;
mod late;
mod listing;
mod opened;
mod reading;
mod rejected;
mod rollup;
mod sample;
mod samples;
mod sealed;
mod space;
#[cfg(test)]
pub(crate) mod test;
mod timescale;
mod upkeep;

use std::time::Duration;

use voltaire_mesh::Db;
use voltaire_types::{Clock, DeviceId, Timestamp};

use crate::{error::Error, pack::Key};

pub(crate) use alert::{AlertQuery, Status};
pub(crate) use alert_rule::{Check, Settled};
pub(crate) use alone::Alone;
pub(crate) use block::Block;
pub(crate) use device::Metered;
pub(crate) use home::first_home_id;
pub(crate) use listing::Page;
pub(crate) use reading::{Batch, Stored};
pub(crate) use rollup::{DayRollup, Progress, Rolled, RolledDay, Task};
pub(crate) use samples::Samples;
pub(crate) use timescale::Edition;

/// What a store method gives.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Homes, devices and readings, kept.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
    clock: Clock,
    opened: opened::Opened,
}

impl Store {
    /// The store in a migrated database; the clock stamps what is made and changed.
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self {
            db,
            clock,
            opened: opened::Opened::default(),
        }
    }

    fn fork(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.db {
            Db::Sqlite(_) => sqlite,
            Db::Postgres(_) => postgres,
        }
    }

    /// How many groups of batches may be stored at a time: SQLite has one writer.
    pub(crate) fn writers(&self) -> usize {
        match self.db {
            Db::Sqlite(_) => 1,
            Db::Postgres(_) => 2,
        }
    }
}

/// Ids as a JSON array of hexadecimal text, which both databases can unfold.
fn id_list(ids: &[DeviceId]) -> String {
    let mut list = String::with_capacity(ids.len() * 35 + 2);
    list.push('[');
    for id in ids {
        if list.len() > 1 {
            list.push(',');
        }
        list.push('"');
        list.push_str(&id.uuid().simple().to_string());
        list.push('"');
    }
    list.push(']');
    list
}

/// Times as a JSON array of µs since 1970, which both databases can unfold.
fn time_list(times: &[Timestamp]) -> String {
    let micros: Vec<_> = times.iter().map(|it| it.micros()).collect();
    serde_json::json!(micros).to_string()
}

/// Those of the days that can have readings: nothing was measured before 1970, and PostgreSQL reckons with no time of long
/// before.
fn since_1970(days: &[Timestamp]) -> Vec<Timestamp> {
    days.iter().copied().filter(|day| *day >= Timestamp::EPOCH).collect()
}

/// What is stored cannot be read as what it should be.
fn corrupt(column: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} holds what it never should").into())
}

/// Packed data that are not what was packed.
fn damaged(key: Key) -> Error {
    Error::Damaged {
        device: key.device,
        day: key.start,
    }
}

/// Seconds as they are stored, to the microsecond.
fn seconds(seconds: f64) -> Duration {
    Duration::from_micros((seconds * 1e6).round() as u64)
}
