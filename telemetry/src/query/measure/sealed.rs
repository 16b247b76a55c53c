//! Samples of short stretches of time, many of which a question asks for: where blocks are all there is, those of many days
//! and devices are read at once.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use futures::TryStreamExt;
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::Meter;
use crate::{
    error::Error,
    figures::{
        Sample,
        rollup::{DAY, days},
    },
    pack::readings,
    store::{Block, Store},
};

/// Days that are fetched at once, if they have no more readings than this.
const AHEAD: usize = 16;
const MOST_FETCHED: usize = 2_000_000;
/// Days that are fetched before it is known how many readings they have.
const FIRST: usize = 2;
/// Samples of opened blocks that are held, unless a single stretch has more.
const MOST_OPEN: usize = 100_000;

type Opened = HashMap<DeviceId, Vec<Sample>>;

/// Reads samples of some devices.
pub(crate) struct Sealed<'a> {
    store: &'a Store,
    /// Until when blocks are all there is of a device; none where they are not.
    until: HashMap<DeviceId, Timestamp>,
    /// Days that will be asked for, soonest first.
    expected: Vec<Timestamp>,
    at_once: usize,
    packed: HashMap<Timestamp, Vec<Block>>,
    opened: HashMap<Timestamp, Opened>,
}

impl<'a> Sealed<'a> {
    /// Of stretches within the period.
    pub(crate) async fn open(store: &'a Store, meters: &[Meter], period: Interval) -> Result<Self, Error> {
        let near = meters.iter().filter(|meter| meter.max_gap <= DAY);
        let ids: Vec<_> = near.map(|meter| meter.id).collect();
        Ok(Self {
            store,
            until: store.sealed_alone(&ids, period).await?,
            expected: Vec::new(),
            at_once: FIRST,
            packed: HashMap::new(),
            opened: HashMap::new(),
        })
    }

    /// Whether blocks say everything about a device in a stretch of time.
    pub(crate) fn says_all(&self, meter: &Meter, stretch: Interval) -> bool {
        let until = self.until.get(&meter.id);
        until.is_some_and(|until| near(meter, stretch).end < *until)
    }

    /// Notes which days will be asked for, soonest first, so that they are fetched together.
    pub(crate) fn expect(&mut self, days: impl IntoIterator<Item = Timestamp>) {
        self.expected.clear();
        self.expected.extend(days);
        self.expected.dedup();
    }

    /// The samples of a device in a stretch, oldest first; also those before and after it that lines within it may come
    /// from, and the ones beside it where they are no further away than `margin`.
    pub(crate) async fn samples(
        &mut self,
        meter: &Meter,
        stretch: Interval,
        margin: Duration,
    ) -> Result<Vec<Sample>, Error> {
        if self.says_all(meter, stretch) {
            let near = near(meter, stretch);
            let days: BTreeSet<_> = days(near).collect();
            self.open_days(&days).await?;
            let samples = self.within(meter.id, &days, near);
            let is_before = samples.first().is_some_and(|it| it.at < stretch.start);
            let is_after = samples.last().is_some_and(|it| it.at >= stretch.end);
            if margin <= meter.max_gap || is_before && is_after {
                return Ok(samples);
            }
        }
        self.store.sample_chunks(meter.id, stretch, margin).try_concat().await
    }

    fn within(&self, device: DeviceId, days: &BTreeSet<Timestamp>, time: Interval) -> Vec<Sample> {
        let mut within = Vec::new();
        for samples in days.iter().filter_map(|day| self.opened.get(day)?.get(&device)) {
            let place = |at: Timestamp| samples.partition_point(|it| it.at < at);
            within.extend_from_slice(samples.get(place(time.start)..place(time.end)).unwrap_or_default());
        }
        within
    }

    /// Opens the blocks of days that have not been opened.
    async fn open_days(&mut self, wanted: &BTreeSet<Timestamp>) -> Result<(), Error> {
        if wanted.iter().all(|day| self.opened.contains_key(day)) {
            return Ok(());
        }
        let held: usize = self.opened.values().flat_map(HashMap::values).map(Vec::len).sum();
        if held > MOST_OPEN {
            self.opened.retain(|day, _| wanted.contains(day));
        }
        self.fetch(wanted).await?;
        let missing = wanted.iter().filter(|day| !self.opened.contains_key(day));
        let packed: Vec<_> = missing
            .map(|day| (*day, self.packed.remove(day).unwrap_or_default()))
            .collect();
        let work = tokio::task::spawn_blocking(move || packed.into_iter().map(opened).collect::<Result<Vec<_>, _>>());
        // It neither panics nor is it aborted; when the runtime goes down, so does the call.
        self.opened.extend(work.await.map_err(|_| Error::Draining)??);
        Ok(())
    }

    /// Fetches days, along with those that will be asked for next.
    async fn fetch(&mut self, wanted: &BTreeSet<Timestamp>) -> Result<(), Error> {
        let is_new = |day: &Timestamp| !self.opened.contains_key(day) && !self.packed.contains_key(day);
        let mut days: BTreeSet<_> = wanted.iter().copied().filter(is_new).collect();
        if days.is_empty() {
            return Ok(());
        }
        for day in self.expected.iter().filter(|day| is_new(day)) {
            if days.len() >= self.at_once {
                break;
            }
            days.insert(*day);
        }
        self.packed.retain(|day, _| wanted.contains(day));
        self.packed.extend(days.iter().map(|day| (*day, Vec::new())));
        let (ids, days): (Vec<_>, Vec<_>) = (self.until.keys().copied().collect(), days.into_iter().collect());
        let mut readings = 0;
        for block in self.store.scattered_blocks(&ids, &days).await? {
            readings += usize::try_from(block.reading_count).unwrap_or_default();
            self.packed.entry(block.start_at).or_default().push(block);
        }
        let of_a_day = (readings / days.len().max(1)).max(1);
        self.at_once = (MOST_FETCHED / of_a_day).clamp(1, AHEAD);
        Ok(())
    }
}

/// Where the lines within a stretch may come from, ends included.
fn near(meter: &Meter, stretch: Interval) -> Interval {
    let reach = meter.max_gap + Duration::from_micros(1);
    Interval::new(stretch.start.minus(reach), stretch.end.plus(reach))
}

fn opened((day, blocks): (Timestamp, Vec<Block>)) -> Result<(Timestamp, Opened), Error> {
    let open = |block: Block| Ok((block.device_id, block.decode(readings::Block::samples)?));
    Ok((day, blocks.into_iter().map(open).collect::<Result<_, Error>>()?))
}
