//! A sum that does not lose small parts: Neumaier's compensated summation.

/// A compensated sum: a year of hourly readings adds up to the watt-hour, in whatever portions it is added.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExactSum {
    sum: f64,
    lost: f64,
}

impl ExactSum {
    /// Adds a part.
    pub(crate) fn add(&mut self, part: f64) {
        let sum = self.sum + part;
        self.lost += if self.sum.abs() >= part.abs() {
            (self.sum - sum) + part
        } else {
            (part - sum) + self.sum
        };
        self.sum = sum;
    }

    /// Adds all parts of another sum.
    pub(crate) fn merge(&mut self, other: Self) {
        self.add(other.sum);
        self.add(other.lost);
    }

    /// The sum of all parts.
    pub(crate) fn value(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn small_parts_beside_large_ones_are_kept() {
        let mut sum = ExactSum::default();
        for part in [1.0, 1e100, 1.0, -1e100] {
            sum.add(part);
        }
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn merged_sums_are_the_sum_of_all_parts() {
        let (mut whole, mut left, mut right) = (ExactSum::default(), ExactSum::default(), ExactSum::default());
        for part in 0..10_000 {
            let value = f64::from(part) * 0.1;
            whole.add(value);
            if part % 3 == 0 {
                left.add(value);
            } else {
                right.add(value);
            }
        }
        left.merge(right);
        assert_eq!(left.value(), whole.value());
    }
}
