//! How good data are.

use super::{
    DAY, HOUR, ask, hourly,
    query_support::{House, at, field, period, point, seconds},
    try_ask,
};
use voltaire_proto::telemetry::v1::{self as pb, ingest_service_client::IngestServiceClient};

#[tokio::test]
async fn gaps_come_longest_first_and_the_least_covered_device_first() {
    let mut house = House::new().await;
    let meter = house.device("Meter", pb::Flow::Consumption, None).await;
    let plug = house.device("Plug", pb::Flow::Consumption, None).await;
    house.device("Silent", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&meter, 0, vec![10.0; 24])).await;
    // A sample every ten seconds from 01:00 to 02:00 and from 02:10 to 04:00.
    let id = plug.as_str();
    let sample = |start: i64| move |number: i64| point(id, start + number * 10, 5.0);
    house.ingest((0..=360).map(sample(HOUR)).collect()).await;
    house.ingest((0..=660).map(sample(2 * HOUR + 600)).collect()).await;
    let request = pb::GetDataQualityRequest {
        period: Some(period((0, DAY))),
        gap_limit: 2,
        ..pb::GetDataQualityRequest::default()
    };
    let answer = ask!(house.get_data_quality(request));
    let names: Vec<_> = answer
        .devices
        .iter()
        .map(|it| (it.label.as_str(), it.reading_count))
        .collect();
    assert_eq!(names, [("Silent", 0), ("Plug", 1_022), ("Meter", 24)]);
    let [silent, plug, meter] = answer.devices.try_into().unwrap();
    assert_eq!(
        (silent.gap_count, silent.coverage, silent.sampling_interval),
        (1, 0.0, None)
    );
    assert_eq!((plug.coverage, plug.gap_count), (10_200.0 / 86_400.0, 3));
    let gaps: Vec<_> = plug
        .gaps
        .iter()
        .map(|it| (it.start_time.unwrap(), it.end_time.unwrap()))
        .collect();
    assert_eq!(gaps, [(at(4 * HOUR), at(DAY)), (at(0), at(HOUR))]);
    assert_eq!(plug.sampling_interval, Some(seconds(10)));
    assert_eq!(
        (meter.coverage, meter.gaps.len(), meter.sampling_interval),
        (1.0, 0, Some(seconds(HOUR)))
    );
}

#[tokio::test]
async fn the_time_since_the_last_reading_is_no_gap_yet() {
    let mut house = House::new().await;
    let plug = house.device("Plug", pb::Flow::Consumption, None).await;
    let now = 10 * DAY;
    let sample = |number: i64| point(&plug, now - HOUR - 200 + number * 100, 5.0);
    house.ingest((0..=37).map(sample).collect()).await;
    let gaps = async |end: i64| {
        let request = pb::GetDataQualityRequest {
            period: Some(period((now - HOUR, end))),
            ..pb::GetDataQualityRequest::default()
        };
        ask!(house.get_data_quality(request)).devices[0].gap_count
    };
    // The last reading is 100 s old; half an hour earlier there was none yet.
    assert_eq!(
        (gaps(now).await, gaps(now + HOUR).await, gaps(now - 1_800).await),
        (0, 0, 0)
    );
    let silent = house.device("Silent", pb::Flow::Consumption, None).await;
    house
        .ingest(vec![point(&silent, now - 301, 5.0), point(&silent, now - 600, 5.0)])
        .await;
    let request = pb::GetDataQualityRequest {
        period: Some(period((now - 600, now))),
        scope: Some(House::scope_of(&silent)),
        ..pb::GetDataQualityRequest::default()
    };
    assert_eq!(ask!(house.get_data_quality(request)).devices[0].gap_count, 1);
}

#[tokio::test]
async fn rejected_readings_are_counted_for_their_own_device_only() {
    let mut house = House::new().await;
    let plug = house.device("Plug", pb::Flow::Consumption, None).await;
    let send = async |house: &House, readings: Vec<pb::Reading>| {
        let request = house.ask(pb::IngestBatchRequest { readings });
        let answer = IngestServiceClient::new(house.channel.clone())
            .ingest_batch(request)
            .await;
        answer.unwrap().into_inner().result.unwrap().rejected.len()
    };
    let bad = || vec![point(&plug, 0, f64::NAN), point(&plug, 1, 2e6), point(&plug, 2, 5.0)];
    assert_eq!((send(&house, bad()).await, send(&house, bad()).await), (2, 2));
    let today = pb::GetDataQualityRequest {
        period: Some(period((9 * DAY, 10 * DAY))),
        scope: Some(House::scope_of(&plug)),
        ..pb::GetDataQualityRequest::default()
    };
    let answer = ask!(house.get_data_quality(today.clone()));
    assert_eq!(answer.devices[0].rejected_count, 4);
    let refused = pb::GetDataQualityRequest { gap_limit: -1, ..today };
    assert_eq!(
        field(&try_ask!(house.get_data_quality(refused)).unwrap_err()),
        "gap_limit"
    );
    house.become_another_user();
    assert_eq!(send(&house, bad()).await, 3);
}
