//! When a device was on: how often, how long, and each run.

use voltaire_types::Interval;

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
    },
    execute::{
        amount,
        analyse::Mean,
        client::analysis::{Run, Runs},
    },
    understand::plan::{Bucket, Metric, Want},
};

/// Runs that are listed by themselves.
const LISTED: usize = 5;

impl Teller<'_> {
    pub(super) fn runs(&self, out: &mut Telling, it: &Runs) {
        let (name, when) = (self.house.name(it.device), self.format.period(it.interval));
        let count = if it.count == 1 {
            "once".to_owned()
        } else {
            format!("{} times", it.count)
        };
        out.fact(Fact {
            label: format!("{name}, runs, {when}"),
            value: Some(it.count as f64),
            unit: "count".into(),
            text: it.count.to_string(),
            period: Some(pair(it.interval)),
            how: "stretches above the device's on-threshold; less than five minutes apart they are one".into(),
            device: Some(it.device),
            ..Fact::default()
        });
        out.fact(Fact {
            device: Some(it.device),
            ..self.length_fact(format!("{name}, time on, {when}"), it.on_seconds, it.interval)
        });
        let Some(last) = it.each.last() else {
            let no = if self.plan.want == Some(Want::Whether) {
                "No, "
            } else {
                ""
            };
            out.say(format!("{no}{name} was not on, {when}."));
            return;
        };
        let runs = if it.count == 1 {
            "1 run".to_owned()
        } else {
            format!("{} runs", it.count)
        };
        match self.plan.want {
            Some(Want::First) => return self.one_run(out, (name, "first"), it.each.first().unwrap_or(last)),
            Some(Want::Last | Want::LastOff) => return self.one_run(out, (name, "last"), last),
            Some(Want::PerRun) => self.per_run(out, (name, &when), it),
            Some(Want::Duration) => {
                let on = self.format.length(it.on_seconds);
                out.say(format!("{name} was on for {on}, {when}, in {runs}."));
            }
            Some(Want::AverageDuration) => {
                let mean = it.on_seconds / it.count.max(1) as f64;
                out.fact(Fact {
                    how: "time on / runs".into(),
                    ..self.length_fact(format!("{name}, mean length of a run, {when}"), mean, it.interval)
                });
                out.say(format!(
                    "A run of {name} took {} on average, over {runs}, {when}.",
                    self.format.length(mean)
                ));
            }
            Some(Want::Longest) => {
                if let Some(longest) = it.longest {
                    out.fact(self.length_fact(format!("{name}, longest run, {when}"), longest.seconds(), longest));
                    let (length, from) = (self.format.length(longest.seconds()), self.format.moment(longest.start));
                    out.say(format!(
                        "The longest run of {name} took {length}, from {from} to {}.",
                        self.same_day(longest)
                    ));
                }
                return;
            }
            Some(Want::Whether) => out.say(format!(
                "Yes, {name} was on, {when}: {runs}, {}.",
                self.format.length(it.on_seconds)
            )),
            _ => {
                out.say(format!("{name} ran {count}, {when}."));
                self.per_day(out, it);
            }
        }
        let listed: Vec<String> = it.each.iter().take(LISTED).map(|run| self.span(run)).collect();
        if it.count as usize <= LISTED && !listed.is_empty() {
            out.say(format!("When: {}.", listed.join("; ")));
        } else if let Some(longest) = it.longest {
            out.say(format!("The longest took {}.", self.format.length(longest.seconds())));
        }
    }

    /// "How many times a day": over the days of the period, the running one as far as it has gone.
    fn per_day(&self, out: &mut Telling, it: &Runs) {
        let days = it.interval.seconds() / 86_400.0;
        if self.plan.bucket == Some(Bucket::Day) && days > 1.0 {
            let each = f64::from(u32::try_from(it.count).unwrap_or(u32::MAX)) / days;
            out.say(format!("That is {} a day.", self.format.fixed(each, 1)));
        }
    }

    fn per_run(&self, out: &mut Telling, (name, when): (&str, &str), it: &Runs) {
        let Some(Mean { energy_wh, cost, runs }) = it.mean() else {
            out.say(format!("No run of {name} is over yet, {when}."));
            return;
        };
        let how = format!("the mean of {runs} runs that are over");
        let fact = Fact {
            device: Some(it.device),
            ..self.energy_of(
                (format!("{name}, energy per run, {when}"), energy_wh),
                it.interval,
                &how,
            )
        };
        if let Some(cost) = cost {
            out.fact(Fact {
                label: format!("{name}, cost per run, {when}"),
                value: Some(amount(cost)),
                unit: self.format.currency().into(),
                text: self.format.money(cost),
                ..fact.clone()
            });
        }
        out.fact(fact);
        let energy = self.energy(energy_wh);
        out.say(match (self.plan.metric, cost) {
            (Metric::Cost, Some(cost)) => format!(
                "A run of {name} cost {} on average ({energy}), over {runs} runs, {when}.",
                self.format.money(cost)
            ),
            (Metric::Cost, None) => {
                "No tariff is set, so I cannot tell what a run costs: set one in the settings.".to_owned()
            }
            _ => format!("A run of {name} took {energy} on average, over {runs} runs, {when}."),
        });
    }

    fn one_run(&self, out: &mut Telling, (name, which): (&str, &str), run: &Run) {
        out.fact(self.time_fact(
            format!("{name}, start of the {which} run"),
            self.format.moment(run.interval.start),
            run.interval.start,
        ));
        let energy = (format!("{name}, energy of the {which} run"), run.energy_wh);
        out.fact(self.energy_of(energy, run.interval, "integral of measured power"));
        let energy = self.energy(run.energy_wh);
        let start = self.format.moment(run.interval.start);
        if run.running {
            out.say(format!("{name} is on: since {start}, {energy} so far."));
            return;
        }
        out.fact(self.time_fact(
            format!("{name}, end of the {which} run"),
            self.format.moment(run.interval.end),
            run.interval.end,
        ));
        let (end, length) = (self.same_day(run.interval), self.format.length(run.interval.seconds()));
        out.say(format!(
            "The {which} run of {name} was from {start} to {end}: {length}, {energy}."
        ));
    }

    /// The end of a stretch: the time alone where it is on the day of its start.
    pub(super) fn same_day(&self, it: Interval) -> String {
        let calendar = &self.house.home.calendar;
        if calendar.date(it.start) == calendar.date(it.end) {
            self.format.time(it.end)
        } else {
            self.format.moment(it.end)
        }
    }

    fn span(&self, run: &Run) -> String {
        let start = self.format.moment(run.interval.start);
        if run.running {
            format!("since {start}")
        } else {
            format!("{start}–{}", self.same_day(run.interval))
        }
    }

    pub(super) fn length_fact(&self, label: String, seconds: f64, interval: Interval) -> Fact {
        Fact {
            label,
            value: Some(seconds / 3_600.0),
            unit: "h".into(),
            text: self.format.length(seconds),
            period: Some(pair(interval)),
            how: "to the crossing of the power curve".into(),
            ..Fact::default()
        }
    }
}
