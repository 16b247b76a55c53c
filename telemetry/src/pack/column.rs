//! Columns of numbers, one after the other: each says its form and its length, so that a reader may pass over it.

use std::ops::Range;

use pco::{ChunkConfig, data_types::Number, standalone};

use super::Damaged;
use crate::figures::exact::ExactSum;

const HEAD: usize = 5;

/// How the numbers of a column are written.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Form {
    /// There are none.
    Empty = 0,
    /// One number stands for all.
    Constant = 1,
    /// Eight bytes each, little endian.
    Plain = 2,
    /// As the `pco` codec writes them.
    Packed = 3,
}

/// What matters when a column is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// Few bytes.
    Small,
    /// Few bytes, but plain ones where packing saves less than half.
    Quick,
}

/// A number of a column: both kinds are eight bytes wide.
pub(super) trait Cell: Number + Copy {
    fn bytes(self) -> [u8; 8];
    fn from_bytes(bytes: [u8; 8]) -> Self;
    /// All of them together.
    fn sum(all: impl Iterator<Item = Self>) -> Self;
    /// So many of it together.
    fn times(self, count: usize) -> Self;
}

impl Cell for f64 {
    fn bytes(self) -> [u8; 8] {
        self.to_le_bytes()
    }

    fn from_bytes(bytes: [u8; 8]) -> Self {
        Self::from_le_bytes(bytes)
    }

    fn sum(all: impl Iterator<Item = Self>) -> Self {
        let mut sum = ExactSum::default();
        all.for_each(|it| sum.add(it));
        sum.value()
    }

    fn times(self, count: usize) -> Self {
        self * count as f64
    }
}

impl Cell for i64 {
    fn bytes(self) -> [u8; 8] {
        self.to_le_bytes()
    }

    fn from_bytes(bytes: [u8; 8]) -> Self {
        Self::from_le_bytes(bytes)
    }

    fn sum(all: impl Iterator<Item = Self>) -> Self {
        all.fold(0, Self::saturating_add)
    }

    fn times(self, count: usize) -> Self {
        self.saturating_mul(Self::try_from(count).unwrap_or(Self::MAX))
    }
}

/// Adds a column.
pub(super) fn write<T: Cell>(out: &mut Vec<u8>, values: &[T], aim: Aim) {
    let (form, body) = encode(values, aim);
    out.push(form as u8);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
}

fn encode<T: Cell>(values: &[T], aim: Aim) -> (Form, Vec<u8>) {
    let Some((first, rest)) = values.split_first() else {
        return (Form::Empty, Vec::new());
    };
    // Compared by their bits: −0 is not 0, and a NaN is itself.
    if rest.iter().all(|it| it.bytes() == first.bytes()) {
        return (Form::Constant, first.bytes().to_vec());
    }
    let plain: Vec<u8> = values.iter().flat_map(|it| it.bytes()).collect();
    let packed = standalone::simple_compress(values, &ChunkConfig::default());
    let limit = match aim {
        Aim::Small => plain.len(),
        Aim::Quick => plain.len() / 2,
    };
    match packed {
        Ok(packed) if packed.len() < limit => (Form::Packed, packed),
        _ => (Form::Plain, plain),
    }
}

/// Reads columns in the order they were written.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next column, not decoded yet.
    pub(super) fn next(&mut self) -> Result<Column<'a>, Damaged> {
        let (head, rest) = self.0.split_at_checked(HEAD).ok_or(Damaged)?;
        let &[form, a, b, c, d] = head else {
            return Err(Damaged);
        };
        let (body, rest) = rest
            .split_at_checked(u32::from_le_bytes([a, b, c, d]) as usize)
            .ok_or(Damaged)?;
        self.0 = rest;
        let form = match form {
            0 => Form::Empty,
            1 => Form::Constant,
            2 => Form::Plain,
            3 => Form::Packed,
            _ => return Err(Damaged),
        };
        Ok(Column { form, body })
    }
}

/// A column that may be decoded.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    form: Form,
    body: &'a [u8],
}

impl Column<'_> {
    /// Whether it holds nothing.
    pub(super) fn is_empty(self) -> bool {
        self.form == Form::Empty
    }

    /// The sum of its numbers, which must be so many, over each of the ranges.
    pub(super) fn sums<T: Cell>(self, count: usize, ranges: &[Range<usize>]) -> Result<Vec<T>, Damaged> {
        if self.form == Form::Constant {
            let value = T::from_bytes(self.body.try_into().map_err(|_| Damaged)?);
            return Ok(ranges.iter().map(|range| value.times(range.len())).collect());
        }
        let values = self.values::<T>(count)?;
        let of = |range: &Range<usize>| Ok(T::sum(values.get(range.clone()).ok_or(Damaged)?.iter().copied()));
        ranges.iter().map(of).collect()
    }

    /// Its numbers, which must be so many.
    pub(super) fn values<T: Cell>(self, count: usize) -> Result<Vec<T>, Damaged> {
        let values = match self.form {
            Form::Empty => Vec::new(),
            Form::Constant => vec![T::from_bytes(self.body.try_into().map_err(|_| Damaged)?); count],
            Form::Plain => plain(self.body),
            Form::Packed => standalone::simple_decompress(self.body).map_err(|_| Damaged)?,
        };
        if values.len() == count {
            Ok(values)
        } else {
            Err(Damaged)
        }
    }
}

fn plain<T: Cell>(body: &[u8]) -> Vec<T> {
    let (cells, _) = body.as_chunks::<8>();
    cells.iter().map(|bytes| T::from_bytes(*bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: Cell>(values: &[T], aim: Aim) -> (usize, Vec<[u8; 8]>) {
        let mut bytes = Vec::new();
        write(&mut bytes, values, aim);
        write(&mut bytes, &[7_i64, 8], Aim::Small);
        let mut reader = Reader(&bytes);
        let column = reader.next().unwrap();
        let read: Vec<T> = column.values(values.len()).unwrap();
        assert_eq!(reader.next().unwrap().values::<i64>(2).unwrap(), [7, 8]);
        assert!(reader.next().is_err());
        (column.body.len(), read.into_iter().map(T::bytes).collect())
    }

    #[test]
    fn every_bit_comes_back() {
        let odd = [
            0.0,
            -0.0,
            f64::NAN,
            f64::from_bits(0x7ff8_0000_0000_0001),
            f64::INFINITY,
            1e-310,
            88.1,
        ];
        for aim in [Aim::Small, Aim::Quick] {
            assert_eq!(round_trip(&odd, aim).1, odd.map(f64::bytes));
            assert_eq!(
                round_trip(&[i64::MIN, 0, i64::MAX], aim).1,
                [i64::MIN, 0, i64::MAX].map(i64::bytes)
            );
            assert_eq!(round_trip::<f64>(&[], aim).1.len(), 0);
        }
    }

    #[test]
    fn equal_numbers_take_eight_bytes_and_regular_ones_few() {
        assert_eq!(round_trip(&[900_i64; 96], Aim::Quick).0, 8);
        let times: Vec<_> = (0..1440_i64).map(|it| it * 60_000_000).collect();
        assert!(round_trip(&times, Aim::Small).0 < 60);
        let watts: Vec<_> = (0..1440).map(|it| f64::from(it * 37 % 900) / 10.0).collect();
        assert!(round_trip(&watts, Aim::Small).0 < 1440 * 2);
    }

    #[test]
    fn a_wrong_count_and_an_unknown_form_are_damage() {
        let mut bytes = Vec::new();
        write(&mut bytes, &[1_i64, 2, 3], Aim::Small);
        assert_eq!(Reader(&bytes).next().unwrap().values::<i64>(2), Err(Damaged));
        bytes[0] = 9;
        assert!(Reader(&bytes).next().is_err());
        assert!(Reader(&[1, 255, 255, 255, 255]).next().is_err());
    }
}
