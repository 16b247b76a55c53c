//! The typed plan, both ways.

use voltaire_mesh::{Invalid, parse, wire};
use voltaire_proto::chat::v1::{self as pb, time_expression::Kind};
use voltaire_types::Decimal;

use crate::understand::{
    plan::{Bucket, Direction, Metric, Operation, Plan, Selection, Threshold, TimeExpr, Unit, Versus, Want},
    timex,
};

/// Expressions within expressions.
const DEPTH: u32 = 8;

macro_rules! same_names {
    ($out:ident, $back:ident, $ours:ty, $theirs:ty: $($name:ident),+) => {
        const fn $out(it: $ours) -> $theirs {
            match it { $(<$ours>::$name => <$theirs>::$name),+ }
        }

        fn $back(field: &str, it: i32) -> Result<Option<$ours>, Invalid> {
            match <$theirs>::try_from(it) {
                Ok(<$theirs>::Unspecified) => Ok(None),
                $(Ok(<$theirs>::$name) => Ok(Some(<$ours>::$name)),)+
                Err(_) => Err(Invalid::new(field, "not a known value")),
            }
        }
    };
}

same_names!(operation, parse_operation, Operation, pb::Operation: Total, Average, Extreme, Rank, Breakdown, Series, Compare, Share,
    Live, Explain, Runs, Duration, Baseload, Forecast, Inventory, DataQuality, Settings, WhatIf, Help, Unusual, Untracked, Unused);
same_names!(metric, parse_metric, Metric, pb::Metric: Energy, Cost, Power, Voltage, Current, PowerFactor, Runtime, Runs);
same_names!(bucket, parse_bucket, Bucket, pb::Bucket: QuarterHour, Hour, Day, Week, Month, Year, HourOfDay, Weekday);
same_names!(direction, parse_direction, Direction, pb::Direction: Most, Least);
same_names!(want, parse_want, Want, pb::Want: Whether, Count, Duration, AverageDuration, Longest, First, Last, LastOff, PerRun,
    Devices, Rooms, Since, Price, Currency, Zone, WeekStart, AtExtreme);
same_names!(versus, parse_versus, Versus, pb::Versus: WeekdaysWeekends, DayNight, Usual);

/// A plan as the contract has it.
pub(crate) fn from_plan(plan: &Plan) -> pb::QueryPlan {
    let share = plan.operation == Operation::Share;
    pb::QueryPlan {
        operation: operation(plan.operation).into(),
        metric: metric(plan.metric).into(),
        selection: Some(from_selection(&plan.selection)),
        period: plan.period.as_ref().map(expression),
        compare_to: plan.compare_to.as_ref().map(expression),
        bucket: plan.bucket.map_or(0, |it| bucket(it).into()),
        direction: direction(plan.direction).into(),
        limit: plan.limit,
        rank: plan.rank,
        threshold: plan.threshold.map(|it| pb::Threshold {
            power_watts: it.watts,
            below: it.below,
        }),
        whole: plan
            .whole
            .as_ref()
            .map(from_selection)
            .or_else(|| share.then(pb::Selection::default)),
        factor: plan.factor.unwrap_or(0.0),
        unit: plan.unit.map(|it| it.sign().to_owned()).unwrap_or_default(),
        also: plan.also.iter().map(|it| metric(*it).into()).collect(),
        want: plan.want.map_or(0, |it| want(it).into()),
        versus: plan.versus.map_or(0, |it| versus(it).into()),
        amount: plan.amount.map(|it| it.to_string()).unwrap_or_default(),
    }
}

fn from_selection(selection: &Selection) -> pb::Selection {
    pb::Selection {
        device_ids: selection.devices.iter().map(ToString::to_string).collect(),
        except: selection.except,
        room: selection.room.clone(),
        each: selection.each,
    }
}

fn expression(expr: &TimeExpr) -> pb::TimeExpression {
    let boxed = |of: &TimeExpr| Box::new(expression(of));
    let kind = match expr {
        TimeExpr::Calendar { unit, back } => Kind::Calendar(pb::CalendarExpression {
            unit: bucket(*unit).into(),
            back: *back,
        }),
        TimeExpr::Rolling(seconds) => Kind::Rolling(wire::duration(std::time::Duration::from_secs(*seconds))),
        TimeExpr::Dates(first, last) => Kind::Dates(pb::DateRange {
            first: first.to_string(),
            last: last.to_string(),
        }),
        TimeExpr::Month(month, year) => Kind::Month(pb::MonthExpression {
            month: u32::from(*month),
            year: i32::from(*year),
        }),
        TimeExpr::Weekday { weekday, before_today } => Kind::Weekday(pb::WeekdayExpression {
            weekday: u32::from(*weekday),
            before_today: *before_today,
        }),
        TimeExpr::Since(from) => Kind::Since(boxed(from)),
        TimeExpr::Clock { base, from, to } => Kind::Clock(Box::new(pb::ClockExpression {
            base: Some(boxed(base)),
            from_minute: u32::from(*from),
            to_minute: u32::from(*to),
        })),
        TimeExpr::Weekend(back) => Kind::Weekend(pb::WeekendExpression { back: *back }),
        TimeExpr::ClockChange => Kind::ClockChangeDay(pb::ClockChangeDay {}),
        TimeExpr::PreviousOf(of) => Kind::PreviousOf(boxed(of)),
        TimeExpr::All => Kind::All(pb::AllTimeExpression {}),
        TimeExpr::LastUnits(unit, count) => Kind::LastUnits(pb::LastUnits {
            unit: bucket(*unit).into(),
            count: *count,
        }),
        TimeExpr::Quarter(back) => Kind::Quarter(pb::QuarterExpression { back: *back }),
        TimeExpr::Weekdays { base, on } => Kind::Weekdays(Box::new(pb::WeekdaysExpression {
            base: Some(boxed(base)),
            weekdays: (1..=7).filter(|day| on & (1 << (day - 1)) != 0).collect(),
        })),
    };
    pb::TimeExpression {
        words: timex::words(expr),
        kind: Some(kind),
    }
}

/// A plan that somebody sends.
pub(crate) fn to_plan(plan: Option<&pb::QueryPlan>) -> Result<Plan, Invalid> {
    let plan = plan.ok_or_else(|| Invalid::new("plan", "must be set"))?;
    let operation = parse_operation("plan.operation", plan.operation)?
        .ok_or_else(|| Invalid::new("plan.operation", "must be set"))?;
    let also = plan
        .also
        .iter()
        .map(|it| parse_metric("plan.also", *it))
        .collect::<Result<Vec<_>, _>>()?;
    let plan = Plan {
        operation,
        metric: parse_metric("plan.metric", plan.metric)?.unwrap_or(Metric::Energy),
        selection: selection("plan.selection", plan.selection.as_ref())?,
        period: plan.period.as_ref().map(|it| time("plan.period", it, 0)).transpose()?,
        compare_to: plan
            .compare_to
            .as_ref()
            .map(|it| time("plan.compare_to", it, 0))
            .transpose()?,
        bucket: parse_bucket("plan.bucket", plan.bucket)?,
        direction: parse_direction("plan.direction", plan.direction)?.unwrap_or_default(),
        limit: plan.limit,
        rank: plan.rank,
        unit: unit(&plan.unit)?,
        also: also.into_iter().flatten().collect(),
        threshold: plan.threshold.as_ref().map(threshold).transpose()?,
        whole: whole(plan.whole.as_ref())?,
        factor: factor(plan.factor)?,
        want: parse_want("plan.want", plan.want)?,
        versus: parse_versus("plan.versus", plan.versus)?,
        amount: amount(&plan.amount)?,
    };
    if plan.bucket.is_some_and(Bucket::is_repeated) && !plan.is_habit() {
        return Err(Invalid::new(
            "plan.bucket",
            "HOUR_OF_DAY and WEEKDAY are for EXTREME and SERIES of ENERGY, COST or POWER alone",
        ));
    }
    if plan.want == Some(Want::AtExtreme) && !plan.is_at_extreme() {
        return Err(Invalid::new(
            "plan.want",
            "AT_EXTREME is for BREAKDOWN of the home's POWER, ENERGY or COST",
        ));
    }
    let takes_rooms = match plan.operation {
        Operation::Rank | Operation::Breakdown => plan.selection.is_home() && plan.metric != Metric::Power,
        operation => operation == Operation::Inventory,
    };
    if plan.want == Some(Want::Rooms) && !takes_rooms {
        return Err(Invalid::new(
            "plan.want",
            "ROOMS is for INVENTORY, and for RANK and BREAKDOWN of the home's ENERGY or COST",
        ));
    }
    Ok(plan)
}

/// A step of the calendar, which the hour of the day and the day of the week are not.
fn step(field: &str, it: i32) -> Result<Option<Bucket>, Invalid> {
    match parse_bucket(field, it)? {
        Some(Bucket::HourOfDay | Bucket::Weekday) => {
            Err(Invalid::new(field, "QUARTER_HOUR, HOUR, DAY, WEEK, MONTH or YEAR"))
        }
        step => Ok(step),
    }
}

fn threshold(it: &pb::Threshold) -> Result<Threshold, Invalid> {
    let watts = it.power_watts;
    if watts.is_finite() && watts.abs() <= 1e6 {
        let below = it.below;
        return Ok(Threshold { watts, below });
    }
    Err(Invalid::new("plan.threshold.power_watts", "at most 1 MW"))
}

fn factor(factor: f64) -> Result<Option<f64>, Invalid> {
    match factor {
        0.0 => Ok(None),
        it if it > 0.0 && it <= 1000.0 => Ok(Some(it)),
        _ => Err(Invalid::new("plan.factor", "above 0, at most 1,000")),
    }
}

fn amount(text: &str) -> Result<Option<Decimal>, Invalid> {
    let plain = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match text {
        "" => Ok(None),
        text => {
            let amount = if plain { text.parse().ok() } else { None };
            let amount = amount.filter(|it| *it > Decimal::ZERO);
            let problem = || Invalid::new("plan.amount", "a decimal above 0, as 0.25");
            amount.map(Some).ok_or_else(problem)
        }
    }
}

/// The whole home is none.
fn whole(it: Option<&pb::Selection>) -> Result<Option<Selection>, Invalid> {
    let whole = it.map(|it| selection("plan.whole", Some(it))).transpose()?;
    Ok(whole.filter(|it| !it.is_home()))
}

fn selection(field: &str, selection: Option<&pb::Selection>) -> Result<Selection, Invalid> {
    let Some(it) = selection else {
        return Ok(Selection::default());
    };
    if it.device_ids.len() > 500 {
        return Err(Invalid::new(format!("{field}.device_ids"), "at most 500"));
    }
    let device = |(at, id): (usize, &String)| parse(&format!("{field}.device_ids[{at}]"), id);
    let devices = it.device_ids.iter().enumerate().map(device).collect::<Result<_, _>>()?;
    Ok(Selection {
        devices,
        except: it.except,
        room: it.room.clone(),
        each: it.each,
    })
}

fn unit(text: &str) -> Result<Option<Unit>, Invalid> {
    let units = [Unit::W, Unit::Kw, Unit::Wh, Unit::Kwh, Unit::Mwh];
    match text {
        "" => Ok(None),
        text => units
            .into_iter()
            .find(|it| it.sign() == text)
            .map(Some)
            .ok_or_else(|| Invalid::new("plan.unit", "W, kW, Wh, kWh or MWh")),
    }
}

fn time(field: &str, it: &pb::TimeExpression, depth: u32) -> Result<TimeExpr, Invalid> {
    let wrong = |problem: &str| Invalid::new(field, problem);
    if depth > DEPTH {
        return Err(wrong("too many expressions within each other"));
    }
    let inner = |of: &pb::TimeExpression| time(field, of, depth + 1).map(Box::new);
    let calendar = |unit: i32| step(field, unit)?.ok_or_else(|| wrong("needs a unit"));
    let within = |value: u32, most: u32, problem: &str| if value <= most { Ok(value) } else { Err(wrong(problem)) };
    let few = |value: u32| within(value, 100_000, "at most 100,000 units");
    Ok(match it.kind.as_ref().ok_or_else(|| wrong("needs a kind"))? {
        Kind::Calendar(it) => TimeExpr::calendar(calendar(it.unit)?, few(it.back)?),
        Kind::Rolling(it) => {
            let seconds = wire::parse_duration(field, it)?.as_secs();
            if !(1..=316_000_000).contains(&seconds) {
                return Err(wrong("from one second to ten years"));
            }
            TimeExpr::Rolling(seconds)
        }
        Kind::Dates(it) => {
            let date = |text: &str| text.parse().map_err(|_| wrong("a date is YYYY-MM-DD"));
            TimeExpr::Dates(date(&it.first)?, date(&it.last)?)
        }
        Kind::Month(it) => {
            let month = u8::try_from(within(it.month, 12, "a month is from 1 to 12")?).unwrap_or(0);
            let year = i16::try_from(it.year)
                .ok()
                .filter(|it| *it == 0 || (1900..=2200).contains(it));
            TimeExpr::Month(month, year.ok_or_else(|| wrong("a year is from 1900 to 2200"))?)
        }
        Kind::Weekday(it) => {
            let weekday = u8::try_from(within(it.weekday, 7, "a weekday is from 1 to 7")?)
                .unwrap_or(1)
                .max(1);
            TimeExpr::Weekday {
                weekday,
                before_today: it.before_today,
            }
        }
        Kind::Since(of) => TimeExpr::Since(inner(of)?),
        Kind::Clock(it) => {
            let minute = |value: u32| {
                within(value, 1440, "at most 1,440 minutes").map(|it| u16::try_from(it % 1440).unwrap_or(0))
            };
            let base = it.base.as_ref().ok_or_else(|| wrong("needs a base"))?;
            TimeExpr::Clock {
                base: inner(base)?,
                from: minute(it.from_minute)?,
                to: minute(it.to_minute)?,
            }
        }
        Kind::Weekend(it) => TimeExpr::Weekend(few(it.back)?),
        Kind::ClockChangeDay(_) => TimeExpr::ClockChange,
        Kind::PreviousOf(of) => TimeExpr::PreviousOf(inner(of)?),
        Kind::All(_) => TimeExpr::All,
        Kind::LastUnits(it) => TimeExpr::LastUnits(calendar(it.unit)?, few(it.count)?),
        Kind::Quarter(it) => TimeExpr::Quarter(few(it.back)?),
        Kind::Weekdays(it) => {
            let known = it.weekdays.iter().all(|day| (1..=7).contains(day));
            let on = it
                .weekdays
                .iter()
                .filter(|_| known)
                .fold(0, |on, day| on | 1 << (day - 1));
            if on == 0 {
                return Err(wrong("weekdays are from 1 to 7, and at least one"));
            }
            let base = it.base.as_ref().ok_or_else(|| wrong("needs a base"))?;
            TimeExpr::Weekdays { base: inner(base)?, on }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_by_what_is_no_step_of_the_calendar_is_refused() {
        let plan = |bucket: pb::Bucket| pb::QueryPlan {
            operation: pb::Operation::Extreme.into(),
            bucket: bucket.into(),
            ..pb::QueryPlan::default()
        };
        for bucket in [pb::Bucket::HourOfDay, pb::Bucket::Weekday] {
            let of = |operation: pb::Operation, metric: pb::Metric| {
                let plan = pb::QueryPlan {
                    operation: operation.into(),
                    metric: metric.into(),
                    ..plan(bucket)
                };
                to_plan(Some(&plan)).is_ok()
            };
            assert!(of(pb::Operation::Extreme, pb::Metric::Energy), "{bucket:?}");
            assert!(of(pb::Operation::Series, pb::Metric::Power), "{bucket:?}");
            assert!(of(pb::Operation::Extreme, pb::Metric::Cost), "{bucket:?}");
            assert!(!of(pb::Operation::Extreme, pb::Metric::Voltage), "{bucket:?}");
            assert!(!of(pb::Operation::Average, pb::Metric::Energy), "{bucket:?}");
        }
        let day = to_plan(Some(&plan(pb::Bucket::Day))).expect("a plan");
        assert_eq!(day.bucket, Some(Bucket::Day));
        let within = pb::TimeExpression {
            kind: Some(Kind::Calendar(pb::CalendarExpression {
                unit: pb::Bucket::Weekday.into(),
                back: 1,
            })),
            ..pb::TimeExpression::default()
        };
        let plan = pb::QueryPlan {
            period: Some(within),
            ..plan(pb::Bucket::Day)
        };
        assert!(to_plan(Some(&plan)).is_err());
    }
}
