//! What stands beside a device's name: a noun that says the same again, who uses it, and the one that is not meant.

use super::{
    entities::{Found, Mention, is_kind},
    lexicon::Cue,
    normalise::Token,
    reading::{Evidence, Reading},
    settle::APART,
};

/// Nouns that are no device of their own behind one.
const GENERIC: [&str; 7] = ["plug", "socket", "outlet", "meter", "sensor", "box", "switch"];
/// Kinds that stand for the one before them where there are several.
const VAGUE: [&str; 8] = ["heater", "pump", "fan", "light", "lamp", "charger", "machine", "motor"];
/// Parts of a thing.
const PARTS: [&str; 12] = [
    "sensor",
    "monitor",
    "clamp",
    "motor",
    "pump",
    "unit",
    "compressor",
    "set",
    "system",
    "bulb",
    "tank",
    "fitting",
];
/// What "main" says nothing of a meter before.
const NO_METER: [&str; 10] = [
    "reason",
    "reasons",
    "cause",
    "causes",
    "culprit",
    "consumer",
    "consumers",
    "user",
    "users",
    "driver",
];
const THE: [&str; 3] = ["the", "my", "our"];

impl Mention {
    fn count(&self) -> usize {
        match &self.found {
            Found::Devices(ids) => ids.len(),
            _ => 0,
        }
    }
}

impl Reading {
    fn said(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.tokens.get(at)).map_or("", |it| it.text.as_str())
    }

    /// `the wifi plug`, `the borewell motor` and, among several heaters, `the sauna heater` are one thing.
    pub(super) fn plugged(&mut self) {
        let ends: Vec<usize> = self.mentions.iter().map(|it| it.range.end).collect();
        let single = |it: &&Mention| it.count() == 1;
        let after_one: Vec<usize> = self.mentions.iter().filter(single).map(|it| it.range.end).collect();
        self.mentions.retain(|it| {
            let (word, start) = (it.words.as_str(), it.range.start);
            // "The light went": there was no power.
            let next = self.tokens.get(it.range.end).map_or("", |it| it.text.as_str());
            let cut = ["light", "lights"].contains(&word) && ["went", "gone"].contains(&next);
            let main = ["main", "mains"].contains(&word) && NO_METER.contains(&next);
            let generic = GENERIC.contains(&word) && ends.contains(&start);
            let vague = VAGUE.contains(&word) && it.count() > 1 && after_one.contains(&start);
            !generic && !vague && !cut && !main
        });
        let tokens = &self.tokens;
        let noun = |it: &Evidence| {
            let word = tokens.get(it.range.start).map_or("", |it| it.text.as_str());
            it.cue == Cue::Device && it.range.len() == 1 && (word == "circuit" || GENERIC.contains(&word))
        };
        self.evidence.retain(|it| !noun(it) || !ends.contains(&it.range.start));
        self.unknown
            .retain(|(word, at)| !PARTS.contains(&word.as_str()) || !ends.contains(at));
    }

    /// `the oven instead of the stove` is the oven.
    pub(super) fn replaced(&mut self) {
        if self.mentions.len() < 2 {
            return;
        }
        let is_replaced = |start: usize| {
            let the = usize::from(THE.contains(&self.said(start.checked_sub(1))));
            let two = [2, 1].map(|back| self.said(start.checked_sub(back + the)));
            two == ["instead", "of"] || two == ["rather", "than"]
        };
        let kept = self.mentions.iter().filter(|it| !is_replaced(it.range.start));
        self.mentions = kept.cloned().collect();
    }

    /// `not the TV, the box`, `the box, not the TV`: the one that is not meant.
    pub(super) fn negated(&mut self) {
        let not = |it: &Mention| {
            let the = usize::from(THE.contains(&self.said(it.range.start.checked_sub(1))));
            let at = it.range.start.checked_sub(1 + the)?;
            (self.said(Some(at)) == "not").then_some(at)
        };
        let [first, second] = self.mentions.as_slice() else {
            return;
        };
        let clause = |it: &Mention| self.tokens.get(it.range.start).map(|it: &Token| it.clause);
        let begins = |at: usize| at == 0 || at == 1 && ["no", "sorry", "oops", "i"].contains(&self.said(Some(0)));
        let (meant, place) = match (not(first), not(second)) {
            (Some(at), None) if begins(at) && clause(first) != clause(second) => (second.clone(), at),
            (None, Some(at)) if second.range.end == self.tokens.len() => (first.clone(), at),
            _ => return,
        };
        self.mentions = vec![meant];
        let not = self.evidence.iter_mut().find(|it| it.range == (place..place + 1));
        if let Some(it) = not {
            it.cue = Cue::Follow;
        }
    }

    /// `has Oda used her computer`, where there is a heater of hers: who does something is no device.
    pub(super) fn doer(&mut self) {
        let [first, _] = self.mentions.as_slice() else {
            return;
        };
        let asked = ["did", "does", "has", "have", "is", "was"].contains(&self.said(first.range.start.checked_sub(1)));
        let does =
            |it: &Evidence| it.range.start == first.range.end && matches!(it.cue, Cue::Use | Cue::Runs | Cue::YesNo);
        let name = first.range.len() == 1 && !is_kind(&first.words);
        if asked && name && self.evidence.iter().any(does) && !self.any(&APART) {
            self.mentions.remove(0);
        }
    }
}
