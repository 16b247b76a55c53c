//! Quantiles and what is made from them: the median, and how far values usually lie from it.

/// What makes the median deviation of a normal distribution its standard deviation.
const NORMAL: f64 = 1.4826;
/// What makes the mean deviation of a normal distribution its standard deviation.
const NORMAL_MEAN: f64 = 1.2533;
/// Scores are no higher.
const HIGHEST_SCORE: f64 = 99.0;

/// The value below which a share of the values lies, by straight lines between them; none for no values. Sorts the
/// values.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let place = share.clamp(0.0, 1.0) * values.len().checked_sub(1)? as f64;
    let (below, above) = (values.get(place.floor() as usize)?, values.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

/// What is usual: the median, and how far values lie from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usual {
    /// The median.
    pub median: f64,
    /// The mean.
    pub mean: f64,
    /// The robust standard deviation: the median deviation, made to agree with the standard deviation of normal values,
    /// also of few of them. Where most values are the same, the mean deviation.
    pub deviation: f64,
    /// The lowest value.
    pub lowest: f64,
    /// The highest value.
    pub highest: f64,
}

impl Usual {
    /// What is usual by values; none for no values.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        let median = quantile(&mut sorted, 0.5)?;
        let mut away: Vec<_> = values.iter().map(|it| (it - median).abs()).collect();
        let count = values.len() as f64;
        let few = count / (count - 0.8);
        let robust = quantile(&mut away, 0.5)? * NORMAL * few;
        let mean_away = away.iter().sum::<f64>() / count * NORMAL_MEAN;
        Some(Self {
            median,
            mean: values.iter().sum::<f64>() / count,
            deviation: if robust > 0.0 { robust } else { mean_away },
            lowest: *sorted.first()?,
            highest: *sorted.last()?,
        })
    }

    /// How many deviations a value lies from the median, a deviation being at least so much of what is usual, and of
    /// `usual`; at most 99.
    pub(crate) fn score(&self, value: f64, (share, usual): (f64, f64)) -> f64 {
        let least = share * self.median.abs().max(usual);
        let away = (value - self.median) / self.deviation.max(least).max(f64::MIN_POSITIVE);
        away.clamp(-HIGHEST_SCORE, HIGHEST_SCORE)
    }

    /// Whether no value that was seen lies so far out.
    pub(crate) fn is_outside(&self, value: f64) -> bool {
        value < self.lowest || value > self.highest
    }
}

/// What values usually come to on the whole: their mean, those that lie further than three deviations from the median
/// drawn in to there. So one wild value counts little, and rare ones still count. None for no values.
pub(crate) fn typical(values: &[f64]) -> Option<f64> {
    let usual = Usual::of(values)?;
    let reach = 3.0 * usual.deviation;
    let drawn_in = values
        .iter()
        .map(|it| it.clamp(usual.median - reach, usual.median + reach));
    Some(drawn_in.sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_lie_between_the_values() {
        let mut values = [4.0, 1.0, 2.0, 3.0];
        assert_eq!(quantile(&mut values, 0.5), Some(2.5));
        assert_eq!(
            (quantile(&mut values, 0.0), quantile(&mut values, 1.0)),
            (Some(1.0), Some(4.0))
        );
        assert_eq!(quantile(&mut [], 0.5), None);
        let mut hundred: Vec<_> = (0..=100).map(f64::from).collect();
        assert_eq!(quantile(&mut hundred, 0.05), Some(5.0));
    }

    #[test]
    fn one_wild_value_changes_little() {
        let usual = Usual::of(&[10.0, 11.0, 9.0, 10.0, 12.0, 8.0, 10.0, 1_000.0]).unwrap();
        assert_eq!(usual.median, 10.0);
        assert!(usual.deviation < 3.0 && usual.score(100.0, (0.0, 0.0)) > 30.0);
    }

    #[test]
    fn what_is_typical_draws_wild_values_in_and_keeps_rare_ones() {
        let typical = |values: &[f64]| typical(values).unwrap();
        assert_eq!(typical(&[5.0; 8]), 5.0);
        let wild = typical(&[10.0, 12.0, 11.0, 9.0, 8.0, 10.0, 13.0, 90.0]);
        assert!(wild > 10.0 && wild < 12.0);
        let rare = typical(&[0.0, 0.0, 900.0, 0.0, 0.0, 0.0, 1_000.0, 0.0]);
        assert!(rare > 200.0 && rare < 240.0);
    }

    #[test]
    fn values_that_never_differ_have_a_score_all_the_same() {
        let usual = Usual::of(&[5.0; 4]).unwrap();
        let score = |value, of| usual.score(value, (0.1, of));
        assert_eq!((score(5.0, 0.0), score(7.0, 0.0), score(7.0, 20.0)), (0.0, 4.0, 1.0));
        let nothing = Usual::of(&[0.0; 4]).unwrap();
        assert_eq!(
            (nothing.score(1.0, (0.1, 0.0)), nothing.score(-1.0, (0.1, 0.0))),
            (99.0, -99.0)
        );
    }

    #[test]
    fn where_most_values_are_the_same_the_rest_still_says_how_far_they_lie() {
        let usual = Usual::of(&[0.0, 0.0, 900.0, 0.0, 0.0, 0.0, 1_000.0, 0.0]).unwrap();
        assert!(usual.deviation > 250.0 && usual.score(1_000.0, (0.1, 0.0)) < 4.0);
    }

    proptest! {
        #[test]
        fn as_many_values_lie_below_as_the_share_says(mut values in prop::collection::vec(-1e6..1e6_f64, 1..200), share in 0.0..1.0_f64) {
            let it = quantile(&mut values, share).unwrap();
            let below = values.iter().filter(|value| **value < it).count() as f64;
            let not_above = values.iter().filter(|value| **value <= it).count() as f64;
            let place = share * (values.len() - 1) as f64;
            prop_assert!(below <= place.ceil() + 1.0 && not_above >= place.floor());
        }
    }
}
