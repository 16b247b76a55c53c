//! What is meant by a way of speaking: `the heat pump, I mean`, `say the heater used 20 % less`, `is that a lot for a Sunday`.

use super::{
    lexicon::Cue,
    plan::{Bucket, TimeExpr},
    reading::{Evidence, Reading},
    timex::Meaning,
};

/// What is asked about a figure that was told.
const JUDGED: [&str; 14] = [
    "is that a lot",
    "is that much",
    "is that high",
    "is that low",
    "is that bad",
    "is that good",
    "is that normal",
    "is that ok",
    "is it a lot",
    "is this a lot",
    "was that a lot",
    "was that high",
    "was that much",
    "was that normal",
];

/// A step of the calendar as one that comes again.
const fn each(step: Cue) -> Option<Cue> {
    Some(match step {
        Cue::Hour => Cue::PerHour,
        Cue::Day => Cue::PerDay,
        Cue::Week => Cue::PerWeek,
        Cue::Month => Cue::PerMonth,
        Cue::Year => Cue::PerYear,
        _ => return None,
    })
}

impl Reading {
    fn word(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.tokens.get(at)).map_or("", |it| it.text.as_str())
    }

    pub(super) fn says_phrase(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        let text = self.tokens.iter().map(|it| it.text.as_str()).collect::<Vec<_>>();
        text.windows(words.len()).any(|it| it == words)
    }

    /// `more on heating? The heat pump, I mean`: what stands beside "I mean" is meant alone.
    pub(super) fn meant(&mut self) {
        let says = |it: &Evidence| {
            let words = self.tokens.get(it.range.clone()).unwrap_or_default();
            it.cue == Cue::Follow && words.len() > 1 && words[0].text == "i" && words[1].text.starts_with("mean")
        };
        let Some(at) = self.evidence.iter().find(|it| says(it)).map(|it| it.range.start) else {
            return;
        };
        let sentence = |at: usize| self.tokens.get(at).map(|it| it.sentence);
        let beside = |it: &super::entities::Mention| sentence(it.range.start) == sentence(at);
        let elsewhere = self.mentions.iter().any(|it| !beside(it) && it.range.start < at);
        if elsewhere && self.mentions.iter().any(beside) {
            let kept = self.mentions.iter().filter(|it| beside(it));
            self.mentions = kept.cloned().collect();
        }
    }

    /// `say the heater used 20 % less, how much less would we pay`: something is supposed.
    pub(super) fn supposed(&mut self) {
        let changed = self
            .tokens
            .iter()
            .any(|it| ["%", "percent", "half"].contains(&it.text.as_str()));
        let would = self.tokens.iter().any(|it| it.text == "would");
        if !changed || !would || self.has(Cue::WhatIf) {
            return;
        }
        let led = |it: &Evidence| {
            let next = self.word(Some(it.range.end));
            self.word(Some(it.range.start)) == "say"
                && it.range.len() == 1
                && ["the", "my", "our", "we", "i"].contains(&next)
        };
        let Some(found) = self.evidence.iter().position(led) else {
            return;
        };
        if let Some(evidence) = self.evidence.get_mut(found) {
            evidence.cue = Cue::WhatIf;
        }
    }

    /// `what is the electricity going to run us`: nothing is split.
    pub(super) fn going_to(&mut self) {
        let next = |it: &Evidence| {
            let to = self.word(it.range.end.checked_sub(1)) == "to";
            let verb = ["run", "cost", "be", "come", "set", "end", "total"].contains(&self.word(Some(it.range.end)));
            it.cue == Cue::Breakdown && to && verb
        };
        let Some(found) = self.evidence.iter().position(next) else {
            return;
        };
        let range = self.evidence[found].range.clone();
        self.evidence[found] = Evidence {
            cue: Cue::Energy,
            range: range.start..range.start + 1,
        };
        let going = Evidence {
            cue: Cue::Forecast,
            range: range.start + 1..range.end,
        };
        self.evidence.insert(found + 1, going);
    }

    /// `is today the highest day of the month`: of the month, not of today.
    pub(super) fn is_it_the_most(&mut self) {
        let [first, second] = self.times.as_slice() else {
            return;
        };
        let day = matches!(
            first.meaning,
            Meaning::Expr(TimeExpr::Calendar { unit: Bucket::Day, .. })
        );
        let longer = matches!(second.meaning, Meaning::Expr(TimeExpr::Calendar { unit, .. }) if unit > Bucket::Day);
        let asked = ["is", "was", "has"].contains(&self.word(Some(0))) && first.range.start == 1;
        if day && longer && asked && self.any(&[Cue::Max, Cue::Min]) {
            self.times.remove(0);
        }
    }

    /// `put June next to May`: beside each other.
    pub(super) fn put_beside(&mut self) {
        let compared = self.has(Cue::Compare) && self.times.len() == 2;
        self.unknown.retain(|(word, _)| !compared || word != "put");
    }

    /// `any gaps when the clocks went back on Saturday night`: what says more exactly when is meant.
    pub(super) fn beside_a_change(&mut self) {
        let change = |it: &super::timex::TimeMention| it.meaning == Meaning::Expr(TimeExpr::ClockChange);
        let several = self.times.len() == 2 && self.times.iter().filter(|it| change(it)).count() == 1;
        if several && !self.any(&super::settle::APART) {
            self.times.retain(|it| !change(it));
        }
    }

    /// `on average, what is a month costing us this year`: nothing is defined.
    pub(super) fn what_is_a_month(&mut self) {
        if self.times.is_empty() {
            return;
        }
        // "What does one week cost on average?"
        let (mean, tokens) = (self.has(Cue::Average), &self.tokens);
        for evidence in self.evidence.iter_mut().filter(|_| mean) {
            let before = evidence.range.start.checked_sub(1).and_then(|at| tokens.get(at));
            if evidence.range.len() == 1 && before.is_some_and(|it| it.text == "one") {
                evidence.cue = each(evidence.cue).unwrap_or(evidence.cue);
            }
        }
        let Some(at) = self.evidence.iter().position(|it| it.cue == Cue::Definition) else {
            return;
        };
        let next = self.evidence[at].range.end;
        let Some(step) = self.evidence.iter_mut().find(|it| it.range == (next..next + 1)) else {
            return;
        };
        if let Some(per) = each(step.cue) {
            step.cue = per;
            self.evidence[at].cue = Cue::What;
        }
    }

    /// `the normal fridge`, `which may explain a lot`: nothing unusual, and no reason is asked for.
    pub(super) fn plainly(&mut self) {
        let starts: Vec<usize> = self.mentions.iter().map(|it| it.range.start).collect();
        let shared = self.has(Cue::Share);
        let tokens = &self.tokens;
        let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |it| it.text.as_str());
        for evidence in &mut self.evidence {
            let (start, end) = (evidence.range.start, evidence.range.end);
            let kind = evidence.cue == Cue::Unusual && starts.contains(&end) && word(Some(start)) == "normal";
            let may = ["may", "might", "could", "would"].contains(&word(start.checked_sub(1)));
            let explains = evidence.cue == Cue::Why && word(Some(start)) == "explain" && may;
            // "How many percent was due to the heat pump?"
            let due = evidence.cue == Cue::Why && shared && word(Some(start)) == "due";
            if kind || explains || due {
                evidence.cue = Cue::Filler;
            }
        }
    }

    /// `what does 1 wash cost`: a single one, and no number.
    pub(super) fn one_of_it(&mut self) {
        let starts: Vec<usize> = self.mentions.iter().map(|it| it.range.start).collect();
        let run = |at: usize| {
            let words = ["wash", "load", "cycle", "run", "charge", "session", "shower"];
            self.tokens.get(at).is_some_and(|it| words.contains(&it.text.as_str()))
        };
        let single =
            |(value, at): &(f64, usize)| (*value - 1.0).abs() < 1e-9 && (starts.contains(&(at + 1)) || run(at + 1));
        self.numbers.retain(|it| !single(it));
    }

    /// `Children's Day, 5 May`: what a day is called that is said beside it.
    pub(super) fn named_day(&mut self) {
        let dated = self
            .times
            .iter()
            .any(|it| matches!(&it.meaning, Meaning::Expr(TimeExpr::Dates(a, b)) if a == b));
        let tokens = &self.tokens;
        let named = |(_, at): &(String, usize)| tokens.get(at + 1).is_some_and(|it| it.text == "day");
        if !dated || !self.unknown.iter().any(named) {
            return;
        }
        let days: Vec<usize> = self
            .unknown
            .iter()
            .filter(|it| named(it))
            .map(|(_, at)| at + 1)
            .collect();
        self.unknown.retain(|it| !named(it));
        for evidence in &mut self.evidence {
            if evidence.range.len() == 1 && days.contains(&evidence.range.start) {
                evidence.cue = Cue::Filler;
            }
        }
    }

    /// `is that a lot for a Sunday`: whether a figure that was told is more or less than usual.
    pub(super) fn judged(&mut self) {
        // "Was yesterday normal for a Tuesday?"
        let normal = ["normal", "usual", "typical", "high", "low"]
            .iter()
            .any(|it| self.says_phrase(&format!("{it} for a")));
        let asked = JUDGED.iter().any(|it| self.says_phrase(it)) || normal;
        if !asked || self.mentions.len() + self.numbers.len() > 0 {
            return;
        }
        let for_a = |start: usize| {
            let a = usize::from(["a", "an"].contains(&self.word(start.checked_sub(1))));
            self.word(start.checked_sub(1 + a)) == "for"
                || ["a", "an"].contains(&self.word(Some(start))) && self.word(start.checked_sub(1)) == "for"
        };
        let day = |it: &super::timex::TimeMention| matches!(it.meaning, Meaning::Expr(TimeExpr::Weekday { .. }));
        match self.times.as_slice() {
            [] => {}
            [only] if day(only) && for_a(only.range.start) => self.times.clear(),
            [_, second] if day(second) && for_a(second.range.start) => self.times.truncate(1),
            _ => return,
        }
        if !self.has(Cue::Unusual) {
            let end = self.tokens.len();
            self.evidence.push(Evidence {
                cue: Cue::Unusual,
                range: end..end,
            });
        }
    }
}
