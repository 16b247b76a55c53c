//! Stretches of time of which blocks say everything about a device, read for many days and devices together.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures::TryStreamExt;
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{Meter, raw::of_samples};
use crate::{
    error::Error,
    figures::{
        Sample,
        energy::Figures,
        rollup::{DAY, days},
    },
    pack::readings,
    store::{Block, Store},
};

/// The blocks of some devices, as far as they are all there is.
pub(super) struct Sealed<'a> {
    store: &'a Store,
    /// The devices, and until when this is so of each.
    until: HashMap<DeviceId, Timestamp>,
    /// Days that have been fetched and not been asked for yet.
    days: HashMap<Timestamp, Arc<Vec<Block>>>,
}

impl<'a> Sealed<'a> {
    /// Of devices whose curves have their lines from the day itself and the ones beside it.
    pub(super) async fn open(store: &'a Store, meters: &[Meter], period: Interval) -> Result<Self, Error> {
        let near = meters.iter().filter(|meter| meter.max_gap <= DAY);
        let ids: Vec<_> = near.map(|meter| meter.id).collect();
        Ok(Self {
            store,
            until: store.sealed_alone(&ids, period).await?,
            days: HashMap::new(),
        })
    }

    /// Whether blocks say everything about a device in a stretch of time.
    pub(super) fn says_all(&self, meter: &Meter, stretch: Interval) -> bool {
        let until = self.until.get(&meter.id);
        until.is_some_and(|until| stretch.end.plus(meter.max_gap) < *until)
    }

    /// Whether a day has been fetched.
    pub(super) fn has(&self, day: Timestamp) -> bool {
        self.days.contains_key(&day)
    }

    /// Fetches days that will be asked for, in the place of those before.
    pub(super) async fn fetch(&mut self, days: &HashSet<Timestamp>) -> Result<(), Error> {
        self.days.clear();
        self.add(days).await
    }

    async fn add(&mut self, wanted: &HashSet<Timestamp>) -> Result<(), Error> {
        let days: Vec<_> = wanted.iter().copied().filter(|day| !self.has(*day)).collect();
        let ids: Vec<_> = self.until.keys().copied().collect();
        let mut found: HashMap<_, Vec<_>> = days.iter().map(|day| (*day, Vec::new())).collect();
        for block in self.store.scattered_blocks(&ids, &days).await? {
            found.entry(block.start_at).or_default().push(block);
        }
        self.days
            .extend(found.into_iter().map(|(day, blocks)| (day, Arc::new(blocks))));
        Ok(())
    }

    /// The figures of devices together in each of some stretches. Of devices that blocks do not say everything about, readings
    /// are read as ever.
    pub(super) async fn measure(&mut self, stretches: &[Interval], meters: Vec<Meter>) -> Result<Vec<Figures>, Error> {
        let mut blocks = HashMap::new();
        let mut loose = HashMap::new();
        for stretch in stretches {
            for meter in &meters {
                if self.says_all(meter, *stretch) {
                    blocks
                        .entry(meter.id)
                        .or_insert_with(BTreeSet::new)
                        .extend(days(near(meter, *stretch)));
                } else {
                    let samples = self.store.sample_chunks(meter.id, *stretch, meter.max_gap);
                    loose.insert((meter.id, stretch.start), samples.try_concat().await?);
                }
            }
        }
        self.add(&blocks.values().flatten().copied().collect()).await?;
        let packed = |days: &BTreeSet<_>| {
            days.iter()
                .filter_map(|day| self.days.get(day).cloned())
                .collect::<Vec<_>>()
        };
        let blocks: HashMap<_, _> = blocks.iter().map(|(device, days)| (*device, packed(days))).collect();
        let stretches = stretches.to_vec();
        let work = tokio::task::spawn_blocking(move || {
            let opened = blocks
                .iter()
                .map(|(device, days)| Ok((*device, samples(*device, days)?)));
            let opened = opened.collect::<Result<HashMap<_, _>, Error>>()?;
            let of = |meter: &Meter, stretch: &Interval| {
                let samples = opened.get(&meter.id).or_else(|| loose.get(&(meter.id, stretch.start)));
                samples.map(Vec::as_slice).unwrap_or_default()
            };
            let measured = stretches.iter().map(|stretch| {
                let samples: Vec<_> = meters.iter().map(|meter| of(meter, stretch)).collect();
                of_samples(&meters, *stretch, &samples)
            });
            Ok(measured.collect())
        });
        // It neither panics nor is it aborted; when the runtime goes down, so does the call.
        work.await.map_err(|_| Error::Draining)?
    }
}

/// Where the lines within a stretch may come from, ends included.
fn near(meter: &Meter, stretch: Interval) -> Interval {
    let reach = meter.max_gap + Duration::from_micros(1);
    Interval::new(stretch.start.minus(reach), stretch.end.plus(reach))
}

/// What blocks hold of a device, in time's order.
fn samples(device: DeviceId, blocks: &[Arc<Vec<Block>>]) -> Result<Vec<Sample>, Error> {
    let of_device = |it: &&Block| it.device_id == device;
    let mut blocks: Vec<_> = blocks.iter().flat_map(|it| it.iter()).filter(of_device).collect();
    blocks.sort_unstable_by_key(|it| it.start_at);
    let mut samples = Vec::new();
    for block in blocks {
        samples.extend(block.decode(readings::Block::samples)?);
    }
    Ok(samples)
}
