//! A group of batches as databases like to take it: device by device, in order of time, each instant once.

use std::{
    collections::{BTreeMap, HashSet},
    iter,
};

use voltaire_types::{DeviceId, Timestamp};

use crate::{reading::Reading, store::reading::Batch};

/// A reading, and the place of the batch that was the first to bring it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) batch: usize,
    pub(super) reading: &'a Reading,
}

/// All readings of one device, oldest first; never none.
#[derive(Clone, Debug)]
pub(super) struct Run<'a> {
    pub(super) device: DeviceId,
    pub(super) rows: Vec<Row<'a>>,
}

impl Run<'_> {
    /// The first and the last instant.
    pub(super) fn range(&self) -> (Timestamp, Timestamp) {
        let at = |row: Option<&Row<'_>>| row.map(|it| it.reading.at).expect("a run has a row");
        (at(self.rows.first()), at(self.rows.last()))
    }
}

/// The runs of a group, in the order of devices. It is the same for everyone, so that two processes with the same readings
/// cannot block each other.
pub(super) fn runs(batches: &[Batch]) -> Vec<Run<'_>> {
    let mut devices: BTreeMap<DeviceId, Vec<Row<'_>>> = BTreeMap::new();
    for (number, batch) in batches.iter().enumerate() {
        for reading in &batch.readings {
            let row = Row { batch: number, reading };
            devices.entry(reading.device).or_default().push(row);
        }
    }
    devices.into_iter().map(run).collect()
}

fn run((device, mut rows): (DeviceId, Vec<Row<'_>>)) -> Run<'_> {
    // Stable: of equal instants the one that came first stays first.
    rows.sort_by_key(|it| it.reading.at);
    rows.dedup_by_key(|it| it.reading.at);
    Run { device, rows }
}

/// How many new rows each batch brought.
pub(super) struct Credit(Vec<u32>);

impl Credit {
    /// None yet.
    pub(super) fn new(batches: &[Batch]) -> Self {
        Self(iter::repeat_n(0, batches.len()).collect())
    }

    /// All of these rows were new.
    pub(super) fn all(&mut self, rows: &[Row<'_>]) {
        for row in rows {
            if let Some(count) = self.0.get_mut(row.batch) {
                *count += 1;
            }
        }
    }

    /// Of these rows the ones with these keys were new.
    pub(super) fn some(&mut self, rows: &[Row<'_>], new: Vec<(DeviceId, Timestamp)>) {
        let new: HashSet<_> = new.into_iter().collect();
        for row in rows {
            if new.contains(&(row.reading.device, row.reading.at)) {
                self.all(&[*row]);
            }
        }
    }

    /// The counts, in the order of the batches.
    pub(super) fn counts(self) -> Vec<u32> {
        self.0
    }
}
