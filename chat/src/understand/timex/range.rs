//! Periods with two ends: `from 11 to 18 October`, `between 6 pm and 9 pm`, `Monday to Wednesday`; and `since …`.

use jiff::{ToSpan, civil::Date};

use super::{
    Bucket, Meaning, TimeExpr, Today, View,
    atoms::{self, Atom, Window},
    days, whole,
};

const TO: [&str; 7] = ["to", "until", "till", "through", "thru", "til", "-"];

#[derive(Clone, Debug)]
enum End {
    Days(Date, Date),
    Time(Window, Option<i8>),
    Number(i8),
}

/// A period with two ends at this place, or an open one from `since`.
pub(super) fn range(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let open = since(view, at, today)
        .or_else(|| from_time(view, at, today))
        .or_else(|| half_year(view, at, today));
    let open = open
        .or_else(|| week_days(view, at, today))
        .or_else(|| two_days(view, at, today));
    open.or_else(|| match view.word(at) {
        "from" => two(view, at + 1, &TO, today).map(|(used, atom)| (used + 1, atom)),
        "between" => two(view, at + 1, &["and", "-", "to"], today).map(|(used, atom)| (used + 1, atom)),
        // "Compare July to June".
        _ if compares(view, at) => two(view, at, &["until", "till", "through", "thru", "til", "-"], today),
        _ => two(view, at, &TO, today),
    })
    .filter(|(used, atom)| {
        let led = view.is(at, &["from", "between"]);
        led || !matches!(atom, Atom::Window(Window { sure: false, .. })) || in_part(view, at + used)
    })
}

/// `7 to 9 in the evening`.
fn in_part(view: View<'_>, at: usize) -> bool {
    let at = at + usize::from(view.word(at) == "in") + usize::from(view.word(at + 1) == "the");
    view.is(at, &["morning", "afternoon", "evening"])
}

/// Whether two things are put beside each other: what "to" stands between is no period then.
fn compares(view: View<'_>, at: usize) -> bool {
    let earlier = (at.saturating_sub(6)..at).rev();
    let mut words = earlier.map(|at| view.tokens.get(at).map_or("", |it| it.text.as_str()));
    words.any(|word| ["compare", "comparing"].contains(&word))
}

/// `the first half of 2026`, `the second half of October`.
fn half_year(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let first = match view.word(at) {
        "first" | "1st" => 1,
        "second" | "2nd" | "last" => 7,
        _ => return None,
    };
    if view.word(at + 1) != "half" || view.word(at + 2) != "of" {
        return None;
    }
    if days::month(view, at + 3).is_some() {
        let (used, expr) = days::month_or_year(view, at + 3, today)?;
        let month = today.calendar.date(whole(&expr, today).ok()?.start);
        let middle = month.saturating_add(14.days());
        let (from, to) = if first == 1 {
            (month, middle)
        } else {
            (middle.saturating_add(1.day()), month.last_of_month())
        };
        return Some((3 + used, Atom::expr(TimeExpr::Dates(from, to))));
    }
    let back = match view.word(at + 3) {
        "this" | "the" => Some(0),
        "last" | "previous" => Some(1),
        _ => None,
    };
    let said = back
        .filter(|_| view.word(at + 4) == "year")
        .map(|back| today.date().year() - back);
    let year = said.or_else(|| days::year(view, at + 3))?;
    let start = Date::new(year, first, 1).ok()?;
    let last = start.saturating_add(5.months()).last_of_month();
    Some((
        4 + usize::from(said.is_some()),
        Atom::expr(TimeExpr::Dates(start, last)),
    ))
}

fn since(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    if !(view.word(at) == "since" || view.word(at) == "from" && two(view, at + 1, &TO, today).is_none()) {
        return None;
    }
    let strict = view.word(at) == "since";
    let the = usize::from(view.word(at + 1) == "the");
    // "Since Labor Day, which was September 7".
    let named = (at + 2..at + 7).find(|it| view.is(*it, &["which", "that"]) && view.is(*it + 1, &["was", "is"]));
    let the = named.or_else(|| event(view, at)).map_or(the, |it| it + 1 - at);
    let (used, atom) = hour_of_part(view, at + 1 + the)
        .or_else(|| atoms::atom(view, at + 1 + the, today))
        .or_else(|| {
            let (used, window) = atoms::time(view, at + 1 + the).filter(|(_, window)| window.sure)?;
            Some((used, Atom::Window(window)))
        })?;
    let onwards = view.any(
        at + 1 + the + used,
        &["onwards", "on", "until now", "to now", "till now"],
    );
    let open_date = view.is_last(at + the + used)
        && matches!(&atom, Atom::Meaning(Meaning::Expr(TimeExpr::Dates(first, last))) if first == last);
    if !strict && onwards.is_none() && !open_date {
        return None;
    }
    let day = |back| Box::new(TimeExpr::calendar(Bucket::Day, back));
    let expr = match atom {
        Atom::Meaning(Meaning::Expr(TimeExpr::All)) => TimeExpr::All,
        Atom::Meaning(Meaning::Expr(expr)) => TimeExpr::Since(Box::new(expr)),
        Atom::Window(Window { from, .. }) | Atom::Part(Window { from, .. }) => {
            let back = u32::from(from > today.minute());
            TimeExpr::Since(Box::new(TimeExpr::Clock {
                base: day(back),
                from,
                to: from,
            }))
        }
        Atom::Meaning(_) | Atom::Days(_) => return None,
    };
    Some((1 + the + used + onwards.unwrap_or(0), Atom::expr(expr)))
}

/// `since the new tenant moved in on 15 September`: the last word before the date.
fn event(view: View<'_>, at: usize) -> Option<usize> {
    const LONGEST: usize = 8;
    let date = |on: &usize| view.word(*on) == "on" && days::day_number(view, *on + 1).is_some();
    let dated = |on: &usize| view.word(*on) == "on" && days::month(view, *on + 1).is_some();
    let told = |at: usize| !view.is_last(at) && view.whole(at).is_none();
    let on = (at + 2..at + LONGEST).find(|on| date(on) || dated(on))?;
    (at..on).all(told).then_some(on - 1)
}

/// `9 this morning`, `8 in the evening`.
fn hour_of_part(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    let (used, window) = atoms::time(view, at).filter(|(_, window)| !window.sure)?;
    let end = at + used;
    let led = if view.word(end) == "this" {
        1
    } else {
        view.phrase(end, "in the")?
    };
    let late = match view.word(end + led) {
        "morning" => 0,
        "afternoon" | "evening" if window.from < 720 => 720,
        _ => return None,
    };
    let (from, to, sure) = (window.from + late, 0, true);
    Some((
        used + led + 1,
        Atom::Window(Window {
            from,
            to,
            sure,
            each: false,
            half: false,
        }),
    ))
}

/// `from noon yesterday until now`, `noon till now`.
fn from_time(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let from = usize::from(view.is(at, &["from", "between"]));
    let (used, window) = atoms::time(view, at + from).filter(|(_, window)| window.sure)?;
    let mut end = at + from + used;
    let is_now = |end: usize| (view.is(end, &TO) || view.word(end) == "and") && view.word(end + 1) == "now";
    let base = if is_now(end) {
        TimeExpr::calendar(Bucket::Day, u32::from(window.from > today.minute()))
    } else {
        end += usize::from(view.is(end, &["on", "of"]));
        let (used, atom) = atoms::atom(view, end, today)?;
        let Atom::Meaning(Meaning::Expr(base)) = atom else {
            return None;
        };
        end += used;
        base
    };
    let now = is_now(end);
    let Window { from: minute, .. } = window;
    let start = TimeExpr::Clock {
        base: Box::new(base),
        from: minute,
        to: minute,
    };
    now.then(|| (end + 2 - at, Atom::expr(TimeExpr::Since(Box::new(start)))))
}

/// `Monday to Wednesday last week`, `from Monday to Friday of this week`.
fn week_days(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let from = at + usize::from(view.is(at, &["from", "between"]));
    let (first, last) = (days::weekday(view, from)?, days::weekday(view, from + 2)?);
    let joins = view.is(from + 1, &TO) || view.word(at) == "between" && view.word(from + 1) == "and";
    let of = usize::from(view.is(from + 3, &["of", "in"]));
    let back = match view.word(from + 3 + of) {
        "last" | "previous" => 1,
        "this" => 0,
        _ => return None,
    };
    if !joins || view.word(from + 4 + of) != "week" {
        return None;
    }
    let week = whole(&TimeExpr::calendar(Bucket::Week, back), today).ok()?;
    let start = today.calendar.date(week.start);
    let place = |weekday: u8| (0..7).find(|more| weekday_of(start.saturating_add((*more).days())) == Some(weekday));
    let (first, last): (i64, i64) = (place(first)?, place(last)?);
    let dates = TimeExpr::Dates(start.saturating_add(first.days()), start.saturating_add(last.days()));
    (first < last).then(|| (from + 5 + of - at, Atom::expr(dates)))
}

fn weekday_of(date: Date) -> Option<u8> {
    u8::try_from(date.weekday().to_monday_one_offset()).ok()
}

/// `December 24 and 25`, `the 24th and 25th of December`: days that follow one another.
fn two_days(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    let joined = |at: usize| view.is(at, &["and", "&"]);
    let pair = |first: Date, last: Date| {
        (last == first.saturating_add(1.day())).then(|| Atom::expr(TimeExpr::Dates(first, last)))
    };
    if let Some((used, first)) = days::date(view, at, today) {
        let the = usize::from(view.word(at + used + 1) == "the");
        let end = at + used + 1 + the;
        let day = days::day_number(view, end).filter(|_| joined(at + used))?;
        let last = Date::new(first.year(), first.month(), day).ok()?;
        let alone = days::month(view, end + 1).is_none() && view.word(end + 1) != "of";
        return pair(first, last).filter(|_| alone).map(|atom| (end + 1 - at, atom));
    }
    let first = days::day_number(view, at).filter(|_| joined(at + 1))?;
    let the = usize::from(view.word(at + 2) == "the");
    let (used, last) = days::date(view, at + 2 + the, today)?;
    let first = Date::new(last.year(), last.month(), first).ok()?;
    pair(first, last).map(|atom| (2 + the + used, atom))
}

fn two(view: View<'_>, at: usize, joins: &[&str], today: Today<'_>) -> Option<(usize, Atom)> {
    if let Some(found) = dotted(view, at, joins, today) {
        return Some(found);
    }
    let (first_used, first) = end(view, at, today)?;
    let second_at = at + first_used + joint(view, at + first_used, joins)?;
    let (second_used, second) = end(view, second_at, today)?;
    let atom = join(&first, &second, today)?;
    Some((second_at + second_used - at, atom))
}

/// How many words join the two ends.
fn joint(view: View<'_>, at: usize, joins: &[&str]) -> Option<usize> {
    const LONG: [&str; 6] = [
        "up to and including",
        "to and including",
        "through to",
        "up until",
        "up till",
        "up to",
    ];
    let is_now = |used: &usize| view.word(at + used) == "now";
    let long = view
        .any(at, &LONG)
        .filter(|used| joins.contains(&"through") && !is_now(used));
    long.or_else(|| joins.contains(&view.word(at)).then_some(1))
}

/// `28.12 to 2.1`: numbers that are days of a month, as there is one at each end.
fn dotted(view: View<'_>, at: usize, joins: &[&str], today: Today<'_>) -> Option<(usize, Atom)> {
    let day = |at: usize| {
        let (day, month) = view.word(at).split_once('.')?;
        let parse = |text: &str| (text.len() <= 2).then(|| text.parse::<i8>().ok()).flatten();
        days::without_year(today, parse(day)?, parse(month)?)
    };
    let (first, last) = (day(at)?, day(at + 2)?);
    if !joins.contains(&view.word(at + 1)) {
        return None;
    }
    join(&End::Days(first, first), &End::Days(last, last), today).map(|atom| (3, atom))
}

fn end(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, End)> {
    let the = usize::from(view.word(at) == "the");
    let at = at + the;
    let of = |date: Date, used: usize| (used + the, End::Days(date, date));
    if let Some((used, date)) = days::date(view, at, today) {
        return Some(of(date, used));
    }
    if let Some((used, window)) = atoms::time(view, at) {
        let number = days::day_number(view, at).filter(|_| used == 1);
        return Some((
            used + the,
            if the == 1 {
                End::Number(number?)
            } else {
                End::Time(window, number)
            },
        ));
    }
    if let Some(number) = days::day_number(view, at) {
        return Some((1 + the, End::Number(number)));
    }
    if view.word(at) == "now" {
        let date = today.date();
        return Some(of(date, 1));
    }
    let (used, atom) = atoms::atom(view, at, today)?;
    let Atom::Meaning(Meaning::Expr(expr)) = atom else {
        return None;
    };
    if matches!(expr, TimeExpr::All | TimeExpr::Rolling(_) | TimeExpr::Clock { .. }) {
        return None;
    }
    let interval = whole(&expr, today).ok()?;
    let first = today.calendar.date(interval.start);
    let last = today.calendar.date(interval.end).saturating_sub(1.day());
    Some((used + the, End::Days(first, last)))
}

fn join(first: &End, second: &End, today: Today<'_>) -> Option<Atom> {
    let dates = |first: Date, last: Date| {
        // Over a week's end the first day belongs to the week before, over a year's end to the year before.
        let first = match (first - last).get_days() {
            days if days <= 0 => first,
            days if days < 7 => first.saturating_sub(7.days()),
            _ => first.saturating_sub(1.year()),
        };
        (first <= last).then(|| Atom::expr(TimeExpr::Dates(first, last)))
    };
    let number = |end: &End| match end {
        End::Number(number) => Some(*number),
        End::Time(_, number) => *number,
        End::Days(..) => None,
    };
    let in_month = |of: Date, day: i8| Date::new(of.year(), of.month(), day).ok();
    match (first, second) {
        (End::Days(first, _), End::Days(_, last)) => dates(*first, *last),
        (End::Days(first, _), end) => {
            let last = in_month(*first, number(end)?)?;
            dates(*first, last).filter(|_| last >= *first)
        }
        (end, End::Days(only, last)) if only == last => dates(in_month(*last, number(end)?)?, *last),
        // "The 1st to the 10th": of this month where it has come to the first day, else of the month before.
        (End::Number(from), End::Number(to)) if from < to => {
            let now = today.date();
            let back = i64::from(i8::from(*from > now.day()));
            let month = now.first_of_month().saturating_sub(back.months());
            dates(in_month(month, *from)?, in_month(month, *to)?)
        }
        (End::Time(from, _), End::Time(to, _)) => Some(Atom::Window(window(*from, *to))),
        _ => None,
    }
}

/// `6 to 9 pm` is 18 to 21; `10 to 2 pm` is 10 to 14.
fn window(from: Window, to: Window) -> Window {
    let mut start = from.from;
    let mut finish = to.from;
    if to.sure && !from.sure && finish >= 720 && start + 720 < finish {
        start += 720;
    }
    if from.sure && !to.sure && start >= 720 && finish < 720 && finish + 720 > start {
        finish += 720;
    }
    // "6:30 to 8:30 pm".
    if to.half && !from.half && start < 720 && finish >= 720 && start + 720 < finish {
        start += 720;
    }
    if from.half && !to.half && start >= 720 && finish < 720 && finish + 720 > start {
        finish += 720;
    }
    Window {
        sure: from.sure || to.sure,
        ..Window::new(start, finish)
    }
}
