//! Words for times, beside a calendar that is counted out: quarter hour by quarter hour, day by day.

use jiff::{
    Timestamp as Instant, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use proptest::prelude::*;
use voltaire_types::{Calendar, Timestamp};

use super::{
    super::{Context, Understood, timex, understand},
    HomeOf, vienna,
};

const ZONES: [&str; 12] = [
    "Europe/Vienna",
    "Europe/Lisbon",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "UTC",
];
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
const QUARTER: i64 = 900;

/// What people count with: a zone's offsets, and the days one after the other.
struct Counted {
    zone: TimeZone,
    now: i64,
}

impl Counted {
    fn date(&self, second: i64) -> Date {
        let instant = Instant::from_second(second).unwrap();
        self.zone.to_datetime(instant).date()
    }

    fn today(&self) -> Date {
        self.date(self.now)
    }

    /// The first quarter hour of a day, or of the next one where clocks left it out.
    fn start(&self, date: Date) -> i64 {
        let noon = date
            .at(12, 0, 0, 0)
            .to_zoned(TimeZone::UTC)
            .unwrap()
            .timestamp()
            .as_second();
        let mut at = noon - 40 * 3600;
        while self.date(at) < date {
            at += QUARTER;
        }
        at
    }

    fn days(&self, first: Date, after: Date) -> (i64, i64) {
        (self.start(first), self.start(after))
    }

    /// The last day at or before one for which something holds.
    fn back(mut date: Date, holds: impl Fn(Date) -> bool) -> Date {
        while !holds(date) {
            date = date.yesterday().unwrap();
        }
        date
    }

    /// The first day after one for which something holds.
    fn on(date: Date, holds: impl Fn(Date) -> bool) -> Date {
        let mut date = date.tomorrow().unwrap();
        while !holds(date) {
            date = date.tomorrow().unwrap();
        }
        date
    }

    /// The unit so many back from the one that runs, whose days begin where something holds.
    fn unit(&self, back: u32, begins: impl Fn(Date) -> bool) -> (i64, i64) {
        let mut first = Self::back(self.today(), &begins);
        for _ in 0..back {
            first = Self::back(first.yesterday().unwrap(), &begins);
        }
        self.days(first, Self::on(first, &begins))
    }
}

/// Words, and when they mean by counting.
fn said(counted: &Counted, week: Weekday, (count, date): (u32, Date)) -> Vec<(String, (i64, i64))> {
    let any = |_: Date| true;
    let weeks = |it: Date| it.weekday() == week;
    let months = |it: Date| it.day() == 1;
    let years = |it: Date| (it.month(), it.day()) == (1, 1);
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    let that_month = |it: Date| it.day() == 1 && it.month() == date.month();
    let first = Counted::back(counted.today(), that_month);
    let in_month = counted.days(first, Counted::on(first, months));
    let weekday = |it: Date| it.weekday() == date.weekday();
    let before = Counted::back(counted.today().yesterday().unwrap(), weekday);
    let on = (date.day(), date.year());
    let dated = counted.days(date, date.tomorrow().unwrap());
    let first_of = date.first_of_month();
    let whole = counted.days(first_of, Counted::on(first_of, months));
    let far = i64::from(count);
    [
        ("today".to_owned(), counted.unit(0, any)),
        ("yesterday".into(), counted.unit(1, any)),
        ("the day before yesterday".into(), counted.unit(2, any)),
        (format!("{} days ago", count + 1), counted.unit(count + 1, any)),
        ("this week".into(), counted.unit(0, weeks)),
        ("last week".into(), counted.unit(1, weeks)),
        ("the week before last".into(), counted.unit(2, weeks)),
        ("this month".into(), counted.unit(0, months)),
        ("last month".into(), counted.unit(1, months)),
        ("this year".into(), counted.unit(0, years)),
        ("last year".into(), counted.unit(1, years)),
        (
            format!("the last {} hours", count + 1),
            (counted.now - (far + 1) * 3600, counted.now),
        ),
        (
            format!("the last {} days", count + 1),
            (counted.now - (far + 1) * 86_400, counted.now),
        ),
        (format!("in {month}"), in_month),
        (format!("in {month} {}", date.year()), whole),
        (format!("on {date}"), dated),
        (format!("on {} {month} {}", on.0, on.1), dated),
        (format!("on {month} {}, {}", on.0, on.1), dated),
        (
            format!("last {:?}", date.weekday()),
            counted.days(before, before.tomorrow().unwrap()),
        ),
    ]
    .into_iter()
    .collect()
}

fn home(zone: &str, week: Weekday, now: i64) -> HomeOf {
    let mut home = vienna();
    home.world.calendar = Calendar::new(zone, week).unwrap();
    home.now = Timestamp::from_parts(now, 0).unwrap();
    home
}

fn holds(home: &HomeOf, words: &str, (start, end): (i64, i64)) -> Result<(), TestCaseError> {
    let question = format!("how much energy did we use {words}?");
    let understood = understand(&question, &home.world, &Context::default(), home.now);
    let now = home.now.micros() / 1_000_000;
    if start >= now {
        let refused = !matches!(understood, Understood::Plan { .. });
        prop_assert!(refused, "{words} has not come: {understood:?}");
        return Ok(());
    }
    let Understood::Plan { plan, .. } = understood else {
        return Err(TestCaseError::fail(format!("{words}: {understood:?}")));
    };
    let period = plan.period.expect("a time was said");
    let span = timex::resolve(&period, &home.world.calendar, home.now)
        .unwrap()
        .interval;
    let told = (span.start.micros() / 1_000_000, span.end.micros() / 1_000_000);
    prop_assert_eq!(
        told,
        (start, end.min(now)),
        "{}: {:?} on {}",
        words,
        period,
        home.world.calendar.date(home.now)
    );
    Ok(())
}

/// Around what goes wrong: changes of clocks, the ends of months and years, leap days; or anywhere.
fn instants() -> impl Strategy<Value = i64> {
    let edges = [
        "2024-02-29T12:00Z",
        "2024-03-01T00:00Z",
        "2023-12-31T23:30Z",
        "2025-01-01T00:10Z",
        "2026-03-29T01:00Z",
        "2026-10-25T01:00Z",
        "2026-03-08T07:00Z",
        "2026-11-01T06:00Z",
        "2026-04-05T03:00Z",
        "2025-09-07T04:00Z",
        "2011-12-31T09:59Z",
        "2027-02-28T22:00Z",
    ];
    let edges = edges.map(|it| it.parse::<jiff::Timestamp>().unwrap().as_second());
    prop_oneof![
        (prop::sample::select(edges.to_vec()), -3 * 86_400..3 * 86_400_i64).prop_map(|(edge, off)| edge + off),
        1_300_000_000..2_200_000_000_i64,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn words_mean_the_days_that_are_counted_out(
        now in instants(), zone in prop::sample::select(ZONES.to_vec()), count in 0_u32..45, ago in 1..1500_i64,
        week in prop::sample::select(vec![Weekday::Monday, Weekday::Sunday, Weekday::Saturday]),
    ) {
        let counted = Counted { zone: TimeZone::get(zone).unwrap(), now };
        let home = home(zone, week, now);
        let date = counted.today().saturating_sub(ago.days());
        for (words, meant) in said(&counted, week, (count, date)) {
            holds(&home, &words, meant)?;
        }
    }
}
