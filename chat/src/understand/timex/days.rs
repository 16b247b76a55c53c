//! Days by name and number: weekdays, months, dates with and without a year.

use jiff::{
    ToSpan,
    civil::{Date, ISOWeekDate, Weekday},
};

use super::{Kind, TimeExpr, Today, View};

const MONTHS: [(&str, &str); 12] = [
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may", "may"),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
];
const WEEKDAYS: [(&str, &str); 7] = [
    ("monday", "mon"),
    ("tuesday", "tue"),
    ("wednesday", "wed"),
    ("thursday", "thu"),
    ("friday", "fri"),
    ("saturday", "sat"),
    ("sunday", "sun"),
];
/// A date without a year that is at most so many days ahead is meant as the coming one.
const AHEAD: i32 = 60;
/// After `the 2nd`, these make it a place in an order.
const RANKING: [&str; 14] = [
    "biggest",
    "largest",
    "most",
    "highest",
    "top",
    "device",
    "place",
    "one",
    "least",
    "lowest",
    "consumer",
    "smallest",
    "hungriest",
    "appliance",
];
const UNITS: [&str; 20] = [
    "w",
    "watt",
    "watts",
    "kw",
    "kilowatt",
    "kilowatts",
    "kwh",
    "wh",
    "euro",
    "euros",
    "eur",
    "dollars",
    "usd",
    "$",
    "€",
    "%",
    "percent",
    "times",
    "devices",
    "pounds",
];

fn position(table: &[(&str, &str)], word: &str) -> Option<u8> {
    let word = match word {
        "sept" => "sep",
        "tues" => "tue",
        "thur" | "thurs" => "thu",
        "weds" => "wed",
        other => other,
    };
    let at = table.iter().position(|(long, short)| word == *long || word == *short)?;
    u8::try_from(at + 1).ok()
}

/// Whether it is the name of a month or a weekday, whole or short.
pub(super) fn is_name(word: &str) -> bool {
    position(&MONTHS, word).is_some() || position(&WEEKDAYS, word).is_some()
}

/// Whether it is the long name of a month.
pub(super) fn is_month(word: &str) -> bool {
    word.len() > 3 && MONTHS.iter().any(|(long, _)| *long == word)
}

/// 1 to 12. `may` and `march` are months only where the words around say so.
pub(super) fn month(view: View<'_>, at: usize) -> Option<u8> {
    let number = position(&MONTHS, view.word(at))?;
    let led = [
        "in", "of", "last", "this", "since", "for", "from", "during", "and", "to", "until", "till", "between", "-",
        "through", "vs", "v", "against", "or", "versus", "with", "than", "my", "our", "did", "was", "why", "beat",
        "wait", "meant",
    ];
    let near_number = |at: usize| matches!(view.kind(at), Some(Kind::Number(_) | Kind::Ordinal(_)));
    let ambiguous = view.word(at) == "may";
    let noun = view.is(
        at + 1,
        &[
            "total",
            "bill",
            "cost",
            "costs",
            "usage",
            "consumption",
            "energy",
            "kwh",
            "units",
            "electricity",
        ],
    );
    // "What would May have cost", and a message of one word.
    let so_far = view.word(at + 1) == "so" && view.word(at + 2) == "far";
    let subject =
        so_far || view.is(at.wrapping_sub(1), &["would", "will"]) && view.is(at + 1, &["have", "cost", "use", "be"]);
    let sure = !ambiguous
        || noun
        || subject
        || view.len() == 1
        || led.contains(&view.before(at))
        || near_number(at + 1)
        || at > 0 && near_number(at - 1);
    sure.then_some(number)
}

/// 1 (Monday) to 7.
pub(super) fn weekday(view: View<'_>, at: usize) -> Option<u8> {
    position(&WEEKDAYS, view.word(at))
}

/// 1 (Monday) to 7, by its whole name.
pub(super) fn weekday_named(word: &str) -> Option<u8> {
    let at = WEEKDAYS.iter().position(|(long, _)| word == *long)?;
    u8::try_from(at + 1).ok()
}

/// Whether a number before this word counts something.
pub(super) fn is_counted(word: &str) -> bool {
    UNITS.contains(&word)
}

/// Four figures that may be a year.
fn year_in_figures(view: View<'_>, at: usize) -> Option<i16> {
    let number = view.whole(at).filter(|it| (1990..=2100).contains(it))?;
    (view.word(at).len() == 4).then(|| i16::try_from(number).ok()).flatten()
}

/// A year in figures that is not a number of something.
pub(super) fn year(view: View<'_>, at: usize) -> Option<i16> {
    let number = year_in_figures(view, at)?;
    let written = !UNITS.contains(&view.word(at + 1));
    let bound = [
        "than", "above", "over", "below", "under", "exceed", "exceeded", "$", "€",
    ]
    .contains(&view.before(at));
    (written && !bound).then_some(number)
}

/// The day of a month: a number or an ordinal from 1 to 31.
pub(super) fn day_number(view: View<'_>, at: usize) -> Option<i8> {
    let number = match view.kind(at)? {
        Kind::Ordinal(number) => *number,
        Kind::Number(_) if view.word(at).len() <= 2 => view.whole(at)?,
        _ => return None,
    };
    i8::try_from(number).ok().filter(|it| (1..=31).contains(it))
}

/// A day of a month without a year: this year's, or last year's where this year's is far ahead.
pub(super) fn without_year(today: Today<'_>, day: i8, month: i8) -> Option<Date> {
    let now = today.date();
    let in_year = |back: i16| Date::new(now.year() - back, month, day).ok();
    match in_year(0) {
        Some(date) if date <= now || (date - now).get_days() <= AHEAD => Some(date),
        _ => (1..=8).find_map(in_year),
    }
}

/// The most recent day of this number that is not in the future.
fn most_recent(today: Today<'_>, day: i8) -> Option<Date> {
    let now = today.date();
    let months = (0_i64..=2).map(|back| now.first_of_month().saturating_sub(back.months()));
    months
        .filter_map(|first| Date::new(first.year(), first.month(), day).ok())
        .find(|date| *date <= now)
}

/// A day with its month, and the number of tokens: `28 October`, `the 28th of October 2026`, `Oct 28`, `2026-10-28`.
pub(super) fn date(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Date)> {
    match view.kind(at)? {
        Kind::Date(date) => return Some((1, *date)),
        Kind::DayMonth(day, month) => {
            return dated(view, (at + 1, *day, *month), today).map(|(used, date)| (used + 1, date));
        }
        _ => {}
    }
    let (used, day, month) = day_then_month(view, at).or_else(|| month_then_day(view, at))?;
    dated(view, (at + used, day, month), today).map(|(more, date)| (used + more, date))
}

/// The year of a day and a month, said after them or not.
fn dated(view: View<'_>, (end, day, month): (usize, i8, i8), today: Today<'_>) -> Option<(usize, Date)> {
    if let Some(year) = year_in_figures(view, end) {
        return Date::new(year, month, day).ok().map(|date| (1, date));
    }
    for (words, back) in [
        ("last year", 1),
        ("this year", 0),
        ("of last year", 1),
        ("of this year", 0),
    ] {
        if let Some(more) = view.phrase(end, words) {
            let date = Date::new(today.date().year() - back, month, day).ok()?;
            return Some((more, date));
        }
    }
    without_year(today, day, month).map(|date| (0, date))
}

fn day_then_month(view: View<'_>, at: usize) -> Option<(usize, i8, i8)> {
    let of = usize::from(view.word(at + 1) == "of");
    let in_words = || super::super::numerals::ordinal(view.word(at)).and_then(|it| i8::try_from(it).ok());
    let day = day_number(view, at)
        .or_else(in_words)
        .filter(|it| (1..=31).contains(it))?;
    let month = month(view, at + 1 + of)?;
    Some((2 + of, day, i8::try_from(month).ok()?))
}

fn month_then_day(view: View<'_>, at: usize) -> Option<(usize, i8, i8)> {
    let month = month(view, at)?;
    let the = usize::from(view.word(at + 1) == "the");
    let place = [
        "place", "half", "week", "weeks", "weekend", "quarter", "highest", "biggest", "most", "best", "worst",
        "largest",
    ];
    let in_words = || {
        let place = view.is(at + 2, &place) || the == 1;
        super::super::numerals::ordinal(view.word(at + 1)).filter(|it| (1..=31).contains(it) && !place)
    };
    let day = day_number(view, at + 1 + the).or_else(|| i8::try_from(in_words()?).ok())?;
    Some((2 + the, day, i8::try_from(month).ok()?))
}

/// `the 5th`, `on the 21st`: the most recent one.
pub(super) fn nth(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, TimeExpr)> {
    let Some(Kind::Ordinal(number)) = view.kind(at) else {
        return None;
    };
    let led = ["the", "on"].contains(&view.before(at)) || at == 0 && *number > 3;
    let ranks = RANKING.contains(&view.word(at + 1));
    let date = most_recent(today, i8::try_from(*number).ok()?)?;
    (led && !ranks).then_some((1, TimeExpr::Dates(date, date)))
}

/// A month or a year by name.
pub(super) fn month_or_year(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, TimeExpr)> {
    if view.phrase(at, "month of").is_some() && month(view, at + 2).is_some() {
        return month_or_year(view, at + 2, today).map(|(used, expr)| (used + 2, expr));
    }
    if view.word(at) == "year" {
        return year(view, at + 1).map(|year| (2, TimeExpr::Month(0, year)));
    }
    let Some(number) = month(view, at) else {
        return year(view, at).map(|year| (1, TimeExpr::Month(0, year)));
    };
    let of = usize::from(view.word(at + 1) == "of");
    if let Some(year) = year_in_figures(view, at + 1 + of) {
        return Some((2 + of, TimeExpr::Month(number, year)));
    }
    let this = today.date().year();
    for (words, year) in [
        ("last year", this - 1),
        ("of last year", this - 1),
        ("this year", this),
        ("of this year", this),
    ] {
        if let Some(more) = view.phrase(at + 1, words) {
            return Some((1 + more, TimeExpr::Month(number, year)));
        }
    }
    // "October month", as one says in India.
    let noun = usize::from(view.word(at + 1) == "month");
    Some((1 + noun, TimeExpr::Month(number, 0)))
}

/// `the first week of October`: its first seven days; the last: its last seven.
pub(super) fn week_of_month(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, TimeExpr)> {
    let place = match (view.word(at), view.kind(at)?) {
        ("last", _) => None,
        (_, Kind::Ordinal(number)) => Some(*number),
        (word, _) => Some(super::super::numerals::ordinal(word)?),
    };
    let led = view.word(at + 1) == "week" && view.is(at + 2, &["of", "in"]);
    if !led || place.is_some_and(|it| !(1..=4).contains(&it)) {
        return None;
    }
    let (used, expr) = month_or_year(view, at + 3, today).filter(|(_, it)| !matches!(it, TimeExpr::Month(0, _)))?;
    let month = today.calendar.date(super::whole(&expr, today).ok()?.start);
    let first = match place {
        Some(place) => month.saturating_add(i64::from(7 * (place - 1)).days()),
        None => month.last_of_month().saturating_sub(6.days()),
    };
    Some((3 + used, TimeExpr::Dates(first, first.saturating_add(6.days()))))
}

/// `week 47`: by ISO 8601, where weeks begin on Monday; the most recent one that has begun.
pub(super) fn week_number(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, TimeExpr)> {
    let number = view.whole(at + 1).filter(|it| (1..=53).contains(it))?;
    let named = view.is(at, &["week", "weeknumber", "kw"]) && today.calendar.week_start() == Weekday::Monday;
    let counted = view.is(
        at + 2,
        &["days", "hours", "kwh", "am", "pm", "%", "-", "to", "until", "and"],
    ) || month(view, at + 2).is_some();
    let monday = |year: i16| {
        let date = ISOWeekDate::new(year, i8::try_from(number).ok()?, Weekday::Monday).ok()?;
        Some(Date::from(date)).filter(|it| *it <= today.date())
    };
    let said = year_in_figures(view, at + 2);
    let this = today.date().year();
    // The last days of December may be in the first week of the next year.
    let first = match said {
        Some(year) => monday(year),
        None => [this + 1, this, this - 1].into_iter().find_map(monday),
    };
    let first = first.filter(|_| named && !counted)?;
    let used = 2 + usize::from(said.is_some());
    Some((used, TimeExpr::Dates(first, first.saturating_add(6.days()))))
}

/// `Q3`, `Q1 2026`: three months, the most recent ones that have begun.
pub(super) fn quarter(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, TimeExpr)> {
    if view.any(at, &["quarter to date", "qtd"]).is_some() {
        let used = if view.word(at) == "qtd" { 1 } else { 3 };
        return Some((used, TimeExpr::Quarter(0)));
    }
    let (used, number) = quarter_number(view, at)?;
    let month = i8::try_from(number * 3 + 1).ok()?;
    let of = usize::from(view.word(at + used) == "of");
    let named = if of == 1 {
        year_in_figures(view, at + used + of)
    } else {
        year(view, at + used)
    };
    for (words, back) in [
        ("last year", 1),
        ("this year", 0),
        ("of last year", 1),
        ("of this year", 0),
    ] {
        if let Some(more) = view.phrase(at + used, words) {
            let first = Date::new(today.date().year() - back, month, 1).ok()?;
            return Some((used + more, three_months(first)));
        }
    }
    let now = today.date();
    let begun = |year| {
        Date::new(year, month, 1)
            .ok()
            .filter(|date| named.is_some() || *date <= now)
    };
    let first = begun(named.unwrap_or(now.year())).or_else(|| begun(now.year() - 1))?;
    let year = if named.is_some() { 1 + of } else { 0 };
    Some((used + year, three_months(first)))
}

fn three_months(first: Date) -> TimeExpr {
    TimeExpr::Dates(first, first.saturating_add(2.months()).last_of_month())
}

/// `Q3`, `the 3rd quarter`: 0 to 3.
fn quarter_number(view: View<'_>, at: usize) -> Option<(usize, usize)> {
    let short = ["q1", "q2", "q3", "q4"].iter().position(|it| *it == view.word(at));
    if let Some(number) = short {
        return Some((1, number));
    }
    let place = match view.kind(at)? {
        Kind::Ordinal(place) => *place,
        _ => super::super::numerals::ordinal(view.word(at))?,
    };
    let hour = view.is(at + 2, &["hour", "hours"]);
    let led = view.word(at + 1) == "quarter" && !hour && (1..=4).contains(&place);
    led.then(|| (2, place as usize - 1))
}
