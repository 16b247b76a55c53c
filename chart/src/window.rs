//! The stretch of time that a chart shows, and how a reader moves it.

use crate::Scale;

/// The shortest stretch there is, milliseconds: a minute.
pub const SHORTEST: i64 = 60_000;
/// The longest stretch there is, milliseconds: ten years.
pub const LONGEST: i64 = 10 * 366 * 86_400_000;
/// Fingers that are closer say nothing of what lies between them, CSS pixels.
const FINGER: f64 = 16.0;

/// From when to when, milliseconds UTC, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first instant.
    pub start: i64,
    /// The instant it ends before.
    pub end: i64,
}

impl Window {
    /// Between two instants in either order, neither shorter nor longer than there is.
    pub fn between(a: i64, b: i64) -> Self {
        let (start, end) = (a.min(b), a.max(b));
        let length = end.saturating_sub(start);
        let right = length.clamp(SHORTEST, LONGEST);
        let start = start.saturating_sub((right - length) / 2);
        Self {
            start,
            end: start.saturating_add(right),
        }
    }

    /// How long it is, milliseconds.
    pub const fn length(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// `factor` times as long around the instant at `share` (0 to 1) of it, which stays where it is.
    #[must_use]
    pub fn zoomed(self, factor: f64, share: f64) -> Self {
        let length = self.length() as f64;
        let wanted = (length * factor).clamp(SHORTEST as f64, LONGEST as f64);
        let start = self
            .start
            .saturating_add(((length - wanted) * share.clamp(0.0, 1.0)).round() as i64);
        Self {
            start,
            end: start.saturating_add(wanted.round() as i64),
        }
    }

    /// What is to be shown so that two fingers stand on the instants that they were put on: at these pixels then, and now. None
    /// where they were too close together, or have crossed.
    pub fn pinched(x: &Scale, then: [f64; 2], now: [f64; 2]) -> Option<Self> {
        let (apart, ratio) = (then[1] - then[0], (now[1] - now[0]) / (then[1] - then[0]));
        let under = |pixel: f64| x.invert(then[0] + (pixel - now[0]) / ratio);
        let (first, last) = x.range();
        let told = apart.abs() >= FINGER && ratio >= 0.05;
        told.then(|| Self::between(under(first).round() as i64, under(last).round() as i64))
    }

    /// Moved by `share` of its length; negative: earlier.
    #[must_use]
    pub fn panned(self, share: f64) -> Self {
        let by = (self.length() as f64 * share).round() as i64;
        Self {
            start: self.start.saturating_add(by),
            end: self.end.saturating_add(by),
        }
    }

    /// The stretch of the same length right before it.
    #[must_use]
    pub fn previous(self) -> Self {
        self.panned(-1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    proptest! {
        #[test]
        fn a_window_is_never_too_short_or_too_long(a in -LONGEST..LONGEST, b in -LONGEST..LONGEST, factor in 0.0..1e9f64, share in -1.0..2.0f64) {
            for window in [Window::between(NOW + a, NOW + b), Window::between(NOW + a, NOW + b).zoomed(factor, share)] {
                prop_assert!((SHORTEST..=LONGEST).contains(&window.length()), "{window:?}");
            }
        }

        #[test]
        fn the_instant_under_the_pointer_stays(length in 10 * SHORTEST..LONGEST / 10, factor in 0.2..5.0f64, share in 0.0..1.0f64) {
            let window = Window { start: NOW, end: NOW + length };
            let under = |window: Window| window.start as f64 + window.length() as f64 * share;
            prop_assert!((under(window) - under(window.zoomed(factor, share))).abs() < 3.0);
        }

        #[test]
        fn the_instants_under_two_fingers_stay(length in 100 * SHORTEST..LONGEST / 100, then in [50.0..150.0f64, 200.0..350.0], now in [0.0..180.0f64, 200.0..390.0]) {
            let x = Scale::time(NOW, NOW + length, (44.0, 392.0));
            let window = Window::pinched(&x, then, now).unwrap();
            let shown = Scale::time(window.start, window.end, (44.0, 392.0));
            for (then, now) in then.into_iter().zip(now) {
                let drift = (x.invert(then) - shown.invert(now)).abs();
                prop_assert!(drift < 3.0, "{drift} ms");
            }
            prop_assert_eq!(Window::pinched(&x, then, [now[1], now[0]]), None);
            prop_assert_eq!(Window::pinched(&x, [then[0], then[0] + 3.0], now), None);
        }

        #[test]
        fn the_previous_window_ends_where_this_one_begins(length in SHORTEST..LONGEST) {
            let window = Window { start: NOW, end: NOW + length };
            prop_assert_eq!(window.previous().end, window.start);
            prop_assert_eq!(window.previous().length(), length);
        }
    }
}
