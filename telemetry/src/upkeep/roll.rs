//! Quarters that are over are measured and kept.

use std::{collections::BTreeSet, sync::Arc};

use voltaire_types::{Interval, Timestamp};

use crate::{
    error::Error,
    figures::{
        energy::{Figures, Weight},
        rollup::{DAY, QUARTER, Quarters, Rollup, day_start, quarter_boundaries, quarter_start},
    },
    pack::quarters::Depth,
    query::measure::{Meter, raw::raw},
    store::{Rolled, RolledDay, Store, Task},
};

/// Days that are rolled up at a time.
const DAYS: u32 = 8;

/// Rolls up some of the days of a task: stale ones, and the next ones.
pub(super) async fn roll(store: &Store, task: Task) -> Result<Rolled, Error> {
    let roller = Roller { store, task: &task };
    let before = task.before;
    let stale: BTreeSet<Timestamp> = task.stale.iter().map(|day| day.start_at).take(DAYS as usize).collect();
    let rolled_until = before.rolled_until.unwrap_or(Timestamp::MIN);
    let mut days = Vec::new();
    for stretch in stretches(&stale) {
        let stretch = Interval::new(stretch.start, stretch.end.min(rolled_until));
        days.extend(roller.days(stretch).await?);
    }
    let next = roller.next(&stale);
    if let Some(next) = next {
        days.retain(|day| day.start < day_start(next.start));
        days.extend(roller.extend(next, &stale).await?);
    }
    let mended = task.stale.iter().filter(|day| stale.contains(&day.start_at));
    Ok(Rolled {
        seen: task.stale.iter().map(|day| day.id).collect(),
        until: next
            .map(|it| it.end)
            .or(before.rolled_until)
            .unwrap_or(day_start(task.first)),
        mended: mended.map(|day| day.id).collect(),
        days,
        before,
    })
}

struct Roller<'a> {
    store: &'a Store,
    task: &'a Task,
}

impl Roller<'_> {
    /// The time that is to be rolled up next; none while a stale day that it touches has to wait.
    fn next(&self, stale: &BTreeSet<Timestamp>) -> Option<Interval> {
        let before = self.task.before;
        let start = before.rolled_until.unwrap_or(day_start(self.task.first));
        let end = day_start(start)
            .plus(DAY.saturating_mul(DAYS))
            .min(quarter_start(before.edge?));
        let waits = self
            .task
            .stale
            .iter()
            .any(|day| day.start_at == day_start(start) && !stale.contains(&day.start_at));
        (start < end && !waits).then_some(Interval::new(start, end))
    }

    /// The days that the next time touches; of the first, what is rolled up already is taken over where it is good.
    async fn extend(&self, next: Interval, stale: &BTreeSet<Timestamp>) -> Result<Vec<RolledDay>, Error> {
        let first = day_start(next.start);
        if first == next.start {
            return self.days(next).await;
        }
        let device = self.task.before.device_id;
        let mut kept = self
            .store
            .quarter_rollups(&[device], &[first], Depth::Everything)
            .await?;
        let kept = kept.remove(&(device, first)).filter(|_| !stale.contains(&first));
        let kept = kept.filter(|it| first.plus(QUARTER * it.0.len() as u32) == next.start);
        let Some(Quarters(mut quarters)) = kept else {
            return self.days(Interval::new(first, next.end)).await;
        };
        quarters.extend(self.measure(next).await?);
        Ok(by_day(first, &quarters))
    }

    async fn days(&self, stretch: Interval) -> Result<Vec<RolledDay>, Error> {
        Ok(by_day(stretch.start, &self.measure(stretch).await?))
    }

    async fn measure(&self, stretch: Interval) -> Result<Vec<Rollup>, Error> {
        let meter = Meter {
            id: self.task.before.device_id,
            max_gap: self.task.max_gap,
            weight: Weight::METER,
            drops: false,
        };
        let boundaries: Arc<[Timestamp]> = quarter_boundaries(stretch).into();
        let steps = raw(self.store, &[meter], boundaries).await?;
        Ok(steps.figures().iter().map(Figures::rollup).collect())
    }
}

/// Stretches of adjoining days.
fn stretches(days: &BTreeSet<Timestamp>) -> Vec<Interval> {
    let mut stretches: Vec<Interval> = Vec::new();
    for day in days {
        match stretches.last_mut() {
            Some(last) if last.end == *day => last.end = day.plus(DAY),
            _ => stretches.push(Interval::new(*day, day.plus(DAY))),
        }
    }
    stretches
}

/// Quarters from the start of a day on, day by day.
fn by_day(first: Timestamp, quarters: &[Rollup]) -> Vec<RolledDay> {
    let starts = std::iter::successors(Some(first), |day| Some(day.plus(DAY)));
    let days = quarters.chunks(96).map(|day| Quarters(day.to_vec()));
    starts
        .zip(days)
        .map(|(start, quarters)| RolledDay { start, quarters })
        .collect()
}
