//! One period next to another: values step by step, and what changed.

/// The values of the other period at the steps of this one: the first at the first. Steps that the other does not have are NaN; its
/// surplus (a month of 31 days beside one of 30, the hour that clocks repeat) is left out.
pub fn aligned(other: &[f64], steps: usize) -> Vec<f64> {
    let mut values: Vec<f64> = other.iter().copied().take(steps).collect();
    values.resize(steps, f64::NAN);
    values
}

/// The sums of both over the steps that both know, and how many those are.
pub fn common(this: &[f64], other: &[f64]) -> (f64, f64, usize) {
    let both = this.iter().zip(other).filter(|(a, b)| a.is_finite() && b.is_finite());
    both.fold((0.0, 0.0, 0), |(a, b, count), (this, other)| {
        (a + this, b + other, count + 1)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn alignment_keeps_the_beginning(other in proptest::collection::vec(0.0..10.0f64, 0..40), steps in 0usize..40) {
            let values = aligned(&other, steps);
            prop_assert_eq!(values.len(), steps);
            for (step, value) in values.iter().enumerate() {
                match other.get(step) {
                    Some(expected) => prop_assert_eq!(value.to_bits(), expected.to_bits()),
                    None => prop_assert!(value.is_nan()),
                }
            }
        }
    }

    #[test]
    fn only_steps_that_both_know_are_compared() {
        let (this, other, count) = common(&[1.0, f64::NAN, 3.0, 4.0], &[2.0, 5.0, f64::NAN, 6.0]);
        assert!((this - 5.0).abs() < 1e-9 && (other - 8.0).abs() < 1e-9);
        assert_eq!(count, 2);
    }
}
