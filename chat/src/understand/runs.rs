//! When something was on: how often, how long, the first and the last time, and what each run took.

use super::{
    frame::Frame,
    lexicon::Cue,
    measure::per,
    plan::Want,
    plan::{Bucket, Metric, Operation, Plan, TimeExpr},
    timex,
};

impl Frame<'_> {
    /// The plan of a question about when, how often or how long something was on.
    pub(super) fn runs(&self) -> Option<Plan> {
        // "How long is the history?"
        if self.has(Cue::DataRange) {
            return None;
        }
        let (want, metric) = self.wanted()?;
        let metered = self.measure.energy || self.measure.cost;
        // "How many times this month?" is about the one that was spoken of.
        let goes_on =
            matches!(want, Want::Count | Want::Duration) && self.times == 1 && !self.extreme() && !self.is_repeated();
        (self.named > 0 || self.times == 0 || goes_on || self.has(Cue::Pronoun))
            .then_some(())
            .filter(|()| want == Want::PerRun || !metered && self.reading.unit().is_none())?;
        let spoken_of = self.has(Cue::Pronoun) && self.named == 0 && !self.has(Cue::Last);
        let whenever = matches!(want, Want::Last | Want::LastOff) && self.times == 0 && !spoken_of;
        Some(Plan {
            want: Some(want),
            bucket: per(self.reading).filter(|it| want == Want::Count && *it == Bucket::Day),
            period: whenever.then_some(TimeExpr::All),
            ..Plan::new(Operation::Runs, metric)
        })
    }

    /// "How many loads? - And what did one cost?", "when was the last one", "how long for": of the runs that were asked about.
    pub(crate) fn of_those_runs(&self, last: &Plan) -> Option<Plan> {
        const ONE: [&str; 20] = [
            "one of them cost",
            "one of those cost",
            "one of these cost",
            "each time cost",
            "one time cost",
            "each go cost",
            "each one run me",
            "each one run us",
            "price of one",
            "cost of one",
            "price of each",
            "cost of each",
            "did one cost",
            "does one cost",
            "one costs",
            "one cost",
            "did each cost",
            "does each cost",
            "each one cost",
            "each cost",
        ];
        let bare = self.named == 0 && self.times == 0 && !last.selection.is_home();
        if !bare || last.operation != Operation::Runs || !self.reading.unknown.is_empty() {
            return None;
        }
        let of = |want, metric| Plan {
            want: Some(want),
            metric,
            bucket: None,
            ..last.clone()
        };
        let ended = matches!(last.want, Some(Want::LastOff));
        let took = self.phrases(&[
            "how long did it take",
            "how long did that take",
            "how long was that",
            "how long did it run",
        ]);
        let told = matches!(last.want, Some(Want::Last | Want::Longest));
        let words = self.reading.tokens.len();
        let single = [
            "one of them",
            "one of those",
            "each of them",
            "for one",
            "for each",
            "each one",
        ];
        if self.phrases(&single) && (self.measure.energy || self.measure.cost) {
            Some(of(Want::PerRun, self.measure.metric()))
        } else if self.phrases(&ONE) {
            Some(of(Want::PerRun, Metric::Cost))
        } else if self.has(Cue::When) && self.phrases(&["last one", "latest one"]) {
            Some(Plan {
                period: Some(TimeExpr::All),
                ..of(Want::Last, Metric::Runs)
            })
        } else if self.says(&["longest"]) && (words <= 4 || self.phrase("longest one")) {
            Some(of(Want::Longest, Metric::Runs))
        } else if ended && took || self.how_long_that(last) {
            Some(of(Want::Last, Metric::Runs))
        } else if told && words <= 4 && self.phrases(&["how long for", "for how long"]) {
            Some(last.clone())
        } else {
            None
        }
    }

    /// "When was its last load? - How long did that load take?"
    fn how_long_that(&self, last: &Plan) -> bool {
        let that = [
            "that load",
            "that run",
            "that wash",
            "that cycle",
            "that session",
            "that charge",
        ];
        let one = matches!(last.want, Some(Want::Last | Want::LastOff));
        one && self.phrase("how long") && self.phrases(&that)
    }

    fn wanted(&self) -> Option<(Want, Metric)> {
        let of = |want| Some((want, Metric::Runs));
        // "How long did they last?" asks for no last one.
        let lasts = [
            "they last",
            "it last",
            "each last",
            "one last",
            "runs last",
            "sessions last",
            "loads last",
        ];
        let last = self.has(Cue::Last) && !(self.phrase("how long") && self.phrases(&lasts));
        if self.per_run() && !self.says(&["length", "long", "duration", "minutes", "hours"]) {
            let metered = self.measure.energy || self.measure.cost || self.has(Cue::Use) || self.times == 0;
            // "How much is one load" is said of money.
            let priced = self.phrases(&["how much is", "how much for"]) && !self.measure.energy && !self.has(Cue::Use);
            let metric = if priced { Metric::Cost } else { self.measure.metric() };
            return metered.then_some((Want::PerRun, metric));
        }
        if self.counts() {
            return of(Want::Count);
        }
        if self.says(&["longest"]) && self.says(&["charge", "session", "run", "ran", "cycle", "load", "wash", "on"]) {
            return of(Want::Longest);
        }
        let long = self.phrases(&["how long", "how many hours", "how many minutes", "how much time"])
            || self.reading.has(Cue::Runs) && self.says(&["duration", "runtime", "length"])
            || self.phrases(&["run time", "running time", "running hours", "hours of"])
            || self.per_run() && self.says(&["minutes", "hours"])
            || self.hours();
        if long {
            let one = self.phrases(&[
                "one take",
                "it take",
                "load take",
                "cycle take",
                "wash take",
                "each take",
            ]);
            let usually = self.says(&["usually", "typically", "normally"]);
            if self.phrase("how long ago") {
                return of(Want::Last);
            }
            return of(
                match (
                    self.has(Cue::Average) || self.per_run() || one || usually,
                    self.says(&["longest"]),
                    last,
                ) {
                    (true, false, false) => Want::AverageDuration,
                    (false, true, false) => Want::Longest,
                    (false, false, true) => Want::Last,
                    (false, false, false) => Want::Duration,
                    _ => return None,
                },
            );
        }
        let off = self.says(&["off"]);
        let ended = off
            || self.says(&["finish", "finished", "stop", "stopped", "end", "ended", "quit"])
            || self.phrases(&["get over", "got over"]);
        let began = self.says(&["start", "started", "first", "kick", "kicked"]) || self.is_on();
        let used = self.reading.any(&[Cue::Runs, Cue::On, Cue::Use]) || self.says(&["run"]);
        let until = [
            "until when",
            "till when",
            "until what time",
            "till what time",
            "until how late",
            "till how late",
        ];
        if self.phrases(&until) && self.named > 0 {
            return of(Want::LastOff);
        }
        // "Did the washer finish already?"
        let begins = self.reading.tokens.first().map_or("", |it| it.text.as_str());
        let done = self.says(&["finish", "finished", "stop", "stopped", "end", "ended", "done"]);
        if ["did", "has"].contains(&begins) && self.named == 1 && self.times == 0 && done && !self.has(Cue::When) {
            return of(Want::LastOff);
        }
        if self.has(Cue::When) || last || self.phrase("first time") {
            let times = self.named > 0 || self.times == 0 && used;
            return match (times, last, ended, began) {
                (true, true, _, _) if !off => of(Want::Last),
                (true, _, true, false) => of(Want::LastOff),
                // "When was it turned on" is about the last time, unless days or the first time are named.
                (true, false, false, true) if self.times == 0 && !self.says(&["first"]) => of(Want::Last),
                (true, false, false, true) => of(Want::First),
                _ => None,
            };
        }
        self.whether().then_some((Want::Whether, Metric::Runs))
    }

    /// Whether "on" says that something is on: not "on Friday".
    fn is_on(&self) -> bool {
        const NO_DAY: [&str; 13] = [
            "tonight",
            "again",
            "early",
            "late",
            "yesterday",
            "today",
            "last",
            "this",
            "at",
            "in",
            "between",
            "after",
            "before",
        ];
        let (tokens, times) = (&self.reading.tokens, &self.reading.times);
        let is_day = |at: usize| tokens.get(at).is_some_and(|it| !NO_DAY.contains(&it.text.as_str()));
        let leads = |at: usize| {
            let of = |it: &timex::TimeMention| it.range.contains(&at) || it.range.start == at + 1;
            times.iter().any(of) && is_day(at + 1)
        };
        tokens.iter().enumerate().any(|(at, it)| it.text == "on" && !leads(at))
    }

    /// `TV hours last week`, `total hours the pump ran`, `how much was it on, in hours`.
    fn hours(&self) -> bool {
        let other = self.extreme() || self.reading.any(&[Cue::What, Cue::When, Cue::Average]);
        let alone = self.reading.tokens.len() == 1;
        (self.named > 0 || alone)
            && self.says(&["hours"])
            && self.has(Cue::Hour)
            && !other
            && self.reading.numbers.is_empty()
    }

    /// `per cycle`, `one dryer load`.
    pub(crate) fn per_run(&self) -> bool {
        let word = |at: Option<usize>| {
            at.and_then(|at| self.reading.tokens.get(at))
                .map_or("", |it| it.text.as_str())
        };
        let one = |it: &super::entities::Mention| {
            let of = ["load", "cycle", "run", "wash", "session", "charge"].contains(&word(Some(it.range.end)));
            let own = ["wash", "charge", "dry", "shower", "bath"].contains(&it.words.as_str()) && it.range.len() == 1;
            let each = ["1", "one", "a", "per", "each", "single", "every", "average"];
            let full = ["full", "complete", "whole"].contains(&word(it.range.start.checked_sub(1)));
            (of || own) && each.contains(&word(it.range.start.checked_sub(1 + usize::from(full))))
        };
        // "What does it cost to charge the scooter once?"
        let used_once = self.says(&["once"])
            && self.phrases(&[
                "to run",
                "to charge",
                "to use",
                "to boil",
                "to wash",
                "to heat",
                "to fill",
                "running",
                "charging",
                "using",
            ]);
        self.has(Cue::PerRun) || used_once && self.named > 0 && self.times == 0 || self.reading.mentions.iter().any(one)
    }

    /// `how often`, `how many times`, `how many runs`, `how many showers`.
    fn counts(&self) -> bool {
        let named = |it: &super::entities::Mention| {
            let before = it.range.start.checked_sub(2).unwrap_or(it.range.end);
            let words = self.reading.tokens.get(before..it.range.start).unwrap_or_default();
            let words: Vec<&str> = words.iter().map(|it| it.text.as_str()).collect();
            ["how many", "number of", "count of"].contains(&words.join(" ").as_str()) && !self.has(Cue::Have)
        };
        let many = [
            "how often",
            "how many times",
            "how many runs",
            "how many cycles",
            "how many sessions",
            "how many loads",
            "how many wash loads",
            "how many washes",
            "how many charging sessions",
            "number of starts",
            "how many starts",
            "number of runs",
            "number of times",
            "number of loads",
            "number of cycles",
            "number of washes",
        ];
        // "Washer runs last week".
        let noun = |it: &super::entities::Mention| {
            let next = self.reading.tokens.get(it.range.end).map_or("", |it| it.text.as_str());
            ["runs", "cycles", "loads", "sessions"].contains(&next)
        };
        let told = self.times > 0 || self.has(Cue::Pronoun);
        let first = self.reading.tokens.first().map_or("", |it| it.text.as_str());
        let counted = first == "times" || self.says(&["count"]);
        // "Loads in the washer last week".
        let amount = self
            .reading
            .any(&[Cue::HowMuch, Cue::What, Cue::Cost, Cue::Energy, Cue::Average]);
        let loads = self.says(&["loads", "cycles", "sessions"]) && self.named > 0 && self.times == 1 && !amount;
        (counted || loads) && self.has(Cue::Runs) && self.named > 0
            || self.phrases(&many)
            || self.reading.mentions.iter().any(named) && told
            || self.reading.mentions.iter().any(noun)
                && self
                    .reading
                    .evidence
                    .iter()
                    .all(|it| it.cue.is_empty() || it.cue == Cue::Runs)
    }

    /// A yes-or-no question about a past period.
    fn whether(&self) -> bool {
        let tokens = &self.reading.tokens;
        let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
        // "The heater: was it on last night", "and has the dryer been used today".
        let starts = |at: &usize| {
            let before = at.checked_sub(1);
            let led = before.is_some_and(|before| ["and", "also", "so", "but"].contains(&word(before)));
            led || before
                .is_none_or(|before| tokens.get(before).map(|it| it.clause) != tokens.get(*at).map(|it| it.clause))
        };
        // "Anyone use the dryer today?"
        let whoever = ["anyone", "anybody", "someone", "somebody"].contains(&word(0));
        let verb = |at: &usize| whoever || ["did", "was", "were", "has", "have"].contains(&word(*at));
        let begins = (0..tokens.len()).filter(starts).find(verb);
        let first = begins.map_or("", word);
        let begins = begins.is_some();
        let other = [
            Cue::HowMuch,
            Cue::What,
            Cue::When,
            Cue::MoreLess,
            Cue::Compare,
            Cue::Energy,
            Cue::Cost,
            Cue::Power,
            Cue::Max,
            Cue::Min,
        ];
        // "Was it on Saturday night": what else would it have been.
        let on = ["was", "were"].contains(&first) && self.says(&["on"]);
        let ran = on || self.reading.any(&[Cue::Runs, Cue::On, Cue::Use]) || first == "did" && self.says(&["charge"]);
        let whose = self.named > 0 || self.has(Cue::Pronoun);
        // "Was the oven on at all in that time": the one that was spoken of.
        let then = self.times == 0
            && self.phrases(&[
                "that time",
                "that period",
                "that stretch",
                "those days",
                "that week",
                "that month",
            ]);
        // "The vacuum ran today or not?"
        let or_not = self.phrases(&["or not", "or no"]) && self.says(&["ran", "run", "on", "used"]);
        (begins || or_not) && whose && (self.times == 1 || then) && ran && !self.reading.any(&other)
    }
}
