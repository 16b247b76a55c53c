//! Volts, amperes and the power factor.

use voltaire_types::{DeviceId, Timestamp};

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
        refusal::list,
    },
    execute::client::electrical::Samples,
    understand::plan::{Direction, Metric, Operation},
};

/// Devices that are told by themselves.
const LISTED: usize = 8;

impl Teller<'_> {
    pub(super) fn electrical(&self, out: &mut Telling, of: &[(DeviceId, Samples)]) {
        let (name, unit, places) = match self.plan.metric {
            Metric::Voltage => ("voltage", "V", 1),
            Metric::Current => ("current", "A", 2),
            _ => ("power factor", "", 2),
        };
        let value = |it: f64| self.format.measured(it, (unit, places));
        let now = self.plan.operation == Operation::Live;
        let mut known: Vec<_> = of.iter().filter(|(_, it)| it.count > 0 && !(now && it.stale)).collect();
        let least = self.plan.direction == Direction::Least;
        let (word, how) = match self.plan.operation {
            Operation::Live => ("now", "the last reading"),
            Operation::Extreme if least => ("lowest", "the sample itself, the earliest of equals"),
            Operation::Extreme => ("highest", "the sample itself, the earliest of equals"),
            _ => ("mean", "the mean of the readings that carry it"),
        };
        let figure = |it: &Samples| self.electrical_figure(it);
        if self.plan.operation == Operation::Extreme {
            let key = |it: &Samples| figure(it).map_or(f64::NAN, |it| it.0);
            known.sort_by(|a, b| {
                let order = key(&a.1).total_cmp(&key(&b.1));
                if least { order } else { order.reverse() }
            });
            if self.plan.selection.is_home() {
                known.truncate(1);
            }
        }
        let when = self.found.interval.map(|it| self.format.period(it));
        let lines = known.iter().take(LISTED).filter_map(|(id, it)| {
            let (had, at) = figure(it)?;
            let who = self.house.name(*id);
            out.fact(Fact {
                label: format!("{who}, {word} {name}"),
                value: Some(had),
                unit: unit.into(),
                text: value(had),
                period: self.found.interval.map(pair),
                time: at,
                how: how.into(),
                device: Some(*id),
                ..Fact::default()
            });
            let at = at
                .map(|at| format!(" at {}", self.format.moment(at)))
                .unwrap_or_default();
            Some(format!("{who} {}{at}", value(had)))
        });
        let lines: Vec<String> = lines.collect();
        let period = when.map(|it| format!(", {it}")).unwrap_or_default();
        if !lines.is_empty() {
            let what = if now {
                format!("{name} now")
            } else {
                format!("{word} {name}")
            };
            out.say(format!("The {what}{period}: {}.", list(&lines)));
            return;
        }
        let read = of.iter().any(|(_, it)| it.readings > 0);
        out.say(match (read, now && of.iter().any(|(_, it)| it.stale && it.count > 0)) {
            (_, true) => format!("The last readings are too old to tell the {name} now."),
            (true, _) => format!("The readings of {} carry no {name}{period}.", self.subject()),
            (false, _) => format!("There are no readings of {}{period}.", self.subject()),
        });
    }

    /// The value that is asked for, and when it was.
    fn electrical_figure(&self, of: &Samples) -> Option<(f64, Option<Timestamp>)> {
        let at = |(value, at)| (value, Some(at));
        match (self.plan.operation, self.plan.direction) {
            (Operation::Live, _) => of.last.map(at),
            (Operation::Extreme, Direction::Least) => of.lowest.map(at),
            (Operation::Extreme, Direction::Most) => of.highest.map(at),
            _ => of.mean().map(|value| (value, None)),
        }
    }
}
