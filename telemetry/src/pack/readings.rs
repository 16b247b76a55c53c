//! The readings of a device and a day as one block: exact to the bit.
//!
//! The columns that figures are made from come first, so that the others need not be decoded for them.

use std::time::Duration;

use voltaire_types::{Timestamp, WattHours, Watts};

use super::{
    Damaged, Key,
    column::{Aim, Column, Reader, write},
    seal,
};
use crate::{figures::Sample, reading::Reading};

/// Packs readings of one device and day, which must be in time's order.
pub(crate) fn pack(key: Key, readings: &[Reading]) -> Vec<u8> {
    let mut columns = Vec::new();
    let out = &mut columns;
    let offset = |it: &Reading| it.at.micros() - key.start.micros();
    write(out, &[readings.len() as f64], Aim::Small);
    write(out, &readings.iter().map(offset).collect::<Vec<_>>(), Aim::Small);
    write(
        out,
        &readings.iter().map(|it| it.power.0).collect::<Vec<_>>(),
        Aim::Small,
    );
    sparse(out, readings, |it| {
        it.interval.map(|interval| interval.as_micros() as i64)
    });
    sparse(out, readings, |it| it.counter.map(|counter| counter.0));
    sparse(out, readings, |it| it.voltage);
    sparse(out, readings, |it| it.current);
    sparse(out, readings, |it| it.power_factor);
    seal::close(key, &columns)
}

/// Two columns: which readings have the value (empty: all do, or none does), and the values.
fn sparse<T: super::column::Cell>(out: &mut Vec<u8>, readings: &[Reading], value: fn(&Reading) -> Option<T>) {
    let values: Vec<T> = readings.iter().filter_map(value).collect();
    let some = !values.is_empty() && values.len() < readings.len();
    let mask: Vec<i64> = if some {
        readings.iter().map(|it| i64::from(value(it).is_some())).collect()
    } else {
        Vec::new()
    };
    write(out, &mask, Aim::Small);
    write(out, &values, Aim::Small);
}

/// A block whose checksum is right; columns are decoded when they are asked for.
pub(crate) struct Block<'a> {
    key: Key,
    times: Vec<Timestamp>,
    columns: Reader<'a>,
}

impl<'a> Block<'a> {
    /// Opens a block and reads its times.
    pub(crate) fn open(key: Key, bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut columns = Reader(seal::open(key, bytes)?);
        let [count] = columns.next()?.values::<f64>(1)?[..] else {
            return Err(Damaged);
        };
        let offsets: Vec<i64> = columns.next()?.values(count as usize)?;
        let at = |offset| Timestamp::from_micros(key.start.micros() + offset).map_err(|_| Damaged);
        let times = offsets.into_iter().map(at).collect::<Result<_, _>>()?;
        Ok(Self { key, times, columns })
    }

    /// When its readings were, in time's order.
    pub(crate) fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// What figures are made from, in time's order.
    pub(crate) fn samples(mut self) -> Result<Vec<Sample>, Damaged> {
        let count = self.times.len();
        let powers: Vec<f64> = self.columns.next()?.values(count)?;
        let mut samples: Vec<_> = self
            .times
            .iter()
            .zip(powers)
            .map(|(at, power)| Sample::momentary(*at, Watts(power)))
            .collect();
        self.fill(&mut samples, |sample, micros| sample.interval = length(micros))?;
        self.fill(&mut samples, |sample, counter| {
            sample.counter = Some(WattHours(counter));
        })?;
        Ok(samples)
    }

    /// Its readings, in time's order.
    pub(crate) fn readings(mut self) -> Result<Vec<Reading>, Damaged> {
        let powers: Vec<f64> = self.columns.next()?.values(self.times.len())?;
        let reading = |(at, power): (&Timestamp, f64)| Reading {
            device: self.key.device,
            at: *at,
            power: Watts(power),
            voltage: None,
            current: None,
            power_factor: None,
            counter: None,
            interval: None,
        };
        let mut readings: Vec<_> = self.times.iter().zip(powers).map(reading).collect();
        self.fill(&mut readings, |it, micros| it.interval = length(micros))?;
        self.fill(&mut readings, |it, counter| it.counter = Some(WattHours(counter)))?;
        self.fill(&mut readings, |it, volts| it.voltage = Some(volts))?;
        self.fill(&mut readings, |it, amperes| it.current = Some(amperes))?;
        self.fill(&mut readings, |it, factor| it.power_factor = Some(factor))?;
        Ok(readings)
    }

    /// Gives each row that has it the next value of a sparse column.
    fn fill<R, T: super::column::Cell>(&mut self, rows: &mut [R], set: impl Fn(&mut R, T)) -> Result<(), Damaged> {
        let (mask, values): (Column, Column) = (self.columns.next()?, self.columns.next()?);
        if values.is_empty() {
            return Ok(());
        }
        if mask.is_empty() {
            let values = values.values(rows.len())?;
            rows.iter_mut().zip(values).for_each(|(row, value)| set(row, value));
            return Ok(());
        }
        let mask: Vec<i64> = mask.values(rows.len())?;
        let present = mask.iter().filter(|it| **it != 0).count();
        let mut values = values.values(present)?.into_iter();
        for (row, _) in rows.iter_mut().zip(mask).filter(|(_, present)| *present != 0) {
            set(row, values.next().ok_or(Damaged)?);
        }
        Ok(())
    }
}

fn length(micros: i64) -> Option<Duration> {
    u64::try_from(micros).ok().map(Duration::from_micros)
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

    fn any_readings() -> impl Strategy<Value = Vec<Reading>> {
        let maybe = || prop::option::of(any::<f64>());
        let one = (
            1_i64..900_000_000,
            any::<f64>(),
            [maybe(), maybe(), maybe(), maybe()],
            prop::option::of(1_u64..1 << 40),
        );
        prop::collection::vec(one, 0..90).prop_map(|all| {
            let mut at = key().start.micros();
            let reading =
                |(gap, power, [voltage, current, power_factor, counter], interval): (_, _, [_; 4], Option<u64>)| {
                    at += gap;
                    Reading {
                        device: key().device,
                        at: Timestamp::from_micros(at).unwrap(),
                        power: Watts(power),
                        voltage,
                        current,
                        power_factor,
                        counter: counter.map(WattHours),
                        interval: interval.map(Duration::from_micros),
                    }
                };
            all.into_iter().map(reading).collect()
        })
    }

    /// All bits of a reading, as NaN is not equal to itself.
    fn bits(it: &Reading) -> (Timestamp, u64, [Option<u64>; 4], Option<Duration>) {
        let values = [it.voltage, it.current, it.power_factor, it.counter.map(|it| it.0)];
        (
            it.at,
            it.power.0.to_bits(),
            values.map(|value| value.map(f64::to_bits)),
            it.interval,
        )
    }

    proptest! {
        #[test]
        fn readings_come_back_to_the_bit(readings in any_readings()) {
            let bytes = pack(key(), &readings);
            let back = Block::open(key(), &bytes).unwrap().readings().unwrap();
            prop_assert_eq!(back.iter().map(bits).collect::<Vec<_>>(), readings.iter().map(bits).collect::<Vec<_>>());
            let samples = Block::open(key(), &bytes).unwrap().samples().unwrap();
            let expected: Vec<_> = readings.iter().map(Reading::sample).collect();
            prop_assert_eq!(format!("{samples:?}"), format!("{expected:?}"));
        }

        #[test]
        fn a_flipped_bit_is_noticed(readings in any_readings(), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = pack(key(), &readings);
            let place = place.index(bytes.len());
            bytes[place] ^= 1_u8 << bit;
            prop_assert!(Block::open(key(), &bytes).is_err());
        }
    }

    #[test]
    fn a_block_of_another_device_or_day_is_refused() {
        let bytes = pack(key(), &[]);
        let other = Key {
            device: DeviceId::from_uuid(uuid::Uuid::from_u128(8)),
            ..key()
        };
        assert!(Block::open(other, &bytes).is_err());
        let later = Key {
            start: key().start.plus(Duration::from_hours(24)),
            ..key()
        };
        assert!(Block::open(later, &bytes).is_err());
        assert!(Block::open(key(), &bytes[..3]).is_err());
    }
}
