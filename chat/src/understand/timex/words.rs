//! A time expression in words, for people.

use super::{Bucket, TimeExpr, WEEKEND_DAYS};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The expression in words, as `last week`.
pub fn words(expr: &TimeExpr) -> String {
    match expr {
        TimeExpr::Calendar { unit, back } => calendar(*unit, *back),
        TimeExpr::Rolling(seconds) => format!("the last {}", length(*seconds)),
        TimeExpr::Dates(first, last) if first == last => first.to_string(),
        TimeExpr::Dates(first, last) => format!("{first} to {last}"),
        TimeExpr::Month(0, year) => format!("{year}"),
        TimeExpr::Month(month, year) => {
            let name = MONTHS
                .get(usize::from(*month).saturating_sub(1))
                .copied()
                .unwrap_or_default();
            if *year == 0 {
                name.to_owned()
            } else {
                format!("{name} {year}")
            }
        }
        TimeExpr::Weekday { weekday, before_today } => {
            let name = WEEKDAYS
                .get(usize::from(*weekday).saturating_sub(1))
                .copied()
                .unwrap_or_default();
            format!("{}{name}", if *before_today { "last " } else { "" })
        }
        TimeExpr::Since(from) => format!("since {}", words(from)),
        TimeExpr::Clock { base, from, to } => {
            format!(
                "{} {:02}:{:02}–{:02}:{:02}",
                words(base),
                from / 60,
                from % 60,
                to / 60,
                to % 60
            )
        }
        TimeExpr::Weekend(0) => "last weekend".to_owned(),
        TimeExpr::Weekend(1) => "the weekend before last".to_owned(),
        TimeExpr::Weekend(back) => format!("{} weekends ago", back + 1),
        TimeExpr::ClockChange => "the day the clocks last changed".to_owned(),
        TimeExpr::PreviousOf(of) => format!("the period before {}", words(of)),
        TimeExpr::All => "all time".to_owned(),
        TimeExpr::Quarter(0) => "this quarter".to_owned(),
        TimeExpr::Quarter(1) => "last quarter".to_owned(),
        TimeExpr::Quarter(back) => format!("{back} quarters ago"),
        TimeExpr::LastUnits(unit, count) => format!("the last {count} {}s", name(*unit)),
        TimeExpr::Weekdays { base, on } => format!("{} of {}", weekdays(*on), words(base)),
    }
}

/// Some days of the week: `Saturdays`, `Mon–Fri`, `Mon, Wed`.
pub fn weekdays(on: u8) -> String {
    let days: Vec<usize> = (0..7).filter(|day| on & (1 << day) != 0).collect();
    let name = |day: usize| WEEKDAYS.get(day).copied().unwrap_or_default();
    let short = |day: usize| name(day).get(..3).unwrap_or_default();
    match days.as_slice() {
        [only] => format!("{}s", name(*only)),
        [first, .., last] if last - first + 1 == days.len() && on != WEEKEND_DAYS => {
            format!("{}–{}", short(*first), short(*last))
        }
        some => some.iter().map(|day| short(*day)).collect::<Vec<_>>().join(", "),
    }
}

/// The name of a step.
pub const fn name(unit: Bucket) -> &'static str {
    match unit {
        Bucket::QuarterHour => "quarter hour",
        Bucket::Hour | Bucket::HourOfDay => "hour",
        Bucket::Day | Bucket::Weekday => "day",
        Bucket::Week => "week",
        Bucket::Month => "month",
        Bucket::Year => "year",
    }
}

fn calendar(unit: Bucket, back: u32) -> String {
    match (unit, back) {
        (Bucket::Day, 0) => "today".to_owned(),
        (Bucket::Day, 1) => "yesterday".to_owned(),
        (Bucket::Day, 2) => "the day before yesterday".to_owned(),
        (unit, 0) => format!("this {}", name(unit)),
        (unit, 1) => format!("last {}", name(unit)),
        (unit @ (Bucket::Week | Bucket::Month | Bucket::Year), 2) => format!("the {} before last", name(unit)),
        (unit, back) => format!("{back} {}s ago", name(unit)),
    }
}

fn length(seconds: u64) -> String {
    let of = |count: u64, name: &str| {
        if count == 1 {
            name.to_owned()
        } else {
            format!("{count} {name}s")
        }
    };
    match seconds {
        s if s % 86_400 == 0 && s > 86_400 => of(s / 86_400, "day"),
        s if s % 3600 == 0 => of(s / 3600, "hour"),
        s => of(s / 60, "minute"),
    }
}
