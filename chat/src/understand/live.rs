//! What is drawn or on at the moment of asking.

use super::{
    frame::Frame,
    lexicon::Cue,
    measure::per,
    plan::{Metric, Operation, Plan},
    refuse::text,
};

/// What a device does when it is on.
const DOING: [&str; 8] = [
    "charging", "washing", "drying", "heating", "cooling", "cooking", "pumping", "running",
];

impl Frame<'_> {
    /// The plan of a question about now.
    pub(crate) fn live(&self) -> Option<Plan> {
        // "Is anything still going from last night?"
        let still = self.has(Cue::On) && self.says(&["still"]) && self.says(&["is", "are"]);
        if self.times > 0 && !still || self.measure.cost || per(self.reading).is_some() {
            return None;
        }
        if self.phrases(&["what have i in", "what have we in"]) {
            return None;
        }
        if self.has(Cue::On) {
            // "What was on?" is about another moment.
            if self.has(Cue::What) && self.says(&["was", "were"]) {
                return None;
            }
            return Some(Plan::new(Operation::Live, Metric::Runtime));
        }
        // "Is the car charging?"
        let first = self.reading.tokens.first().map_or("", |it| it.text.as_str());
        if ["is", "are"].contains(&first) && self.named == 1 && self.says(&DOING) && !self.has(Cue::HowMuch) {
            return Some(Plan::new(Operation::Live, Metric::Runtime));
        }
        let all = self.has(Cue::Both) && self.measure.energy && self.says(&["all"]);
        let progressive = self.reading.evidence.iter().any(|it| {
            it.cue == Cue::Use
                && [
                    "using",
                    "drawing",
                    "pulling",
                    "consuming",
                    "burning",
                    "eating",
                    "taking",
                ]
                .iter()
                .any(|verb| text(self.reading, it).ends_with(verb))
        });
        let progressive = progressive || self.phrases(&["is it taking", "are they taking", "is that taking"]);
        let evidence = self.measure.energy
            || self.measure.power
            || self.named > 0
            || self
                .reading
                .any(&[Cue::Use, Cue::HowMuch, Cue::Device, Cue::Consumer, Cue::Max]);
        let whom = self.has(Cue::What) && (self.extreme() || all);
        let whose = self.has(Cue::What) && (self.has(Cue::Home) || self.named > 0);
        let asked = self.has(Cue::Now) && evidence || progressive && (self.has(Cue::HowMuch) || whom || whose);
        asked.then(|| {
            let ranked = self.extreme() || self.reading.any(&[Cue::Consumer, Cue::Top]);
            Plan {
                limit: u32::from(ranked),
                ..self.plan(Operation::Live, Metric::Power)
            }
        })
    }
}
