//! Why two periods differ.

use super::{
    DAY, HOUR, change, hourly,
    query_support::{self, House, field, period},
};
use voltaire_proto::telemetry::v1::{self as pb, home_service_client::HomeServiceClient};

/// A thousandth of a millionth of a watt-hour: what sums of floating point numbers may lose.
const NOTHING: f64 = 1e-9;

fn compare(now: (i64, i64), before: (i64, i64)) -> pb::ExplainChangeRequest {
    pb::ExplainChangeRequest {
        period: Some(period(now)),
        compare_to: Some(period(before)),
        ..pb::ExplainChangeRequest::default()
    }
}

fn adds_up(answer: &pb::ExplainChangeResponse) {
    let amount =
        |it: &pb::Contribution| -> rust_decimal::Decimal { it.change_cost.as_ref().unwrap().amount.parse().unwrap() };
    let cost: rust_decimal::Decimal = answer.change_cost.as_ref().unwrap().amount.parse().unwrap();
    for list in [&answer.contributions, &answer.parts, &answer.hours] {
        let energy: f64 = list.iter().map(|it| it.change_wh).sum();
        assert!(
            (energy - answer.change_wh).abs() < NOTHING,
            "{energy} {}",
            answer.change_wh
        );
        assert_eq!(list.iter().map(amount).sum::<rust_decimal::Decimal>(), cost);
    }
    assert!((answer.energy_wh - answer.compared_wh - answer.change_wh).abs() < NOTHING);
}

fn parts(answer: &pb::ExplainChangeResponse) -> Vec<(&str, f64)> {
    answer
        .parts
        .iter()
        .map(|it| (it.label.as_str(), it.change_wh))
        .collect()
}

#[tokio::test]
async fn a_difference_is_explained_by_devices_hours_and_what_is_untracked() {
    let mut house = House::new().await;
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let oven = house.device("Oven", pb::Flow::Consumption, Some(&grid)).await;
    let lamp = house.device("Lamp", pb::Flow::Consumption, Some(&grid)).await;
    let at = |hour: i64, watts: f64| move |it: i64| if it == hour { watts } else { 0.0 };
    let day = |power: &dyn Fn(i64) -> f64| (0..24).map(power).collect::<Vec<_>>();
    house.ingest(hourly(&oven, 0, day(&at(18, 1_000.0)))).await;
    house.ingest(hourly(&oven, 24, day(&at(12, 3_000.0)))).await;
    house.ingest(hourly(&lamp, 0, vec![10.0; 48])).await;
    house
        .ingest(hourly(&grid, 0, day(&|it| 60.0 + at(18, 1_000.0)(it))))
        .await;
    house
        .ingest(hourly(&grid, 24, day(&|it| 50.0 + at(12, 3_000.0)(it))))
        .await;
    let answer = change(&house, compare((DAY, 2 * DAY), (0, DAY))).await.unwrap();
    adds_up(&answer);
    assert_eq!(parts(&answer), [("Oven", 2_000.0), ("Untracked", -240.0)]);
    let largest = &answer.contributions[0];
    assert_eq!(
        (largest.hour, largest.change_wh, largest.kind()),
        (Some(12), 3_000.0, pb::ContributionKind::Device)
    );
    assert_eq!(largest.scope.as_ref().unwrap(), &House::scope_of(&oven));
    assert_eq!(answer.parts[1].scope, Some(super::untracked("")));
    // 1.76 kWh at 0.30; both days have the same standing charge.
    assert_eq!(
        (answer.change_cost.unwrap().amount.as_str(), answer.length_wh),
        ("0.528", 0.0)
    );
    assert_eq!((answer.coverage, answer.compared_coverage), (1.0, 1.0));
}

#[tokio::test]
async fn what_comes_from_different_lengths_is_told_apart() {
    let mut house = House::new().await;
    let fridge = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&fridge, 0, vec![50.0; 24])).await;
    house.ingest(hourly(&fridge, 24, vec![60.0; 48])).await;
    let answer = change(&house, compare((DAY, 3 * DAY), (0, DAY))).await.unwrap();
    adds_up(&answer);
    assert_eq!((answer.change_wh, answer.length_wh), (2_880.0 - 1_200.0, 24.0 * 55.0));
    let kinds: Vec<_> = answer.parts.iter().map(|it| (it.kind(), it.length_wh)).collect();
    assert_eq!(
        kinds,
        [
            (pb::ContributionKind::Device, 1_320.0),
            (pb::ContributionKind::StandingCharge, 0.0)
        ]
    );
}

#[tokio::test]
async fn a_day_of_23_hours_differs_by_the_hour_that_it_lacks() {
    let mut house = House::new().await;
    let fridge = house.device("Fridge", pb::Flow::Consumption, None).await;
    // 2026-03-29T00:00 in Berlin is 64 days before the house's midnight and an hour less.
    let short = -64 * DAY + HOUR;
    house.ingest(hourly(&fridge, short / HOUR - 24, vec![100.0; 47])).await;
    let answer = change(&house, compare((short, short + 23 * HOUR), (short - DAY, short)))
        .await
        .unwrap();
    adds_up(&answer);
    assert_eq!(
        (answer.change_wh, answer.length_wh, answer.contributions.len()),
        (-100.0, -100.0, 1)
    );
    assert_eq!(answer.contributions[0].hour, Some(2));
}

#[tokio::test]
async fn own_supply_is_its_own_part_of_the_cost() {
    let mut house = House::new().await;
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    let oven = house.device("Oven", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&grid, 0, [1_000.0, -500.0])).await;
    house.ingest(hourly(&solar, 0, [0.0, 1_500.0])).await;
    house.ingest(hourly(&oven, 0, [1_000.0, 1_000.0])).await;
    let answer = change(&house, compare((HOUR, 2 * HOUR), (0, HOUR))).await.unwrap();
    adds_up(&answer);
    let own = answer
        .parts
        .iter()
        .find(|it| it.kind() == pb::ContributionKind::OwnSupply)
        .unwrap();
    assert_eq!(
        (own.change_wh, own.change_cost.as_ref().unwrap().amount.as_str()),
        (0.0, "-0.3")
    );
    assert_eq!(
        (answer.change_wh, answer.change_cost.unwrap().amount.as_str()),
        (0.0, "-0.3")
    );
}

#[tokio::test]
async fn a_parent_is_explained_by_what_is_below_it() {
    let mut house = House::new().await;
    let panel = house.device("Panel", pb::Flow::Consumption, None).await;
    let lamp = house.device("Lamp", pb::Flow::Consumption, Some(&panel)).await;
    house.ingest(hourly(&panel, 0, [100.0, 170.0])).await;
    house.ingest(hourly(&lamp, 0, [10.0, 30.0])).await;
    let request = pb::ExplainChangeRequest {
        scope: Some(House::scope_of(&panel)),
        ..compare((HOUR, 2 * HOUR), (0, HOUR))
    };
    let answer = change(&house, request).await.unwrap();
    adds_up(&answer);
    assert_eq!(parts(&answer), [("Untracked", 50.0), ("Lamp", 20.0)]);
    assert_eq!(answer.parts[0].scope, Some(super::untracked(&panel)));
    let own = pb::ExplainChangeRequest {
        scope: Some(House::scope_of(&lamp)),
        ..compare((HOUR, 2 * HOUR), (0, HOUR))
    };
    assert_eq!(parts(&change(&house, own).await.unwrap()), [("Lamp", 20.0)]);
}

#[tokio::test]
async fn reversed_periods_are_refused_by_field() {
    let house = House::new().await;
    let refused = async |request| field(&change(&house, request).await.unwrap_err());
    assert_eq!(refused(compare((10, 0), (0, 10))).await, "period.interval");
    assert_eq!(refused(compare((0, 10), (10, 0))).await, "compare_to.interval");
}

#[tokio::test]
async fn a_change_is_the_difference_of_the_summaries_also_where_prices_change() {
    let mut house = House::new().await;
    let tariff = |valid_from: &str, price: &str, charge: &str| pb::Tariff {
        valid_from: valid_from.to_owned(),
        price_per_kwh: price.to_owned(),
        standing_charge_per_day: charge.to_owned(),
    };
    let home = pb::Home {
        tariffs: vec![tariff("", "0.3427", "0.31"), tariff("2026-06-02", "0.2811", "0.47")],
        ..pb::Home::default()
    };
    let request = pb::UpdateHomeRequest {
        home: Some(home),
        update_mask: None,
    };
    let mut homes = HomeServiceClient::new(house.channel.clone());
    homes.update_home(house.ask(request)).await.unwrap();
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    let plug = house.device("Plug", pb::Flow::Consumption, Some(&grid)).await;
    for (device, step, height) in [(&grid, 97, 700.0), (&solar, 131, 500.0), (&plug, 61, 300.0)] {
        let wave =
            |number: i64| height * ((number * 37 % 101) as f64 / 100.0) - if device == &grid { 250.0 } else { 0.0 };
        let readings = (0..3 * DAY / step).map(|it| query_support::point(device, it * step, wave(it)));
        for part in readings.collect::<Vec<_>>().chunks(5_000) {
            house.ingest(part.to_vec()).await;
        }
    }
    let (now, before) = ((DAY - HOUR, 3 * DAY), (0, DAY + 5_000));
    let answer = change(&house, compare(now, before)).await.unwrap();
    adds_up(&answer);
    let of = async |time| house.summarize(time, None, false).await.summary.unwrap();
    let (now, before) = (of(now).await, of(before).await);
    assert!((answer.energy_wh - now.energy_wh).abs() < 1e-6 && (answer.compared_wh - before.energy_wh).abs() < 1e-6);
    let amount = |it: Option<pb::Money>| -> rust_decimal::Decimal { it.unwrap().amount.parse().unwrap() };
    let difference = amount(now.cost) - amount(before.cost) - amount(answer.change_cost);
    // Each hour's energy is taken to the millionth of a watt-hour.
    assert!(difference.abs() < rust_decimal::Decimal::new(1, 6), "{difference}");
    assert_eq!(
        (answer.coverage, answer.compared_coverage),
        (now.coverage, before.coverage)
    );
}
