//! Round numbers for an axis of values.

/// The ticks of an axis: `step` apart, from the first value at or below the data to the first at or above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// Distance between two ticks.
    pub step: f64,
    /// The ticks, lowest first; at least two.
    pub values: Vec<f64>,
    /// Decimals that every tick needs.
    pub decimals: usize,
}

impl Ticks {
    /// Lowest and highest tick: the domain of the axis.
    pub fn domain(&self) -> (f64, f64) {
        let first = self.values.first().copied().unwrap_or(0.0);
        (first, self.values.last().copied().unwrap_or(first + self.step))
    }
}

/// Ticks of the form 1, 2, 2.5 or 5 × 10ⁿ that enclose `low..high`, at most about `count` of them. Axes of energy, power and
/// money pass a `low` of 0 or below, so that bars start at zero. Values that are not finite count as nothing.
pub fn nice(low: f64, high: f64, count: usize) -> Ticks {
    let low = if low.is_finite() { low } else { 0.0 };
    let high = if high.is_finite() { high } else { low };
    let high = if high > low { high } else { low + 1.0 };
    let step = nice_step((high - low) / count.max(2) as f64);
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil().max(first + 1.0);
    let values = (0..=(last - first) as usize)
        .map(|n| (first + n as f64) * step)
        .collect();
    Ticks {
        step,
        values,
        decimals: decimals(step),
    }
}

fn nice_step(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let factor = raw / power;
    let nice = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|nice| factor <= nice + 1e-9)
        .unwrap_or(10.0);
    nice * power
}

fn decimals(step: f64) -> usize {
    (0..9)
        .find(|places| {
            let scaled = step * 10f64.powi(*places);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .unwrap_or(9) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(nice(0.0, 2310.0, 4).values, [0.0, 1000.0, 2000.0, 3000.0]);
        assert_eq!(nice(0.0, 1.7, 4).values, [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(nice(0.0, 0.9, 4).decimals, 2);
        assert_eq!(nice(-300.0, 900.0, 4).domain(), (-500.0, 1000.0));
    }

    #[test]
    fn nothing_to_show_still_has_an_axis() {
        assert_eq!(nice(0.0, 0.0, 4).domain(), (0.0, 1.0));
        assert_eq!(nice(f64::NAN, f64::NEG_INFINITY, 4).domain(), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn ticks_enclose_the_data_and_are_few(low in -1e6..0.0f64, high in 0.001..1e6f64) {
            let ticks = nice(low, high, 4);
            let (first, last) = ticks.domain();
            prop_assert!(first <= low + ticks.step * 1e-6 && last >= high - ticks.step * 1e-6);
            prop_assert!(ticks.values.len() <= 8);
        }
    }
}
