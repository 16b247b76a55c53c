//! Series of many scopes and metrics at once, over days of every length, with spikes that survive.

use super::{
    DAY, HOUR, QueryServiceClient, hourly,
    query_support::{House, at, interval, period, point},
    scope, untracked,
};
use voltaire_proto::telemetry::v1::{self as pb, device_service_client::DeviceServiceClient};

async fn ask(house: &House, request: pb::QuerySeriesRequest) -> pb::QuerySeriesResponse {
    let mut client = QueryServiceClient::new(house.channel.clone());
    client.query_series(house.ask(request)).await.unwrap().into_inner()
}

fn hours(time: (i64, i64), scopes: Vec<pb::Scope>, metrics: &[pb::Metric]) -> pb::QuerySeriesRequest {
    pb::QuerySeriesRequest {
        period: Some(period(time)),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Calendar(pb::CalendarUnit::Hour.into())),
        }),
        scopes,
        metrics: metrics.iter().map(|it| i32::from(*it)).collect(),
        ..pb::QuerySeriesRequest::default()
    }
}

/// A fridge in the kitchen.
async fn fridge(house: &House, parent: &str) -> String {
    let device = pb::Device {
        name: "Fridge".to_owned(),
        room: "Kitchen".to_owned(),
        device_type_id: 12,
        parent_device_id: parent.to_owned(),
        ..pb::Device::default()
    };
    let request = house.ask(pb::CreateDeviceRequest { device: Some(device) });
    let made = DeviceServiceClient::new(house.channel.clone())
        .create_device(request)
        .await;
    made.unwrap().into_inner().device.unwrap().device_id
}

#[tokio::test]
async fn every_kind_of_scope_is_answered_at_once() {
    let mut house = House::new().await;
    let main = house.device("Main", pb::Flow::Consumption, None).await;
    let lamp = house.device("Lamp", pb::Flow::Consumption, Some(&main)).await;
    let fridge = fridge(&house, &main).await;
    for (device, powers) in [(&main, [100.0, 200.0]), (&lamp, [10.0, 20.0]), (&fridge, [50.0, 50.0])] {
        house.ingest(hourly(device, 0, powers)).await;
    }
    let set = pb::DeviceSet {
        device_ids: vec![lamp.clone(), fridge.clone()],
    };
    let scopes = vec![
        scope(pb::scope::Kind::Home(pb::WholeHome {})),
        House::scope_of(&lamp),
        scope(pb::scope::Kind::Devices(set)),
        scope(pb::scope::Kind::Room("kitchen".to_owned())),
        scope(pb::scope::Kind::DeviceTypeId(12)),
        untracked(""),
        untracked(&main),
    ];
    let metrics = [pb::Metric::Energy, pb::Metric::PowerMax];
    let answer = ask(&house, hours((0, 2 * HOUR), scopes.clone(), &metrics)).await;
    assert_eq!(answer.series.len(), 14);
    let energy = answer.series.iter().step_by(2);
    assert_eq!(
        energy.clone().map(|it| it.scope.clone().unwrap()).collect::<Vec<_>>(),
        scopes
    );
    let told: Vec<_> = energy.map(|it| (it.label.as_str(), it.values.clone())).collect();
    let expected = [
        ("Home", [100.0, 200.0]),
        ("Lamp", [10.0, 20.0]),
        ("Lamp, Fridge", [60.0, 70.0]),
        ("Kitchen", [50.0, 50.0]),
        ("Fridge", [50.0, 50.0]),
        ("Untracked", [40.0, 130.0]),
        ("Main: Untracked", [40.0, 130.0]),
    ];
    assert_eq!(told, expected.map(|(label, values)| (label, values.to_vec())));
    for series in answer.series.chunks(2) {
        assert_eq!(
            series[0].values, series[1].values,
            "an hour's mean is its highest: {}",
            series[0].label
        );
    }
}

#[tokio::test]
async fn what_is_added_up_without_the_curve_is_what_the_curve_gives() {
    let mut house = House::new().await;
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    let wave = |second: i64| 300.0 - (second % 977) as f64;
    house
        .ingest((0..2_000).map(|it| point(&grid, it * 30, wave(it * 30))).collect())
        .await;
    house
        .ingest(
            (100..900)
                .map(|it| point(&solar, it * 45, wave(it * 61).abs()))
                .collect(),
        )
        .await;
    house.ingest(vec![interval(&solar, 50_000, 5_000, 77.0)]).await;
    let plain = [pb::Metric::Energy, pb::Metric::Cost, pb::Metric::Coverage];
    let with_power = [&plain[..], &[pb::Metric::PowerMax]].concat();
    let scopes = || vec![scope(pb::scope::Kind::Home(pb::WholeHome {})), House::scope_of(&grid)];
    let added = ask(&house, hours((600, DAY), scopes(), &plain)).await.series;
    let curve = ask(&house, hours((600, DAY), scopes(), &with_power)).await.series;
    let curve = curve.iter().filter(|it| it.metric() != pb::Metric::PowerMax);
    for (added, curve) in added.iter().zip(curve) {
        for (a, b) in added.values.iter().zip(&curve.values) {
            assert!(
                (a - b).abs() < 1e-9 || a.is_nan() && b.is_nan(),
                "{:?}: {a} {b}",
                added.metric()
            );
        }
    }
}

#[tokio::test]
async fn the_short_day_has_23_hours() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    // 2026-03-29T00:00 in Berlin.
    let start = -64 * DAY + HOUR;
    house.ingest(hourly(&device, start / HOUR, vec![10.0; 24])).await;
    let answer = ask(
        &house,
        hours((start, start + 23 * HOUR), Vec::new(), &[pb::Metric::Energy]),
    )
    .await;
    assert_eq!(answer.series[0].values, [10.0; 23]);
    let days = pb::QuerySeriesRequest {
        period: Some(period((start, start + 2 * DAY))),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Calendar(pb::CalendarUnit::Day.into())),
        }),
        ..pb::QuerySeriesRequest::default()
    };
    let days = ask(&house, days).await;
    assert_eq!(days.boundaries[..2], [at(start), at(start + 23 * HOUR)]);
    assert_eq!(days.series[0].values[0], 230.0);
}

#[tokio::test]
async fn a_spike_survives_in_columns_of_a_day() {
    let mut house = House::new().await;
    let device = house.device("Kettle", pb::Flow::Consumption, None).await;
    let watts = |second: i64| if second == 5_003 * 9 { 3_000.0 } else { 5.0 };
    let readings: Vec<_> = (0..9_600).map(|it| point(&device, it * 9, watts(it * 9))).collect();
    for part in readings.chunks(5_000) {
        house.ingest(part.to_vec()).await;
    }
    let month = pb::QuerySeriesRequest {
        period: Some(period((-29 * DAY, DAY))),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Columns(30)),
        }),
        metrics: [pb::Metric::PowerMin, pb::Metric::PowerAverage, pb::Metric::PowerMax]
            .map(i32::from)
            .to_vec(),
        ..pb::QuerySeriesRequest::default()
    };
    let answer = ask(&house, month).await;
    let last: Vec<_> = answer.series.iter().map(|it| it.values[29]).collect();
    assert_eq!((answer.boundaries.len(), last[0], last[2]), (31, 5.0, 3_000.0));
    assert!(last[1] > 5.0 && last[1] < 6.0);
}
