//! What telemetry knows, in this service's words.

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, Decimal, DeviceId, HomeId, Interval, Timestamp};

/// A home.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) id: HomeId,
    pub(crate) name: String,
    pub(crate) calendar: Calendar,
    pub(crate) currency: String,
    pub(crate) locale: String,
    /// First day (`YYYY-MM-DD`, empty: from the beginning), price per kWh, standing charge per day (empty: none).
    pub(crate) tariffs: Vec<(String, String, String)>,
}

impl Home {
    /// The standing charge of the local days of an interval, each by the share of it that the interval takes; nothing
    /// before the oldest tariff.
    pub(crate) fn standing_charge(&self, interval: Interval) -> f64 {
        let last = self.calendar.date(interval.end);
        let days = std::iter::successors(Some(self.calendar.date(interval.start)), |day| {
            day.checked_add(1.day()).ok()
        });
        let charge = |day: Date| {
            let whole = self.calendar.day(day);
            let taken = whole.intersection(interval);
            if taken.is_empty() {
                return 0.0;
            }
            self.charge_per_day(day) * taken.seconds() / whole.seconds().max(1.0)
        };
        days.take_while(|day| *day <= last).map(charge).sum()
    }

    fn charge_per_day(&self, day: Date) -> f64 {
        let day = day.to_string();
        let in_force = self.tariffs.iter().rfind(|it| it.0.is_empty() || it.0 <= day);
        in_force.and_then(|(_, _, charge)| charge.parse().ok()).unwrap_or(0.0)
    }
}

/// A device.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) room: String,
    /// Key of its type.
    pub(crate) kind: String,
    /// Whether it uses energy: no grid meter, panel or battery.
    pub(crate) consumes: bool,
    pub(crate) parent: Option<DeviceId>,
}

/// What a question is answered from.
#[derive(Clone, Debug)]
pub(crate) struct House {
    pub(crate) home: Home,
    pub(crate) devices: Vec<Device>,
}

impl House {
    pub(crate) fn name(&self, id: DeviceId) -> &str {
        self.devices
            .iter()
            .find(|it| it.id == id)
            .map_or("a device that is gone", |it| it.name.as_str())
    }

    /// The devices that use energy themselves: no meters of others.
    pub(crate) fn consumers(&self) -> impl Iterator<Item = &Device> {
        let is_parent = |id: DeviceId| self.devices.iter().any(|it| it.parent == Some(id));
        self.devices.iter().filter(move |it| it.consumes && !is_parent(it.id))
    }
}

/// Of what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scope {
    Home,
    Devices(Vec<DeviceId>),
    /// What the home has and no device explains.
    Untracked,
}

/// A period to ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stretch {
    Interval(Interval),
    All,
}

/// Totals of a scope over a period.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) device: Option<DeviceId>,
    /// Whether it is about the devices of a room, which is its label then.
    pub(crate) is_room: bool,
    pub(crate) label: String,
    /// From the first stretch to the last, where there are several.
    pub(crate) interval: Interval,
    pub(crate) energy_wh: f64,
    pub(crate) cost: Decimal,
    pub(crate) standing_charge: Decimal,
    /// What of the energy is paid for; NaN where several stretches are added up.
    pub(crate) paid_wh: f64,
    pub(crate) average_watts: Option<f64>,
    pub(crate) peak: Option<(f64, Timestamp)>,
    pub(crate) minimum: Option<(f64, Timestamp)>,
    pub(crate) coverage: f64,
    pub(crate) readings: u64,
    pub(crate) data_range: Option<Interval>,
}

impl Summary {
    /// Whether nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.readings == 0 && self.coverage <= 0.0
    }
}

/// What is measured per step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    Energy,
    Cost,
    PowerMax,
    PowerMin,
    PowerAverage,
    Coverage,
}

/// Values per step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Steps {
    /// One more than there are values.
    pub(crate) boundaries: Vec<Timestamp>,
    /// One list per metric asked for; NaN where there is none.
    pub(crate) values: Vec<Vec<f64>>,
}

/// The last reading of a device.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    pub(crate) device: DeviceId,
    pub(crate) watts: f64,
    pub(crate) at: Timestamp,
    pub(crate) stale: bool,
    pub(crate) on: bool,
}
