//! Figures and raw readings.

use pb::period::Kind;
use tonic::Code;

use super::*;

fn period(kind: Kind) -> pb::Period {
    pb::Period { kind: Some(kind) }
}

fn hour() -> pb::Period {
    period(Kind::Last(prost_types::Duration {
        seconds: 3600,
        nanos: 0,
    }))
}

/// A device that used a kilowatt in the last hour, and its user.
async fn kilowatt(server: &Server) -> (User, String) {
    let user = server.user();
    let id = user.device("Heater").await.device_id;
    let readings = (0..=60).map(|minute| reading(&id, minute * 60, 1000.0)).collect();
    user.send(readings).await.unwrap();
    (user, id)
}

#[tokio::test]
async fn pages_of_readings_hold_each_one_once() {
    let server = Server::start().await;
    let (user, device_id) = kilowatt(&server).await;
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListReadingsRequest {
            device_id: device_id.clone(),
            period: Some(hour()),
            page_size: 25,
            page_token: token,
        };
        let page = user
            .query()
            .list_readings(user.ask(request))
            .await
            .unwrap()
            .into_inner();
        seen.extend(page.readings.iter().map(|it| NOW - it.timestamp.unwrap().seconds));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, (1..=60).rev().map(|minute| minute * 60).collect::<Vec<_>>());
}

#[tokio::test]
async fn bad_questions_for_readings_are_refused_by_field() {
    let server = Server::start().await;
    let (user, device_id) = kilowatt(&server).await;
    let other = user.device("Other").await.device_id;
    let ask = async |request| user.query().list_readings(user.ask(request)).await;
    let good = || pb::ListReadingsRequest {
        device_id: device_id.clone(),
        period: Some(hour()),
        page_size: 1,
        ..Default::default()
    };
    let token = ask(good()).await.unwrap().into_inner().next_page_token;
    let bad = [
        (
            "device_id",
            pb::ListReadingsRequest {
                device_id: String::new(),
                ..good()
            },
        ),
        (
            "page_size",
            pb::ListReadingsRequest {
                page_size: -1,
                ..good()
            },
        ),
        (
            "page_token",
            pb::ListReadingsRequest {
                page_token: "x".to_owned(),
                ..good()
            },
        ),
        (
            "page_token",
            pb::ListReadingsRequest {
                page_token: token,
                device_id: other,
                ..good()
            },
        ),
        (
            "period.last",
            pb::ListReadingsRequest {
                period: Some(period(Kind::Last(prost_types::Duration { seconds: -1, nanos: 0 }))),
                ..good()
            },
        ),
        (
            "period.interval.start_time",
            pb::ListReadingsRequest {
                period: Some(period(Kind::Interval(pb::Interval::default()))),
                ..good()
            },
        ),
        (
            "period.calendar.unit",
            pb::ListReadingsRequest {
                period: Some(period(Kind::Calendar(pb::CalendarPeriod { unit: 99, back: 0 }))),
                ..good()
            },
        ),
    ];
    for (field, request) in bad {
        assert_eq!(refusal(ask(request).await), invalid(field));
    }
    let thief = server.user();
    let stolen = thief.query().list_readings(thief.ask(good())).await;
    assert_eq!(refusal(stolen), refused(Code::NotFound, "NO_DEVICE"));
}

#[tokio::test]
async fn an_hour_at_a_kilowatt_is_a_kilowatt_hour_and_costs_its_price() {
    let server = Server::start().await;
    let (user, device_id) = kilowatt(&server).await;
    let tariffs = vec![pb::Tariff {
        price_per_kwh: "0.3427".to_owned(),
        ..pb::Tariff::default()
    }];
    let home = pb::Home {
        tariffs,
        ..pb::Home::default()
    };
    let update = pb::UpdateHomeRequest {
        home: Some(home),
        update_mask: None,
    };
    user.homes().update_home(user.ask(update)).await.unwrap();
    let request = pb::SummarizeRequest {
        period: Some(hour()),
        per_device: true,
        ..pb::SummarizeRequest::default()
    };
    let answer = user.query().summarize(user.ask(request)).await.unwrap().into_inner();
    let summary = answer.summary.unwrap();
    assert!((summary.energy_wh - 1000.0).abs() < 1e-9);
    assert_eq!(
        summary.cost.unwrap(),
        pb::Money {
            amount: "0.3427".to_owned(),
            currency_code: "EUR".to_owned()
        }
    );
    assert_eq!((summary.coverage, summary.label.as_str()), (1.0, "Home"));
    assert_eq!(
        answer.devices[0].scope.clone().unwrap().kind,
        Some(pb::scope::Kind::DeviceId(device_id))
    );
}

#[tokio::test]
async fn a_series_has_a_boundary_more_than_values() {
    let server = Server::start().await;
    let (user, _) = kilowatt(&server).await;
    let request = pb::QuerySeriesRequest {
        period: Some(hour()),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Calendar(pb::CalendarUnit::QuarterHour.into())),
        }),
        metrics: vec![pb::Metric::Energy.into(), pb::Metric::Coverage.into()],
        ..pb::QuerySeriesRequest::default()
    };
    let answer = user.query().query_series(user.ask(request)).await.unwrap().into_inner();
    assert_eq!((answer.boundaries.len(), answer.series.len()), (5, 2));
    assert_eq!(
        (answer.series[0].unit.as_str(), answer.series[1].unit.as_str()),
        ("Wh", "1")
    );
    assert!(answer.series[0].values.iter().all(|it| (it - 250.0).abs() < 1e-9));
}

#[tokio::test]
async fn bad_questions_for_figures_are_refused_by_field() {
    let server = Server::start().await;
    let (user, _) = kilowatt(&server).await;
    let scope = |kind| pb::Scope { kind: Some(kind) };
    let good = || pb::QuerySeriesRequest {
        period: Some(hour()),
        ..pb::QuerySeriesRequest::default()
    };
    let bad = [
        (
            "home_id",
            pb::QuerySeriesRequest {
                home_id: "x".to_owned(),
                ..good()
            },
        ),
        (
            "metrics[0]",
            pb::QuerySeriesRequest {
                metrics: vec![77],
                ..good()
            },
        ),
        (
            "scopes[0].device_id",
            pb::QuerySeriesRequest {
                scopes: vec![scope(pb::scope::Kind::DeviceId("x".to_owned()))],
                ..good()
            },
        ),
        (
            "scopes[0].devices.device_ids",
            pb::QuerySeriesRequest {
                scopes: vec![scope(pb::scope::Kind::Devices(pb::DeviceSet::default()))],
                ..good()
            },
        ),
        (
            "scopes[0].room",
            pb::QuerySeriesRequest {
                scopes: vec![scope(pb::scope::Kind::Room("Nowhere".to_owned()))],
                ..good()
            },
        ),
    ];
    for (field, request) in bad {
        assert_eq!(
            refusal(user.query().query_series(user.ask(request)).await),
            invalid(field)
        );
    }
    let foreign = server.user().device("Fridge").await.device_id;
    let request = pb::SummarizeRequest {
        scope: Some(scope(pb::scope::Kind::DeviceId(foreign))),
        ..pb::SummarizeRequest::default()
    };
    let stolen = user.query().summarize(user.ask(request)).await;
    assert_eq!(refusal(stolen), refused(Code::NotFound, "NO_DEVICE"));
}

#[tokio::test]
async fn the_latest_reading_says_whether_it_still_counts() {
    let server = Server::start().await;
    let user = server.user();
    let (now, long_ago) = (
        user.device("Now").await.device_id,
        user.device("Long ago").await.device_id,
    );
    user.device("Never").await;
    user.send(vec![reading(&now, 30, 50.0), reading(&long_ago, 301, 70.0)])
        .await
        .unwrap();
    let answer = user
        .query()
        .get_latest(user.ask(pb::GetLatestRequest::default()))
        .await
        .unwrap()
        .into_inner();
    let states: Vec<_> = answer.latest.iter().map(|it| (it.stale, it.on)).collect();
    assert_eq!(
        (states, answer.home_power_watts),
        (vec![(false, true), (true, false)], Some(50.0))
    );
    assert_eq!(answer.server_time.unwrap().seconds, NOW);
}

#[tokio::test]
async fn a_change_needs_something_to_compare_with() {
    let server = Server::start().await;
    let user = server.user();
    let change = user
        .query()
        .explain_change(user.ask(pb::ExplainChangeRequest::default()))
        .await;
    assert_eq!(refusal(change), invalid("compare_to"));
}
