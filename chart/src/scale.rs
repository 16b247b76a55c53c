//! A linear map from values to pixels and back.

/// A linear map from a domain of values to a range of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Scale {
    /// Maps `domain` to `range`; a domain without width maps everything to the start of the range.
    pub const fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        Self { domain, range }
    }

    /// A scale over instants in milliseconds.
    pub fn time(start: i64, end: i64, range: (f64, f64)) -> Self {
        Self::new((start as f64, end as f64), range)
    }

    /// The pixel of a value; NaN stays NaN.
    pub fn at(&self, value: f64) -> f64 {
        let width = self.domain.1 - self.domain.0;
        if width == 0.0 {
            return if value.is_nan() { value } else { self.range.0 };
        }
        self.range.0 + (value - self.domain.0) / width * (self.range.1 - self.range.0)
    }

    /// The value under a pixel.
    pub fn invert(&self, pixel: f64) -> f64 {
        let width = self.range.1 - self.range.0;
        if width == 0.0 {
            return self.domain.0;
        }
        self.domain.0 + (pixel - self.range.0) / width * (self.domain.1 - self.domain.0)
    }

    /// First and last value.
    pub const fn domain(&self) -> (f64, f64) {
        self.domain
    }

    /// First and last pixel.
    pub const fn range(&self) -> (f64, f64) {
        self.range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_values_are_inverse() {
        let scale = Scale::new((0.0, 200.0), (100.0, 0.0));
        assert!((scale.at(50.0) - 75.0).abs() < 1e-9);
        assert!((scale.invert(75.0) - 50.0).abs() < 1e-9);
        assert!(scale.at(f64::NAN).is_nan());
    }

    #[test]
    fn a_flat_domain_divides_nothing_by_zero() {
        assert!(Scale::new((3.0, 3.0), (0.0, 10.0)).at(3.0).abs() < 1e-9);
        assert!((Scale::new((3.0, 4.0), (5.0, 5.0)).invert(5.0) - 3.0).abs() < 1e-9);
    }
}
