//! What a time expression means on a given day: a half-open interval of the home's calendar, cut at now.

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, CalendarUnit, Interval, Timestamp};

use super::{
    Bucket, TimeExpr, Today,
    stretches::{earlier, parts, stretches},
};

/// A resolved period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when to when; from the first instant there is for "all time"; over all of several stretches.
    pub interval: Interval,
    /// Whether it still runs: it ends at now, not at its own end.
    pub to_date: bool,
    /// Whether everything is meant, from the first reading on.
    pub all: bool,
}

/// Why a time expression has no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeProblem {
    /// It has not come yet.
    #[error("that time has not come yet")]
    Future,
    /// Parts of days that are not found: of all time, or of parts.
    #[error("parts of these days cannot be told")]
    SeveralDays,
    /// It cannot be told, as the period before all time.
    #[error("that period cannot be told")]
    Unclear,
}

/// The interval, cut at now.
pub fn resolve(expr: &TimeExpr, calendar: &Calendar, now: Timestamp) -> Result<Span, TimeProblem> {
    if *expr == TimeExpr::All {
        return Ok(Span {
            interval: Interval::new(Timestamp::EPOCH, now),
            to_date: false,
            all: true,
        });
    }
    if let Some(several) = stretches(expr, calendar, now)? {
        return Ok(Span {
            interval: several.hull(),
            to_date: several.to_date,
            all: false,
        });
    }
    let interval = whole(expr, Today { calendar, now })?;
    if interval.start >= now {
        return Err(TimeProblem::Future);
    }
    let rolls = matches!(expr, TimeExpr::Rolling(_) | TimeExpr::Since(_));
    Ok(Span {
        interval: Interval::new(interval.start, interval.end.min(now)),
        to_date: interval.end > now && !rolls,
        all: false,
    })
}

/// The interval with its own end, even where that has not come.
pub(crate) fn whole(expr: &TimeExpr, today: Today<'_>) -> Result<Interval, TimeProblem> {
    let Today { calendar, now } = today;
    if let Some(several) = parts(expr, today)? {
        return Ok(several.hull());
    }
    Ok(match expr {
        TimeExpr::Calendar { unit, back } => calendar.unit(calendar_unit(*unit), now, *back),
        TimeExpr::Rolling(seconds) => Interval::new(now.minus(std::time::Duration::from_secs(*seconds)), now),
        TimeExpr::Dates(first, last) => calendar.days(*first, *last),
        TimeExpr::Month(month, year) => month_or_year(*month, *year, today)?,
        TimeExpr::Weekday { weekday, before_today } => {
            calendar.day(weekday_date(*weekday, *before_today, today.date()))
        }
        TimeExpr::Since(from) => Interval::new(whole(from, today)?.start, now),
        TimeExpr::Clock { base, from, to } => {
            part_of_day(calendar.date(whole(base, today)?.start), (*from, *to), calendar)
        }
        TimeExpr::Weekend(back) => weekend(*back, today),
        TimeExpr::ClockChange => calendar.day(calendar.last_clock_change(now).ok_or(TimeProblem::Unclear)?),
        TimeExpr::PreviousOf(of) => previous(of, today)?,
        TimeExpr::All | TimeExpr::Weekdays { .. } => return Err(TimeProblem::Unclear),
        TimeExpr::Quarter(back) => quarter(*back, today),
        TimeExpr::LastUnits(unit, count) => {
            let unit = calendar_unit(*unit);
            let end = calendar.start_of(unit, now);
            Interval::new(calendar.unit(unit, now, *count).start, end)
        }
    })
}

/// The step of the calendar.
pub fn calendar_unit(bucket: Bucket) -> CalendarUnit {
    match bucket {
        Bucket::QuarterHour => CalendarUnit::QuarterHour,
        Bucket::Hour | Bucket::HourOfDay => CalendarUnit::Hour,
        Bucket::Day | Bucket::Weekday => CalendarUnit::Day,
        Bucket::Week => CalendarUnit::Week,
        Bucket::Month => CalendarUnit::Month,
        Bucket::Year => CalendarUnit::Year,
    }
}

fn month_or_year(month: u8, year: i16, today: Today<'_>) -> Result<Interval, TimeProblem> {
    let now = today.date();
    let first = |year: i16| {
        let month = i8::try_from(month.max(1)).map_err(|_| TimeProblem::Unclear)?;
        Date::new(year, month, 1).map_err(|_| TimeProblem::Unclear)
    };
    let start = match year {
        0 => Some(first(now.year())?)
            .filter(|it| *it <= now)
            .map_or_else(|| first(now.year() - 1), Ok)?,
        year => first(year)?,
    };
    let last = if month == 0 {
        start.last_of_year()
    } else {
        start.last_of_month()
    };
    Ok(today.calendar.days(start, last))
}

fn quarter(back: u32, today: Today<'_>) -> Interval {
    let month = today.date().first_of_month();
    let into = i64::from((month.month() - 1) % 3);
    let first = month.saturating_sub((into + 3 * i64::from(back)).months());
    today
        .calendar
        .days(first, first.saturating_add(2.months()).last_of_month())
}

fn weekday_date(weekday: u8, before_today: bool, today: Date) -> Date {
    let wanted = i64::from(weekday.clamp(1, 7));
    let back = (i64::from(today.weekday().to_monday_one_offset()) - wanted).rem_euclid(7);
    let back = if back == 0 && before_today { 7 } else { back };
    today.saturating_sub(back.days())
}

/// The most recent Saturday and Sunday that are over, counted back.
fn weekend(back: u32, today: Today<'_>) -> Interval {
    let date = today.date();
    let since_sunday = i64::from(date.weekday().to_monday_one_offset());
    let sunday = date.saturating_sub((since_sunday + 7 * i64::from(back)).days());
    today.calendar.days(sunday.saturating_sub(1.day()), sunday)
}

/// The part of a local day, in wall-clock time.
pub(super) fn part_of_day(date: Date, (from, to): (u16, u16), calendar: &Calendar) -> Interval {
    let at = |date: Date, minute: u16| {
        let (hour, minute) = (i8::try_from(minute / 60), i8::try_from(minute % 60));
        let civil = date.at(hour.unwrap_or(0).min(23), minute.unwrap_or(0), 0, 0);
        civil
            .to_zoned(calendar.zone().clone())
            .ok()
            .and_then(|it| it.timestamp().try_into().ok())
            .unwrap_or_else(|| calendar.start_of_day(date))
    };
    let end = if to <= from {
        at(date.saturating_add(1.day()), to)
    } else {
        at(date, to)
    };
    Interval::new(at(date, from), end)
}

/// The period of the same length before.
fn previous(of: &TimeExpr, today: Today<'_>) -> Result<Interval, TimeProblem> {
    let unit = match of {
        TimeExpr::Calendar { unit, .. } => Some(*unit),
        TimeExpr::Month(0, _) => Some(Bucket::Year),
        TimeExpr::Month(..) => Some(Bucket::Month),
        TimeExpr::Weekend(_) => Some(Bucket::Week),
        _ => None,
    };
    if let Some(earlier) = unit.and_then(|unit| shift(of, unit, 1, today)) {
        return whole(&earlier, today);
    }
    if let Some(before) = earlier(of) {
        return whole(&before, today);
    }
    let calendar = today.calendar;
    match of {
        TimeExpr::LastUnits(unit, count) => {
            let last = whole(of, today)?;
            Ok(Interval::new(
                calendar
                    .unit(calendar_unit(*unit), today.now, count.saturating_mul(2))
                    .start,
                last.start,
            ))
        }
        TimeExpr::Quarter(back) => Ok(quarter(back.saturating_add(1), today)),
        TimeExpr::All | TimeExpr::Since(_) => Err(TimeProblem::Unclear),
        _ => {
            let interval = whole(of, today)?;
            let (first, end) = (calendar.date(interval.start), calendar.date(interval.end));
            if calendar.start_of_day(first) == interval.start && calendar.start_of_day(end) == interval.end {
                let days = (end - first).get_days();
                let start = first.saturating_sub(i64::from(days).days());
                return Ok(Interval::new(calendar.start_of_day(start), interval.start));
            }
            Ok(Interval::new(interval.start.minus(interval.duration()), interval.start))
        }
    }
}

/// The expression so many units earlier (negative: later); none where the unit does not fit the expression.
pub(crate) fn shift(expr: &TimeExpr, unit: Bucket, by: i32, today: Today<'_>) -> Option<TimeExpr> {
    let back = |back: u32, by: i32| u32::try_from(i64::from(back) + i64::from(by)).ok();
    match expr {
        TimeExpr::Calendar { unit: own, back: was } if *own == unit => {
            back(*was, by).map(|back| TimeExpr::calendar(unit, back))
        }
        TimeExpr::Calendar {
            unit: Bucket::Day,
            back: was,
        } if unit == Bucket::Week => back(*was, by * 7).map(|back| TimeExpr::calendar(Bucket::Day, back)),
        TimeExpr::Calendar {
            unit: Bucket::Month,
            back: was,
        } if unit == Bucket::Year => back(*was, by * 12).map(|back| TimeExpr::calendar(Bucket::Month, back)),
        TimeExpr::Calendar {
            unit: Bucket::Week,
            back: was,
        } if unit == Bucket::Year => back(*was, by * 52).map(|back| TimeExpr::calendar(Bucket::Week, back)),
        TimeExpr::Quarter(was) if unit == Bucket::Year => back(*was, by * 4).map(TimeExpr::Quarter),
        TimeExpr::Weekend(was) if unit == Bucket::Week => back(*was, by).map(TimeExpr::Weekend),
        TimeExpr::Rolling(seconds) if *seconds == seconds_of(unit) && by == 1 => {
            Some(TimeExpr::PreviousOf(Box::new(expr.clone())))
        }
        TimeExpr::Clock { base, from, to } => shift(base, unit, by, today).map(|base| TimeExpr::Clock {
            base: Box::new(base),
            from: *from,
            to: *to,
        }),
        TimeExpr::Weekdays { base, on } => shift(base, unit, by, today).map(|base| TimeExpr::Weekdays {
            base: Box::new(base),
            on: *on,
        }),
        TimeExpr::Month(month, _) => {
            let start = today.calendar.date(whole(expr, today).ok()?.start);
            let fits = unit == Bucket::Year || unit == Bucket::Month && *month > 0;
            let moved = today.calendar.shift(calendar_unit(unit), start, -i64::from(by));
            let month = if *month == 0 {
                0
            } else {
                u8::try_from(moved.month()).ok()?
            };
            fits.then(|| TimeExpr::Month(month, moved.year()))
        }
        TimeExpr::Dates(..) | TimeExpr::Weekday { .. } | TimeExpr::ClockChange => {
            let interval = whole(expr, today).ok()?;
            let first = today.calendar.date(interval.start);
            let last = today.calendar.date(interval.end).saturating_sub(1.day());
            let fits = match unit {
                Bucket::Day => first == last,
                Bucket::Week => (last - first).get_days() < 7,
                Bucket::Month | Bucket::Year => true,
                _ => false,
            };
            let moved = |date| today.calendar.shift(calendar_unit(unit), date, -i64::from(by));
            fits.then(|| TimeExpr::Dates(moved(first), moved(last)))
        }
        _ => None,
    }
}

const fn seconds_of(unit: Bucket) -> u64 {
    match unit {
        Bucket::Hour => 3600,
        Bucket::Day => 86_400,
        Bucket::Week => 7 * 86_400,
        Bucket::Month => 30 * 86_400,
        _ => 365 * 86_400,
    }
}
