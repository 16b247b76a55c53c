//! What is counted: energy, money or power, from the words that say so.

use super::{
    lexicon::Cue,
    plan::{Bucket, Metric, Unit},
    reading::Reading,
    refuse::text,
};

/// Which quantities the question speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is said or not, independently")]
pub(crate) struct Measure {
    pub(crate) energy: bool,
    pub(crate) cost: bool,
    pub(crate) power: bool,
    /// Both are asked for, not one of the other ("spend on energy").
    pub(crate) both: bool,
}

const MONEY: [&str; 6] = ["expensive", "cheap", "costl", "pric", "dear", "cost"];

impl Measure {
    pub(crate) fn of(reading: &Reading) -> Self {
        let superlative = reading.evidence.iter().any(|it| {
            matches!(it.cue, Cue::Max | Cue::Min | Cue::MoreLess | Cue::Swing | Cue::Top)
                && MONEY.iter().any(|word| text(reading, it).contains(word))
        });
        let energy = reading.any(&[Cue::Energy, Cue::In(Unit::Kwh), Cue::In(Unit::Wh), Cue::In(Unit::Mwh)]);
        let cost = superlative || reading.any(&[Cue::Cost, Cue::Money, Cue::Price]);
        let power_noun = reading.evidence.iter().any(|it| {
            matches!(it.cue, Cue::Max | Cue::Min)
                && ["power", "load", "demand", "draw"]
                    .iter()
                    .any(|word| text(reading, it).ends_with(word))
        });
        let power = power_noun || reading.any(&[Cue::Power, Cue::In(Unit::W), Cue::In(Unit::Kw)]);
        Self {
            energy,
            cost,
            power,
            both: cost && !superlative && both(reading),
        }
    }

    pub(crate) fn metric(self) -> Metric {
        if self.cost && !self.both {
            Metric::Cost
        } else {
            Metric::Energy
        }
    }

    pub(crate) fn also(self) -> Vec<Metric> {
        if self.both { vec![Metric::Cost] } else { Vec::new() }
    }
}

/// Words of energy and words of money, with "and", a comma or a full stop between them.
fn both(reading: &Reading) -> bool {
    let of = |cues: &'static [Cue]| {
        reading
            .evidence
            .iter()
            .filter(move |it| cues.contains(&it.cue))
            .map(|it| it.range.start)
    };
    // "This year's total and what it cost".
    let apart = reading.tokens.windows(3).any(|it| {
        let [and, what, cost] = [0, 1, 2].map(|at| it.get(at).map_or("", |it| it.text.as_str()));
        and == "and"
            && (what == "what" && ["it", "that"].contains(&cost)
                || ["its", "the"].contains(&what) && ["cost", "costs"].contains(&cost))
    });
    if apart && reading.has(Cue::Total) && reading.any(&[Cue::Cost]) {
        return true;
    }
    let energy: Vec<usize> = of(&[
        Cue::Energy,
        Cue::In(Unit::Kwh),
        Cue::In(Unit::Wh),
        Cue::In(Unit::Mwh),
        Cue::Use,
    ])
    .collect();
    let cost: Vec<usize> = of(&[Cue::Cost, Cue::Money]).collect();
    let parted = |a: usize, b: usize| {
        let (from, to) = (a.min(b), a.max(b));
        let linked = reading
            .evidence
            .iter()
            .any(|it| it.cue == Cue::Link && it.range.start > from && it.range.start < to);
        let clause = |at: usize| reading.tokens.get(at).map(|it| it.clause);
        linked || clause(from) != clause(to)
    };
    // Every word of energy must stand apart from some word of money: "energy cost, last week" is only cost.
    energy
        .iter()
        .any(|a| !cost.is_empty() && cost.iter().all(|b| parted(*a, *b)))
}

/// The step that is spoken of: `per day`, `by the hour`.
pub(crate) fn per(reading: &Reading) -> Option<Bucket> {
    let table = [
        (Cue::PerHour, Bucket::Hour),
        (Cue::PerDay, Bucket::Day),
        (Cue::PerWeek, Bucket::Week),
        (Cue::PerMonth, Bucket::Month),
        (Cue::PerYear, Bucket::Year),
    ];
    table
        .into_iter()
        .find(|(cue, _)| reading.has(*cue))
        .map(|(_, bucket)| bucket)
}

/// The step that a superlative is about: `highest hour`, `which day`.
pub(crate) fn bucket_noun(reading: &Reading) -> Option<Bucket> {
    let table = [
        (Cue::QuarterHour, Bucket::QuarterHour),
        (Cue::Hour, Bucket::Hour),
        (Cue::Day, Bucket::Day),
        (Cue::Week, Bucket::Week),
        (Cue::Month, Bucket::Month),
        (Cue::Year, Bucket::Year),
    ];
    let said = table.into_iter().find(|(cue, _)| reading.has(*cue));
    said.map(|(_, bucket)| bucket)
        .or_else(|| asks_part(reading).then_some(Bucket::Day))
}

/// `which evening`: one of several days is asked for.
fn asks_part(reading: &Reading) -> bool {
    const PARTS: [&str; 4] = ["morning", "afternoon", "evening", "night"];
    reading.tokens.windows(2).any(|it| {
        let [first, second] = it else { return false };
        ["which", "what"].contains(&first.text.as_str()) && PARTS.contains(&second.text.as_str())
    })
}
