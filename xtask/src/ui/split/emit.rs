//! Makes the modules: each with its own functions and constants, the others within reach through the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use anyhow::Context as _;
use walrus::{ConstExpr, DataKind, FunctionId, FunctionKind, GlobalKind, Module, ir};

use super::{
    Place,
    graph::{Graph, calls},
    object::Object,
    table,
};

/// The name under which the first module gives what all share, and the others ask for it.
const HOST: &str = "main";
/// Two stretches of constants that are this close are written as one, bytes: the head of a stretch is about as long.
const CLOSE: usize = 8;

/// What goes where.
pub(super) struct Cut {
    /// The place of each function, by its number.
    places: Vec<Place>,
    /// Who calls whom.
    calls: BTreeSet<(usize, usize)>,
    /// The slots that each function has in the table.
    slots: BTreeMap<usize, Vec<u32>>,
    /// How long the table is.
    length: u32,
    /// Stretches of memory that come with a module other than the first.
    constants: Vec<(Place, Range<usize>)>,
}

impl Cut {
    /// By the places of the graph's nodes.
    pub(super) fn new(object: &Object, graph: &Graph, places: &[Place], module: &Module) -> anyhow::Result<Self> {
        let mut cut = Self {
            places: places.iter().take(graph.data(0)).copied().collect(),
            calls: calls(module),
            slots: table::slots(module)?,
            length: u32::try_from(module.tables.get(table::of(module)?).initial)?,
            constants: Vec::new(),
        };
        for (caller, callee) in &cut.calls {
            if places[*caller] != places[*callee] && !cut.slots.contains_key(callee) {
                cut.slots.insert(*callee, vec![cut.length]);
                cut.length += 1;
            }
        }
        for (number, range) in object.data.iter().enumerate() {
            let place = places[graph.data(number)];
            // Variables are where they are from the beginning: they may change before a part comes.
            if place != Place::Main && object.fixed.start <= range.start && range.end <= object.fixed.end {
                cut.constants.push((place, range.clone()));
            }
        }
        Ok(cut)
    }

    /// The module that comes first, made of the whole.
    pub(super) fn main(&self, mut module: Module) -> anyhow::Result<Module> {
        let missing = table::missing(&mut module);
        self.keep(&mut module, Place::Main, Some(missing))?;
        for data in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
            let data = module.data.get_mut(data);
            let start = address(&data.kind)?;
            for (_, range) in &self.constants {
                if let Some(bytes) = within(range, start).and_then(|range| data.value.get_mut(range)) {
                    bytes.fill(0);
                }
            }
        }
        export(&mut module)?;
        walrus::passes::gc::run(&mut module);
        Ok(module)
    }

    /// The module of a part, made of the whole.
    pub(super) fn part(&self, mut module: Module, place: Place) -> anyhow::Result<Vec<u8>> {
        module.start = None;
        for export in module.exports.iter().map(walrus::Export::id).collect::<Vec<_>>() {
            module.exports.delete(export);
        }
        for import in module.imports.iter().map(walrus::Import::id).collect::<Vec<_>>() {
            module.imports.delete(import);
        }
        self.keep(&mut module, place, None)?;
        self.keep_constants(&mut module, place)?;
        import(&mut module);
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    /// Keeps the functions of a place, in the table as well; calls of others go through the table. In slots of others: `missing`.
    fn keep(&self, module: &mut Module, place: Place, missing: Option<FunctionId>) -> anyhow::Result<()> {
        table::clear(module);
        let table = table::grow(module, self.length)?;
        let calls = self.calls.iter().filter(|(caller, _)| self.places[*caller] == place);
        let called: BTreeSet<usize> = calls.map(|(_, callee)| *callee).collect();
        let mut filled = BTreeMap::new();
        let functions: Vec<FunctionId> = module.funcs.iter().map(walrus::Function::id).collect();
        for (function, at) in functions.into_iter().zip(&self.places) {
            let number = function.index();
            let slots = self.slots.get(&number).map_or(&[][..], Vec::as_slice);
            let filling = if *at == place { Some(function) } else { missing };
            filled.extend(slots.iter().filter_map(|slot| Some((*slot, filling?))));
            if *at != place && called.contains(&number) {
                let slot = *slots.first().context("what is called from elsewhere has a slot")?;
                let stub = table::through(module, function, table, slot);
                module.funcs.get_mut(function).kind = FunctionKind::Local(stub);
            } else if *at != place {
                module.funcs.delete(function);
            }
        }
        table::fill(module, filled)
    }

    fn keep_constants(&self, module: &mut Module, place: Place) -> anyhow::Result<()> {
        let memory = module.get_memory_id()?;
        module.memories.get_mut(memory).data_segments.clear();
        let mut whole = Vec::new();
        for data in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
            let start = address(&module.data.get(data).kind)?;
            whole.push((start, std::mem::take(&mut module.data.get_mut(data).value)));
            module.data.delete(data);
        }
        let own = self.constants.iter().filter(|(at, _)| *at == place);
        for range in stretches(own.map(|(_, range)| range.clone())) {
            let mut segments = whole.iter();
            let bytes = segments.find_map(|(start, bytes)| bytes.get(within(&range, *start)?));
            let bytes = bytes.context("a constant lies in a segment")?.to_vec();
            let offset = ConstExpr::Value(ir::Value::I32(i32::try_from(range.start)?));
            let data = module.data.add(DataKind::Active { memory, offset }, bytes);
            module.memories.get_mut(memory).data_segments.insert(data);
        }
        Ok(())
    }
}

/// Where a segment of memory begins.
fn address(kind: &DataKind) -> anyhow::Result<usize> {
    match kind {
        DataKind::Active {
            offset: ConstExpr::Value(ir::Value::I32(start)),
            ..
        } => Ok(usize::try_from(*start)?),
        _ => anyhow::bail!("a segment has no address"),
    }
}

/// A range of memory in a segment that begins at `start`.
fn within(range: &Range<usize>, start: usize) -> Option<Range<usize>> {
    Some(range.start.checked_sub(start)?..range.end.checked_sub(start)?)
}

/// Ranges in order, those that are close as one.
fn stretches(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match stretches.last_mut() {
            Some(last) if range.start <= last.end + CLOSE => last.end = range.end,
            _ => stretches.push(range),
        }
    }
    stretches
}

/// Gives what all modules share, by kind and number.
fn export(module: &mut Module) -> anyhow::Result<()> {
    module.exports.add("m", module.get_memory_id()?);
    for (number, table) in module.tables.iter().enumerate() {
        module.exports.add(&format!("t{number}"), table.id());
    }
    for (number, global) in module.globals.iter().enumerate() {
        module.exports.add(&format!("g{number}"), global.id());
    }
    Ok(())
}

/// Asks for what all modules share.
fn import(module: &mut Module) {
    for memory in module.memories.iter_mut() {
        memory.import = Some(module.imports.add(HOST, "m", memory.id()));
    }
    for (number, table) in module.tables.iter_mut().enumerate() {
        table.import = Some(module.imports.add(HOST, &format!("t{number}"), table.id()));
    }
    let globals: Vec<_> = module.globals.iter().map(walrus::Global::id).collect();
    for (number, global) in globals.into_iter().enumerate() {
        let import = module.imports.add(HOST, &format!("g{number}"), global);
        module.globals.get_mut(global).kind = GlobalKind::Import(import);
    }
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, ModuleConfig, RefType, ValType};

    use super::*;

    /// `start` (0) calls the door (1), which calls a helper (2) of the first module; a constant of the part between two others.
    fn whole() -> Vec<u8> {
        let mut module = Module::with_config(ModuleConfig::new());
        let memory = module.memories.add_local(false, false, 1, None, None);
        module.tables.add_local(false, 1, Some(1), RefType::FUNCREF);
        let offset = ConstExpr::Value(ir::Value::I32(16));
        module
            .data
            .add(DataKind::Active { memory, offset }, b"onetwosix".to_vec());
        let mut helper = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
        helper.func_body();
        let argument = module.locals.add(ValType::I32);
        let helper = helper.finish(vec![argument], &mut module.funcs);
        let mut door = FunctionBuilder::new(&mut module.types, &[], &[]);
        door.func_body().i32_const(7).call(helper);
        let door = door.finish(Vec::new(), &mut module.funcs);
        let mut start = FunctionBuilder::new(&mut module.types, &[], &[]);
        start.func_body().call(door);
        let start = start.finish(Vec::new(), &mut module.funcs);
        module.exports.add("start", start);
        module.exports.add("helper", helper);
        module.emit_wasm()
    }

    #[test]
    fn modules_call_each_other_through_the_table() -> anyhow::Result<()> {
        let bytes = whole();
        let parse = || Module::from_buffer(&bytes);
        let module = parse()?;
        let number = |name: &str| module.exports.get_func(name).map(|function| function.index());
        let (start, helper) = (number("start")?, number("helper")?);
        let mut places = vec![Place::Part(0); 3 + 3];
        for main in [start, helper, 3, 5] {
            places[main] = Place::Main;
        }
        let object = Object::of(vec![16..19, 19..22, 22..25], 0..25);
        let graph = Graph::of(vec![Vec::new(); 3], Vec::new());
        let cut = Cut::new(&object, &graph, &places, &module)?;
        assert_eq!(cut.length, 3);
        let part = cut.part(parse()?, Place::Part(0))?;
        let main = cut.main(parse()?)?.emit_wasm();
        let mut validator = wasmparser::Validator::new();
        validator.validate_all(&main)?;
        validator.reset();
        validator.validate_all(&part)?;
        let data = |bytes: &[u8]| -> anyhow::Result<Vec<_>> {
            let module = Module::from_buffer(bytes)?;
            Ok(module.data.iter().map(|data| data.value.clone()).collect())
        };
        assert_eq!(data(&main)?, [b"one\0\0\0six".to_vec()]);
        assert_eq!(data(&part)?, [b"two".to_vec()]);
        let slots = |bytes: &[u8]| table::slots(&Module::from_buffer(bytes)?);
        let (main, part) = (slots(&main)?, slots(&part)?);
        // The first module holds the helper's place and leaves that of the door empty; the part fills it.
        let main: Vec<u32> = main.into_values().flatten().collect();
        let part: Vec<u32> = part.into_values().flatten().collect();
        assert_eq!(main.len(), 2);
        assert_eq!(part.len(), 1);
        Ok(())
    }

    #[test]
    fn close_stretches_are_one() {
        let ranges = [0..4, 4..6, 14..20, 29..30];
        assert_eq!(stretches(ranges.into_iter()), [0..20, 29..30]);
        assert_eq!(within(&(14..20), 10), Some(4..10));
        assert_eq!(within(&(4..20), 10), None);
    }
}
