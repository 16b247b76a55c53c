//! Readings that come late: before the last one that rollups know.
//!
//! A late reading changes the power curve from the reading before it to the one after it, and as long as a mean among them
//! holds. The rollups of all days that this touches are deleted where the reading is stored. A reading of a sealed day is
//! known already if its block holds it.

use std::collections::{HashMap, HashSet};

use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    Result,
    block::{Block, MICRO},
    reading::Batch,
    rollup::Progress,
    upkeep::Upkeep,
};
use crate::{
    figures::{
        curve::MAX_BRIDGE,
        rollup::{DAY, day_start},
    },
    pack::readings,
    reading::{MAX_INTERVAL, Reading},
};

/// Stretches of late readings of a device that are looked at one by one.
const MOST_STRETCHES: usize = 16;

/// Late readings of a device close to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    device: DeviceId,
    first: Timestamp,
    last: Timestamp,
    /// Until when a mean among them holds.
    held: Timestamp,
}

/// The progress of devices.
pub(super) type ProgressOf = HashMap<DeviceId, Progress>;

fn is_late(reading: &Reading, progress: &ProgressOf) -> bool {
    let edge = progress.get(&reading.device).and_then(|it| it.edge);
    edge.is_some_and(|edge| reading.at <= edge)
}

/// Leaves out of the batches what blocks hold already.
pub(super) async fn leave_out_sealed<T: Upkeep>(
    tx: &mut T,
    batches: &mut [Batch],
    progress: &ProgressOf,
) -> Result<()> {
    let is_sealed = |it: &Reading| {
        let sealed = progress.get(&it.device).and_then(|it| it.sealed_until);
        sealed.is_some_and(|until| it.at < until)
    };
    let old = batches.iter().flat_map(|it| &it.readings).filter(|it| is_sealed(it));
    let days: HashSet<(DeviceId, Timestamp)> = old.map(|it| (it.device, day_start(it.at))).collect();
    if days.is_empty() {
        return Ok(());
    }
    let mut known: HashSet<(DeviceId, Timestamp)> = HashSet::new();
    for (device, day) in days {
        for block in tx.blocks(device, Interval::new(day, day.plus(MICRO))).await? {
            known.extend(block.open()?.times().iter().map(|at| (device, *at)));
        }
    }
    for batch in batches {
        batch.readings.retain(|it| !known.contains(&(it.device, it.at)));
    }
    Ok(())
}

/// The time in which late readings of the batches, which are not stored yet, change the curves of devices.
pub(super) async fn touched_by<T: Upkeep>(
    tx: &mut T,
    batches: &[Batch],
    progress: &ProgressOf,
) -> Result<Vec<(DeviceId, Interval)>> {
    let mut all = Vec::new();
    for stretch in stretches(batches, progress) {
        all.push((stretch.device, touched(tx, stretch).await?));
    }
    Ok(all)
}

/// Deletes the rollups of this time, and marks its days.
pub(super) async fn make_stale<T: Upkeep>(tx: &mut T, touched: Vec<(DeviceId, Interval)>) -> Result<()> {
    for (device, time) in touched {
        let days = Interval::new(day_start(time.start), day_start(time.end).plus(DAY));
        tx.make_stale(device, days).await?;
    }
    Ok(())
}

/// The same for time of a device that figures see otherwise from now on.
pub(super) async fn make_time_stale<T: Upkeep>(tx: &mut T, device: DeviceId, time: Interval) -> Result<()> {
    let stretch = Stretch {
        device,
        first: time.start,
        last: time.end,
        held: time.end,
    };
    let touched = touched(tx, stretch).await?;
    make_stale(tx, vec![(device, touched)]).await
}

fn stretches(batches: &[Batch], progress: &ProgressOf) -> Vec<Stretch> {
    let mut late: Vec<_> = batches
        .iter()
        .flat_map(|it| &it.readings)
        .filter(|it| is_late(it, progress))
        .map(|it| Stretch {
            device: it.device,
            first: it.at,
            last: it.at,
            held: it.interval.map_or(it.at, |length| it.at.plus(length)),
        })
        .collect();
    late.sort_unstable_by_key(|it| (it.device, it.first));
    let near = |a: &Stretch, b: &Stretch| b.first.since(a.last) <= DAY;
    let joined = join(late, near);
    // Many far from each other are one, in which more is stale than must be.
    let mut count: HashMap<DeviceId, usize> = HashMap::new();
    for it in &joined {
        *count.entry(it.device).or_default() += 1;
    }
    join(joined, |a, _| {
        count.get(&a.device).is_some_and(|count| *count > MOST_STRETCHES)
    })
}

fn join(sorted: Vec<Stretch>, belong: impl Fn(&Stretch, &Stretch) -> bool) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for next in sorted {
        let joins = |last: &&mut Stretch| last.device == next.device && belong(last, &next);
        if let Some(last) = joined.last_mut().filter(joins) {
            last.last = next.last;
            last.held = last.held.max(next.held);
        } else {
            joined.push(next);
        }
    }
    joined
}

/// The time in which the curve changes: at most so much. Where it ends in time that is corrected, the readings beyond count.
async fn touched<T: Upkeep>(tx: &mut T, mut stretch: Stretch) -> Result<Interval> {
    let corrected = tx.corrected(stretch.device).await?;
    loop {
        let found = touched_as_measured(tx, stretch).await?;
        let hides = |at: Timestamp| corrected.iter().find(|it| it.start <= at && at <= it.end);
        let first = hides(found.start).map_or(stretch.first, |it| it.start.min(stretch.first));
        let last = hides(found.end).map_or(stretch.last, |it| it.end.max(stretch.last));
        if (first, last) == (stretch.first, stretch.last) {
            return Ok(found);
        }
        (stretch.first, stretch.last) = (first, last);
        stretch.held = stretch.held.max(last);
    }
}

async fn touched_as_measured<T: Upkeep>(tx: &mut T, stretch: Stretch) -> Result<Interval> {
    let Stretch {
        device,
        first,
        last,
        held,
    } = stretch;
    let (row, _) = tx.rows_before(device, first).await?;
    // The last mean that is known may hold beyond all that is late, and a late one ends it.
    let beyond = last.plus(MICRO);
    let (_, row_held) = tx.rows_before(device, beyond).await?;
    let blocks = tx
        .blocks_around(
            device,
            Interval::new(first.minus(MAX_INTERVAL), held.max(last).plus(MAX_BRIDGE)),
        )
        .await?;
    let before = blocks.iter().rfind(|it| it.first_at < first);
    let sealed = before.map(|it| if it.last_at < first { it.last_at } else { it.first_at });
    let start = row
        .max(sealed)
        .filter(|at| first.since(*at) <= MAX_BRIDGE)
        .unwrap_or(first);
    let means = blocks.iter().rfind(|it| it.first_at < beyond && it.has_intervals != 0);
    let block_held = match means {
        Some(block) => mean_holds_until(block, beyond)?,
        None => None,
    };
    let held = [Some(held), row_held, block_held]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(held);
    let from = held.max(beyond);
    let row = tx.row_from(device, from).await?;
    let sealed = blocks
        .iter()
        .find(|it| it.last_at >= from)
        .map(|it| it.first_at.max(from));
    let next = row.into_iter().chain(sealed).min();
    let end = next.filter(|at| at.since(from) <= MAX_BRIDGE).unwrap_or(from);
    Ok(Interval::new(start, end))
}

/// Until when the last mean of a block before an instant holds.
fn mean_holds_until(block: &Block, before: Timestamp) -> Result<Option<Timestamp>> {
    let samples = block.decode(readings::Block::samples)?;
    let mean = samples.iter().rfind(|it| it.at < before && it.interval.is_some());
    Ok(mean.and_then(|it| Some(it.at.plus(it.interval?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::test::at;
    use voltaire_types::{UserId, Watts};

    fn batch(device: DeviceId, seconds: impl IntoIterator<Item = i64>) -> Batch {
        let reading = |second| Reading {
            device,
            at: at(second),
            power: Watts(1.0),
            voltage: None,
            current: None,
            power_factor: None,
            counter: None,
            interval: None,
        };
        Batch {
            user: UserId::new(),
            readings: seconds.into_iter().map(reading).collect(),
            places: Vec::new(),
        }
    }

    #[test]
    fn late_readings_close_to_each_other_are_one_stretch_and_too_many_are_one() {
        let device = DeviceId::new();
        let progress = Progress {
            device_id: device,
            edge: Some(at(40 * 86_400)),
            rolled_until: None,
            sealed_until: None,
            kept_from: None,
        };
        let progress = ProgressOf::from([(device, progress)]);
        let found = |seconds: &[i64]| -> Vec<(Timestamp, Timestamp)> {
            let all = stretches(&[batch(device, seconds.iter().copied())], &progress);
            all.into_iter().map(|it| (it.first, it.last)).collect()
        };
        assert_eq!(found(&[40 * 86_400 + 1]), []);
        let days = |days: i64| days * 86_400;
        assert_eq!(
            found(&[days(5), 10, 0, days(7), days(6)]),
            [(at(0), at(10)), (at(days(5)), at(days(7)))]
        );
        let far: Vec<_> = (0..17).map(|it| days(it * 2)).collect();
        assert_eq!(found(&far), [(at(0), at(days(32)))]);
        assert_eq!(found(&far[1..]).len(), 16);
    }
}
