//! Puts the pieces together: a part of a day with its day, a weekday with its week; finds the day the clocks changed.

use std::ops::Range;

use jiff::ToSpan;

use super::{
    Bucket, Kind, Meaning, TimeExpr, TimeMention, Today, Token, View,
    atoms::{self, Atom, Window},
    filter::{self, Filter},
    parts::{Days, Parts, Said, claims, narrow, nightly, within},
    range, spans, whole,
};

const CLOCK_BEFORE: [&str; 30] = [
    "got", "gained", "lost", "had", "has", "sunday", "saturday", "we", "they", "turned", "put", "set", "moved",
    "changed", "day", "of", "when", "the", "last", "most", "recent", "latest", "on", "that", "date", "during", "our",
    "previous", "with", "an",
];
const CLOCK_AFTER: [&str; 27] = [
    "an",
    "hours",
    "hour",
    "clocks",
    "clock",
    "last",
    "changed",
    "change",
    "changes",
    "went",
    "go",
    "back",
    "forward",
    "saving",
    "savings",
    "time",
    "switch",
    "switched",
    "ended",
    "started",
    "day",
    "were",
    "transition",
    "changeover",
    "was",
    "got",
    "turned",
];

/// A time expression, or a part of one.
pub(super) struct Piece {
    pub(super) atom: Atom,
    pub(super) range: Range<usize>,
}

/// All time expressions of the question, in order.
pub(crate) fn find(tokens: &[Token], taken: &[bool], today: Today<'_>) -> Vec<TimeMention> {
    let mut taken = taken.to_vec();
    let mut pieces = Vec::new();
    if let Some(range) = clock_change(View::new(tokens, &taken)) {
        range.clone().for_each(|at| taken[at] = true);
        pieces.push(Piece {
            atom: Atom::expr(TimeExpr::ClockChange),
            range,
        });
    }
    let view = View::new(tokens, &taken);
    let split = splits(view);
    let mut at = 0;
    while at < view.len() {
        let days = || filter::weekdays(view, at).filter(|_| !split);
        let found = spans::span(view, at, today)
            .or_else(|| range::range(view, at, today))
            .or_else(days)
            .or_else(|| filter::parts(view, at))
            .or_else(|| atoms::atom(view, at, today).filter(|_| !(split && view.word(at) == "weekend")));
        match found {
            Some((used, atom)) => {
                let (atom, more) = of_each_day(view, at + used, atom);
                pieces.push(Piece {
                    atom,
                    range: at..at + used + more,
                });
                at += used + more;
            }
            None => at += 1,
        }
    }
    pieces.sort_by_key(|piece| piece.range.start);
    usual(&mut pieces, tokens);
    let pieces = weekdays(pieces, tokens, today);
    let pieces = general(pieces, tokens, today);
    windows(lists(pieces, tokens), today)
}

/// `between 5 and 9 pm each day`: of every day; how many words say so.
fn of_each_day(view: View<'_>, at: usize, atom: Atom) -> (Atom, usize) {
    const EACH: [&str; 7] = [
        "each day",
        "every day",
        "each night",
        "every night",
        "each evening",
        "every evening",
        "daily",
    ];
    match (atom, view.any(at, &EACH)) {
        (Atom::Window(window), Some(more)) => (Atom::Window(Window { each: true, ..window }), more),
        (atom, _) => (atom, 0),
    }
}

/// `at night on average`: of every night.
fn usual(pieces: &mut [Piece], tokens: &[Token]) {
    const WORDS: [&str; 5] = ["typical", "typically", "usually", "normally", "generally"];
    let pair = |it: &[Token]| it[0].text == "on" && it[1].text == "average";
    if !tokens.iter().any(|it| WORDS.contains(&it.text.as_str())) && !tokens.windows(2).any(pair) {
        return;
    }
    for piece in pieces {
        if let Atom::Part(window) = &mut piece.atom {
            window.each = true;
        }
    }
}

/// `weekdays against weekends`: both sides of the week, and so neither of them alone.
fn splits(view: View<'_>) -> bool {
    let says = |words: &[&str]| (0..view.len()).any(|at| view.is(at, words));
    says(&["weekday", "weekdays", "workday", "workdays"]) && says(&["weekend", "weekends"])
}

/// `weekend usage in October`, `Monday to Friday last month`: of a longer period all such days.
fn general(mut pieces: Vec<Piece>, tokens: &[Token], today: Today<'_>) -> Vec<Piece> {
    let long = |it: &Piece| matches!(&it.atom, Atom::Meaning(meaning) if filter::is_long(meaning, today));
    if !pieces.iter().any(long) {
        return pieces;
    }
    for piece in &mut pieces {
        let words = tokens.get(piece.range.clone()).unwrap_or_default();
        let free = vec![false; words.len()];
        if let Atom::Meaning(Meaning::Expr(expr)) = &piece.atom
            && let Some(on) = filter::general(expr, View::new(words, &free))
        {
            piece.atom = Atom::Days(on);
        }
    }
    pieces
}

/// `Mondays and Fridays` are one filter.
fn lists(pieces: Vec<Piece>, tokens: &[Token]) -> Vec<Piece> {
    let listed = |first: &Piece, second: &Piece| {
        let between = tokens.get(first.range.end..second.range.start).unwrap_or_default();
        between
            .iter()
            .all(|it| ["and", "on", "the"].contains(&it.text.as_str()))
    };
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), &piece.atom) {
            (Some(last), Atom::Days(more)) if listed(last, &piece) && matches!(last.atom, Atom::Days(_)) => {
                if let Atom::Days(on) = &mut last.atom {
                    *on |= more;
                }
                last.range.end = piece.range.end;
            }
            (Some(last), Atom::Meaning(_))
                if listed(last, &piece) && is_named(last, tokens) && is_named(&piece, tokens) =>
            {
                match follow(&last.atom, &piece.atom) {
                    Some(both) => {
                        *last = Piece {
                            atom: both,
                            range: last.range.start..piece.range.end,
                        }
                    }
                    None => out.push(piece),
                }
            }
            _ => out.push(piece),
        }
    }
    out
}

/// Whether days have a name of their own, and no number.
fn is_named(piece: &Piece, tokens: &[Token]) -> bool {
    let words = tokens.get(piece.range.clone()).unwrap_or_default();
    words.iter().all(|it| matches!(it.kind, Kind::Word))
}

/// `Christmas Eve and Christmas Day`: days that follow one another, as one period.
fn follow(first: &Atom, second: &Atom) -> Option<Atom> {
    let dates = |atom: &Atom| match atom {
        Atom::Meaning(Meaning::Expr(TimeExpr::Dates(first, last))) => Some((*first, *last)),
        _ => None,
    };
    let ((start, end), (next, last)) = (dates(first)?, dates(second)?);
    let joined = start < next && next <= end.saturating_add(1.days());
    joined.then(|| Atom::expr(TimeExpr::Dates(start, end.max(last))))
}

/// `the day the clocks changed`, `daylight saving change`, `DST day`.
fn clock_change(view: View<'_>) -> Option<Range<usize>> {
    let said = |at: usize| {
        let clocks = view.is(at, &["clocks", "clock"]);
        let changed = (1..=4).any(|more| {
            view.is(
                at + more,
                &[
                    "changed",
                    "change",
                    "changes",
                    "went",
                    "go",
                    "switched",
                    "changeover",
                    "turned",
                    "back",
                    "forward",
                ],
            )
        });
        let fell =
            view.is(at, &["fell", "sprung", "sprang", "fall", "spring"]) && view.is(at + 1, &["back", "forward"]);
        let hours = ["25 hours", "23 hours"].iter().any(|it| view.phrase(at, it).is_some());
        let long = hours && ["had", "with", "of", "has"].contains(&view.before(at));
        long || fell
            || view.is(at, &["dst", "daylight"])
            || clocks && changed
            || [
                "time change",
                "hour change",
                "extra hour",
                "additional hour",
                "missing hour",
                "lost hour",
                "lost an hour",
                "gained an hour",
            ]
            .iter()
            .any(|it| view.phrase(at, it).is_some())
    };
    let found = (0..view.len()).find(|at| said(*at))?;
    let mut start = found;
    while start > 0 && CLOCK_BEFORE.contains(&view.word(start - 1)) {
        start -= 1;
    }
    let mut end = found + 1;
    while CLOCK_AFTER.contains(&view.word(end)) {
        end += 1;
    }
    Some(start..end)
}

/// `Monday last week`, `last week's Monday`: a day.
fn weekdays(pieces: Vec<Piece>, tokens: &[Token], today: Today<'_>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        let day = out
            .last()
            .filter(|it| joined(it, &piece, tokens))
            .and_then(|it| weekday_of(it, &piece, today));
        match day {
            Some(atom) => {
                if let Some(last) = out.last_mut() {
                    *last = Piece {
                        atom,
                        range: last.range.start..piece.range.end,
                    };
                }
            }
            None => out.push(piece),
        }
    }
    out
}

fn joined(first: &Piece, second: &Piece, tokens: &[Token]) -> bool {
    let between = tokens.get(first.range.end..second.range.start).unwrap_or_default();
    between.len() <= 2
        && between
            .iter()
            .all(|it| ["of", "in", "on", "the"].contains(&it.text.as_str()))
}

fn weekday_of(first: &Piece, second: &Piece, today: Today<'_>) -> Option<Atom> {
    let expr = |piece: &Piece| match &piece.atom {
        Atom::Meaning(Meaning::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    let (week, weekday) = match (expr(first)?, expr(second)?) {
        (TimeExpr::Weekday { weekday, .. }, week @ TimeExpr::Calendar { unit: Bucket::Week, .. })
        | (week @ TimeExpr::Calendar { unit: Bucket::Week, .. }, TimeExpr::Weekday { weekday, .. }) => (week, weekday),
        // "Friday 20 November", "20 November, a Friday": the date says it all where the two agree.
        (TimeExpr::Weekday { weekday, .. }, TimeExpr::Dates(day, last)) if day == last => {
            let agrees = u8::try_from(day.weekday().to_monday_one_offset()).ok() == Some(weekday);
            return agrees.then(|| Atom::expr(TimeExpr::Dates(day, last)));
        }
        _ => return None,
    };
    let start = today.calendar.date(whole(&week, today).ok()?.start);
    let days = (0_i64..7).map(|more| start.saturating_add(more.days()));
    let day = days
        .into_iter()
        .find(|day| u8::try_from(day.weekday().to_monday_one_offset()) == Ok(weekday))?;
    Some(Atom::expr(TimeExpr::Dates(day, day)))
}

/// Gives each part of a day its day: the nearest period that is said, else today, or yesterday where it has not begun; and
/// each filter the periods that it belongs to.
fn windows(pieces: Vec<Piece>, today: Today<'_>) -> Vec<TimeMention> {
    let mut parts = Parts::default();
    for piece in pieces {
        parts.take(piece);
    }
    let Parts {
        mut mentions,
        window,
        days,
        mut apart,
    } = parts;
    let words = |window: &Option<Said>| window.iter().flat_map(|it| it.words.clone()).collect::<Vec<_>>();
    let all: Vec<Range<usize>> = words(&window).into_iter().chain(days.ranges()).collect();
    let on = match days {
        Days::None => None,
        Days::On(on, _) => Some(on),
        // Left to be named as not understood.
        Days::Several => {
            mentions.append(&mut apart);
            return mentions;
        }
    };
    let torn = |it: &Said| !it.exact && (it.window.from, it.window.to) == (0, 360);
    match (on, window) {
        (Some(_), Some(said)) if torn(&said) => mentions.push(TimeMention {
            meaning: Meaning::Torn,
            range: said.words.first().cloned().unwrap_or(0..0),
        }),
        (None, Some(said)) if apart.is_empty() && exact_night(&mut mentions, said.window) => {}
        (None, Some(said)) if !filters(&mentions, (&said, &all), today) => {
            within_nearest(&mut mentions, said.window, (&said.words, today));
        }
        (None, None) => {}
        (on, window) => {
            let window = window.map(|it| (it.window.from, it.window.to));
            if !filter_all(&mut mentions, Filter { days: on, window }, &all) {
                mentions.append(&mut apart);
                return mentions;
            }
        }
    }
    mentions.append(&mut apart);
    mentions.extend(claims(all));
    mentions
}

/// Whether a part of the day is meant of each day of all that is said: `evenings`, or hours before or after two periods.
fn filters(mentions: &[TimeMention], (said, words): (&Said, &[Range<usize>]), today: Today<'_>) -> bool {
    let plain: Vec<&TimeMention> = mentions.iter().filter(|it| is_plain(&it.meaning)).collect();
    if plain.is_empty() {
        return said.window.each;
    }
    let several = |it: &&TimeMention| match &it.meaning {
        Meaning::Expr(expr) => filter::has_several_days(expr, today),
        _ => false,
    };
    let before = plain
        .iter()
        .all(|it| words.iter().all(|word| word.end <= it.range.start));
    let after = plain
        .iter()
        .all(|it| words.iter().all(|word| word.start >= it.range.end));
    let alike = plain.iter().all(several) || said.exact && !plain.iter().any(several);
    plain.len() > 1 && alike && (before || after || plain.iter().all(several))
}

/// Puts the filter on every period that has no part of a day, or leaves it to what was said before. Whether it has a place.
fn filter_all(mentions: &mut Vec<TimeMention>, filter: Filter, words: &[Range<usize>]) -> bool {
    let mut found = false;
    for mention in mentions.iter_mut() {
        if let Meaning::Expr(expr) = &mut mention.meaning
            && !matches!(expr, TimeExpr::Clock { .. })
        {
            *expr = filter.on(expr);
            found = true;
        }
    }
    if !found && mentions.is_empty() {
        let place = words.first().map_or(0, |range| range.start);
        mentions.push(TimeMention {
            meaning: Meaning::Some(filter),
            range: place..place,
        });
        return true;
    }
    found
}

fn is_plain(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Expr(expr) if !matches!(expr, TimeExpr::Clock { .. }))
}

/// "Between 22:00 and 06:00 last night": hours of a part of the day that has its day. Whether there is one.
fn exact_night(mentions: &mut [TimeMention], window: Window) -> bool {
    let night = mentions.iter_mut().find_map(|it| match &mut it.meaning {
        Meaning::Expr(TimeExpr::Clock { base, from, to }) => Some((base, from, to)),
        _ => None,
    });
    let Some((base, start, end)) = night else {
        return false;
    };
    let part = Window::new(*start, *end);
    // "Between 4 and 7 this evening": the part says which half of the day is meant.
    let night = (*start, *end) == (0, 360);
    let Window { from, to, .. } = match window {
        _ if window.sure => window,
        _ if night => nightly(window),
        _ => narrow(window, part),
    };
    // "Between 9 and 11 pm last night": it begins on the evening before.
    if night
        && from >= 720
        && let TimeExpr::Calendar { back, .. } = base.as_mut()
    {
        *back += 1;
    }
    (*start, *end) = (from, to);
    true
}

/// Puts the window into the nearest period.
fn within_nearest(mentions: &mut Vec<TimeMention>, window: Window, (words, today): (&[Range<usize>], Today<'_>)) {
    // "Between 9 and 3" is within a day.
    let day = !window.sure && window.from >= 360 && window.to <= window.from && window.to + 720 > window.from;
    let to = if day { window.to + 720 } else { window.to };
    let window = Window { to, ..window };
    let place = words.first().map_or(0, |range| range.start);
    let nearest = mentions
        .iter_mut()
        .filter(|it| matches!(&it.meaning, Meaning::Expr(expr) if !matches!(expr, TimeExpr::Clock { .. })))
        .min_by_key(|it| it.range.start.abs_diff(place));
    if let Some(mention) = nearest {
        mention.meaning = within(&mention.meaning, window);
        return;
    }
    let back = u32::from(window.from >= today.minute());
    let day = Meaning::Expr(TimeExpr::calendar(Bucket::Day, back));
    mentions.push(TimeMention {
        meaning: within(&day, window),
        range: place..place,
    });
}
