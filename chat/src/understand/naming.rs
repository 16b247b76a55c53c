//! Which devices are of a kind, and which are in a room, by their names, rooms and types.

use voltaire_types::DeviceId;

use super::{
    concepts::{CONCEPTS, ROOMS},
    entities::{Named, contains, is_named, stems},
};

/// Rooms whose first word says it in a name.
fn is_living(room: &[String]) -> bool {
    let words: Vec<&str> = room.iter().map(String::as_str).collect();
    ["living", "dining", "guest", "laundry"]
        .iter()
        .any(|it| words == [*it, "room"])
}

pub(super) fn members(devices: &[Named]) -> Vec<Vec<DeviceId>> {
    let mut members = vec![Vec::new(); CONCEPTS.len()];
    for device in devices {
        let name = stems(&device.name);
        let named: Vec<usize> = (0..CONCEPTS.len()).filter(|at| is_named(&name, *at)).collect();
        // A name that says what it is counts more than the type: a "TV box" of the type "tv" is no TV.
        let of_type = |at: &usize| CONCEPTS[*at].types.contains(&device.kind.as_str());
        let kinds = if named.is_empty() {
            (0..CONCEPTS.len()).filter(of_type).collect()
        } else {
            named
        };
        for at in kinds {
            members[at].push(device.id);
        }
    }
    members
}

pub(super) fn rooms(devices: &[Named]) -> Vec<(Vec<String>, Vec<DeviceId>)> {
    let said = devices.iter().map(|it| stems(&it.room)).filter(|it| !it.is_empty());
    let mut rooms: Vec<Vec<String>> = said.chain(ROOMS.iter().map(|it| stems(it))).collect();
    rooms.sort();
    rooms.dedup();
    let of = |room: &[String]| {
        let inside = devices.iter().filter(|it| {
            let name = stems(&it.name);
            // "Living" is the living room.
            let short = room.len() == 2 && room[1] == "room" && stems(&it.room) == room[..1];
            let part = |room: &[String]| it.room.is_empty() && contains(&name, room) && name.len() > room.len();
            stems(&it.room) == room || short || part(room) || is_living(room) && part(&room[..1])
        });
        inside.map(|it| it.id).collect::<Vec<_>>()
    };
    rooms
        .into_iter()
        .map(|room| (room.clone(), of(&room)))
        .filter(|(_, ids)| !ids.is_empty())
        .collect()
}
