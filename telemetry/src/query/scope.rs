//! What a total is about, and the devices that make it up.

use voltaire_mesh::Invalid;
use voltaire_types::{DeviceId, WattHours};

use super::{Setting, measure::Meter, portion::Used};
use crate::{
    device::{Device, Flow},
    error::Error,
    figures::total::{self, Part},
};

/// What a person calls what no device explains.
const UNTRACKED: &str = "Untracked";

/// What a total is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole home.
    #[default]
    Home,
    /// One device.
    Device(DeviceId),
    /// Several devices, once each.
    Devices(Vec<DeviceId>),
    /// The devices of a room.
    Room(String),
    /// The devices of a kind.
    Kind(i32),
    /// What no device explains: of a device that meters others, or of the whole home.
    Untracked(Option<DeviceId>),
}

/// A scope in a home.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// What it is about.
    pub scope: Scope,
    /// What a person would call it.
    pub label: String,
    /// The devices that are added up.
    pub meters: Vec<Meter>,
    /// All devices in it, also those whose energy another one meters.
    pub members: Vec<DeviceId>,
}

impl Chosen {
    /// The energy that is paid for: of what no device explains, all of it.
    pub(super) fn paid(&self, used: &Used) -> WattHours {
        let all = matches!(self.scope, Scope::Untracked(_));
        WattHours(if all { used.energy } else { used.paid })
    }

    /// The covered share of so many seconds, of which so many are covered, summed over the devices that coverage is about.
    pub(super) fn coverage(&self, covered: f64, seconds: f64) -> f64 {
        let devices = self.meters.iter().filter(|meter| meter.weight.covers).count();
        let whole = seconds * devices as f64;
        if whole > 0.0 {
            (covered / whole).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

impl Setting {
    /// The devices that a scope is made of; `field` names the scope where there are none.
    pub(crate) fn choose(&self, scope: Scope, field: &str) -> Result<Chosen, Error> {
        let (label, members, parts) = self.parts(&scope, field)?;
        let meters = parts.into_iter().map(|part| self.meter(part));
        Ok(Chosen {
            meters: meters.collect::<Result<_, _>>()?,
            scope,
            label,
            members,
        })
    }

    /// What a person would call a scope, the devices in it, and those that are added up.
    fn parts(&self, scope: &Scope, field: &str) -> Result<(String, Vec<DeviceId>, Vec<Part>), Error> {
        Ok(match scope {
            Scope::Home => {
                let all = self.devices.iter().map(|device| device.id).collect();
                (self.home.name.clone(), all, total::home(&self.nodes))
            }
            Scope::Device(id) => {
                let device = self.device(*id)?;
                (device.name.clone(), vec![*id], total::devices(&self.nodes, &[*id]))
            }
            Scope::Devices(ids) => {
                let devices = ids.iter().map(|id| self.device(*id)).collect::<Result<Vec<_>, _>>()?;
                (names(&devices), ids.clone(), total::devices(&self.nodes, ids))
            }
            Scope::Room(room) => {
                let (name, ids) = self.room(room, field)?;
                let parts = total::room(&self.nodes, &ids);
                (name, ids, parts)
            }
            Scope::Kind(kind) => {
                let (names, ids) = self.kind(*kind, field)?;
                let parts = total::room(&self.nodes, &ids);
                (names, ids, parts)
            }
            Scope::Untracked(None) => {
                let leaves = total::leaves(&self.nodes, None);
                let parts = total::untracked(&total::home(&self.nodes), &leaves);
                (UNTRACKED.to_owned(), Vec::new(), parts)
            }
            Scope::Untracked(Some(id)) => {
                let (label, parts) = self.untracked(*id, field)?;
                (label, Vec::new(), parts)
            }
        })
    }

    /// Each device of a scope by itself.
    pub(crate) fn each(&self, chosen: &Chosen) -> Result<Vec<Chosen>, Error> {
        let mut ids = chosen.members.clone();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .map(|id| self.choose(Scope::Device(id), "scope"))
            .collect()
    }

    fn room(&self, room: &str, field: &str) -> Result<(String, Vec<DeviceId>), Error> {
        let key = room.trim().to_lowercase();
        let is_in = |device: &&Device| !key.is_empty() && device.room.to_lowercase() == key;
        let devices: Vec<_> = self.devices.iter().filter(is_in).collect();
        let first = devices
            .first()
            .ok_or_else(|| Invalid::new(format!("{field}.room"), "no device is in this room"))?;
        Ok((first.room.clone(), devices.iter().map(|device| device.id).collect()))
    }

    fn kind(&self, kind: i32, field: &str) -> Result<(String, Vec<DeviceId>), Error> {
        let devices: Vec<_> = self.devices.iter().filter(|device| device.type_id == kind).collect();
        if devices.is_empty() {
            let field = format!("{field}.device_type_id");
            return Err(Invalid::new(field, "no device of the home is of this kind").into());
        }
        Ok((names(&devices), devices.iter().map(|device| device.id).collect()))
    }

    fn untracked(&self, id: DeviceId, field: &str) -> Result<(String, Vec<Part>), Error> {
        let device = self.device(id)?;
        let leaves = total::leaves(&self.nodes, Some(id));
        if leaves.is_empty() {
            let field = format!("{field}.untracked.device_id");
            return Err(Invalid::new(field, "meters no other device that has readings").into());
        }
        let parts = total::untracked(&total::devices(&self.nodes, &[id]), &leaves);
        Ok((format!("{}: {UNTRACKED}", device.name), parts))
    }

    /// Each of the devices by itself, as a meter.
    pub(super) fn meters(&self, ids: &[DeviceId]) -> Result<Vec<Meter>, Error> {
        let nodes = ids
            .iter()
            .filter_map(|id| self.nodes.iter().find(|node| node.id == *id));
        nodes.map(|node| self.meter(total::device(node))).collect()
    }

    /// The grid meters of a scope; of a total, those that it is made of.
    pub(super) fn grid_meters(&self, chosen: &Chosen) -> Result<Vec<Meter>, Error> {
        let is_grid = |id: &DeviceId| self.nodes.iter().any(|node| node.id == *id && node.flow == Flow::Grid);
        let ids: Vec<_> = chosen.meters.iter().map(|meter| meter.id).filter(is_grid).collect();
        self.meters(&ids)
    }

    fn meter(&self, (id, weight): Part) -> Result<Meter, Error> {
        let max_gap = self.device(id)?.max_gap();
        let drops = self.drops.contains(&id);
        Ok(Meter {
            id,
            max_gap,
            weight,
            drops,
        })
    }
}

fn names(devices: &[&Device]) -> String {
    let names: Vec<_> = devices.iter().map(|device| device.name.as_str()).collect();
    names.join(", ")
}
