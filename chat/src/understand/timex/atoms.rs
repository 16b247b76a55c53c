//! The smallest time expressions, each tried at one place of the question.

use super::{Bucket, Kind, Meaning, TimeExpr, Today, View, days, holidays, relative, unit};

/// Part of a day, in minutes after midnight; `to` at or below `from`: of the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: u16,
    pub(super) to: u16,
    /// Whether am, pm or 24-hour writing says which half of the day is meant.
    pub(super) sure: bool,
    /// Whether it is said of each day: `evenings`.
    pub(super) each: bool,
    /// Whether am or pm says it.
    pub(super) half: bool,
}

impl Window {
    pub(super) const fn new(from: u16, to: u16) -> Self {
        Self {
            from,
            to,
            sure: true,
            each: false,
            half: false,
        }
    }
}

/// A piece of a time expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Atom {
    Meaning(Meaning),
    Window(Window),
    Part(Window),
    /// Only these days of the week: bit 0 is Monday.
    Days(u8),
}

impl Atom {
    pub(super) fn expr(expr: TimeExpr) -> Self {
        Self::Meaning(Meaning::Expr(expr))
    }
}

const FUTURE: [&str; 8] = [
    "day after tomorrow",
    "tomorrow",
    "next",
    "coming",
    "upcoming",
    "in the future",
    "in the coming",
    "later today",
];
const ALL: [&str; 16] = [
    "of all time",
    "all time",
    "ever recorded",
    "ever",
    "since the beginning",
    "since the start",
    "on record",
    "all my data",
    "all the data",
    "all data",
    "whole history",
    "entire history",
    "my history",
    "since records began",
    "since i started",
    "so far in total",
];
const BY_NOW: [&str; 8] = [
    "by now yesterday",
    "up to now yesterday",
    "at this point yesterday",
    "at this time yesterday",
    "by this time yesterday",
    "up to this time yesterday",
    "this time yesterday",
    "same time yesterday",
];
const LAST: [&str; 6] = ["last", "previous", "past", "prior", "preceding", "latest"];

/// The time expression at this place and how many tokens it has.
pub(super) fn atom(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    future(view, at)
        .or_else(|| relative_day(view, at, today))
        .or_else(|| relative::before(view, at, today))
        .or_else(|| ago(view, at, today))
        .or_else(|| last(view, at, today))
        .or_else(|| named(view, at, today))
        .or_else(|| window(view, at))
        .or_else(|| part(view, at, today))
}

fn future(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    let used = view.any(at, &FUTURE)?;
    let led = matches!(view.word(at), "next" | "coming" | "upcoming");
    let named = unit(view.word(at + 1)).is_some()
        || days::weekday(view, at + 1).is_some()
        || days::month(view, at + 1).is_some()
        || view.is(at + 1, &["weekend", "few", "winter", "summer", "spring", "autumn"]);
    if !led {
        return Some((used, Atom::Meaning(Meaning::Future)));
    }
    let counted = view.whole(at + 1).is_some() && unit(view.word(at + 2)).is_some();
    (named || counted).then(|| (2 + usize::from(counted), Atom::Meaning(Meaning::Future)))
}

fn relative_day(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let day = |back| TimeExpr::calendar(Bucket::Day, back);
    if let Some(used) = view.any(at, &["day before yesterday", "before yesterday"]) {
        return Some((used, Atom::expr(day(2))));
    }
    for (name, back) in [("week", 2), ("month", 2), ("year", 2)] {
        let two = [format!("{name} before last"), format!("last {name} but one")];
        if let Some(used) = two.iter().find_map(|words| view.phrase(at, words)) {
            return unit(name).map(|unit| (used, Atom::expr(TimeExpr::calendar(unit, back))));
        }
        if let Some(used) = view.phrase(at, &format!("{name} to date")) {
            return unit(name).map(|unit| (used, Atom::expr(TimeExpr::calendar(unit, 0))));
        }
    }
    if let Some(used) = view.phrase(at, "night before last") {
        let base = Box::new(day(1 + u32::from(today.minute() < 360)));
        return Some((used, Atom::expr(TimeExpr::Clock { base, from: 0, to: 360 })));
    }
    // As much of it as of today.
    if let Some(used) = view.any(at, &BY_NOW) {
        let (base, to) = (Box::new(day(1)), today.minute().max(1));
        return Some((used, Atom::expr(TimeExpr::Clock { base, from: 0, to })));
    }
    if let Some(used) = view.phrase(at, "weekend before last") {
        return Some((used, Atom::expr(TimeExpr::Weekend(1))));
    }
    // "Total for the year".
    if view.word(at) == "the" && view.before(at) == "for" {
        let running = unit(view.word(at + 1)).filter(|it| *it > Bucket::Day);
        let alone = view.is_last(at + 1) || view.is(at + 2, &["so", "please", "to", "in", "kwh"]);
        if let Some(unit) = running.filter(|_| alone) {
            return Some((2, Atom::expr(TimeExpr::calendar(unit, 0))));
        }
    }
    if let Some(found) = relative::of_running(view, at) {
        return Some(found);
    }
    match view.word(at) {
        "yesterday" if view.word(at + 1) == "night" => None,
        "today" | "todays" => Some((1, Atom::expr(day(0)))),
        "yesterday" | "yesterdays" => Some((1, Atom::expr(day(1)))),
        "mtd" => Some((1, Atom::expr(TimeExpr::calendar(Bucket::Month, 0)))),
        "ytd" => Some((1, Atom::expr(TimeExpr::calendar(Bucket::Year, 0)))),
        _ => view.any(at, &ALL).map(|used| (used, Atom::expr(TimeExpr::All))),
    }
}

fn ago(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let counted = view.whole(at).map(|count| (1, count));
    let (used, count) = match view.word(at) {
        "a" | "an" => view
            .any(at, &["a couple of", "a couple"])
            .map_or((1, 1), |used| (used, 2)),
        "couple" => (1 + usize::from(view.word(at + 1) == "of"), 2),
        _ => counted?,
    };
    let unit = unit(view.word(at + used))?;
    if view.word(at + used + 1) != "ago" {
        return None;
    }
    // "One year ago on the same date".
    let end = at + used + 2;
    let same = view.any(
        end,
        &[
            "on the same date",
            "on the same day",
            "the same date",
            "the same day",
            "same date",
            "same day",
        ],
    );
    if let Some(more) = same.filter(|_| unit > Bucket::Day) {
        let by = i32::try_from(count).ok()?;
        return Some((used + 2 + more, Atom::Meaning(Meaning::Shift { unit, by, or: None })));
    }
    // "A week ago today" is a day.
    if view.word(at + used + 2) == "today" && unit > Bucket::Hour {
        let day = today
            .calendar
            .shift(super::unit_of(unit), today.date(), -i64::from(count));
        return Some((used + 3, Atom::expr(TimeExpr::Dates(day, day))));
    }
    Some((used + 2, Atom::expr(TimeExpr::calendar(unit, count))))
}

/// `last week`, `this month`, `the last 7 days`, `past 24 hours`.
pub(super) fn last(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let back = match view.word(at) {
        "this" | "current" => 0,
        // "The whole month", and not "a whole month".
        "whole" | "entire" if !view.is(at.wrapping_sub(1), &["a", "one", "each", "every"]) => {
            let named = view.word(at + 2) == "of" || days::year(view, at + 2).is_some();
            let unit = unit(view.word(at + 1)).filter(|it| *it > Bucket::Hour && !named)?;
            let or = Some(TimeExpr::calendar(unit, 0));
            return Some((2, Atom::Meaning(Meaning::Shift { unit, by: 0, or })));
        }
        word if LAST.contains(&word) => 1,
        _ => return None,
    };
    let full = usize::from(view.is(at + 1, &["full", "whole", "complete", "entire", "calendar"]));
    if full == 1 && unit(view.word(at + 2)).is_some() {
        let unit = unit(view.word(at + 2))?;
        return Some((3, Atom::expr(TimeExpr::calendar(unit, back))));
    }
    if back == 1 {
        if let Some((used, count)) = count(view, at + 1) {
            let (minutes, unit) = (
                view.is(at + 1 + used, &["minutes", "minute", "mins", "min"]),
                unit(view.word(at + 1 + used)),
            );
            let expr = if minutes {
                TimeExpr::Rolling(u64::from(count) * 60)
            } else {
                rolling(unit?, count)
            };
            return Some((used + 2, Atom::expr(expr)));
        }
        if view.word(at + 1) == "fortnight" {
            return Some((2, Atom::expr(TimeExpr::Rolling(14 * 86_400))));
        }
    }
    if view.word(at + 1) == "weekend" {
        return Some((2, Atom::expr(weekend(today, back == 0))));
    }
    if view.word(at + 1) == "quarter" {
        return Some((2, Atom::expr(TimeExpr::Quarter(back))));
    }
    let unit = unit(view.word(at + 1))?;
    let expr = match (view.word(at), unit) {
        ("past", unit) => rolling_one(unit),
        ("last", Bucket::Hour | Bucket::Day) => rolling(unit, 1),
        _ => TimeExpr::calendar(unit, back),
    };
    Some((2, Atom::expr(expr)))
}

fn count(view: View<'_>, at: usize) -> Option<(usize, u32)> {
    let couple = view.any(at, &["couple of", "couple"]).map(|used| (used, 2));
    let counted = view.whole(at).filter(|it| (1..=10_000).contains(it)).map(|it| (1, it));
    let (used, count) = couple.or(counted)?;
    let filler = usize::from(view.is(at + used, &["full", "whole", "complete", "calendar"]));
    Some((used + filler, count))
}

/// Hours, days and weeks roll up to now; months and years are whole ones.
fn rolling(unit: Bucket, count: u32) -> TimeExpr {
    let seconds = match unit {
        Bucket::Hour => 3600,
        Bucket::Day => 86_400,
        Bucket::Week => 7 * 86_400,
        _ => return TimeExpr::LastUnits(unit, count),
    };
    TimeExpr::Rolling(u64::from(count) * seconds)
}

fn rolling_one(unit: Bucket) -> TimeExpr {
    match unit {
        Bucket::Month => TimeExpr::Rolling(30 * 86_400),
        Bucket::Year => TimeExpr::Rolling(365 * 86_400),
        unit => rolling(unit, 1),
    }
}

/// The weekend that runs, where `this` is said on one; else the most recent one that is over.
fn weekend(today: Today<'_>, this: bool) -> TimeExpr {
    let date = today.date();
    let into = date.weekday().to_monday_zero_offset() - 5;
    if this && into >= 0 {
        let saturday = date.saturating_sub(jiff::ToSpan::days(i64::from(into)));
        return TimeExpr::Dates(saturday, saturday.saturating_add(jiff::ToSpan::days(1)));
    }
    TimeExpr::Weekend(0)
}

fn named(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    if let Some((used, date)) = days::date(view, at, today) {
        return Some((used, Atom::expr(TimeExpr::Dates(date, date))));
    }
    if let Some(weekday) = days::weekday(view, at) {
        return Some(super::parts::weekday_or_night(view, (at, 1), (weekday, false), today));
    }
    if view.is(at, &["last", "this", "previous"]) {
        let last = view.word(at) != "this";
        if let Some(weekday) = days::weekday(view, at + 1) {
            return Some(super::parts::weekday_or_night(view, (at, 2), (weekday, last), today));
        }
        if last && let Some((used, date)) = days::date(view, at + 1, today) {
            return Some((used + 1, Atom::expr(TimeExpr::Dates(date, date))));
        }
        if days::month(view, at + 1).is_some() {
            return days::month_or_year(view, at + 1, today).map(|(used, expr)| (used + 1, Atom::expr(expr)));
        }
    }
    if view.word(at) == "weekend" && view.before(at) != "long" {
        let runs = view
            .any(at + 1, &["so far", "to date", "till now", "until now"])
            .is_some();
        return Some((1, Atom::expr(weekend(today, runs))));
    }
    holidays::holiday(view, at, today)
        .or_else(|| days::week_of_month(view, at, today))
        .or_else(|| days::week_number(view, at, today))
        .or_else(|| days::quarter(view, at, today))
        .or_else(|| days::month_or_year(view, at, today))
        .or_else(|| days::nth(view, at, today))
        .map(|(used, expr)| (used, Atom::expr(expr)))
}

/// `at 3 pm` (the hour from then), `after 18:00`, `before 8 am`.
fn window(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    let word = view.word(at);
    let minute = |at| {
        time(view, at)
            .filter(|(_, window)| window.sure)
            .map(|(used, window)| (used, window.from))
    };
    let (used, from, to) = match word {
        "at" | "around" => {
            let (used, from) = minute(at + 1)?;
            (used, from, (from + 60) % 1440)
        }
        "after" => minute(at + 1).map(|(used, from)| (used, from, 0))?,
        "before" => minute(at + 1).map(|(used, to)| (used, 0, to))?,
        _ => return None,
    };
    Some((used + 1, Atom::Window(Window::new(from, to))))
}

/// A time of day: `6pm`, `18:30`, `noon`, and a bare hour, of which it is not sure.
pub(super) fn time(view: View<'_>, at: usize) -> Option<(usize, Window)> {
    let sure = |used, from| Some((used, Window::new(from, 0)));
    let said = |used, from| {
        let half = true;
        Some((
            used,
            Window {
                half,
                ..Window::new(from, 0)
            },
        ))
    };
    let twelve = |minute: u16, at: usize| {
        let within = (30..780).contains(&minute);
        match view.word(at) {
            "am" if within => Some(minute % 720),
            "pm" if within => Some(minute % 720 + 720),
            _ => None,
        }
    };
    if let Some((used, minute)) = super::parts::of_the_hour(view, at) {
        return match twelve(minute, at + used) {
            Some(minute) => said(used + 1, minute),
            None => Some((
                used,
                Window {
                    sure: false,
                    ..Window::new(minute, 0)
                },
            )),
        };
    }
    match (view.word(at), view.kind(at)?) {
        ("noon" | "midday", _) => sure(1, 720),
        ("midnight", _) => sure(1, 0),
        (_, Kind::Clock(minute)) => twelve(*minute, at + 1).map_or_else(|| sure(1, minute % 1440), |it| said(2, it)),
        (_, Kind::Number(_) | Kind::Word) => {
            let hour = view
                .whole(at)
                .and_then(|it| u16::try_from(it).ok())
                .filter(|it| *it <= 24 && !days::is_counted(view.word(at + 1)))?;
            if let Some(minute) = twelve(hour * 60, at + 1) {
                return said(2, minute);
            }
            let o_clock = view.any(at + 1, &["o clock", "oclock", "h", "uhr"]).unwrap_or(0);
            let certain = hour > 12 || hour == 0 || view.is(at + 1, &["h", "uhr"]);
            Some((
                1 + o_clock,
                Window {
                    sure: certain,
                    ..Window::new(hour % 24 * 60, 0)
                },
            ))
        }
        _ => None,
    }
}

/// A part of the day by its name.
pub(super) fn part_of(word: &str) -> Option<Window> {
    let (from, to) = match word {
        "morning" => (360, 720),
        "afternoon" => (720, 1080),
        "evening" => (1080, 0),
        "night" | "overnight" => (0, 360),
        _ => return None,
    };
    Some(Window::new(from, to))
}

fn part(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let on = |back, Window { from, to, .. }| {
        Atom::expr(TimeExpr::Clock {
            base: Box::new(TimeExpr::calendar(Bucket::Day, back)),
            from,
            to,
        })
    };
    let night = u32::from(today.minute() < 360);
    match (view.word(at), view.word(at + 1)) {
        _ if view.before(at) == "good" || view.greets(at) => None,
        ("tonight", _) => Some((1, on(0, Window::new(1080, 0)))),
        ("last" | "yesterday", "night") => Some((2, on(night, part_of("night")?))),
        ("overnight", _) => Some((1, Atom::Part(part_of("overnight")?))),
        ("this", part) => part_of(part).map(|window| (2, on(0, window))),
        ("last", part) => part_of(part).map(|window| (2, on(1, window))),
        (part, _) => {
            let each = ["which", "what"].contains(&view.before(at));
            part_of(part).map(|window| (1, Atom::Part(Window { each, ..window })))
        }
    }
}
