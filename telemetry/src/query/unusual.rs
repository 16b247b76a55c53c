//! Days that were not as usual.

use jiff::ToSpan;
use voltaire_types::{CalendarUnit, Interval};

use super::{Period, Scope, Setting, portion::each_step, scope::Chosen};
use crate::{
    error::Error,
    figures::unusual::{Found, HourValue, UnusualDay, WEEKS, find, judged},
    store::Store,
};

/// Hours that are covered less are not judged.
const LEAST_COVERED: f64 = 0.9;

/// Days that were not as usual.
#[derive(Clone, Debug)]
pub(crate) struct Unusual {
    /// What the period became.
    pub interval: Interval,
    /// What a person would call the scope.
    pub label: String,
    /// What was found.
    pub found: Found,
}

/// The days of a period that were not as usual.
pub(crate) async fn unusual(
    store: &Store,
    setting: &Setting,
    (period, scope): (Period, Scope),
) -> Result<Unusual, Error> {
    let interval = setting.resolve(store, period, "period").await?;
    let chosen = setting.choose(scope, "scope")?;
    let hours = hours(store, setting, (&chosen, interval)).await?;
    Ok(Unusual {
        interval,
        label: chosen.label,
        found: find(&hours, interval),
    })
}

/// A local day, unusual or not; none where it cannot be judged.
pub(crate) async fn day(
    store: &Store,
    setting: &Setting,
    (day, scope): (Interval, Scope),
) -> Result<Option<UnusualDay>, Error> {
    let chosen = setting.choose(scope, "scope")?;
    let hours = hours(store, setting, (&chosen, day)).await?;
    Ok(judged(&hours, day).pop())
}

/// The whole hours of an interval and of the weeks before it that are covered well enough.
async fn hours(
    store: &Store,
    setting: &Setting,
    (chosen, interval): (&Chosen, Interval),
) -> Result<Vec<HourValue>, Error> {
    let calendar = &setting.home.calendar;
    let first = calendar.date(interval.start).saturating_sub(WEEKS.weeks());
    let read = Interval::new(calendar.start_of_day(first), interval.end.min(setting.now));
    let steps = calendar.steps(CalendarUnit::Hour, read, usize::MAX - 1);
    let mut hours = Vec::with_capacity(steps.len());
    each_step(store, &chosen.meters, &steps, |hour, used| {
        let whole = hour.duration() == std::time::Duration::from_hours(1);
        if whole && chosen.coverage(used.covered, hour.seconds()) >= LEAST_COVERED {
            let local = calendar.local(hour.start);
            hours.push(HourValue {
                at: hour.start,
                date: local.date(),
                hour: local.hour(),
                energy: used.energy,
            });
        }
    })
    .await?;
    Ok(hours)
}
