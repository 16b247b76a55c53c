//! The rollups of consecutive quarter hours as one block.
//!
//! Energy comes first, plainly written: what most questions are about is read without decoding.

use std::{iter::zip, ops::Range};

use voltaire_types::{Timestamp, Watts};

use super::{
    Damaged, Key,
    column::{Aim, Column, Reader, write},
    seal,
};
use crate::figures::{
    PowerAt,
    rollup::{Extremes, QUARTER, Quarters, Rollup},
};

/// No power was measured in the quarter.
const NONE: i64 = 0;
/// Its extremes are samples.
const SAMPLED: i64 = 1;
/// Its extremes are the curve's.
const BETWEEN: i64 = 2;

/// What is wanted of packed quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All but the highest and lowest powers.
    Amounts,
    /// Everything.
    Everything,
}

/// Packs consecutive quarters, the first of which begins with the key's day.
pub(crate) fn pack(key: Key, quarters: &Quarters) -> Vec<u8> {
    let mut columns = Vec::new();
    let out = &mut columns;
    let all = &quarters.0;
    write(out, &[all.len() as f64], Aim::Quick);
    let energy = floats(all, |it| it.energy);
    let taken = floats(all, |it| it.taken);
    write(out, &energy, Aim::Quick);
    // Almost nothing both takes and gives.
    write(out, if same(&taken, &energy) { &[] } else { &taken }, Aim::Quick);
    write(out, &floats(all, |it| it.bridged), Aim::Quick);
    write(out, &floats(all, |it| it.estimated), Aim::Quick);
    write(out, &integers(all, |it| it.covered), Aim::Quick);
    write(out, &integers(all, |it| it.estimated_time), Aim::Quick);
    write(out, &integers(all, |it| it.count.cast_signed()), Aim::Quick);
    write(out, &integers(all, form), Aim::Quick);
    let known: Vec<(Timestamp, Extremes)> = starts(key)
        .zip(all)
        .filter_map(|(start, it)| Some((start, it.extremes?)))
        .collect();
    for power in [highest, lowest] {
        write(
            out,
            &known.iter().map(|(_, it)| power(it).power.0).collect::<Vec<_>>(),
            Aim::Small,
        );
        let offset = |(start, it): &(Timestamp, Extremes)| power(it).at.micros() - start.micros();
        write(out, &known.iter().map(offset).collect::<Vec<_>>(), Aim::Small);
    }
    seal::close(key, &columns)
}

/// The quarters that were packed; without their extremes where only amounts are wanted.
pub(crate) fn unpack(key: Key, bytes: &[u8], depth: Depth) -> Result<Quarters, Damaged> {
    let mut block = Block::open(key, bytes)?;
    let count = block.count;
    let mut quarters = Quarters(block.rollups(|it| it.values(count), |it| it.values(count))?);
    if depth == Depth::Everything {
        extremes(key, &mut quarters, &mut block.rest)?;
    }
    Ok(quarters)
}

/// The amounts of packed quarters added up, from the first to each of these places in turn, and from the last place to the end.
/// Each with the place after its last quarter; places beyond the end are none.
pub(crate) fn sums(key: Key, bytes: &[u8], places: &[usize]) -> Result<Vec<(usize, Rollup)>, Damaged> {
    let block = Block::open(key, bytes)?;
    let count = block.count;
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(places.len() + 1);
    let mut from = 0;
    for to in places.iter().copied().filter(|it| *it < count).chain([count]) {
        if from < to {
            ranges.push(from..to);
            from = to;
        }
    }
    let sums = block.rollups(|it| it.sums(count, &ranges), |it| it.sums(count, &ranges))?;
    Ok(zip(ranges.iter().map(|it| it.end), sums).collect())
}

/// The columns of packed quarters, not decoded yet.
struct Block<'a> {
    count: usize,
    /// Energy, what was taken, bridged, and estimated.
    energies: [Column<'a>; 4],
    /// Time covered and estimated, and how many readings.
    times: [Column<'a>; 3],
    /// What is about extremes.
    rest: Reader<'a>,
}

impl<'a> Block<'a> {
    fn open(key: Key, bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut rest = Reader(seal::open(key, bytes)?);
        let [count] = rest.next()?.values::<f64>(1)?[..] else {
            return Err(Damaged);
        };
        let [energy, taken, bridged, estimated] = [rest.next()?, rest.next()?, rest.next()?, rest.next()?];
        let taken = if taken.is_empty() { energy } else { taken };
        Ok(Self {
            count: count as usize,
            energies: [energy, taken, bridged, estimated],
            times: [rest.next()?, rest.next()?, rest.next()?],
            rest,
        })
    }

    /// The amounts, as the columns are read.
    fn rollups(
        &self,
        energy: impl Fn(Column<'a>) -> Result<Vec<f64>, Damaged>,
        time: impl Fn(Column<'a>) -> Result<Vec<i64>, Damaged>,
    ) -> Result<Vec<Rollup>, Damaged> {
        let [all, taken, bridged, estimated] = self.energies.map(energy);
        let [covered, estimated_time, counts] = self.times.map(time);
        let energies = zip(zip(all?, taken?), zip(bridged?, estimated?));
        let times = zip(zip(covered?, estimated_time?), counts?);
        zip(energies, times)
            .map(
                |(((energy, taken), (bridged, estimated)), ((covered, estimated_time), count))| {
                    Ok(Rollup {
                        energy,
                        taken,
                        bridged,
                        estimated,
                        covered,
                        estimated_time,
                        count: u64::try_from(count).map_err(|_| Damaged)?,
                        extremes: None,
                    })
                },
            )
            .collect()
    }
}

fn extremes(key: Key, quarters: &mut Quarters, columns: &mut Reader<'_>) -> Result<(), Damaged> {
    let forms: Vec<i64> = columns.next()?.values(quarters.0.len())?;
    let known = forms.iter().filter(|form| **form != NONE).count();
    let mut next = || -> Result<_, Damaged> {
        let powers: Vec<f64> = columns.next()?.values(known)?;
        let offsets: Vec<i64> = columns.next()?.values(known)?;
        Ok(powers.into_iter().zip(offsets))
    };
    let (mut highest, mut lowest) = (next()?, next()?);
    for ((start, quarter), form) in starts(key).zip(&mut quarters.0).zip(forms) {
        if form == NONE {
            continue;
        }
        let at = |(watts, offset): (f64, i64)| {
            let at = Timestamp::from_micros(start.micros() + offset).map_err(|_| Damaged)?;
            Ok(PowerAt {
                power: Watts(watts),
                at,
            })
        };
        quarter.extremes = Some(Extremes {
            highest: at(highest.next().ok_or(Damaged)?)?,
            lowest: at(lowest.next().ok_or(Damaged)?)?,
            sampled: form == SAMPLED,
        });
    }
    Ok(())
}

fn starts(key: Key) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(key.start), |start| Some(start.plus(QUARTER)))
}

fn floats(all: &[Rollup], value: fn(&Rollup) -> f64) -> Vec<f64> {
    all.iter().map(value).collect()
}

fn integers(all: &[Rollup], value: fn(&Rollup) -> i64) -> Vec<i64> {
    all.iter().map(value).collect()
}

fn same(one: &[f64], other: &[f64]) -> bool {
    one.iter()
        .map(|it| it.to_bits())
        .eq(other.iter().map(|it| it.to_bits()))
}

fn form(it: &Rollup) -> i64 {
    match it.extremes {
        None => NONE,
        Some(extremes) if extremes.sampled => SAMPLED,
        Some(_) => BETWEEN,
    }
}

fn highest(it: &Extremes) -> PowerAt {
    it.highest
}

fn lowest(it: &Extremes) -> PowerAt {
    it.lowest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use voltaire_types::DeviceId;

    fn key() -> Key {
        Key {
            device: DeviceId::from_uuid(uuid::Uuid::from_u128(7)),
            start: Timestamp::from_parts(1_767_225_600, 0).unwrap(),
        }
    }

    fn quarters() -> impl Strategy<Value = Quarters> {
        let power = || (-1e6..1e6, 0_i64..900_000_000);
        let extremes = prop::option::of((power(), power(), any::<bool>()));
        let amounts = prop::collection::vec(prop_oneof![Just(0.0), -1e5..1e5], 4);
        let one = (amounts, 0_i64..900_000_001, 0_u64..1000, extremes);
        prop::collection::vec(one, 0..97).prop_map(|all| {
            let rollup =
                |(start, (amounts, covered, count, extremes)): (Timestamp, (Vec<f64>, i64, u64, Option<_>))| {
                    let at = |(watts, offset): (f64, i64)| PowerAt {
                        power: Watts(watts),
                        at: Timestamp::from_micros(start.micros() + offset).unwrap(),
                    };
                    Rollup {
                        energy: amounts[0],
                        taken: amounts[1],
                        bridged: amounts[2],
                        estimated: amounts[3],
                        covered,
                        estimated_time: covered / 2,
                        count,
                        extremes: extremes.map(|(highest, lowest, sampled)| Extremes {
                            highest: at(highest),
                            lowest: at(lowest),
                            sampled,
                        }),
                    }
                };
            Quarters(starts(key()).zip(all).map(rollup).collect())
        })
    }

    proptest! {
        #[test]
        fn quarters_come_back_as_they_were(quarters in quarters()) {
            let bytes = pack(key(), &quarters);
            prop_assert_eq!(&unpack(key(), &bytes, Depth::Everything).unwrap(), &quarters);
            let mut amounts = quarters;
            amounts.0.iter_mut().for_each(|it| it.extremes = None);
            prop_assert_eq!(unpack(key(), &bytes, Depth::Amounts).unwrap(), amounts);
        }

        #[test]
        fn sums_are_those_of_the_quarters(quarters in quarters(), mut places in prop::collection::vec(0_usize..100, 0..5)) {
            places.sort_unstable();
            let sums = sums(key(), &pack(key(), &quarters), &places).unwrap();
            let mut from = 0;
            for (to, sum) in &sums {
                prop_assert!(from < *to && (places.contains(to) || *to == quarters.0.len()));
                prop_assert!(!places.iter().any(|place| from < *place && place < to));
                let whole = Quarters(quarters.0[from..*to].to_vec()).whole();
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1e-3);
                prop_assert!(near(sum.energy, whole.energy) && near(sum.taken, whole.taken));
                prop_assert!(near(sum.bridged, whole.bridged) && near(sum.estimated, whole.estimated));
                prop_assert_eq!((sum.covered, sum.estimated_time, sum.count), (whole.covered, whole.estimated_time, whole.count));
                from = *to;
            }
            prop_assert_eq!(from, quarters.0.len());
        }
    }
}
