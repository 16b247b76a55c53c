//! What was drawing power when there was most or least of it.

use voltaire_types::Timestamp;

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
        refusal::list,
    },
    execute::model::Summary,
    understand::plan::Direction,
};

/// Devices that are named at most.
const NAMED: usize = 6;
/// Those with less of the whole are not named.
const LEAST: f64 = 0.01;

impl Teller<'_> {
    pub(super) fn at_extreme(
        &self,
        out: &mut Telling,
        whole: &Summary,
        sample: Option<(f64, Timestamp)>,
        (home, devices): (&Summary, &[Summary]),
    ) {
        out.covers(whole);
        let word = if self.plan.direction == Direction::Least {
            "lowest"
        } else {
            "highest"
        };
        let when = self.format.period(home.interval);
        let at = sample.map(|(watts, at)| {
            let power = self.format.power(watts, self.plan.unit.filter(|it| !it.is_energy()));
            out.fact(Fact {
                label: format!("{word} power, {}", self.format.period(whole.interval)),
                value: Some(watts),
                unit: "W".into(),
                text: power.clone(),
                time: Some(at),
                how: format!("the {word} sample"),
                ..Fact::default()
            });
            format!("The {word} power was {power}, {}. ", self.format.moment(at))
        });
        let watts = |it: &Summary| it.average_watts.unwrap_or_default();
        for it in devices {
            out.fact(Fact {
                label: format!("{}, {when}", self.name(it)),
                value: it.average_watts,
                unit: "W".into(),
                text: self.format.power(watts(it), None),
                period: Some(pair(home.interval)),
                how: "energy / measured time".into(),
                coverage: Some(it.coverage),
                device: it.device,
                ..Fact::default()
            });
        }
        let all: f64 = devices.iter().map(|it| it.energy_wh.max(0.0)).sum();
        let named: Vec<&Summary> = devices
            .iter()
            .filter(|it| it.energy_wh > LEAST * all)
            .take(NAMED)
            .collect();
        let texts: Vec<String> = named
            .iter()
            .map(|it| format!("{} {}", self.name(it), self.format.power(watts(it), None)))
            .collect();
        let at = at.unwrap_or_default();
        if texts.is_empty() {
            out.say(format!(
                "{at}No device that is metered by itself was drawing power, {when}."
            ));
            return;
        }
        out.say(format!("{at}On average over {when}: {}.", list(&texts)));
        let rest = devices.len() - named.len();
        if rest > 0 {
            let others: f64 = devices.iter().map(watts).sum::<f64>() - named.iter().map(|it| watts(it)).sum::<f64>();
            let count = if rest == 1 {
                "One other".to_owned()
            } else {
                format!("{rest} others")
            };
            out.say(format!("{count} drew {} together.", self.format.power(others, None)));
        }
    }
}
