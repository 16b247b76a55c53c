//! Why two periods differ: exactly, by part and local hour of the day.
//!
//! What a part used in an hour of the day is a rate times the time that the period has of that hour, so a difference is
//! one of rates and one of lengths: (r₁ − r₂)·(t₁ + t₂)/2 + (t₁ − t₂)·(r₁ + r₂)/2. Nothing remains.

use voltaire_types::{Decimal, DeviceId, WattHours};

use super::exact::ExactSum;

/// Hours of a day.
pub(crate) const HOURS: usize = 24;

/// What one device, or several, used in the hours of the day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hours {
    energy: [ExactSum; HOURS],
    value: [Decimal; HOURS],
    cost: [Decimal; HOURS],
}

impl Hours {
    /// Adds energy in an hour, its value at the price in force, and what of that is paid for.
    pub(crate) fn add(&mut self, hour: usize, energy: WattHours, (value, cost): (Decimal, Decimal)) {
        let sums = self.energy.get_mut(hour).zip(self.value.get_mut(hour));
        if let Some(((sum, worth), paid)) = sums.zip(self.cost.get_mut(hour)) {
            sum.add(energy.0);
            *worth += value;
            *paid += cost;
        }
    }

    /// Adds another's hours, or takes them away.
    pub(crate) fn merge(&mut self, other: &Self, less: bool) {
        for hour in 0..HOURS {
            let energy = other.energy[hour].value();
            self.energy[hour].add(if less { -energy } else { energy });
            let (value, cost) = (other.value[hour], other.cost[hour]);
            self.value[hour] += if less { -value } else { value };
            self.cost[hour] += if less { -cost } else { cost };
        }
    }

    /// Energy of all hours.
    pub(crate) fn total(&self) -> WattHours {
        let mut sum = ExactSum::default();
        self.energy.iter().for_each(|part| sum.merge(*part));
        WattHours(sum.value())
    }
}

/// Seconds that a period has of each hour of the day.
pub(crate) type Lengths = [f64; HOURS];

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A device.
    Device(DeviceId),
    /// What no device explains.
    Untracked,
    /// What need not be paid for.
    OwnSupply,
    /// The standing charge.
    StandingCharge,
}

/// A difference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Difference {
    /// Energy, Wh.
    pub energy: f64,
    /// What of it comes from different lengths, Wh.
    pub length: f64,
    /// Cost.
    pub cost: Decimal,
}

impl Difference {
    fn is_nothing(&self) -> bool {
        self.energy == 0.0 && self.cost.is_zero()
    }
}

/// A part of a difference; a kind or an hour that is not set stands for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Contribution {
    /// Whose.
    pub kind: Option<Kind>,
    /// In which hour of the day.
    pub hour: Option<usize>,
    /// How much.
    pub difference: Difference,
}

/// A period and the one that it is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Both<T> {
    /// The period in question.
    pub now: T,
    /// The other one.
    pub before: T,
}

/// How a part differs in each hour of the day, its cost being its energy's value.
pub(crate) fn differences(hours: Both<&Hours>, lengths: Both<&Lengths>) -> [Difference; HOURS] {
    std::array::from_fn(|hour| {
        let energy = (hours.now.energy[hour].value(), hours.before.energy[hour].value());
        Difference {
            energy: energy.0 - energy.1,
            length: by_length(energy, (lengths.now[hour], lengths.before[hour])),
            cost: hours.now.value[hour] - hours.before.value[hour],
        }
    })
}

/// How what need not be paid for differs: what the energy of the whole costs less what it is worth.
pub(crate) fn own_supply(hours: Both<&Hours>) -> [Difference; HOURS] {
    let saved = |it: &Hours, hour: usize| it.cost[hour] - it.value[hour];
    std::array::from_fn(|hour| Difference {
        cost: saved(hours.now, hour) - saved(hours.before, hour),
        ..Difference::default()
    })
}

fn by_length((now, before): (f64, f64), (time, time_before): (f64, f64)) -> f64 {
    let rate = |energy: f64, time: f64| (time > 0.0).then(|| energy / time);
    // An hour that only one of the periods has goes at its own rate.
    let mean = match (rate(now, time), rate(before, time_before)) {
        (Some(rate), Some(other)) => rate.midpoint(other),
        (Some(rate), None) | (None, Some(rate)) => rate,
        (None, None) => 0.0,
    };
    (time - time_before) * mean
}

/// Parts of a difference, added up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Explanation {
    /// By part and hour, largest first.
    pub contributions: Vec<Contribution>,
    /// By part.
    pub parts: Vec<Contribution>,
    /// By hour.
    pub hours: Vec<Contribution>,
    /// All of it.
    pub whole: Difference,
}

/// Adds up what parts differ by in each hour of the day, and what belongs to no hour.
pub(crate) fn explain(parts: &[(Kind, [Difference; HOURS])], all_day: &[(Kind, Decimal)]) -> Explanation {
    let by_hour = parts.iter().flat_map(|(kind, hours)| {
        let one = |(hour, difference): (usize, &Difference)| Contribution {
            kind: Some(*kind),
            hour: Some(hour),
            difference: *difference,
        };
        hours.iter().enumerate().map(one)
    });
    let all_day = all_day.iter().map(|(kind, cost)| Contribution {
        kind: Some(*kind),
        hour: None,
        difference: Difference {
            cost: *cost,
            ..Difference::default()
        },
    });
    let contributions = largest_first(by_hour.chain(all_day).collect());
    let gather = |same: &dyn Fn(&Contribution) -> bool| sum(contributions.iter().filter(|it| same(it)));
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in contributions.iter().filter_map(|it| it.kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let part = |kind: Kind| Contribution {
        kind: Some(kind),
        hour: None,
        difference: gather(&|it| it.kind == Some(kind)),
    };
    let hour = |hour: Option<usize>| Contribution {
        kind: None,
        hour,
        difference: gather(&|it| it.hour == hour),
    };
    Explanation {
        parts: largest_first(kinds.into_iter().map(part).collect()),
        hours: largest_first((0..HOURS).map(Some).chain([None]).map(hour).collect()),
        whole: gather(&|_| true),
        contributions,
    }
}

fn sum<'a>(contributions: impl Iterator<Item = &'a Contribution>) -> Difference {
    let (mut energy, mut length, mut cost) = (ExactSum::default(), ExactSum::default(), Decimal::ZERO);
    for it in contributions {
        energy.add(it.difference.energy);
        length.add(it.difference.length);
        cost += it.difference.cost;
    }
    Difference {
        energy: energy.value(),
        length: length.value(),
        cost,
    }
}

fn largest_first(mut contributions: Vec<Contribution>) -> Vec<Contribution> {
    contributions.retain(|it| !it.difference.is_nothing());
    contributions.sort_by(|a, b| {
        let (a, b) = (&a.difference, &b.difference);
        let energy = b.energy.abs().total_cmp(&a.energy.abs());
        energy.then_with(|| b.cost.abs().cmp(&a.cost.abs()))
    });
    contributions
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Lengths = [3_600.0; HOURS];

    fn device(number: u128) -> Kind {
        Kind::Device(DeviceId::from_uuid(uuid::Uuid::from_u128(number)))
    }

    fn hours(values: &[f64]) -> Hours {
        let mut hours = Hours::default();
        for (hour, energy) in values.iter().enumerate() {
            let worth = Decimal::from(*energy as i64);
            hours.add(hour, WattHours(*energy), (worth, worth));
        }
        hours
    }

    #[test]
    fn a_twice_as_long_period_differs_by_its_length_only() {
        let (long, short) = (hours(&[200.0]), hours(&[100.0]));
        let it = differences(
            Both {
                now: &long,
                before: &short,
            },
            Both {
                now: &[7_200.0; HOURS],
                before: &DAY,
            },
        );
        assert_eq!((it[0].energy, it[0].length), (100.0, 100.0));
    }

    #[test]
    fn an_hour_that_only_one_period_has_is_a_matter_of_length() {
        let mut skipped = DAY;
        skipped[2] = 0.0;
        let (now, before) = (hours(&[10.0, 10.0, 0.0]), hours(&[10.0, 10.0, 30.0]));
        let it = differences(
            Both {
                now: &now,
                before: &before,
            },
            Both {
                now: &skipped,
                before: &DAY,
            },
        );
        assert_eq!((it[2].energy, it[2].length), (-30.0, -30.0));
    }

    #[test]
    fn the_largest_comes_first_and_nothing_is_left_out() {
        let (now, before) = (hours(&[100.0, 5.0, 7.0]), hours(&[0.0, 50.0, 7.0]));
        let both = Both {
            now: &now,
            before: &before,
        };
        let lengths = Both {
            now: &DAY,
            before: &DAY,
        };
        let charge = Decimal::from(3);
        let it = explain(
            &[
                (device(1), differences(both, lengths)),
                (Kind::OwnSupply, own_supply(both)),
            ],
            &[(Kind::StandingCharge, charge)],
        );
        let energies: Vec<_> = it.contributions.iter().map(|it| it.difference.energy).collect();
        assert_eq!(energies, [100.0, -45.0, 0.0]);
        assert_eq!((it.whole.energy, it.whole.cost), (55.0, Decimal::from(58)));
        assert_eq!((it.parts.len(), it.hours.len()), (2, 3));
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(
            values in prop::collection::vec((-1e5..1e5_f64, -1e5..1e5_f64), 48), times in prop::collection::vec((0_u32..90_000, 0_u32..90_000), HOURS),
        ) {
            let lengths = Both {
                now: &std::array::from_fn(|hour| f64::from(times[hour].0)),
                before: &std::array::from_fn(|hour| f64::from(times[hour].1)),
            };
            let side = |part: usize| {
                let of = |pick: fn(&(f64, f64)) -> f64| hours(&values[part * HOURS..][..HOURS].iter().map(pick).collect::<Vec<_>>());
                (of(|it| it.0), of(|it| it.1))
            };
            let parts: Vec<_> = (0..2).map(side).collect();
            let both = |(now, before)| Both { now, before };
            let told: Vec<_> = parts.iter().enumerate().map(|(number, (now, before))| (device(number as u128), differences(both((now, before)), lengths))).collect();
            let it = explain(&told, &[]);
            let total = |pick: fn(&(f64, f64)) -> f64| values.iter().map(pick).sum::<f64>();
            prop_assert!((it.whole.energy - (total(|it| it.0) - total(|it| it.1))).abs() < 1e-6);
            for list in [&it.contributions, &it.parts, &it.hours] {
                prop_assert!((list.iter().map(|it| it.difference.energy).sum::<f64>() - it.whole.energy).abs() < 1e-6);
                prop_assert!((list.iter().map(|it| it.difference.length).sum::<f64>() - it.whole.length).abs() < 1e-6);
                prop_assert_eq!(list.iter().map(|it| it.difference.cost).sum::<Decimal>(), it.whole.cost);
            }
            if lengths.now == lengths.before {
                prop_assert_eq!(it.whole.length, 0.0);
            }
        }
    }
}
