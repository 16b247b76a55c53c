//! Times that are relative to others: `the week before`, `the same time last year`, `of the month`.

use super::{Bucket, Kind, Meaning, TimeExpr, Today, View, atoms::Atom, days, unit};

/// Before a "last" that stands alone.
const BESIDE: [&str; 8] = ["versus", "vs", "v", "against", "than", "to", "with", "over"];

/// `the highest output of the month`: of the one that runs; `which day of the month` is one that comes again.
pub(super) fn of_running(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    const PARTS: [&str; 22] = [
        "time",
        "times",
        "hour",
        "hours",
        "day",
        "days",
        "part",
        "parts",
        "end",
        "start",
        "beginning",
        "middle",
        "half",
        "rest",
        "week",
        "weeks",
        "weekend",
        "first",
        "last",
        "third",
        "quarter",
        "season",
    ];
    const SUPERLATIVES: [&str; 12] = [
        "expensive",
        "costly",
        "highest",
        "biggest",
        "worst",
        "best",
        "cheapest",
        "busiest",
        "lowest",
        "dearest",
        "heaviest",
        "peak",
    ];
    let running = (view.word(at) == "of" && view.word(at + 1) == "the").then(|| unit(view.word(at + 2)))??;
    let fits = matches!(running, Bucket::Week | Bucket::Month | Bucket::Year) && at > 0;
    let alone = view.is_last(at + 2)
        || view.is(
            at + 3,
            &[
                "so", "in", "please", "and", "is", "was", "did", "until", "till", "to", "up",
            ],
        );
    let named = !alone || days::year(view, at + 3).is_some();
    // "The most expensive day of the month".
    let best = at > 1
        && running > Bucket::Week
        && view.is(at - 1, &["day", "week", "weekend"])
        && view.is(at - 2, &SUPERLATIVES);
    let part = !best && PARTS.contains(&view.before(at))
        || view.kind(at - usize::from(at > 0)).is_none_or(|it| *it != Kind::Word);
    (fits && !named && !part).then(|| (3, Atom::expr(TimeExpr::calendar(running, 0))))
}

/// `the week before`, `the day after`, `the previous month`: relative to another period.
pub(super) fn before(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    const EARLIER: [&str; 9] = [
        "one before that",
        "one before it",
        "one before",
        "previous one",
        "one prior",
        "preceding one",
        "time before that",
        "time before",
        "before that",
    ];
    if let Some(used) = view.any(at, &EARLIER) {
        return Some((used, Atom::Meaning(Meaning::Earlier)));
    }
    if let Some(found) = same_of(view, at, today) {
        return Some(found);
    }
    if let Some(weekday) = days::weekday(view, at)
        && view.word(at + 1) == "before"
    {
        let that = view.is(at + 2, &["that", "it"]);
        return (that || view.is_last(at + 1))
            .then(|| (2 + usize::from(that), Atom::Meaning(Meaning::DayBefore(weekday))));
    }
    // "Dearer than the December before".
    if days::month(view, at).is_some() && view.word(at + 1) == "before" {
        let that = usize::from(view.is(at + 2, &["that", "it"]));
        let shift = Meaning::Shift {
            unit: Bucket::Year,
            by: 1,
            or: None,
        };
        return (that > 0 || view.is_last(at + 1)).then_some((2 + that, Atom::Meaning(shift)));
    }
    // "This week compared to last".
    if view.word(at) == "last" && view.is_last(at) && BESIDE.contains(&view.before(at)) {
        return Some((1, Atom::Meaning(Meaning::Earlier)));
    }
    let of = |word: &str| match word {
        "weekend" => Some(Bucket::Week),
        "night" | "evening" | "morning" | "afternoon" if view.word(at + 1) == "before" => Some(Bucket::Day),
        _ => unit(word),
    };
    let shift = |unit, by, or| Atom::Meaning(Meaning::Shift { unit, by, or });
    if let Some(unit) = of(view.word(at)) {
        let by = match view.word(at + 1) {
            "before" if view.is(at + 2, &["last", "yesterday"]) => return None,
            "before" | "prior" | "earlier" | "previous" => 1,
            "after" | "following" if !view.is(at + 2, &["tomorrow"]) => -1,
            _ => return None,
        };
        let more = usize::from(view.word(at + 1) == "before" && view.is(at + 2, &["that", "it"]));
        return Some((2 + more, shift(unit, by, None)));
    }
    if view.is(at, &["previous", "preceding", "prior"]) {
        let unit = of(view.word(at + 1))?;
        let alone = if view.word(at + 1) == "weekend" {
            TimeExpr::Weekend(0)
        } else {
            TimeExpr::calendar(unit, 1)
        };
        return Some((2, shift(unit, 1, Some(alone))));
    }
    None
}

/// `the same period last year`, `same time last week`, `the same days a year ago`: another period, so much earlier.
fn same_of(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    const NOUNS: [&str; 15] = [
        "period", "time", "days", "day", "month", "months", "week", "weeks", "weekend", "point", "stretch", "span",
        "quarter", "dates", "hours",
    ];
    if view.word(at) != "same" {
        return None;
    }
    // "The same three months".
    let count = usize::from(view.token(at + 1).is_some_and(|it| it.whole().is_some()));
    let mut end = at + 1 + count + usize::from(view.is(at + 1 + count, &NOUNS));
    while view.is(end, &["of", "in", "the", "from", "as"]) {
        end += 1;
    }
    // "The same quarter of 2025".
    if let Some(year) = days::year(view, end) {
        let by = i32::from(today.date().year() - year);
        let shift = Meaning::Shift {
            unit: Bucket::Year,
            by,
            or: None,
        };
        return (by > 0).then_some((end + 1 - at, Atom::Meaning(shift)));
    }
    let one = view.is(end, &["a", "one"]);
    if !(one || view.is(end, &["last", "previous", "prior", "past"])) {
        return None;
    }
    let unit = unit(view.word(end + 1)).filter(|it| !matches!(it, Bucket::Hour))?;
    let ago = usize::from(view.is(end + 2, &["ago", "before", "earlier", "back"]));
    // "The same day last week" is a day by itself.
    let back = today.calendar.shift(super::unit_of(unit), today.date(), -1);
    let or = view.is(at + 1, &["day"]).then_some(TimeExpr::Dates(back, back));
    (!one || ago == 1).then(|| (end + 2 + ago - at, Atom::Meaning(Meaning::Shift { unit, by: 1, or })))
}
