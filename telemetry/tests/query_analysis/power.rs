//! The always-on load, and how long power is above thresholds.

use super::{
    DAY, HOUR, ask, hourly,
    query_support::{House, field, interval, period, point},
    try_ask,
};
use voltaire_proto::telemetry::v1 as pb;

#[tokio::test]
async fn the_always_on_load_is_what_nights_never_fall_below() {
    let mut house = House::new().await;
    let fridge = house.device("Fridge", pb::Flow::Consumption, None).await;
    let router = house.device("Router", pb::Flow::Consumption, None).await;
    // The fridge runs for a quarter of every hour.
    let quarter = |number: i64| interval(&fridge, number * 900, 900, if number % 4 == 0 { 80.0 } else { 0.0 });
    house.ingest((0..2 * 96).map(quarter).collect()).await;
    house.ingest(hourly(&router, 0, vec![12.0; 48])).await;
    let request = pb::GetAlwaysOnRequest {
        period: Some(period((0, 2 * DAY))),
        ..pb::GetAlwaysOnRequest::default()
    };
    let answer = ask!(house.get_always_on(request));
    assert_eq!(
        (answer.power_watts, answer.nights, answer.minutes),
        (Some(12.0), 2, 360)
    );
    assert_eq!((answer.coverage, answer.yearly_wh), (1.0, Some(12.0 * 8_760.0)));
    assert_eq!(answer.yearly_cost.unwrap().amount, "31.536");
    // 12 of 32 W.
    assert!((answer.share.unwrap() - 0.375).abs() < 1e-9);
}

#[tokio::test]
async fn an_afternoon_has_no_always_on_load() {
    let mut house = House::new().await;
    let router = house.device("Router", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&router, 12, vec![12.0; 6])).await;
    let request = pb::GetAlwaysOnRequest {
        period: Some(period((12 * HOUR, 18 * HOUR))),
        ..pb::GetAlwaysOnRequest::default()
    };
    let answer = ask!(house.get_always_on(request));
    assert_eq!((answer.power_watts, answer.nights, answer.coverage), (None, 0, 0.0));
}

#[tokio::test]
async fn time_above_is_exact_to_the_crossing_and_the_curve_falls() {
    let mut house = House::new().await;
    let heater = house.device("Heater", pb::Flow::Consumption, None).await;
    // From 0 W at midnight up to 1,000 W after 1,000 minutes, and down again at once.
    house
        .ingest(
            (0..=1_000)
                .map(|minute| point(&heater, minute * 60, minute as f64))
                .collect(),
        )
        .await;
    let request = pb::GetDurationCurveRequest {
        period: Some(period((0, DAY))),
        threshold_watts: vec![-5.0, 250.0, 999.5, 1_000.0, 0.0],
        points: 5,
        ..pb::GetDurationCurveRequest::default()
    };
    let answer = ask!(house.get_duration_curve(request));
    let times: Vec<_> = answer.times.iter().map(|it| it.seconds.round()).collect();
    assert_eq!(times, [60_000.0, 45_000.0, 30.0, 0.0, 60_000.0]);
    assert_eq!((answer.measured_seconds, answer.curve.len()), (60_000.0, 5));
    assert!(
        answer
            .curve
            .windows(2)
            .all(|pair| pair[0].power_watts > pair[1].power_watts)
    );
    let lowest = answer.curve.last().unwrap();
    assert!(lowest.share == 1.0 && (lowest.power_watts - 7.5).abs() < 1e-9);
}

#[tokio::test]
async fn time_above_of_a_home_is_that_of_its_sum() {
    let mut house = House::new().await;
    let one = house.device("One", pb::Flow::Consumption, None).await;
    let two = house.device("Two", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&one, 0, [100.0, 100.0, 10.0])).await;
    house.ingest(hourly(&two, 0, [0.0, 100.0, 10.0])).await;
    house.ingest(vec![interval(&two, 3 * HOUR, 600, 500.0)]).await;
    let request = pb::GetDurationCurveRequest {
        period: Some(period((0, 6 * HOUR))),
        threshold_watts: vec![50.0, 150.0],
        ..pb::GetDurationCurveRequest::default()
    };
    let answer = ask!(house.get_duration_curve(request));
    let times: Vec<_> = answer.times.iter().map(|it| it.seconds).collect();
    assert_eq!((times, answer.measured_seconds), (vec![7_800.0, 4_200.0], 11_400.0));
}

#[tokio::test]
async fn senseless_thresholds_are_refused_by_field() {
    let house = House::new().await;
    let ask = async |threshold_watts, points| {
        let request = pb::GetDurationCurveRequest {
            threshold_watts,
            points,
            ..pb::GetDurationCurveRequest::default()
        };
        field(&try_ask!(house.get_duration_curve(request)).unwrap_err())
    };
    assert_eq!(ask(vec![0.0, f64::NAN], 0).await, "threshold_watts[1]");
    assert_eq!(ask(vec![2e6], 0).await, "threshold_watts[0]");
    assert_eq!(ask(vec![0.0; 21], 0).await, "threshold_watts");
    assert_eq!(ask(vec![], 1).await, "points");
    assert_eq!(ask(vec![], 1_001).await, "points");
}
