//! Why two periods differ: which devices and hours explain it.

use std::collections::HashMap;

use voltaire_mesh::Invalid;
use voltaire_types::{CalendarUnit, Decimal, DeviceId, Interval, WattHours};

use super::{Period, Scope, Setting, portion::each_step, scope::Chosen};
use crate::{
    error::Error,
    figures::{
        change::{
            Both, Contribution, Difference, Explanation, HOURS, Hours, Kind, Lengths, differences, explain, own_supply,
        },
        total,
    },
    store::Store,
};

/// Asks why two periods differ.
#[derive(Clone, Debug)]
pub(crate) struct ChangeQuery {
    /// The period in question.
    pub period: Period,
    /// What it is compared with.
    pub compare_to: Option<Period>,
    /// For what.
    pub scope: Scope,
}

/// Why two periods differ.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// What it is about.
    pub chosen: Chosen,
    /// What the periods became.
    pub intervals: Both<Interval>,
    /// Energies of the whole.
    pub energy: Both<WattHours>,
    /// Covered shares of the whole.
    pub coverage: Both<f64>,
    /// What explains the difference.
    pub explanation: Explanation,
}

/// Why two periods differ.
pub(crate) async fn change(store: &Store, setting: &Setting, query: ChangeQuery) -> Result<Change, Error> {
    let interval = setting.resolve(store, query.period, "period").await?;
    let Some(compare_to) = query.compare_to else {
        return Err(Invalid::new("compare_to", "must be set").into());
    };
    let intervals = Both {
        now: interval,
        before: setting
            .resolve_compared(store, (query.period, interval), compare_to)
            .await?
            .0,
    };
    let chosen = setting.choose(query.scope, "scope")?;
    let parts = Parts::new(setting, &chosen);
    let now = parts.measure(store, setting, intervals.now).await?;
    let before = parts.measure(store, setting, intervals.before).await?;
    let sides = Both {
        now: &now,
        before: &before,
    };
    let explanation = parts.explain(setting, sides, intervals);
    Ok(Change {
        energy: Both {
            now: now.whole.total(),
            before: before.whole.total(),
        },
        coverage: Both {
            now: now.coverage(&chosen, intervals.now),
            before: before.coverage(&chosen, intervals.before),
        },
        chosen,
        intervals,
        explanation,
    })
}

impl Contribution {
    /// The scope that a contribution is about; none where it is the one that was asked for.
    pub(crate) fn scope(&self, asked: &Scope) -> Option<Scope> {
        match (self.kind?, asked) {
            (Kind::Device(id), _) => Some(Scope::Device(id)),
            (Kind::Untracked, Scope::Device(id)) => Some(Scope::Untracked(Some(*id))),
            (Kind::Untracked, Scope::Untracked(id)) => Some(Scope::Untracked(*id)),
            (Kind::Untracked, Scope::Home) => Some(Scope::Untracked(None)),
            (Kind::Untracked, Scope::Devices(_) | Scope::Room(_) | Scope::Kind(_))
            | (Kind::OwnSupply | Kind::StandingCharge, _) => None,
        }
    }
}

/// What a total is made of, and what explains it.
struct Parts {
    /// The devices of the total, each with its factor.
    whole: Vec<(DeviceId, f64)>,
    /// The devices that explain it.
    leaves: Vec<DeviceId>,
    standing: bool,
}

/// What was used in a period.
struct Side {
    whole: Hours,
    devices: HashMap<DeviceId, (Hours, f64)>,
}

impl Parts {
    fn new(setting: &Setting, chosen: &Chosen) -> Self {
        let whole: Vec<_> = chosen
            .meters
            .iter()
            .map(|meter| (meter.id, meter.weight.factor))
            .collect();
        let below = |id: DeviceId| {
            let leaves = total::leaves(&setting.nodes, Some(id));
            if leaves.is_empty() { vec![id] } else { leaves }
        };
        let leaves = match chosen.scope {
            Scope::Home => total::leaves(&setting.nodes, None),
            Scope::Untracked(_) => Vec::new(),
            Scope::Device(_) | Scope::Devices(_) | Scope::Room(_) | Scope::Kind(_) => {
                whole.iter().flat_map(|(id, _)| below(*id)).collect()
            }
        };
        Self {
            whole,
            leaves,
            standing: chosen.scope == Scope::Home && setting.prices().known(),
        }
    }

    async fn measure(&self, store: &Store, setting: &Setting, interval: Interval) -> Result<Side, Error> {
        let mut ids: Vec<_> = self
            .whole
            .iter()
            .map(|(id, _)| *id)
            .chain(self.leaves.iter().copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let steps = setting.steps(CalendarUnit::Hour, interval);
        let prices = setting.prices();
        let mut devices = HashMap::with_capacity(ids.len());
        for meter in setting.meters(&ids)? {
            let (mut hours, mut covered) = (Hours::default(), 0.0);
            each_step(store, &[meter], &steps, |step, used| {
                covered += used.covered;
                let worth = |energy| prices.cost(WattHours(energy), step.start);
                let money = (worth(used.energy), worth(used.paid));
                hours.add(setting.hour(step.start), WattHours(used.energy), money);
            })
            .await?;
            devices.insert(meter.id, (hours, covered));
        }
        let mut whole = Hours::default();
        for (id, factor) in &self.whole {
            if let Some((hours, _)) = devices.get(id) {
                whole.merge(hours, *factor < 0.0);
            }
        }
        Ok(Side { whole, devices })
    }

    fn explain(&self, setting: &Setting, sides: Both<&Side>, intervals: Both<Interval>) -> Explanation {
        let lengths = Both {
            now: &lengths(setting, intervals.now),
            before: &lengths(setting, intervals.before),
        };
        let whole = Both {
            now: &sides.now.whole,
            before: &sides.before.whole,
        };
        let mut parts: Vec<(Kind, [Difference; HOURS])> = Vec::with_capacity(self.leaves.len() + 2);
        let mut rest = Both {
            now: whole.now.clone(),
            before: whole.before.clone(),
        };
        for id in &self.leaves {
            let (Some((now, _)), Some((before, _))) = (sides.now.devices.get(id), sides.before.devices.get(id)) else {
                continue;
            };
            rest.now.merge(now, true);
            rest.before.merge(before, true);
            parts.push((Kind::Device(*id), differences(Both { now, before }, lengths)));
        }
        if !self.explains_all() {
            let rest = Both {
                now: &rest.now,
                before: &rest.before,
            };
            parts.push((Kind::Untracked, differences(rest, lengths)));
        }
        parts.push((Kind::OwnSupply, own_supply(whole)));
        explain(&parts, &self.standing_charge(setting, intervals))
    }

    /// Whether the total is nothing but the sum of what explains it.
    fn explains_all(&self) -> bool {
        self.whole.len() == self.leaves.len() && self.whole.iter().all(|(id, _)| self.leaves.contains(id))
    }

    fn standing_charge(&self, setting: &Setting, intervals: Both<Interval>) -> Vec<(Kind, Decimal)> {
        let begun = |it: Interval| Interval::new(it.start, it.end.min(setting.now));
        let price = |it| setting.prices().standing_charge(begun(it));
        let change = self.standing.then(|| price(intervals.now) - price(intervals.before));
        change
            .map(|change| (Kind::StandingCharge, change))
            .into_iter()
            .collect()
    }
}

impl Side {
    /// The covered share of a period, as of the total.
    fn coverage(&self, chosen: &Chosen, interval: Interval) -> f64 {
        let covering = chosen.meters.iter().filter(|meter| meter.weight.covers);
        let covered = covering
            .filter_map(|meter| self.devices.get(&meter.id))
            .map(|(_, seconds)| seconds);
        chosen.coverage(covered.sum(), interval.seconds())
    }
}

/// Seconds that a period has of each local hour of the day.
fn lengths(setting: &Setting, interval: Interval) -> Lengths {
    let mut lengths = [0.0; HOURS];
    for bounds in setting.steps(CalendarUnit::Hour, interval).windows(2) {
        if let Some(seconds) = lengths.get_mut(setting.hour(bounds[0])) {
            *seconds += bounds[1].seconds_since(bounds[0]);
        }
    }
    lengths
}
