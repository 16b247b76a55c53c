//! Questions that go beyond one figure of telemetry's, against a computation from the very readings.

use voltaire_proto::chat::v1::{self as pb, answer_event::Kind};

use crate::{
    house::{House, Metered, STANDING, volts},
    oracle, tells,
};

/// A question, and the values and units that must be among the facts.
pub(crate) type Case = (&'static str, Vec<(f64, &'static str)>);

pub(crate) fn missing(facts: &[pb::Fact], figures: &[(f64, &'static str)]) -> Vec<String> {
    let told = |(value, unit): &(f64, &'static str)| facts.iter().any(|it| tells(it, &(*value, (*unit).to_owned())));
    let had: Vec<_> = facts.iter().map(|it| (&it.label, it.value, &it.unit)).collect();
    let missing = figures.iter().filter(|it| !told(it));
    missing.map(|it| format!("{it:?} is not among {had:?}")).collect()
}

pub(crate) async fn are_told(house: &House, cases: impl IntoIterator<Item = Case>) {
    let mut wrong = Vec::new();
    for (question, figures) in cases {
        match house.talk(&[question]).await {
            Ok(facts) => wrong.extend(missing(&facts, &figures).iter().map(|it| format!("{question}: {it}"))),
            Err(problem) => wrong.push(format!("{question}: {problem}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn period(house: &House, from: &str, to: &str) -> (i64, i64) {
    (house.instant(from), house.instant(to))
}

pub(crate) fn kwh(devices: &[&Metered], stretches: &[(i64, i64)]) -> f64 {
    stretches.iter().map(|it| oracle::energy(devices, *it)).sum::<f64>() / 1000.0
}

#[tokio::test]
async fn parts_of_a_week_are_compared_by_day_and_hour() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let home: Vec<&Metered> = house.devices.iter().collect();
    let week = period(&house, "2026-11-09", "2026-11-16");
    let weekdays = [period(&house, "2026-11-09", "2026-11-14")];
    let weekend = [period(&house, "2026-11-14", "2026-11-16")];
    let (early, late) = (kwh(&home, &weekdays), kwh(&home, &weekend));
    let by_day: Vec<(i64, i64)> = house
        .days(week)
        .iter()
        .map(|it| (it.0 + 6 * 3600, it.0 + 22 * 3600))
        .collect();
    let day = kwh(&home, &by_day);
    let cases: [Case; 2] = [
        (
            "weekdays versus weekends last week",
            vec![
                (early, "kWh"),
                (late, "kWh"),
                (early / 5.0, "kWh"),
                (late / 2.0, "kWh"),
                (late / 2.0 - early / 5.0, "kWh"),
            ],
        ),
        (
            "daytime vs nighttime last week",
            vec![
                (day, "kWh"),
                (kwh(&home, &[week]) - day, "kWh"),
                (day / 7.0 / 16.0, "kWh"),
            ],
        ),
    ];
    are_told(&house, cases).await;
}

#[tokio::test]
async fn usual_is_the_median_of_the_same_weekdays() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let dryer = [house.device("Trockner")];
    let of_day = |day: &&str| {
        let start = house.instant(day);
        kwh(&dryer, &[(start, start + house.day_of(start))])
    };
    let tuesdays = [
        "2026-11-10",
        "2026-11-03",
        "2026-10-27",
        "2026-10-20",
        "2026-10-13",
        "2026-10-06",
        "2026-09-29",
    ];
    let mut before: Vec<f64> = tuesdays.iter().map(of_day).collect();
    before.sort_by(f64::total_cmp);
    let (usual, happened) = (before[3], of_day(&"2026-11-17"));
    let figures = vec![
        (happened, "kWh"),
        (usual, "kWh"),
        (happened - usual, "kWh"),
        ((happened - usual) / usual * 100.0, "%"),
    ];
    are_told(&house, [("did the dryer use more than usual yesterday", figures)]).await;
}

#[tokio::test]
async fn a_simple_change_is_exact() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let dryer = [house.device("Trockner")];
    let paid = oracle::money(&house, &dryer, period(&house, "2026-10-01", "2026-11-01"));
    let figures = vec![(paid, "EUR"), (paid * 0.7, "EUR"), (paid * 0.3, "EUR")];
    are_told(
        &house,
        [("what if the dryer used 30% less last month, savings in euros", figures)],
    )
    .await;
    let house = House::new("hudson", "2026-11-03T20:40").await;
    let charger = [house.device("EV charger")];
    let paid = oracle::money(&house, &charger, period(&house, "2026-10-01", "2026-11-01"));
    let figures = vec![(paid * 0.9, "USD"), (paid * 0.1, "USD")];
    let question = "what would i save charging the car 10% less, based on october";
    are_told(&house, [(question, figures)]).await;
    let figures = vec![(paid * 1.1, "USD"), (paid * 0.1, "USD")];
    let question = "if the price went up by 10%, what would charging the car have cost in october";
    are_told(&house, [(question, figures)]).await;
}

#[tokio::test]
async fn another_price_is_put_on_what_is_paid_for() {
    let mut house = House::new("spree", "2026-11-18T09:12").await;
    let october = period(&house, "2026-10-01", "2026-11-01");
    let all: Vec<_> = house.devices.iter().collect();
    let used = kwh(&all, &[october]);
    let figures = vec![(oracle::money(&house, &all, october), "EUR"), (used * 0.25, "EUR")];
    let question = "what would october have cost at 0.25 euros a kWh";
    are_told(&house, [(question, figures)]).await;
    let dryer = [house.device("Trockner")];
    let of_dryer = kwh(&dryer, &[october]) * 0.4;
    let question = "if the price were 40 cents per kWh, what would the dryer have cost in october";
    are_told(&house, [(question, vec![(of_dryer, "EUR")])]).await;
    // With a meter at the grid, what it takes is paid for.
    house.meter().await;
    let meter = [house.device("Meter")];
    let taken = kwh(&meter, &[october]);
    assert!(taken > used);
    let question = "what would october have cost at 25 cents per kWh";
    are_told(&house, [(question, vec![(taken * 0.25, "EUR")])]).await;
}

#[tokio::test]
async fn a_budget_is_held_against_the_forecast() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let said = async |question: &str| {
        let steps = house.steps(question).await;
        let text = |it: &Kind| match it {
            Kind::Text(text) => text.text.clone(),
            _ => String::new(),
        };
        steps.iter().map(text).collect::<String>()
    };
    let within = said("will we stay under 100000 euros this month").await;
    assert!(
        within.starts_with("Most likely within") && within.contains("100"),
        "{within}"
    );
    let above = said("can we keep the bill below 1 euro this month").await;
    assert!(above.starts_with("Most likely more than"), "{above}");
}

#[tokio::test]
async fn what_no_device_explains_is_the_meter_less_the_devices() {
    let mut house = House::new("spree", "2026-11-18T09:12").await;
    house.meter().await;
    let (meter, devices): (Vec<&Metered>, Vec<&Metered>) = house.devices.iter().partition(|it| it.name == "Meter");
    let october = [period(&house, "2026-10-01", "2026-11-01")];
    let (home, tracked) = (kwh(&meter, &october), kwh(&devices, &october));
    let rest = home - tracked;
    let range = pb::DateRange {
        first: "2026-10-01".to_owned(),
        last: "2026-10-31".to_owned(),
    };
    let plan = pb::QueryPlan {
        operation: pb::Operation::Untracked.into(),
        metric: pb::Metric::Energy.into(),
        period: Some(pb::TimeExpression {
            kind: Some(pb::time_expression::Kind::Dates(range)),
            ..Default::default()
        }),
        ..Default::default()
    };
    let facts = house.replay(plan).await;
    let wrong = missing(&facts, &[(home, "kWh"), (rest, "kWh"), (rest / home * 100.0, "%")]);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn devices_without_a_run_are_named() {
    let mut house = House::new("spree", "2026-11-18T09:12").await;
    house.idle("Spare lamp").await;
    let facts = house
        .talk(&["which devices weren't used at all last week"])
        .await
        .unwrap();
    let told = |name: &str| facts.iter().any(|it| it.label == name && it.value == Some(0.0));
    let unused: Vec<&str> = house
        .devices
        .iter()
        .map(|it| it.name.as_str())
        .filter(|it| told(it))
        .collect();
    assert_eq!(unused, ["Spare lamp"]);
}

#[tokio::test]
async fn electrical_values_are_those_of_the_readings() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let dryer = house.device("Trockner");
    let within = |(from, to): (i64, i64)| dryer.readings.iter().filter(move |it| (from..to).contains(&it.0));
    let week = period(&house, "2026-11-09", "2026-11-16");
    let amps = within(week).map(|(at, watts)| watts / volts(*at)).fold(0.0, f64::max);
    let yesterday = period(&house, "2026-11-17", "2026-11-18");
    let lowest = within(yesterday).map(|(at, _)| volts(*at)).fold(f64::MAX, f64::min);
    let mean = within(yesterday).map(|(at, _)| volts(*at)).sum::<f64>() / within(yesterday).count() as f64;
    let cases: [Case; 5] = [
        ("maximum amps drawn by the dryer last week", vec![(amps, "A")]),
        ("lowest voltage of the dryer yesterday", vec![(lowest, "V")]),
        ("lowest voltage yesterday", vec![(lowest, "V")]),
        ("average voltage of the dryer yesterday", vec![(mean, "V")]),
        ("power factor of the dryer yesterday", vec![(0.9, "")]),
    ];
    are_told(&house, cases).await;
}

#[tokio::test]
async fn the_dearest_day_of_the_home_has_its_standing_charge() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let home: Vec<&Metered> = house.devices.iter().collect();
    let of_day = |day: &(i64, i64)| oracle::money(&house, &home, *day) + STANDING;
    let november = house.days(period(&house, "2026-11-01", "2026-11-18"));
    let most = november.iter().map(of_day).fold(0.0, f64::max);
    are_told(&house, [("most expensive day this month so far", vec![(most, "EUR")])]).await;
}
