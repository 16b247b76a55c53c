//! Devices and their kinds.

use std::time::Duration;

use prost_types::FieldMask;
use voltaire_mesh::{
    Invalid,
    wire::{self, Mask},
};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{DeviceId, HomeId, Timestamp, Watts};

use super::optional_id;
use crate::device::{Device, DeviceChange, DeviceType, Flow};

const MAX_ALIASES: usize = 10;
const MAX_GAP: Duration = Duration::from_hours(31 * 24);

impl From<DeviceType> for pb::DeviceType {
    fn from(
        DeviceType {
            id,
            key,
            name,
            description,
            icon,
            category,
        }: DeviceType,
    ) -> Self {
        Self {
            device_type_id: id,
            key,
            name,
            description,
            icon,
            category,
        }
    }
}

impl From<Device> for pb::Device {
    fn from(device: Device) -> Self {
        Self {
            device_id: device.id.to_string(),
            home_id: device.home_id.to_string(),
            name: device.name,
            device_type_id: device.type_id,
            room: device.room,
            flow: pb::Flow::from(device.flow).into(),
            parent_device_id: device.parent.map(|it| it.to_string()).unwrap_or_default(),
            aliases: device.aliases,
            on_threshold_watts: device.on_threshold.map(|it| it.0),
            max_gap: device.max_gap.map(wire::duration),
            color_slot: device.color_slot,
            create_time: Some(wire::timestamp(device.created_at)),
            update_time: Some(wire::timestamp(device.updated_at)),
        }
    }
}

impl From<Flow> for pb::Flow {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Consumption => Self::Consumption,
            Flow::Grid => Self::Grid,
            Flow::Production => Self::Production,
            Flow::Storage => Self::Storage,
        }
    }
}

/// A new device of the home; its colour is not known yet.
pub(crate) fn new_device(device: &pb::Device, home_id: HomeId, now: Timestamp) -> Result<Device, Invalid> {
    let values = device_values(device)?;
    Ok(values.apply(Device {
        id: DeviceId::new(),
        home_id,
        name: name(&device.name)?,
        type_id: 0,
        room: String::new(),
        flow: Flow::default(),
        parent: None,
        aliases: Vec::new(),
        on_threshold: None,
        max_gap: None,
        color_slot: 0,
        created_at: now,
        updated_at: now,
    }))
}

/// Everything but the name.
fn device_values(device: &pb::Device) -> Result<DeviceChange, Invalid> {
    Ok(DeviceChange {
        name: None,
        type_id: Some(device.device_type_id),
        room: Some(wire::text("device.room", &device.room, 0, 60)?),
        flow: Some(flow(device.flow)?),
        parent: Some(parent(device)?),
        aliases: Some(aliases(&device.aliases)?),
        on_threshold: Some(on_threshold(device)?),
        max_gap: Some(max_gap(device)?),
    })
}

/// What an update changes.
pub(crate) fn device_change(device: &pb::Device, mask: Option<FieldMask>) -> Result<DeviceChange, Invalid> {
    const FIELDS: [&str; 8] = [
        "name",
        "device_type_id",
        "room",
        "flow",
        "parent_device_id",
        "aliases",
        "on_threshold_watts",
        "max_gap",
    ];
    let mask = Mask::parse(mask, &FIELDS)?;
    let mut change = DeviceChange::default();
    if mask.has("name", !device.name.is_empty()) {
        change.name = Some(name(&device.name)?);
    }
    if mask.has("device_type_id", device.device_type_id != 0) {
        change.type_id = Some(device.device_type_id);
    }
    if mask.has("room", !device.room.is_empty()) {
        change.room = Some(wire::text("device.room", &device.room, 0, 60)?);
    }
    if mask.has("flow", device.flow != 0) {
        change.flow = Some(flow(device.flow)?);
    }
    if mask.has("parent_device_id", !device.parent_device_id.is_empty()) {
        change.parent = Some(parent(device)?);
    }
    if mask.has("aliases", !device.aliases.is_empty()) {
        change.aliases = Some(aliases(&device.aliases)?);
    }
    if mask.has("on_threshold_watts", device.on_threshold_watts.is_some()) {
        change.on_threshold = Some(on_threshold(device)?);
    }
    if mask.has("max_gap", device.max_gap.is_some()) {
        change.max_gap = Some(max_gap(device)?);
    }
    Ok(change)
}

fn name(name: &str) -> Result<String, Invalid> {
    wire::text("device.name", name, 1, 80)
}

fn flow(number: i32) -> Result<Flow, Invalid> {
    match pb::Flow::try_from(number) {
        Ok(pb::Flow::Unspecified | pb::Flow::Consumption) => Ok(Flow::Consumption),
        Ok(pb::Flow::Grid) => Ok(Flow::Grid),
        Ok(pb::Flow::Production) => Ok(Flow::Production),
        Ok(pb::Flow::Storage) => Ok(Flow::Storage),
        Err(_) => Err(Invalid::new(
            "device.flow",
            "must be consumption, grid, production or storage",
        )),
    }
}

fn parent(device: &pb::Device) -> Result<Option<DeviceId>, Invalid> {
    optional_id("device.parent_device_id", &device.parent_device_id)
}

fn aliases(aliases: &[String]) -> Result<Vec<String>, Invalid> {
    if aliases.len() > MAX_ALIASES {
        return Err(Invalid::new(
            "device.aliases",
            format!("at most {MAX_ALIASES} are possible"),
        ));
    }
    let alias = |(index, alias): (usize, &String)| wire::text(&format!("device.aliases[{index}]"), alias, 1, 80);
    aliases.iter().enumerate().map(alias).collect()
}

fn on_threshold(device: &pb::Device) -> Result<Option<Watts>, Invalid> {
    match device.on_threshold_watts {
        Some(watts) if !(0.0..=1e6).contains(&watts) => {
            Err(Invalid::new("device.on_threshold_watts", "must be from 0 to 1000000"))
        }
        watts => Ok(watts.map(Watts)),
    }
}

fn max_gap(device: &pb::Device) -> Result<Option<Duration>, Invalid> {
    let Some(gap) = &device.max_gap else {
        return Ok(None);
    };
    let gap = wire::parse_duration("device.max_gap", gap)?;
    if (Duration::from_secs(1)..=MAX_GAP).contains(&gap) {
        Ok(Some(gap))
    } else {
        Err(Invalid::new("device.max_gap", "must be from 1 second to 31 days"))
    }
}
