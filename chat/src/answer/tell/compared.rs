//! Periods and devices against each other.

use super::Teller;
use crate::{
    answer::{Telling, event::Fact, refusal::list},
    execute::{model::Summary, value_of},
    understand::plan::Metric,
};

impl Teller<'_> {
    pub(super) fn periods(&self, out: &mut Telling, now: &Summary, before: &Summary, full_before: Option<&Summary>) {
        for it in [now, before] {
            out.covers(it);
            out.fact(self.metric_fact(it));
        }
        let dates = |it: &Summary| self.format.period(it.interval);
        out.say(format!(
            "{}: {} ({}) against {} ({}).",
            self.who(now),
            self.figure(now),
            dates(now),
            self.figure(before),
            dates(before)
        ));
        if let Some(full) = full_before {
            out.fact(self.metric_fact(full));
            out.say(format!(
                "Equal elapsed parts are compared; the whole of {} was {}.",
                dates(full),
                self.figure(full)
            ));
        }
    }

    pub(super) fn change(&self, out: &mut Telling, change: f64, ratio: Option<f64>, before: &Summary) {
        let word = if change > 0.0 { "more" } else { "less" };
        let label = "Change".to_owned();
        out.fact(Fact {
            how: "the later less the earlier".into(),
            device: None,
            ..self.quantity(change, label, before)
        });
        let size = self.value(change.abs());
        match ratio {
            Some(ratio) => {
                out.fact(Fact {
                    label: "Change in percent".into(),
                    value: Some(ratio * 100.0),
                    unit: "%".into(),
                    text: self.format.change(ratio),
                    how: "change / the earlier".into(),
                    ..Fact::default()
                });
                let trend = if change > 0.0 { "up" } else { "down" };
                out.say(if change == 0.0 {
                    "That is the same.".to_owned()
                } else {
                    format!("That is {size} {word}, {trend} {}.", self.format.share(ratio.abs()))
                });
            }
            None => out.say(format!("That is {size} {word}.")),
        }
    }

    pub(super) fn devices(&self, out: &mut Telling, parts: &[Summary], difference: f64) {
        for it in parts {
            out.covers(it);
            out.fact(self.metric_fact(it));
        }
        let most = parts.iter().reduce(|best, it| {
            if value_of(it, self.plan.metric) > value_of(best, self.plan.metric) {
                it
            } else {
                best
            }
        });
        let lines: Vec<String> = parts
            .iter()
            .map(|it| format!("{} {}", self.who(it), self.figure(it)))
            .collect();
        let (verb, Some(most)) = (
            if self.plan.metric == Metric::Cost {
                "cost"
            } else {
                "used"
            },
            most,
        ) else {
            return;
        };
        out.say(format!(
            "{} {verb} the most: {}, {}.",
            self.who(most),
            list(&lines),
            self.format.period(most.interval)
        ));
        if parts.len() == 2 {
            let label = "Difference".to_owned();
            out.fact(Fact {
                how: "the first less the second".into(),
                device: None,
                ..self.quantity(difference, label, most)
            });
            out.say(format!("The difference is {}.", self.value(difference.abs())));
        }
    }
}
