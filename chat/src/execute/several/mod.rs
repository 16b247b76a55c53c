//! Plans over several stretches of time, as the evenings of a week: of each what telemetry has, added up exactly.

mod cells;
mod over;

use voltaire_types::{CalendarUnit, Decimal, DeviceId, Interval};

use super::{
    Findings, Run, analyse,
    client::analysis::{About, Above, Analysis, Runs},
    model::{Measured, Scope, Steps, Stretch as Asked, Summary},
    scope_of,
};
use crate::{
    error::Result,
    understand::{
        plan::{Metric, Operation, TimeExpr},
        timex::{self, Stretches, TimeProblem},
    },
};
use cells::Cells;

/// What is asked of each step for totals.
const AMOUNTS: [Measured; 3] = [Measured::Energy, Measured::Cost, Measured::Coverage];

impl Run<'_> {
    /// The stretches of a period; a single one is one by its words, or because there is only one.
    pub(super) fn stretches(&self, expr: &TimeExpr) -> Result<Stretches, TimeProblem> {
        let calendar = &self.house.home.calendar;
        if let Some(several) = timex::stretches(expr, calendar, self.now)? {
            return Ok(several);
        }
        let span = timex::resolve(expr, calendar, self.now)?;
        Ok(Stretches::single(span.interval, span.to_date))
    }

    /// What the plan finds in the stretches of its period, and all of which it tells; none where it is not told of several.
    pub(super) async fn within(&self, when: Stretches) -> Result<Option<(Findings, Vec<Stretches>)>> {
        if !self.plan.takes_parts() {
            return Ok(None);
        }
        let found = match self.plan.operation {
            Operation::Compare if self.plan.compare_to.is_some() => return self.periods_within(when).await,
            Operation::Duration => self.beyond(&when).await?,
            Operation::Runs => self.runs_within(&when).await?,
            _ => self.over(&when).await?,
        };
        Ok(found.map(|it| (it, vec![when])))
    }

    /// The totals of each scope over all stretches.
    async fn totals_within(&self, scopes: &[Scope], when: &Stretches) -> Result<Option<Vec<Summary>>> {
        let cells = self.cells(scopes, when, (CalendarUnit::Day, &AMOUNTS)).await?;
        Ok(cells.map(|cells| self.added(scopes, &cells, when)))
    }

    fn added(&self, scopes: &[Scope], cells: &[Cells], when: &Stretches) -> Vec<Summary> {
        let pairs = scopes.iter().zip(cells);
        pairs.map(|(scope, cells)| self.sum(scope, cells, when)).collect()
    }

    /// Everything of a scope's steps added: the first three values are energy, cost and coverage.
    fn sum(&self, scope: &Scope, cells: &Cells, when: &Stretches) -> Summary {
        let value = |of: usize| {
            cells.cells.iter().filter_map(move |it| {
                let value = it.values.get(of).copied().filter(|it| it.is_finite())?;
                Some((value, it.step.seconds()))
            })
        };
        let covered: f64 = value(2).map(|(share, seconds)| share * seconds).sum();
        let standing = if *scope == Scope::Home {
            self.standing(when)
        } else {
            0.0
        };
        let cost: f64 = value(1).map(|it| it.0).sum();
        Summary {
            device: match scope {
                Scope::Devices(ids) => match ids.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                },
                Scope::Home | Scope::Untracked => None,
            },
            is_room: false,
            label: cells.label.clone(),
            interval: when.hull(),
            energy_wh: value(0).map(|it| it.0).sum(),
            cost: decimal(cost + standing),
            standing_charge: decimal(standing),
            paid_wh: f64::NAN,
            average_watts: None,
            peak: None,
            minimum: None,
            coverage: (covered / when.seconds().max(1.0)).min(1.0),
            readings: value(0).count() as u64,
            data_range: None,
        }
    }

    /// The standing charge of the parts of days that the stretches take.
    fn standing(&self, when: &Stretches) -> f64 {
        let charge = |it: &timex::Stretch| self.house.home.standing_charge(it.interval);
        when.each.iter().map(charge).sum()
    }

    /// Two periods of the same sort of stretches; of a running one, as much of the other as has gone by of it.
    async fn periods_within(&self, when: Stretches) -> Result<Option<(Findings, Vec<Stretches>)>> {
        let Some(Ok(before)) = self.plan.compare_to.as_ref().map(|it| self.stretches(it)) else {
            return Ok(None);
        };
        let running = self.plan.period.as_ref().is_some_and(|it| self.is_running(it));
        let part = if running {
            let end = self
                .equal_part(Interval::new(when.base.start, self.now), before.base)
                .end;
            before.until(end)
        } else {
            Some(before.clone())
        };
        let Some(part) = part else {
            return Ok(None);
        };
        let scope = [self.scope()];
        let one = |it: Option<Vec<Summary>>| it.and_then(|mut it| it.pop());
        let now = one(self.totals_within(&scope, &when).await?);
        let equal = one(self.totals_within(&scope, &part).await?);
        let full = if part == before {
            None
        } else {
            one(self.totals_within(&scope, &before).await?)
        };
        let (Some(now), Some(equal)) = (now, equal) else {
            return Ok(None);
        };
        let found = self.change(now, equal, full);
        Ok(Some((found, vec![when, part, before])))
    }

    /// For how long the power was above the bound, stretch by stretch.
    async fn beyond(&self, when: &Stretches) -> Result<Option<Findings>> {
        /// Stretches that are asked for.
        const MOST: usize = 100;
        let Some(bound) = self.plan.threshold.filter(|_| when.each.len() <= MOST) else {
            return Ok(None);
        };
        if !analyse::is_analysed(self.plan) {
            return Ok(None);
        }
        let scope = self.scope();
        let mut all = Above {
            above_seconds: 0.0,
            measured_seconds: 0.0,
        };
        for stretch in &when.each {
            let about = About {
                house: self.house,
                scope: &scope,
                interval: stretch.interval,
            };
            let found = self.telemetry.above(&about, bound.watts).await?;
            all.above_seconds += found.above_seconds;
            all.measured_seconds += found.measured_seconds;
        }
        let whole = self.totals_within(&[scope], when).await?;
        let whole = whole.and_then(|mut it| it.pop());
        Ok(whole.map(|whole| Findings::Analysis {
            whole: Some(whole),
            analysis: Analysis::Above(all),
        }))
    }

    /// The runs of the one device that go on within a stretch, and for how long they do.
    async fn runs_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let [device] = self.plan.selection.devices.as_slice() else {
            return Ok(None);
        };
        let scope = self.scope();
        let about = About {
            house: self.house,
            scope: &scope,
            interval: when.hull(),
        };
        let mut runs: Runs = self.telemetry.runs(&about, *device, true).await?;
        let within = |run: Interval| {
            let parts = when.each.iter().map(move |it| it.interval.intersection(run).seconds());
            parts.sum::<f64>()
        };
        runs.each.retain(|it| within(it.interval) > 0.0);
        runs.count = runs.each.len() as u64;
        runs.on_seconds = runs.each.iter().map(|it| within(it.interval)).sum();
        runs.longest = None;
        let whole = self.totals_within(&[scope], when).await?;
        let whole = whole.and_then(|mut it| it.pop());
        Ok(whole.map(|whole| Findings::Analysis {
            whole: Some(whole),
            analysis: Analysis::Runs(runs),
        }))
    }

    /// When there are readings of the plan's devices at all.
    pub(super) async fn range_of(&self, device: Option<DeviceId>) -> Result<Option<Interval>> {
        let scope = device.map_or_else(|| scope_of(&self.plan.selection), |id| Scope::Devices(vec![id]));
        let (all, _) = self.telemetry.summary(self.house, &scope, Asked::All, false).await?;
        Ok(all.data_range)
    }
}

fn decimal(value: f64) -> Decimal {
    Decimal::try_from(value).unwrap_or_default()
}

/// The values of a metric of amounts in each local day, or month of a long period, for a picture.
fn drawn(run: &Run<'_>, cells: &Cells, when: &Stretches, unit: CalendarUnit) -> Steps {
    let calendar = &run.house.home.calendar;
    let boundaries = calendar.steps(unit, when.hull(), 4_000);
    let of = usize::from(run.plan.metric == Metric::Cost);
    let charged = of == 1 && run.plan.selection.is_home();
    let mut values = vec![f64::NAN; boundaries.len().saturating_sub(1)];
    for cell in &cells.cells {
        // A window that goes on after midnight belongs to the day on which it begins, and only its day is drawn.
        let start = when
            .each
            .get(cell.stretch)
            .map_or(cell.step.start, |it| it.interval.start);
        let at = if unit == CalendarUnit::Hour || unit == CalendarUnit::QuarterHour {
            cell.step.start
        } else {
            start
        };
        let Some(value) = cell.values.get(of).copied().filter(|it| it.is_finite()) else {
            continue;
        };
        let place = boundaries.partition_point(|edge| *edge <= at).saturating_sub(1);
        if let Some(sum) = values.get_mut(place) {
            let charge = if charged {
                run.house.home.standing_charge(cell.step)
            } else {
                0.0
            };
            *sum = if sum.is_nan() { 0.0 } else { *sum } + value + charge;
        }
    }
    Steps {
        boundaries,
        values: vec![values],
    }
}
