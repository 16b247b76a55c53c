//! Scopes: kinds of devices and what no device explains; import and export; meters told from consumers.

use super::{
    HOUR, hourly,
    query_support::{House, at, interval, period, point, seconds},
    scope, untracked,
};
use voltaire_proto::telemetry::v1 as pb;

/// A panel below a grid meter, a lamp below the panel, a heater beside it, and panels on the roof.
async fn metered() -> (House, [String; 5]) {
    let mut house = House::new().await;
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let panel = house.device("Panel", pb::Flow::Consumption, Some(&grid)).await;
    let lamp = house.device("Lamp", pb::Flow::Consumption, Some(&panel)).await;
    let heater = house.device("Heater", pb::Flow::Consumption, Some(&grid)).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    for (device, powers) in [
        (&grid, [900.0, -200.0]),
        (&panel, [400.0, 400.0]),
        (&lamp, [100.0, 150.0]),
        (&heater, [300.0, 0.0]),
        (&solar, [0.0, 1_000.0]),
    ] {
        house.ingest(hourly(device, 0, powers)).await;
    }
    (house, [grid, panel, lamp, heater, solar])
}

#[tokio::test]
async fn what_no_device_explains_is_the_total_less_the_leaves() {
    let (house, [_, panel, ..]) = metered().await;
    let of = async |scope| house.summarize((0, 2 * HOUR), scope, false).await.summary.unwrap();
    let home = of(Some(untracked(""))).await;
    // 900 and 800 W in the house; the lamp and the heater explain 400 and 150 of them.
    assert_eq!(
        (home.energy_wh, home.label.as_str(), home.coverage),
        (1_150.0, "Untracked", 1.0)
    );
    assert_eq!(home.cost.unwrap().amount, "0.345");
    assert_eq!(
        (home.peak, home.average_power_watts, home.reading_count),
        (None, Some(575.0), 8)
    );
    let of_panel = of(Some(untracked(&panel))).await;
    assert_eq!(
        (of_panel.energy_wh, of_panel.label.as_str()),
        (550.0, "Panel: Untracked")
    );
}

#[tokio::test]
async fn devices_that_meter_nothing_have_nothing_untracked() {
    let (mut house, [_, _, lamp, ..]) = metered().await;
    let refused = house.refused_summary(untracked(&lamp)).await;
    assert_eq!(refused, "scope.untracked.device_id");
    house.become_another_user();
    assert_eq!(house.refused_summary(untracked(&lamp)).await, "NO_DEVICE");
}

#[tokio::test]
async fn a_kind_of_device_is_a_scope() {
    let (house, _) = metered().await;
    let kind = |number| scope(pb::scope::Kind::DeviceTypeId(number));
    // Every device is of kind 0; those that consume count, and none twice.
    let summary = house.summarize((0, 2 * HOUR), Some(kind(0)), true).await;
    assert_eq!(summary.summary.unwrap().energy_wh, 1_100.0);
    assert_eq!(summary.devices.len(), 5);
    assert_eq!(house.refused_summary(kind(12)).await, "scope.device_type_id");
}

#[tokio::test]
async fn import_and_export_are_told_apart_step_by_step() {
    let (house, [grid, _, lamp, ..]) = metered().await;
    let metrics = [pb::Metric::Import, pb::Metric::Export];
    let steps = pb::step::Kind::Fixed(seconds(HOUR));
    let home = house.series((0, 3 * HOUR), steps, &metrics).await;
    assert_eq!(home.series[0].values[..2], [900.0, 0.0]);
    assert_eq!(home.series[1].values[..2], [0.0, 200.0]);
    assert!(home.series[0].values[2].is_nan() && home.series[1].unit == "Wh");
    let of = |device: &str| pb::QuerySeriesRequest {
        period: Some(period((0, 2 * HOUR))),
        step: Some(pb::Step { kind: Some(steps) }),
        scopes: vec![House::scope_of(device)],
        metrics: metrics.map(i32::from).to_vec(),
        ..pb::QuerySeriesRequest::default()
    };
    let ask = async |request| {
        let mut client = super::QueryServiceClient::new(house.channel.clone());
        client
            .query_series(house.ask(request))
            .await
            .unwrap()
            .into_inner()
            .series
    };
    assert_eq!(ask(of(&grid)).await[1].values, [0.0, 200.0]);
    assert!(ask(of(&lamp)).await[0].values.iter().all(|it| it.is_nan()));
}

#[tokio::test]
async fn meters_are_told_from_what_consumes() {
    let (house, _) = metered().await;
    let devices = house.summarize((0, 2 * HOUR), None, true).await.devices;
    let told: Vec<_> = devices
        .iter()
        .map(|it| (it.label.as_str(), it.flow(), it.meters_others))
        .collect();
    assert_eq!(
        told,
        [
            ("Solar", pb::Flow::Production, false),
            ("Panel", pb::Flow::Consumption, true),
            ("Grid", pb::Flow::Grid, true),
            ("Heater", pb::Flow::Consumption, false),
            ("Lamp", pb::Flow::Consumption, false),
        ]
    );
}

#[tokio::test]
async fn runs_are_found_where_samples_cross_a_threshold_within_steady_hours() {
    let mut house = House::new().await;
    let pump = house.device("Pump", pb::Flow::Consumption, None).await;
    // A sample every minute for six hours; on for twenty minutes from 02:07 on, and from 04:00 to 05:00.
    let watts = |minute: i64| {
        if (127..147).contains(&minute) || (240..300).contains(&minute) {
            500.0
        } else {
            0.0
        }
    };
    house
        .ingest(
            (0..360)
                .map(|minute| point(&pump, minute * 60, watts(minute)))
                .collect(),
        )
        .await;
    house.ingest(vec![interval(&pump, 10 * HOUR, HOUR, 50.0)]).await;
    let runs = house.runs(&pump, (0, 12 * HOUR), 10, "").await.runs;
    let starts: Vec<_> = runs
        .iter()
        .map(|it| it.interval.as_ref().unwrap().start_time.unwrap())
        .collect();
    // A line rises from 0 to 500 W within a minute: 10 W after a fiftieth of it.
    let rises = [127 * 60 - 59, 240 * 60 - 59, 10 * HOUR].map(|second| at(second).seconds);
    assert_eq!(starts.iter().map(|it| it.seconds).collect::<Vec<_>>(), rises);
    assert_eq!(runs[2].energy_wh, 50.0);
}
