//! A period against itself: weekdays with weekends, day with night; and against the usual.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, CalendarUnit, Interval, Timestamp};

use super::{
    Run,
    client::Cut,
    model::{Measured, Steps},
    special::{Side, Special},
};
use crate::{
    error::Result,
    understand::plan::{Bucket, Metric, Versus},
};

/// The usual is told for periods up to this long, s.
const USUAL_PERIOD: f64 = 32.0 * 86_400.0;
/// Weeks that are looked at for it, and that there must be at least.
const WEEKS: i32 = 8;
const LEAST_WEEKS: usize = 4;
/// A part of a day counts for it where so much of it is covered.
const COVERED: f64 = 0.95;
/// Seconds of an hour, and of a quarter of it.
const HOUR: f64 = 3600.0;
const QUARTER: i64 = 900;

impl Run<'_> {
    /// By day for weekends, by hour for nights; those without any reading do not count, so that a gap is no saving.
    pub(super) async fn sides(&self, interval: Interval, versus: Versus) -> Result<Special> {
        let calendar = &self.house.home.calendar;
        let (names, bucket) = match versus {
            Versus::DayNight => (["by day (06:00–22:00)", "by night (22:00–06:00)"], Bucket::Hour),
            Versus::WeekdaysWeekends | Versus::Usual => (["on weekdays", "at weekends"], Bucket::Day),
        };
        let (whole, steps) = tokio::try_join!(self.whole(interval), self.by_bucket(interval, bucket))?;
        let mut sides = names.map(|name| Side {
            name,
            total: 0.0,
            units: 0.0,
        });
        let unit = |step: Interval| match bucket {
            Bucket::Hour => HOUR,
            _ => calendar.day(calendar.date(step.start)).seconds(),
        };
        for (step, value, _) in each(&steps) {
            let local = calendar.local(step.start);
            let second = match versus {
                Versus::DayNight => !(6..22).contains(&local.hour()),
                Versus::WeekdaysWeekends | Versus::Usual => local.weekday().to_monday_one_offset() > 5,
            };
            let side = &mut sides[usize::from(second)];
            side.total += value;
            side.units += step.seconds() / unit(step).max(1.0);
        }
        Ok(Special::Sides { whole, sides })
    }

    /// The same hours of the same weekdays of the weeks before: of each day the median, and their sum.
    pub(super) async fn usual(&self, interval: Interval) -> Result<Option<Special>> {
        if interval.seconds() > USUAL_PERIOD {
            return Ok(None);
        }
        let calendar = &self.house.home.calendar;
        let (first, end) = (calendar.date(interval.start), floor(interval.end));
        let interval = Interval::new(interval.start, end.max(interval.start));
        if interval.is_empty() {
            return Ok(None);
        }
        let from = calendar.start_of_day(first.saturating_sub(WEEKS.weeks()));
        let measured = if self.plan.metric == Metric::Cost {
            Measured::Cost
        } else {
            Measured::Energy
        };
        let (scope, metrics) = (self.scope(), [measured, Measured::Coverage]);
        let cut = Cut::Calendar(CalendarUnit::QuarterHour);
        let all = Interval::new(from, interval.end);
        let (whole, mut steps) = tokio::try_join!(
            self.whole(interval),
            self.telemetry.steps(self.house, &scope, all, cut, &metrics)
        )?;
        if measured == Measured::Cost && self.plan.selection.is_home() {
            self.charge(&mut steps);
        }
        let quarters = quarters(calendar, &steps);
        let (mut happened, mut expected) = (0.0, Some(0.0));
        for (date, minutes) in days(calendar, interval) {
            let value = |date: Date| Part::of(&quarters, date, &minutes);
            happened += value(date).sum;
            let before = (1..=WEEKS).map(|weeks| value(date.saturating_sub(weeks.weeks())));
            let known = before.filter(|it| it.coverage >= COVERED).map(|it| it.sum);
            expected = median(known.collect()).and_then(|it| Some(expected? + it));
        }
        Ok(Some(Special::Usual {
            whole,
            happened,
            expected,
        }))
    }
}

/// Steps with their first value and coverage, where something was measured.
fn each(steps: &Steps) -> impl Iterator<Item = (Interval, f64, f64)> {
    let value = |list: usize, at: usize| steps.values.get(list)?.get(at).copied();
    steps.boundaries.windows(2).enumerate().filter_map(move |(at, pair)| {
        let (value, coverage) = (value(0, at)?, value(1, at)?);
        let step = Interval::new(*pair.first()?, *pair.last()?);
        (value.is_finite() && coverage > 0.0).then_some((step, value, coverage))
    })
}

fn floor(at: Timestamp) -> Timestamp {
    let seconds = at.jiff().as_second().rem_euclid(QUARTER);
    let micros = at.jiff().subsec_microsecond();
    at.minus(std::time::Duration::from_secs(seconds.unsigned_abs()))
        .minus(std::time::Duration::from_micros(micros.unsigned_abs().into()))
}

type Quarters = HashMap<(Date, i16), (f64, f64)>;

/// Value and coverage of each quarter hour by local day and minute; those that clocks repeat are added.
fn quarters(calendar: &Calendar, steps: &Steps) -> Quarters {
    let mut quarters = Quarters::new();
    for (step, value, coverage) in each(steps) {
        let local = calendar.local(step.start);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        let known = quarters.entry((local.date(), minute)).or_default();
        (known.0, known.1) = (known.0 + value, known.1.max(coverage));
    }
    quarters
}

/// The local days of an interval with the minutes at which their quarter hours in it begin.
fn days(calendar: &Calendar, interval: Interval) -> Vec<(Date, Vec<i16>)> {
    let mut days: Vec<(Date, Vec<i16>)> = Vec::new();
    for pair in calendar.steps(CalendarUnit::QuarterHour, interval, 100_000).windows(2) {
        let Some(start) = pair.first() else { continue };
        let local = calendar.local(*start);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        match days.last_mut() {
            Some((date, minutes)) if *date == local.date() => {
                if !minutes.contains(&minute) {
                    minutes.push(minute);
                }
            }
            _ => days.push((local.date(), vec![minute])),
        }
    }
    days
}

/// Some quarter hours of a day together.
struct Part {
    sum: f64,
    coverage: f64,
}

impl Part {
    fn of(quarters: &Quarters, date: Date, minutes: &[i16]) -> Self {
        let known = minutes.iter().filter_map(|minute| quarters.get(&(date, *minute)));
        let (sum, covered) = known.fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        Self {
            sum,
            coverage: covered / (minutes.len().max(1) as f64),
        }
    }
}

/// None of too few.
fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.len() < LEAST_WEEKS {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied()?;
    let lower = values.get(middle.checked_sub(1)?).copied()?;
    Some(if values.len().is_multiple_of(2) {
        f64::midpoint(lower, upper)
    } else {
        upper
    })
}
