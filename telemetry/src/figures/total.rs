//! What a total is made of: which devices, each once, and how each counts.

use std::collections::{HashMap, HashSet};

use voltaire_types::DeviceId;

use super::energy::{Paid, Weight};
use crate::device::Flow;

/// A device in the meter tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// Which.
    pub id: DeviceId,
    /// The device that meters it as well.
    pub parent: Option<DeviceId>,
    /// Which way its energy goes.
    pub flow: Flow,
    /// Whether it ever sent a reading.
    pub measured: bool,
}

/// A device and how it counts.
pub(crate) type Part = (DeviceId, Weight);

/// The total of the home. Where grid meters are measured: what comes from the grid, plus what is produced at home, less
/// what storage takes. Else: the sum of the devices that consume, those below another of them left out.
pub(crate) fn home(nodes: &[Node]) -> Vec<Part> {
    let sides = sides(nodes);
    if sides.grid.is_empty() {
        return sides.consumption.into_iter().map(whole).collect();
    }
    let part = |factor, covers, paid| move |id| (id, Weight { factor, covers, paid });
    let grid = sides.grid.into_iter().map(part(1.0, true, Paid::Taken));
    let produced = sides.production.into_iter().map(part(1.0, false, Paid::None));
    let stored = sides.storage.into_iter().map(part(-1.0, false, Paid::None));
    grid.chain(produced).chain(stored).collect()
}

/// One device.
pub(crate) fn device(node: &Node) -> Part {
    let paid = match node.flow {
        Flow::Consumption => Paid::All,
        Flow::Grid => Paid::Taken,
        Flow::Production | Flow::Storage => Paid::None,
    };
    (node.id, Weight { paid, ..Weight::WHOLE })
}

/// Several devices, those below another of them left out.
pub(crate) fn devices(nodes: &[Node], ids: &[DeviceId]) -> Vec<Part> {
    let chosen: HashSet<_> = topmost(nodes, ids).into_iter().collect();
    nodes
        .iter()
        .filter(|node| chosen.contains(&node.id))
        .map(device)
        .collect()
}

/// The devices of a room: those that consume, where there are any, else all of it.
pub(crate) fn room(nodes: &[Node], ids: &[DeviceId]) -> Vec<Part> {
    let consumes = |id: &&DeviceId| {
        nodes
            .iter()
            .any(|node| node.id == **id && node.flow == Flow::Consumption)
    };
    let consuming: Vec<_> = ids.iter().filter(consumes).copied().collect();
    devices(nodes, if consuming.is_empty() { ids } else { &consuming })
}

/// The measured consuming devices that meter no other one: those below a device, or all of the home's.
pub(crate) fn leaves(nodes: &[Node], below: Option<DeviceId>) -> Vec<DeviceId> {
    let tree = Tree::new(nodes);
    let consumes = |node: &&Node| node.measured && node.flow == Flow::Consumption;
    let consuming: Vec<_> = nodes.iter().filter(consumes).map(|node| node.id).collect();
    let meters: HashSet<_> = consuming.iter().flat_map(|id| tree.above(*id)).collect();
    let is_below = |id: DeviceId| below.is_none_or(|top| tree.above(id).any(|it| it == top));
    let leaves = consuming.iter().filter(|id| !meters.contains(id) && is_below(**id));
    leaves.copied().collect()
}

/// What a total has and its leaves do not explain.
pub(crate) fn untracked(whole: &[Part], leaves: &[DeviceId]) -> Vec<Part> {
    let explained: HashSet<_> = leaves.iter().copied().collect();
    let known: HashSet<_> = whole.iter().map(|(id, _)| *id).collect();
    let less = Weight {
        factor: -1.0,
        covers: false,
        paid: Paid::None,
    };
    let rest = whole.iter().filter(|(id, _)| !explained.contains(id)).copied();
    let leaves = leaves.iter().filter(|id| !known.contains(id));
    rest.chain(leaves.map(|id| (*id, less))).collect()
}

/// The devices that a balance of the home is drawn from, each once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sides {
    /// Grid meters.
    pub grid: Vec<DeviceId>,
    /// What produces.
    pub production: Vec<DeviceId>,
    /// What stores.
    pub storage: Vec<DeviceId>,
    /// What consumes.
    pub consumption: Vec<DeviceId>,
}

/// The measured devices of the home that are not below another one of the same flow.
pub(crate) fn sides(nodes: &[Node]) -> Sides {
    let of = |flow| {
        let measured = nodes.iter().filter(|node| node.measured && node.flow == flow);
        topmost(nodes, &measured.map(|node| node.id).collect::<Vec<_>>())
    };
    Sides {
        grid: of(Flow::Grid),
        production: of(Flow::Production),
        storage: of(Flow::Storage),
        consumption: of(Flow::Consumption),
    }
}

fn whole(id: DeviceId) -> Part {
    (id, Weight::WHOLE)
}

/// Who meters whom.
struct Tree(HashMap<DeviceId, Option<DeviceId>>);

impl Tree {
    fn new(nodes: &[Node]) -> Self {
        Self(nodes.iter().map(|node| (node.id, node.parent)).collect())
    }

    /// The devices above one, nearest first; a circle ends before it comes round.
    fn above(&self, id: DeviceId) -> impl Iterator<Item = DeviceId> {
        let parent = |id: &DeviceId| self.0.get(id).copied().flatten();
        let above = std::iter::successors(parent(&id), parent).take(self.0.len());
        above.take_while(move |it| *it != id)
    }
}

/// Those that are not below another of them, each once.
fn topmost(nodes: &[Node], ids: &[DeviceId]) -> Vec<DeviceId> {
    let (tree, among) = (Tree::new(nodes), ids.iter().copied().collect::<HashSet<_>>());
    let is_below = |id: DeviceId| tree.above(id).any(|it| among.contains(&it));
    let mut seen = HashSet::new();
    let top = ids.iter().filter(|id| !is_below(**id) && seen.insert(**id));
    top.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> DeviceId {
        DeviceId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn node(number: u128, parent: u128, flow: Flow) -> Node {
        Node {
            id: id(number),
            parent: (parent > 0).then(|| id(parent)),
            flow,
            measured: true,
        }
    }

    fn numbers(parts: &[Part]) -> Vec<(u128, f64)> {
        parts
            .iter()
            .map(|(id, weight)| (id.uuid().as_u128(), weight.factor))
            .collect()
    }

    #[test]
    fn without_a_grid_meter_the_home_is_its_topmost_consumers() {
        let nodes = [
            node(1, 0, Flow::Consumption),
            node(2, 1, Flow::Consumption),
            node(3, 0, Flow::Consumption),
            node(4, 0, Flow::Production),
        ];
        assert_eq!(numbers(&home(&nodes)), [(1, 1.0), (3, 1.0)]);
    }

    #[test]
    fn with_a_grid_meter_the_home_is_import_and_production_less_storage() {
        let nodes = [
            node(1, 0, Flow::Grid),
            node(2, 1, Flow::Grid),
            node(3, 1, Flow::Consumption),
            node(4, 1, Flow::Production),
            node(5, 0, Flow::Storage),
        ];
        assert_eq!(numbers(&home(&nodes)), [(1, 1.0), (4, 1.0), (5, -1.0)]);
    }

    #[test]
    fn a_meter_that_never_sent_anything_hides_nothing() {
        let silent = |it| Node { measured: false, ..it };
        let nodes = [
            silent(node(1, 0, Flow::Grid)),
            silent(node(2, 0, Flow::Consumption)),
            node(3, 2, Flow::Consumption),
        ];
        assert_eq!(numbers(&home(&nodes)), [(3, 1.0)]);
    }

    #[test]
    fn a_set_counts_each_device_once_however_deep() {
        let nodes = [
            node(1, 0, Flow::Consumption),
            node(2, 1, Flow::Consumption),
            node(3, 2, Flow::Consumption),
        ];
        assert_eq!(numbers(&devices(&nodes, &[id(3), id(1), id(3)])), [(1, 1.0)]);
        assert_eq!(numbers(&devices(&nodes, &[id(3)])), [(3, 1.0)]);
    }

    #[test]
    fn a_circle_of_meters_ends() {
        let nodes = [node(1, 2, Flow::Consumption), node(2, 1, Flow::Consumption)];
        assert!(home(&nodes).is_empty() && leaves(&nodes, None).is_empty());
    }

    #[test]
    fn what_no_device_explains_is_the_total_less_the_leaves() {
        let nodes = [
            node(1, 0, Flow::Grid),
            node(2, 1, Flow::Consumption),
            node(3, 2, Flow::Consumption),
            node(4, 0, Flow::Consumption),
            node(5, 0, Flow::Production),
        ];
        assert_eq!(leaves(&nodes, None), [id(3), id(4)]);
        assert_eq!(leaves(&nodes, Some(id(2))), [id(3)]);
        assert!(leaves(&nodes, Some(id(4))).is_empty());
        let rest = untracked(&home(&nodes), &leaves(&nodes, None));
        assert_eq!(numbers(&rest), [(1, 1.0), (5, 1.0), (3, -1.0), (4, -1.0)]);
    }

    #[test]
    fn devices_that_are_the_total_leave_nothing_untracked() {
        let nodes = [
            node(1, 0, Flow::Consumption),
            node(2, 0, Flow::Consumption),
            node(3, 2, Flow::Consumption),
        ];
        let rest = untracked(&home(&nodes), &leaves(&nodes, None));
        assert_eq!(numbers(&rest), [(2, 1.0), (3, -1.0)]);
    }

    #[test]
    fn a_room_is_what_consumes_in_it() {
        let nodes = [node(1, 0, Flow::Production), node(2, 0, Flow::Consumption)];
        assert_eq!(numbers(&room(&nodes, &[id(1), id(2)])), [(2, 1.0)]);
        assert_eq!(numbers(&room(&nodes, &[id(1)])), [(1, 1.0)]);
    }
}
