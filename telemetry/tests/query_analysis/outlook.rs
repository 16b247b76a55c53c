//! Unusual days and forecasts. The house's clock stands at 2026-06-11T00:00 in Berlin, a Thursday.

use super::{
    DAY, HOUR, ask, hourly,
    query_support::{House, at, field, period},
    try_ask,
};
use voltaire_proto::telemetry::v1::{self as pb, home_service_client::HomeServiceClient};

const NOW: i64 = 10 * DAY;

/// A device that used so much in the hours of so many days before now; the hour counts from the house's midnight.
async fn history(days: i64, power: impl Fn(i64) -> f64) -> House {
    let mut house = House::new().await;
    let main = house.device("Main", pb::Flow::Consumption, None).await;
    let first = (NOW - days * DAY) / HOUR;
    house.ingest(hourly(&main, first, (first..NOW / HOUR).map(power))).await;
    house
}

/// More by day than by night, more on each weekday than on the one before, and never quite the same.
fn ordinary(hour: i64) -> f64 {
    let (of_day, day) = (hour.rem_euclid(24), hour.div_euclid(24));
    let wobble = ((hour * 7_919 + day * 31).rem_euclid(13) - 6) as f64;
    200.0 + of_day as f64 * 10.0 + day.rem_euclid(7) as f64 * 20.0 + wobble * 4.0
}

#[tokio::test]
async fn a_night_that_was_not_as_usual_is_found_with_its_hours() {
    // A heater runs in the night of 2026-06-04.
    let heater = |hour: i64| if (72..78).contains(&hour) { 1_500.0 } else { 0.0 };
    let house = history(66, |hour| ordinary(hour) + heater(hour)).await;
    let request = pb::ListUnusualDaysRequest {
        period: Some(period((0, NOW))),
        ..pb::ListUnusualDaysRequest::default()
    };
    let answer = ask!(house.list_unusual_days(request));
    assert_eq!((answer.days.len(), answer.judged_days), (1, 10));
    let day = &answer.days[0];
    assert_eq!((day.date.as_str(), day.weekday, day.hours.len()), ("2026-06-04", 4, 6));
    assert!((day.happened_wh - day.expected_wh - 9_000.0).abs() < 400.0 && day.score > 3.5);
    let first = &day.hours[0];
    assert_eq!((first.hour, first.start_time), (0, Some(at(72 * HOUR))));
    assert!((first.happened_wh - first.expected_wh - 1_500.0).abs() < 60.0 && first.score > 5.0);
}

#[tokio::test]
async fn ordinary_days_are_not_unusual_and_young_homes_are_not_judged() {
    let request = || pb::ListUnusualDaysRequest {
        period: Some(period((0, NOW))),
        ..pb::ListUnusualDaysRequest::default()
    };
    let house = history(66, ordinary).await;
    let answer = ask!(house.list_unusual_days(request()));
    assert_eq!((answer.days.len(), answer.judged_days), (0, 10));
    let young = history(20, ordinary).await;
    let answer = ask!(young.list_unusual_days(request()));
    assert_eq!((answer.days.len(), answer.judged_days), (0, 0));
    let refused = pb::ListUnusualDaysRequest { limit: -1, ..request() };
    assert_eq!(field(&try_ask!(young.list_unusual_days(refused)).unwrap_err()), "limit");
}

fn month() -> pb::GetForecastRequest {
    pb::GetForecastRequest::default()
}

#[tokio::test]
async fn a_month_ends_as_its_days_usually_are() {
    let house = history(66, ordinary).await;
    let answer = ask!(house.get_forecast(month()));
    assert_eq!(
        (answer.method(), answer.history_days, answer.coverage),
        (pb::ForecastMethod::Usual, 56, 1.0)
    );
    assert_eq!(answer.forecast_time, Some(at(NOW)));
    assert_eq!(answer.interval.unwrap().end_time, Some(at(30 * DAY)));
    let so_far: f64 = (0..240).map(ordinary).sum();
    let rest: f64 = (240..720).map(ordinary).sum();
    assert!((answer.so_far_wh - so_far).abs() < 1e-6);
    let energy = answer.energy.unwrap();
    assert!((energy.expected_wh - so_far - rest).abs() < 0.01 * rest);
    assert!(energy.low_wh.unwrap() <= energy.expected_wh && energy.expected_wh <= energy.high_wh.unwrap());
    let cost: f64 = answer.cost.unwrap().expected.unwrap().amount.parse().unwrap();
    assert!((cost - energy.expected_wh * 0.0003 - 30.0 * 0.6).abs() < 0.01);
    let so_far_cost: f64 = answer.so_far_cost.unwrap().amount.parse().unwrap();
    assert!((so_far_cost - so_far * 0.0003 - 10.0 * 0.6).abs() < 1e-6);
}

#[tokio::test]
async fn a_year_ends_at_the_prices_of_its_own_days() {
    let house = history(66, |_| 100.0).await;
    let tariff = |valid_from: &str, price: &str| pb::Tariff {
        valid_from: valid_from.to_owned(),
        price_per_kwh: price.to_owned(),
        standing_charge_per_day: "0.60".to_owned(),
    };
    let home = pb::Home {
        tariffs: vec![tariff("", "0.30"), tariff("2026-09-01", "0.60")],
        ..pb::Home::default()
    };
    let request = pb::UpdateHomeRequest {
        home: Some(home),
        update_mask: None,
    };
    let mut homes = HomeServiceClient::new(house.channel.clone());
    homes.update_home(house.ask(request)).await.unwrap();
    let year = pb::GetForecastRequest {
        unit: pb::CalendarUnit::Year.into(),
        ..month()
    };
    let answer = ask!(house.get_forecast(year));
    assert_eq!(answer.method(), pb::ForecastMethod::Usual);
    // 66 days so far and 204 to come, of which 122 at twice the price.
    assert!((answer.energy.unwrap().expected_wh - 270.0 * 2_400.0).abs() < 1e-6);
    let cost = answer.cost.unwrap();
    let told = [cost.expected, cost.low, cost.high].map(|it| it.unwrap().amount);
    assert_eq!(told, ["501.24"; 3]);
}

#[tokio::test]
async fn little_history_goes_on_at_the_same_rate_and_says_so() {
    let house = history(4, |_| 100.0).await;
    let answer = ask!(house.get_forecast(month()));
    assert_eq!(
        (answer.method(), answer.history_days),
        (pb::ForecastMethod::SameRate, 4)
    );
    let energy = answer.energy.unwrap();
    assert!((energy.expected_wh - 2_400.0 * 24.0).abs() < 1e-6);
    assert_eq!(
        (energy.low_wh, energy.high_wh),
        (Some(energy.expected_wh), Some(energy.expected_wh))
    );
    let young = history(1, |_| 100.0).await;
    let energy = ask!(young.get_forecast(month())).energy.unwrap();
    assert!(energy.low_wh.is_none() && energy.high_wh.is_none());
}

#[tokio::test]
async fn nothing_is_forecast_from_nothing() {
    let house = House::new().await;
    let answer = ask!(house.get_forecast(month()));
    assert_eq!(answer.method(), pb::ForecastMethod::Unspecified);
    assert!(answer.energy.is_none() && answer.cost.is_none());
    let hour = pb::GetForecastRequest {
        unit: pb::CalendarUnit::Hour.into(),
        ..month()
    };
    assert_eq!(field(&try_ask!(house.get_forecast(hour)).unwrap_err()), "unit");
}
