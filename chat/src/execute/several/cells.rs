//! What is measured within stretches: telemetry's steps, picked and added. A step is never cut: stretches that do not fit
//! steps are asked for one by one.

use std::ops::Range;

use futures::{StreamExt, TryStreamExt, stream};
use voltaire_types::{CalendarUnit, Interval, Timestamp};

use crate::{
    error::Result,
    execute::{
        Run,
        client::{Column, Cut},
        model::{Measured, Scope},
    },
    understand::timex::{Stretch, Stretches},
};

/// Steps of one answer, and all of its values.
const MOST_STEPS: f64 = 19_000.0;
const MOST_VALUES: f64 = 380_000.0;
/// Scopes of one question.
const MOST_SCOPES: usize = 100;
/// Stretches that are asked for one by one, and how many of them at once.
const MOST_ALONE: usize = 400;
const AT_ONCE: usize = 8;

/// A step within a stretch.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// Which stretch.
    pub(super) stretch: usize,
    pub(super) step: Interval,
    /// One for each metric; NaN where nothing was measured.
    pub(super) values: Vec<f64>,
}

/// The steps of a scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    /// Telemetry's name of the scope.
    pub(super) label: String,
    pub(super) cells: Vec<Cell>,
}

impl Run<'_> {
    /// The steps of each scope within the stretches, at most as long as `step`; none where there would be too many.
    pub(super) async fn cells(
        &self,
        scopes: &[Scope],
        when: &Stretches,
        (step, metrics): (CalendarUnit, &[Measured]),
    ) -> Result<Option<Vec<Cells>>> {
        let mut all = vec![Cells::default(); scopes.len()];
        let Some((unit, groups)) = self.asked(when, step) else {
            return Ok(None);
        };
        let length = |it: &Range<usize>| steps(hull(when.each.get(it.clone()).unwrap_or_default()), unit);
        let most = groups.iter().map(length).fold(1.0, f64::max) * metrics.len().max(1) as f64;
        let at_once = ((MOST_VALUES / most) as usize).clamp(1, MOST_SCOPES);
        let mut first = 0;
        for scopes in scopes.chunks(at_once) {
            let ask = |group: &Range<usize>| {
                let each = when.each.get(group.clone()).unwrap_or_default();
                let group = group.clone();
                async move {
                    let interval = hull(each);
                    let cut = (Cut::Calendar(unit), metrics);
                    let (boundaries, columns) = self.telemetry.columns(self.house, scopes, interval, cut).await?;
                    Ok::<_, crate::error::Error>((group, boundaries, columns))
                }
            };
            let answers = stream::iter(groups.iter().map(ask)).buffered(AT_ONCE);
            let answers: Vec<_> = answers.try_collect().await?;
            for (group, boundaries, columns) in answers {
                let each = when.each.get(group.clone()).unwrap_or_default();
                for (kept, column) in all.iter_mut().skip(first).zip(columns) {
                    pick(kept, column, &boundaries, (each, group.start));
                }
            }
            first += scopes.len();
        }
        Ok(Some(all))
    }

    /// The longest step that fits all stretches, and the stretches that are asked for together.
    fn asked(&self, when: &Stretches, longest: CalendarUnit) -> Option<(CalendarUnit, Vec<Range<usize>>)> {
        let units = [CalendarUnit::Day, CalendarUnit::Hour, CalendarUnit::QuarterHour];
        let mut units = units.into_iter().skip_while(|it| *it != longest);
        let found = units.find(|unit| self.fits(when, *unit));
        let Some(unit) = found else {
            let alone: Vec<_> = (0..when.each.len()).map(|it| it..it + 1).collect();
            return (alone.len() <= MOST_ALONE).then_some((longest, alone));
        };
        let mut groups: Vec<Range<usize>> = Vec::new();
        for at in 0..when.each.len() {
            match groups.last_mut() {
                Some(last) if steps(hull(when.each.get(last.start..=at)?), unit) <= MOST_STEPS => last.end = at + 1,
                _ => groups.push(at..at + 1),
            }
        }
        Some((unit, groups))
    }

    /// Whether steps begin and end where the stretches do; at the ends of all of them steps are cut.
    fn fits(&self, when: &Stretches, unit: CalendarUnit) -> bool {
        let (calendar, all) = (&self.house.home.calendar, when.hull());
        let edge = |at: Timestamp| at == all.start || at == all.end || calendar.start_of(unit, at) == at;
        when.each
            .iter()
            .all(|it| edge(it.interval.start) && edge(it.interval.end))
    }
}

fn hull(each: &[Stretch]) -> Interval {
    let (first, last) = (each.first(), each.last());
    let none = Interval::new(Timestamp::EPOCH, Timestamp::EPOCH);
    first.zip(last).map_or(none, |(first, last)| {
        Interval::new(first.interval.start, last.interval.end)
    })
}

/// About how many steps an interval has, never too few.
fn steps(interval: Interval, unit: CalendarUnit) -> f64 {
    let seconds = match unit {
        CalendarUnit::QuarterHour => 900.0,
        CalendarUnit::Hour => 3600.0,
        _ => 82_800.0,
    };
    interval.seconds() / seconds + 2.0
}

/// Keeps the steps that lie within one of the stretches, which begin with the one of this number.
fn pick(kept: &mut Cells, column: Column, boundaries: &[Timestamp], (each, first): (&[Stretch], usize)) {
    let mut at = 0;
    for (number, edges) in boundaries.windows(2).enumerate() {
        let [from, to] = edges else { continue };
        let step = Interval::new(*from, *to);
        while each.get(at).is_some_and(|it| it.interval.end <= step.start) {
            at += 1;
        }
        let Some(stretch) = each.get(at) else { break };
        if stretch.interval.intersection(step) != step {
            continue;
        }
        let value = |list: &Vec<f64>| list.get(number).copied().unwrap_or(f64::NAN);
        kept.cells.push(Cell {
            stretch: first + at,
            step,
            values: column.values.iter().map(value).collect(),
        });
    }
    kept.label = column.label;
}
