//! What is usual, unusual and to be expected in a real home: a year of hourly energy from San Diego, 2011.

use std::{collections::BTreeMap, fs::File, io::Read};

use flate2::read::GzDecoder;
use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use voltaire_types::{Calendar, Timestamp};

use super::{
    forecast::usual,
    unusual::{HourValue, find},
};

/// The hours of the year, Wh.
fn year() -> Vec<HourValue> {
    let packed = File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sdge-2011.xml.gz")).unwrap();
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let calendar = Calendar::new("America/Los_Angeles", Weekday::Monday).unwrap();
    let number = |text: &str, tag: &str| -> Option<i64> {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once('<')?.0.trim().parse().ok()
    };
    let hour = |reading: &str| {
        let at = Timestamp::from_parts(number(reading, "start")?, 0).ok()?;
        let local = calendar.local(at);
        Some(HourValue {
            at,
            date: local.date(),
            hour: local.hour(),
            energy: number(reading, "value")? as f64,
        })
    };
    text.split("<IntervalReading>").skip(1).filter_map(hour).collect()
}

/// The energy of each day that has at least 22 hours.
fn days(hours: &[HourValue]) -> BTreeMap<Date, f64> {
    let days = hours.chunk_by(|a, b| a.date == b.date).filter(|day| day.len() >= 22);
    days.map(|day| (day[0].date, day.iter().map(|hour| hour.energy).sum()))
        .collect()
}

/// Days like one, of the eight weeks before another.
fn like(days: &BTreeMap<Date, f64>, day: Date, now: Date) -> Vec<f64> {
    let before = days.range(now.saturating_sub(8.weeks())..now);
    let like = before.filter(|(date, _)| date.weekday() == day.weekday());
    like.map(|(_, energy)| *energy).collect()
}

/// In how many of the forecasts the range held.
fn held(forecasts: impl Iterator<Item = (Vec<Vec<f64>>, f64)>) -> (f64, usize) {
    let good = forecasts.filter(|(days, _)| days.iter().all(|like| like.len() >= 4));
    let held: Vec<_> = good
        .map(|(days, happened)| {
            let (low, high) = usual(&days).between.unwrap();
            (low..=high).contains(&happened)
        })
        .collect();
    let count = held.iter().filter(|it| **it).count();
    (count as f64 / held.len() as f64, held.len())
}

#[test]
fn the_blackout_and_the_heat_wave_are_unusual_and_few_other_days_are() {
    let hours = year();
    let period = voltaire_types::Interval::new(hours[0].at, hours[hours.len() - 1].at);
    let found = find(&hours, period);
    assert_eq!((hours.len(), found.judged), (8_727, 336));
    let unusual: Vec<_> = found.days.iter().map(|day| day.date).collect();
    assert!((10..=25).contains(&unusual.len()), "{unusual:?}");
    assert_eq!(unusual[..2], [date(2011, 10, 11), date(2011, 10, 12)]);
    let blackout = found.days.iter().find(|day| day.date == date(2011, 9, 8)).unwrap();
    assert!(blackout.score < -3.5 && blackout.happened < blackout.expected / 2.0);
}

#[test]
fn a_range_holds_about_four_times_in_five() {
    let days = days(&year());
    let tomorrow = days
        .iter()
        .map(|(day, energy)| (vec![like(&days, *day, *day)], *energy));
    let (share, count) = held(tomorrow);
    assert!((0.75..0.88).contains(&share) && count > 300, "{share} of {count} days");
    let rest_of_month = days.keys().filter_map(|day| {
        let length = day.days_in_month() - day.day() + 1;
        let ahead: Vec<_> = (0..length).map(|it| day.saturating_add(it.days())).collect();
        let happened = ahead.iter().map(|day| days.get(day).copied()).sum::<Option<f64>>()?;
        Some((ahead.iter().map(|it| like(&days, *it, *day)).collect(), happened))
    });
    let (share, count) = held(rest_of_month);
    assert!(
        (0.75..0.88).contains(&share) && count > 250,
        "{share} of {count} months"
    );
}
