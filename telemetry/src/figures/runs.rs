//! Runs of a device: when it was on.
//!
//! A stretch is where the device's power curve is above the on-threshold, cut where a line crosses it; stretches less than
//! five minutes apart are one run.

use std::time::Duration;

use voltaire_types::{Interval, Timestamp, Watts};

use super::curve::Piece;

/// Pauses shorter than this do not end a run.
const PAUSE: Duration = Duration::from_mins(5);

/// Finds the runs in pieces that come in time's order.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    threshold: f64,
    period: Interval,
    found: Vec<Interval>,
}

impl Runs {
    /// Runs above the threshold within the period.
    pub(crate) fn new(threshold: Watts, period: Interval) -> Self {
        Self {
            threshold: threshold.0,
            period,
            found: Vec::new(),
        }
    }

    /// Takes the next piece.
    pub(crate) fn piece(&mut self, piece: &Piece) {
        let Some(stretch) = self.above(piece).map(|it| it.intersection(self.period)) else {
            return;
        };
        if stretch.is_empty() {
            return;
        }
        match self.found.last_mut() {
            Some(run) if stretch.start.since(run.end) < PAUSE => run.end = run.end.max(stretch.end),
            _ => self.found.push(stretch),
        }
    }

    /// How many runs have begun.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// The runs, oldest first.
    pub(crate) fn found(self) -> Vec<Interval> {
        self.found
    }

    /// Where the piece is above the threshold, cut where its line crosses it.
    pub(crate) fn above(&self, piece: &Piece) -> Option<Interval> {
        let (first, last) = (piece.first > self.threshold, piece.last > self.threshold);
        if !piece.covers() || !(first || last) {
            return None;
        }
        let crossing = || {
            let share = (self.threshold - piece.first) / (piece.last - piece.first);
            let into = (piece.end.micros() - piece.start.micros()) as f64 * share;
            Timestamp::from_micros(piece.start.micros() + into.round() as i64).unwrap_or(piece.end)
        };
        Some(Interval::new(
            if first { piece.start } else { crossing() },
            if last { piece.end } else { crossing() },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Sample,
        curve::Curve,
        test::{at, interval, point},
    };
    use super::*;

    fn runs(samples: &[Sample]) -> Vec<(f64, f64)> {
        let (mut curve, mut pieces) = (Curve::new(Duration::from_mins(5)), Vec::new());
        for sample in samples {
            curve.push(sample, &mut pieces);
        }
        curve.settle(Timestamp::MAX, &mut pieces);
        let mut runs = Runs::new(Watts(10.0), Interval::new(at(0), at(100_000)));
        for piece in &pieces {
            runs.piece(piece);
        }
        let seconds = |it: Interval| (it.start.seconds_since(at(0)), it.end.seconds_since(at(0)));
        runs.found().into_iter().map(seconds).collect()
    }

    #[test]
    fn a_run_begins_and_ends_where_the_threshold_is_crossed() {
        assert_eq!(
            runs(&[point(0, 0.0), point(100, 20.0), point(200, 20.0), point(300, 0.0)]),
            [(50.0, 250.0)]
        );
        assert_eq!(runs(&[point(0, 10.0), point(100, 10.0)]), []);
    }

    #[test]
    fn pauses_of_less_than_five_minutes_are_part_of_a_run() {
        let level = |start| interval(start, 60, 100.0);
        assert_eq!(runs(&[level(0), level(359)]), [(0.0, 419.0)]);
        assert_eq!(runs(&[level(0), level(360)]), [(0.0, 60.0), (360.0, 420.0)]);
    }

    #[test]
    fn a_run_is_cut_at_the_periods_edge() {
        assert_eq!(runs(&[point(-100, 50.0), point(50, 50.0)]), [(0.0, 50.0)]);
    }
}
