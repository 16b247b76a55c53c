//! Alerts from outside, on each database: rules, readings and a moving clock in; alerts, told once, out.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test")]

mod contract;
mod support;

use pb::{alert_rule::Condition, alert_value::Value, budget::Limit};
use support::{House, point, seconds, time};
use voltaire_mesh::test::on_each_url;
use voltaire_proto::telemetry::v1 as pb;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

fn power_above(device: &str, power_watts: f64, minutes: i64) -> Condition {
    Condition::PowerAbove(pb::PowerAbove {
        device_id: device.to_owned(),
        power_watts,
        duration: Some(seconds(minutes * MINUTE)),
    })
}

fn on_longer(device: &str, minutes: i64) -> Condition {
    Condition::OnLonger(pb::OnLonger {
        device_id: device.to_owned(),
        duration: Some(seconds(minutes * MINUTE)),
    })
}

fn no_data(device: &str, minutes: i64) -> Condition {
    Condition::NoData(pb::NoData {
        device_id: device.to_owned(),
        duration: Some(seconds(minutes * MINUTE)),
    })
}

fn budget(period: pb::CalendarUnit, limit: Limit) -> Condition {
    Condition::Budget(pb::Budget {
        device_id: String::new(),
        period: period.into(),
        limit: Some(limit),
        projected: true,
    })
}

/// A reading each minute.
fn minutes(device: &str, range: std::ops::RangeInclusive<i64>, watts: f64) -> Vec<pb::Reading> {
    range.map(|minute| point(device, minute * MINUTE, watts)).collect()
}

fn value(value: Option<pb::AlertValue>) -> Value {
    value.unwrap().value.unwrap()
}

#[tokio::test]
async fn power_above_a_threshold_for_long_is_told_once_and_ends_where_it_falls() {
    on_each_url(async |url| {
        let mut house = House::at(url, 0).await;
        let heater = house.device("Heater").await;
        let rule = house.rule(power_above(&heater, 2000.0, 10)).await;
        let mut watch = house.watch(0).await;
        assert!(watch.snapshot().await.is_empty());
        for minute in 1..=12 {
            house.move_to(minute * MINUTE);
            house.send(minutes(&heater, minute..=minute, 2300.0)).await;
        }
        let alert = watch.alert().await;
        assert_eq!((&alert.alert_rule_id, &alert.device_id), (&rule.alert_rule_id, &heater));
        assert_eq!(alert.reason(), pb::AlertReason::PowerAbove);
        assert_eq!(
            alert.message,
            "Heater has drawn more than 2 kW for 10 min, up to 2.3 kW."
        );
        assert_eq!((alert.start_time, alert.end_time), (Some(time(MINUTE)), None));
        assert_eq!(value(alert.observed), Value::PowerWatts(2300.0));
        assert_eq!(value(alert.limit), Value::PowerWatts(2000.0));

        // A line from 2,300 W to 1,700 W crosses 2,000 W in the middle.
        house.send(minutes(&heater, 13..=13, 1700.0)).await;
        house.move_to(20 * MINUTE);
        house.send(minutes(&heater, 14..=20, 0.0)).await;
        let ended = watch.alert().await;
        assert_eq!(
            (ended.alert_id, ended.end_time),
            (alert.alert_id, Some(time(12 * MINUTE + 30)))
        );
        assert_eq!(house.all().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn readings_that_come_late_and_out_of_order_tell_the_same() {
    on_each_url(async |url| {
        let mut house = House::at(url, 0).await;
        let heater = house.device("Heater").await;
        house.rule(power_above(&heater, 2000.0, 10)).await;
        let mut watch = house.watch(0).await;
        watch.snapshot().await;
        house.move_to(HOUR);
        let mut readings = minutes(&heater, 1..=20, 2300.0);
        readings.extend(minutes(&heater, 21..=60, 0.0));
        readings.reverse();
        let (later, earlier) = readings.split_at(45);
        house.send(later.to_vec()).await;
        house.send(earlier.to_vec()).await;
        // The clock sees them within ten minutes.
        house.move_to(HOUR + 11 * MINUTE);
        let alert = watch.alert().await;
        assert_eq!(alert.start_time, Some(time(MINUTE)));
        assert!(
            alert
                .end_time
                .is_some_and(|end| end.seconds - time(20 * MINUTE).seconds < MINUTE)
        );
        assert_eq!(house.all().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_is_too_long_is_told_once_whatever_restarts() {
    on_each_url(async |url| {
        let mut house = House::at(url, 0).await;
        let iron = house.device("Iron").await;
        house.rule(on_longer(&iron, 30)).await;
        let mut watch = house.watch(0).await;
        watch.snapshot().await;
        // A pause of less than five minutes is part of the run.
        let mut readings = minutes(&iron, 1..=15, 1200.0);
        readings.extend(minutes(&iron, 16..=18, 0.0));
        readings.extend(minutes(&iron, 19..=39, 1200.0));
        for reading in readings {
            house.move_to(reading.timestamp.unwrap().seconds - time(0).seconds);
            house.send(vec![reading]).await;
        }
        let alert = watch.alert().await;
        assert_eq!(alert.message, "Iron has been on for more than 30 min.");
        assert_eq!((alert.start_time, alert.end_time), (Some(time(MINUTE)), None));

        let mut house = house.restarted().await;
        let open = house.watch(0).await.snapshot().await;
        let open: Vec<_> = open.iter().map(|it| &it.alert_id).collect();
        assert_eq!(open, [&alert.alert_id]);
        let mut watch = house.watch(alert.revision).await;
        house.move_to(50 * MINUTE);
        house.send(minutes(&iron, 40..=41, 1200.0)).await;
        house.send(minutes(&iron, 42..=50, 0.0)).await;
        let ended = watch.alert().await;
        assert_eq!(ended.alert_id, alert.alert_id);
        assert!(ended.end_time.is_some());
        assert_eq!(house.all().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn silence_is_told_by_the_clock_and_ends_with_a_reading() {
    on_each_url(async |url| {
        let mut house = House::at(url, 0).await;
        let fridge = house.device("Fridge").await;
        house.send(vec![point(&fridge, 0, 50.0)]).await;
        house.rule(no_data(&fridge, 15)).await;
        let mut watch = house.watch(0).await;
        watch.snapshot().await;
        house.move_to(15 * MINUTE);
        let alert = watch.alert().await;
        assert_eq!(
            (alert.reason(), alert.start_time),
            (pb::AlertReason::NoData, Some(time(0)))
        );
        assert_eq!(value(alert.observed), Value::Duration(seconds(900)));
        house.move_to(20 * MINUTE);
        // What was sent late from before the silence does not end it.
        house.send(vec![point(&fridge, -60, 50.0)]).await;
        house.send(vec![point(&fridge, 19 * MINUTE, 50.0)]).await;
        house.move_to(22 * MINUTE);
        let ended = watch.alert().await;
        assert_eq!(
            (ended.alert_id, ended.end_time),
            (alert.alert_id, Some(time(19 * MINUTE)))
        );
    })
    .await;
}

#[tokio::test]
async fn a_budget_is_projected_exceeded_and_over_with_the_local_day() {
    on_each_url(async |url| {
        let mut house = House::at(url, 6 * HOUR).await;
        let heater = house.device("Heater").await;
        let six_hours = |from: i64, watts| pb::Reading {
            interval: Some(seconds(6 * HOUR)),
            ..point(&heater, from, watts)
        };
        house.send(vec![six_hours(0, 1000.0)]).await;
        let limit = Limit::Cost("7.80".to_owned());
        house.rule(budget(pb::CalendarUnit::Day, limit)).await;
        let mut watch = house.watch(0).await;
        let first = watch.snapshot().await;
        let projected = match first.into_iter().next() {
            Some(alert) => alert,
            None => watch.alert().await,
        };
        // 1 kW all day is 24 kWh: 7.20, and 0.60 for the day.
        assert_eq!(projected.reason(), pb::AlertReason::BudgetProjected);
        assert_eq!(
            projected.message,
            "Home is going to use 7.80 EUR today; the budget is 7.80 EUR."
        );
        house.send(vec![six_hours(6 * HOUR, 4000.0)]).await;
        house.move_to(12 * HOUR);
        let over = watch.alert().await;
        assert_eq!(
            (&over.alert_id, over.end_time),
            (&projected.alert_id, Some(time(12 * HOUR)))
        );
        let exceeded = watch.alert().await;
        assert_eq!(exceeded.reason(), pb::AlertReason::BudgetExceeded);
        let Value::Cost(money) = value(exceeded.observed.clone()) else {
            panic!("no money but {:?}", exceeded.observed)
        };
        // 30 kWh at 0.30, and 0.60 for half a day.
        assert_eq!((money.amount.as_str(), money.currency_code.as_str()), ("9.3", "EUR"));
        house.move_to(DAY + MINUTE);
        let ended = watch.alert().await;
        assert_eq!((&ended.alert_id, ended.end_time), (&exceeded.alert_id, Some(time(DAY))));
        assert_eq!(house.all().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_day_unlike_the_same_weekday_before_is_told_an_hour_after_it() {
    on_each_url(async |url| {
        // Sunday 29 March 2026 has 23 hours in Berlin.
        let end = -63 * DAY;
        let start = end - 23 * HOUR;
        let mut house = House::at(url, end - MINUTE).await;
        let heater = house.device("Heater").await;
        let hour = |at: i64| pb::Reading {
            interval: Some(seconds(HOUR)),
            ..point(&heater, at, if at < start { 500.0 } else { 1500.0 })
        };
        house
            .send((1..=60 * 24).map(|ago| hour(end - ago * HOUR)).collect())
            .await;
        house.rule(Condition::UnusualDay(pb::UnusualEnergy::default())).await;
        let mut watch = house.watch(0).await;
        assert!(watch.snapshot().await.is_empty());
        house.move_to(end + HOUR);
        let alert = watch.alert().await;
        assert_eq!(alert.reason(), pb::AlertReason::UnusuallyHigh);
        assert_eq!((alert.start_time, alert.end_time), (Some(time(start)), Some(time(end))));
        assert_eq!(
            alert.message,
            "Home used far more than usual on Sunday, 29 March 2026: 34.5 kWh, where 11.5 kWh is usual."
        );
        // What is usual of the hours that the day has. Seen by nobody, it stays open though the day is over.
        assert_eq!(house.watch(0).await.snapshot().await.len(), 1);
        house.move_to(end + 2 * HOUR);
        assert_eq!(house.all().await.len(), 1);
    })
    .await;
}
