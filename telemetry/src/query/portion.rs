//! Long periods in portions, so that no question holds more than a few thousand steps at a time.

use voltaire_types::{CalendarUnit, Decimal, Interval, Timestamp};

use super::{
    Setting,
    measure::{Meter, amounts_of_each},
    scope::Chosen,
};
use crate::{error::Error, figures::energy::Figures, store::Store};

/// Steps that are measured at a time.
pub(super) const STEPS: usize = 4_000;
/// Figures of single devices that are held at a time.
const MOST_FIGURES: usize = 40_000;

/// How many steps of so many devices are measured at a time.
pub(super) fn steps_at_a_time(meters: usize) -> usize {
    STEPS.min(MOST_FIGURES / meters.max(1)).max(1)
}

/// Boundaries in portions of so many steps; each begins where the one before ends.
pub(super) fn portions(boundaries: &[Timestamp], steps: usize) -> impl Iterator<Item = &[Timestamp]> {
    let starts = (0..boundaries.len().saturating_sub(1)).step_by(steps);
    starts.filter_map(move |start| boundaries.get(start..boundaries.len().min(start + steps + 1)))
}

/// What devices used together in a step: what can be added up without their curves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Used {
    /// Energy, Wh.
    pub energy: f64,
    /// Energy within measured time, Wh.
    pub within: f64,
    /// Energy that is paid for, Wh.
    pub paid: f64,
    /// Seconds that are covered, summed over the devices that the coverage is about.
    pub covered: f64,
    /// Seconds that are measured, by the device that is most.
    pub measured: f64,
    /// Readings.
    pub count: u64,
    /// Energy that corrections estimate, Wh.
    pub estimated: f64,
    /// Seconds within the covered ones that corrections estimate.
    pub estimated_time: f64,
}

impl From<&Figures> for Used {
    fn from(figures: &Figures) -> Self {
        let mut used = Self::default();
        used.add(figures);
        used
    }
}

impl Used {
    fn add(&mut self, figures: &Figures) {
        let seconds = figures.measured_seconds();
        self.energy += figures.energy().0;
        self.within += figures.average().map_or(0.0, |power| power.0 * seconds / 3600.0);
        self.paid += figures.paid().0;
        self.covered += figures.covered_seconds();
        self.measured = self.measured.max(seconds);
        self.count += figures.count();
        self.estimated += figures.estimated().0;
        self.estimated_time += figures.estimated_share() * figures.covered_seconds();
    }

    /// The part of the covered time that corrections estimate, 0 to 1.
    pub(super) fn estimated_share(&self) -> f64 {
        if self.covered > 0.0 {
            self.estimated_time / self.covered
        } else {
            0.0
        }
    }

    /// Mean power, W; none where nothing was measured.
    pub(super) fn power(&self) -> Option<f64> {
        (self.measured > 0.0).then(|| self.within * 3600.0 / self.measured)
    }

    /// Whether energy was measured: time is, or a counter bridges a gap.
    pub(super) fn is_measured(&self) -> bool {
        self.measured > 0.0 || self.energy != 0.0
    }

    /// Adds a later step.
    pub(super) fn then(&mut self, later: &Self) {
        self.energy += later.energy;
        self.within += later.within;
        self.paid += later.paid;
        self.covered += later.covered;
        self.measured += later.measured;
        self.count += later.count;
        self.estimated += later.estimated;
        self.estimated_time += later.estimated_time;
    }
}

/// Gives what the devices used step by step; each is measured by itself, as whole quarter hours of one are already known.
pub(super) async fn each_step(
    store: &Store,
    meters: &[Meter],
    boundaries: &[Timestamp],
    mut take: impl FnMut(Interval, &Used) + Send,
) -> Result<(), Error> {
    for portion in portions(boundaries, steps_at_a_time(meters.len())) {
        let mut used = vec![Used::default(); portion.len().saturating_sub(1)];
        for steps in amounts_of_each(store, meters, portion.into()).await? {
            for (used, figures) in used.iter_mut().zip(steps.figures()) {
                used.add(figures);
            }
        }
        for (bounds, used) in portion.windows(2).zip(&used) {
            take(Interval::new(bounds[0], bounds[1]), used);
        }
    }
    Ok(())
}

/// What a scope used in a step, and what that costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Costed {
    /// What was used.
    pub used: Used,
    /// What it costs, without standing charge.
    pub cost: Decimal,
    /// How long the step is.
    pub seconds: f64,
}

/// What a scope used from each boundary to the next, and what that costs.
pub(super) async fn costed(
    store: &Store,
    setting: &Setting,
    chosen: &Chosen,
    boundaries: &[Timestamp],
) -> Result<Vec<Costed>, Error> {
    let mut each = costed_of_each(store, setting, std::slice::from_ref(chosen), boundaries).await?;
    Ok(each.pop().unwrap_or_default())
}

/// The same of several scopes, whose devices are all read together.
pub(super) async fn costed_of_each(
    store: &Store,
    setting: &Setting,
    scopes: &[Chosen],
    boundaries: &[Timestamp],
) -> Result<Vec<Vec<Costed>>, Error> {
    let (Some(start), Some(end)) = (boundaries.first(), boundaries.last()) else {
        return Ok(vec![Vec::new(); scopes.len()]);
    };
    let prices = setting.prices();
    let mut fine = boundaries.to_vec();
    fine.extend(prices.changes(Interval::new(*start, *end)));
    fine.sort_unstable();
    fine.dedup();
    let step = |bounds: &[Timestamp]| Costed {
        seconds: bounds[1].seconds_since(bounds[0]),
        ..Costed::default()
    };
    let mut all: Vec<Vec<Costed>> = vec![boundaries.windows(2).map(step).collect(); scopes.len()];
    let meters: Vec<_> = scopes.iter().flat_map(|it| &it.meters).copied().collect();
    let mut number = 0;
    for portion in portions(&fine, steps_at_a_time(meters.len())) {
        let measured = amounts_of_each(store, &meters, portion.into()).await?;
        for (place, at) in portion.iter().take(portion.len() - 1).enumerate() {
            while boundaries.get(number + 1).is_some_and(|end| end <= at) {
                number += 1;
            }
            let mut devices = measured.iter();
            for (scope, steps) in scopes.iter().zip(&mut all) {
                let mut used = Used::default();
                let figures = devices.by_ref().take(scope.meters.len());
                figures
                    .filter_map(|it| it.figures().get(place))
                    .for_each(|it| used.add(it));
                if let Some(step) = steps.get_mut(number) {
                    step.used.then(&used);
                    step.cost += prices.cost(scope.paid(&used), *at);
                }
            }
        }
    }
    Ok(all)
}

/// What a scope used over a whole period, and what that costs.
pub(super) async fn total(
    store: &Store,
    setting: &Setting,
    chosen: &Chosen,
    period: Interval,
) -> Result<Costed, Error> {
    let steps = costed(store, setting, chosen, &[period.start, period.end]).await?;
    Ok(steps.first().copied().unwrap_or_default())
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
