//! What no reading covers, and how far apart readings are.

use std::time::Duration;

use voltaire_types::{Interval, Timestamp};

/// Finds the gaps between covered stretches, which come in time's order.
#[derive(Clone, Debug)]
pub(crate) struct Gaps {
    end: Timestamp,
    until: Timestamp,
    found: Vec<Interval>,
}

impl Gaps {
    /// The gaps of a period.
    pub(crate) fn new(period: Interval) -> Self {
        Self {
            end: period.end,
            until: period.start,
            found: Vec::new(),
        }
    }

    /// Takes the next covered stretch.
    pub(crate) fn covered(&mut self, stretch: Interval) {
        if stretch.start > self.until {
            self.found.push(Interval::new(self.until, stretch.start));
        }
        self.until = self.until.max(stretch.end);
    }

    /// All gaps, longest first, the earlier of equals.
    pub(crate) fn longest_first(mut self) -> Vec<Interval> {
        if self.until < self.end {
            self.found.push(Interval::new(self.until, self.end));
        }
        self.found
            .sort_by(|a, b| b.duration().cmp(&a.duration()).then(a.start.cmp(&b.start)));
        self.found
    }
}

/// The median time between instants that come in order; none for fewer than two.
pub(crate) fn median_apart(times: &[Timestamp]) -> Option<Duration> {
    let mut apart: Vec<_> = times.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    apart.sort_unstable();
    apart.get(apart.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::super::test::at;
    use super::*;
    use proptest::prelude::*;

    fn stretch(start: i64, end: i64) -> Interval {
        Interval::new(at(start), at(end))
    }

    #[test]
    fn gaps_are_what_is_left_longest_first() {
        let mut gaps = Gaps::new(stretch(0, 100));
        for (start, end) in [(10, 20), (20, 30), (60, 95)] {
            gaps.covered(stretch(start, end));
        }
        assert_eq!(
            gaps.longest_first(),
            [stretch(30, 60), stretch(0, 10), stretch(95, 100)]
        );
        assert_eq!(Gaps::new(stretch(0, 5)).longest_first(), [stretch(0, 5)]);
    }

    #[test]
    fn the_usual_distance_is_not_that_of_gaps() {
        assert_eq!(median_apart(&[at(0)]), None);
        assert_eq!(
            median_apart(&[at(0), at(10), at(20), at(5_000), at(5_010)]),
            Some(Duration::from_secs(10))
        );
    }

    proptest! {
        #[test]
        fn gaps_and_covered_time_fill_the_period(parts in prop::collection::vec((0_i64..50, 1_i64..50), 0..50)) {
            let mut gaps = Gaps::new(stretch(0, 6_000));
            let (mut second, mut covered) = (0, 0);
            for (gap, length) in parts {
                gaps.covered(stretch(second + gap, second + gap + length));
                second += gap + length;
                covered += length;
            }
            let left: f64 = gaps.longest_first().iter().map(|it| it.seconds()).sum();
            prop_assert_eq!(left as i64 + covered, 6_000);
        }
    }
}
