//! Periods at the ends of time, beyond ten years, and reversed: an answer or a refusal by field, never a failure.

use super::{
    DAY, HOUR, ask, change, hourly,
    query_support::{House, field, period, seconds},
    try_ask, untracked,
};
use tonic::{Code, Status};
use voltaire_mesh::test::on_each_url;
use voltaire_proto::telemetry::v1::{
    self as pb, alert_service_client::AlertServiceClient, correction_service_client::CorrectionServiceClient,
    query_service_client::QueryServiceClient,
};

/// 9999-12-30T22:00Z and −9999-01-03T00:00Z, from the house's midnight on.
const LAST: i64 = 253_402_207_200 - 1_780_264_800;
const FIRST: i64 = -377_705_023_201 + DAY - 1_780_264_800;
/// −4713-11-24, where PostgreSQL's time begins, and the year 1, where protobuf's does.
const FIRST_OF_POSTGRES: i64 = -210_866_803_200 - 1_780_264_800;
const FIRST_OF_PROTOBUF: i64 = -62_135_596_800 - 1_780_264_800;

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

/// What the rest says to one: what reads figures, readings, runs and alerts, and what changes figures.
async fn rest(house: &House, device: &str, asked: &pb::Period) -> Vec<Result<(), Status>> {
    let (period, device_id) = (|| Some(*asked), || device.to_owned());
    let mut query = QueryServiceClient::new(house.channel.clone());
    let series = pb::QuerySeriesRequest {
        period: period(),
        ..Default::default()
    };
    let summary = pb::SummarizeRequest {
        period: period(),
        compare_to: period(),
        per_device: true,
        ..Default::default()
    };
    let readings = pb::ListReadingsRequest {
        device_id: device_id(),
        period: period(),
        ..Default::default()
    };
    let runs = pb::ListRunsRequest {
        device_id: device_id(),
        period: period(),
        ..Default::default()
    };
    let alerts = pb::ListAlertsRequest {
        period: period(),
        ..Default::default()
    };
    let interval = match asked.kind {
        Some(pb::period::Kind::Interval(interval)) => Some(interval),
        _ => None,
    };
    let correction = pb::CreateCorrectionRequest {
        device_id: device_id(),
        interval,
        reason: "a test".to_owned(),
        ..Default::default()
    };
    let mut corrections = CorrectionServiceClient::new(house.channel.clone());
    let mut all_alerts = AlertServiceClient::new(house.channel.clone());
    vec![
        query.query_series(house.ask(series)).await.map(drop),
        query.summarize(house.ask(summary)).await.map(drop),
        query.list_readings(house.ask(readings)).await.map(drop),
        query.list_runs(house.ask(runs)).await.map(drop),
        all_alerts.list_alerts(house.ask(alerts)).await.map(drop),
        corrections.create_correction(house.ask(correction)).await.map(drop),
    ]
}

#[tokio::test]
async fn periods_at_the_ends_of_time_are_answered() {
    on_each_url(async |url| {
        let mut house = House::on(url).await;
        let device = house.device("Fridge", pb::Flow::Consumption, None).await;
        house.ingest(hourly(&device, 0, [50.0; 24])).await;
        for start in [LAST - 3 * DAY, FIRST, FIRST_OF_POSTGRES - DAY, FIRST_OF_PROTOBUF, 0] {
            let time = (start, start + 3 * DAY);
            for answer in every(&house, &device, &period(time)).await {
                assert!(answer.is_ok(), "{time:?}: {answer:?}");
            }
            for answer in rest(&house, &device, &period(time)).await {
                let code = answer.as_ref().err().map(Status::code);
                assert!(
                    matches!(code, None | Some(Code::InvalidArgument)),
                    "{time:?}: {answer:?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn no_time_at_all_makes_a_question_fail() {
    on_each_url(async |url| {
        let mut house = House::on(url).await;
        let device = house.device("Fridge", pb::Flow::Consumption, None).await;
        let ends = [
            i64::MIN,
            FIRST - 2 * DAY,
            FIRST_OF_POSTGRES,
            -1,
            0,
            LAST,
            LAST + 2 * DAY,
            i64::MAX,
        ];
        for (start, end) in ends.iter().zip(&ends[1..]).chain([(&ends[7], &ends[0])]) {
            let time = |seconds: i64| prost_types::Timestamp {
                seconds,
                nanos: 999_999_999,
            };
            let asked = pb::Period {
                kind: Some(pb::period::Kind::Interval(pb::Interval {
                    start_time: Some(time(*start)),
                    end_time: Some(time(*end)),
                })),
            };
            let mut answers = every(&house, &device, &asked).await;
            answers.extend(rest(&house, &device, &asked).await);
            for answer in answers {
                let code = answer.as_ref().err().map(Status::code);
                assert!(
                    matches!(code, None | Some(Code::InvalidArgument)),
                    "{start} to {end}: {answer:?}"
                );
            }
        }
    })
    .await;
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
