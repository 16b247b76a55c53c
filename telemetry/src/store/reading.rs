//! Readings: stored in groups of batches, read in order of time.

use std::collections::HashMap;

use voltaire_mesh::{transaction, write};
use voltaire_types::{DeviceId, HomeId, Timestamp, UserId, WattHours, Watts};

use super::{
    Result, Store,
    dialect::Dialect,
    id_list,
    late::{self, ProgressOf},
    seconds,
    upkeep::Upkeep,
};
use crate::reading::{Reading, Reason, Rejected};

/// Readings that are deleted at a time, so that others are not kept waiting.
const PURGE: i64 = 20_000;

/// Readings of one call.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// Who sent them; readings of others' devices are rejected.
    pub(crate) user: UserId,
    /// As checked; `places` says where each was in the call.
    pub(crate) readings: Vec<Reading>,
    pub(crate) places: Vec<u32>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stored {
    pub(crate) accepted: u32,
    pub(crate) duplicates: u32,
    /// Those of unknown devices.
    pub(crate) rejected: Vec<Rejected>,
    /// Homes of the devices, and the last reading of each: what is new may be live.
    pub(crate) last: Vec<(HomeId, Reading)>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    device_id: DeviceId,
    timestamp: Timestamp,
    energy_watts: Watts,
    voltage: Option<f64>,
    current: Option<f64>,
    power_factor: Option<f64>,
    energy_total_wh: Option<WattHours>,
    interval_seconds: Option<f64>,
}

impl From<Row> for Reading {
    fn from(row: Row) -> Self {
        Self {
            device: row.device_id,
            at: row.timestamp,
            power: row.energy_watts,
            voltage: row.voltage,
            current: row.current,
            power_factor: row.power_factor,
            counter: row.energy_total_wh,
            interval: row.interval_seconds.map(seconds),
        }
    }
}

impl Store {
    /// Stores a group of batches as one transaction: all of it or nothing. Says for each batch what became of it.
    pub(crate) async fn insert(&self, batches: Vec<Batch>) -> Result<Vec<Stored>> {
        let now = self.clock.now();
        let mut devices: Vec<_> = batches
            .iter()
            .flat_map(|it| it.readings.iter().map(|it| it.device))
            .collect();
        devices.sort_unstable();
        devices.dedup();
        let devices = id_list(&devices);
        transaction!(self.db, |tx| {
            let owners: Owners = tx
                .owners(devices.clone())
                .await?
                .into_iter()
                .map(|(id, user, home)| (id, (user, home)))
                .collect();
            let progress = tx.progress(devices).await?;
            let progress: ProgressOf = progress.into_iter().map(|it| (it.device_id, it)).collect();
            let own = |batch| own(batch, &owners, &progress);
            let (mut batches, mut stored): (Vec<_>, Vec<_>) = batches.into_iter().map(own).unzip();
            late::leave_out_sealed(tx, &mut batches, &progress).await?;
            let touched = late::touched_by(tx, &batches, &progress).await?;
            let counts = tx.insert(&batches, now).await?;
            if counts.iter().any(|new| *new > 0) {
                late::make_stale(tx, touched).await?;
            }
            for (stored, accepted) in stored.iter_mut().zip(counts) {
                stored.accepted = accepted;
                stored.duplicates -= accepted;
            }
            Ok(stored)
        })
    }

    /// Deletes readings of the devices, a part at a time; few may remain, which go with their devices.
    pub(super) async fn purge(&self, devices: Vec<DeviceId>) -> Result<()> {
        const SQL: &str = "DELETE FROM telemetry_data WHERE device_id = $1 AND timestamp < (SELECT timestamp \
            FROM telemetry_data WHERE device_id = $1 ORDER BY timestamp LIMIT 1 OFFSET $2)";
        for device in devices {
            let mut deleted = 1;
            while deleted > 0 {
                deleted = write!(self.db, |pool| {
                    let done = sqlx::query(SQL).bind(device).bind(PURGE).execute(pool).await;
                    done.map(|it| it.rows_affected())
                })?;
            }
        }
        Ok(())
    }
}

type Owners = HashMap<DeviceId, (UserId, HomeId)>;

/// Parts what belongs to the sender from what is rejected.
fn own(batch: Batch, owners: &Owners, progress: &ProgressOf) -> (Batch, Stored) {
    let mut mine = Batch {
        user: batch.user,
        readings: Vec::with_capacity(batch.readings.len()),
        places: Vec::new(),
    };
    let mut rejected = Vec::new();
    let mut last: HashMap<DeviceId, (HomeId, Reading)> = HashMap::new();
    for (reading, index) in batch.readings.into_iter().zip(batch.places) {
        let kept_from = progress.get(&reading.device).and_then(|it| it.kept_from);
        match owners.get(&reading.device) {
            Some((user, _)) if *user == batch.user && kept_from.is_some_and(|from| reading.at < from) => {
                rejected.push(Rejected {
                    index,
                    reason: Reason::Dropped,
                });
            }
            Some((user, home)) if *user == batch.user => {
                mine.readings.push(reading);
                let known = last.entry(reading.device).or_insert((*home, reading));
                if reading.at > known.1.at {
                    known.1 = reading;
                }
            }
            _ => rejected.push(Rejected {
                index,
                reason: Reason::UnknownDevice,
            }),
        }
    }
    let stored = Stored {
        accepted: 0,
        duplicates: mine.readings.len() as u32,
        rejected,
        last: last.into_values().collect(),
    };
    (mine, stored)
}
