//! Questions for an analysis: the answer has the very figures that telemetry's own calls give.

use tonic::transport::Channel;
use voltaire_proto::telemetry::v1::{
    self as telemetry, analysis_service_client::AnalysisServiceClient, query_service_client::QueryServiceClient,
};

use super::{house::House, tells};

/// A call of the analysis service as the home's owner.
macro_rules! ask {
    ($house:ident.$method:ident($request:expr)) => {
        AnalysisServiceClient::new($house.telemetry.clone())
            .$method($house.ask($request))
            .await
            .unwrap()
            .into_inner()
    };
}

struct Case {
    question: &'static str,
    /// Value and unit.
    figure: (f64, &'static str),
}

fn time(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

fn days(house: &House, first: &str, end: &str) -> telemetry::Period {
    let interval = telemetry::Interval {
        start_time: Some(time(house.instant(first))),
        end_time: Some(time(house.instant(end))),
    };
    telemetry::Period {
        kind: Some(telemetry::period::Kind::Interval(interval)),
    }
}

fn query(house: &House) -> QueryServiceClient<Channel> {
    QueryServiceClient::new(house.telemetry.clone())
}

async fn of_a_device(house: &House) -> Vec<Case> {
    let activity = telemetry::GetActivityRequest {
        device_id: house.device("Trockner").id.clone(),
        period: Some(days(house, "2026-11-09", "2026-11-16")),
    };
    let activity = ask!(house.get_activity(activity));
    assert!(activity.run_count > 0);
    let runs = telemetry::ListRunsRequest {
        device_id: house.device("Trockner").id.clone(),
        period: Some(days(house, "2026-11-09", "2026-11-16")),
        page_size: 1000,
        page_token: String::new(),
    };
    let runs = query(house).list_runs(house.ask(runs)).await.unwrap().into_inner().runs;
    let mean = runs.iter().map(|it| it.energy_wh).sum::<f64>() / runs.len() as f64;
    let case = |question, figure| Case { question, figure };
    let hours = activity.on_seconds / 3600.0;
    vec![
        case("how many kWh per run did the dryer take last week", (mean, "Wh")),
        case(
            "how many times did the dryer run last week",
            (activity.run_count as f64, "count"),
        ),
        case("how long was the dryer on last week", (hours, "h")),
        case("did the dryer run last week?", (activity.run_count as f64, "count")),
        case(
            "average run time of the dryer last week",
            (hours / activity.run_count as f64, "h"),
        ),
    ]
}

async fn of_the_home(house: &House) -> Vec<Case> {
    let week = || Some(days(house, "2026-11-09", "2026-11-16"));
    let above = telemetry::GetDurationCurveRequest {
        period: Some(days(house, "2026-11-17", "2026-11-18")),
        threshold_watts: vec![3000.0],
        ..Default::default()
    };
    let above = ask!(house.get_duration_curve(above));
    let always_on = telemetry::GetAlwaysOnRequest {
        period: week(),
        ..Default::default()
    };
    let always_on = ask!(house.get_always_on(always_on));
    let forecast = telemetry::GetForecastRequest {
        unit: telemetry::CalendarUnit::Month.into(),
        ..Default::default()
    };
    let forecast = ask!(house.get_forecast(forecast));
    let quality = telemetry::GetDataQualityRequest {
        period: week(),
        ..Default::default()
    };
    let quality = ask!(house.get_data_quality(quality));
    let unusual = telemetry::ListUnusualDaysRequest {
        period: week(),
        ..Default::default()
    };
    let unusual = ask!(house.list_unusual_days(unusual));
    let change = telemetry::ExplainChangeRequest {
        period: Some(days(house, "2026-11-17", "2026-11-18")),
        compare_to: Some(days(house, "2026-11-10", "2026-11-11")),
        ..Default::default()
    };
    let change = query(house)
        .explain_change(house.ask(change))
        .await
        .unwrap()
        .into_inner();
    let case = |question, figure| Case { question, figure };
    vec![
        case(
            "how long was the house above 3 kW yesterday",
            (above.times[0].seconds / 3600.0, "h"),
        ),
        case("standby load last week", (always_on.power_watts.unwrap(), "W")),
        case(
            "forecast of my usage this month",
            (forecast.energy.unwrap().expected_wh, "Wh"),
        ),
        case(
            "any missing data last week?",
            (quality.devices[0].coverage * 100.0, "%"),
        ),
        case("anything odd last week?", (unusual.days.len() as f64, "count")),
        case("why was yesterday so high?", (change.change_wh, "Wh")),
    ]
}

#[tokio::test]
async fn analyses_are_told_as_telemetry_has_them() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let mut wrong = Vec::new();
    for Case { question, figure } in of_a_device(&house).await.into_iter().chain(of_the_home(&house).await) {
        let wanted = (figure.0, figure.1.to_owned());
        match house.talk(&[question]).await {
            Ok(facts) if facts.iter().any(|fact| tells(fact, &wanted)) => {}
            Ok(facts) => {
                let had: Vec<_> = facts.iter().map(|it| (&it.label, it.value, &it.unit)).collect();
                wrong.push(format!("{question}: {figure:?} is not among {had:?}"));
            }
            Err(problem) => wrong.push(format!("{question}: {problem}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_no_analysis_answers_is_refused() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let questions = [
        // A month that is over has no end to come.
        "forecast of my usage for october",
        // Never the sum of both.
        "how often did the dryer and the dishwasher run last week",
        "how long were the dryer and the dishwasher above 100 W yesterday",
        "why did the dryer and the dishwasher use more yesterday",
    ];
    for question in questions {
        let answered = house.talk(&[question]).await;
        assert!(answered.is_err(), "{question}: {answered:?}");
    }
}
