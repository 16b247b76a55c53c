//! What the linker says about its module: which data it holds, and where each address is used.

use std::{collections::BTreeMap, ops::Range};

use wasmparser::{
    DataKind, KnownCustom, Linking, Name, Operator, Parser, Payload, RelocationEntry, RelocationType as Type,
    SymbolInfo, TypeRef,
};

/// The segment of what never changes.
const FIXED: &str = ".rodata";

/// Where an address is used, or what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A function, by its number.
    Function(usize),
    /// A constant or a variable, by its number.
    Data(usize),
    /// Something else.
    Elsewhere,
}

/// A linked module with its relocations.
pub(super) struct Object {
    /// Names of functions by their number.
    pub(super) names: BTreeMap<usize, String>,
    /// Constants and variables as ranges of memory: in order, no two overlap.
    pub(super) data: Vec<Range<usize>>,
    /// Where the constants are.
    pub(super) fixed: Range<usize>,
    /// Who uses whose address.
    pub(super) uses: Vec<(Spot, Spot)>,
}

impl Object {
    /// Reads a module that was linked with `--emit-relocs`.
    pub(super) fn read(linked: &[u8]) -> anyhow::Result<Self> {
        let sections = Sections::read(linked)?;
        anyhow::ensure!(
            !sections.in_code.is_empty(),
            "the module was linked without relocations"
        );
        let fixed = sections.kinds.iter().position(|kind| *kind == FIXED);
        let fixed = fixed.and_then(|number| sections.memory.get(number));
        let mut object = Self {
            data: disjoint(
                (0..sections.symbols.len())
                    .filter_map(|it| sections.range(it))
                    .collect(),
            ),
            fixed: fixed.cloned().unwrap_or_default(),
            uses: Vec::new(),
            names: BTreeMap::new(),
        };
        for entry in sections.in_code.iter().filter(|entry| tells(entry.ty)) {
            let body = containing(&sections.bodies, sections.code + entry.offset as usize);
            let user = body.map_or(Spot::Elsewhere, |body| Spot::Function(sections.imported + body));
            object.uses.push((user, object.target(&sections, entry)));
        }
        for entry in sections.in_data.iter().filter(|entry| tells(entry.ty)) {
            let at = sections.data + entry.offset as usize;
            let address = containing(&sections.file, at)
                .map(|segment| sections.memory[segment].start + at - sections.file[segment].start);
            let user = address.map_or(Spot::Elsewhere, |address| object.at(address));
            object.uses.push((user, object.target(&sections, entry)));
        }
        object.names = sections.names;
        Ok(object)
    }

    /// Only of data, for tests.
    #[cfg(test)]
    pub(super) fn of(data: Vec<Range<usize>>, fixed: Range<usize>) -> Self {
        let (names, uses) = (BTreeMap::new(), Vec::new());
        Self {
            names,
            data,
            fixed,
            uses,
        }
    }

    fn target(&self, sections: &Sections<'_>, entry: &RelocationEntry) -> Spot {
        let number = entry.index as usize;
        match sections.symbols.get(number) {
            Some(SymbolInfo::Func { index, .. }) => Spot::Function(*index as usize),
            _ => sections
                .range(number)
                .map_or(Spot::Elsewhere, |range| self.at(range.start)),
        }
    }

    fn at(&self, address: usize) -> Spot {
        containing(&self.data, address).map_or(Spot::Elsewhere, Spot::Data)
    }
}

/// Whether a relocation tells of a function or of data.
fn tells(kind: Type) -> bool {
    let functions = [Type::FunctionIndexLeb, Type::TableIndexSleb, Type::TableIndexI32];
    let data = [Type::MemoryAddrLeb, Type::MemoryAddrSleb, Type::MemoryAddrI32];
    functions.contains(&kind) || data.contains(&kind)
}

/// The sections of a module, as far as they are needed. Places in the file count from its beginning.
#[derive(Default)]
struct Sections<'a> {
    names: BTreeMap<usize, String>,
    /// How many functions are imported: the numbers of the others come after.
    imported: usize,
    /// Where code begins in the file, and where each function is.
    code: usize,
    bodies: Vec<Range<usize>>,
    /// Where data begins in the file; where each segment is there and in memory, and of which kind it is.
    data: usize,
    file: Vec<Range<usize>>,
    memory: Vec<Range<usize>>,
    kinds: Vec<&'a str>,
    symbols: Vec<SymbolInfo<'a>>,
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
}

impl<'a> Sections<'a> {
    fn read(linked: &'a [u8]) -> anyhow::Result<Self> {
        let mut sections = Self::default();
        for payload in Parser::new(0).parse_all(linked) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        sections.imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => sections.code = range.start,
                Payload::CodeSectionEntry(body) => sections.bodies.push(body.range()),
                Payload::DataSection(segments) => {
                    sections.data = segments.range().start;
                    for segment in segments {
                        sections.segment(&segment?)?;
                    }
                }
                Payload::CustomSection(section) => sections.custom(section.name(), section.as_known())?,
                _ => {}
            }
        }
        Ok(sections)
    }

    fn segment(&mut self, segment: &wasmparser::Data<'a>) -> anyhow::Result<()> {
        let DataKind::Active { offset_expr, .. } = &segment.kind else {
            anyhow::bail!("a segment has no address");
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
            anyhow::bail!("the address of a segment is computed");
        };
        let (start, end) = (usize::try_from(value)?, segment.range.end);
        self.memory.push(start..start + segment.data.len());
        self.file.push(end - segment.data.len()..end);
        Ok(())
    }

    fn custom(&mut self, name: &str, section: KnownCustom<'a>) -> anyhow::Result<()> {
        match section {
            KnownCustom::Name(subsections) => {
                for subsection in subsections {
                    let Name::Function(names) = subsection? else { continue };
                    for naming in names {
                        let naming = naming?;
                        self.names.insert(naming.index as usize, naming.name.to_owned());
                    }
                }
            }
            KnownCustom::Linking(subsections) => {
                for subsection in subsections.subsections() {
                    match subsection? {
                        Linking::SymbolTable(symbols) => {
                            self.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
                        }
                        Linking::SegmentInfo(segments) => {
                            for segment in segments {
                                self.kinds.push(segment?.name);
                            }
                        }
                        _ => {}
                    }
                }
            }
            KnownCustom::Reloc(entries) if name == "reloc.CODE" => {
                self.in_code = entries.entries().into_iter().collect::<Result<_, _>>()?;
            }
            KnownCustom::Reloc(entries) if name == "reloc.DATA" => {
                self.in_data = entries.entries().into_iter().collect::<Result<_, _>>()?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Where the data of a symbol is in memory.
    fn range(&self, symbol: usize) -> Option<Range<usize>> {
        let Some(SymbolInfo::Data { symbol: Some(data), .. }) = self.symbols.get(symbol) else {
            return None;
        };
        let start = self.memory.get(data.index as usize)?.start + data.offset as usize;
        Some(start..start + data.size as usize)
    }
}

/// The number of the range that holds `at`; the ranges are in order.
fn containing(ranges: &[Range<usize>], at: usize) -> Option<usize> {
    let number = ranges.partition_point(|range| range.start <= at).checked_sub(1)?;
    ranges[number].contains(&at).then_some(number)
}

/// The same ranges in order, those that overlap as one: the linker lets constants share their ends.
fn disjoint(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_shares_bytes_is_one() {
        let joined = disjoint([8..9, 0..4, 2..6, 6..8, 9..9, 0..4].to_vec());
        assert_eq!(joined, [0..6, 6..8, 8..9]);
        assert_eq!(containing(&joined, 5), Some(0));
        assert_eq!(containing(&joined, 6), Some(1));
        assert_eq!(containing(&joined, 9), None);
    }
}
