//! Days of the year that have a name: fixed ones, weekdays of a month, and those that follow the moon.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::{Kind, TimeExpr, Today, View, days};

/// When a holiday is in a year.
#[derive(Clone, Copy)]
enum When {
    /// Month and day.
    Fixed(i8, i8),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// The nth (from the end: negative) such weekday of a month, and so many days after it.
    Nth(i8, Weekday, i8, i64),
    /// The main day of Diwali.
    Diwali,
}

/// Longer names before those that they begin with.
const DAYS: [(&str, When); 70] = [
    ("christmas eve", When::Fixed(12, 24)),
    ("xmas eve", When::Fixed(12, 24)),
    ("christmas day", When::Fixed(12, 25)),
    ("xmas day", When::Fixed(12, 25)),
    ("boxing day", When::Fixed(12, 26)),
    ("new years eve", When::Fixed(12, 31)),
    ("new year s eve", When::Fixed(12, 31)),
    ("new year eve", When::Fixed(12, 31)),
    ("nye", When::Fixed(12, 31)),
    ("new years day", When::Fixed(1, 1)),
    ("new year s day", When::Fixed(1, 1)),
    ("new year day", When::Fixed(1, 1)),
    ("halloween night", When::Fixed(10, 31)),
    ("halloween", When::Fixed(10, 31)),
    ("bonfire night", When::Fixed(11, 5)),
    ("guy fawkes night", When::Fixed(11, 5)),
    ("guy fawkes day", When::Fixed(11, 5)),
    ("guy fawkes", When::Fixed(11, 5)),
    ("valentines day", When::Fixed(2, 14)),
    ("valentine day", When::Fixed(2, 14)),
    ("st patricks day", When::Fixed(3, 17)),
    ("st patrick day", When::Fixed(3, 17)),
    ("australia day", When::Fixed(1, 26)),
    ("anzac day", When::Fixed(4, 25)),
    ("veterans day", When::Fixed(11, 11)),
    ("remembrance day", When::Fixed(11, 11)),
    ("armistice day", When::Fixed(11, 11)),
    ("juneteenth", When::Fixed(6, 19)),
    ("gandhi jayanti", When::Fixed(10, 2)),
    ("good friday", When::Easter(-2)),
    ("easter sunday", When::Easter(0)),
    ("easter monday", When::Easter(1)),
    ("ascension day", When::Easter(39)),
    ("whit monday", When::Easter(50)),
    ("memorial day", When::Nth(5, Weekday::Monday, -1, 0)),
    ("thanksgiving day", When::Nth(11, Weekday::Thursday, 4, 0)),
    ("thanksgiving", When::Nth(11, Weekday::Thursday, 4, 0)),
    ("black friday", When::Nth(11, Weekday::Thursday, 4, 1)),
    ("cyber monday", When::Nth(11, Weekday::Thursday, 4, 4)),
    ("diwali day", When::Diwali),
    ("diwali", When::Diwali),
    ("nochebuena", When::Fixed(12, 24)),
    ("noche buena", When::Fixed(12, 24)),
    ("nochevieja", When::Fixed(12, 31)),
    ("heiligabend", When::Fixed(12, 24)),
    ("juleaften", When::Fixed(12, 24)),
    ("julafton", When::Fixed(12, 24)),
    ("silvester", When::Fixed(12, 31)),
    ("hogmanay", When::Fixed(12, 31)),
    ("sinterklaas", When::Fixed(12, 5)),
    ("st nicholas day", When::Fixed(12, 6)),
    ("st lucia day", When::Fixed(12, 13)),
    ("lucia", When::Fixed(12, 13)),
    ("st stephens day", When::Fixed(12, 26)),
    ("st stephen day", When::Fixed(12, 26)),
    ("epiphany", When::Fixed(1, 6)),
    ("three kings day", When::Fixed(1, 6)),
    ("burns night", When::Fixed(1, 25)),
    ("republic day", When::Fixed(1, 26)),
    ("waitangi day", When::Fixed(2, 6)),
    ("womens day", When::Fixed(3, 8)),
    ("st georges day", When::Fixed(4, 23)),
    ("kings day", When::Fixed(4, 27)),
    ("koningsdag", When::Fixed(4, 27)),
    ("may day", When::Fixed(5, 1)),
    ("canada day", When::Fixed(7, 1)),
    ("bastille day", When::Fixed(7, 14)),
    ("german unity day", When::Fixed(10, 3)),
    ("all saints day", When::Fixed(11, 1)),
    ("bonifacio day", When::Fixed(11, 30)),
];
/// What is put up for a holiday: "Christmas lights" are no day.
pub(crate) const DECORATIONS: [&str; 9] = [
    "light",
    "lights",
    "tree",
    "trees",
    "lamp",
    "lamps",
    "decoration",
    "decorations",
    "village",
];
/// Holidays of several days: when they begin, and how many days follow.
const SPANS: [(&str, When, i64); 5] = [
    ("christmas", When::Fixed(12, 25), 1),
    ("xmas", When::Fixed(12, 25), 1),
    ("new years", When::Fixed(12, 31), 1),
    ("new year", When::Fixed(12, 31), 1),
    ("easter", When::Easter(-2), 3),
];
/// The main day of Diwali from 2020 on: by the Hindu calendar, for which there is no short rule.
const DIWALI: [(i8, i8); 16] = [
    (11, 14),
    (11, 4),
    (10, 24),
    (11, 12),
    (10, 31),
    (10, 20),
    (11, 8),
    (10, 29),
    (10, 17),
    (11, 5),
    (10, 26),
    (11, 14),
    (11, 2),
    (10, 22),
    (11, 10),
    (10, 30),
];

/// A day by its name: of the year that is said, else the most recent one.
pub(super) fn holiday(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, TimeExpr)> {
    let alone = || {
        let on = view.before(at) == "on" && view.is(at, &["christmas", "xmas"]);
        on.then_some((1, When::Fixed(12, 25)))
    };
    let day = DAYS
        .iter()
        .find_map(|(words, when)| view.phrase(at, words).map(|used| (used, *when)))
        .or_else(alone);
    let span = || {
        let found = SPANS
            .iter()
            .find_map(|it| view.phrase(at, it.0).map(|used| (used, it.1, it.2)));
        // "Over Christmas, 24th to 26th": what is said more exactly counts.
        found.filter(|_| !(0..view.len()).any(|it| matches!(view.kind(it), Some(Kind::Ordinal(_)))))
    };
    // The Chinese New Year is another one.
    if [
        "chinese",
        "lunar",
        "jewish",
        "islamic",
        "persian",
        "tamil",
        "vietnamese",
    ]
    .contains(&view.before(at))
    {
        return None;
    }
    let (used, when, more_days) = day.map(|(used, when)| (used, when, 0)).or_else(span)?;
    if view.word(at + used) == "weekend" {
        let day = when.recent(today)?;
        return Some((used + 1, weekend_of(when, day)?));
    }
    let next = view.tokens.get(at + used).map_or("", |it| it.text.as_str());
    if DECORATIONS.contains(&next) {
        return None;
    }
    // "Diwali week" is longer, and not the same for everyone.
    if view.is(
        at + used,
        &["week", "weeks", "holidays", "season", "break", "month", "time"],
    ) {
        return None;
    }
    let dates = |first: Date| TimeExpr::Dates(first, first.saturating_add(more_days.days()));
    let of = usize::from(view.word(at + used) == "of");
    let said = days::year(view, at + used + of).map(|year| (year, 1 + of));
    let last = view
        .phrase(at + used, "last year")
        .map(|more| (today.date().year() - 1, more));
    if let Some((year, more)) = said.or(last) {
        return Some((used + more, dates(when.in_year(year)?)));
    }
    Some((used, dates(when.recent(today)?)))
}

/// The long weekend of a day beside one: `Labor Day weekend`, and Easter from Friday to Monday. Other holidays have none.
fn weekend_of(when: When, day: Date) -> Option<TimeExpr> {
    let days = |before: i64, after: i64| {
        let (first, last) = (day.saturating_sub(before.days()), day.saturating_add(after.days()));
        Some(TimeExpr::Dates(first, last))
    };
    match (when, day.weekday()) {
        (When::Easter(after), _) => days(after + 2, 1 - after),
        (When::Nth(..), Weekday::Monday) => days(2, 0),
        (When::Nth(..), Weekday::Thursday) => days(0, 3),
        (When::Nth(..), Weekday::Friday) => days(0, 2),
        _ => None,
    }
}

impl When {
    /// The latest one that has begun.
    fn recent(self, today: Today<'_>) -> Option<Date> {
        let now = today.date();
        let of = |back: i16| self.in_year(now.year() - back).filter(|it| *it <= now);
        of(0).or_else(|| of(1))
    }

    fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Easter(after) => Some(easter(year)?.saturating_add(after.days())),
            Self::Nth(month, weekday, nth, after) => {
                let first = Date::new(year, month, 1).ok()?;
                let date = first.nth_weekday_of_month(nth, weekday).ok()?;
                Some(date.saturating_add(after.days()))
            }
            Self::Diwali => {
                let (month, day) = *DIWALI.get(usize::try_from(year - 2020).ok()?)?;
                Date::new(year, month, day).ok()
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let (leap, odd) = (century / 4, century % 4);
    let moved = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - leap - moved + 15) % 30;
    let weekday = (32 + 2 * odd + 2 * (rest / 4) - moon - rest % 4) % 7;
    let correction = (golden + 11 * moon + 22 * weekday) / 451;
    let days = moon + weekday - 7 * correction + 114;
    let month = i8::try_from(days / 31).ok()?;
    let day = i8::try_from(days % 31 + 1).ok()?;
    Date::new(i16::try_from(year).ok()?, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_is_known() {
        let known = [
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2038, 4, 25),
        ];
        for (year, month, day) in known {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn weekdays_of_a_month_are_known() {
        let thanksgiving = When::Nth(11, Weekday::Thursday, 4, 0);
        assert_eq!(thanksgiving.in_year(2026), Some(date(2026, 11, 26)));
        assert_eq!(
            When::Nth(11, Weekday::Thursday, 4, 1).in_year(2025),
            Some(date(2025, 11, 28))
        );
        assert_eq!(
            When::Nth(5, Weekday::Monday, -1, 0).in_year(2026),
            Some(date(2026, 5, 25))
        );
    }
}
