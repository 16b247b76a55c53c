//! Which words each operation has a use for: what else is said stands against it.

use super::{lexicon::Cue, plan::Operation, special};

/// Cues that say nothing against any operation.
pub(crate) const EVERYWHERE: [Cue; 17] = [
    Cue::HowMuch,
    Cue::Use,
    Cue::Energy,
    Cue::Cost,
    Cue::Money,
    Cue::Power,
    Cue::Home,
    Cue::Total,
    Cue::Each,
    Cue::Both,
    Cue::Follow,
    Cue::Pronoun,
    Cue::Except,
    Cue::Have,
    Cue::Chart,
    Cue::Greeting,
    Cue::Price,
];

/// Cues that an operation makes use of.
pub(crate) fn allowed(operation: Operation) -> &'static [Cue] {
    if let Some(special) = special::allowed(operation) {
        return special;
    }
    match operation {
        Operation::Extreme => &[
            Cue::Max,
            Cue::Min,
            Cue::When,
            Cue::QuarterHour,
            Cue::Hour,
            Cue::Day,
            Cue::Week,
            Cue::Month,
            Cue::Year,
            Cue::Top,
        ],
        Operation::Rank => &[Cue::Max, Cue::Min, Cue::Top, Cue::Device, Cue::Consumer, Cue::Inventory],
        Operation::Compare => &[Cue::Compare, Cue::MoreLess, Cue::Difference, Cue::Share, Cue::Device],
        Operation::Share => &[Cue::Share, Cue::Device],
        Operation::Breakdown => &[Cue::Breakdown, Cue::Device, Cue::Share],
        Operation::Average => &[Cue::Average],
        Operation::Live => &[
            Cue::Inventory,
            Cue::Now,
            Cue::Device,
            Cue::Consumer,
            Cue::Max,
            Cue::Min,
            Cue::Top,
        ],
        Operation::Inventory => &[
            Cue::Inventory,
            Cue::Device,
            Cue::DataRange,
            Cue::When,
            Cue::Day,
            Cue::Week,
            Cue::Month,
            Cue::Year,
        ],
        Operation::Settings => &[
            Cue::Zone,
            Cue::Currency,
            Cue::Now,
            Cue::Energy,
            Cue::On,
            Cue::Help,
            Cue::Day,
        ],
        Operation::Help => &[Cue::Help, Cue::Device],
        Operation::Total => &[Cue::Device],
        _ => &[],
    }
}
