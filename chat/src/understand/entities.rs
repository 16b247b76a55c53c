//! Devices and rooms in the words of the question: exact name, alias, kind of thing, end of a name, room; the longest phrase
//! wins, and what fits several devices equally is never chosen silently.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use voltaire_types::DeviceId;

use super::{
    around::{count_before, has_link, in_longer_phrase, is_plural, is_verb, is_within},
    concepts::{CONCEPTS, ROOMS},
    lexicon::{self, Cue},
    naming::{members, rooms},
    normalise::{Kind, Token, tokens},
};

/// A device as people call it.
#[derive(Clone, Debug)]
pub struct Named {
    /// Which device.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Where it is; empty: not said.
    pub room: String,
    /// Key of its type, as `ev_charger`; empty: not known.
    pub kind: String,
}

impl Named {
    /// The words of its names and its room, as stems.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        let texts = std::iter::once(&self.name).chain(&self.aliases).chain([&self.room]);
        texts.flat_map(|text| stems(text))
    }
}

/// What a phrase stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// These devices: one, or several that fit equally.
    Devices(Vec<DeviceId>),
    /// A room with its devices.
    Room(Vec<DeviceId>),
    /// A thing that this home does not have.
    Missing,
    /// What a named device does, as "heating" the floor: no other device.
    Doing,
}

/// A phrase that stands for devices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mention {
    pub(crate) found: Found,
    /// The phrase itself.
    pub(crate) words: String,
    pub(crate) plural: bool,
    pub(crate) range: Range<usize>,
}

/// What the home's devices are called, ready to be looked up.
pub(crate) struct Catalog {
    names: Vec<(Vec<String>, DeviceId)>,
    symbols: Vec<(String, DeviceId)>,
    members: Vec<Vec<DeviceId>>,
    rooms: Vec<(Vec<String>, Vec<DeviceId>)>,
    /// Those whose name is a plural: "Lamps".
    plural: HashSet<DeviceId>,
    /// Words of each device's names and room.
    words: HashMap<DeviceId, HashSet<String>>,
    vocabulary: HashSet<String>,
}

/// Ends of names that say too little to be a kind of their own.
const GENERIC: [&str; 25] = [
    "wash", "charger", "heater", "machine", "light", "pump", "plug", "box", "fan", "meter", "range", "display",
    "screen", "washing", "heating", "cooling", "charging", "pool", "spa", "gate", "coffee", "car", "ev", "desktop",
    "washer",
];
/// Kinds of things that are also what a thing does.
pub(super) const VERBS: [&str; 8] = [
    "heating",
    "cooling",
    "charging",
    "washing",
    "cooking",
    "drying",
    "lighting",
    "ventilation",
];
const MAX_PHRASE: usize = 8;

pub(super) fn stems(text: &str) -> Vec<String> {
    let plain = tokens(text, false)
        .into_iter()
        .filter(|it| it.kind != Kind::Symbol && it.text != "-");
    plain.map(|it| it.stem).collect()
}

fn ends_with(name: &[String], end: &[String]) -> bool {
    !end.is_empty() && name.len() >= end.len() && name.ends_with(end)
}

pub(super) fn contains(name: &[String], part: &[String]) -> bool {
    !part.is_empty() && name.windows(part.len()).any(|it| it == part)
}

fn is_room(words: &[String]) -> bool {
    let text = words.join(" ");
    ROOMS.iter().any(|room| *room == text)
}

/// The names of every concept as stems, and which concepts a phrase names: made once.
static NAMES: LazyLock<Vec<Vec<Vec<String>>>> = LazyLock::new(|| {
    CONCEPTS
        .iter()
        .map(|concept| concept.names.iter().map(|name| stems(name)).collect())
        .collect()
});
static BY_PHRASE: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut map: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, names) in NAMES.iter().enumerate() {
        for name in names {
            map.entry(name.join(" ")).or_default().push(at);
        }
    }
    map
});
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    CONCEPTS
        .iter()
        .flat_map(|it| it.names)
        .chain(ROOMS)
        .flat_map(|name| name.split(' '))
        .collect()
});

/// Whether a device is of a kind: by the end of its name, by a name of kind and room, or by its type.
pub(super) fn is_named(name: &[String], concept: usize) -> bool {
    let trimmed = unnumbered(name);
    NAMES[concept].iter().any(|words| {
        let generic = words.len() == 1 && GENERIC.contains(&words[0].as_str());
        let rest = trimmed.len().saturating_sub(words.len());
        let (head, tail) = trimmed.split_at(rest);
        let at_end = tail == words.as_slice() && (!generic || head.is_empty() || is_room(head));
        let at_start = trimmed.starts_with(words) && (trimmed.len() == words.len() || is_room(&trimmed[words.len()..]));
        at_end || at_start
    })
}

impl Catalog {
    pub(crate) fn new(devices: &[Named]) -> Self {
        let mut names = Vec::new();
        let mut symbols = Vec::new();
        let (mut vocabulary, mut plural) = (HashSet::new(), HashSet::new());
        for device in devices {
            for name in std::iter::once(&device.name).chain(&device.aliases) {
                let words = stems(name);
                let emoji = tokens(name, false).into_iter().filter(|it| it.kind == Kind::Symbol);
                symbols.extend(emoji.map(|it| (it.text, device.id)));
                if tokens(name, false).last().is_some_and(is_plural) {
                    plural.insert(device.id);
                }
                vocabulary.extend(tokens(name, false).into_iter().map(|it| it.text));
                vocabulary.extend(words.iter().cloned());
                // "F-150" is also "f150".
                if words.len() > 1 && words.iter().any(|it| it.parse::<u32>().is_ok()) {
                    vocabulary.insert(words.concat());
                    names.push((vec![words.concat()], device.id));
                }
                if !words.is_empty() {
                    names.push((words, device.id));
                }
            }
            vocabulary.extend(stems(&device.room));
        }
        let members = members(devices);
        let mut words: HashMap<DeviceId, HashSet<String>> = HashMap::new();
        for device in devices {
            words.entry(device.id).or_default().extend(device.words());
        }
        Self {
            words,
            names,
            symbols,
            plural,
            members,
            rooms: rooms(devices),
            vocabulary,
        }
    }

    /// Words of names, kinds and rooms.
    pub(crate) fn knows(&self, token: &Token) -> bool {
        let known = |word: &String| self.vocabulary.contains(word) || WORDS.contains(word.as_str());
        known(&token.text) || known(&token.stem)
    }

    /// Whether a name, a kind or a room has this word.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.vocabulary.contains(word) || WORDS.contains(word)
    }

    /// Whether a name or a room of this home has this word.
    pub(crate) fn is_own(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    /// Words that a misspelt word may have been.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.iter().map(String::as_str).chain(WORDS.iter().copied())
    }

    /// All mentions, left to right, longest first.
    pub(crate) fn find(&self, tokens: &[Token]) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let longest = (1..=MAX_PHRASE.min(tokens.len() - at)).rev();
            let found = longest
                .into_iter()
                .find_map(|length| self.look_up(tokens, at, length).map(|it| (length, it)));
            match found {
                Some((length, found)) => {
                    let range = at..at + length;
                    let words = tokens[range.clone()]
                        .iter()
                        .map(|it| it.text.as_str())
                        .collect::<Vec<_>>()
                        .join(" ");
                    let last = &tokens[at + length - 1];
                    let plural = last.text != last.stem && last.text.ends_with('s');
                    mentions.push(Mention {
                        found,
                        words,
                        plural,
                        range,
                    });
                    at += length;
                }
                None => at += 1,
            }
        }
        self.sorted_out(&mentions, tokens)
    }

    /// What mentions say of each other and of the words beside them.
    fn sorted_out(&self, mentions: &[Mention], tokens: &[Token]) -> Vec<Mention> {
        let devices = |it: &Mention| match &it.found {
            Found::Devices(ids) => ids.clone(),
            _ => Vec::new(),
        };
        let sure: Vec<DeviceId> = mentions
            .iter()
            .map(devices)
            .filter(|ids| ids.len() == 1)
            .flatten()
            .collect();
        let named = |range: &Range<usize>| {
            mentions
                .iter()
                .any(|it| it.range != *range && matches!(it.found, Found::Devices(_) | Found::Room(_)))
        };
        // "The kettle (Nanna's)": what fits both.
        let common: Option<DeviceId> = match mentions {
            [one, other] if !has_link(tokens) => {
                let named = |it: &Mention| !it.plural || !BY_PHRASE.contains_key(&stems(&it.words).join(" "));
                let apart = named(one) && named(other);
                let (one, other) = (devices(one), devices(other));
                let mut both = one.iter().filter(|id| other.contains(id));
                let only = both.next().filter(|_| both.next().is_none());
                only.copied().filter(|_| apart && (one.len() > 1 || other.len() > 1))
            }
            _ => None,
        };
        let mut out: Vec<Mention> = Vec::new();
        for mention in mentions {
            if let Some(id) = common {
                out.push(Mention {
                    found: Found::Devices(vec![id]),
                    ..mention.clone()
                });
                continue;
            }
            let found = devices(mention);
            let compound = mentions.iter().any(|it| it.range.end == mention.range.start);
            // "E-bike charging cost".
            let done = mention.found == Found::Missing && compound && VERBS.contains(&mention.words.as_str());
            if (done || (found.len() != 1 || compound) && is_verb(mention, tokens)) && named(&mention.range) {
                out.push(Mention {
                    found: Found::Doing,
                    ..mention.clone()
                });
                continue;
            }
            // "The office lamp, I mean the desk lamp": the one that is named is one of those that fit.
            let several = found.len() > 1 && !mention.plural && !compound && !has_link(tokens);
            let said = found.iter().find(|id| several && sure.contains(id));
            let settled = match said {
                Some(id) => Mention {
                    found: Found::Devices(vec![*id]),
                    ..mention.clone()
                },
                None => self.narrowed(mention.clone(), tokens),
            };
            // "The office lamp" is no device called "Office".
            let apart = |it: &Mention| it.range.end <= settled.range.start || settled.range.end <= it.range.start;
            out.retain(apart);
            out.push(settled);
        }
        out
    }

    /// "The living aircon": a word beside it that only one of those that fit has.
    fn narrowed(&self, mention: Mention, tokens: &[Token]) -> Mention {
        let (Found::Devices(ids), false) = (&mention.found, mention.plural) else {
            return mention;
        };
        let before = mention.range.start.checked_sub(1);
        let places = before.into_iter().chain([mention.range.end]);
        let fits = |at: usize| {
            let token = tokens
                .get(at)
                .filter(|it| it.kind == Kind::Word && lexicon::cue(&it.text).is_none())?;
            let has = |id: &&DeviceId| self.words.get(*id).is_some_and(|words| words.contains(&token.stem));
            let fit: Vec<DeviceId> = ids.iter().filter(has).copied().collect();
            (fit.len() == 1 && ids.len() > 1).then_some((at, fit))
        };
        match places.into_iter().find_map(fits) {
            Some((at, fit)) => Mention {
                found: Found::Devices(fit),
                range: mention.range.start.min(at)..mention.range.end.max(at + 1),
                ..mention
            },
            None => mention,
        }
    }

    /// "The split": a word that also means something else begins a device's name.
    fn is_named_so(&self, tokens: &[Token], at: usize) -> bool {
        let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |it| it.text.as_str());
        let led = ["the", "my", "our"].contains(&word(at.checked_sub(1)));
        let measured = matches!(
            lexicon::cue(&tokens[at].text),
            Some(Cue::Energy | Cue::Cost | Cue::Power | Cue::Money | Cue::Home)
        );
        let other = ["of", "between", "by", "in", "for"].contains(&word(Some(at + 1)));
        let starts = |(name, _): &(Vec<String>, DeviceId)| name.len() > 1 && name.first() == Some(&tokens[at].stem);
        led && !other && !measured && self.names.iter().any(starts)
    }

    fn look_up(&self, tokens: &[Token], at: usize, length: usize) -> Option<Found> {
        let slice = &tokens[at..at + length];
        if length == 1 && slice[0].kind == Kind::Symbol {
            let ids = self
                .symbols
                .iter()
                .filter(|(symbol, _)| *symbol == slice[0].text)
                .map(|(_, id)| *id);
            return some(ids.collect());
        }
        // "F-150": a dash within is no word of the name.
        let dashed = |it: &&Token| it.text == "-";
        if slice.first().into_iter().chain(slice.last()).any(|it| dashed(&it)) {
            return None;
        }
        let words: Vec<String> = slice
            .iter()
            .filter(|it| !dashed(it))
            .map(|it| it.stem.clone())
            .collect();
        let exact: Vec<DeviceId> = self
            .names
            .iter()
            .filter(|(name, _)| *name == words)
            .map(|(_, id)| *id)
            .collect();
        // "The freezers" are all of them, even where one is called just that.
        let many = slice.last().is_some_and(is_plural) && !exact.iter().any(|id| self.plural.contains(id));
        if !many && let Some(found) = some(exact.clone()) {
            return Some(found);
        }
        // "Fridge, freezer or router": three things.
        let parted = slice.windows(2).any(|it| it[0].clause != it[1].clause);
        if exact.is_empty() && (parted || in_longer_phrase(tokens, at, length)) {
            return None;
        }
        let concepts = BY_PHRASE.get(&words.join(" ")).map_or(&[][..], Vec::as_slice);
        // "Everything in the laundry" is in that room, where a laundry may also be a machine; "the lounge" is no lamp of it.
        let room = self.rooms.iter().find(|(room, _)| *room == words);
        let placed = exact.is_empty() && (is_within(tokens, at) || concepts.is_empty());
        if let Some((_, ids)) = room.filter(|_| placed) {
            return Some(Found::Room(ids.clone()));
        }
        let of_kind = concepts.iter().flat_map(|at| self.members[*at].iter().copied());
        let named = slice.iter().any(|it| it.whole().is_none());
        let plain = named && (length > 1 || lexicon::cue(&slice[0].text).is_none() || self.is_named_so(tokens, at));
        let by_end = self
            .names
            .iter()
            .filter(|(name, _)| plain && (ends_with(name, &words) || ends_with(unnumbered(name), &words)))
            .map(|(_, id)| *id);
        // "The mini split", where there are a "Mini split upstairs" and a "Mini split main".
        let by_start = self
            .names
            .iter()
            .filter(|(name, _)| plain && length > 1 && room.is_none() && !is_room(&words) && name.starts_with(&words))
            .map(|(_, id)| *id);
        // "Both heaters", where a "Water heater" ends alike: as many as there are of the kind itself.
        let counted = count_before(tokens, at).filter(|it| of_kind.clone().collect::<HashSet<_>>().len() == *it);
        if counted.is_some() && many {
            return some(of_kind.collect());
        }
        let fitting = exact.into_iter().chain(of_kind).chain(by_end).chain(by_start);
        if let Some(found) = some(fitting.collect()) {
            return Some(found);
        }
        if let Some((_, ids)) = room {
            return Some(Found::Room(ids.clone()));
        }
        if plain && (!concepts.is_empty() || is_room(&words)) {
            return Some(Found::Missing);
        }
        let known = ["family", "people"].contains(&slice[0].text.as_str()) || super::timex::knows(&words[0]);
        let distinctive = length == 1 && plain && words[0].len() >= 3 && !known;
        let has = |name: &[String]| distinctive && name.contains(&words[0]);
        some(
            self.names
                .iter()
                .filter(|(name, _)| has(name))
                .map(|(_, id)| *id)
                .collect(),
        )
    }
}

/// Whether the words are those for a kind of thing.
pub(super) fn is_kind(words: &str) -> bool {
    BY_PHRASE.contains_key(&stems(words).join(" "))
}

/// A name without the number at its end: "Geyser 2".
fn unnumbered(name: &[String]) -> &[String] {
    let end = name.iter().rposition(|it| it.parse::<u32>().is_err());
    name.get(..end.map_or(0, |at| at + 1)).unwrap_or_default()
}

/// Each device once; none: nothing found.
fn some(ids: Vec<DeviceId>) -> Option<Found> {
    let mut once: Vec<DeviceId> = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    (!once.is_empty()).then_some(Found::Devices(once))
}
