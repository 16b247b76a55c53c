//! Periods of several stretches: the evenings of a week, the Saturdays of a month.

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, Interval, Timestamp};

use super::{
    TimeExpr, TimeProblem, Today,
    resolve::{part_of_day, whole},
};

/// Days that a period may have whose parts are meant: ten years of them.
const MOST_DAYS: i32 = 3_660;
/// All days of the week.
const EVERY_DAY: u8 = 0b111_1111;

/// One of several stretches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when to when, cut at now and at the start of a period that rolls.
    pub interval: Interval,
    /// How it would be without the cut.
    pub whole: Interval,
}

impl Stretch {
    /// Which part of it is there, 0 to 1.
    pub fn part(&self) -> f64 {
        self.interval.seconds() / self.whole.seconds().max(1.0)
    }
}

/// What a period is made of that is no single stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretches {
    /// The days that they are of, up to now.
    pub base: Interval,
    /// In order; none is empty, none meets another but at its end, and there is at least one.
    pub each: Vec<Stretch>,
    /// Which weekdays: bit 0 is Monday, bit 6 Sunday.
    pub weekdays: u8,
    /// Minutes after local midnight, from and to; at or below `from`: of the next day.
    pub window: Option<(u16, u16)>,
    /// Whether more of them are to come.
    pub to_date: bool,
}

impl Stretches {
    /// A period of one stretch.
    pub fn single(interval: Interval, to_date: bool) -> Self {
        let whole = interval;
        Self {
            base: interval,
            each: vec![Stretch { interval, whole }],
            weekdays: EVERY_DAY,
            window: None,
            to_date,
        }
    }

    /// From the first one's start to the last one's end.
    pub fn hull(&self) -> Interval {
        let (first, last) = (self.each.first(), self.each.last());
        Interval::new(
            first.map_or(self.base.start, |it| it.interval.start),
            last.map_or(self.base.end, |it| it.interval.end),
        )
    }

    /// How long they are together, s.
    pub fn seconds(&self) -> f64 {
        self.each.iter().map(|it| it.interval.seconds()).sum()
    }

    /// Whether only some days of the week count.
    pub fn has_weekdays(&self) -> bool {
        self.weekdays != EVERY_DAY
    }

    /// What of them is over before an instant; none where nothing is.
    #[must_use]
    pub fn until(&self, end: Timestamp) -> Option<Self> {
        let cut = |it: &Stretch| Stretch {
            interval: Interval::new(it.interval.start, it.interval.end.min(end)),
            ..*it
        };
        let each: Vec<Stretch> = self.each.iter().map(cut).filter(|it| !it.interval.is_empty()).collect();
        (!each.is_empty()).then(|| Self {
            base: Interval::new(self.base.start, self.base.end.min(end)),
            each,
            ..self.clone()
        })
    }
}

/// The stretches of a period, up to now; none where it is a single one by its words.
pub fn stretches(expr: &TimeExpr, calendar: &Calendar, now: Timestamp) -> Result<Option<Stretches>, TimeProblem> {
    let Some(mut found) = parts(expr, Today { calendar, now })? else {
        return Ok(None);
    };
    found.to_date = found.each.last().is_some_and(|it| it.whole.end > now);
    found.until(now).map(Some).ok_or(TimeProblem::Future)
}

/// The same with what has not come.
pub(super) fn parts(expr: &TimeExpr, today: Today<'_>) -> Result<Option<Stretches>, TimeProblem> {
    match expr {
        TimeExpr::Clock { base, from, to } => {
            let days = match parts(base, today)? {
                Some(days) => days,
                None => match days_of(base, EVERY_DAY, today)? {
                    days if days.each.len() > 1 => days,
                    _ => return Ok(None),
                },
            };
            windows(&days, (*from, *to), today.calendar).map(Some)
        }
        TimeExpr::Weekdays { base, on } => match parts(base, today)? {
            None => days_of(base, *on, today).map(Some),
            Some(_) => Err(TimeProblem::SeveralDays),
        },
        TimeExpr::PreviousOf(of) => earlier(of).map_or(Ok(None), |it| parts(&it, today)),
        _ => Ok(None),
    }
}

/// The parts of the period before, where the period has parts.
pub(super) fn earlier(of: &TimeExpr) -> Option<TimeExpr> {
    let before = |base: &TimeExpr| Box::new(TimeExpr::PreviousOf(Box::new(base.clone())));
    match of {
        TimeExpr::Clock { base, from, to } => Some(TimeExpr::Clock {
            base: before(base),
            from: *from,
            to: *to,
        }),
        TimeExpr::Weekdays { base, on } => Some(TimeExpr::Weekdays {
            base: before(base),
            on: *on,
        }),
        _ => None,
    }
}

/// The local days of a period that are one of these weekdays.
fn days_of(expr: &TimeExpr, weekdays: u8, today: Today<'_>) -> Result<Stretches, TimeProblem> {
    if *expr == TimeExpr::All {
        return Err(TimeProblem::SeveralDays);
    }
    let calendar = today.calendar;
    let base = whole(expr, today)?;
    let (first, end) = (calendar.date(base.start), calendar.date(base.end));
    if (end - first).get_days() > MOST_DAYS {
        return Err(TimeProblem::SeveralDays);
    }
    let dates = (0_i64..).map(|more| first.saturating_add(more.days()));
    let each: Vec<Stretch> = dates
        .take_while(|date| calendar.start_of_day(*date) < base.end)
        .filter(|date| weekdays & (1 << date.weekday().to_monday_zero_offset()) != 0)
        .map(|date| {
            let whole = calendar.day(date);
            let interval = whole.intersection(base);
            Stretch { interval, whole }
        })
        .collect();
    some(Stretches {
        base,
        each,
        weekdays,
        window: None,
        to_date: false,
    })
}

/// A part of each day. One that goes on after midnight belongs to the day on which it begins.
fn windows(days: &Stretches, (from, to): (u16, u16), calendar: &Calendar) -> Result<Stretches, TimeProblem> {
    if days.window.is_some() {
        return Err(TimeProblem::SeveralDays);
    }
    let window = |day: &Stretch| {
        let date: Date = calendar.date(day.whole.start);
        let whole = part_of_day(date, (from, to), calendar);
        let interval = Interval::new(whole.start.max(day.interval.start), whole.end);
        Stretch { interval, whole }
    };
    let begun = |it: &Stretch| it.interval.start < days.base.end && !it.interval.is_empty();
    let each: Vec<Stretch> = days.each.iter().map(window).filter(begun).collect();
    some(Stretches {
        each,
        window: Some((from, to)),
        ..days.clone()
    })
}

fn some(found: Stretches) -> Result<Stretches, TimeProblem> {
    if found.each.is_empty() {
        return Err(TimeProblem::Unclear);
    }
    Ok(found)
}
