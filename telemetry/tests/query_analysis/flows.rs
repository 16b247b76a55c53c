//! Where energy came from and went to.

use super::{
    HOUR, ask, hourly,
    query_support::{House, period, seconds},
    try_ask,
};
use voltaire_proto::telemetry::v1 as pb;

#[tokio::test]
async fn a_metered_home_with_sun_and_battery_is_in_balance() {
    let mut house = House::new().await;
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let below = house.device("Grid of the flat", pb::Flow::Grid, Some(&grid)).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    let battery = house.device("Battery", pb::Flow::Storage, None).await;
    for (device, powers) in [
        (&grid, [500.0, -1_000.0, 0.0, 100.0]),
        (&below, [500.0, 500.0, 500.0, 500.0]),
        (&solar, [0.0, 3_000.0, 1_000.0, -10.0]),
        (&battery, [0.0, 1_500.0, 200.0, -400.0]),
    ] {
        house.ingest(hourly(device, 0, powers)).await;
    }
    let request = pb::GetFlowsRequest {
        period: Some(period((0, 4 * HOUR))),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Fixed(seconds(2 * HOUR))),
        }),
        ..pb::GetFlowsRequest::default()
    };
    let answer = ask!(house.get_flows(request));
    let total = answer.total.unwrap();
    assert_eq!(
        (total.import_wh, total.export_wh, total.production_wh),
        (600.0, 1_000.0, 3_990.0)
    );
    assert_eq!(
        (total.charged_wh, total.discharged_wh, total.consumption_wh),
        (1_700.0, 400.0, 2_290.0)
    );
    assert_eq!(total.self_consumption_wh, 2_990.0);
    assert_eq!(total.self_sufficiency, Some(1.0 - 600.0 / 2_290.0));
    assert_eq!(total.self_consumption_share, Some(2_990.0 / 3_990.0));
    assert_eq!(
        (answer.coverage, answer.grid_estimated, answer.boundaries.len()),
        (1.0, false, 3)
    );
    let summary = house.summarize((0, 4 * HOUR), None, false).await.summary.unwrap();
    assert_eq!(summary.energy_wh, total.consumption_wh);
    let consumption: Vec<_> = answer.steps.iter().map(|it| it.consumption_wh).collect();
    assert_eq!(consumption, [1_000.0, 1_290.0]);
}

#[tokio::test]
async fn without_a_grid_meter_import_and_export_are_balanced_by_quarter_hours() {
    let mut house = House::new().await;
    let oven = house.device("Oven", pb::Flow::Consumption, None).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    house.ingest(hourly(&oven, 0, [1_000.0, 200.0])).await;
    house.ingest(hourly(&solar, 0, [400.0, 800.0])).await;
    let request = pb::GetFlowsRequest {
        period: Some(period((0, 2 * HOUR))),
        ..pb::GetFlowsRequest::default()
    };
    let answer = ask!(house.get_flows(request));
    let total = answer.total.unwrap();
    assert!(answer.grid_estimated && answer.steps.is_empty() && answer.boundaries.is_empty());
    assert_eq!((total.import_wh, total.export_wh), (600.0, 600.0));
    assert_eq!(
        (total.consumption_wh, total.self_consumption_share),
        (1_200.0, Some(0.5))
    );
}

#[tokio::test]
async fn an_empty_home_has_no_flows_and_no_shares() {
    let house = House::new().await;
    let answer = ask!(house.get_flows(pb::GetFlowsRequest::default()));
    let total = answer.total.unwrap();
    assert_eq!(
        (total.consumption_wh, total.self_sufficiency, answer.coverage),
        (0.0, None, 0.0)
    );
}

#[tokio::test]
async fn senseless_steps_of_flows_are_refused_by_field() {
    let house = House::new().await;
    let request = pb::GetFlowsRequest {
        period: Some(period((0, HOUR))),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Columns(0)),
        }),
        ..pb::GetFlowsRequest::default()
    };
    let status = try_ask!(house.get_flows(request)).unwrap_err();
    assert_eq!(super::query_support::field(&status), "step.columns");
}
