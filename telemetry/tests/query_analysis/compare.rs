//! Totals compared with those of another period. The house's clock stands at 2026-06-11T00:00 in Berlin.

use super::{
    DAY, HOUR, QueryServiceClient, hourly,
    query_support::{House, at, period},
};
use voltaire_proto::telemetry::v1 as pb;

fn month(back: u32) -> pb::Period {
    let unit = pb::CalendarUnit::Month.into();
    pb::Period {
        kind: Some(pb::period::Kind::Calendar(pb::CalendarPeriod { unit, back })),
    }
}

async fn compare(house: &House, now: pb::Period, before: Option<pb::Period>) -> pb::SummarizeResponse {
    let request = pb::SummarizeRequest {
        period: Some(now),
        compare_to: before,
        ..pb::SummarizeRequest::default()
    };
    let mut client = QueryServiceClient::new(house.channel.clone());
    client.summarize(house.ask(request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_running_month_is_compared_with_as_much_of_the_one_before() {
    let mut house = House::new().await;
    let fridge = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&fridge, -31 * 24, vec![40.0; 31 * 24])).await;
    house.ingest(hourly(&fridge, 0, vec![50.0; 240])).await;
    let answer = compare(&house, month(0), Some(month(1))).await;
    let (part, whole) = (answer.compared.unwrap(), answer.compared_whole.unwrap());
    assert_eq!(part.interval.unwrap().end_time, Some(at(-21 * DAY)));
    assert_eq!((part.energy_wh, whole.energy_wh), (9_600.0, 31.0 * 960.0));
    assert_eq!((answer.change_wh, answer.change_ratio), (Some(2_400.0), Some(0.25)));
    assert_eq!(answer.change_cost.unwrap().amount, "0.72");
}

#[tokio::test]
async fn exact_periods_are_compared_as_they_are_and_nothing_has_no_percentage() {
    let mut house = House::new().await;
    let fridge = house.device("Fridge", pb::Flow::Consumption, None).await;
    house.ingest(hourly(&fridge, 0, [50.0])).await;
    let answer = compare(&house, period((0, HOUR)), Some(period((-DAY, 0)))).await;
    assert_eq!((answer.change_wh, answer.change_ratio), (Some(50.0), None));
    assert!(answer.compared_whole.is_none());
    let alone = compare(&house, period((0, HOUR)), None).await;
    assert!(alone.change_wh.is_none() && alone.change_cost.is_none());
}
