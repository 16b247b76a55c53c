//! Hours of the day and days of the week, against means that are computed from the readings.

use jiff::{Timestamp, civil::date};
use voltaire_proto::chat::v1::{self as pb, ChartKind, answer_event::Kind};

use super::{
    house::{House, Metered},
    oracle, tells,
};

const HOUR: i64 = 3600;

/// Energy, Wh, and seconds of October's local hours, by hour of the day or day of the week (Monday is 0).
fn october(house: &House, devices: &[&Metered], weekdays: bool) -> Vec<(f64, f64)> {
    let (start, end) = (house.midnight(date(2026, 10, 1)), house.midnight(date(2026, 11, 1)));
    let mut sums = vec![(0.0, 0.0); if weekdays { 7 } else { 24 }];
    // The zone is whole hours from UTC, before and after its clocks change.
    for from in (start..end).step_by(HOUR as usize) {
        let local = Timestamp::from_second(from).unwrap().to_zoned(house.zone.clone());
        let at = if weekdays {
            local.weekday().to_monday_zero_offset() as usize
        } else {
            local.hour() as usize
        };
        let when = (from, from + HOUR);
        sums[at].0 += oracle::energy(devices, when);
        sums[at].1 += oracle::covered(devices, when);
    }
    sums
}

/// The highest and the lowest mean power, W.
fn ends(sums: &[(f64, f64)]) -> (f64, f64) {
    let watts: Vec<f64> = sums.iter().map(|(energy, seconds)| energy * 3600.0 / seconds).collect();
    let fold = |pick: fn(f64, f64) -> f64| watts.iter().copied().reduce(pick).unwrap();
    (fold(f64::max), fold(f64::min))
}

#[tokio::test]
async fn hours_and_weekdays_are_means_of_all_readings() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all: Vec<_> = house.devices.iter().collect();
    let dryer = [house.device("Trockner")];
    let of_day = |(most, least): (f64, f64)| (most * 24.0, least * 24.0);
    let hours = ends(&october(&house, &all, false));
    let weekdays = of_day(ends(&october(&house, &all, true)));
    for (question, (most, least), unit) in [
        ("at what time of day do we use the most in october", hours, "W"),
        ("at what time of day do we use the least in october", hours, "W"),
        ("busiest day of the week in october", weekdays, "Wh"),
        (
            "what hour of the day does the dryer use the most in october",
            ends(&october(&house, &dryer, false)),
            "W",
        ),
    ] {
        let facts = house.talk(&[question]).await.unwrap();
        let (first, second) = if question.contains("least") {
            (least, most)
        } else {
            (most, least)
        };
        assert!(
            tells(&facts[0], &(first, unit.into())),
            "{question}: {first} {:?}",
            facts[0]
        );
        assert!(
            tells(&facts[1], &(second, unit.into())),
            "{question}: {second} {:?}",
            facts[1]
        );
    }
}

#[tokio::test]
async fn what_days_of_the_week_cost_are_means_of_all_readings() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all: Vec<_> = house.devices.iter().collect();
    let (start, end) = (house.midnight(date(2026, 10, 1)), house.midnight(date(2026, 11, 1)));
    let mut sums = [(0.0, 0.0); 7];
    for from in (start..end).step_by(HOUR as usize) {
        let local = Timestamp::from_second(from).unwrap().to_zoned(house.zone.clone());
        let sum = &mut sums[local.weekday().to_monday_zero_offset() as usize];
        sum.0 += oracle::money(&house, &all, (from, from + HOUR));
        sum.1 += oracle::covered(&all, (from, from + HOUR));
    }
    let days: Vec<f64> = sums.iter().map(|(cost, seconds)| cost * 86_400.0 / seconds).collect();
    let most = days.iter().copied().reduce(f64::max).unwrap();
    let facts = house
        .talk(&["which day of the week cost us the most in october"])
        .await
        .unwrap();
    assert!(tells(&facts[0], &(most, "EUR".into())), "{most} {:?}", facts[0]);
    let steps = house.steps("our cost by weekday in october").await;
    let chart = steps.iter().find_map(|it| match it {
        Kind::Chart(chart) => Some(chart.clone()),
        _ => None,
    });
    let chart = chart.unwrap();
    let values = chart.series[0].values.iter();
    assert_eq!(chart.categories.len(), 7);
    assert!(
        values.zip(&days).all(|(it, day)| (it - day).abs() < 1e-6),
        "{chart:?} {days:?}"
    );
}

#[tokio::test]
async fn a_habit_has_a_picture_and_is_told_again() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let steps = house.steps("which weekday do we use most on").await;
    let chart = steps.iter().find_map(|it| match it {
        Kind::Chart(chart) => Some(chart.clone()),
        _ => None,
    });
    let chart = chart.unwrap();
    assert_eq!((chart.kind(), chart.categories.len()), (ChartKind::Bars, 7));
    let facts: Vec<&pb::Fact> = steps
        .iter()
        .filter_map(|it| match it {
            Kind::Fact(fact) => Some(fact),
            _ => None,
        })
        .collect();
    let highest = chart.series[0].values.iter().copied().reduce(f64::max);
    assert_eq!(highest, facts[0].value);
    let plan = steps.iter().find_map(|it| match it {
        Kind::Understanding(it) => it.plan.clone(),
        _ => None,
    });
    let again = house.replay(plan.unwrap()).await;
    assert_eq!(again.first().map(|it| it.value), Some(facts[0].value));
    // The next question is about the same, for another time or device.
    for next in ["and in october?", "and the dryer?"] {
        let facts = house.talk(&["which weekday do we use most on", next]).await;
        assert!(facts.is_ok_and(|it| it[0].label.contains(" on ")), "{next}");
    }
    let money = house.talk(&["what time of day is electricity most expensive"]).await;
    assert!(money.is_err(), "{money:?}");
}
