//! What is now, which devices there are, and the settings.

use std::collections::BTreeMap;

use voltaire_types::Interval;

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
        format::Format,
        refusal::list,
    },
    execute::model::Latest,
    understand::plan::{Direction, Metric, Want},
};

impl Teller<'_> {
    pub(super) fn live(&self, out: &mut Telling, home_watts: Option<f64>, rows: &[Latest], all: bool) {
        let row_fact = |it: &Latest| Fact {
            label: format!("{}, power at {}", self.house.name(it.device), self.format.time(it.at)),
            value: Some(it.watts),
            unit: "W".into(),
            text: self.format.power(it.watts, self.plan.unit),
            time: Some(it.at),
            how: if it.stale {
                "the last reading, which is old".into()
            } else {
                "the last reading".into()
            },
            device: Some(it.device),
            ..Fact::default()
        };
        let on_off = self.plan.metric == Metric::Runtime;
        if !all {
            for it in rows {
                out.fact(row_fact(it));
                let (name, power, at) = (
                    self.house.name(it.device),
                    self.format.power(it.watts, self.plan.unit),
                    self.format.moment(it.at),
                );
                out.say(match (it.stale, on_off, it.on) {
                    (true, ..) => format!("I cannot tell what {name} does now: its last reading, {power}, is of {at}."),
                    (false, true, true) => format!("Yes, {name} is on: {power} at {at}."),
                    (false, true, false) => format!("No, {name} is off: {power} at {at}."),
                    (false, false, _) => format!("{name} uses {power} now, as of {at}."),
                });
            }
            return;
        }
        let fresh: Vec<&Latest> = rows.iter().filter(|it| !it.stale).collect();
        let on: Vec<&&Latest> = fresh.iter().filter(|it| it.on).collect();
        let lines = |rows: &[&&Latest]| {
            list(
                &rows
                    .iter()
                    .take(8)
                    .map(|it| format!("{} {}", self.house.name(it.device), self.format.power(it.watts, None)))
                    .collect::<Vec<_>>(),
            )
        };
        if on_off {
            for it in &on {
                out.fact(row_fact(it));
            }
            out.say(if on.is_empty() {
                "Nothing that is measured is on now.".to_owned()
            } else {
                format!("On now: {}.", lines(&on))
            });
            return;
        }
        if self.plan.limit > 0 {
            match fresh.first() {
                Some(it) => {
                    out.fact(row_fact(it));
                    let word = if self.plan.direction == Direction::Least {
                        "least"
                    } else {
                        "most"
                    };
                    out.say(format!(
                        "{} uses the {word} now: {}, as of {}.",
                        self.house.name(it.device),
                        self.format.power(it.watts, None),
                        self.format.moment(it.at)
                    ));
                }
                None => out.say("There are no readings of this moment."),
            }
            return;
        }
        let latest = fresh.iter().map(|it| it.at).max();
        match (home_watts, latest) {
            (Some(watts), Some(at)) => {
                out.fact(Fact {
                    label: "Home, power now".into(),
                    value: Some(watts),
                    unit: "W".into(),
                    text: self.format.power(watts, self.plan.unit),
                    time: Some(at),
                    how: "grid meters, else the sum of the top-level devices; last readings that are not old".into(),
                    ..Fact::default()
                });
                out.say(format!(
                    "The home uses {} now, as of {}.",
                    self.format.power(watts, self.plan.unit),
                    self.format.moment(at)
                ));
                if !on.is_empty() {
                    out.say(format!("On: {}.", lines(&on)));
                }
            }
            _ => out.say("There are no readings of this moment: the last ones are too old."),
        }
    }

    pub(super) fn inventory(&self, out: &mut Telling, range: Option<Interval>) {
        if self.plan.want == Some(Want::Rooms) {
            return self.rooms(out);
        }
        let chosen = &self.plan.selection;
        let devices = self.house.devices.iter();
        let asked = devices.filter(|it| chosen.is_home() || chosen.devices.contains(&it.id) != chosen.except);
        let names: Vec<String> = asked.map(|it| it.name.clone()).collect();
        let count = Fact {
            label: "Devices".into(),
            value: Some(names.len() as f64),
            unit: "count".into(),
            text: names.len().to_string(),
            ..Fact::default()
        };
        let day = |at| Format::day(self.house.home.calendar.date(at));
        let readings = match range {
            Some(it) => format!("Readings go from {} to {}.", day(it.start), day(it.end)),
            None => "There are no readings yet.".to_owned(),
        };
        if let Some(it) = range {
            out.fact(Fact {
                period: Some(pair(it)),
                ..self.time_fact("First reading".into(), self.format.moment(it.start), it.start)
            });
            out.fact(self.time_fact("Last reading".into(), self.format.moment(it.end), it.end));
            let days = it.seconds() / 86_400.0;
            out.fact(Fact {
                label: "Length of the history".into(),
                value: Some(days * 24.0),
                unit: "h".into(),
                text: format!("{} days", self.format.fixed(days, 0)),
                ..Fact::default()
            });
        }
        let devices = match names.len() {
            0 => "There are no devices yet.".to_owned(),
            count if !chosen.is_home() => format!("You have {count} of these: {}.", list(&names)),
            1 => format!("You have 1 device: {}.", names[0]),
            count => format!("You have {count} devices: {}.", list(&names)),
        };
        out.fact(count);
        if self.plan.metric == Metric::Energy {
            out.say(readings);
        } else {
            out.say(devices);
            out.say(readings);
        }
    }

    fn rooms(&self, out: &mut Telling) {
        let mut rooms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let (placed, elsewhere): (Vec<_>, Vec<_>) = self.house.devices.iter().partition(|it| !it.room.is_empty());
        for it in placed {
            rooms.entry(&it.room).or_default().push(&it.name);
        }
        let names: Vec<String> = rooms.keys().map(|it| (*it).to_owned()).collect();
        out.fact(Fact {
            label: "Rooms".into(),
            value: Some(names.len() as f64),
            unit: "count".into(),
            text: names.len().to_string(),
            ..Fact::default()
        });
        for (room, devices) in &rooms {
            out.fact(Fact {
                label: (*room).to_owned(),
                text: devices.join(", "),
                ..Fact::default()
            });
        }
        out.say(match names.len() {
            0 => "No device has a room yet: set one on its page.".to_owned(),
            1 => format!("There is 1 room with devices: {}.", list(&names)),
            count => format!("There are {count} rooms with devices: {}.", list(&names)),
        });
        if !names.is_empty() && !elsewhere.is_empty() {
            let names: Vec<String> = elsewhere.iter().map(|it| it.name.clone()).collect();
            out.say(format!("Without a room: {}.", list(&names)));
        }
    }

    pub(super) fn settings(&self, out: &mut Telling) {
        let home = &self.house.home;
        let today = home.calendar.date(self.found.now).to_string();
        let in_force = home.tariffs.iter().rfind(|it| it.0.is_empty() || it.0 <= today);
        let price = in_force.map(|(_, price, _)| self.format.price(price));
        let zone = format!(
            "Your home's time zone is {}, its currency {}.",
            home.calendar.zone_name(),
            home.currency
        );
        out.fact(Fact {
            label: "Time zone".into(),
            text: home.calendar.zone_name().into(),
            ..Fact::default()
        });
        out.fact(Fact {
            label: "Currency".into(),
            text: home.currency.clone(),
            ..Fact::default()
        });
        let paid = match (&price, in_force) {
            (Some(price), Some((_, exact, standing))) => {
                out.fact(Fact {
                    label: "Price".into(),
                    value: exact.parse().ok(),
                    unit: format!("{}/kWh", home.currency),
                    text: price.clone(),
                    how: "the tariff in force".into(),
                    ..Fact::default()
                });
                let standing = standing
                    .parse()
                    .ok()
                    .map(|it| format!(", and {} a day standing charge", self.format.money(it)))
                    .unwrap_or_default();
                format!("You pay {price}{standing}.")
            }
            _ => "No tariff is set, so I cannot tell prices: set one in the settings.".to_owned(),
        };
        if self.plan.metric == Metric::Cost {
            out.say(paid);
        } else {
            out.say(zone);
            out.say(paid);
        }
    }
}
