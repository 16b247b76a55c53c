//! All SQL of telemetry. One text per query; where the two databases differ, [`Dialect`] says how.

mod alert;
mod alert_rule;
mod device;
mod device_type;
mod dialect;
mod home;
mod reading;
#[cfg(test)]
mod test;

use voltaire_mesh::Db;
use voltaire_types::{Clock, DeviceId};

use crate::error::Error;

pub(crate) use alert::{AlertQuery, Status};
pub(crate) use alert_rule::{Check, Settled};
pub(crate) use reading::{Batch, Page, Stored};

/// What a store method gives.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Homes, devices and readings, kept.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
    clock: Clock,
}

impl Store {
    /// The store in a migrated database; the clock stamps what is made and changed.
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
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

/// What is stored cannot be read as what it should be.
fn corrupt(column: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} holds what it never should").into())
}
