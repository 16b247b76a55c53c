//! Long periods in portions, so that no question holds more than a few thousand steps at a time.

use voltaire_types::{CalendarUnit, Interval, Timestamp};

use super::{
    Setting,
    measure::{Meter, measure},
};
use crate::{error::Error, figures::energy::Figures, store::Store};

/// Steps that are measured at a time.
pub(super) const STEPS: usize = 4_000;

/// Boundaries in portions of so many steps; each begins where the one before ends.
pub(super) fn portions(boundaries: &[Timestamp], steps: usize) -> impl Iterator<Item = &[Timestamp]> {
    let starts = (0..boundaries.len().saturating_sub(1)).step_by(steps);
    starts.filter_map(move |start| boundaries.get(start..boundaries.len().min(start + steps + 1)))
}

/// Gives the figures of the devices together step by step.
pub(super) async fn each_step(
    store: &Store,
    meters: &[Meter],
    boundaries: &[Timestamp],
    mut take: impl FnMut(Interval, &Figures) + Send,
) -> Result<(), Error> {
    for portion in portions(boundaries, STEPS) {
        let steps = measure(store, meters, portion.into()).await?;
        for (bounds, figures) in portion.windows(2).zip(steps.figures()) {
            take(Interval::new(bounds[0], bounds[1]), figures);
        }
    }
    Ok(())
}

impl Setting {
    /// The period in local hours or quarters, cut also where a price changes.
    pub(super) fn steps(&self, unit: CalendarUnit, period: Interval) -> Vec<Timestamp> {
        let mut steps = self.home.calendar.steps(unit, period, usize::MAX - 1);
        steps.extend(self.prices().changes(period));
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// The local hour of an instant, 0 to 23.
    pub(super) fn hour(&self, at: Timestamp) -> usize {
        usize::from(self.home.calendar.local(at).hour().unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_meet_and_leave_nothing_out() {
        let all: Vec<_> = (0..10)
            .map(|second| Timestamp::from_parts(second, 0).unwrap())
            .collect();
        let lengths = |count: usize, steps| portions(&all[..count], steps).map(<[_]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(10, 4), [5, 5, 2]);
        assert_eq!(lengths(9, 4), [5, 5]);
        assert_eq!((lengths(1, 4), lengths(0, 4)), (vec![], vec![]));
        let ends: Vec<_> = portions(&all, 4).map(|it| (it[0], it[it.len() - 1])).collect();
        assert!(ends.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }
}
