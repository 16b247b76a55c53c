//! Questions and their plans, as a table: on several homes, zones and currencies.

mod calendar;
mod dialogue;
mod habit;
mod message;
mod people;
mod questions;
mod refusals;
mod robust;
mod several;
mod typed;
mod ways;

use std::fmt::Write;

use jiff::civil::Weekday;
use voltaire_types::{Calendar, DeviceId, Timestamp};

use super::{
    Context, Named, No, Understood, World,
    plan::{Metric, Operation, Plan, TimeExpr},
    timex, understand,
};

/// A home: zone, currency, devices as (name, room, kind).
pub(super) struct HomeOf {
    pub(super) world: World,
    pub(super) now: Timestamp,
}

fn id(number: usize) -> DeviceId {
    DeviceId::from_uuid(uuid::Uuid::from_u128(number as u128 + 1))
}

fn home(zone: &str, currency: &str, now: &str, devices: &[(&str, &str, &str)]) -> HomeOf {
    let named = |(at, (name, room, kind)): (usize, &(&str, &str, &str))| Named {
        id: id(at),
        name: (*name).to_owned(),
        aliases: if *name == "Heat pump" {
            vec!["Mr Warm".to_owned()]
        } else {
            Vec::new()
        },
        room: (*room).to_owned(),
        kind: (*kind).to_owned(),
    };
    let world = World {
        calendar: Calendar::new(zone, Weekday::Monday).unwrap(),
        devices: devices.iter().enumerate().map(named).collect(),
        currency: currency.to_owned(),
        month_first: currency == "USD",
    };
    HomeOf {
        world,
        now: now.parse().unwrap(),
    }
}

/// Vienna, Tuesday 14 July 2026, 15:30 local.
pub(super) fn vienna() -> HomeOf {
    let devices = [
        ("Fridge", "Kitchen", "fridge"),
        ("Washer", "Bathroom", "washing_machine"),
        ("Heat pump", "Basement", "heat_pump"),
        ("Oma's freezer", "Basement", "freezer"),
        ("TV", "Living room", "tv"),
        ("TV box", "Living room", "tv"),
        ("Desk lamp", "Office", "lighting"),
        ("Ceiling lamp", "Kitchen", "lighting"),
        ("🚗 Wallbox", "Garage", "ev_charger"),
        ("Dishwasher", "Kitchen", "dishwasher"),
        ("NAS", "Office", "server"),
    ];
    home("Europe/Vienna", "EUR", "2026-07-14T13:30:00Z", &devices)
}

/// Denver, Wednesday 4 March 2026, 09:15 local.
pub(super) fn denver() -> HomeOf {
    let devices = [
        ("Bedroom AC", "", "air_conditioner"),
        ("Den AC", "", "air_conditioner"),
        ("REFRIGERATOR", "", "fridge"),
        ("EV", "", "ev"),
        ("Oven", "", "oven"),
        ("Hot tub", "", "other"),
        ("Clothes dryer", "", "dryer"),
        ("Water Heater", "", "boiler"),
        ("Nina's Heater", "", "heater"),
    ];
    home("America/Denver", "USD", "2026-03-04T16:15:00Z", &devices)
}

pub(super) fn ask(home: &HomeOf, question: &str) -> Understood {
    understand(question, &home.world, &Context::default(), home.now)
}

fn names(home: &HomeOf, plan: &Plan) -> String {
    let name = |id: &DeviceId| {
        home.world
            .devices
            .iter()
            .find(|it| it.id == *id)
            .map(|it| it.name.clone())
            .unwrap()
    };
    let joined = plan.selection.devices.iter().map(name).collect::<Vec<_>>().join("+");
    if plan.selection.except {
        format!("all but {joined}")
    } else {
        joined
    }
}

/// Local times, without what is zero: `2026-07-06 .. 2026-07-13`.
fn span(home: &HomeOf, expr: &TimeExpr) -> String {
    let Ok(span) = timex::resolve(expr, &home.world.calendar, home.now) else {
        return "?".into();
    };
    let local = |at: Timestamp| {
        home.world
            .calendar
            .local(at)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
            .replace(" 00:00", "")
    };
    if span.all {
        return "all".into();
    }
    let Ok(Some(several)) = timex::stretches(expr, &home.world.calendar, home.now) else {
        return format!("{} .. {}", local(span.interval.start), local(span.interval.end));
    };
    let mut out = format!("{} .. {}", local(several.base.start), local(several.base.end));
    if several.has_weekdays() {
        write!(out, " {}", timex::weekdays(several.weekdays)).unwrap();
    }
    if let Some((from, to)) = several.window {
        write!(out, " {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60).unwrap();
    }
    write!(out, " x{}", several.each.len()).unwrap();
    out
}

/// A plan in short: `Total Energy | Fridge | 2026-07-06 .. 2026-07-13`.
pub(super) fn short(home: &HomeOf, understood: &Understood) -> String {
    match understood {
        Understood::Plan { plan, .. } => {
            let mut out = format!("{:?} {:?} | {}", plan.operation, plan.metric, names(home, plan));
            if let Some(expr) = &plan.period {
                write!(out, " | {}", span(home, expr)).unwrap();
            }
            if let Some(expr) = &plan.compare_to {
                write!(out, " vs {}", span(home, expr)).unwrap();
            }
            let mut extra = Vec::new();
            extra.extend(plan.bucket.map(|it| format!("{it:?}")));
            if plan.direction == super::plan::Direction::Least {
                extra.push("least".into());
            }
            if plan.limit > 0 {
                extra.push(format!("top{}", plan.limit));
            }
            if plan.rank > 0 {
                extra.push(format!("#{}", plan.rank));
            }
            extra.extend(plan.unit.map(|it| it.sign().to_owned()));
            extra.extend(plan.also.iter().map(|it| format!("+{it:?}")));
            if plan.selection.each {
                extra.push("each".into());
            }
            extra.extend(plan.want.map(|it| format!("{it:?}")));
            extra.extend(plan.versus.map(|it| format!("{it:?}")));
            extra.extend(plan.factor.map(|it| format!("x{it}")));
            let bound = |it: super::plan::Threshold| format!("{}{} W", if it.below { '<' } else { '>' }, it.watts);
            extra.extend(plan.threshold.map(bound));
            extra.extend(plan.amount.map(|it| format!("at {it}")));
            if !extra.is_empty() {
                write!(out, " | {}", extra.join(" ")).unwrap();
            }
            out
        }
        Understood::Clarify(pending) => {
            let plan = Plan {
                selection: super::plan::Selection {
                    devices: pending.options.clone(),
                    ..Default::default()
                },
                ..Plan::new(Operation::Total, Metric::Energy)
            };
            format!("which: {}", names(home, &plan))
        }
        Understood::Refuse(no) => match no {
            No::NotUnderstood(_) => "no: not understood".into(),
            No::OffTopic => "no: off topic".into(),
            No::UnknownDevice(_) => "no: unknown device".into(),
            No::Future => "no: future".into(),
            No::Private => "no: private".into(),
            No::OtherCurrency(_) => "no: currency".into(),
            No::NoTariff => "no: tariff".into(),
            No::Unsupported(topic) => format!("no: {topic:?}"),
        },
        Understood::Courtesy => "courtesy".into(),
        Understood::Several(parts) => {
            let each = parts.iter().map(|it| short(home, &it.understood).trim().to_owned());
            each.collect::<Vec<_>>().join(" & ")
        }
    }
}

/// Checks a table of `question => short plan`, and tells all that differ at once.
pub(super) fn table(home: &HomeOf, rows: &str) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let (question, wanted) = row.split_once(" => ").unwrap_or_else(|| panic!("{row}"));
        let got = short(home, &ask(home, question));
        count += 1;
        if got.trim() != wanted.trim() {
            wrong.push(format!("{question}\n   wanted {wanted}\n   got    {got}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
