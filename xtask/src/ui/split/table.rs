//! The table of functions, through which modules call each other.

use std::collections::BTreeMap;

use anyhow::Context as _;
use walrus::{
    ConstExpr, ElementItems, ElementKind, FunctionBuilder, FunctionId, LocalFunction, Module, RefType, TableId, ir,
};

/// The table of a module.
pub(super) fn of(module: &Module) -> anyhow::Result<TableId> {
    let mut tables = module.tables.iter();
    let found = tables.find(|table| table.element_ty == RefType::FUNCREF);
    Ok(found.context("a module has a table of functions")?.id())
}

/// Makes the table longer.
pub(super) fn grow(module: &mut Module, length: u32) -> anyhow::Result<TableId> {
    let id = of(module)?;
    let table = module.tables.get_mut(id);
    table.initial = u64::from(length);
    table.maximum = table.maximum.map(|most| most.max(u64::from(length)));
    Ok(id)
}

/// The slots that functions have, by the numbers of the functions.
pub(super) fn slots(module: &Module) -> anyhow::Result<BTreeMap<usize, Vec<u32>>> {
    let mut slots = BTreeMap::<usize, Vec<u32>>::new();
    for segment in module.elements.iter() {
        let ElementKind::Active {
            offset: ConstExpr::Value(ir::Value::I32(first)),
            ..
        } = &segment.kind
        else {
            anyhow::bail!("a segment of the table has no place");
        };
        for (slot, function) in (u32::try_from(*first)?..).zip(functions(&segment.items)?) {
            slots.entry(function.index()).or_default().push(slot);
        }
    }
    Ok(slots)
}

fn functions(items: &ElementItems) -> anyhow::Result<&[FunctionId]> {
    match items {
        ElementItems::Functions(functions) => Ok(functions),
        ElementItems::Expressions(..) => anyhow::bail!("functions in the table are given in another way"),
    }
}

/// Takes all functions out.
pub(super) fn clear(module: &mut Module) {
    for table in module.tables.iter_mut() {
        table.elem_segments.clear();
    }
    for segment in module.elements.iter().map(walrus::Element::id).collect::<Vec<_>>() {
        module.elements.delete(segment);
    }
}

/// Puts functions into their slots.
pub(super) fn fill(module: &mut Module, slots: BTreeMap<u32, FunctionId>) -> anyhow::Result<()> {
    let table = of(module)?;
    for (first, functions) in runs(slots) {
        let offset = ConstExpr::Value(ir::Value::I32(i32::try_from(first)?));
        let kind = ElementKind::Active { table, offset };
        let segment = module.elements.add(kind, ElementItems::Functions(functions));
        module.tables.get_mut(table).elem_segments.insert(segment);
    }
    Ok(())
}

/// Neighbours as one row, with the slot of its first.
fn runs<T>(slots: BTreeMap<u32, T>) -> Vec<(u32, Vec<T>)> {
    let mut runs: Vec<(u32, Vec<T>)> = Vec::new();
    let mut next = None;
    for (slot, function) in slots {
        match runs.last_mut() {
            Some((_, run)) if next == Some(slot) => run.push(function),
            _ => runs.push((slot, vec![function])),
        }
        next = slot.checked_add(1);
    }
    runs
}

/// A function that does what the one in a slot does, whose type is that of `function`.
pub(super) fn through(module: &mut Module, function: FunctionId, table: TableId, slot: u32) -> LocalFunction {
    let kind = module.funcs.get(function).ty();
    let shape = module.types.get(kind);
    let (params, results) = (shape.params().to_vec(), shape.results().to_vec());
    let arguments: Vec<_> = params.iter().map(|param| module.locals.add(*param)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    for argument in &arguments {
        body.local_get(*argument);
    }
    body.i32_const(slot.cast_signed()).call_indirect(kind, table);
    builder.local_func(arguments)
}

/// What is in a slot until the module of its function has come.
pub(super) fn missing(module: &mut Module) -> FunctionId {
    let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
    function.func_body().unreachable();
    function.finish(Vec::new(), &mut module.funcs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_row() {
        let slots = BTreeMap::from([(1, 'a'), (2, 'b'), (4, 'c'), (7, 'd'), (8, 'e')]);
        assert_eq!(runs(slots), [(1, vec!['a', 'b']), (4, vec!['c']), (7, vec!['d', 'e'])]);
    }
}
