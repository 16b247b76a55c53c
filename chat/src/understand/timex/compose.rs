//! Puts the pieces together: a part of a day with its day, a weekday with its week; finds the day the clocks changed.

use std::ops::Range;

use jiff::ToSpan;

use super::{
    Bucket, Meaning, TimeExpr, TimeMention, Today, Token, View,
    atoms::{self, Atom, Window},
    range, whole,
};

const CLOCK_BEFORE: [&str; 21] = [
    "we", "they", "turned", "put", "set", "moved", "changed", "day", "of", "when", "the", "last", "most", "recent",
    "latest", "on", "that", "date", "during", "our", "previous",
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
                    "back",
                    "forward",
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
    let mut parts = Parts::default();
    for piece in pieces {
        parts.take(piece);
    }
    let Parts {
        mut mentions,
        window,
        mut apart,
    } = parts;
    if let Some((window, words)) = window {
        if apart.is_empty() && exact_night(&mut mentions, window) {
            mentions.extend(claims(words));
            return mentions;
        }
        within_nearest(&mut mentions, window, (&words, today));
        mentions.append(&mut apart);
        mentions.extend(claims(words));
    } else {
        mentions.append(&mut apart);
    }
    mentions
}

/// What is said of time, with parts of a day beside it.
#[derive(Default)]
struct Parts {
    mentions: Vec<TimeMention>,
    /// The part of a day that has no day yet, and its words.
    window: Option<(Window, Vec<Range<usize>>)>,
    /// Words of parts that have theirs.
    apart: Vec<TimeMention>,
}

impl Parts {
    fn take(&mut self, Piece { atom, range }: Piece) {
        match atom {
            Atom::Meaning(meaning) => self.mentions.push(TimeMention { meaning, range }),
            Atom::Window(_) | Atom::Part(_) => {
                self.settle();
                let (next, exact) = exactly(&atom);
                let (merged, mut words) = match self.window.take() {
                    // "Tuesday night between 10 pm and 4 am": the exact hours count.
                    Some((_, words)) if exact && next.sure => (next, words),
                    Some((one, words)) => (narrow(one, next), words),
                    None => (next, Vec::new()),
                };
                words.push(range);
                self.window = Some((merged, words));
            }
        }
    }

    /// "Yesterday morning and Friday evening": each part of a day keeps to the day before it.
    fn settle(&mut self) {
        let Some((window, words)) = self.window.take() else {
            return;
        };
        match self.mentions.as_mut_slice() {
            [.., own, next] if words.iter().all(|it| it.end <= next.range.start) => {
                own.meaning = within(&own.meaning, window);
                self.apart.extend(claims(words));
            }
            _ => self.window = Some((window, words)),
        }
    }
}

/// A part of what is meant; what is no expression stays as it is.
fn within(meaning: &Meaning, Window { from, to, .. }: Window) -> Meaning {
    match meaning {
        Meaning::Expr(base) => Meaning::Expr(TimeExpr::Clock {
            base: Box::new(base.clone()),
            from,
            to,
        }),
        other => other.clone(),
    }
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
    let part = Window {
        from: *start,
        to: *end,
        sure: true,
    };
    // "Between 4 and 7 this evening": the part says which half of the day is meant.
    let Window { from, to, .. } = if window.sure { window } else { narrow(window, part) };
    // It begins on the evening before.
    if (*start, *end) == (0, 360)
        && to <= from
        && let TimeExpr::Calendar { back, .. } = base.as_mut()
    {
        *back += 1;
    }
    (*start, *end) = (from, to);
    true
}

/// Puts the window into the nearest period.
fn within_nearest(mentions: &mut Vec<TimeMention>, window: Window, (words, today): (&[Range<usize>], Today<'_>)) {
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

/// Words that belong to the question's time and add nothing to it.
fn claims(words: Vec<Range<usize>>) -> impl Iterator<Item = TimeMention> {
    words.into_iter().map(|range| TimeMention {
        meaning: Meaning::Shift {
            unit: Bucket::QuarterHour,
            by: 0,
            or: None,
        },
        range,
    })
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
