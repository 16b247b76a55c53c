//! Questions to the readings of a home: totals and values per step, over periods in the home's own time.

pub(crate) mod activity;
pub(crate) mod always_on;
pub(crate) mod change;
pub(crate) mod duration;
pub(crate) mod flows;
pub(crate) mod forecast;
mod limit;
pub(crate) mod measure;
pub(crate) mod period;
mod portion;
pub(crate) mod profile;
pub(crate) mod quality;
pub(crate) mod runs;
pub(crate) mod scope;
pub(crate) mod series;
pub(crate) mod summary;
pub(crate) mod unusual;
mod walk;

use std::collections::HashSet;

use voltaire_types::{Decimal, DeviceId, HomeId, Interval, Timestamp, UserId};

use crate::{
    device::Device,
    error::Error,
    figures::{cost::Prices, total::Node},
    home::Home,
    store::{Metered, Store, first_home_id},
};
pub(crate) use period::Period;
pub(crate) use scope::Scope;

/// A home, its devices and now: what every question is asked of.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The home.
    pub home: Home,
    /// Its devices, first made first.
    pub devices: Vec<Device>,
    /// The devices in their meter tree.
    pub nodes: Vec<Node>,
    /// Those whose early readings are dropped.
    pub drops: HashSet<DeviceId>,
    /// When the question is asked.
    pub now: Timestamp,
    /// Readings that it may read one by one.
    pub most_readings: u64,
}

/// Readings that a question may read one by one, unless the configuration says otherwise.
pub(crate) const MOST_READINGS: u64 = 20_000_000;

impl Setting {
    /// The user's home with this id, or the first one.
    pub(crate) async fn open(store: &Store, user: UserId, home: Option<HomeId>, now: Timestamp) -> Result<Self, Error> {
        // The first home mostly is the one that was made first.
        let expected = home.unwrap_or_else(|| first_home_id(user));
        let (home, metered) = tokio::try_join!(store.home(user, home), store.metered_devices(user, expected))?;
        let metered = if home.id == expected {
            metered
        } else {
            store.metered_devices(user, home.id).await?
        };
        let drops = metered.iter().filter(|it| it.drops).map(|it| it.device.id).collect();
        let node = |it: &Metered| Node {
            id: it.device.id,
            parent: it.device.parent,
            flow: it.device.flow,
            measured: it.measured,
        };
        let nodes = metered.iter().map(node).collect();
        let devices = metered.into_iter().map(|it| it.device).collect();
        Ok(Self {
            home,
            devices,
            nodes,
            drops,
            now,
            most_readings: MOST_READINGS,
        })
    }

    /// A device of the home.
    pub(crate) fn device(&self, id: DeviceId) -> Result<&Device, Error> {
        self.devices
            .iter()
            .find(|device| device.id == id)
            .ok_or(Error::NoDevice)
    }

    /// What energy costs in the home.
    pub(crate) fn prices(&self) -> Prices<'_> {
        Prices::new(&self.home.tariffs, &self.home.calendar)
    }

    /// The standing charge of a period up to now, as a day that has not come costs nothing yet; of the whole home only, and where
    /// prices are known.
    pub(crate) fn standing_charge(&self, scope: &Scope, period: Interval) -> Option<Decimal> {
        let begun = Interval::new(period.start, period.end.min(self.now));
        let prices = self.prices();
        (*scope == Scope::Home && prices.known()).then(|| prices.standing_charge(begun))
    }

    /// What a period is compared with: as much of a whole unit of the calendar as has gone by of the running one, and then
    /// also the whole.
    pub(crate) async fn resolve_compared(
        &self,
        store: &Store,
        (period, interval): (Period, Interval),
        compare_to: Period,
    ) -> Result<(Interval, Option<Interval>), Error> {
        let whole = self.resolve(store, compare_to, "compare_to").await?;
        let running = match (period, compare_to) {
            (Period::Calendar { unit, back: 0 }, Period::Calendar { unit: other, back: 1.. }) => unit == other,
            _ => false,
        };
        if !running {
            return Ok((whole, None));
        }
        Ok((period::equal_part(&self.home.calendar, interval, whole), Some(whole)))
    }

    /// What the period means in the home, now; `field` names it where it means nothing.
    pub(crate) async fn resolve(&self, store: &Store, period: Period, field: &str) -> Result<Interval, Error> {
        let first = match period {
            Period::All => {
                let ids: Vec<_> = self.devices.iter().map(|device| device.id).collect();
                store.data_range(&ids).await?.map(|range| range.start)
            }
            Period::Interval(_) | Period::Calendar { .. } | Period::Last(_) => None,
        };
        let moment = period::Moment { now: self.now, first };
        Ok(period.resolve(&self.home.calendar, moment, field)?)
    }
}
