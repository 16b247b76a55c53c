//! Periods at the ends of time, beyond ten years, and reversed: an answer or a refusal by field, never a failure.

use super::{
    DAY, HOUR, ask, change, hourly,
    query_support::{House, field, period, seconds},
    try_ask, untracked,
};
use tonic::Status;
use voltaire_proto::telemetry::v1 as pb;

/// 9999-12-30T22:00Z and −9999-01-03T00:00Z, from the house's midnight on.
const LAST: i64 = 253_402_207_200 - 1_780_264_800;
const FIRST: i64 = -377_705_023_201 + DAY - 1_780_264_800;

/// What every question that takes a period says to one.
async fn every(house: &House, device: &str, asked: &pb::Period) -> Vec<Result<(), Status>> {
    let period = || Some(*asked);
    let step = pb::Step {
        kind: Some(pb::step::Kind::Columns(10)),
    };
    let compare = pb::ExplainChangeRequest {
        period: period(),
        compare_to: period(),
        ..pb::ExplainChangeRequest::default()
    };
    vec![
        try_ask!(house.get_flows(pb::GetFlowsRequest {
            period: period(),
            step: Some(step),
            ..Default::default()
        }))
        .map(drop),
        try_ask!(house.get_always_on(pb::GetAlwaysOnRequest {
            period: period(),
            ..Default::default()
        }))
        .map(drop),
        try_ask!(house.get_duration_curve(pb::GetDurationCurveRequest {
            period: period(),
            ..Default::default()
        }))
        .map(drop),
        try_ask!(house.get_profile(pb::GetProfileRequest {
            period: period(),
            ..Default::default()
        }))
        .map(drop),
        try_ask!(house.get_activity(pb::GetActivityRequest {
            period: period(),
            device_id: device.to_owned()
        }))
        .map(drop),
        try_ask!(house.list_unusual_days(pb::ListUnusualDaysRequest {
            period: period(),
            ..Default::default()
        }))
        .map(drop),
        try_ask!(house.get_data_quality(pb::GetDataQualityRequest {
            period: period(),
            ..Default::default()
        }))
        .map(drop),
        change(house, compare).await.map(drop),
    ]
}

#[tokio::test]
async fn periods_at_the_ends_of_time_are_answered() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&device, 0, [50.0; 24])).await;
    for time in [(LAST - 3 * DAY, LAST), (FIRST, FIRST + 3 * DAY), (0, 1)] {
        for answer in every(&house, &device, &period(time)).await {
            assert!(answer.is_ok(), "{time:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn senseless_periods_are_refused_by_every_question() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    let last = pb::Period {
        kind: Some(pb::period::Kind::Last(seconds(0))),
    };
    let years = period((0, 3_654 * DAY));
    for (asked, wrong) in [
        (period((10, 0)), "period.interval"),
        (years, "period.interval"),
        (last, "period.last"),
    ] {
        for answer in every(&house, &device, &asked).await {
            assert_eq!(field(&answer.unwrap_err()), wrong);
        }
    }
}

#[tokio::test]
async fn ten_years_of_quarter_hours_are_answered_from_few_readings() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&device, 0, [50.0; 24])).await;
    let request = pb::GetDurationCurveRequest {
        period: Some(period((DAY - 3_652 * DAY, DAY))),
        threshold_watts: vec![40.0, 60.0],
        ..pb::GetDurationCurveRequest::default()
    };
    let answer = ask!(house.get_duration_curve(request));
    let times: Vec<_> = answer.times.iter().map(|it| it.seconds).collect();
    assert_eq!((times, answer.measured_seconds), (vec![86_400.0, 0.0], 86_400.0));
}

#[tokio::test]
async fn a_home_that_is_its_devices_has_nothing_untracked() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&device, 0, [50.0])).await;
    let summary = house.summarize((0, HOUR), Some(untracked("")), true).await;
    let rest = summary.summary.unwrap();
    assert_eq!(
        (rest.energy_wh, rest.coverage, rest.average_power_watts),
        (0.0, 0.0, None)
    );
    assert!(summary.devices.is_empty() && rest.peak.is_none());
}
