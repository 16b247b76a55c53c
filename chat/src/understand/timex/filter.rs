//! Some days of a period, and parts of each of its days: `on weekdays`, `Saturdays`, `every evening`.

use super::{
    Bucket, Meaning, TimeExpr, Today, View, WEEKEND_DAYS, WORKING_DAYS,
    atoms::{Atom, Window, part_of},
    days, whole,
};

/// What counts of the days of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Only these weekdays: bit 0 is Monday.
    pub(crate) days: Option<u8>,
    /// Only this part of each day, in minutes after midnight.
    pub(crate) window: Option<(u16, u16)>,
}

/// Days of a filter where no period is said: each weekday as often.
const FOUR_WEEKS: u64 = 28 * 86_400;

impl Filter {
    /// The filter on a period, instead of the same sort of filter that it has.
    pub(crate) fn on(self, expr: &TimeExpr) -> TimeExpr {
        let (base, had) = Self::of(expr);
        let (days, window) = (self.days.or(had.days), self.window.or(had.window));
        let base = match days {
            Some(on) => TimeExpr::Weekdays {
                base: Box::new(base.clone()),
                on,
            },
            None => base.clone(),
        };
        match window {
            Some((from, to)) => TimeExpr::Clock {
                base: Box::new(base),
                from,
                to,
            },
            None => base,
        }
    }

    /// A period without its filter, and the filter.
    pub(crate) fn of(expr: &TimeExpr) -> (&TimeExpr, Self) {
        let mut filter = Self::default();
        let mut base = expr;
        if let TimeExpr::Clock { base: days, from, to } = base {
            (base, filter.window) = (days, Some((*from, *to)));
        }
        if let TimeExpr::Weekdays { base: days, on } = base {
            (base, filter.days) = (days, Some(*on));
        }
        (base, filter)
    }

    /// The filter on the period that was spoken of, where that has several days; else on the last four weeks.
    pub(crate) fn anchored(self, anchor: Option<&TimeExpr>, today: Today<'_>) -> TimeExpr {
        let several = |expr: &&TimeExpr| has_several_days(Self::of(expr).0, today);
        anchor
            .filter(several)
            .map_or_else(|| self.on(&TimeExpr::Rolling(FOUR_WEEKS)), |it| self.on(it))
    }
}

/// Whether a period is longer than a day.
pub(crate) fn has_several_days(expr: &TimeExpr, today: Today<'_>) -> bool {
    let calendar = today.calendar;
    whole(expr, today).is_ok_and(|it| it.end > calendar.day(calendar.date(it.start)).end)
}

const EACH: [&str; 3] = ["every", "each", "all"];
/// Before a plural, these ask for something else than a filter: `which Saturdays`, `the last three weekends`.
const OTHER: [&str; 20] = [
    "which",
    "what",
    "many",
    "few",
    "couple",
    "last",
    "past",
    "previous",
    "first",
    "next",
    "coming",
    "number",
    "per",
    "than",
    "recent",
    "consecutive",
    "two",
    "three",
    "four",
    "five",
];

/// Days of the week at this place, and the number of tokens: `weekdays`, `every Saturday`, `weekend` before `evenings`.
pub(super) fn weekdays(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    let each = usize::from(view.is(at, &EACH));
    let (used, on, plural) = named(view, at + each)?;
    let next = at + each + used;
    let adjective = before_plural(view, next) || on == WORKING_DAYS && before_noun(view, next);
    let meant = plural || each == 1 && view.word(at) != "all" || adjective;
    // "Mondays cost" may be that of Monday.
    let led = at > 0 || each == 1 || on.count_ones() > 1 || !before_noun(view, next);
    (meant && led && !asks_other(view, at)).then_some((each + used, Atom::Days(on)))
}

/// `evenings`, `every morning`: a part of each day.
pub(super) fn parts(view: View<'_>, at: usize) -> Option<(usize, Atom)> {
    let each = usize::from(view.is(at, &EACH));
    let word = view.word(at + each);
    let plural = word.strip_suffix('s').and_then(part_of);
    let single = part_of(word).filter(|_| each == 1 && view.word(at) != "all");
    let window = plural.or(single).filter(|_| !asks_other(view, at))?;
    Some((each + 1, Atom::Part(Window { each: true, ..window })))
}

fn asks_other(view: View<'_>, at: usize) -> bool {
    let back = if view.before(at) == "of" {
        at.saturating_sub(1)
    } else {
        at
    };
    OTHER.contains(&view.before(back)) || view.whole(at.wrapping_sub(1)).is_some()
}

/// Days by name: how many tokens, which ones, and whether it is a plural.
fn named(view: View<'_>, at: usize) -> Option<(usize, u8, bool)> {
    let plural = |word: &str| word.ends_with('s');
    match view.word(at) {
        word @ ("weekday" | "weekdays" | "workday" | "workdays") => Some((1, WORKING_DAYS, plural(word))),
        "week" | "work" | "working" | "business" if view.is(at + 1, &["day", "days"]) => {
            Some((2, WORKING_DAYS, plural(view.word(at + 1))))
        }
        "weekend" if view.word(at + 1) == "days" => Some((2, WEEKEND_DAYS, true)),
        word @ ("weekend" | "weekends") => Some((1, WEEKEND_DAYS, plural(word))),
        word => {
            let (day, plural) = match days::weekday(view, at) {
                Some(day) => (day, false),
                None => (days::weekday_named(word.strip_suffix('s')?)?, true),
            };
            Some((1, 1 << (day - 1), plural))
        }
    }
}

/// `evenings` here, or after further days: `Saturday and Sunday mornings`.
fn before_plural(view: View<'_>, at: usize) -> bool {
    let mut at = at;
    while view.is(at, &["and", "&"]) {
        match named(view, at + 1) {
            Some((used, ..)) => at += 1 + used,
            None => return false,
        }
    }
    view.word(at).strip_suffix('s').and_then(part_of).is_some()
}

/// `weekday usage`.
fn before_noun(view: View<'_>, at: usize) -> bool {
    const NOUNS: [&str; 13] = [
        "usage",
        "consumption",
        "use",
        "energy",
        "electricity",
        "cost",
        "costs",
        "total",
        "average",
        "evening",
        "morning",
        "afternoon",
        "night",
    ];
    view.is(at, &NOUNS)
}

/// What a day or a weekend without more means beside a longer period: `weekend usage in October`.
pub(super) fn general(expr: &TimeExpr, words: View<'_>) -> Option<u8> {
    match expr {
        TimeExpr::Weekend(0) if words.len() == 1 && words.word(0) == "weekend" => Some(WEEKEND_DAYS),
        TimeExpr::Dates(..) => from_to(words),
        _ => None,
    }
}

/// `Monday to Friday`, `from Monday to Thursday`.
fn from_to(words: View<'_>) -> Option<u8> {
    let from = usize::from(words.is(0, &["from", "between"]));
    let (first, last) = (days::weekday(words, from)?, days::weekday(words, from + 2)?);
    let mut days = (0_u8..7).map(|more| (first - 1 + more) % 7);
    let until = days.position(|day| day == last - 1)?;
    let on = (0_u8..=u8::try_from(until).ok()?).fold(0, |on, more| on | 1 << ((first - 1 + more) % 7));
    (words.len() == from + 3).then_some(on)
}

/// Whether a period is longer than the week that days beside it would be of.
pub(super) fn is_long(meaning: &Meaning, today: Today<'_>) -> bool {
    match meaning {
        Meaning::Expr(TimeExpr::Calendar { unit, .. }) => *unit >= Bucket::Month,
        Meaning::Expr(expr) => whole(expr, today).is_ok_and(|it| it.seconds() > 7.5 * 86_400.0),
        _ => false,
    }
}
