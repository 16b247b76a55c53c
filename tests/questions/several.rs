//! Questions about parts of several days, against sums over the very stretches.

use jiff::{ToSpan, civil::Date};
use voltaire_proto::{
    chat::v1::{self as pb, ChartKind, answer_event::Kind},
    telemetry::v1 as telemetry,
};

use crate::{
    house::{House, Metered, STANDING},
    oracle,
    special::{Case, are_told, kwh, missing},
    tells,
};

type Stretch = (i64, i64);

/// Days of the week from Monday on.
const EVERY: [i8; 7] = [1, 2, 3, 4, 5, 6, 7];
const WEEKDAYS: [i8; 5] = [1, 2, 3, 4, 5];
const SATURDAYS: [i8; 1] = [6];

/// A time of day on each of the days from the first to before the last that are one of these; a time that is over comes on
/// the next day. What has not come is left out.
fn windows(house: &House, (first, end): (&str, &str), on: &[i8], (from, to): (&str, &str)) -> Vec<Stretch> {
    let (first, end): (Date, Date) = (first.parse().unwrap(), end.parse().unwrap());
    let days = (0..)
        .map(|it| first.saturating_add(it.days()))
        .take_while(|it| *it < end);
    let stretch = |day: Date| {
        let until = if to <= from { day.tomorrow().unwrap() } else { day };
        let at = |day: Date, time: &str| house.instant(&format!("{day}T{time}"));
        (at(day, from), at(until, to).min(house.now))
    };
    let of = days.filter(|it| on.contains(&it.weekday().to_monday_one_offset()));
    of.map(stretch).filter(|it| it.0 < it.1).collect()
}

fn days(house: &House, period: (&str, &str), on: &[i8]) -> Vec<Stretch> {
    windows(house, period, on, ("00:00", "00:00"))
}

const WEEK: (&str, &str) = ("2026-11-09", "2026-11-16");
const OCTOBER: (&str, &str) = ("2026-10-01", "2026-11-01");
const NOVEMBER: (&str, &str) = ("2026-11-01", "2026-12-01");

fn home(house: &House) -> Vec<&Metered> {
    house.devices.iter().collect()
}

/// Energy at the price in force, and the standing charge by the part of each day.
fn paid(house: &House, stretches: &[Stretch]) -> f64 {
    let of = |it: &Stretch| {
        let standing = STANDING * (it.1 - it.0) as f64 / house.day_of(it.0) as f64;
        oracle::money(house, &home(house), *it) + standing
    };
    stretches.iter().map(of).sum()
}

#[tokio::test]
async fn parts_of_days_are_summed() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all = home(&house);
    let dryer = [house.device("Trockner")];
    let evenings = windows(&house, WEEK, &WEEKDAYS, ("18:00", "00:00"));
    let nights = windows(&house, WEEK, &EVERY, ("00:00", "06:00"));
    let october = windows(&house, OCTOBER, &EVERY, ("22:00", "06:00"));
    let odd = windows(&house, WEEK, &EVERY, ("18:10", "20:05"));
    let dear = windows(&house, OCTOBER, &EVERY, ("18:00", "00:00"));
    let seven: Vec<Stretch> = (11..18)
        .map(|day| house.instant(&format!("2026-11-{day}T18:00")))
        .map(|it| (it, it + 10_800))
        .collect();
    let saturdays = days(&house, NOVEMBER, &SATURDAYS);
    let weekdays = days(&house, OCTOBER, &WEEKDAYS);
    assert_eq!(
        (evenings.len(), october.len(), saturdays.len(), weekdays.len()),
        (5, 31, 2, 22)
    );
    let used = kwh(&all, &evenings);
    let cases: [Case; 10] = [
        (
            "how much did we use on weekday evenings last week",
            vec![(used, "kWh"), (used / 5.0, "kWh")],
        ),
        (
            "usage between 6 and 9 pm over the past 7 days",
            vec![(kwh(&all, &seven), "kWh")],
        ),
        (
            "Saturdays this month",
            vec![(kwh(&all, &saturdays), "kWh"), (kwh(&all, &saturdays) / 2.0, "kWh")],
        ),
        (
            "how much did the dryer use at night last week",
            vec![(kwh(&dryer, &nights), "kWh")],
        ),
        (
            "usage between 10 pm and 6 am in October",
            vec![(kwh(&all, &october), "kWh")],
        ),
        (
            "usage between 18:10 and 20:05 last week",
            vec![(kwh(&all, &odd), "kWh")],
        ),
        (
            "what did the evenings in October cost",
            vec![(paid(&house, &dear), "EUR")],
        ),
        (
            "how much do we use per day on weekdays in October on average",
            vec![(kwh(&all, &weekdays) / 22.0, "kWh")],
        ),
        (
            "everything but the dryer, weekday evenings last week",
            vec![(used - kwh(&dryer, &evenings), "kWh")],
        ),
        (
            "share of the dryer on weekday evenings last week",
            vec![(kwh(&dryer, &evenings) / used * 100.0, "%")],
        ),
    ];
    are_told(&house, cases).await;
}

#[tokio::test]
async fn parts_of_days_are_ranked_and_compared() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all = home(&house);
    let evenings = windows(&house, WEEK, &WEEKDAYS, ("18:00", "00:00"));
    let each = house.devices.iter().map(|it| kwh(&[it], &evenings));
    let most = each.fold(0.0, f64::max);
    let by_evening = windows(&house, WEEK, &EVERY, ("18:00", "00:00"));
    let best = by_evening.iter().map(|it| kwh(&all, &[*it])).fold(0.0, f64::max);
    let this_week = windows(&house, ("2026-11-16", "2026-11-18"), &WEEKDAYS, ("18:00", "00:00"));
    // As much of the week before as has gone by: until Wednesday, 09:12.
    let as_far = windows(&house, ("2026-11-09", "2026-11-11"), &WEEKDAYS, ("18:00", "00:00"));
    let (now, before) = (kwh(&all, &this_week), kwh(&all, &as_far));
    let afternoons = windows(&house, ("2026-11-01", "2026-11-18"), &EVERY, ("15:00", "20:00"));
    let peak = afternoons
        .iter()
        .map(|it| oracle::extreme(&all, *it, true))
        .fold(0.0, f64::max);
    let nights = windows(&house, WEEK, &EVERY, ("00:00", "06:00"));
    let seconds: f64 = nights.iter().map(|it| oracle::covered(&all, *it)).sum();
    let cases: [Case; 5] = [
        (
            "which device used the most on weekday evenings last week",
            vec![(most, "kWh")],
        ),
        ("which evening last week did we use the most", vec![(best, "kWh")]),
        (
            "weekday evenings this week versus last week",
            vec![
                (now, "kWh"),
                (before, "kWh"),
                (kwh(&all, &evenings), "kWh"),
                (now - before, "kWh"),
            ],
        ),
        ("peak between 3 and 8 pm this month", vec![(peak, "W")]),
        (
            "average power at night last week",
            vec![(kwh(&all, &nights) * 3_600_000.0 / seconds, "W")],
        ),
    ];
    are_told(&house, cases).await;
}

#[tokio::test]
async fn runs_and_bounds_count_within_the_parts() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let evenings = windows(&house, WEEK, &EVERY, ("18:00", "00:00"));
    let time = |seconds: i64| prost_types::Timestamp { seconds, nanos: 0 };
    let (mut on, mut above) = (0.0, 0.0);
    for (from, to) in &evenings {
        let interval = telemetry::Interval {
            start_time: Some(time(*from)),
            end_time: Some(time(*to)),
        };
        let period = Some(telemetry::Period {
            kind: Some(telemetry::period::Kind::Interval(interval)),
        });
        let mut client = telemetry::analysis_service_client::AnalysisServiceClient::new(house.telemetry.clone());
        let activity = telemetry::GetActivityRequest {
            device_id: house.device("Trockner").id.clone(),
            period: period.clone(),
        };
        on += client
            .get_activity(house.ask(activity))
            .await
            .unwrap()
            .into_inner()
            .on_seconds;
        let curve = telemetry::GetDurationCurveRequest {
            period,
            threshold_watts: vec![3000.0],
            ..Default::default()
        };
        above += client
            .get_duration_curve(house.ask(curve))
            .await
            .unwrap()
            .into_inner()
            .times[0]
            .seconds;
    }
    assert!(on > 0.0 && above > 0.0);
    let cases: [Case; 2] = [
        (
            "how long was the dryer on in the evenings last week",
            vec![(on / 3600.0, "h")],
        ),
        (
            "how long was the house above 3 kW in the evenings last week",
            vec![(above / 3600.0, "h")],
        ),
    ];
    are_told(&house, cases).await;
}

#[tokio::test]
async fn an_answer_of_parts_says_which_and_can_be_run_again() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let steps = house.steps("how much did we use on weekday evenings last week").await;
    let evenings = windows(&house, WEEK, &WEEKDAYS, ("18:00", "00:00"));
    let (mut plan, mut done, mut chart) = (None, None, None);
    for step in steps {
        match step {
            Kind::Understanding(it) => plan = Some((it.plan.unwrap(), it.text)),
            Kind::Done(it) => done = Some(it),
            Kind::Chart(it) => chart = Some(it),
            _ => {}
        }
    }
    let ((plan, text), done, chart) = (plan.unwrap(), done.unwrap(), chart.unwrap());
    for words in [&text, &done.text, &chart.title] {
        assert!(
            words.contains("9–15 Nov 2026, Mon–Fri, 18:00–24:00 (5 times)"),
            "{words}"
        );
    }
    let seconds = |it: &Option<prost_types::Timestamp>| it.as_ref().unwrap().seconds;
    let told: Vec<Stretch> = done
        .stretches
        .iter()
        .map(|it| (seconds(&it.start_time), seconds(&it.end_time)))
        .collect();
    assert_eq!(told, evenings);
    assert_eq!(
        (seconds(&done.start_time), seconds(&done.end_time)),
        (evenings[0].0, evenings[4].1)
    );
    assert_eq!(chart.kind(), ChartKind::Bars);
    let drawn: f64 = chart.series[0].values.iter().filter(|it| it.is_finite()).sum();
    let used = kwh(&home(&house), &evenings);
    assert!((drawn - used).abs() < 1e-6, "{drawn} {used}");
    // It stays as relative as it was said.
    let words = plan.period.as_ref().unwrap().words.clone();
    assert!(words.contains("last week"), "{words}");
    let again = house.replay(plan).await;
    assert!(missing(&again, &[(used, "kWh")]).is_empty());
}

#[tokio::test]
async fn filters_follow_a_conversation() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all = home(&house);
    let before = ("2026-11-02", "2026-11-09");
    let week_before = windows(&house, before, &WEEKDAYS, ("18:00", "00:00"));
    let saturday = windows(&house, before, &SATURDAYS, ("18:00", "00:00"));
    let cases: [(&[&str], f64); 3] = [
        (
            &["usage on weekday evenings last week", "and the week before?"],
            kwh(&all, &week_before),
        ),
        (
            &[
                "usage on weekday evenings last week",
                "and the week before?",
                "and on Saturdays?",
            ],
            kwh(&all, &saturday),
        ),
        (
            &["how much did we use last month", "and at weekends only?"],
            kwh(&all, &days(&house, OCTOBER, &[6, 7])),
        ),
    ];
    for (said, wanted) in cases {
        let facts = house.talk(said).await.unwrap();
        let had: Vec<_> = facts.iter().map(|it| (&it.label, it.value)).collect();
        assert!(
            facts.iter().any(|it: &pb::Fact| tells(it, &(wanted, "kWh".to_owned()))),
            "{said:?}: {wanted} not in {had:?}"
        );
    }
}
