//! Where a home stands: the last reading of each device, whether it still counts, and the home's power.

use std::collections::HashMap;

use uuid::Uuid;
use voltaire_types::{DeviceId, Timestamp, Watts};

use crate::{
    device::Device,
    figures::{
        latest::{home_power, is_stale},
        total::Node,
    },
    reading::Reading,
};

/// The last reading of a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Latest {
    pub(crate) reading: Reading,
    /// Its id, made once for all who watch: that takes longer than telling the rest.
    pub(crate) id: Uuid,
    /// Whether it is too old to say anything about now.
    pub(crate) stale: bool,
    /// Whether the device is on.
    pub(crate) on: bool,
}

/// Where a home stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    /// When that is.
    pub(crate) at: Timestamp,
    /// The home's power; none when all readings are stale.
    pub(crate) home_power: Option<Watts>,
    /// In the order of the devices.
    pub(crate) latest: Vec<Latest>,
}

impl Standing {
    /// Where the home of these devices stands with these last readings.
    pub(crate) fn of(devices: &[Device], last: &HashMap<DeviceId, Reading>, now: Timestamp) -> Self {
        let latest: Vec<Latest> = devices
            .iter()
            .filter_map(|device| {
                let reading = *last.get(&device.id)?;
                let stale = is_stale(&reading.sample(), device.max_gap(), now);
                let on = !stale && reading.power > device.on_threshold();
                Some(Latest {
                    reading,
                    id: reading.id(),
                    stale,
                    on,
                })
            })
            .collect();
        let node = |device: &Device| Node {
            id: device.id,
            parent: device.parent,
            flow: device.flow,
            measured: last.contains_key(&device.id),
        };
        let nodes: Vec<_> = devices.iter().map(node).collect();
        let fresh = latest.iter().filter(|it| !it.stale);
        let fresh = fresh.map(|it| (it.reading.device, it.reading.power)).collect();
        Self {
            at: now,
            home_power: home_power(&nodes, &fresh),
            latest,
        }
    }
}
