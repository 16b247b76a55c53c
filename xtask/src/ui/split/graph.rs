//! What needs what: functions and data as nodes of one graph.

use std::collections::{BTreeSet, HashMap};

use walrus::{ExportItem, FunctionId, FunctionKind, Module, ir};

use super::object::{Object, Spot};

/// Functions by their number in the module, then data by its number in the object.
pub(super) struct Graph {
    edges: Vec<Vec<usize>>,
    roots: Vec<usize>,
    /// How many of the nodes are functions.
    functions: usize,
}

impl Graph {
    /// For `module`, which wasm-bindgen has made of `object`.
    pub(super) fn new(object: &Object, module: &Module) -> Self {
        let functions = module.funcs.iter().count();
        let mut graph = Self {
            edges: vec![Vec::new(); functions + object.data.len()],
            roots: outside(module).collect(),
            functions,
        };
        for (caller, callee) in calls(module) {
            graph.edges[caller].push(callee);
        }
        graph.relate(object, module);
        graph
    }

    /// Only of functions, for tests.
    #[cfg(test)]
    pub(super) fn of(edges: Vec<Vec<usize>>, roots: Vec<usize>) -> Self {
        let functions = edges.len();
        Self {
            edges,
            roots,
            functions,
        }
    }

    /// Where the first module begins.
    pub(super) fn roots(&self) -> impl Iterator<Item = usize> + '_ {
        self.roots.iter().copied()
    }

    /// The node of data, by its number.
    pub(super) fn data(&self, number: usize) -> usize {
        self.functions + number
    }

    /// What is reached from `roots` without going through a door.
    pub(super) fn reached(&self, roots: impl Iterator<Item = usize>, doors: &BTreeSet<usize>) -> Vec<bool> {
        let mut reached = vec![false; self.edges.len()];
        let mut next: Vec<usize> = roots.collect();
        for node in &next {
            reached[*node] = true;
        }
        while let Some(node) = next.pop() {
            for to in &self.edges[node] {
                if !reached[*to] && !doors.contains(to) {
                    reached[*to] = true;
                    next.push(*to);
                }
            }
        }
        reached
    }

    /// Adds whose addresses are used where. What wasm-bindgen has made or taken away has no relocations: it belongs to the first module
    /// with all that it uses.
    fn relate(&mut self, object: &Object, module: &Module) {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let linked: BTreeSet<&str> = object.names.values().map(String::as_str).collect();
        for function in module.funcs.iter() {
            match function.name.as_deref().filter(|name| linked.contains(name)) {
                Some(name) => drop(numbers.insert(name, function.id().index())),
                None => self.roots.push(function.id().index()),
            }
        }
        let node = |spot| match spot {
            Spot::Function(number) => numbers.get(object.names.get(&number)?.as_str()).copied(),
            Spot::Data(number) => Some(self.functions + number),
            Spot::Elsewhere => None,
        };
        for (from, to) in &object.uses {
            let Some(to) = node(*to) else { continue };
            match node(*from) {
                Some(from) => self.edges[from].push(to),
                None => self.roots.push(to),
            }
        }
    }
}

/// What the browser calls and what it gives: this belongs to the first module.
fn outside(module: &Module) -> impl Iterator<Item = usize> + '_ {
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(function) => Some(function.index()),
        _ => None,
    });
    let functions = module.funcs.iter();
    let imported = functions.filter(|function| matches!(function.kind, FunctionKind::Import(_)));
    let imported = imported.map(|function| function.id().index());
    exported.chain(imported).chain(module.start.map(|it| it.index()))
}

/// Every call, by the numbers of caller and callee.
pub(super) fn calls(module: &Module) -> BTreeSet<(usize, usize)> {
    struct Calls<'a>(usize, &'a mut BTreeSet<(usize, usize)>);
    impl ir::Visitor<'_> for Calls<'_> {
        fn visit_function_id(&mut self, callee: &FunctionId) {
            self.1.insert((self.0, callee.index()));
        }
    }
    let mut calls = BTreeSet::new();
    for (caller, function) in module.funcs.iter_local() {
        let mut visitor = Calls(caller.index(), &mut calls);
        ir::dfs_in_order(&mut visitor, function, function.entry_block());
    }
    calls
}
