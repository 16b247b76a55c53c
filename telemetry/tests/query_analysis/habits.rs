//! Profiles and when a device was on.

use super::{
    DAY, HOUR, ask, hourly,
    query_support::{House, at, field, interval, period},
    try_ask,
};
use voltaire_proto::telemetry::v1 as pb;

#[tokio::test]
async fn a_profile_says_how_many_days_stand_behind_each_hour() {
    let mut house = House::new().await;
    let lamp = house.device("Lamp", pb::Flow::Consumption, None).await;
    // From Monday on, eight days: 40 W at 20:00, on the second Monday 80 W.
    let power = |hour: i64| {
        if hour % 24 == 20 {
            40.0 + if hour >= 168 { 40.0 } else { 0.0 }
        } else {
            0.0
        }
    };
    house.ingest(hourly(&lamp, 0, (0..192).map(power))).await;
    let request = pb::GetProfileRequest {
        period: Some(period((0, 8 * DAY))),
        ..pb::GetProfileRequest::default()
    };
    let answer = ask!(house.get_profile(request));
    assert_eq!(answer.hours.len(), 168);
    let of = |weekday, hour| {
        answer
            .hours
            .iter()
            .find(|it| (it.weekday, it.hour) == (weekday, hour))
            .cloned()
            .unwrap()
    };
    assert_eq!(
        (of(1, 20).power_watts, of(1, 20).days, of(1, 20).measured_hours),
        (60.0, 2, 2.0)
    );
    assert_eq!((of(2, 20).power_watts, of(2, 20).days), (40.0, 1));
    assert_eq!(of(7, 3).power_watts, 0.0);
    // Of 0.30 a kWh.
    let amount = |it: Option<pb::Money>| it.unwrap().amount.parse::<f64>().unwrap();
    assert_eq!((amount(of(1, 20).hour_cost), amount(of(7, 3).hour_cost)), (0.018, 0.0));
    let days: Vec<_> = answer.by_weekday.iter().map(|it| amount(it.day_cost.clone())).collect();
    assert_eq!(days, [0.018, 0.012, 0.012, 0.012, 0.012, 0.012, 0.012]);
}

#[tokio::test]
async fn activity_tells_first_and_last_per_local_day() {
    let mut house = House::new().await;
    let tv = house.device("TV", pb::Flow::Consumption, None).await;
    let on = |hour: i64, length: i64| interval(&tv, hour * HOUR, length * HOUR, 90.0);
    // On at 7 and 20 on the first day; from 23 to 1; not at all on the third.
    house.ingest(vec![on(7, 1), on(20, 2), on(47, 2), on(96, 1)]).await;
    let request = pb::GetActivityRequest {
        device_id: tv.clone(),
        period: Some(period((0, 5 * DAY))),
    };
    let answer = ask!(house.get_activity(request));
    let days: Vec<_> = answer
        .days
        .iter()
        .map(|it| (it.date.as_str(), it.on_seconds / 3_600.0, it.run_count))
        .collect();
    assert_eq!(
        days,
        [
            ("2026-06-01", 3.0, 2),
            ("2026-06-02", 1.0, 1),
            ("2026-06-03", 1.0, 0),
            ("2026-06-05", 1.0, 1)
        ]
    );
    let first = &answer.days[0];
    assert_eq!(
        (first.first_on_time, first.last_on_time),
        (Some(at(7 * HOUR)), Some(at(22 * HOUR)))
    );
    assert_eq!(answer.days[2].first_on_time, Some(at(2 * DAY)));
    assert_eq!((answer.run_count, answer.on_seconds), (4, 6.0 * 3_600.0));
    assert_eq!(answer.longest_run.unwrap().start_time, Some(at(20 * HOUR)));
}

#[tokio::test]
async fn another_users_device_has_no_activity() {
    let mut house = House::new().await;
    let device_id = house.device("TV", pb::Flow::Consumption, None).await;
    house.become_another_user();
    let request = pb::GetActivityRequest {
        device_id,
        period: None,
    };
    assert_eq!(field(&try_ask!(house.get_activity(request)).unwrap_err()), "NO_DEVICE");
}
