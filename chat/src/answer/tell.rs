//! The sentences and facts of each kind of finding.

mod analysis;
mod at_extreme;
mod compared;
mod electrical;
pub(super) mod habit;
mod home;
mod quantity;
mod runs;
mod special;
mod total;

use super::{
    Telling,
    event::{Fact, pair},
    format::Format,
};
use crate::{
    execute::{Findings, Found, model::House},
    understand::{
        plan::{Direction, Metric, Plan},
        timex,
    },
};

/// What is told, and how.
pub(super) struct Teller<'a> {
    pub(super) plan: &'a Plan,
    pub(super) house: &'a House,
    pub(super) found: &'a Found,
    pub(super) format: &'a Format,
}

impl Teller<'_> {
    pub(super) fn tell(&self, out: &mut Telling) {
        match &self.found.findings {
            Findings::Total { whole, parts, .. } => self.total(out, whole, parts),
            Findings::PerUnit { whole, units, value, bucket, .. } => {
                let name = timex::name_of(*bucket);
                out.covers(whole);
                let label = format!("{}, average per {name}, {}", self.who(whole), self.format.period(whole.interval));
                let how = format!("total / {} {name}s", self.format.fixed(*units, 1));
                out.fact(Fact { how, ..self.quantity(*value, label, whole) });
                out.fact(self.metric_fact(whole));
                let (each, sum) = (self.value(*value), self.figure(whole));
                out.say(format!("{}: {each} per {name} on average, {sum} in total, {}.", self.who(whole), self.format.period(whole.interval)));
            }
            Findings::MeanPower { parts, .. } => {
                for part in parts {
                    out.covers(part);
                    let watts = part.average_watts.unwrap_or(f64::NAN);
                    let text = self.format.power(watts, self.plan.unit);
                    let when = self.format.period(part.interval);
                    out.fact(self.power_fact(watts, format!("{}, average power, {when}", self.who(part)), part, None, "energy / covered time"));
                    out.say(format!("{}: {text} on average, {when}.", self.who(part)));
                }
            }
            Findings::Sample { whole, watts, at, .. } => {
                out.covers(whole);
                let word = if self.plan.direction == Direction::Least { "lowest power" } else { "peak power" };
                let label = format!("{}, {word}, {}", self.who(whole), self.format.period(whole.interval));
                out.fact(self.power_fact(*watts, label, whole, Some(*at), "the sample itself, the earliest of equals"));
                out.fact(self.time_fact(format!("Time of the {word}"), self.format.moment(*at), *at));
                out.say(format!("The {word} of {} was {} on {}.", self.name(whole), self.format.power(*watts, self.plan.unit), self.format.moment(*at)));
                out.say(format!("Period: {}.", self.format.period(whole.interval)));
            }
            Findings::Step { whole, step, value, skipped, .. } => self.step(out, whole, *step, *value, *skipped),
            Findings::Ranked { ordered, home, rank } => self.ranked(out, ordered, home, *rank),
            Findings::Steps { whole, bucket, .. } => {
                out.covers(whole);
                out.fact(self.metric_fact(whole));
                let when = self.format.period(whole.interval);
                out.say(format!("{} per {}: {} in total, {when}.", self.who(whole), timex::name_of(*bucket), self.figure(whole)));
            }
            Findings::Periods { now, before, full_before, change, ratio } => {
                self.periods(out, now, before, full_before.as_ref());
                self.change(out, *change, *ratio, before);
            }
            Findings::Devices { parts, difference } => self.devices(out, parts, *difference),
            Findings::Share { part, home, share } => {
                out.covers(part);
                out.covers(home);
                let when = self.format.period(part.interval);
                let label = format!("{}, share of the home, {when}", self.who(part));
                out.fact(Fact { label, value: Some(share * 100.0), unit: "%".into(), text: self.format.share(*share), period: Some(pair(part.interval)), how: "its part / the home's total".into(), device: part.device, ..Fact::default() });
                out.fact(self.metric_fact(part));
                out.fact(self.metric_fact(home));
                out.say(format!("{}: {} of the home's {}, that is {} of {}, {when}.", self.who(part), self.format.share(*share), if self.plan.metric == Metric::Cost { "cost" } else { "energy" }, self.figure(part), self.figure(home)));
            }
            Findings::Analysis { whole, analysis } => self.analysis(out, whole.as_ref(), analysis),
            Findings::Special(it) => self.special(out, it),
            Findings::Live { home_watts, rows, all } => self.live(out, *home_watts, rows, *all),
            Findings::Inventory { range } => self.inventory(out, *range),
            Findings::Settings => self.settings(out),
            Findings::Help => out.say("Ask me about this home's energy: what it or a device used or cost over any period, averages, peaks and when they were, the highest or lowest hour, day or month, rankings, shares, comparisons of periods or devices, what is on now, your devices and your tariff. I remember the last questions: “and yesterday?” works."),
        }
    }
}
