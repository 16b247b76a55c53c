//! Totals, means, extremes, rankings and shares of several stretches.

use voltaire_types::{Calendar, CalendarUnit, Interval};

use super::{
    AMOUNTS, Findings, Measured, Metric, Operation, Run, Scope, Stretches, Summary,
    cells::{Cell, Cells},
    decimal, drawn,
};
use crate::{
    error::Result,
    execute::{fitting, model::Stretch as Asked, special::Special, totals::in_order, value_of},
    understand::{
        plan::{Bucket, Direction, Selection},
        timex,
    },
};

/// A stretch or hour counts for "lowest" only where at least so much of it is covered.
const COVERED: f64 = 0.95;

impl Run<'_> {
    pub(super) async fn over(&self, when: &Stretches) -> Result<Option<Findings>> {
        match self.plan.operation {
            Operation::Total => self.total_within(when).await,
            Operation::Average if self.plan.metric == Metric::Power => self.mean_within(when).await,
            Operation::Average => self.per_unit_within(when).await,
            Operation::Extreme if self.plan.bucket.is_some() => self.step_within(when).await,
            Operation::Extreme => self.sample_within(when).await,
            Operation::Series => self.series_within(when).await,
            Operation::Rank | Operation::Breakdown => self.rank_within(when).await,
            Operation::Compare => self.devices_within(when).await,
            Operation::Share => self.share_within(when).await,
            Operation::WhatIf => self.supposed_within(when).await,
            Operation::Untracked => self.untracked_within(when).await,
            _ => Ok(None),
        }
    }

    /// The plan's own scope over all stretches, with its steps.
    async fn scope_within(&self, when: &Stretches, step: CalendarUnit) -> Result<Option<(Summary, Cells)>> {
        let scope = self.scope();
        let cells = self.cells(std::slice::from_ref(&scope), when, (step, &AMOUNTS)).await?;
        Ok(cells
            .and_then(|mut it| it.pop())
            .map(|it| (self.sum(&scope, &it, when), it)))
    }

    async fn total_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let selection = &self.plan.selection;
        let parts = if selection.devices.len() > 1 && !selection.except {
            self.each_within(selection, when).await?
        } else {
            Some(Vec::new())
        };
        let (Some((whole, cells)), Some(parts)) = (self.scope_within(when, CalendarUnit::Day).await?, parts) else {
            return Ok(None);
        };
        if selection.except {
            let home = self.totals_within(&[Scope::Home], when).await?;
            let Some(home) = home.and_then(|mut it| it.pop()) else {
                return Ok(None);
            };
            let whole = Summary {
                device: None,
                label: format!("Everything except {}", whole.label),
                energy_wh: home.energy_wh - whole.energy_wh,
                cost: home.cost - whole.cost,
                coverage: home.coverage.min(whole.coverage),
                ..home
            };
            return Ok(Some(Findings::Total {
                whole,
                parts: Vec::new(),
                steps: None,
            }));
        }
        let unit = match fitting(when.hull()) {
            CalendarUnit::Month => CalendarUnit::Month,
            _ => CalendarUnit::Day,
        };
        let steps = drawn(self, &cells, when, unit);
        Ok(Some(Findings::Total {
            whole,
            parts,
            steps: Some(steps),
        }))
    }

    async fn each_within(&self, selection: &Selection, when: &Stretches) -> Result<Option<Vec<Summary>>> {
        let scopes: Vec<Scope> = selection.devices.iter().map(|id| Scope::Devices(vec![*id])).collect();
        self.totals_within(&scopes, when).await
    }

    /// Mean power: energy by the time that is measured.
    async fn mean_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        const METRICS: [Measured; 4] = [
            Measured::Energy,
            Measured::Cost,
            Measured::Coverage,
            Measured::PowerAverage,
        ];
        let several = self.plan.selection.devices.len() > 1;
        let scopes: Vec<Scope> = if several {
            let ids = self.plan.selection.devices.iter();
            ids.map(|id| Scope::Devices(vec![*id])).collect()
        } else {
            vec![self.scope()]
        };
        let Some(cells) = self.cells(&scopes, when, (CalendarUnit::Day, &METRICS)).await? else {
            return Ok(None);
        };
        let mean = |(scope, cells): (&Scope, &Cells)| Summary {
            average_watts: mean_power(cells, matches!(scope, Scope::Devices(_))),
            ..self.sum(scope, cells, when)
        };
        let parts = scopes.iter().zip(&cells).map(mean).collect();
        Ok(Some(Findings::MeanPower { parts, steps: None }))
    }

    async fn per_unit_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let bucket = self.plan.bucket.unwrap_or(Bucket::Day);
        let Some((whole, cells)) = self.scope_within(when, unit_of(bucket)).await? else {
            return Ok(None);
        };
        let Some(units) = count(when, bucket) else {
            return Ok(None);
        };
        let steps = drawn(self, &cells, when, timex::unit_of(bucket));
        let value = value_of(&whole, self.plan.metric) / units.max(f64::MIN_POSITIVE);
        Ok(Some(Findings::PerUnit {
            whole,
            units,
            value,
            bucket,
            steps,
        }))
    }

    /// The highest or lowest sample: the step that has it, and in it telemetry's own.
    async fn sample_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let least = self.plan.direction == Direction::Least;
        let [energy, cost, coverage] = AMOUNTS;
        let power = if least { Measured::PowerMin } else { Measured::PowerMax };
        let metrics = [energy, cost, coverage, power];
        let scope = self.scope();
        let scopes = std::slice::from_ref(&scope);
        let cells = self.cells(scopes, when, (CalendarUnit::Hour, &metrics)).await?;
        let Some(cells) = cells.and_then(|mut it| it.pop()) else {
            return Ok(None);
        };
        let whole = self.sum(&scope, &cells, when);
        let power = |it: &&Cell| it.values.get(3).copied().filter(|it| it.is_finite());
        let measured = cells.cells.iter().filter_map(|it| Some((power(&it)?, it.step)));
        let better = |a: f64, b: f64| if least { a < b } else { a > b };
        let best = measured.reduce(|best, it| if better(it.0, best.0) { it } else { best });
        let found = match best {
            Some((_, step)) => {
                let (exact, _) = self
                    .telemetry
                    .summary(self.house, &scope, Asked::Interval(step), false)
                    .await?;
                if least { exact.minimum } else { exact.peak }
            }
            None => None,
        };
        let (watts, at, readings) = found.map_or((f64::NAN, whole.interval.start, 0), |(watts, at)| {
            (watts, at, whole.readings.max(1))
        });
        let coverage = if found.is_some() { whole.coverage } else { 0.0 };
        let whole = Summary {
            coverage,
            readings,
            ..whole
        };
        Ok(Some(Findings::Sample {
            whole,
            watts,
            at,
            steps: None,
        }))
    }

    /// The stretch, or the hour, with the highest or lowest value.
    async fn step_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let bucket = self.plan.bucket.unwrap_or(Bucket::Day);
        let Some((whole, cells)) = self.scope_within(when, unit_of(bucket)).await? else {
            return Ok(None);
        };
        let least = self.plan.direction == Direction::Least;
        let values: Vec<Bar> = self
            .bars(&cells, when, bucket)
            .into_iter()
            .filter(|it| it.covered > 0.0)
            .collect();
        let counted = values.iter().filter(|it| !least || it.covered >= COVERED && !it.cut);
        let counted: Vec<&Bar> = counted.collect();
        let better = |a: f64, b: f64| if least { a < b } else { a > b };
        let best = counted
            .iter()
            .copied()
            .reduce(|best, it| if better(it.value, best.value) { it } else { best });
        let steps = drawn(self, &cells, when, timex::unit_of(bucket));
        Ok(Some(match best {
            Some(best) => Findings::Step {
                whole,
                step: best.step,
                value: best.value,
                steps,
                skipped: values.len() - counted.len(),
            },
            None => Findings::Step {
                step: whole.interval,
                whole: Summary {
                    readings: 0,
                    coverage: 0.0,
                    ..whole
                },
                value: f64::NAN,
                steps,
                skipped: 0,
            },
        }))
    }

    /// The plan's metric in each stretch, or in each hour of them.
    fn bars(&self, cells: &Cells, when: &Stretches, bucket: Bucket) -> Vec<Bar> {
        let calendar = &self.house.home.calendar;
        let of = usize::from(self.plan.metric == Metric::Cost);
        let charged = of == 1 && self.plan.selection.is_home();
        let mut bars: Vec<Bar> = Vec::new();
        for cell in &cells.cells {
            let Some(stretch) = when.each.get(cell.stretch) else {
                continue;
            };
            let whole = match bucket {
                Bucket::Day => stretch.whole,
                _ => step_of(calendar, timex::unit_of(bucket), cell.step),
            };
            let value = cell.values.get(of).copied().filter(|it| it.is_finite()).unwrap_or(0.0);
            let charge = if charged {
                self.house.home.standing_charge(cell.step)
            } else {
                0.0
            };
            let covered = cell.values.get(2).copied().unwrap_or(0.0) * cell.step.seconds();
            match bars.last_mut() {
                Some(last) if last.whole == whole => {
                    last.value += value + charge;
                    last.covered += covered;
                    last.step.end = cell.step.end;
                }
                _ => bars.push(Bar {
                    whole,
                    step: cell.step,
                    value: value + charge,
                    covered,
                    cut: false,
                }),
            }
        }
        for bar in &mut bars {
            bar.covered /= bar.step.seconds().max(1.0);
            bar.cut = bar.step != bar.whole;
        }
        bars
    }

    async fn series_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let bucket = self.plan.bucket.unwrap_or(Bucket::Day);
        let found = self.scope_within(when, unit_of(bucket)).await?;
        Ok(found.map(|(whole, cells)| Findings::Steps {
            whole,
            bucket,
            steps: drawn(self, &cells, when, timex::unit_of(bucket)),
        }))
    }

    async fn rank_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let chosen = &self.plan.selection.devices;
        let ids: Vec<_> = if chosen.is_empty() {
            self.house.consumers().map(|it| it.id).collect()
        } else {
            chosen.clone()
        };
        let scopes: Vec<Scope> = std::iter::once(Scope::Home)
            .chain(ids.into_iter().map(|id| Scope::Devices(vec![id])))
            .collect();
        let Some(mut devices) = self.totals_within(&scopes, when).await? else {
            return Ok(None);
        };
        let home = devices.remove(0);
        devices.retain(|it| !it.is_empty());
        Ok(Some(in_order(self.plan, devices, home)))
    }

    async fn devices_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let parts = self.each_within(&self.plan.selection, when).await?;
        Ok(parts.map(|parts| self.side_by_side(parts)))
    }

    async fn share_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let found = self.totals_within(&[self.scope(), Scope::Home], when).await?;
        let Some([part, home]) = found.and_then(|it| <[Summary; 2]>::try_from(it).ok()) else {
            return Ok(None);
        };
        let whole = value_of(&home, self.plan.metric);
        let share = if whole > 0.0 {
            value_of(&part, self.plan.metric) / whole
        } else {
            f64::NAN
        };
        Ok(Some(Findings::Share { part, home, share }))
    }

    async fn supposed_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let (Some(factor), Some((mut whole, _))) =
            (self.plan.factor, self.scope_within(when, CalendarUnit::Day).await?)
        else {
            return Ok(None);
        };
        whole.cost -= whole.standing_charge;
        whole.standing_charge = decimal(0.0);
        let units = self.plan.bucket.map(|bucket| count(when, bucket));
        if units == Some(None) {
            return Ok(None);
        }
        let units = units.flatten().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        let before = value_of(&whole, self.plan.metric) / units;
        Ok(Some(Findings::Special(Special::Supposed {
            whole,
            before,
            after: before * factor,
            per: self.plan.bucket,
        })))
    }

    async fn untracked_within(&self, when: &Stretches) -> Result<Option<Findings>> {
        let found = self.totals_within(&[Scope::Untracked, Scope::Home], when).await?;
        let metered = self.house.devices.iter().any(|it| !it.consumes || it.parent.is_some());
        let both = found.and_then(|it| <[Summary; 2]>::try_from(it).ok());
        Ok(both.map(|[rest, home]| Findings::Special(Special::Untracked { rest, home, metered })))
    }
}

/// A stretch, or an hour of one, and what was measured in it.
struct Bar {
    whole: Interval,
    step: Interval,
    value: f64,
    /// Share of the step.
    covered: f64,
    /// Whether it is shorter than it should be.
    cut: bool,
}

fn step_of(calendar: &Calendar, unit: CalendarUnit, step: Interval) -> Interval {
    let start = calendar.start_of(unit, step.start);
    Interval::new(start, calendar.next(unit, start))
}

/// The longest step to ask for where these are told.
fn unit_of(bucket: Bucket) -> CalendarUnit {
    match bucket {
        Bucket::QuarterHour => CalendarUnit::QuarterHour,
        Bucket::Hour | Bucket::HourOfDay => CalendarUnit::Hour,
        _ => CalendarUnit::Day,
    }
}

/// How many days or hours the stretches have; a cut one counts by its part.
fn count(when: &Stretches, bucket: Bucket) -> Option<f64> {
    match bucket {
        Bucket::Day => Some(when.each.iter().map(timex::Stretch::part).sum()),
        Bucket::Hour => Some(when.seconds() / 3600.0),
        _ => None,
    }
}

/// W; of one device the covered time is the measured one, of several it is what their energy and mean power say.
fn mean_power(cells: &Cells, single: bool) -> Option<f64> {
    let (mut joules, mut seconds) = (0.0, 0.0);
    for cell in &cells.cells {
        let [energy, _, coverage, power] = cell.values.as_slice() else {
            continue;
        };
        if !power.is_finite() {
            continue;
        }
        let covered = coverage * cell.step.seconds();
        let measured = if single || *power == 0.0 {
            covered
        } else {
            energy * 3600.0 / power
        };
        joules += power * measured;
        seconds += measured;
    }
    (seconds > 0.0).then(|| joules / seconds)
}
