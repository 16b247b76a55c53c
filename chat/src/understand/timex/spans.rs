//! Periods by their start: `the week of 8 November`, `since the start of the month`, `from 10 pm yesterday to 6 am today`,
//! and days without the one that runs.

use jiff::{ToSpan, civil::Date};

use super::{
    Bucket, Meaning, TimeExpr, Today, View, WEEKEND_DAYS,
    atoms::{self, Atom},
    days, unit, unit_of, whole,
};

/// A period by its start at this place.
pub(super) fn span(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    week_of(view, at, today)
        .or_else(|| from_start(view, at))
        .or_else(|| without_today(view, at, today))
        .or_else(|| clock_to_clock(view, at, today))
        .or_else(|| last_weekdays(view, at, today))
        .or_else(|| days_of(view, at, today))
}

/// `the first 10 days of November`, `the last 3 days of this month`.
fn days_of(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let is_last = view.word(at) == "last";
    if !is_last && view.word(at) != "first" {
        return None;
    }
    let count = i64::from(view.whole(at + 1).filter(|it| (1..=366).contains(it))?);
    let scale = match view.word(at + 2) {
        "day" | "days" => 1,
        "week" | "weeks" => 7,
        _ => return None,
    };
    let of = at + 4 + usize::from(view.is(at + 4, &["the", "my", "our"]));
    let (used, atom) = atoms::atom(view, of, today).filter(|_| view.is(at + 3, &["of", "in"]))?;
    let Atom::Meaning(Meaning::Expr(expr @ (TimeExpr::Month(..) | TimeExpr::Calendar { .. } | TimeExpr::Quarter(_)))) =
        atom
    else {
        return None;
    };
    let start = today.calendar.date(whole(&expr, today).ok()?.start);
    let end = match expr {
        TimeExpr::Calendar { unit, .. } => today.calendar.shift(unit_of(unit), start, 1),
        TimeExpr::Month(1.., _) => today.calendar.shift(unit_of(Bucket::Month), start, 1),
        TimeExpr::Month(0, _) => today.calendar.shift(unit_of(Bucket::Year), start, 1),
        _ => today.calendar.shift(unit_of(Bucket::Month), start, 3),
    };
    let days = (count * scale).days();
    let (first, last) = if is_last {
        (end.saturating_sub(days), end.saturating_sub(1.day()))
    } else {
        (start, start.saturating_add(days).saturating_sub(1.day()))
    };
    (first <= last).then(|| (of + used - at, Atom::expr(TimeExpr::Dates(first, last))))
}

/// `the last 3 Saturdays`, `the past two weekends`: that many of them before today.
fn last_weekdays(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    if !view.is(at, &["last", "past", "previous"]) {
        return None;
    }
    let count = i64::from(view.whole(at + 1).filter(|it| (2..=104).contains(it))?);
    let word = view.word(at + 2).strip_suffix('s')?;
    let (first, on) = if word == "weekend" {
        (6, WEEKEND_DAYS)
    } else {
        let day = days::weekday_named(word)?;
        (day, 1 << (day - 1))
    };
    let last = u8::try_from(8 - on.leading_zeros()).ok()?;
    let yesterday = today.date().saturating_sub(1.day());
    let back = (yesterday.weekday().to_monday_one_offset() - i8::try_from(last).ok()?).rem_euclid(7);
    let end = yesterday.saturating_sub(i64::from(back).days());
    let start = end.saturating_sub((7 * (count - 1) + i64::from(last - first)).days());
    let base = Box::new(TimeExpr::Dates(start, end));
    Some((3, Atom::expr(TimeExpr::Weekdays { base, on })))
}

/// `the week of 8 November`: the one that has the day; `the week beginning 8 November`: seven days from it.
fn week_of(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    if view.word(at) != "week" {
        return None;
    }
    let begins = view.is(at + 1, &["beginning", "commencing", "starting", "from"]);
    let the = usize::from(view.word(at + 2) == "the");
    let on = usize::from(view.word(at + 2) == "on");
    if !begins && view.word(at + 1) != "of" {
        return None;
    }
    let weekday = usize::from(days::weekday(view, at + 2 + the + on).is_some());
    let on = on + weekday;
    let (used, date) = days::date(view, at + 2 + the + on, today).or_else(|| {
        let (used, expr) = days::nth(view, at + 2 + the + on, today)?;
        match expr {
            TimeExpr::Dates(date, _) => Some((used, date)),
            _ => None,
        }
    })?;
    let first = if begins {
        date
    } else {
        today.calendar.first_day(unit_of(Bucket::Week), date)
    };
    let dates = TimeExpr::Dates(first, first.saturating_add(6.days()));
    Some((2 + the + on + used, Atom::expr(dates)))
}

/// `since the start of the month`, `from the beginning of this week`: the period that runs.
fn from_start(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    if !view.is(at, &["since", "from"]) {
        return None;
    }
    let the = usize::from(view.word(at + 1) == "the");
    let start = at + 1 + the;
    // "Since the month began."
    if let Some(unit) = unit(view.word(start)).filter(|it| *it > Bucket::Hour)
        && view.is(start + 1, &["began", "begun", "started", "start", "begins"])
    {
        return Some((start + 2 - at, Atom::expr(TimeExpr::calendar(unit, 0))));
    }
    let led = view.is(start, &["start", "beginning", "first", "1st", "begin"]) && view.word(start + 1) == "of";
    let this = usize::from(view.is(start + 2, &["the", "this", "my", "our"]));
    let unit = unit(view.word(start + 2 + this)).filter(|it| led && *it > Bucket::Hour)?;
    Some((start + 3 + this - at, Atom::expr(TimeExpr::calendar(unit, 0))))
}

/// `the last two days, not counting today`, `this month without today`.
fn without_today(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    const WITHOUT: [&str; 8] = [
        "not counting",
        "not including",
        "excluding",
        "except",
        "without",
        "leaving out",
        "apart from",
        "ignoring",
    ];
    let (used, atom) = atoms::last(view, at, today)?;
    let out = view.any(at + used, &WITHOUT)?;
    let Atom::Meaning(Meaning::Expr(expr)) = atom else {
        return None;
    };
    if !view.is(at + used + out, &["today", "todays"]) {
        return None;
    }
    let yesterday = today.date().saturating_sub(1.day());
    let first = match expr {
        TimeExpr::Rolling(seconds) if seconds % 86_400 == 0 => {
            let days = i64::try_from(seconds / 86_400).ok()?;
            today.date().saturating_sub(days.days())
        }
        TimeExpr::Calendar { back: 0, .. } => today.calendar.date(whole(&expr, today).ok()?.start),
        _ => return None,
    };
    let end = used + out + 1;
    (first <= yesterday).then(|| (end, Atom::expr(TimeExpr::Dates(first, yesterday))))
}

/// `from 22:00 yesterday until 06:00 today`, `between 10 pm last night and 6 this morning`: two times of day, each with its day.
fn clock_to_clock(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let led = usize::from(view.is(at, &["from", "between"]));
    let (first, from) = moment(view, at + led, today)?;
    let join = at + led + first;
    let joins = view.is(join, &["to", "until", "till", "til", "and", "through", "thru", "-"]);
    let (second, to) = moment(view, join + 1, today).filter(|_| joins)?;
    let days = i64::from((to.0 - from.0).get_days());
    let within = days == 0 && from.1 < to.1 || days == 1 && to.1 <= from.1;
    let base = Box::new(TimeExpr::Dates(from.0, from.0));
    let (from, to) = (from.1, to.1);
    let clock = TimeExpr::Clock { base, from, to };
    within.then(|| (led + first + 1 + second, Atom::expr(clock)))
}

/// A day and the minute after its midnight.
fn moment(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, (Date, u16))> {
    let (used, window) = atoms::time(view, at)?;
    let end = at + used + usize::from(view.word(at + used) == "on");
    let day = |back: i64| today.date().saturating_sub(back.days());
    let half = |minute: u16, late: bool| if late && minute < 720 { minute + 720 } else { minute };
    let minute = window.from;
    let part = |words: usize, date, late: bool| {
        let minute = if window.sure { minute } else { half(minute, late) };
        Some((end - at + words, (date, minute)))
    };
    if let Some(words) = view.phrase(end, "last night") {
        // After midnight it is the day that runs.
        let early = minute < 360 && window.sure;
        return part(words, day(i64::from(!early)), true);
    }
    if let Some(words) = view.phrase(end, "this morning") {
        return part(words, day(0), false);
    }
    for name in ["this afternoon", "this evening", "tonight"] {
        if let Some(words) = view.phrase(end, name) {
            return part(words, day(0), true);
        }
    }
    for (name, late) in [
        ("yesterday morning", false),
        ("yesterday afternoon", true),
        ("yesterday evening", true),
        ("yesterday night", true),
    ] {
        if let Some(words) = view.phrase(end, name) {
            return part(words, day(1), late);
        }
    }
    let (more, atom) = atoms::atom(view, end, today).filter(|_| window.sure)?;
    let Atom::Meaning(Meaning::Expr(expr)) = atom else {
        return None;
    };
    let single = match &expr {
        TimeExpr::Calendar { unit, .. } => *unit == Bucket::Day,
        TimeExpr::Dates(first, last) => first == last,
        TimeExpr::Weekday { .. } => true,
        _ => false,
    };
    let date = today.calendar.date(whole(&expr, today).ok().filter(|_| single)?.start);
    Some((end + more - at, (date, minute)))
}
