//! What a total is about, and the devices that make it up.

use voltaire_mesh::Invalid;
use voltaire_types::DeviceId;

use super::{Setting, measure::Meter};
use crate::{
    device::Device,
    error::Error,
    figures::total::{self, Part},
};

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

impl Setting {
    /// The devices that a scope is made of; `field` names the scope where there are none.
    pub(crate) fn choose(&self, scope: Scope, field: &str) -> Result<Chosen, Error> {
        let (label, members, parts) = match &scope {
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
                let names: Vec<_> = devices.iter().map(|device| device.name.as_str()).collect();
                (names.join(", "), ids.clone(), total::devices(&self.nodes, ids))
            }
            Scope::Room(room) => {
                let (name, ids) = self.room(room, field)?;
                let parts = total::room(&self.nodes, &ids);
                (name, ids, parts)
            }
        };
        let meters = parts
            .into_iter()
            .map(|part| self.meter(part))
            .collect::<Result<_, _>>()?;
        Ok(Chosen {
            scope,
            label,
            meters,
            members,
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

    fn meter(&self, (id, weight): Part) -> Result<Meter, Error> {
        let max_gap = self.device(id)?.max_gap();
        Ok(Meter { id, max_gap, weight })
    }
}
