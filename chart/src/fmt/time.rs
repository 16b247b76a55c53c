//! Times and dates in the home's time zone, in the reader's language and clock.

use jiff_bare::{Timestamp, Zoned, civil, tz::TimeZone};

use super::{Lang, Locale, MISSING, THIN};
use crate::time_ticks::TimeStep;

const MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const MONTHS_DE: [&str; 12] = [
    "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.",
];
const FULL_EN: [&str; 12] = [
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
const FULL_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAYS_DE: [&str; 7] = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"];

fn local(at: i64, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone()))
}

fn name<const N: usize>(locale: &Locale, one_based: i8, en: [&'static str; N], de: [&'static str; N]) -> &'static str {
    let names = if locale.lang == Lang::De { de } else { en };
    names
        .get(usize::from(one_based.unsigned_abs()).saturating_sub(1))
        .copied()
        .unwrap_or(MISSING)
}

/// The short name of a day of the week: `Mon`, `Mo`.
pub fn weekday(day: civil::Date, locale: &Locale) -> &'static str {
    name(locale, day.weekday().to_monday_one_offset(), DAYS_EN, DAYS_DE)
}

/// The short name of a day's month: `Nov`, `Nov.`.
pub fn month(day: civil::Date, locale: &Locale) -> &'static str {
    name(locale, day.month(), MONTHS_EN, MONTHS_DE)
}

/// Month and year: `November 2026`.
pub fn month_year(day: civil::Date, locale: &Locale) -> String {
    format!("{} {}", name(locale, day.month(), FULL_EN, FULL_DE), day.year())
}

/// A day without its year: `23 Nov`, `23. Nov.`.
pub fn short_date(day: civil::Date, locale: &Locale) -> String {
    match locale.lang {
        Lang::En => format!("{} {}", day.day(), month(day, locale)),
        Lang::De => format!("{}. {}", day.day(), month(day, locale)),
    }
}

/// A day with weekday and year: `Mon 23 Nov 2026`.
pub fn date(day: civil::Date, locale: &Locale) -> String {
    format!("{} {} {}", weekday(day, locale), short_date(day, locale), day.year())
}

/// A time of day: `14:20`, `2:20 PM`.
pub fn clock(at: i64, zone: &TimeZone, locale: &Locale) -> String {
    local(at, zone).map_or_else(
        || MISSING.to_owned(),
        |at| clock_of(at.hour(), &format!(":{:02}", at.minute()), locale),
    )
}

/// A time of day with seconds: `14:20:05`.
pub fn clock_seconds(at: i64, zone: &TimeZone, locale: &Locale) -> String {
    let rest = |at: &Zoned| format!(":{:02}:{:02}", at.minute(), at.second());
    local(at, zone).map_or_else(|| MISSING.to_owned(), |at| clock_of(at.hour(), &rest(&at), locale))
}

fn clock_of(hour: i8, rest: &str, locale: &Locale) -> String {
    if !locale.twelve_hours {
        return format!("{hour:02}{rest}");
    }
    let half = if hour < 12 { "AM" } else { "PM" };
    format!("{}{rest}{THIN}{half}", (hour + 11) % 12 + 1)
}

/// Day and time, with the year unless it is that of `now`: `Mon 23 Nov, 14:20`, `4 Jan 2025, 09:00`.
pub fn date_time(at: i64, now: i64, zone: &TimeZone, locale: &Locale) -> String {
    let (Some(when), Some(today)) = (local(at, zone), local(now, zone)) else {
        return MISSING.to_owned();
    };
    let day = when.date();
    let day = if day.year() == today.year() {
        format!("{} {}", weekday(day, locale), short_date(day, locale))
    } else {
        format!("{} {}", short_date(day, locale), day.year())
    };
    format!("{day}, {}", clock(at, zone, locale))
}

/// A half-open stretch of time as a person says it: a time of day within one day, days otherwise.
pub fn range(start: i64, end: i64, zone: &TimeZone, locale: &Locale) -> String {
    let (Some(first), Some(last)) = (local(start, zone), local((end - 1).max(start), zone)) else {
        return MISSING.to_owned();
    };
    let (a, b) = (first.date(), last.date());
    let whole_days = first.time() == civil::Time::midnight()
        && local(end, zone).is_some_and(|end| end.time() == civil::Time::midnight());
    match (a == b, whole_days) {
        (true, true) => date(a, locale),
        (true, false) => format!(
            "{}, {}–{}",
            date(a, locale),
            clock(start, zone, locale),
            clock(end, zone, locale)
        ),
        (false, _) => days(a, b, locale),
    }
}

fn days(a: civil::Date, b: civil::Date, locale: &Locale) -> String {
    let dot = if locale.lang == Lang::De { "." } else { "" };
    if a.year() != b.year() {
        format!(
            "{} {} – {} {}",
            short_date(a, locale),
            a.year(),
            short_date(b, locale),
            b.year()
        )
    } else if a.month() == b.month() {
        format!("{}{dot}–{} {}", a.day(), short_date(b, locale), b.year())
    } else {
        format!("{} – {} {}", short_date(a, locale), short_date(b, locale), b.year())
    }
}

/// How old something is: `1 s`, `24 s`, `5 min`, `3 h`, `2 d`.
pub fn age(milliseconds: i64, locale: &Locale) -> String {
    let seconds = (milliseconds + 500).div_euclid(1000).max(0);
    let (value, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3600 => (seconds / 60, "min"),
        3600..172_800 => (seconds / 3600, "h"),
        _ if locale.lang == Lang::De => (seconds / 86_400, "T"),
        _ => (seconds / 86_400, "d"),
    };
    format!("{value}{THIN}{unit}")
}

/// The label of a tick of a time axis.
pub fn tick(at: i64, step: TimeStep, zone: &TimeZone, locale: &Locale) -> String {
    let Some(day) = local(at, zone).map(|at| at.date()) else {
        return MISSING.to_owned();
    };
    match step {
        TimeStep::Seconds(step) if step < 60 => clock_seconds(at, zone, locale),
        TimeStep::Hours(_) if locale.twelve_hours => local(at, zone)
            .map(|at| clock_of(at.hour(), "", locale))
            .unwrap_or_default(),
        TimeStep::Seconds(_) | TimeStep::Hours(_) => clock(at, zone, locale),
        TimeStep::Days(_) => short_date(day, locale),
        TimeStep::Months(_) => month(day, locale).to_owned(),
        TimeStep::Years(_) => day.year().to_string(),
    }
}

/// The name of one step of a chart: a stretch of hours within its day, a day, or a month.
pub fn step(start: i64, end: i64, zone: &TimeZone, locale: &Locale) -> String {
    let Some(day) = local(start, zone).map(|at| at.date()) else {
        return MISSING.to_owned();
    };
    match (end - start) / 3_600_000 {
        ..20 => hours(start, end, zone, locale),
        20..40 => format!("{} {}", weekday(day, locale), short_date(day, locale)),
        40..600 => range(start, end, zone, locale),
        600..1000 => month_year(day, locale),
        _ => day.year().to_string(),
    }
}

/// The clock from `start` to `end`. Where clocks are put back, the hour that comes twice is told apart by its offset.
fn hours(start: i64, end: i64, zone: &TimeZone, locale: &Locale) -> String {
    const HOUR: i64 = 3_600_000;
    let from = clock(start, zone, locale);
    if [start - HOUR, start + HOUR]
        .iter()
        .any(|other| clock(*other, zone, locale) == from)
    {
        return format!("{from} {}", offset_name(start, zone));
    }
    format!("{from}–{}", clock(end, zone, locale))
}

/// The offset of a zone at an instant: `UTC+1`, `UTC−3:30`.
pub fn offset_name(at: i64, zone: &TimeZone) -> String {
    let seconds = local(at, zone).map_or(0, |at| at.offset().seconds());
    let sign = if seconds < 0 { super::MINUS } else { '+' };
    let minutes = seconds.abs() / 60;
    if minutes % 60 == 0 {
        format!("UTC{sign}{}", minutes / 60)
    } else {
        format!("UTC{sign}{}:{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn times_are_the_homes_and_the_readers() {
        let at = ms("2026-11-23T13:20:05Z");
        let (en, us, de) = (
            Locale::default(),
            Locale::new("en-US", Lang::En),
            Locale::new("de-DE", Lang::De),
        );
        assert_eq!(clock(at, &berlin(), &en), "14:20");
        assert_eq!(clock(at, &berlin(), &us), "2:20\u{202F}PM");
        assert_eq!(clock_seconds(at, &berlin(), &en), "14:20:05");
        assert_eq!(date_time(at, at, &berlin(), &de), "Mo 23. Nov., 14:20");
        assert_eq!(
            date_time(ms("2025-01-04T08:00:00Z"), at, &berlin(), &en),
            "4 Jan 2025, 09:00"
        );
    }

    #[test]
    fn ranges_are_said_shortly() {
        let en = Locale::default();
        let range = |start, end| range(ms(start), ms(end), &berlin(), &en);
        assert_eq!(range("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"), "Mon 23 Nov 2026");
        assert_eq!(range("2026-11-08T23:00:00Z", "2026-11-15T23:00:00Z"), "9–15 Nov 2026");
        assert_eq!(
            range("2026-11-23T16:00:00Z", "2026-11-23T19:00:00Z"),
            "Mon 23 Nov 2026, 17:00–20:00"
        );
        assert_eq!(
            range("2026-10-27T23:00:00Z", "2026-11-03T23:00:00Z"),
            "28 Oct – 3 Nov 2026"
        );
    }

    #[test]
    fn ages_take_one_unit() {
        let en = Locale::default();
        let ages: Vec<String> = [900, 24_000, 300_000, 10_800_000, 200_000_000, -5]
            .iter()
            .map(|ms| age(*ms, &en))
            .collect();
        assert_eq!(ages.join(" ").replace(THIN, ""), "1s 24s 5min 3h 2d 0s");
    }

    #[test]
    fn steps_are_named_by_their_length() {
        let en = Locale::default();
        let step = |start, end| step(ms(start), ms(end), &berlin(), &en);
        assert_eq!(step("2026-11-23T16:00:00Z", "2026-11-23T17:00:00Z"), "17:00–18:00");
        assert_eq!(
            step("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            "Sun 25 Oct",
            "a day of 25 hours"
        );
        assert_eq!(step("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"), "November 2026");
    }

    #[test]
    fn an_hour_that_comes_twice_says_which() {
        let hour = |start: &str| step(ms(start), ms(start) + 3_600_000, &berlin(), &Locale::default());
        let back: Vec<String> = ["24T23", "25T00", "25T01", "25T02"]
            .iter()
            .map(|hour_of| hour(&format!("2026-10-{hour_of}:00:00Z")))
            .collect();
        assert_eq!(back, ["01:00–02:00", "02:00 UTC+2", "02:00 UTC+1", "03:00–04:00"]);
        assert_eq!(hour("2026-03-29T00:00:00Z"), "01:00–03:00", "the hour that is left out");
    }

    #[test]
    fn an_instant_out_of_range_is_missing() {
        assert_eq!(clock(i64::MAX, &berlin(), &Locale::default()), "–");
    }
}
