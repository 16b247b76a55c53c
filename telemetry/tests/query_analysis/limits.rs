//! What would read too much is refused, and what reads little is not.

use super::{
    DAY, HOUR, ask,
    query_support::{House, field, period, point, seconds},
    try_ask,
};
use voltaire_proto::telemetry::v1::{self as pb, query_service_client::QueryServiceClient};
use voltaire_telemetry::Config;

/// A house where a question may read 2,000 readings, and a pump with one every 10 seconds for 10 hours, which is on for
/// the first half of every minute in the third hour.
async fn frugal() -> (House, String) {
    let config = Config {
        most_readings: 2_000,
        ..Config::default()
    };
    let mut house = House::with(config).await;
    let pump = house.device("Pump", pb::Flow::Consumption, None).await;
    let watts = |second: i64| {
        if (2 * HOUR..3 * HOUR).contains(&second) && second % 60 < 30 {
            300.0
        } else {
            3.0
        }
    };
    house
        .ingest((0..3_600).map(|it| point(&pump, it * 10, watts(it * 10))).collect())
        .await;
    (house, pump)
}

fn series(step: i64) -> pb::QuerySeriesRequest {
    pb::QuerySeriesRequest {
        period: Some(period((0, 10 * HOUR))),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Fixed(seconds(step))),
        }),
        ..pb::QuerySeriesRequest::default()
    }
}

#[tokio::test]
async fn steps_of_a_minute_over_many_readings_are_refused_and_quarters_are_not() {
    let (house, _) = frugal().await;
    assert_eq!(house.refused_series(series(60)).await, "TOO_MUCH_TO_READ");
    let mut client = QueryServiceClient::new(house.channel.clone());
    let status = client.query_series(house.ask(series(60))).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::FailedPrecondition);
    assert!(status.message().contains("2000 readings") && status.message().contains("shorter period"));
    assert!(client.query_series(house.ask(series(900))).await.is_ok());
    let short = pb::QuerySeriesRequest {
        period: Some(period((0, HOUR))),
        ..series(60)
    };
    assert!(client.query_series(house.ask(short)).await.is_ok());
}

#[tokio::test]
async fn readings_are_read_only_where_a_threshold_is_crossed() {
    let (house, pump) = frugal().await;
    // Of 3,600 readings only the third hour's, and those around it, lie on both sides of 10 W.
    let runs = house.runs(&pump, (0, 10 * HOUR), 10, "").await.runs;
    assert_eq!(runs.len(), 1);
    let request = |threshold| pb::GetDurationCurveRequest {
        period: Some(period((0, DAY))),
        threshold_watts: vec![threshold],
        ..pb::GetDurationCurveRequest::default()
    };
    let answer = ask!(house.get_duration_curve(request(151.5)));
    assert!((answer.times[0].seconds - 30.0 * 60.0).abs() < 1e-6);
    // Every quarter hour touches 3 W but none falls below it.
    assert_eq!(ask!(house.get_duration_curve(request(2.9))).times[0].seconds, 35_990.0);
}

#[tokio::test]
async fn a_curve_that_crosses_everywhere_is_refused() {
    let config = Config {
        most_readings: 2_000,
        ..Config::default()
    };
    let mut house = House::with(config).await;
    let pump = house.device("Pump", pb::Flow::Consumption, None).await;
    let watts = |number: i64| if number % 2 == 0 { 300.0 } else { 0.0 };
    house
        .ingest((0..3_600).map(|it| point(&pump, it * 10, watts(it))).collect())
        .await;
    let request = |end| pb::GetActivityRequest {
        device_id: pump.clone(),
        period: Some(period((0, end))),
    };
    let refused = try_ask!(house.get_activity(request(10 * HOUR))).unwrap_err();
    assert_eq!(field(&refused), "TOO_MUCH_TO_READ");
    assert!(try_ask!(house.get_activity(request(5 * HOUR))).is_ok());
    let nights = pb::GetAlwaysOnRequest {
        period: Some(period((0, 10 * HOUR))),
        ..pb::GetAlwaysOnRequest::default()
    };
    assert_eq!(ask!(house.get_always_on(nights)).minutes, 180);
}

#[tokio::test]
async fn nights_with_too_many_readings_are_refused() {
    let config = Config {
        most_readings: 1_000,
        ..Config::default()
    };
    let mut house = House::with(config).await;
    let pump = house.device("Pump", pb::Flow::Consumption, None).await;
    house
        .ingest((0..2_000).map(|it| point(&pump, it * 10, 30.0)).collect())
        .await;
    let nights = |end| pb::GetAlwaysOnRequest {
        period: Some(period((0, end))),
        ..pb::GetAlwaysOnRequest::default()
    };
    let refused = try_ask!(house.get_always_on(nights(6 * HOUR))).unwrap_err();
    assert_eq!(field(&refused), "TOO_MUCH_TO_READ");
    assert_eq!(ask!(house.get_always_on(nights(4 * HOUR))).minutes, 120);
}
