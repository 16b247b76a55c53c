//! How parts lead from one value to another: each begins where the one before it ended.

use crate::bars;

/// One bar of a waterfall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Whether it stands on zero: the value before or after all parts.
    pub whole: bool,
}

/// The bars from `before` over its `changes` to what they come to; changes that are not finite count as nothing.
pub fn waterfall(before: f64, changes: &[f64]) -> Vec<Fall> {
    let whole = |to| Fall {
        from: 0.0,
        to,
        whole: true,
    };
    let mut at = before;
    let mut falls = vec![whole(before)];
    for change in changes {
        let from = at;
        at += if change.is_finite() { *change } else { 0.0 };
        falls.push(Fall {
            from,
            to: at,
            whole: false,
        });
    }
    falls.push(whole(at));
    falls
}

/// The `count` largest changes in their order, and the sum of the others when there are any.
pub fn largest(changes: &[f64], count: usize) -> (Vec<usize>, Option<f64>) {
    let sizes: Vec<f64> = changes.iter().map(|change| change.abs()).collect();
    let mut order = bars::most_first(&sizes);
    let rest = order.split_off(count.min(order.len()));
    let sum = rest.iter().filter_map(|index| changes.get(*index)).sum();
    (order, if rest.is_empty() { None } else { Some(sum) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bars_join_and_add_up(before in -100i32..100, changes in proptest::collection::vec(-100i32..100, 0..12), count in 0usize..14) {
            let changes: Vec<f64> = changes.into_iter().map(f64::from).collect();
            let falls = waterfall(f64::from(before), &changes);
            prop_assert_eq!(falls.len(), changes.len() + 2);
            for pair in falls[..falls.len() - 1].windows(2) {
                prop_assert!((pair[0].to - pair[1].from).abs() < 1e-9);
            }
            let after = f64::from(before) + changes.iter().sum::<f64>();
            prop_assert!((falls[falls.len() - 1].to - after).abs() < 1e-9);
            let (kept, rest) = largest(&changes, count);
            let told = kept.iter().map(|index| changes[*index]).sum::<f64>() + rest.unwrap_or(0.0);
            prop_assert!((told - changes.iter().sum::<f64>()).abs() < 1e-9);
        }
    }
}
