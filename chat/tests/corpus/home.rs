//! The homes that are asked about.

use jiff::civil::{Date, DateTime, Weekday};
use serde::Deserialize;
use uuid::Uuid;
use voltaire_chat::understand::{Named, World};
use voltaire_types::{Calendar, DeviceId, Timestamp};

/// A home as `homes.toml` has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Home {
    pub(crate) name: String,
    zone: String,
    week_start: Option<String>,
    currency: String,
    locale: String,
    /// Name, type, room, aliases.
    devices: Vec<Vec<String>>,
}

impl Home {
    /// All homes.
    pub(crate) fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            home: Vec<Home>,
        }
        let text = std::fs::read_to_string(super::gold::folder().join("homes.toml")).expect("the homes are there");
        toml::from_str::<File>(&text)
            .expect("homes.toml is as the README says")
            .home
    }

    /// As the understanding sees it.
    pub(crate) fn world(&self) -> World {
        let named = |(at, it): (usize, &Vec<String>)| Named {
            id: id(at),
            name: it[0].clone(),
            kind: it[1].clone(),
            room: it[2].clone(),
            aliases: it[3..].to_vec(),
        };
        World {
            calendar: self.calendar(),
            devices: self.devices.iter().enumerate().map(named).collect(),
            currency: self.currency.clone(),
            month_first: self.locale.ends_with("-US"),
        }
    }

    /// Its calendar.
    pub(crate) fn calendar(&self) -> Calendar {
        let start = match self.week_start.as_deref() {
            Some("sunday") => Weekday::Sunday,
            _ => Weekday::Monday,
        };
        Calendar::new(&self.zone, start).expect("a time zone")
    }

    /// The ids of devices by name; every name of the corpus is one of the home's.
    pub(crate) fn ids(&self, names: &[String]) -> Vec<DeviceId> {
        let find = |name: &String| self.devices.iter().position(|it| it[0] == *name);
        let known = |name| id(find(name).unwrap_or_else(|| panic!("{}: no device {name}", self.name)));
        names.iter().map(known).collect()
    }

    /// The name of a device.
    pub(crate) fn device(&self, wanted: DeviceId) -> &str {
        let found = (0..self.devices.len()).find(|at| id(*at) == wanted);
        found.map_or("?", |at| self.devices[at][0].as_str())
    }

    /// An instant of the corpus: a local day, a local time, or one with its offset.
    pub(crate) fn instant(&self, text: &str) -> Timestamp {
        let calendar = self.calendar();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return instant.try_into().expect("in range");
        }
        if text.len() == 10 {
            return calendar.start_of_day(text.parse::<Date>().expect("a day"));
        }
        let local: DateTime = text.parse().unwrap_or_else(|_| panic!("not a local time: {text}"));
        let zoned = local.to_zoned(calendar.zone().clone()).expect("in range");
        zoned.timestamp().try_into().expect("in range")
    }
}

fn id(at: usize) -> DeviceId {
    DeviceId::from_uuid(Uuid::from_u128(at as u128 + 1))
}
