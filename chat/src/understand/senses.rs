//! Words that mean one thing or another by the words beside them: "current", "charge", "amount", "power use".

use super::{
    lexicon::Cue,
    measure::{Measure, bucket_noun, per},
    plan::Unit,
    reading::{Evidence, Reading},
};

impl Reading {
    /// `what it costs to run`, `the cheapest to charge`: of money, no run is meant.
    pub(super) fn expenses(&mut self) {
        let tokens = &self.tokens;
        let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |it| it.text.as_str());
        let money = Measure::of(self).cost;
        for evidence in self.evidence.iter_mut().filter(|it| money && it.cue == Cue::Runs) {
            let start = evidence.range.start;
            let verb = ["run", "charge", "operate"].contains(&word(Some(start))) && evidence.range.len() == 1;
            let when = ["time", "hour", "day", "moment"].contains(&word(start.checked_sub(2)));
            if verb && word(start.checked_sub(1)) == "to" && !when {
                evidence.cue = Cue::Filler;
            }
        }
    }

    /// `what went over Christmas`, `how many washes did it make`: no bound, and nothing is produced.
    pub(super) fn plain_verbs(&mut self) {
        let numbers = !self.numbers.is_empty();
        let sunny = |it: &super::entities::Mention| {
            ["solar", "pv", "panel", "roof"]
                .iter()
                .any(|word| it.words.contains(word))
        };
        let other = !self.mentions.is_empty() && !self.mentions.iter().any(sunny) && !self.of_the_sun;
        let tokens = &self.tokens;
        let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |it| it.text.as_str());
        let counts = self.evidence.iter().any(|it| it.cue == Cue::HowMuch);
        for evidence in &mut self.evidence {
            let start = evidence.range.start;
            let makes = ["make", "made", "makes"].contains(&word(Some(start)));
            let that = ["that", "it", "this"].contains(&word(start.checked_sub(1)));
            let loads = ["washes", "loads", "cycles", "runs"]
                .iter()
                .any(|it| tokens.iter().any(|token| token.text == *it));
            let over =
                evidence.cue == Cue::Above && evidence.range.len() == 2 && word(Some(start + 1)) == "over" && !numbers;
            if over && counts {
                evidence.cue = Cue::Use;
            } else if evidence.cue == Cue::Solar && makes && (that || other && loads) {
                evidence.cue = Cue::Filler;
            }
        }
    }

    /// `top 3 users`: of energy, not of this program.
    pub(super) fn users(&mut self) {
        const MOST: [&str; 8] = [
            "top", "biggest", "largest", "heaviest", "main", "highest", "worst", "bottom",
        ];
        let tokens = &self.tokens;
        let word = |at: usize, back: usize| {
            at.checked_sub(back)
                .and_then(|at| tokens.get(at))
                .map_or("", |it| it.text.as_str())
        };
        for evidence in self
            .evidence
            .iter_mut()
            .filter(|it| it.cue == Cue::Private && it.range.len() == 1)
        {
            let start = evidence.range.start;
            let users = tokens.get(start).is_some_and(|it| it.text == "users");
            if users && (1..=2).any(|back| MOST.contains(&word(start, back))) {
                evidence.cue = Cue::Consumer;
            }
        }
    }

    /// `the highest current drawn by the pump` is in amperes; `the highest instantaneous demand` is no question about now.
    pub(super) fn amperes(&mut self) {
        let of = |cues: &[Cue], at: usize, evidence: &[Evidence]| {
            evidence
                .iter()
                .any(|it| it.range.contains(&at) && cues.contains(&it.cue))
        };
        let known = self.evidence.clone();
        let ordered = self.any(&[Cue::Max, Cue::Min]);
        // "How much current does it consume", as one says in India; one draws amperes.
        let consumes = self.evidence.iter().any(|it| {
            let words = self.tokens.get(it.range.clone()).unwrap_or_default();
            let eaten = |word: &str| {
                ["consum", "eat", "ate", "use", "using", "burn"]
                    .iter()
                    .any(|stem| word.starts_with(stem))
            };
            it.cue == Cue::Use && words.iter().any(|it| eaten(&it.text))
        }) && !self.has(Cue::Electrical);
        let drawn = self
            .tokens
            .iter()
            .any(|it| ["draw", "draws", "drew", "drawing", "pull", "pulls"].contains(&it.text.as_str()));
        let dated = !self.times.is_empty();
        for evidence in self.evidence.iter_mut().filter(|it| it.cue == Cue::Now) {
            let (start, end) = (evidence.range.start, evidence.range.end);
            let text = self.tokens.get(start).map_or("", |it| it.text.as_str());
            let led = start > 0 && of(&[Cue::Max, Cue::Min, Cue::Average], start - 1, &known);
            let next = self.tokens.get(end).map_or("", |it| it.text.as_str());
            let alone = [
                "", "drawn", "in", "of", "through", "on", "by", "was", "for", "the", "my", "our", "did", "pulled",
            ]
            .contains(&next)
                || self.times.iter().any(|it| it.range.start == end);
            let before = start
                .checked_sub(1)
                .and_then(|at| self.tokens.get(at))
                .map_or("", |it| it.text.as_str());
            match text {
                "current" if consumes && ["much", "most", "more", "least", "less"].contains(&before) => {
                    evidence.cue = Cue::Energy;
                }
                "current" if !led && ["consumed", "used", "units"].contains(&next) && dated => {
                    evidence.cue = Cue::Energy;
                }
                // "The current bill, this month".
                "current" if dated && ["bill", "usage", "cost", "consumption"].contains(&next) => {
                    evidence.cue = Cue::Filler;
                }
                "current" if drawn && ["much", "what", "which"].contains(&before) => evidence.cue = Cue::Electrical,
                "current" if led && alone => evidence.cue = Cue::Electrical,
                "instantaneous" if ordered => evidence.cue = Cue::Power,
                _ => {}
            }
        }
    }

    /// `what did November end up costing`: it has come.
    pub(super) fn ended_up(&mut self) {
        let past = self.tokens.iter().any(|it| ["did", "has"].contains(&it.text.as_str()));
        let tokens = &self.tokens;
        for evidence in self.evidence.iter_mut().filter(|it| past && it.cue == Cue::Forecast) {
            let words = tokens.get(evidence.range.clone()).unwrap_or_default();
            if words.first().is_some_and(|it| it.text == "end") {
                evidence.cue = Cue::Filler;
            }
        }
    }

    /// `how much was our electricity` asks for the bill, `how much electricity` for energy.
    pub(super) fn billed(&mut self) {
        let used = self.any(&[Cue::Use, Cue::In(Unit::Kwh), Cue::In(Unit::Wh), Cue::In(Unit::Mwh)]);
        let words: Vec<&str> = self.tokens.iter().map(|it| it.text.as_str()).collect();
        let priced = |start: usize| {
            let whose = usize::from(start > 0 && ["the", "my", "our", "all"].contains(&words[start - 1]));
            let before = words.get(..start - whose).unwrap_or_default();
            let verb = before.last().is_some_and(|it| ["was", "is", "were"].contains(it));
            verb && before
                .get(..before.len() - 1)
                .is_some_and(|it| it.ends_with(&["how", "much"]))
        };
        let found = |it: &Evidence| {
            let noun = words
                .get(it.range.clone())
                .is_some_and(|it| *it == ["electricity"] || *it == ["electric"]);
            // "October's electric came to how much?"
            let next = words.get(it.range.end).copied().unwrap_or_default();
            let came = ["came", "come", "comes"].contains(&next) && words.get(it.range.end + 1) == Some(&"to");
            it.cue == Cue::Energy && noun && (came || priced(it.range.start))
        };
        let came = self
            .tokens
            .windows(2)
            .any(|it| ["came", "comes", "come"].contains(&it[0].text.as_str()) && it[1].text == "to");
        if used && !came {
            return;
        }
        let at = self.evidence.iter().position(found);
        if let Some(evidence) = at.and_then(|at| self.evidence.get_mut(at)) {
            evidence.cue = Cue::Cost;
        }
    }

    /// `the lowest power use last night` is a power, `the day with the lowest` one of energy.
    pub(super) fn power_used(&mut self) {
        let ordered = self.any(&[Cue::Max, Cue::Min]);
        let other =
            self.any(&[Cue::Device, Cue::Consumer, Cue::Use, Cue::Top, Cue::Total]) || bucket_noun(self).is_some();
        if !ordered || other || per(self).is_some() || self.mentions.len() > 1 {
            return;
        }
        let tokens = &self.tokens;
        for evidence in self.evidence.iter_mut().filter(|it| it.cue == Cue::Energy) {
            let words = tokens.get(evidence.range.clone()).unwrap_or_default();
            if words.len() > 1 && words.first().is_some_and(|it| it.text == "power") {
                evidence.cue = Cue::Power;
            }
        }
    }

    /// `units and amount`: money beside energy.
    pub(super) fn amounts(&mut self) {
        let tokens = &self.tokens;
        let is = |at: Option<usize>, words: &[&str]| {
            at.and_then(|at| tokens.get(at))
                .is_some_and(|it| words.contains(&it.text.as_str()))
        };
        let energy = self.any(&[Cue::In(Unit::Kwh), Cue::Energy]);
        for evidence in self.evidence.iter_mut().filter(|it| energy && it.cue == Cue::Filler) {
            let start = evidence.range.start;
            let the = usize::from(is(start.checked_sub(1), &["the"]));
            let joined = is(start.checked_sub(1 + the), &["and", "plus"]);
            let alone = !is(Some(evidence.range.end), &["of", "used", "consumed"]);
            if joined && alone && evidence.range.len() == 1 && is(Some(start), &["amount"]) {
                evidence.cue = Cue::Cost;
            }
        }
    }

    /// `was the car charged`: it ran; what one is charged for costs.
    pub(super) fn charged(&mut self) {
        let ends: Vec<usize> = self.mentions.iter().map(|it| it.range.end).collect();
        let tokens = &self.tokens;
        let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
        for evidence in self.evidence.iter_mut().filter(|it| it.cue == Cue::Cost) {
            let at = evidence.range.start;
            let led = ends.contains(&at)
                || at > 0 && ["was", "get", "been", "being", "getting", "got", "is"].contains(&word(at - 1));
            let billed = ["us", "me", "for", "per"].contains(&word(at + 1)) || !ends.iter().any(|end| *end <= at);
            if word(at) == "charged" && evidence.range.len() == 1 && led && !billed {
                evidence.cue = Cue::Runs;
            }
        }
    }
}
