//! What goes beyond one figure of telemetry's: parts of a period, the usual, simple changes, what is left over.

use voltaire_types::DeviceId;

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
        refusal::list,
    },
    execute::{
        model::Summary,
        special::{Side, Special},
    },
    understand::{
        plan::{Bucket, Versus},
        timex,
    },
};

/// A difference below this share is told as none.
const SAME: f64 = 0.05;

impl Teller<'_> {
    pub(super) fn special(&self, out: &mut Telling, special: &Special) {
        match special {
            Special::Sides { whole, sides } => self.sides(out, whole, sides),
            Special::Usual {
                whole,
                happened,
                expected,
            } => self.usual(out, whole, *happened, *expected),
            Special::Electrical { of } => self.electrical(out, of),
            Special::Supposed {
                whole,
                before,
                after,
                per,
            } => self.supposed(out, whole, (*before, *after), *per),
            Special::Untracked { rest, home, metered } => self.untracked(out, rest, home, *metered),
            Special::Unused { unused, silent, asked } => self.unused(out, unused, silent, *asked),
            Special::AtExtreme {
                whole,
                sample,
                home,
                devices,
            } => self.at_extreme(out, whole, *sample, (home, devices)),
        }
    }

    fn sides(&self, out: &mut Telling, whole: &Summary, sides: &[Side; 2]) {
        out.covers(whole);
        let per = match self.plan.versus {
            Some(Versus::DayNight) => "hour",
            _ => "day",
        };
        let when = self.format.period(whole.interval);
        let rate = |side: &Side| (side.units > 0.0).then(|| side.total / side.units);
        for side in sides {
            let label = format!("{}, {}, {when}", self.who(whole), side.name);
            let how = "the local days or hours of that kind, added".to_owned();
            out.fact(Fact {
                how,
                ..self.quantity(side.total, label, whole)
            });
            if let Some(rate) = rate(side) {
                let label = format!("{}, {}, per {per}, {when}", self.who(whole), side.name);
                let how = format!("the total / the {per}s of that kind with readings");
                out.fact(Fact {
                    how,
                    ..self.quantity(rate, label, whole)
                });
            }
        }
        let [first, second] = sides;
        let (Some(one), Some(other)) = (rate(first), rate(second)) else {
            let none = if first.units > 0.0 { second.name } else { first.name };
            let had = if first.units > 0.0 { first } else { second };
            out.say(format!(
                "{}: {} {}, {when}. Nothing was measured {none}, so there is nothing to compare.",
                self.who(whole),
                self.value(had.total),
                had.name
            ));
            return;
        };
        out.say(format!(
            "{}: {} per {per} {}, {} per {per} {}, {when}.",
            self.who(whole),
            self.value(one),
            first.name,
            self.value(other),
            second.name
        ));
        self.against(out, whole, (other, one), (second.name, first.name));
        let totals = format!("{} and {}", self.value(first.total), self.value(second.total));
        out.say(format!("In total that is {totals}."));
    }

    /// How far one value is from another, and in percent.
    fn against(&self, out: &mut Telling, whole: &Summary, (new, old): (f64, f64), (this, that): (&str, &str)) {
        let (change, ratio) = (new - old, (old.abs() > f64::EPSILON).then(|| (new - old) / old));
        out.fact(Fact {
            how: format!("{this} less {that}"),
            ..self.quantity(change, "Difference".into(), whole)
        });
        if let Some(ratio) = ratio {
            out.fact(Fact {
                label: "Difference in percent".into(),
                value: Some(ratio * 100.0),
                unit: "%".into(),
                text: self.format.change(ratio),
                how: format!("the difference / {that}"),
                ..Fact::default()
            });
        }
        let size = self.value(change.abs());
        let word = if change > 0.0 { "more" } else { "less" };
        let share = ratio
            .map(|it| format!(", {}", self.format.change(it)))
            .unwrap_or_default();
        out.say(match ratio {
            Some(it) if it.abs() < SAME => format!("That is about the same: {size} {word} {this}{share}."),
            _ => format!("That is {size} {word} {this}{share}."),
        });
    }

    fn usual(&self, out: &mut Telling, whole: &Summary, happened: f64, expected: Option<f64>) {
        out.covers(whole);
        let when = self.format.period(whole.interval);
        let label = format!("{}, {when}", self.who(whole));
        out.fact(self.quantity(happened, label, whole));
        let Some(expected) = expected else {
            out.say(format!(
                "{}: {}, {when}. What is usual I can tell only with four complete weeks of readings before it.",
                self.who(whole),
                self.value(happened)
            ));
            return;
        };
        let label = format!("{}, usual, {when}", self.who(whole));
        out.fact(Fact {
            how: "the same part of each day: the median of the same weekday in the 8 weeks before".into(),
            coverage: None,
            ..self.quantity(expected, label, whole)
        });
        let verdict = match (happened - expected) / expected {
            ratio if ratio.abs() < SAME => "as usual",
            ratio if ratio > 0.0 => "more than usual",
            _ => "less than usual",
        };
        out.say(format!(
            "{}: {verdict}, {} against the usual {}, {when}.",
            self.who(whole),
            self.value(happened),
            self.value(expected)
        ));
        self.against(out, whole, (happened, expected), ("than usual", "the usual"));
        out.say("Usual is the median of the same weekdays and hours in the 8 weeks before.");
    }

    fn supposed(&self, out: &mut Telling, whole: &Summary, (before, after): (f64, f64), per: Option<Bucket>) {
        out.covers(whole);
        let when = self.format.period(whole.interval);
        let price = self.plan.amount.map(|it| self.format.price(&it.to_string()));
        // What is supposed: in the label of what would have been, how it is computed, and at the head of the answer.
        let (with, how, head) = match (self.plan.factor, price) {
            (Some(factor), _) => {
                let word = if factor < 1.0 { "less" } else { "more" };
                let share = format!("{} {word}", self.format.share((factor - 1.0).abs()));
                let how = format!("as it was × {}", self.format.fixed(factor, 2));
                (format!("with {share}"), how, share)
            }
            (None, Some(price)) => {
                let how = format!("energy that is paid for × {price}; without the standing charge");
                (format!("at {price}"), how, format!("A price of {price}"))
            }
            (None, None) => return,
        };
        let per = per.map(|it| format!(" per {}", timex::name_of(it))).unwrap_or_default();
        let who = self.who(whole);
        out.fact(Fact {
            how: "measured; without the standing charge".into(),
            ..self.quantity(before, format!("{who}, as it was{per}, {when}"), whole)
        });
        out.fact(Fact {
            how,
            ..self.quantity(after, format!("{who}, {with}{per}, {when}"), whole)
        });
        let saved = before - after;
        let label = if saved >= 0.0 { "Saved" } else { "Added" };
        out.fact(Fact {
            how: "the difference of both".into(),
            ..self.quantity(saved.abs(), format!("{label}{per}"), whole)
        });
        let verb = if saved >= 0.0 { "saved" } else { "added" };
        out.say(format!(
            "{head} would have {verb} {}{per}, {when}: {} instead of {} for {}.",
            self.value(saved.abs()),
            self.value(after),
            self.value(before),
            self.name(whole)
        ));
        if self.plan.factor.is_some() {
            out.say("That supposes that it would have been so at every hour alike.");
        }
    }

    fn untracked(&self, out: &mut Telling, rest: &Summary, home: &Summary, metered: bool) {
        out.covers(home);
        let when = self.format.period(home.interval);
        if !metered {
            out.say(format!(
                "Nothing is left over: no meter stands above your devices, so the home's total, {}, {when}, is their sum.",
                self.figure(home)
            ));
            out.fact(self.metric_fact(home));
            return;
        }
        let value = crate::execute::value_of(rest, self.plan.metric);
        let all = crate::execute::value_of(home, self.plan.metric);
        out.fact(Fact {
            how: "the home's total less its consuming devices that meter no other one".into(),
            ..self.quantity(value, format!("Not explained by a device, {when}"), rest)
        });
        out.fact(self.metric_fact(home));
        let share = (all > 0.0).then_some(value / all).filter(|it| (0.0..=1.0).contains(it));
        let share = share.map(|it| {
            out.fact(Fact {
                label: "Share of the home".into(),
                value: Some(it * 100.0),
                unit: "%".into(),
                text: self.format.share(it),
                period: Some(pair(home.interval)),
                how: "not explained / the home's total".into(),
                ..Fact::default()
            });
            format!(", {} of the home's {}", self.format.share(it), self.figure(home))
        });
        out.say(format!(
            "No device explains {}{}, {when}.",
            self.value(value),
            share.unwrap_or_default()
        ));
    }

    fn unused(&self, out: &mut Telling, unused: &[DeviceId], silent: &[DeviceId], asked: usize) {
        let names = |ids: &[DeviceId]| list(&ids.iter().map(|id| self.house.name(*id).to_owned()).collect::<Vec<_>>());
        let Some(period) = self.found.interval else { return };
        let when = self.format.period(period);
        out.fact(Fact {
            label: format!("Devices not used, {when}"),
            value: Some(unused.len() as f64),
            unit: "count".into(),
            text: unused.len().to_string(),
            period: Some(pair(period)),
            how: "no run: never above its on-threshold".into(),
            ..Fact::default()
        });
        for id in unused {
            out.fact(Fact {
                label: self.house.name(*id).to_owned(),
                value: Some(0.0),
                unit: "count".into(),
                text: "no run".into(),
                period: Some(pair(period)),
                device: Some(*id),
                ..Fact::default()
            });
        }
        let known = asked - silent.len();
        out.say(match (unused.len(), known) {
            (_, 0) => format!("None of the devices sent readings, {when}."),
            (0, _) => format!("Every device that sent readings was used, {when}."),
            (count, _) => format!("Not used, {when}: {} ({count} of {known}).", names(unused)),
        });
        if !silent.is_empty() && known > 0 {
            out.say(format!("No readings, so I cannot tell: {}.", names(silent)));
        }
    }
}
