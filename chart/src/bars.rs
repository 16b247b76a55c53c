//! Geometry of bars over time and of ranked bars.

use crate::{Scale, stack};

/// Bars narrower than this touch each other, pixels: gaps between them would be all that is seen.
pub const DENSE: f64 = 6.0;

/// Where a step is drawn on the time axis, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// Left edge of the step.
    pub x: f64,
    /// Width of the step, its gap included.
    pub width: f64,
}

/// One rectangle of a stack, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Which series.
    pub series: usize,
    /// Which step.
    pub step: usize,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height; at least half a pixel, so that a small value is seen.
    pub height: f64,
}

/// The slots between boundaries: one fewer than there are boundaries. Days of 23 or 25 hours keep their true width.
pub fn slots(boundaries: &[i64], x: &Scale) -> Vec<Slot> {
    boundaries
        .windows(2)
        .map(|pair| {
            let (left, right) = (x.at(pair[0] as f64), x.at(pair[1] as f64));
            Slot {
                x: left,
                width: right - left,
            }
        })
        .collect()
}

/// So many slots of the same width, between two pixels: for names, which take no time.
pub fn even(count: usize, (left, right): (f64, f64)) -> Vec<Slot> {
    let width = (right - left) / count.max(1) as f64;
    let slot = |step: usize| Slot {
        x: left + step as f64 * width,
        width,
    };
    (0..count).map(slot).collect()
}

/// Which slot lies under a pixel.
pub fn slot_at(slots: &[Slot], pixel: f64) -> Option<usize> {
    slots
        .iter()
        .position(|slot| pixel >= slot.x && pixel < slot.x + slot.width)
}

/// The rectangles of stacked series; zero and missing values have none.
pub fn bars(series: &[Vec<f64>], slots: &[Slot], y: &Scale) -> Vec<Bar> {
    let layers = stack::stack(series);
    let mut bars = Vec::new();
    for (series, layers) in layers.iter().enumerate() {
        for (step, ((from, to), slot)) in layers.iter().zip(slots).enumerate() {
            if !to.is_finite() || (to - from).abs() < f64::EPSILON {
                continue;
            }
            let gap = if slot.width < DENSE {
                0.0
            } else {
                (slot.width * 0.2).min(8.0)
            };
            let (a, b) = (y.at(*from), y.at(*to));
            bars.push(Bar {
                series,
                step,
                x: slot.x + gap / 2.0,
                y: a.min(b),
                width: (slot.width - gap).max(0.5),
                height: (a - b).abs().max(0.5),
            });
        }
    }
    bars
}

/// The two halves of a slot, for two series side by side.
pub fn halves(slot: Slot) -> [Slot; 2] {
    let inner = slot.width * 0.8;
    let x = slot.x + slot.width * 0.1;
    [
        Slot { x, width: inner / 2.0 },
        Slot {
            x: x + inner / 2.0,
            width: inner / 2.0,
        },
    ]
}

/// The indices of values, largest first; equal ones keep their order, missing ones come last.
pub fn most_first(values: &[f64]) -> Vec<usize> {
    let size = |index: &usize| values.get(*index).copied().filter(|value| value.is_finite());
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| match (size(a), size(b)) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    order
}

/// The length of each ranked bar as a share of the longest, 0 to 1; missing and negative values have none.
pub fn ranked(values: &[f64]) -> Vec<f64> {
    let longest = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    values
        .iter()
        .map(|value| {
            if longest > 0.0 && *value > 0.0 {
                value / longest
            } else {
                0.0
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_day_is_a_wider_slot() {
        let hour = 3_600_000;
        let slots = slots(&[0, 24 * hour, 49 * hour], &Scale::time(0, 49 * hour, (0.0, 490.0)));
        assert!((slots[0].width - 240.0).abs() < 1e-9 && (slots[1].width - 250.0).abs() < 1e-9);
        assert_eq!(slot_at(&slots, 241.0), Some(1));
        assert_eq!(slot_at(&slots, 490.0), None);
    }

    #[test]
    fn names_have_slots_of_the_same_width() {
        let slots = even(4, (10.0, 50.0));
        assert_eq!(slots[3], Slot { x: 40.0, width: 10.0 });
        assert_eq!(even(0, (10.0, 50.0)), []);
    }

    #[test]
    fn stacked_bars_touch_and_missing_ones_are_missing() {
        let slots = [Slot { x: 0.0, width: 10.0 }, Slot { x: 10.0, width: 10.0 }];
        let bars = bars(
            &[vec![1.0, f64::NAN], vec![3.0, 0.0]],
            &slots,
            &Scale::new((0.0, 4.0), (40.0, 0.0)),
        );
        assert_eq!(bars.len(), 2);
        assert!((bars[0].y - 30.0).abs() < 1e-9 && (bars[1].y + bars[1].height - 30.0).abs() < 1e-9);
        assert!((bars[0].width - 8.0).abs() < 1e-9);
    }

    #[test]
    fn the_largest_comes_first_and_the_missing_last() {
        assert_eq!(most_first(&[2.0, f64::NAN, 4.0, -1.0, 4.0]), [2, 4, 0, 3, 1]);
    }

    #[test]
    fn the_longest_ranked_bar_is_full() {
        assert_eq!(ranked(&[2.0, 4.0, f64::NAN, -1.0]), [0.5, 1.0, 0.0, 0.0]);
        assert_eq!(ranked(&[0.0]), [0.0]);
    }
}
