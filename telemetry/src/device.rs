//! A device, its place in the meter tree, and the kinds of devices.

use std::time::Duration;

use voltaire_mesh::Invalid;
use voltaire_types::{DeviceId, HomeId, Timestamp, Watts};

use crate::error::Error;

/// Devices that a home may have.
pub(crate) const MAX_DEVICES: usize = 500;
/// Colours that a chart has.
pub(crate) const COLORS: i32 = 12;

/// Which way a device's energy goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Flow {
    /// Uses energy.
    #[default]
    Consumption,
    /// Meters the connection to the grid: positive is import.
    Grid,
    /// Produces energy.
    Production,
    /// Stores energy: positive is charging.
    Storage,
}

/// Something whose power is measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) home_id: HomeId,
    pub(crate) name: String,
    pub(crate) type_id: i32,
    /// Empty: not said.
    pub(crate) room: String,
    pub(crate) flow: Flow,
    /// The device that meters it as well.
    pub(crate) parent: Option<DeviceId>,
    pub(crate) aliases: Vec<String>,
    /// None: [`Device::DEFAULT_ON_THRESHOLD`].
    pub(crate) on_threshold: Option<Watts>,
    /// None: [`Device::DEFAULT_MAX_GAP`].
    pub(crate) max_gap: Option<Duration>,
    pub(crate) color_slot: i32,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Device {
    /// Above this a device counts as on.
    pub(crate) const DEFAULT_ON_THRESHOLD: Watts = Watts(10.0);
    /// Longest gap that still counts as covered.
    pub(crate) const DEFAULT_MAX_GAP: Duration = Duration::from_mins(5);

    /// Above this it counts as on.
    pub(crate) fn on_threshold(&self) -> Watts {
        self.on_threshold.unwrap_or(Self::DEFAULT_ON_THRESHOLD)
    }

    /// Longest gap that still counts as covered.
    pub(crate) fn max_gap(&self) -> Duration {
        self.max_gap.unwrap_or(Self::DEFAULT_MAX_GAP)
    }
}

/// What changes; the rest stays.
#[derive(Clone, Debug, Default)]
#[expect(clippy::option_option, reason = "what may be absent is kept, cleared or set")]
pub(crate) struct DeviceChange {
    pub(crate) name: Option<String>,
    pub(crate) type_id: Option<i32>,
    pub(crate) room: Option<String>,
    pub(crate) flow: Option<Flow>,
    pub(crate) parent: Option<Option<DeviceId>>,
    pub(crate) aliases: Option<Vec<String>>,
    pub(crate) on_threshold: Option<Option<Watts>>,
    pub(crate) max_gap: Option<Option<Duration>>,
}

impl DeviceChange {
    /// The device after the change.
    pub(crate) fn apply(self, device: Device) -> Device {
        Device {
            name: self.name.unwrap_or(device.name),
            type_id: self.type_id.unwrap_or(device.type_id),
            room: self.room.unwrap_or(device.room),
            flow: self.flow.unwrap_or(device.flow),
            parent: self.parent.unwrap_or(device.parent),
            aliases: self.aliases.unwrap_or(device.aliases),
            on_threshold: self.on_threshold.unwrap_or(device.on_threshold),
            max_gap: self.max_gap.unwrap_or(device.max_gap),
            ..device
        }
    }
}

/// A kind of device.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct DeviceType {
    pub(crate) id: i32,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) icon: String,
    pub(crate) category: String,
}

/// The name without regard to case: alike in both databases, as it is made here.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Checks a device that is to be stored against the others of its home.
pub(crate) fn check_in_home(device: &Device, others: &[Device]) -> Result<(), Error> {
    check_names(device, others)?;
    let mut above = device.parent;
    // A tree of the home's devices is no deeper than their number.
    for _ in 0..=others.len() {
        match above {
            None => return Ok(()),
            Some(id) if id == device.id => return Err(Error::MeterCycle),
            Some(id) => above = others.iter().find(|it| it.id == id).ok_or(Error::NoDevice)?.parent,
        }
    }
    Err(Error::MeterCycle)
}

/// Checks that whatever the device is called means no other device of the home, and is not said twice.
fn check_names(device: &Device, others: &[Device]) -> Result<(), Error> {
    let before = others.iter().find(|it| it.id == device.id);
    if before.is_some_and(|it| it.name == device.name && it.aliases == device.aliases) {
        return Ok(());
    }
    let names = |it: &Device| -> Vec<String> {
        let all = std::iter::once(&it.name).chain(&it.aliases);
        all.map(|name| name_key(name)).collect()
    };
    let own = names(device);
    let mut aliases = own.iter().enumerate().skip(1);
    if let Some((index, _)) = aliases.find(|(index, name)| own.iter().take(*index).any(|it| it == *name)) {
        let field = format!("device.aliases[{}]", index - 1);
        return Err(Invalid::new(field, "is the device's name or an alias before it").into());
    }
    let taken = |it: &Device| it.id != device.id && names(it).iter().any(|name| own.contains(name));
    if others.iter().any(taken) {
        return Err(Error::NameTaken);
    }
    Ok(())
}

/// The colour of the next device: in order of making, then again from 0.
pub(crate) fn next_color(others: &[Device]) -> i32 {
    others.last().map_or(0, |newest| (newest.color_slot + 1) % COLORS)
}
