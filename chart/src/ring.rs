//! The last minutes of a live value: bounded, in order whatever the order of arrival, with gaps that stay gaps.

use std::collections::VecDeque;

use crate::bars;

/// Live samples of the last `span`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    samples: VecDeque<(i64, f64)>,
    span: i64,
}

impl Ring {
    const CAPACITY: usize = 3600;
    const NEAR: i64 = 5_000;
    const SEAM: i64 = 15_000;

    /// Keeps samples of the last `span` milliseconds, at most 3,600 of them.
    pub fn new(span: i64) -> Self {
        Self {
            samples: VecDeque::new(),
            span,
        }
    }

    /// Adds a sample; one of the same instant is replaced, one that is too old is dropped.
    pub fn push(&mut self, at: i64, value: f64) {
        let place = self.samples.partition_point(|(time, _)| *time < at);
        match self.samples.get_mut(place) {
            Some(same) if same.0 == at => same.1 = value,
            _ => self.samples.insert(place, (at, value)),
        }
        let newest = self.samples.back().map_or(at, |(time, _)| *time);
        while self.samples.len() > Self::CAPACITY
            || self.samples.front().is_some_and(|(time, _)| newest - time > self.span)
        {
            self.samples.pop_front();
        }
    }

    /// Time and value of the newest sample.
    pub fn last(&self) -> Option<(i64, f64)> {
        self.samples.back().copied()
    }

    /// Whether nothing has arrived.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The usual distance between samples, milliseconds: their median; `None` with fewer than three.
    pub fn usual_gap(&self) -> Option<i64> {
        if self.samples.len() < 3 {
            return None;
        }
        let gaps: Vec<f64> = self
            .samples
            .iter()
            .zip(self.samples.iter().skip(1))
            .map(|(a, b)| (b.0 - a.0) as f64)
            .collect();
        // One way of sorting in the whole app: each further one is downloaded by everybody.
        let middle = *bars::most_first(&gaps).get((gaps.len() - 1) / 2)?;
        gaps.get(middle).map(|gap| *gap as i64)
    }

    /// The samples from `since` on, with a NaN wherever more than the stale limit lies between two. `past` (steps of a history,
    /// earliest first) fills in where no sample is near.
    pub fn points(&self, past: &[(i64, f64)], since: i64) -> Vec<(i64, f64)> {
        // Steps of a history end up to one step before the stream begins.
        let limit = self.stale_after().max(if past.is_empty() { 0 } else { Self::SEAM });
        let mut all: Vec<(i64, f64)> = self.samples.iter().copied().collect();
        let lonely = |at: i64| {
            let next = self.samples.partition_point(|(time, _)| *time < at);
            let near = [next.checked_sub(1), Some(next)]
                .into_iter()
                .flatten()
                .filter_map(|place| self.samples.get(place));
            near.into_iter().all(|(time, _)| (time - at).abs() >= Self::NEAR)
        };
        for point in past.iter().filter(|(at, value)| value.is_finite() && lonely(*at)) {
            all.insert(all.partition_point(|(at, _)| *at < point.0), *point);
        }
        let mut points: Vec<(i64, f64)> = Vec::new();
        for (at, value) in all.into_iter().filter(|(at, _)| *at >= since) {
            if let Some((before, _)) = points.last().filter(|(before, _)| at - before > limit) {
                points.push((before + 1, f64::NAN));
            }
            points.push((at, value));
        }
        points
    }

    /// After how many milliseconds without a sample the value counts as stale: three usual distances, at least 10 s; 90 s while
    /// the usual distance is not known.
    pub fn stale_after(&self) -> i64 {
        self.usual_gap().map_or(90_000, |gap| (gap * 3).max(10_000))
    }
}

/// Of points in time's order the last one of each stretch of `length` milliseconds, newest first; gaps are left out.
pub fn newest(points: &[(i64, f64)], length: i64) -> Vec<(i64, f64)> {
    let mut rows: Vec<(i64, f64)> = Vec::new();
    for (at, value) in points.iter().rev().filter(|(_, value)| value.is_finite()) {
        if rows
            .last()
            .is_none_or(|(row, _)| row.div_euclid(length) != at.div_euclid(length))
        {
            rows.push((*at, *value));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_samples_find_their_place_and_repeats_replace() {
        let mut ring = Ring::new(60_000);
        for (at, value) in [(1000, 1.0), (3000, 3.0), (2000, 2.0), (3000, 4.0)] {
            ring.push(at, value);
        }
        assert_eq!(ring.points(&[], 0), [(1000, 1.0), (2000, 2.0), (3000, 4.0)]);
    }

    #[test]
    fn silence_is_a_gap() {
        let mut ring = Ring::new(600_000);
        for at in [0, 1000, 2000, 30_000] {
            ring.push(at, 5.0);
        }
        let points = ring.points(&[], 0);
        assert!(points[3].1.is_nan(), "28 s without a sample");
        assert_eq!(points.len(), 5);
    }

    #[test]
    fn slow_meters_are_not_stale_at_once() {
        let mut ring = Ring::new(3_600_000);
        for minute in 0..10 {
            ring.push(minute * 60_000, 1.0);
        }
        assert_eq!(ring.stale_after(), 180_000);
        assert!(ring.points(&[], 0).iter().all(|(_, value)| value.is_finite()));
    }

    #[test]
    fn history_fills_in_where_nothing_was_heard() {
        let mut ring = Ring::new(60_000);
        ring.push(20_000, 9.0);
        let past = [(2_500, 1.0), (7_500, 2.0), (12_500, f64::NAN), (17_500, 3.0)];
        assert_eq!(ring.points(&past, 0), [(2_500, 1.0), (7_500, 2.0), (20_000, 9.0)]);
    }

    #[test]
    fn of_each_stretch_the_newest_point_is_told() {
        let points = [
            (1_000, 1.0),
            (9_000, 2.0),
            (10_001, f64::NAN),
            (12_000, 3.0),
            (19_999, 4.0),
            (20_000, 5.0),
        ];
        assert_eq!(newest(&points, 10_000), [(20_000, 5.0), (19_999, 4.0), (9_000, 2.0)]);
    }

    #[test]
    fn the_ring_forgets() {
        let mut ring = Ring::new(10_000);
        for second in 0..100 {
            ring.push(second * 1000, 1.0);
        }
        assert_eq!(ring.points(&[], 0).len(), 11);
    }
}
