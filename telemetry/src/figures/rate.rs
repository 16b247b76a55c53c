//! What a period is going to take when it goes on at the same rate.

use std::time::Duration;

use voltaire_types::{Decimal, Interval, Timestamp, WattHours};

/// Before this, nothing can be told of a period,
const LEAST: Duration = Duration::from_hours(6);
/// nor before this share of it, in hundredths.
const LEAST_SHARE: u32 = 10;

/// How much of a period is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed {
    so_far: Duration,
    whole: Duration,
}

impl Elapsed {
    /// At this instant; none where it is too early to tell anything.
    pub(crate) fn at(now: Timestamp, period: Interval) -> Option<Self> {
        let (so_far, whole) = (now.since(period.start), period.duration());
        let enough = so_far >= LEAST.max(whole * LEAST_SHARE / 100) && so_far <= whole;
        enough.then_some(Self { so_far, whole })
    }

    /// The energy of the whole period.
    pub(crate) fn energy(self, so_far: WattHours) -> WattHours {
        so_far * (self.whole.as_secs_f64() / self.so_far.as_secs_f64())
    }

    /// The cost of the whole period.
    pub(crate) fn cost(self, so_far: Decimal) -> Decimal {
        let seconds = |it: Duration| Decimal::from(it.as_secs());
        so_far * seconds(self.whole) / seconds(self.so_far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_parts(hours * 3600, 0).unwrap()
    }

    #[test]
    fn the_rest_goes_on_at_the_same_rate() {
        let it = Elapsed::at(at(6), Interval::new(at(0), at(24))).unwrap();
        assert_eq!(it.energy(WattHours(1.0)), WattHours(4.0));
        assert_eq!(it.cost("0.30".parse().unwrap()), "1.20".parse().unwrap());
    }

    #[test]
    fn nothing_is_told_too_early_or_of_another_time() {
        let week = Interval::new(at(0), at(168));
        assert_eq!(Elapsed::at(at(16), week), None);
        assert!(Elapsed::at(at(17), week).is_some());
        assert_eq!(Elapsed::at(at(5), Interval::new(at(0), at(24))), None);
        assert_eq!(Elapsed::at(at(169), week), None);
        assert_eq!(Elapsed::at(at(-1), week), None);
    }
}
