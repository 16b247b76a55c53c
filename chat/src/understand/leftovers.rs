//! Which words of the question a plan's rule has no use for: they stand against it.

use super::{
    Topic,
    allowed::{EVERYWHERE, allowed},
    entities::{Found, Mention},
    frame::Frame,
    lexicon::Cue,
    measure::per,
    plan::{Operation, Plan, TimeExpr, Versus, Want},
    refuse::text,
};

impl Frame<'_> {
    /// Whether devices are left out of everything or of a room: "the fridge without the freezer" is no such thing.
    fn excepts(&self) -> bool {
        let place = self.reading.place(Cue::Except).unwrap_or(0);
        let mentions = &self.reading.mentions;
        let before = |it: &Mention| it.range.start < place && matches!(it.found, Found::Devices(_));
        !mentions.is_empty() && !mentions.iter().any(before)
    }

    /// `the biggest spike`: a peak by another word.
    pub(crate) fn spikes(&self) -> bool {
        let odd = self.reading.evidence.iter().filter(|it| it.cue == Cue::Unusual);
        self.extreme()
            && odd
                .map(|it| text(self.reading, it))
                .all(|it| it == "spike" || it == "spikes")
    }

    /// Whether all that is said of the sun is that it yields something.
    pub(crate) fn yields(&self) -> bool {
        let sun = self.reading.evidence.iter().filter(|it| it.cue == Cue::Solar);
        sun.map(|it| text(self.reading, it)).all(|it| {
            ["produc", "generat", "yield", "make", "made", "making", "harvest"]
                .iter()
                .any(|stem| it.starts_with(stem))
        })
    }

    /// Whether "normally" only says that a mean is asked for.
    pub(crate) fn as_usual(&self) -> bool {
        let usual = self.reading.evidence.iter().filter(|it| it.cue == Cue::Unusual);
        let adverb = usual
            .map(|it| text(self.reading, it))
            .all(|it| ["normally", "usually", "typically"].contains(&it.as_str()));
        adverb && per(self.reading).is_some()
    }

    /// Words that the plan's rule has no use for.
    pub(crate) fn leftovers(&self, plan: &Plan) -> Vec<String> {
        if plan.want == Some(Want::WeekStart) {
            return Vec::new();
        }
        let allowed = allowed(plan.operation);
        // Without what?
        let nothing_out = |cue: Cue| cue == Cue::Except && !self.excepts();
        let ours = |cue: Cue| {
            let known =
                cue.is_empty() || EVERYWHERE.contains(&cue) || matches!(cue, Cue::In(_)) || allowed.contains(&cue);
            known && !nothing_out(cue)
        };
        let budget = plan.operation == Operation::Forecast && plan.amount.is_some();
        let special = |cue: Cue| match cue {
            Cue::Max | Cue::Above | Cue::MoreLess | Cue::Advice | Cue::PerMonth | Cue::Not if budget => true,
            // "Which device took the largest slice of it?"
            Cue::Share if plan.operation == Operation::Rank => self.says(&["piece", "slice", "share", "chunk", "part"]),
            Cue::WhatIf | Cue::ZeroUse if plan.operation == Operation::Total => self.never(),
            Cue::Or => {
                self.named >= 2
                    || plan.operation == Operation::Live && (self.named == 1 || self.says(&["off"]))
                    || plan.operation == Operation::Compare && self.has(Cue::MoreLess)
            }
            // "Split it by hour."
            Cue::Breakdown | Cue::Inventory if plan.operation == Operation::Series => true,
            // "An average day in July against one in June."
            Cue::PerDay if plan.operation == Operation::Compare => {
                self.phrases(&["average day", "typical day", "normal day", "usual day"])
            }
            // "Is today running higher than usual?"
            Cue::On if plan.versus == Some(Versus::Usual) => self.says(&["running"]),
            // "Why is today higher than normal?"
            Cue::Unusual if plan.operation == Operation::Explain => true,
            Cue::PerDay if plan.operation == Operation::Runs => plan.want == Some(Want::Count),
            Cue::On | Cue::Runs if plan.is_habit() => true,
            Cue::On | Cue::Runs | Cue::Max | Cue::Why | Cue::When if plan.is_at_extreme() => true,
            // "What share of the electricity went to charging the truck?"
            Cue::Breakdown if plan.operation == Operation::Share => self.says(&["to"]),
            // "Which one is running higher?"
            Cue::On if plan.operation == Operation::Compare => self.says(&["running"]),
            Cue::On => plan.operation == Operation::Live || self.measure.cost || self.measure.energy,
            Cue::Runs => {
                plan.operation == Operation::WhatIf && self.says(&["ran", "run"])
                    || self.measure.cost
                    || self.measure.energy
                    || self.measure.power
            }
            Cue::Ordinal(1) if plan.operation == Operation::Rank => true,
            Cue::Ordinal(_) => plan.rank > 0 || plan.want == Some(Want::First) || plan.operation == Operation::WhatIf,
            Cue::Against(_) | Cue::When | Cue::Breakdown if plan.versus.is_some() => true,
            // "If it were reduced by half."
            Cue::Advice => plan.operation == Operation::WhatIf && self.says(&["reduce", "reduced"]),
            Cue::WhatIf => matches!(plan.operation, Operation::Live | Operation::WhatIf),
            Cue::Electrical => plan.topic() == Some(Topic::Electrical),
            Cue::Average | Cue::Day | Cue::Hour | Cue::Week => plan.is_habit(),
            Cue::Not => plan.operation == Operation::Live && self.named > 0,
            Cue::Unusual => {
                plan.is_habit()
                    || plan.operation == Operation::Average && self.as_usual()
                    || plan.versus == Some(Versus::Usual)
                    || plan.want == Some(Want::AverageDuration)
                    || plan.operation == Operation::Unusual
                    || plan.operation == Operation::Extreme && self.spikes()
                    || plan.operation == Operation::Explain && self.says(&["spike", "spiked", "spikes"])
            }
            Cue::Occasion => self.times > 0,
            Cue::Rooms => plan.want == Some(Want::Rooms),
            // "Including the standing charge" changes nothing, "including the freezer" is not the freezer alone.
            Cue::Including => self.reading.mentions.is_empty(),
            Cue::Solar => self.sunny() && self.yields(),
            Cue::PerHour | Cue::PerDay | Cue::PerWeek | Cue::PerMonth | Cue::PerYear => {
                matches!(
                    plan.operation,
                    Operation::Average | Operation::Series | Operation::Baseload | Operation::WhatIf
                ) || plan.operation == Operation::Total && self.times > 0
                    || plan.operation == Operation::Extreme && plan.bucket == per(self.reading)
            }
            _ => false,
        };
        let mut left: Vec<String> = self
            .reading
            .evidence
            .iter()
            .filter(|it| !ours(it.cue) && !special(it.cue))
            .map(|it| text(self.reading, it))
            .collect();
        left.extend(self.spare_numbers(plan));
        left
    }

    /// Numbers that the plan has no use for.
    fn spare_numbers(&self, plan: &Plan) -> Vec<String> {
        let used = plan.operation == Operation::Rank && plan.limit > 0
            || plan.threshold.is_some()
            || plan.factor.is_some()
            || plan.amount.is_some();
        let day = self.corrected_day().is_some_and(
            |day| matches!(&plan.period, Some(TimeExpr::Dates(first, last)) if first == last && first.day() == day),
        );
        let numbers = usize::from(used || day);
        let words = |at: usize| {
            self.reading
                .tokens
                .get(at)
                .map_or_else(String::new, |it| it.text.clone())
        };
        self.reading
            .numbers
            .iter()
            .skip(numbers)
            .map(|(_, at)| words(*at))
            .collect()
    }
}
