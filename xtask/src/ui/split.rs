//! Cuts the parts that are asked for later out of the app's module, so that a first visit does not download them.
//!
//! A part begins at its doors: functions that the app calls once the part is there (`ui/src/later.rs`). Whatever is reached through the doors
//! of one part alone, functions and constants, becomes the module of that part; what several parts need and the first page does not becomes
//! one more module, which goes before each of them. All modules are instances of one program: they share memory, stack and function table.
//! Calls across modules go through the table, where a module puts its functions when it is linked; a slot that is not filled yet traps.
//!
//! What calls what is taken from the instructions; whose address is used where, from the relocations that the linker leaves in the module
//! when it is asked to. Both are exact: nothing is guessed by values that look like addresses.

mod emit;
mod graph;
mod object;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use walrus::{Module, ModuleConfig};

use graph::Graph;
use object::Object;

/// How the file of a part begins. Nothing else in the folder of assets does.
pub(super) const PREFIX: &str = "part-";
/// The part that holds what several parts share.
const SHARED: &str = "shared";
/// How a door is called: its part stands between.
const DOOR: [&str; 2] = ["voltaire_ui::later::", "::door"];

/// Where a function or a constant goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The module that comes first.
    Main,
    /// The module that goes before each part.
    Shared,
    /// A part, by its number.
    Part(usize),
}

/// The modules of the app.
pub(super) struct Modules {
    /// What comes first.
    pub(super) main: Module,
    /// The others by the names of their files.
    pub(super) parts: BTreeMap<String, Vec<u8>>,
}

/// Splits `whole`, which wasm-bindgen has made of `linked`. Both have the names of their functions.
pub(super) fn split(linked: &[u8], whole: &[u8]) -> anyhow::Result<Modules> {
    let object = Object::read(linked)?;
    let module = parse(whole)?;
    let graph = Graph::new(&object, &module);
    let doors = doors(&module);
    anyhow::ensure!(!doors.is_empty(), "the app has no doors that lead to its parts");
    let places = places(&graph, &doors.values().cloned().collect::<Vec<_>>());
    let cut = emit::Cut::new(&object, &graph, &places, &module)?;
    let mut parts = BTreeMap::from([(file(SHARED), cut.part(parse(whole)?, Place::Shared)?)]);
    for (number, name) in doors.keys().enumerate() {
        parts.insert(file(name), cut.part(parse(whole)?, Place::Part(number))?);
    }
    let main = cut.main(module)?;
    Ok(Modules { main, parts })
}

fn file(part: &str) -> String {
    format!("{PREFIX}{part}.wasm")
}

fn parse(whole: &[u8]) -> anyhow::Result<Module> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false);
    let mut module = config.parse(whole).context("cannot read the module")?;
    for custom in module.customs.iter().map(|(id, _)| id).collect::<Vec<_>>() {
        module.customs.delete(custom);
    }
    Ok(module)
}

/// The parts by name, each with the functions that it begins with.
fn doors(module: &Module) -> BTreeMap<String, BTreeSet<usize>> {
    let mut doors = BTreeMap::<String, BTreeSet<usize>>::new();
    for function in module.funcs.iter() {
        if let Some(part) = function.name.as_deref().and_then(part_of) {
            doors.entry(part).or_default().insert(function.id().index());
        }
    }
    doors
}

/// The part that a function is a door of, by its mangled name.
fn part_of(name: &str) -> Option<String> {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    let [before, after] = DOOR;
    let inside = name.strip_prefix(before)?.strip_suffix(after)?;
    Some(inside.split_once("::")?.0.to_owned())
}

/// Where each node of the graph goes: with the part that alone reaches it.
fn places(graph: &Graph, parts: &[BTreeSet<usize>]) -> Vec<Place> {
    let doors: BTreeSet<usize> = parts.iter().flatten().copied().collect();
    let first = graph.reached(graph.roots(), &doors);
    let mut places: Vec<Option<Place>> = first.iter().map(|reached| reached.then_some(Place::Main)).collect();
    for (number, own) in parts.iter().enumerate() {
        let reached = graph.reached(own.iter().copied(), &doors);
        for (node, place) in places.iter_mut().enumerate() {
            if reached[node] {
                *place = Some(place.map_or(Place::Part(number), |before| before.min(Place::Shared)));
            }
        }
    }
    // What nothing reaches stays where it is.
    places.into_iter().map(|place| place.unwrap_or(Place::Main)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_names_its_part() {
        let door = "_ZN11voltaire_ui5later7devices6Device4door17h8d9a39d9994a4e1fE";
        assert_eq!(part_of(door).as_deref(), Some("devices"));
        assert_eq!(part_of("_ZN11voltaire_ui5later8use_part17h8d9a39d9994a4e1fE"), None);
        assert_eq!(part_of("main"), None);
    }

    #[test]
    fn what_one_part_reaches_is_its_own() {
        // 0 begins; 1 and 2 are doors; 3 is reached by all, 4 by both parts, 5 and 6 by one, 7 by nobody.
        let edges = [
            vec![1, 2, 3],
            vec![3, 4, 5],
            vec![4, 6, 1],
            vec![],
            vec![3],
            vec![],
            vec![],
            vec![],
        ];
        let graph = Graph::of(edges.to_vec(), vec![0]);
        let parts = [BTreeSet::from([1]), BTreeSet::from([2])];
        let (main, one, two) = (Place::Main, Place::Part(0), Place::Part(1));
        assert_eq!(
            places(&graph, &parts),
            [main, one, two, main, Place::Shared, one, two, main]
        );
    }
}
