//! Figures beyond totals: runs, bounds, the always-on load, reasons, projections, gaps, volts and amperes.

use super::{
    frame::Frame,
    lexicon::Cue,
    measure::per,
    plan::{Bucket, Metric, Operation, Plan, Threshold, TimeExpr, Unit, Versus, Want},
    refuse::text,
    timex,
};

/// Which way a simple change goes, of what is used or of its price.
const MORE: [&str; 13] = [
    "more",
    "twice",
    "up",
    "rise",
    "rises",
    "rose",
    "risen",
    "increase",
    "increased",
    "increases",
    "higher",
    "dearer",
    "hike",
];
const LESS: [&str; 19] = [
    "less",
    "fewer",
    "cut",
    "halve",
    "halved",
    "reduce",
    "reduced",
    "down",
    "drop",
    "drops",
    "dropped",
    "fall",
    "falls",
    "fell",
    "decrease",
    "decreased",
    "decreases",
    "lower",
    "cheaper",
];

impl Frame<'_> {
    /// The plan of a question that none of the plain figures answers.
    pub(crate) fn special(&self) -> Option<Plan> {
        let rules: [fn(&Self) -> Option<Plan>; 14] = [
            Self::week_start,
            Self::by_room,
            Self::what_if,
            Self::untracked,
            Self::explain,
            Self::forecast,
            Self::duration,
            Self::baseload,
            Self::data_quality,
            Self::unused,
            Self::unusual,
            Self::versus,
            Self::electrical,
            Self::runs,
        ];
        let plan = rules.iter().find_map(|rule| rule(self))?;
        let several = matches!(plan.operation, Operation::Explain | Operation::Settings);
        (self.times < 2 || several).then_some(plan)
    }

    pub(crate) fn says(&self, words: &[&str]) -> bool {
        self.reading.tokens.iter().any(|it| words.contains(&it.text.as_str()))
    }

    pub(crate) fn phrase(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        let same = |part: &[super::normalise::Token]| part.iter().map(|it| it.text.as_str()).eq(words.iter().copied());
        self.reading.tokens.windows(words.len()).any(same)
    }

    pub(crate) fn phrases(&self, all: &[&str]) -> bool {
        all.iter().any(|it| self.phrase(it))
    }

    /// `does your week start on Monday or on Sunday`.
    fn week_start(&self) -> Option<Plan> {
        const STARTS: [&str; 9] = [
            "week start",
            "weeks start",
            "week begin",
            "weeks begin",
            "week starts",
            "weeks starting",
            "week starting",
            "first day of the week",
            "start of your week",
        ];
        let measured = self.measure.energy || self.measure.cost || self.measure.power || self.has(Cue::Use);
        let asked = self.phrases(&STARTS) && !measured && self.named == 0;
        asked.then(|| Plan {
            want: Some(Want::WeekStart),
            ..Plan::new(Operation::Settings, Metric::Energy)
        })
    }

    /// `if the dryer used 30 % less`: a number of per cent, or half or a quarter, less or more.
    fn what_if(&self) -> Option<Plan> {
        if let Some(plan) = self.price_supposed() {
            return Some(plan);
        }
        if !self.has(Cue::WhatIf) || self.extreme() {
            return None;
        }
        // What it cost is what would have been saved.
        if self.never() {
            return Some(Plan::new(Operation::Total, Metric::Cost));
        }
        let metric = if self.measure.energy && !self.measure.cost {
            Metric::Energy
        } else {
            Metric::Cost
        };
        Some(Plan {
            factor: Some(self.factor()?),
            bucket: per(self.reading),
            ..Plan::new(Operation::WhatIf, metric)
        })
    }

    /// `30 % less`, `half`, `a fifth more`: as a factor on what there was.
    pub(crate) fn factor(&self) -> Option<f64> {
        let part = match self.reading.numbers.as_slice() {
            [(percent, at)] => {
                let next = self.reading.tokens.get(at + 1).map(|it| it.text.as_str())?;
                ["%", "percent"].contains(&next).then_some(percent / 100.0)?
            }
            [] if self.says(&["half", "halved"]) => 0.5,
            [] if self.says(&["twice"]) => 1.0,
            [] if self.says(&["quarter"]) => 0.25,
            [] => 1.0 / f64::from(self.fraction()?),
            _ => return None,
        };
        let more = self.says(&MORE);
        let less = self.says(&LESS) || self.says(&["half"]) && !more;
        let factor = match (less, more) {
            (true, false) => 1.0 - part,
            (false, true) => 1.0 + part,
            _ => return None,
        };
        (0.0 < factor && part > 0.0).then_some(factor)
    }

    /// `by a fifth`, `a third less`.
    fn fraction(&self) -> Option<u32> {
        let tokens = &self.reading.tokens;
        let parts = |it: &super::reading::Evidence| match it.cue {
            Cue::Ordinal(parts @ 2..=20) => {
                let before = it.range.start.checked_sub(1).and_then(|at| tokens.get(at));
                before
                    .is_some_and(|it| ["a", "one"].contains(&it.text.as_str()))
                    .then_some(parts)
            }
            _ => None,
        };
        self.reading.evidence.iter().find_map(parts)
    }

    fn explain(&self) -> Option<Plan> {
        let asked = self.says(&[
            "why",
            "reason",
            "reasons",
            "explain",
            "explanation",
            "cause",
            "caused",
            "blame",
        ]) || self.phrases(&[
            "how come",
            "what made",
            "what drove",
            "what is driving",
            "what was driving",
            "what pushed",
            "what is behind",
            "what was behind",
        ]);
        (self.has(Cue::Why) && asked).then(|| Plan::new(Operation::Explain, self.measure.metric()))
    }

    /// The end of the period that runs; without one, of the month.
    fn forecast(&self) -> Option<Plan> {
        let amount = self.budget();
        let asked =
            ["can", "are", "will", "do"].contains(&self.reading.tokens.first().map_or("", |it| it.text.as_str()));
        let kept = amount.is_some() && asked && self.says(&["stay", "keep", "remain", "spend", "exceed", "pass"]);
        if !(self.has(Cue::Forecast) || kept) || self.has(Cue::Compare) {
            return None;
        }
        if amount.is_none() && (self.has(Cue::MoreLess) || self.extreme()) {
            return None;
        }
        let said = [
            (Cue::Day, Bucket::Day),
            (Cue::Week, Bucket::Week),
            (Cue::Year, Bucket::Year),
        ];
        let ends = |unit: Bucket| self.phrase(&format!("{} end up", timex::name_of(unit)));
        let unit = said.into_iter().find(|(cue, unit)| self.has(*cue) || ends(*unit));
        let period = TimeExpr::calendar(unit.map_or(Bucket::Month, |(_, unit)| unit), 0);
        let measured = self.measure.energy || self.measure.cost || self.has(Cue::Use) || amount.is_some();
        (measured || self.named == 0).then(|| Plan {
            period: Some(period),
            unit: self.reading.unit().filter(|it| it.is_energy()),
            amount,
            ..Plan::new(
                Operation::Forecast,
                match (amount, self.phrases(&["come to", "comes to"]) && !self.measure.energy) {
                    (None, false) => self.measure.metric(),
                    _ => Metric::Cost,
                },
            )
        })
    }

    /// For how long power was above or below a bound.
    fn duration(&self) -> Option<Plan> {
        let [(value, at)] = self.reading.numbers.as_slice() else {
            return None;
        };
        let unit = self.reading.evidence.iter().find(|it| it.range.start == at + 1)?;
        let watts = match unit.cue {
            Cue::In(Unit::W) => *value,
            Cue::In(Unit::Kw) => value * 1000.0,
            _ => return None,
        };
        let below = self.says(&["below", "under", "less", "lower"]);
        let above = self.says(&[
            "above",
            "over",
            "more",
            "exceed",
            "exceeded",
            "exceeding",
            "beyond",
            "higher",
        ]);
        let long = self.phrases(&[
            "how long",
            "how many hours",
            "how many minutes",
            "time spent",
            "how much time",
        ]) || self
            .reading
            .tokens
            .first()
            .is_some_and(|it| ["minutes", "hours"].contains(&it.text.as_str()));
        (long && below != above).then(|| Plan {
            threshold: Some(Threshold { watts, below }),
            ..Plan::new(Operation::Duration, Metric::Power)
        })
    }

    fn baseload(&self) -> Option<Plan> {
        let metric = match (self.measure.cost, self.measure.energy) {
            (true, _) => Metric::Cost,
            (_, true) => Metric::Energy,
            _ => Metric::Power,
        };
        (self.has(Cue::AlwaysOn) && self.named == 0).then(|| Plan {
            bucket: per(self.reading),
            ..Plan::new(Operation::Baseload, metric)
        })
    }

    fn data_quality(&self) -> Option<Plan> {
        // "How big was that gap" may be one of energy.
        let amount = self.phrases(&["how big", "how large"]) && self.says(&["gap"]);
        let told = !amount || self.says(&["data", "readings", "reading", "recording"]);
        (self.has(Cue::DataQuality) && told).then(|| Plan::new(Operation::DataQuality, Metric::Energy))
    }

    /// What no device explains, in energy or money.
    fn untracked(&self) -> Option<Plan> {
        (self.has(Cue::Untracked) && self.named == 0 && !self.extreme())
            .then(|| Plan::new(Operation::Untracked, self.measure.metric()))
    }

    fn unused(&self) -> Option<Plan> {
        let not = self.has(Cue::ZeroUse) || self.has(Cue::Not) && self.reading.any(&[Cue::Use, Cue::On]);
        let first = self.reading.tokens.first().map_or("", |it| it.text.as_str());
        let things = self.has(Cue::Device)
            || first == "what" && self.has(Cue::Use) && self.has(Cue::Not)
            || self.has(Cue::ZeroUse) && self.says(&["anything", "something", "what"]);
        (not && things && self.named == 0).then(|| Plan::new(Operation::Unused, Metric::Runs))
    }

    /// `anything odd?`, and a period against the usual.
    fn unusual(&self) -> Option<Plan> {
        if !self.has(Cue::Unusual) || self.spikes() || self.is_repeated() {
            return None;
        }
        let usual = |it: &super::reading::Evidence| {
            [
                "usual",
                "than usual",
                "normal",
                "normally",
                "typical",
                "typically",
                "usually",
                "ordinary",
                "average",
                "regular",
                "standard",
                "random",
            ]
            .contains(&text(self.reading, it).as_str())
        };
        let mut evidence = self.reading.evidence.iter().filter(|it| it.cue == Cue::Unusual);
        let judged = evidence.clone().any(|it| it.range.is_empty());
        if judged || evidence.clone().all(usual) {
            let compared = self.reading.any(&[Cue::MoreLess, Cue::Compare, Cue::Difference]);
            let plan = Plan {
                versus: Some(Versus::Usual),
                ..Plan::new(Operation::Compare, self.measure.metric())
            };
            let first = self.reading.tokens.first().map_or("", |it| it.text.as_str());
            let asked = ["is", "was", "were", "are"].contains(&first) || judged;
            // "Was that more than usual?" is about what was told before.
            let when = self.times == 1 || self.times == 0 && self.has(Cue::Pronoun);
            return ((compared || asked) && when).then_some(plan);
        }
        let odd = !evidence.any(usual) && !self.has(Cue::MoreLess);
        odd.then(|| Plan::new(Operation::Unusual, self.measure.metric()))
    }

    fn versus(&self) -> Option<Plan> {
        let versus = self.reading.evidence.iter().find_map(|it| match it.cue {
            Cue::Against(versus) => Some(versus),
            _ => None,
        })?;
        Some(Plan {
            versus: Some(versus),
            ..Plan::new(Operation::Compare, self.measure.metric())
        })
    }

    fn electrical(&self) -> Option<Plan> {
        let words: Vec<String> = self
            .reading
            .evidence
            .iter()
            .filter(|it| it.cue == Cue::Electrical)
            .map(|it| text(self.reading, it))
            .collect();
        // "The maximum current, in amperes".
        let words: Vec<String> = match words.as_slice() {
            [first, rest @ ..] if first == "current" && !rest.is_empty() => rest.to_vec(),
            _ => words,
        };
        let all = |of: &[&str]| !words.is_empty() && words.iter().all(|word| of.contains(&word.as_str()));
        let metric = if all(&["current"]) {
            Metric::Current
        } else if all(&["volt", "volts", "voltage", "mains voltage"]) {
            Metric::Voltage
        } else if all(&["amp", "amps", "ampere", "amperes", "amperage", "electrical current"]) {
            Metric::Current
        } else if all(&["power factor"]) {
            Metric::PowerFactor
        } else {
            return None;
        };
        let operation = match (self.extreme() || self.phrase("at most"), self.times) {
            (true, _) => Operation::Extreme,
            (false, 0) if self.has(Cue::Average) => return None,
            (false, 0) if self.has(Cue::Now) || self.says(&["is", "s"]) => Operation::Live,
            (false, 0) => return None,
            (false, _) => Operation::Average,
        };
        (!self.measure.energy && !self.measure.cost).then(|| Plan {
            direction: self.direction(),
            ..Plan::new(operation, metric)
        })
    }
}

/// Cues that the operations of this module make use of.
pub(crate) fn allowed(operation: Operation) -> Option<&'static [Cue]> {
    Some(match operation {
        Operation::WhatIf => &[
            Cue::WhatIf,
            Cue::Share,
            Cue::MoreLess,
            Cue::Part,
            Cue::Forecast,
            Cue::Hour,
        ],
        Operation::Explain => &[
            Cue::Why,
            Cue::MoreLess,
            Cue::Max,
            Cue::Min,
            Cue::Difference,
            Cue::Compare,
            Cue::Swing,
        ],
        Operation::Untracked => &[Cue::Untracked, Cue::Not, Cue::Device, Cue::Share],
        Operation::Forecast => &[
            Cue::Forecast,
            Cue::HowMuch,
            Cue::What,
            Cue::When,
            Cue::Now,
            Cue::Day,
            Cue::Week,
            Cue::Month,
            Cue::Year,
        ],
        Operation::Duration => &[Cue::Runs, Cue::Above, Cue::MoreLess, Cue::Hour, Cue::On],
        Operation::Baseload => &[Cue::AlwaysOn, Cue::When, Cue::Average, Cue::Now, Cue::Min],
        Operation::DataQuality => &[Cue::DataQuality, Cue::Device, Cue::When, Cue::Day, Cue::Not],
        Operation::Unused => &[Cue::ZeroUse, Cue::Inventory, Cue::Device, Cue::Not, Cue::On, Cue::Runs],
        Operation::Unusual => &[Cue::Unusual, Cue::Day, Cue::Device, Cue::Max],
        Operation::Runs => &[
            Cue::Runs,
            Cue::On,
            Cue::When,
            Cue::Last,
            Cue::PerRun,
            Cue::Hour,
            Cue::Average,
        ],
        _ => return None,
    })
}
