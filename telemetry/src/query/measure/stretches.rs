//! Samples of short stretches of time, many of which a question asks for: where blocks are all there is, those of many days
//! and devices are read at once, and where rows are, those of all devices.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use voltaire_types::{DeviceId, Interval, Timestamp};

use super::Meter;
use crate::{
    error::Error,
    figures::{
        Sample,
        rollup::{DAY, days},
    },
    pack::readings,
    store::{Alone, Block, Store},
};

/// Days that are fetched at once, if they have no more readings than this.
const AHEAD: usize = 16;
const MOST_FETCHED: usize = 2_000_000;
/// Days that are fetched before it is known how many readings they have.
const FIRST: usize = 2;
/// Samples of opened blocks that are held, unless a single stretch has more.
const MOST_OPEN: usize = 100_000;
/// Devices with longer lines are read by themselves: beside many rows of theirs those of others would be read in vain.
const LONGEST_LINE: Duration = Duration::from_hours(1);

type Opened = HashMap<DeviceId, Vec<Sample>>;

/// Reads samples of some devices.
pub(crate) struct Stretches<'a> {
    store: &'a Store,
    /// Where blocks, or rows, are all there is of a device; none where they are not.
    alone: HashMap<DeviceId, Alone>,
    /// The longest line of a device.
    reach: Duration,
    /// Rows that were read last, of which time.
    rows: Option<(Interval, Opened)>,
    /// Days that will be asked for, soonest first.
    expected: Vec<Timestamp>,
    at_once: usize,
    packed: HashMap<Timestamp, Vec<Block>>,
    opened: HashMap<Timestamp, Opened>,
}

impl<'a> Stretches<'a> {
    /// Of stretches within the period.
    pub(crate) async fn open(store: &'a Store, meters: &[Meter], period: Interval) -> Result<Self, Error> {
        let near = || meters.iter().filter(|meter| meter.max_gap <= DAY);
        let ids: Vec<_> = near().map(|meter| meter.id).collect();
        let mut alone = store.alone(&ids, period).await?;
        for meter in near().filter(|meter| meter.max_gap > LONGEST_LINE) {
            alone.entry(meter.id).and_modify(|it| it.rows_from = None);
        }
        let gaps = near().map(|meter| meter.max_gap);
        Ok(Self {
            store,
            alone,
            reach: gaps.filter(|gap| *gap <= LONGEST_LINE).max().unwrap_or_default(),
            rows: None,
            expected: Vec::new(),
            at_once: FIRST,
            packed: HashMap::new(),
            opened: HashMap::new(),
        })
    }

    /// Whether blocks say everything about a device in a stretch of time.
    pub(crate) fn in_blocks(&self, meter: &Meter, stretch: Interval) -> bool {
        let alone = self.alone.get(&meter.id);
        alone.is_some_and(|it| near(stretch, meter.max_gap).end < it.sealed_until)
    }

    /// Whether rows do.
    pub(crate) fn in_rows(&self, meter: &Meter, stretch: Interval) -> bool {
        let from = self.alone.get(&meter.id).and_then(|it| it.rows_from);
        from.is_some_and(|from| near(stretch, self.reach).start >= from)
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
        let time = near(stretch, meter.max_gap);
        let known = if self.in_blocks(meter, stretch) {
            let days: BTreeSet<_> = days(time).collect();
            self.open_days(&days).await?;
            let days = days.iter().filter_map(|day| self.opened.get(day)?.get(&meter.id));
            Some(within(days, time))
        } else if self.in_rows(meter, stretch) {
            self.read_rows(meter.id, stretch, time).await?;
            let rows = self.rows.iter().filter_map(|(_, opened)| opened.get(&meter.id));
            self.in_rows(meter, stretch).then(|| within(rows, time))
        } else {
            None
        };
        if let Some(samples) = known {
            let is_before = samples.first().is_some_and(|it| it.at < stretch.start);
            let is_after = samples.last().is_some_and(|it| it.at >= stretch.end);
            if margin <= meter.max_gap || is_before && is_after {
                return Ok(samples);
            }
        }
        self.store.samples(meter.id, stretch, margin).await
    }

    /// Reads the rows near a stretch, unless those that the device has in the time have been read.
    async fn read_rows(&mut self, device: DeviceId, stretch: Interval, time: Interval) -> Result<(), Error> {
        let is_read = |(read, opened): &(Interval, Opened)| {
            read.start <= time.start && time.end <= read.end && opened.contains_key(&device)
        };
        if self.rows.as_ref().is_some_and(is_read) {
            return Ok(());
        }
        let near = near(stretch, self.reach);
        let is_due = |it: &Alone| it.rows_from.is_some_and(|from| near.start >= from);
        let due = self.alone.iter().filter(|(_, it)| is_due(it));
        let ids: Vec<_> = due.map(|(device, _)| *device).collect();
        let rows = self.store.rows_alone(&ids, near).await?;
        for device in ids.iter().filter(|device| !rows.contains_key(device)) {
            self.alone.remove(device);
        }
        self.rows = Some((near, rows));
        Ok(())
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
        let (ids, days): (Vec<_>, Vec<_>) = (self.alone.keys().copied().collect(), days.into_iter().collect());
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
fn near(stretch: Interval, longest: Duration) -> Interval {
    let reach = longest + Duration::from_micros(1);
    Interval::new(stretch.start.minus(reach), stretch.end.plus(reach))
}

/// Of samples that follow one another, those of a time.
fn within<'a>(parts: impl Iterator<Item = &'a Vec<Sample>>, time: Interval) -> Vec<Sample> {
    let mut within = Vec::new();
    for samples in parts {
        let place = |at: Timestamp| samples.partition_point(|it| it.at < at);
        within.extend_from_slice(samples.get(place(time.start)..place(time.end)).unwrap_or_default());
    }
    within
}

fn opened((day, blocks): (Timestamp, Vec<Block>)) -> Result<(Timestamp, Opened), Error> {
    let open = |block: Block| Ok((block.device_id, block.decode(readings::Block::samples)?));
    Ok((day, blocks.into_iter().map(open).collect::<Result<_, Error>>()?))
}
