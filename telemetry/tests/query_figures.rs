//! Figures at the service's edge: what `QuerySeries`, `Summarize` and `ListRuns` answer.

#![expect(clippy::float_cmp, reason = "these values are exact")]

mod query_support;

use query_support::{House, at, interval, point, seconds};
use voltaire_proto::telemetry::v1 as pb;

const WHOLE_DAY: (i64, i64) = (0, 86_400);

#[tokio::test]
async fn a_home_is_its_topmost_consumers_and_no_child_counts_twice() {
    let mut house = House::new().await;
    let panel = house.device("Panel", pb::Flow::Consumption, None).await;
    let oven = house.device("Oven", pb::Flow::Consumption, Some(&panel)).await;
    house
        .ingest(vec![interval(&panel, 0, 3600, 1000.0), interval(&oven, 0, 3600, 600.0)])
        .await;
    let answer = house.summarize(WHOLE_DAY, None, true).await;
    let summary = answer.summary.unwrap();
    assert_eq!((summary.energy_wh, summary.reading_count), (1000.0, 1));
    assert_eq!(
        (summary.covered_seconds, summary.average_power_watts),
        (3600.0, Some(1000.0))
    );
    let devices: Vec<_> = answer
        .devices
        .iter()
        .map(|it| (it.label.as_str(), it.energy_wh))
        .collect();
    assert_eq!(devices, [("Panel", 1000.0), ("Oven", 600.0)]);
}

#[tokio::test]
async fn a_home_with_a_grid_meter_is_import_and_production() {
    let mut house = House::new().await;
    let grid = house.device("Grid", pb::Flow::Grid, None).await;
    let solar = house.device("Solar", pb::Flow::Production, None).await;
    let oven = house.device("Oven", pb::Flow::Consumption, Some(&grid)).await;
    house
        .ingest(vec![
            interval(&grid, 0, 3600, 500.0),
            interval(&grid, 3600, 3600, -200.0),
            interval(&solar, 3600, 3600, 900.0),
            interval(&oven, 0, 7200, 400.0),
        ])
        .await;
    let summary = house.summarize((0, 7200), None, false).await.summary.unwrap();
    assert_eq!((summary.energy_wh, summary.coverage), (1200.0, 1.0));
    // Only what is taken from the grid is paid: 0.5 kWh, and two of the day's 24 hours.
    assert_eq!(summary.cost.unwrap().amount, "0.2");
    assert_eq!(summary.standing_charge.unwrap().amount, "0.05");
    let peak = summary.peak.unwrap();
    assert_eq!((peak.power_watts, peak.time.unwrap()), (700.0, at(3600)));
}

#[tokio::test]
async fn a_standing_charge_is_the_homes_and_of_days_that_have_begun() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(vec![interval(&device, 0, 3600, 100.0)]).await;
    let days = pb::step::Kind::Calendar(pb::CalendarUnit::Day.into());
    // It is the beginning of the eleventh day.
    let home = house
        .series((8 * 86_400, 12 * 86_400), days, &[pb::Metric::StandingCharge])
        .await;
    let values = &home.series[0].values;
    assert_eq!(values[..2], [0.6, 0.6]);
    assert!(values[2..].iter().all(|it| it.is_nan()));
    let request = pb::QuerySeriesRequest {
        period: Some(query_support::period(WHOLE_DAY)),
        step: Some(pb::Step { kind: Some(days) }),
        scopes: vec![House::scope_of(&device)],
        metrics: vec![pb::Metric::StandingCharge.into()],
        ..pb::QuerySeriesRequest::default()
    };
    let answer = house
        .query()
        .query_series(house.ask(request))
        .await
        .unwrap()
        .into_inner();
    assert!(answer.series[0].values[0].is_nan());
}

#[tokio::test]
async fn steps_add_up_to_the_summary_and_empty_ones_are_no_number() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    let wave = |second: i64| 100.0 + (second % 700) as f64;
    house
        .ingest((0..600).map(|it| point(&device, it * 60, wave(it * 60))).collect())
        .await;
    let energy = [pb::Metric::Energy, pb::Metric::Coverage, pb::Metric::Cost];
    let series = house
        .series(WHOLE_DAY, pb::step::Kind::Fixed(seconds(3600)), &energy)
        .await;
    assert_eq!(series.boundaries.len(), 25);
    let values = &series.series[0].values;
    assert_eq!(values.len(), 24);
    assert!(values[..10].iter().all(|it| *it > 0.0) && values[10..].iter().all(|it| it.is_nan()));
    assert_eq!(&series.series[1].values[..2], [1.0, 1.0]);
    assert_eq!(series.series[1].values[12], 0.0);
    let summary = house.summarize(WHOLE_DAY, None, false).await.summary.unwrap();
    let sum: f64 = values.iter().filter(|it| !it.is_nan()).sum();
    assert!((sum - summary.energy_wh).abs() < 1e-6);
    let units: Vec<_> = series.series.iter().map(|it| it.unit.as_str()).collect();
    assert_eq!(units, ["Wh", "1", "EUR"]);
    let charge = house
        .series(
            WHOLE_DAY,
            pb::step::Kind::Fixed(seconds(3600)),
            &[pb::Metric::StandingCharge],
        )
        .await;
    let sum: f64 = charge.series[0].values.iter().sum();
    let told: f64 = summary.standing_charge.unwrap().amount.parse().unwrap();
    assert!(charge.series[0].unit == "EUR" && told > 0.0 && (sum - told).abs() < 1e-9);
}

#[tokio::test]
async fn wrong_questions_are_refused_by_field() {
    let mut house = House::new().await;
    let device = house.device("Fridge", pb::Flow::Consumption, None).await;
    let step = |kind| Some(pb::Step { kind: Some(kind) });
    let year = Some(query_support::period((0, 365 * 86_400)));
    let ask = pb::QuerySeriesRequest {
        period: year,
        ..Default::default()
    };
    let second = pb::QuerySeriesRequest {
        step: step(pb::step::Kind::Fixed(seconds(1))),
        ..ask.clone()
    };
    assert_eq!(house.refused_series(second).await, "step.fixed");
    let columns = pb::QuerySeriesRequest {
        step: step(pb::step::Kind::Columns(2001)),
        ..ask.clone()
    };
    assert_eq!(house.refused_series(columns).await, "step.columns");
    let reversed = pb::QuerySeriesRequest {
        period: Some(query_support::period((10, 0))),
        ..ask.clone()
    };
    assert_eq!(house.refused_series(reversed).await, "period.interval");
    let room = pb::Scope {
        kind: Some(pb::scope::Kind::Room("Cellar".to_owned())),
    };
    let nowhere = pb::QuerySeriesRequest {
        scopes: vec![room],
        ..ask.clone()
    };
    assert_eq!(house.refused_series(nowhere).await, "scopes[0].room");
    let metric = pb::QuerySeriesRequest {
        metrics: vec![99],
        ..ask
    };
    assert_eq!(house.refused_series(metric).await, "metrics[0]");
    let foreign = House::scope_of(&uuid::Uuid::nil().to_string());
    assert_eq!(house.refused_summary(foreign).await, "NO_DEVICE");
    house.become_another_user();
    assert_eq!(house.refused_summary(House::scope_of(&device)).await, "NO_DEVICE");
}

#[tokio::test]
async fn a_home_without_readings_has_no_figures() {
    let mut house = House::new().await;
    house.device("Fridge", pb::Flow::Consumption, None).await;
    let summary = house.summarize(WHOLE_DAY, None, false).await.summary.unwrap();
    assert_eq!(
        (summary.energy_wh, summary.coverage, summary.average_power_watts),
        (0.0, 0.0, None)
    );
    assert!(summary.peak.is_none() && summary.data_range.is_none());
}

#[tokio::test]
async fn a_late_reading_changes_figures_as_if_it_had_come_in_time() {
    let (mut early, mut late) = (House::new().await, House::new().await);
    let mut answers = Vec::new();
    for (house, order) in [(&mut early, [0, 1, 2, 3]), (&mut late, [3, 0, 2, 1])] {
        let device = house.device("Fridge", pb::Flow::Consumption, None).await;
        for number in order {
            house
                .ingest(vec![point(&device, number * 200, number as f64 * 10.0)])
                .await;
        }
        let summary = house
            .summarize(WHOLE_DAY, Some(House::scope_of(&device)), false)
            .await
            .summary
            .unwrap();
        answers.push((summary.energy_wh, summary.covered_seconds, summary.peak));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].1, 600.0);
}

#[tokio::test]
async fn runs_come_in_pages_with_energy_and_cost() {
    let mut house = House::new().await;
    let device = house.device("Kettle", pb::Flow::Consumption, None).await;
    let boil = |number: i64| interval(&device, number * 3600, 360, 2000.0);
    house.ingest((0..5).map(boil).collect()).await;
    let first = house.runs(&device, WHOLE_DAY, 3, "").await;
    assert_eq!(first.runs.len(), 3);
    let run = &first.runs[0];
    assert_eq!(
        (run.energy_wh, run.cost.as_ref().unwrap().amount.as_str(), run.running),
        (200.0, "0.06", false)
    );
    let rest = house.runs(&device, WHOLE_DAY, 3, &first.next_page_token).await;
    assert_eq!((rest.runs.len(), rest.next_page_token.as_str()), (2, ""));
    assert_eq!(rest.runs[0].interval.as_ref().unwrap().start_time, Some(at(3 * 3600)));
}

#[tokio::test]
async fn many_readings_of_several_devices_are_added_up_in_portions() {
    let mut house = House::new().await;
    let one = house.device("One", pb::Flow::Consumption, None).await;
    let two = house.device("Two", pb::Flow::Consumption, None).await;
    for chunk in 0..5_i64 {
        let seconds = (0..5_000_i64).map(|it| chunk * 5_000 + it);
        let readings = |device: &str| seconds.clone().map(|it| point(device, it, 100.0)).collect::<Vec<_>>();
        house.ingest(readings(&one)).await;
        house.ingest(readings(&two)).await;
    }
    let summary = house.summarize((0, 24_999), None, false).await.summary.unwrap();
    assert!((summary.energy_wh - 200.0 * 24_999.0 / 3600.0).abs() < 1e-6);
    assert_eq!((summary.coverage, summary.reading_count), (1.0, 49_998));
    assert_eq!(summary.peak.unwrap().power_watts, 200.0);
}
