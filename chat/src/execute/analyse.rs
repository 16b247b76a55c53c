//! Runs the plans of analyses.

use std::time::Duration;

use jiff::ToSpan;
use voltaire_types::{CalendarUnit, Decimal, DeviceId, Interval};

use super::{
    Findings, Run,
    client::analysis::{About, Analysis, Runs},
};
use crate::{
    error::Result,
    understand::{
        plan::{Bucket, Operation, Plan, TimeExpr, Want},
        timex,
    },
};

/// What a run takes on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    /// Wh.
    pub(crate) energy_wh: f64,
    /// None without a tariff.
    pub(crate) cost: Option<Decimal>,
    /// How many runs stand behind it.
    pub(crate) runs: usize,
}

impl Runs {
    /// The mean of the runs that are over; none where none is.
    pub(crate) fn mean(&self) -> Option<Mean> {
        let over = || self.each.iter().filter(|it| !it.running);
        let runs = over().count();
        let cost: Option<Decimal> = over().map(|it| it.cost).sum();
        (runs > 0).then(|| Mean {
            energy_wh: over().map(|it| it.energy_wh).sum::<f64>() / runs as f64,
            cost: cost.map(|it| it / Decimal::from(runs)),
            runs,
        })
    }
}

/// The last run is looked for in this time first.
const RECENT: Duration = Duration::from_hours(31 * 24);

/// Whether telemetry has an analysis that answers the plan.
pub(super) fn is_analysed(plan: &Plan) -> bool {
    let known = matches!(
        plan.operation,
        Operation::Explain
            | Operation::Runs
            | Operation::Duration
            | Operation::Baseload
            | Operation::Forecast
            | Operation::DataQuality
            | Operation::Unusual
    ) || plan.is_habit();
    // The parts of a room are one; other devices are never summed unsaid.
    let several = plan.selection.devices.len() > 1 && plan.selection.room.is_empty();
    known && plan.versus.is_none() && (!several || plan.operation == Operation::DataQuality)
}

impl Run<'_> {
    /// What the analysis of the plan finds; none where the plan lacks something that it needs.
    pub(super) async fn analyse(&self, operation: Operation, interval: Interval) -> Result<Option<Findings>> {
        let scope = self.scope();
        let about = About {
            house: self.house,
            scope: &scope,
            interval,
        };
        // Whether there are readings at all is asked for beside it.
        let stands_on_readings = !matches!(
            operation,
            Operation::Forecast | Operation::DataQuality | Operation::Unusual
        );
        let whole = async {
            if stands_on_readings {
                Ok(Some(self.whole(interval).await?))
            } else {
                Ok(None)
            }
        };
        let (whole, analysis) = tokio::try_join!(whole, self.analysis(operation, &about))?;
        Ok(analysis.map(|analysis| Findings::Analysis { whole, analysis }))
    }

    async fn analysis(&self, operation: Operation, about: &About<'_>) -> Result<Option<Analysis>> {
        let telemetry = self.telemetry;
        Ok(Some(match operation {
            Operation::Explain => {
                let calendar = &self.house.home.calendar;
                let before = self.plan.compare_to.clone();
                let before = before.or_else(|| self.plan.period.as_ref().and_then(usual_before));
                let Some(Ok(before)) = before.map(|it| timex::resolve(&it, calendar, self.now)) else {
                    return Ok(None);
                };
                let compared = self.fair(about.interval, before.interval);
                Analysis::Change(telemetry.change(about, compared).await?)
            }
            Operation::Runs => {
                let [device] = self.plan.selection.devices.as_slice() else {
                    return Ok(None);
                };
                Analysis::Runs(self.runs(about, *device).await?)
            }
            Operation::Duration => {
                let Some(bound) = self.plan.threshold else {
                    return Ok(None);
                };
                Analysis::Above(telemetry.above(about, bound.watts).await?)
            }
            Operation::Baseload => Analysis::AlwaysOn(telemetry.always_on(about).await?),
            Operation::Forecast => {
                let running = self.plan.period.as_ref().filter(|it| self.is_running(it));
                let Some(unit) = running.and_then(unit_of) else {
                    return Ok(None);
                };
                Analysis::Forecast(telemetry.forecast(about, unit).await?)
            }
            Operation::DataQuality => Analysis::Quality(telemetry.quality(about).await?),
            Operation::Unusual => Analysis::Unusual(telemetry.unusual(about).await?),
            Operation::Extreme | Operation::Series if is_analysed(self.plan) => Analysis::Habit(
                telemetry
                    .habit(about, self.plan.bucket == Some(Bucket::Weekday))
                    .await?,
            ),
            _ => return Ok(None),
        }))
    }
}

impl Run<'_> {
    async fn runs(&self, about: &About<'_>, device: DeviceId) -> Result<Runs> {
        let last = matches!(self.plan.want, Some(Want::Last | Want::LastOff));
        let all = last || self.plan.want == Some(Want::PerRun);
        let recent = Interval::new(about.interval.end.minus(RECENT), about.interval.end);
        if last && about.interval.start < recent.start {
            let recent = About {
                interval: recent,
                ..*about
            };
            let found = self.telemetry.runs(&recent, device, all).await?;
            if !found.each.is_empty() {
                return Ok(found);
            }
        }
        self.telemetry.runs(about, device, all).await
    }
}

/// What a period is compared with where nothing is said: a day with the same weekday before, others with the one before.
fn usual_before(period: &TimeExpr) -> Option<TimeExpr> {
    match period {
        TimeExpr::All => None,
        TimeExpr::Calendar { unit, back } => {
            let units = if *unit == Bucket::Day { 7 } else { 1 };
            Some(TimeExpr::calendar(*unit, back.saturating_add(units)))
        }
        TimeExpr::Dates(first, last) if first == last => {
            let day = first.checked_sub(7.days()).ok()?;
            Some(TimeExpr::Dates(day, day))
        }
        other => Some(TimeExpr::PreviousOf(Box::new(other.clone()))),
    }
}

/// The unit of the calendar that a period is.
fn unit_of(period: &TimeExpr) -> Option<CalendarUnit> {
    match period {
        TimeExpr::Calendar { unit, .. } => Some(timex::unit_of(*unit)),
        TimeExpr::Month(0, _) => Some(CalendarUnit::Year),
        TimeExpr::Month(..) => Some(CalendarUnit::Month),
        _ => None,
    }
}
