//! What the rest of a period will come to: each day ahead as days like it usually were, with a range.

use super::quantile::{quantile, typical};

/// Half the width of the range in standard deviations: four times in five it holds.
const FOUR_IN_FIVE: f64 = 1.2816;
/// How much days ahead deviate alike: cold weeks are cold on every day. With this, the range holds in a real home as often as
/// it says.
const ALIKE: f64 = 0.15;

/// An expected value and the range that it lies in four times in five.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Range {
    /// Expected.
    pub expected: f64,
    /// The range; none where days are too few to tell.
    pub between: Option<(f64, f64)>,
}

impl Range {
    /// The range of this and what is known.
    pub(crate) fn plus(self, known: f64) -> Self {
        Self {
            expected: self.expected + known,
            between: self.between.map(|(low, high)| (low + known, high + known)),
        }
    }
}

/// What days ahead will come to, by what days like each of them were; nothing for those that are like none.
pub(crate) fn usual(days: &[Vec<f64>]) -> Range {
    let mut expected = 0.0;
    let (mut apart, mut together) = (0.0, 0.0);
    for like in days {
        let Some(typical) = typical(like) else {
            continue;
        };
        let deviation = deviation(like, typical);
        expected += typical;
        apart += deviation * deviation;
        together += deviation;
    }
    let never_below_zero = days.iter().flatten().all(|it| *it >= 0.0);
    Range {
        expected,
        between: Some(between(expected, (apart, together), never_below_zero)),
    }
}

/// What time ahead will come to at the same rate, so many days long; the whole days so far say how far it may lie off.
pub(crate) fn same_rate(expected: f64, days_ahead: f64, so_far: &[f64]) -> Range {
    let middle = quantile(&mut so_far.to_vec(), 0.5).filter(|_| so_far.len() >= 3);
    let range = |median: f64| {
        let deviation = deviation(so_far, median);
        let spread = (deviation * deviation * days_ahead, deviation * days_ahead);
        between(expected, spread, so_far.iter().all(|it| *it >= 0.0))
    };
    Range {
        expected,
        between: middle.map(range),
    }
}

/// The range where variances add up to `apart` and deviations to `together`, being alike in part.
fn between(expected: f64, (apart, together): (f64, f64), never_below_zero: bool) -> (f64, f64) {
    let variance = (1.0 - ALIKE) * apart + ALIKE * together * together;
    let half = FOUR_IN_FIVE * variance.sqrt();
    let low = expected - half;
    (
        if never_below_zero {
            low.max(0.0).min(expected)
        } else {
            low
        },
        expected + half,
    )
}

/// How far values lie from what is usual.
fn deviation(values: &[f64], usual: f64) -> f64 {
    let squares: f64 = values.iter().map(|it| (it - usual).powi(2)).sum();
    (squares / values.len().saturating_sub(1).max(1) as f64).sqrt()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_that_never_differ_leave_no_doubt() {
        let it = usual(&[vec![10.0; 8], vec![20.0; 8]]);
        assert_eq!(
            it,
            Range {
                expected: 30.0,
                between: Some((30.0, 30.0))
            }
        );
        assert_eq!(it.plus(5.0).between, Some((35.0, 35.0)));
        assert_eq!(usual(&[]).expected, 0.0);
    }

    #[test]
    fn two_days_say_nothing_about_a_range() {
        assert_eq!(
            same_rate(70.0, 7.0, &[10.0, 11.0]),
            Range {
                expected: 70.0,
                between: None
            }
        );
        let (low, high) = same_rate(70.0, 7.0, &[9.0, 10.0, 11.0]).between.unwrap();
        assert!(low < 70.0 && high > 70.0 && low > 60.0);
    }

    #[test]
    fn one_wild_day_moves_the_range_and_not_what_is_expected() {
        let it = usual(&[vec![10.0, 12.0, 11.0, 9.0, 8.0, 10.0, 13.0, 90.0]]);
        assert!(it.expected < 12.0 && it.between.unwrap().1 > 30.0 && it.between.unwrap().0 == 0.0);
    }

    proptest! {
        #[test]
        fn the_range_holds_what_is_expected_and_is_no_wider_than_days_together(days in prop::collection::vec(prop::collection::vec(0.0..1e5_f64, 4..9), 0..40)) {
            let it = usual(&days);
            let (low, high) = it.between.unwrap();
            prop_assert!(0.0 <= low && low <= it.expected && it.expected <= high);
            let widest: f64 = days.iter().map(|like| deviation(like, typical(like).unwrap())).sum();
            prop_assert!(high - it.expected <= FOUR_IN_FIVE * widest + 1e-6);
        }

        #[test]
        fn four_in_five_independent_days_lie_within(seed in 0_u64..1_000) {
            // One day ahead, like days spread evenly from 50 to 150.
            let like: Vec<_> = (0_u64..8).map(|it| 50.0 + ((it * 7_919 + seed * 104_729) % 101) as f64).collect();
            let (low, high) = usual(&[like]).between.unwrap();
            prop_assert!(high - low > 20.0 && high - low < 160.0);
        }
    }
}
