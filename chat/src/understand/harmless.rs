//! Unknown words that cannot be what is asked about: common verbs and adverbs, and people beside a device that is named. They are
//! left aside, and the answer names them.
//!
//! The lists are made of those words of `SCOWL` that `WordNet` knows as verbs, as adverbs, and hardly as anything else, without those
//! that say which energy is meant, or what is done with a figure.

use std::{collections::HashSet, sync::LazyLock};

use super::{lexicon::Cue, reading::Reading};

type Words = LazyLock<HashSet<&'static str>>;

static ACTIONS: Words = LazyLock::new(|| include_str!("words/actions.txt").lines().collect());
static MANNER: Words = LazyLock::new(|| include_str!("words/manner.txt").lines().collect());
static PEOPLE: Words = LazyLock::new(|| include_str!("words/people.txt").lines().collect());

/// Things that people speak of, and that use nothing.
const SPOKEN: [&str; 25] = [
    "argument",
    "bet",
    "clue",
    "curiosity",
    "discussion",
    "dispute",
    "example",
    "favor",
    "favour",
    "fun",
    "heck",
    "instance",
    "interest",
    "joke",
    "life",
    "mind",
    "opinion",
    "interested",
    "afraid",
    "worried",
    "shocked",
    "surprised",
    "itself",
    "myself",
    "sake",
];
/// After these a word stands for a thing.
const NAMING: [&str; 22] = [
    "the", "my", "our", "your", "his", "her", "their", "a", "an", "this", "that", "these", "those", "each", "every",
    "for", "of", "by", "from", "with", "on", "in",
];
const SUBJECT: [&str; 10] = ["did", "does", "do", "has", "have", "is", "was", "will", "would", "can"];
/// Verbs that begin a request to be told something.
const ASKING: [&str; 12] = [
    "give",
    "let",
    "see",
    "name",
    "describe",
    "summarise",
    "summarize",
    "explain",
    "present",
    "fetch",
    "bring",
    "mention",
];

/// Whether the word is one for somebody of the family or the house.
pub(super) fn is_person(word: &str) -> bool {
    PEOPLE.contains(word)
}

/// The unknown words that are left aside.
pub(super) fn harmless(reading: &Reading) -> Vec<String> {
    let word = |at: Option<usize>| {
        at.and_then(|at| reading.tokens.get(at))
            .map_or("", |it| it.text.as_str())
    };
    let clause = |at: usize| reading.tokens.get(at).map(|it| it.clause);
    let names = |at: usize| {
        let before = at.checked_sub(1).filter(|it| clause(*it) == clause(at));
        NAMING.contains(&word(before))
    };
    // "Pause the pump" is no question.
    let orders = |at: usize, said: &str| at == 0 && !ASKING.contains(&said);
    // "How much did Bob use": whoever uses something is meant.
    let uses = |at: usize| {
        let verb = reading
            .evidence
            .iter()
            .any(|it| it.range.start == at + 1 && matches!(it.cue, Cue::Use | Cue::Runs | Cue::Cost));
        verb && SUBJECT.contains(&word(at.checked_sub(1))) && reading.mentions.is_empty()
    };
    let is = |(said, at): &&(String, usize)| {
        let said = said.as_str();
        let action = ACTIONS.contains(said) && !orders(*at, said);
        // "Has Oda used her computer", where there is a "Heater Oda".
        let owner = reading.own.contains(at) && SUBJECT.contains(&word(at.checked_sub(1)));
        let person = (is_person(said) || owner) && !reading.mentions.is_empty();
        SPOKEN.contains(&said) || person || (action || MANNER.contains(said)) && !names(*at) && !uses(*at)
    };
    reading
        .unknown
        .iter()
        .filter(is)
        .map(|(said, _)| said.clone())
        .collect()
}
