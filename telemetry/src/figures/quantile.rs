//! Quantiles and what is made from them: the median, and how far values usually lie from it.

/// What makes the median deviation of a normal distribution its standard deviation.
const NORMAL: f64 = 1.4826;

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
    /// The robust standard deviation: the median deviation, made to agree with the standard deviation of normal values,
    /// also of few of them.
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
        Some(Self {
            median,
            deviation: quantile(&mut away, 0.5)? * NORMAL * few,
            lowest: *sorted.first()?,
            highest: *sorted.last()?,
        })
    }

    /// How many deviations a value lies from the median, a deviation being at least so much.
    pub(crate) fn score(&self, value: f64, least: f64) -> f64 {
        (value - self.median) / self.deviation.max(least).max(f64::MIN_POSITIVE)
    }

    /// Whether no value that was seen lies so far out.
    pub(crate) fn is_outside(&self, value: f64) -> bool {
        value < self.lowest || value > self.highest
    }
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
        assert!(usual.deviation < 3.0 && usual.score(100.0, 0.0) > 30.0);
    }

    #[test]
    fn values_that_never_differ_have_a_score_all_the_same() {
        let usual = Usual::of(&[5.0; 4]).unwrap();
        assert_eq!((usual.score(5.0, 0.0), usual.score(7.0, 0.5)), (0.0, 4.0));
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
