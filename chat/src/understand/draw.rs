//! When "power" is energy, and when it is power: what is drawn at a moment, and what is used over a time.

use super::{frame::Frame, lexicon::Cue, measure::bucket_noun, reading::Evidence, refuse::text};

impl Frame<'_> {
    /// `the most power we pulled`: how much of it, not by what.
    pub(super) fn amount_of_power(&self) -> bool {
        let words: Vec<&str> = self.reading.tokens.iter().map(|it| it.text.as_str()).collect();
        let subject = |at: usize| {
            words
                .get(at + 2)
                .is_some_and(|it| ["we", "i", "it", "my", "our", "the"].contains(it))
        };
        let said = |pair: &[&str]| ["most", "least", "highest", "lowest"].contains(&pair[0]) && pair[1] == "power";
        let asked = |at: usize| {
            let before = words.get(..at).unwrap_or_default();
            before.ends_with(&["what", "was", "the"]) || before.ends_with(&["what", "is", "the"])
        };
        words
            .windows(2)
            .enumerate()
            .any(|(at, pair)| said(pair) && (subject(at) || asked(at)))
    }

    /// Whether its verb speaks of power: `the most it pulled`.
    pub(super) fn draws(&self) -> bool {
        let verbs = [
            "pull", "pulled", "pulls", "pulling", "draw", "drew", "drawn", "draws", "drawing",
        ];
        let of = |it: &Evidence| it.cue == Cue::Use && verbs.contains(&text(self.reading, it).as_str());
        self.reading.evidence.iter().any(of)
    }

    /// `which day did we use the most power`: of a stretch of time that is energy.
    pub(super) fn uses_power(&self) -> bool {
        let asked = self.has(Cue::What) && bucket_noun(self.reading).is_some();
        asked && self.has(Cue::Use) && !self.draws() && self.reading.unit().is_none()
    }

    /// `what is eating all my power`: what uses it is asked for, not how much it is.
    pub(super) fn what_uses(&self) -> bool {
        let uses = |at: usize| {
            let of = |it: &Evidence| it.cue == Cue::Use && it.range.start == at;
            self.reading.evidence.iter().any(of)
        };
        let asks = self.reading.evidence.iter().filter(|it| it.cue == Cue::What);
        self.named == 0 && !self.extreme() && asks.map(|it| it.range.end).any(uses)
    }
}
