//! Puts the pieces together: a part of a day with its day, a weekday with its week; finds the day the clocks changed.

use std::ops::Range;

use jiff::ToSpan;

use super::{
    Bucket, Meaning, TimeExpr, TimeMention, Today, Token, View,
    atoms::{self, Atom, Window},
    range, whole,
};

const CLOCK_BEFORE: [&str; 14] = [
    "day", "of", "when", "the", "last", "most", "recent", "latest", "on", "that", "date", "during", "our", "previous",
];
const CLOCK_AFTER: [&str; 24] = [
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

struct Piece {
    atom: Atom,
    range: Range<usize>,
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
    let mut at = 0;
    while at < view.len() {
        let found = range::range(view, at, today).or_else(|| atoms::atom(view, at, today));
        match found {
            Some((used, atom)) => {
                pieces.push(Piece {
                    atom,
                    range: at..at + used,
                });
                at += used;
            }
            None => at += 1,
        }
    }
    pieces.sort_by_key(|piece| piece.range.start);
    let pieces = weekdays(pieces, tokens, today);
    windows(pieces, today)
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
                ],
            )
        });
        view.is(at, &["dst", "daylight"]) || clocks && changed || view.phrase(at, "time change").is_some()
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
    between.len() <= 1 && between.iter().all(|it| ["of", "in", "on"].contains(&it.text.as_str()))
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

/// Gives each part of a day its day: the nearest period that is said, else today, or yesterday where it has not begun.
fn windows(pieces: Vec<Piece>, today: Today<'_>) -> Vec<TimeMention> {
    let mut mentions: Vec<TimeMention> = Vec::new();
    let mut window: Option<(Window, Vec<Range<usize>>)> = None;
    let mut apart: Vec<TimeMention> = Vec::new();
    for Piece { atom, range } in pieces {
        if !matches!(atom, Atom::Meaning(_))
            && let Some((first, ranges)) = window.take()
        {
            // "Yesterday morning and Friday evening": each part of a day keeps to the day before it.
            match mentions.as_mut_slice() {
                [.., own, next] if ranges.iter().all(|it| it.end <= next.range.start) => {
                    if let Meaning::Expr(base) = &own.meaning {
                        own.meaning = Meaning::Expr(TimeExpr::Clock {
                            base: Box::new(base.clone()),
                            from: first.from,
                            to: first.to,
                        });
                    }
                    let claims = ranges.into_iter().map(|range| TimeMention {
                        meaning: Meaning::Expr(TimeExpr::All),
                        range,
                    });
                    apart.extend(claims.map(claim_only));
                }
                _ => window = Some((first, ranges)),
            }
        }
        match atom {
            Atom::Meaning(meaning) => mentions.push(TimeMention { meaning, range }),
            Atom::Window(_) | Atom::Part(_) => {
                let (next, exact) = exactly(&atom);
                let (merged, mut ranges) = match window.take() {
                    // "Tuesday night between 10 pm and 4 am": the exact hours count.
                    Some((_, ranges)) if exact && next.sure => (next, ranges),
                    Some((one, ranges)) => (narrow(one, next), ranges),
                    None => (next, Vec::new()),
                };
                ranges.push(range);
                window = Some((merged, ranges));
            }
        }
    }
    let Some((Window { from, to, sure: exact }, ranges)) = window else {
        mentions.append(&mut apart);
        return mentions;
    };
    let place = ranges.first().map_or(0, |range| range.start);
    let near = |range: &Range<usize>| range.start.abs_diff(place);
    let night = mentions.iter_mut().find_map(|it| match &mut it.meaning {
        Meaning::Expr(TimeExpr::Clock { base, from, to }) => Some((base, from, to)),
        _ => None,
    });
    if let Some((base, start, end)) = night.filter(|_| apart.is_empty() && exact) {
        // "Between 22:00 and 06:00 last night" begins on the evening before.
        if (*start, *end) == (0, 360)
            && to <= from
            && let TimeExpr::Calendar { back, .. } = base.as_mut()
        {
            *back += 1;
        }
        (*start, *end) = (from, to);
        let claims = ranges.into_iter().map(|range| TimeMention {
            meaning: Meaning::Expr(TimeExpr::All),
            range,
        });
        mentions.extend(claims.map(claim_only));
        return mentions;
    }
    let nearest = mentions
        .iter_mut()
        .filter(|it| matches!(&it.meaning, Meaning::Expr(expr) if !matches!(expr, TimeExpr::Clock { .. })))
        .min_by_key(|it| near(&it.range));
    let clock = |base: TimeExpr| {
        Meaning::Expr(TimeExpr::Clock {
            base: Box::new(base),
            from,
            to,
        })
    };
    if let Some(mention) = nearest {
        if let Meaning::Expr(base) = &mention.meaning {
            mention.meaning = clock(base.clone());
        }
    } else {
        let back = u32::from(from >= today.minute());
        let meaning = clock(TimeExpr::calendar(Bucket::Day, back));
        mentions.push(TimeMention {
            meaning,
            range: place..place,
        });
    }
    mentions.append(&mut apart);
    // The window's own words belong to the question's time as well.
    mentions.extend(
        ranges
            .into_iter()
            .map(|range| TimeMention {
                meaning: Meaning::Expr(TimeExpr::All),
                range,
            })
            .map(claim_only),
    );
    mentions
}

/// The window, and whether hours say it.
fn exactly(atom: &Atom) -> (Window, bool) {
    match atom {
        Atom::Part(window) => (*window, false),
        Atom::Window(window) => (*window, true),
        Atom::Meaning(_) => {
            let (from, to, sure) = (0, 0, false);
            (Window { from, to, sure }, false)
        }
    }
}

/// A mention that only claims its words.
fn claim_only(mention: TimeMention) -> TimeMention {
    TimeMention {
        meaning: Meaning::Shift {
            unit: Bucket::QuarterHour,
            by: 0,
            or: None,
        },
        ..mention
    }
}

/// A bare `5 to 8` and `morning`: the part of the day says which half is meant.
fn narrow(one: Window, other: Window) -> Window {
    let (hours, part) = if one.sure && !other.sure {
        (other, one)
    } else {
        (one, other)
    };
    let late = !hours.sure && part.from >= 720 && hours.from < 720;
    let add = |minute: u16| {
        if late && minute <= 720 {
            (minute + 720) % 1440
        } else {
            minute
        }
    };
    Window {
        from: add(hours.from),
        to: add(hours.to),
        sure: true,
    }
}
