//! The power curve of a total as straight segments: the covered pieces of its devices, added up between their ends.

use voltaire_types::{Interval, Timestamp};

use super::curve::Piece;

/// A straight part of the power curve of a total.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// Its time.
    pub time: Interval,
    /// Power at its start, W.
    pub first: f64,
    /// Power at its end, W.
    pub last: f64,
}

impl Segment {
    /// Seconds in which the power is above a threshold, to the crossing.
    pub(crate) fn seconds_above(&self, threshold: f64) -> f64 {
        let (low, high) = (self.first.min(self.last), self.first.max(self.last));
        if low > threshold {
            self.time.seconds()
        } else if high <= threshold {
            0.0
        } else {
            self.time.seconds() * (high - threshold) / (high - low)
        }
    }
}

/// Adds up curves, each times its factor, within a time; gives the segments in time's order. Where no device is covered
/// there is none; a device that is not covered adds nothing.
pub(crate) fn sum(curves: &[(f64, Vec<Piece>)], within: Interval, mut give: impl FnMut(Segment)) {
    let covering = |(factor, pieces): &(f64, Vec<Piece>)| {
        let pieces: Vec<_> = pieces.iter().filter(|piece| piece.covers()).copied().collect();
        (*factor, pieces)
    };
    let curves: Vec<_> = curves.iter().map(covering).collect();
    let ends = curves
        .iter()
        .flat_map(|(_, pieces)| pieces)
        .flat_map(|piece| [piece.start, piece.end]);
    let mut cuts: Vec<_> = ends.map(|at| at.max(within.start).min(within.end)).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut rest: Vec<&[Piece]> = curves.iter().map(|(_, pieces)| pieces.as_slice()).collect();
    for bounds in cuts.windows(2) {
        let time = Interval::new(bounds[0], bounds[1]);
        let mut segment = None;
        for ((factor, _), rest) in curves.iter().zip(&mut rest) {
            *rest = rest
                .get(rest.partition_point(|piece| piece.end <= time.start)..)
                .unwrap_or_default();
            if let Some(piece) = rest.first().filter(|piece| piece.start <= time.start) {
                let (first, last) = segment.unwrap_or((0.0, 0.0));
                let power = |at: Timestamp| factor * piece.power_at(at);
                segment = Some((first + power(time.start), last + power(time.end)));
            }
        }
        if let Some((first, last)) = segment {
            give(Segment { time, first, last });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{
        Sample,
        curve::Curve,
        test::{at, interval, point},
    };
    use super::*;
    use proptest::prelude::*;

    fn pieces(samples: &[Sample]) -> Vec<Piece> {
        let (mut curve, mut pieces) = (Curve::new(Duration::from_mins(5)), Vec::new());
        for sample in samples {
            curve.push(sample, &mut pieces);
        }
        curve.settle(Timestamp::MAX, &mut pieces);
        pieces
    }

    fn segments(devices: &[&[Sample]], within: (i64, i64)) -> Vec<Segment> {
        let curves: Vec<_> = devices.iter().map(|samples| (1.0, pieces(samples))).collect();
        let mut segments = Vec::new();
        sum(&curves, Interval::new(at(within.0), at(within.1)), |it| {
            segments.push(it);
        });
        segments
    }

    #[test]
    fn time_above_is_counted_to_the_crossing() {
        let it = Segment {
            time: Interval::new(at(0), at(100)),
            first: 0.0,
            last: 200.0,
        };
        assert!((it.seconds_above(50.0) - 75.0).abs() < 1e-9);
        assert!(it.seconds_above(200.0) == 0.0 && (it.seconds_above(-1.0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn curves_are_added_where_they_are_covered() {
        let one = [point(0, 0.0), point(100, 100.0)];
        let two = [interval(50, 100, 10.0)];
        let it = segments(&[&one, &two], (0, 1_000));
        let short: Vec<_> = it.iter().map(|it| (it.time.seconds(), it.first, it.last)).collect();
        assert_eq!(short, [(50.0, 0.0, 50.0), (50.0, 60.0, 110.0), (50.0, 10.0, 10.0)]);
    }

    proptest! {
        #[test]
        fn every_second_is_as_the_curves_say(
            one in prop::collection::vec((1_i64..500, -500.0..3_000.0_f64), 0..20),
            two in prop::collection::vec((1_i64..500, -500.0..3_000.0_f64), 0..20),
            start in 0_i64..2_000, threshold in -500.0..5_000.0_f64,
        ) {
            let samples = |gaps: &[(i64, f64)]| {
                let mut second = 0;
                gaps.iter().map(|(gap, watts)| { second += gap; point(second, *watts) }).collect::<Vec<_>>()
            };
            let (one, two) = (samples(&one), samples(&two));
            let all = segments(&[&one, &two], (start, 4_000));
            let (one, two) = (pieces(&one), pieces(&two));
            let mut above = 0.0;
            for step in 0..(4_000 - start) * 4 {
                let middle = at(start).plus(Duration::from_millis(step.unsigned_abs() * 250 + 125));
                let inside = |piece: &&Piece| piece.covers() && piece.start <= middle && middle < piece.end;
                let power: Vec<_> = [&one, &two].into_iter().filter_map(|it| it.iter().find(inside)).map(|it| it.power_at(middle)).collect();
                let segment = all.iter().find(|it| it.time.contains(middle));
                prop_assert_eq!(segment.is_some(), !power.is_empty());
                if let Some(it) = segment {
                    let share = middle.seconds_since(it.time.start) / it.time.seconds();
                    prop_assert!((it.first + (it.last - it.first) * share - power.iter().sum::<f64>()).abs() < 1e-6);
                }
                above += if !power.is_empty() && power.iter().sum::<f64>() > threshold { 0.25 } else { 0.0 };
            }
            let exact: f64 = all.iter().map(|it| it.seconds_above(threshold)).sum();
            prop_assert!((exact - above).abs() <= 0.25 * (all.len() + 1) as f64);
        }
    }
}
