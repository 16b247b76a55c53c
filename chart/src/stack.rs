//! Series on top of each other: positive values upwards, negative ones downwards, gaps left out.

/// From where to where a value reaches in its stack; NaN for a gap.
pub type Layer = (f64, f64);

/// The layers of every series, in the order given, from the axis outwards. Series may be of unequal length.
pub fn stack(series: &[Vec<f64>]) -> Vec<Vec<Layer>> {
    let steps = series.iter().map(Vec::len).max().unwrap_or(0);
    let mut tops = vec![(0.0f64, 0.0f64); steps];
    series
        .iter()
        .map(|values| {
            values
                .iter()
                .zip(&mut tops)
                .map(|(value, (up, down))| {
                    if !value.is_finite() {
                        return (f64::NAN, f64::NAN);
                    }
                    let side = if *value < 0.0 { down } else { up };
                    let from = *side;
                    *side += value;
                    (from, *side)
                })
                .collect()
        })
        .collect()
}

/// The sum of each step; NaN where no series has a value.
pub fn totals(series: &[Vec<f64>]) -> Vec<f64> {
    let steps = series.iter().map(Vec::len).max().unwrap_or(0);
    (0..steps)
        .map(|step| {
            let values = series
                .iter()
                .filter_map(|values| values.get(step))
                .filter(|value| value.is_finite());
            values
                .copied()
                .fold(f64::NAN, |sum, value| if sum.is_nan() { value } else { sum + value })
        })
        .collect()
}

/// Lowest and highest end of any stack, zero included: what an axis must show.
pub fn extent(series: &[Vec<f64>]) -> (f64, f64) {
    stack(series)
        .iter()
        .flatten()
        .filter(|layer| layer.1.is_finite())
        .fold((0.0, 0.0), |(low, high), layer| (low.min(layer.1), high.max(layer.1)))
}

/// What a whole has and its parts do not explain, step by step, never below zero; NaN where the whole is not known.
pub fn rest(whole: &[f64], parts: &[Vec<f64>]) -> Vec<f64> {
    let known = totals(parts);
    whole
        .iter()
        .enumerate()
        .map(|(step, whole)| {
            let known = known
                .get(step)
                .copied()
                .filter(|value| value.is_finite())
                .unwrap_or(0.0);
            if whole.is_nan() {
                f64::NAN
            } else {
                (whole - known).max(0.0)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_touch_and_gaps_take_no_room() {
        let layers = stack(&[vec![1.0, f64::NAN], vec![2.0, 3.0], vec![-1.0, -2.0]]);
        assert_eq!(layers[1], [(1.0, 3.0), (0.0, 3.0)]);
        assert!(layers[0][1].0.is_nan());
        assert_eq!(layers[2], [(0.0, -1.0), (0.0, -2.0)], "export hangs below the axis");
        assert_eq!(extent(&[vec![1.0], vec![2.0], vec![-1.0]]), (-1.0, 3.0));
    }

    #[test]
    fn a_step_nobody_measured_has_no_total() {
        let totals = totals(&[vec![1.0, f64::NAN], vec![2.0, f64::NAN]]);
        assert!((totals[0] - 3.0).abs() < 1e-9);
        assert!(totals[1].is_nan());
    }

    #[test]
    fn the_rest_is_never_negative() {
        let rest = rest(&[5.0, 1.0, f64::NAN], &[vec![2.0, 3.0, 1.0]]);
        assert_eq!(&rest[..2], [3.0, 0.0]);
        assert!(rest[2].is_nan());
    }
}
