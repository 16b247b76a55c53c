//! How appliances draw power: cycles, runs on some days, and habits of the hour.

use std::borrow::Cow;

use jiff::civil::Weekday;
use voltaire_types::{Calendar, Timestamp};

use super::chance;

/// Something that draws power.
#[derive(Clone, Debug)]
pub(crate) struct Appliance {
    /// What it is called.
    pub(crate) name: Cow<'static, str>,
    /// Its kind, a device type's key.
    pub(crate) kind: &'static str,
    /// Where it is.
    pub(crate) room: &'static str,
    shape: Shape,
}

/// How power goes over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// The sum of all others, and a little more.
    Meter,
    /// Always the same, with a little noise.
    Constant { watts: f64 },
    /// On and off: so many seconds, of which this share on.
    Cycle { watts: f64, seconds: i64, duty: f64 },
    /// Between two hours, more on weekends; standby else.
    Habit {
        watts: f64,
        standby: f64,
        from: f64,
        to: f64,
    },
    /// Runs on some days: chance a day, from about an hour, phases of (minutes, W).
    Runs {
        chance: f64,
        hour: f64,
        phases: &'static [(i64, f64)],
    },
    /// Follows the cold of season and night.
    Heating { watts: f64 },
}

impl Appliance {
    pub(crate) const fn new(name: &'static str, kind: &'static str, room: &'static str, shape: Shape) -> Self {
        Self {
            name: Cow::Borrowed(name),
            kind,
            room,
            shape,
        }
    }
}

const WASH: &[(i64, f64)] = &[(8, 120.0), (22, 2050.0), (45, 160.0), (12, 480.0)];
const DRY: &[(i64, f64)] = &[(70, 880.0), (15, 240.0)];
const DISHES: &[(i64, f64)] = &[(15, 60.0), (18, 1850.0), (40, 70.0), (14, 1800.0), (20, 30.0)];
const CHARGE: &[(i64, f64)] = &[(150, 7200.0), (25, 3100.0)];
const BAKE: &[(i64, f64)] = &[(12, 2300.0), (40, 950.0)];
const SHOWERS: &[(i64, f64)] = &[(38, 2000.0)];

/// What is found in many homes; more devices than these repeat them.
pub(crate) static COMMON: [Appliance; 12] = [
    Appliance::new(
        "Fridge",
        "fridge",
        "Kitchen",
        Shape::Cycle {
            watts: 88.0,
            seconds: 2700,
            duty: 0.36,
        },
    ),
    Appliance::new("Heat pump", "heat_pump", "Cellar", Shape::Heating { watts: 1250.0 }),
    Appliance::new(
        "EV charger",
        "ev_charger",
        "Garage",
        Shape::Runs {
            chance: 0.45,
            hour: 22.4,
            phases: CHARGE,
        },
    ),
    Appliance::new(
        "Water heater",
        "boiler",
        "Bathroom",
        Shape::Runs {
            chance: 0.97,
            hour: 6.2,
            phases: SHOWERS,
        },
    ),
    Appliance::new(
        "Washing machine",
        "washing_machine",
        "Cellar",
        Shape::Runs {
            chance: 0.42,
            hour: 10.5,
            phases: WASH,
        },
    ),
    Appliance::new(
        "Dryer",
        "dryer",
        "Cellar",
        Shape::Runs {
            chance: 0.32,
            hour: 13.2,
            phases: DRY,
        },
    ),
    Appliance::new(
        "Dishwasher",
        "dishwasher",
        "Kitchen",
        Shape::Runs {
            chance: 0.68,
            hour: 20.3,
            phases: DISHES,
        },
    ),
    Appliance::new(
        "Oven",
        "oven",
        "Kitchen",
        Shape::Runs {
            chance: 0.5,
            hour: 18.1,
            phases: BAKE,
        },
    ),
    Appliance::new(
        "TV",
        "tv",
        "Living room",
        Shape::Habit {
            watts: 105.0,
            standby: 0.6,
            from: 19.2,
            to: 22.8,
        },
    ),
    Appliance::new(
        "Computer",
        "computer",
        "Office",
        Shape::Habit {
            watts: 140.0,
            standby: 3.0,
            from: 8.8,
            to: 17.3,
        },
    ),
    Appliance::new("Router", "server", "Office", Shape::Constant { watts: 8.6 }),
    Appliance::new(
        "Freezer",
        "freezer",
        "Cellar",
        Shape::Cycle {
            watts: 74.0,
            seconds: 3600,
            duty: 0.31,
        },
    ),
];

/// An instant in the home's terms.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    second: i64,
    day: i64,
    hour: f64,
    season: f64,
    weekend: bool,
}

impl Moment {
    pub(crate) fn new(calendar: &Calendar, at: Timestamp) -> Self {
        let local = calendar.local(at);
        let day_of_year = f64::from(local.date().day_of_year());
        let second = at.micros().div_euclid(1_000_000);
        let since_midnight =
            i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second());
        Self {
            second,
            day: (second - since_midnight + 43_200).div_euclid(86_400),
            hour: since_midnight as f64 / 3600.0,
            season: ((day_of_year - 15.0) / 365.25 * std::f64::consts::TAU).cos(),
            weekend: matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }
}

impl Appliance {
    /// Active power at a moment, W.
    pub(crate) fn power(&self, seed: u64, moment: &Moment) -> f64 {
        let noise = 1.0 + 0.03 * (chance::at(seed, moment.second) - 0.5);
        let power = match self.shape {
            Shape::Meter => 0.0,
            Shape::Constant { watts } => watts,
            Shape::Cycle { watts, seconds, duty } => cycle(seed, moment, (watts, seconds, duty)),
            Shape::Habit {
                watts,
                standby,
                from,
                to,
            } => habit(seed, moment, (from, to)).map_or(standby, |on| watts * on),
            Shape::Runs { chance, hour, phases } => run(seed, moment, (chance, hour), phases),
            Shape::Heating { watts } => heating(seed, moment, watts),
        };
        power * noise
    }
}

fn cycle(seed: u64, moment: &Moment, (watts, seconds, duty): (f64, i64, f64)) -> f64 {
    let shifted = moment.second + (chance::at(seed, 0) * seconds as f64) as i64;
    let number = shifted.div_euclid(seconds);
    let on = duty * (0.8 + 0.4 * chance::at(seed, number));
    let into = shifted.rem_euclid(seconds) as f64 / seconds as f64;
    if into < on {
        watts * (1.0 + 0.6 * (-into * 60.0).exp())
    } else {
        1.2
    }
}

fn habit(seed: u64, moment: &Moment, (from, to): (f64, f64)) -> Option<f64> {
    let shift = chance::at(seed, moment.day) * 1.4 - 0.7;
    let longer = if moment.weekend { 0.9 } else { 0.0 };
    let skipped = chance::at(seed ^ 1, moment.day) < 0.12;
    let on = !skipped && moment.hour > from + shift - longer && moment.hour < to + shift;
    on.then(|| 0.75 + 0.4 * chance::smooth(seed, moment.second, 420))
}

/// A run that began today, or one of yesterday that goes on past midnight.
fn run(seed: u64, moment: &Moment, (likely, hour): (f64, f64), phases: &[(i64, f64)]) -> f64 {
    let started = |day: i64, before: f64| {
        let happens = chance::at(seed, day) < likely + if moment.weekend { 0.1 } else { 0.0 };
        let start = hour + chance::at(seed ^ 2, day) * 3.0 - 0.8;
        happens.then_some((moment.hour + before - start) * 60.0)
    };
    let length: i64 = phases.iter().map(|(minutes, _)| minutes).sum();
    let today = started(moment.day, 0.0)
        .into_iter()
        .chain(started(moment.day - 1, 24.0));
    let Some(into) = today.into_iter().find(|into| (0.0..length as f64).contains(into)) else {
        return 0.4;
    };
    let mut end = 0.0;
    for (minutes, watts) in phases {
        end += *minutes as f64;
        if into < end {
            return watts * (0.94 + 0.12 * chance::smooth(seed, moment.second, 90));
        }
    }
    0.4
}

fn heating(seed: u64, moment: &Moment, watts: f64) -> f64 {
    let night = 0.18 * ((moment.hour - 4.0) / 24.0 * std::f64::consts::TAU).cos();
    let weather = 0.35 * (chance::smooth(seed ^ 3, moment.second, 172_800) - 0.5);
    let need = (0.34 + 0.42 * moment.season + night + weather).clamp(0.0, 1.0);
    let into = (moment.second.rem_euclid(1800)) as f64 / 1800.0;
    if need < 0.06 || into > need.max(0.25) {
        4.0
    } else {
        watts * (0.55 + 0.45 * need)
    }
}
