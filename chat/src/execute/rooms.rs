//! What the devices of each room used together.

use std::collections::BTreeMap;

use voltaire_types::{DeviceId, Interval};

use super::{
    Findings, Run,
    model::{Scope, Stretch, Summary},
    totals::in_order,
};
use crate::error::Result;

/// What devices without a room are told as, beside rooms.
const NOWHERE: &str = "No room";

impl Run<'_> {
    /// The rooms in order; the rooms there are, where no device has one.
    pub(super) async fn by_room(&self, interval: Interval) -> Result<Findings> {
        let mut rooms: BTreeMap<&str, Vec<DeviceId>> = BTreeMap::new();
        for device in self.house.consumers() {
            rooms.entry(device.room.as_str()).or_default().push(device.id);
        }
        let nowhere = rooms.remove("");
        if rooms.is_empty() {
            return Ok(Findings::Inventory { range: None });
        }
        let is_split = self.plan.limit == 0 && self.plan.rank == 0;
        let rest = nowhere.filter(|_| is_split).map(|ids| (NOWHERE, ids));
        let stretch = Stretch::Interval(interval);
        let mut found = Vec::new();
        for (room, ids) in rooms.into_iter().chain(rest) {
            let (whole, _) = self
                .telemetry
                .summary(self.house, &Scope::Devices(ids), stretch, false)
                .await?;
            found.push(Summary {
                device: None,
                is_room: true,
                label: room.to_owned(),
                ..whole
            });
        }
        let (home, _) = self.telemetry.summary(self.house, &Scope::Home, stretch, false).await?;
        found.retain(|it| !it.is_empty());
        Ok(in_order(self.plan, found, home))
    }
}
