//! The closed vocabulary: which words are evidence of what. Data, read once; a word in no line is not understood.

mod table;

use std::{collections::HashMap, collections::HashSet, sync::LazyLock};

pub(crate) use table::COMMANDS;
use table::TABLE;

use super::plan::{Unit, Versus};

/// Evidence that a word or phrase gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cue {
    Filler,
    Polite,
    Link,
    Or,
    Not,
    My,
    Pronoun,
    Follow,
    YesNo,
    HowMuch,
    What,
    When,
    Use,
    Energy,
    Cost,
    Power,
    Money,
    In(Unit),
    Home,
    Total,
    Each,
    Both,
    Except,
    Average,
    PerHour,
    PerDay,
    PerWeek,
    PerMonth,
    PerYear,
    Max,
    Min,
    Top,
    Device,
    Consumer,
    QuarterHour,
    Hour,
    Day,
    Week,
    Month,
    Year,
    Compare,
    MoreLess,
    Difference,
    Share,
    Breakdown,
    Chart,
    Now,
    On,
    Have,
    Rooms,
    Inventory,
    DataRange,
    Price,
    Zone,
    Currency,
    Help,
    Greeting,
    Ordinal(u32),
    AlwaysOn,
    Runs,
    Last,
    PerRun,
    Against(Versus),
    Unusual,
    Untracked,
    Including,
    Part,
    Swing,
    Occasion,
    Why,
    Forecast,
    WhatIf,
    Above,
    ZeroUse,
    DataQuality,
    Electrical,
    Solar,
    Carbon,
    Advice,
    Private,
    Injection,
    OffTopic,
    Definition,
}

impl Cue {
    /// Words without meaning of their own.
    pub(crate) const fn is_empty(self) -> bool {
        matches!(
            self,
            Self::Filler | Self::Polite | Self::Link | Self::My | Self::What | Self::YesNo
        )
    }

    /// What cannot be the subject of an energy question unless something else says so.
    pub(crate) const fn is_about_energy(self) -> bool {
        matches!(
            self,
            Self::Use
                | Self::On
                | Self::Energy
                | Self::Cost
                | Self::Power
                | Self::In(_)
                | Self::Device
                | Self::Consumer
                | Self::AlwaysOn
                | Self::Runs
                | Self::PerRun
                | Self::Against(_)
                | Self::Price
                | Self::Electrical
                | Self::Max
                | Self::Min
                | Self::Average
                | Self::Solar
                | Self::Carbon
                | Self::Untracked
        )
    }
}

/// The most words a phrase has.
pub(crate) const LONGEST: usize = 6;

static PHRASES: LazyLock<HashMap<&'static str, Cue>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for (cue, phrases) in TABLE {
        for phrase in phrases.split('|') {
            // Whoever comes later says it more exactly, but a plain filler never replaces evidence.
            map.entry(phrase.trim())
                .and_modify(|known: &mut Cue| {
                    if known.is_empty() {
                        *known = *cue;
                    }
                })
                .or_insert(*cue);
        }
    }
    map
});

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    PHRASES
        .keys()
        .flat_map(|phrase| phrase.split(' '))
        .chain(super::timex::VOCABULARY.split(' '))
        .collect()
});

/// Function words and rare words that a misspelt word is never corrected to.
const NOT_A_TARGET: [Cue; 8] = [
    Cue::Filler,
    Cue::Polite,
    Cue::My,
    Cue::Pronoun,
    Cue::YesNo,
    Cue::OffTopic,
    Cue::Injection,
    Cue::Private,
];

static TARGETS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let content = PHRASES
        .iter()
        .filter(|(phrase, cue)| !phrase.contains(' ') && !NOT_A_TARGET.contains(cue));
    let mut all: Vec<&str> = content
        .map(|(word, _)| *word)
        .chain(super::timex::VOCABULARY.split(' '))
        .collect();
    all.retain(|word| word.len() >= 4 && word.is_ascii());
    all.sort_unstable();
    all.dedup();
    all
});

/// The evidence of a phrase (words joined by one space).
pub(crate) fn cue(phrase: &str) -> Option<Cue> {
    PHRASES.get(phrase).copied()
}

/// Whether the word is in the vocabulary at all.
pub(crate) fn knows(word: &str) -> bool {
    WORDS.contains(word)
}

/// Content words that a misspelt word may have been, sorted.
pub(crate) fn targets() -> &'static [&'static str] {
    &TARGETS
}
