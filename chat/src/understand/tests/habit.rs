//! Questions about what comes again every day or week.

use super::{table, vienna};

#[test]
fn hours_of_the_day_and_days_of_the_week() {
    table(
        &vienna(),
        "
        at what time of day do we use the most => Extreme Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | HourOfDay
        which hours of the day do we use the most, June => Extreme Energy |  | 2026-06-01 .. 2026-07-01 | HourOfDay
        what time of day does the fridge use least last month => Extreme Energy | Fridge | 2026-06-01 .. 2026-07-01 | HourOfDay least
        what hour of the day is our peak => Extreme Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | HourOfDay
        when do we usually use the most => Extreme Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | HourOfDay
        what time do we typically use most electricity => Extreme Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | HourOfDay
        busiest day of the week in June => Extreme Energy |  | 2026-06-01 .. 2026-07-01 | Weekday
        which weekday do we use most on => Extreme Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | Weekday
        which day of the week does the dishwasher use the most this year => Extreme Energy | Dishwasher | 2026-01-01 .. 2026-07-14 15:30 | Weekday
        on which day of the week do we use the least => Extreme Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | Weekday least
        per weekday usage of the home => Series Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | Weekday
        cost by weekday last month => Series Cost |  | 2026-06-01 .. 2026-07-01 | Weekday
        fridge cost by weekday in June => Series Cost | Fridge | 2026-06-01 .. 2026-07-01 | Weekday
        which day of the week costs us the most => Extreme Cost |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | Weekday
        cost by hour of day in June => Series Cost |  | 2026-06-01 .. 2026-07-01 | HourOfDay
        average use by hour of the day in June => Series Energy |  | 2026-06-01 .. 2026-07-01 | HourOfDay
        chart of our use by day of the week last month => Series Energy |  | 2026-06-01 .. 2026-07-01 | Weekday
        which hour of the day yesterday did we use the most => Extreme Energy |  | 2026-07-13 .. 2026-07-14 | Hour
        what time of day is electricity most expensive => no: not understood
        which part of the day do we use the most => no: not understood
        at what time of day do the fridge and the dishwasher use the most => no: not understood
        ",
    );
}

#[test]
fn who_drew_power_at_a_peak() {
    table(
        &vienna(),
        "
        what was on at the peak yesterday => Breakdown Power |  | 2026-07-13 .. 2026-07-14 | AtExtreme
        what was running during our peak last week => Breakdown Power |  | 2026-07-06 .. 2026-07-13 | AtExtreme
        which appliances were on at the peak in June => Breakdown Power |  | 2026-06-01 .. 2026-07-01 | AtExtreme
        ",
    );
}
