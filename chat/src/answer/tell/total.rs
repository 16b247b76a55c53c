//! Totals, steps and rankings.

use voltaire_types::Interval;

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
        refusal::list,
    },
    execute::{model::Summary, value_of},
    understand::{
        plan::{Direction, Metric, Want},
        timex::{self, Stretch},
    },
};

impl Teller<'_> {
    pub(super) fn total(&self, out: &mut Telling, whole: &Summary, parts: &[Summary]) {
        out.covers(whole);
        let when = self.format.period(whole.interval);
        let cost = self.plan.metric == Metric::Cost;
        for part in parts {
            out.fact(self.metric_fact(part));
        }
        let each: Vec<String> = parts
            .iter()
            .map(|it| {
                let figure = if it.is_empty() {
                    "no readings".to_owned()
                } else {
                    self.figure(it)
                };
                format!("{} {figure}", self.who(it))
            })
            .collect();
        out.fact(self.metric_fact(whole));
        let verb = if cost { "cost" } else { "used" };
        if self.plan.selection.each && !parts.is_empty() {
            out.say(format!("{when}: {}; {} together.", list(&each), self.figure(whole)));
        } else if self.plan.selection.is_home() {
            let subject = if cost { "Your electricity cost" } else { "You used" };
            out.say(format!("{subject} {}, {when}.", self.figure(whole)));
        } else {
            out.say(format!("{} {verb} {}, {when}.", self.who(whole), self.figure(whole)));
            if !parts.is_empty() {
                out.say(format!("That is {}.", list(&each)));
            }
        }
        if self.plan.also.contains(&Metric::Cost) && !cost {
            if self.house.home.tariffs.is_empty() {
                out.say("No tariff is set, so I cannot tell what it cost: set one in the settings.");
            } else {
                out.fact(self.cost_fact(whole));
                out.say(format!("It cost {}.", self.format.money(whole.cost)));
            }
        }
        if cost && !whole.standing_charge.is_zero() {
            out.say(format!(
                "This includes {} standing charge.",
                self.format.money(whole.standing_charge)
            ));
        }
        self.each_time(out, whole);
        if let (false, Some(watts)) = (cost || !parts.is_empty(), whole.average_watts) {
            out.say(format!("That is {} on average.", self.format.power(watts, None)));
        }
    }

    /// What each of several stretches took on average.
    fn each_time(&self, out: &mut Telling, whole: &Summary) {
        let Some(when) = self.found.stretches.first().filter(|it| it.each.len() > 1) else {
            return;
        };
        let count: f64 = when.each.iter().map(Stretch::part).sum();
        let (each, noun) = if when.window.is_some() {
            ("each time", "times")
        } else {
            ("per day", "days")
        };
        let mean = value_of(whole, self.plan.metric) / count.max(f64::MIN_POSITIVE);
        let label = format!(
            "{}, average {each}, {}",
            self.who(whole),
            self.format.period(whole.interval)
        );
        out.fact(Fact {
            how: format!(
                "total / {} {noun}",
                self.format.fixed(count, u32::from(count.fract() > 0.0))
            ),
            ..self.quantity(mean, label, whole)
        });
        out.say(format!("That is {} {each} on average.", self.value(mean)));
    }

    pub(super) fn step(&self, out: &mut Telling, whole: &Summary, step: Interval, value: f64, skipped: usize) {
        out.covers(whole);
        let name = self.plan.bucket.map_or("step", timex::name_of);
        let word = if self.plan.direction == Direction::Least {
            "lowest"
        } else {
            "highest"
        };
        let when = self.format.period(step);
        let label = format!("{}, {word} {name}, {when}", self.who(whole));
        let fact = self.quantity(value, label, whole);
        out.fact(Fact {
            period: Some(pair(step)),
            time: Some(step.start),
            how: format!("{word} of all {name}s of the period"),
            ..fact
        });
        out.fact(self.time_fact(format!("The {word} {name}"), when.clone(), step.start));
        let what = if self.plan.metric == Metric::Cost {
            "cost"
        } else {
            "use"
        };
        out.say(format!(
            "The {name} with the {word} {what} of {} was {when}, with {}.",
            self.name(whole),
            self.value(value)
        ));
        out.say(format!("Period: {}.", self.format.period(whole.interval)));
        if skipped > 0 {
            out.say(format!("{skipped} {name}s without complete readings do not count in."));
        }
        if self.plan.metric == Metric::Cost && !whole.standing_charge.is_zero() {
            out.say("This includes the standing charge of each.");
        }
    }

    pub(super) fn ranked(&self, out: &mut Telling, ordered: &[Summary], home: &Summary, rank: usize) {
        let limit = if self.plan.limit == 0 {
            ordered.len()
        } else {
            self.plan.limit as usize
        };
        let when = self.format.period(home.interval);
        let shown: Vec<&Summary> = if self.plan.rank > 0 {
            ordered.iter().skip(rank).take(1).collect()
        } else {
            ordered.iter().take(limit).collect()
        };
        for it in &shown {
            out.fact(self.metric_fact(it));
            out.covers(it);
        }
        let cost = self.plan.metric == Metric::Cost;
        let most = self.plan.direction == Direction::Most;
        if let [only] = shown.as_slice() {
            let place = match self.plan.rank {
                0 | 1 => String::new(),
                place => format!("Number {place}: "),
            };
            let verb = match (cost, most) {
                (false, true) => "used the most",
                (false, false) => "used the least",
                (true, true) => "cost the most",
                (true, false) => "cost the least",
            };
            let share = value_of(only, self.plan.metric) / value_of(home, self.plan.metric);
            let verb = if self.plan.rank > 1 {
                if cost { "cost" } else { "used" }
            } else {
                verb
            };
            out.say(format!(
                "{place}{} {verb}{} {}, {when}.",
                self.who(only),
                if self.plan.rank > 1 { "" } else { ":" },
                self.figure(only)
            ));
            if self.plan.selection.is_home() && (0.0..=1.0).contains(&share) {
                out.say(format!("That is {} of the home.", self.format.share(share)));
            }
            if !self.plan.selection.is_home() {
                let rest: Vec<String> = ordered
                    .iter()
                    .map(|it| format!("{} {}", self.who(it), self.figure(it)))
                    .collect();
                out.say(format!("{}.", list(&rest)));
            }
            return;
        }
        let lines: Vec<String> = shown
            .iter()
            .map(|it| format!("{} {}", self.who(it), self.figure(it)))
            .collect();
        out.say(format!("{when}: {}.", list(&lines)));
        if self.plan.selection.is_home() {
            out.fact(self.metric_fact(home));
            out.say(format!("The whole home: {}.", self.figure(home)));
        }
        if ordered.len() < limit && self.plan.limit > 1 {
            let things = if self.plan.want == Some(Want::Rooms) {
                "rooms"
            } else {
                "devices"
            };
            out.say(format!("Only {} {things} have readings in that period.", ordered.len()));
        }
    }
}
