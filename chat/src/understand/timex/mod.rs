//! Time expressions: words to [`TimeExpr`], and [`TimeExpr`] to a half-open interval of the home's calendar. All date
//! arithmetic of the conversation is here.

mod atoms;
mod compose;
mod days;
mod filter;
mod holidays;
mod parts;
mod range;
mod relative;
mod resolve;
mod spans;
mod stretches;
mod words;

use std::ops::Range;

use jiff::civil::Date;
use voltaire_types::{Calendar, Timestamp};

pub(crate) use compose::find;
pub(crate) use filter::Filter;
pub(crate) use holidays::DECORATIONS;
pub use resolve::{Span, TimeProblem, calendar_unit as unit_of, resolve};
pub(crate) use resolve::{shift, whole};
pub use stretches::{Stretch, Stretches, stretches};
pub use words::{name as name_of, weekdays, words};

use super::{
    normalise::{Kind, Token},
    plan::{Bucket, TimeExpr, WEEKEND_DAYS, WORKING_DAYS},
};

/// What the words of a time mention mean.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// A period.
    Expr(TimeExpr),
    /// A period that has not come.
    Future,
    /// The one before another.
    Earlier,
    /// The last such day before another period: 1 is Monday.
    DayBefore(u8),
    /// Some days, or a part of each day, of another period.
    Some(Filter),
    /// The nights of some weekdays: the one before the day, or the one after it.
    Torn,
    /// So many units before (or after, negative) another period. `or`: what it means where there is none.
    Shift {
        /// By which unit.
        unit: Bucket,
        /// How many back.
        by: i32,
        /// What it means alone.
        or: Option<TimeExpr>,
    },
}

/// Words that say when.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeMention {
    /// What they mean.
    pub(crate) meaning: Meaning,
    /// Which tokens.
    pub(crate) range: Range<usize>,
}

/// The day it is asked on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Today<'a> {
    /// The home's calendar.
    pub(crate) calendar: &'a Calendar,
    /// Now.
    pub(crate) now: Timestamp,
}

impl Today<'_> {
    pub(crate) fn date(&self) -> Date {
        self.calendar.date(self.now)
    }

    /// Minutes after local midnight.
    pub(crate) fn minute(&self) -> u16 {
        let local = self.calendar.local(self.now);
        u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0)
    }
}

/// A look at tokens that nothing else has claimed.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    tokens: &'a [Token],
    taken: &'a [bool],
}

impl<'a> View<'a> {
    pub(crate) fn new(tokens: &'a [Token], taken: &'a [bool]) -> Self {
        Self { tokens, taken }
    }

    fn token(&self, at: usize) -> Option<&'a Token> {
        let free = !self.taken.get(at).copied().unwrap_or(true);
        self.tokens.get(at).filter(|_| free)
    }

    fn word(&self, at: usize) -> &'a str {
        self.token(at).map_or("", |it| it.text.as_str())
    }

    /// Whether nothing follows in its clause.
    fn is_last(&self, at: usize) -> bool {
        let clause = |at: usize| self.tokens.get(at).map(|it| it.clause);
        clause(at + 1).is_none() || clause(at + 1) != clause(at)
    }

    fn before(&self, at: usize) -> &'a str {
        at.checked_sub(1).map_or("", |it| self.word(it))
    }

    fn kind(&self, at: usize) -> Option<&'a Kind> {
        self.token(at).map(|it| &it.kind)
    }

    fn whole(&self, at: usize) -> Option<u32> {
        self.token(at).and_then(Token::whole)
    }

    /// `Morning! How much …`: a word by itself before what is asked.
    fn greets(&self, at: usize) -> bool {
        let next = self.tokens.get(at + 1);
        at == 0 && self.word(0) != "overnight" && next.is_some_and(|it| it.clause != self.tokens[0].clause)
    }

    fn is(&self, at: usize, words: &[&str]) -> bool {
        words.contains(&self.word(at))
    }

    /// Whether these words stand here.
    fn phrase(&self, at: usize, words: &str) -> Option<usize> {
        let words: Vec<&str> = words.split(' ').collect();
        words
            .iter()
            .enumerate()
            .all(|(offset, word)| self.word(at + offset) == *word)
            .then_some(words.len())
    }

    /// The first of these phrases that stands here.
    fn any(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        phrases.iter().find_map(|words| self.phrase(at, words))
    }

    fn len(&self) -> usize {
        self.tokens.len()
    }
}

/// Words of [`Bucket`]s.
pub(crate) fn unit(word: &str) -> Option<Bucket> {
    Some(match word {
        "hour" | "hours" | "h" => Bucket::Hour,
        "day" | "days" => Bucket::Day,
        "week" | "weeks" => Bucket::Week,
        "month" | "months" => Bucket::Month,
        "year" | "years" => Bucket::Year,
        _ => return None,
    })
}

/// Whether it names a day of the week or a month.
pub(crate) fn is_day_or_month(word: &str) -> bool {
    days::is_name(word)
}

/// Whether it is the long name of a month.
pub(crate) fn is_month(word: &str) -> bool {
    days::is_month(word)
}

/// Whether time expressions are made of the word.
pub(crate) fn knows(word: &str) -> bool {
    static WORDS: std::sync::LazyLock<std::collections::HashSet<&str>> =
        std::sync::LazyLock::new(|| VOCABULARY.split(' ').collect());
    WORDS.contains(word)
}

/// Every word that time expressions are made of, for the speller.
pub(crate) const VOCABULARY: &str = "today yesterday tomorrow tonight day days week weeks month months year years hour \
hours minute minutes weekend weekends morning afternoon evening night overnight noon midnight midday am pm ago last past \
previous prior this current next coming upcoming before after since until till through between from january february march \
april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec monday \
tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun clock clocks changed change \
daylight saving savings dst thru til yesterdays todays christmas xmas boxing halloween thanksgiving diwali bonfire easter commencing beginning eve fortnight quarter recent latest ever history oclock weekday weekdays workday workdays evenings mornings afternoons nights mondays \
tuesdays wednesdays thursdays fridays saturdays sundays";
