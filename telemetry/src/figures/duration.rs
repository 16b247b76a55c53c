//! How long power is above thresholds, and the load duration curve.

use super::segment::Segment;

/// A point of a load duration curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// Share of the values, 0 to 1, that are at least this high.
    pub share: f64,
    /// The value, W.
    pub power: f64,
}

/// Time above thresholds, and means for the curve.
#[derive(Clone, Debug)]
pub(crate) struct DurationCurve {
    above: Vec<(f64, f64)>,
    measured: f64,
    means: Vec<f64>,
}

impl DurationCurve {
    /// Nothing yet, for thresholds in W.
    pub(crate) fn new(thresholds: &[f64]) -> Self {
        Self {
            above: thresholds.iter().map(|it| (*it, 0.0)).collect(),
            measured: 0.0,
            means: Vec::new(),
        }
    }

    /// Takes a segment of the power curve.
    pub(crate) fn segment(&mut self, segment: &Segment) {
        self.measured += segment.time.seconds();
        for (threshold, seconds) in &mut self.above {
            *seconds += segment.seconds_above(*threshold);
        }
    }

    /// Takes the mean power of a quarter hour, W.
    pub(crate) fn mean(&mut self, mean: f64) {
        self.means.push(mean);
    }

    /// Seconds in which the power is known.
    pub(crate) fn measured(&self) -> f64 {
        self.measured
    }

    /// Each threshold, W, and the seconds above it.
    pub(crate) fn above(&self) -> &[(f64, f64)] {
        &self.above
    }

    /// The curve, highest first, in at most so many points: the highest, the lowest, and evenly between.
    pub(crate) fn curve(mut self, points: usize) -> Vec<Point> {
        self.means.sort_unstable_by(|a, b| b.total_cmp(a));
        let count = self.means.len();
        let points = points.min(count);
        let place = |number: usize| number * (count - 1) / (points - 1).max(1);
        let point = |place: usize| {
            Some(Point {
                share: (place + 1) as f64 / count as f64,
                power: *self.means.get(place)?,
            })
        };
        (0..points).map(place).filter_map(point).collect()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use voltaire_types::Interval;

    use super::super::test::at;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn time_above_adds_up() {
        let mut curve = DurationCurve::new(&[100.0, 1_000.0]);
        for (start, first, last) in [(0, 0.0, 200.0), (100, 200.0, 200.0)] {
            curve.segment(&Segment {
                time: Interval::new(at(start), at(start + 100)),
                first,
                last,
            });
        }
        assert_eq!(
            (curve.measured(), curve.above()),
            (200.0, &[(100.0, 150.0), (1_000.0, 0.0)][..])
        );
    }

    #[test]
    fn few_values_are_all_given_and_none_give_none() {
        let mut curve = DurationCurve::new(&[]);
        curve.mean(5.0);
        assert_eq!(curve.clone().curve(100), [Point { share: 1.0, power: 5.0 }]);
        assert!(DurationCurve::new(&[]).curve(100).is_empty());
    }

    proptest! {
        #[test]
        fn the_curve_falls_from_the_highest_to_the_lowest(means in prop::collection::vec(-1e4..1e4_f64, 2..300), points in 2_usize..200) {
            let mut curve = DurationCurve::new(&[]);
            for mean in &means {
                curve.mean(*mean);
            }
            let it = curve.curve(points);
            prop_assert_eq!(it.len(), points.min(means.len()));
            let highest = means.iter().copied().fold(f64::MIN, f64::max);
            let lowest = means.iter().copied().fold(f64::MAX, f64::min);
            prop_assert!(it[0].power == highest && it[it.len() - 1].power == lowest);
            prop_assert!(it.windows(2).all(|pair| pair[0].power >= pair[1].power && pair[0].share < pair[1].share));
            for point in &it {
                let above = means.iter().filter(|mean| **mean >= point.power).count() as f64;
                prop_assert!(above >= point.share * means.len() as f64 - 1e-6);
            }
        }
    }
}
