//! The power curve of a device: from ordered samples to disjoint pieces, in time's order, in one pass.
//!
//! - Two consecutive momentary samples no further apart than the maximum gap are joined by a straight **line**.
//! - An interval reading is a **level** that holds for its own stretch and is joined to nothing. Where the next interval
//!   reading begins before the stretch is over, it ends there; momentary samples within it draw no line.
//! - Where both ends of a line carry the device's counter, the counter's difference is the line's energy. A counter that
//!   falls, or rises by more than 1 MW could give, was reset: the integral counts.
//! - A counter that goes on after a longer gap, of up to 31 days, **bridges** it: its difference is energy, spread evenly, but not covered time.

use std::time::Duration;

use voltaire_types::{Timestamp, Watts};

use super::Sample;

/// No reading may show more, W; so no counter may either.
const MOST: f64 = 1_000_000.0;
/// The longest gap that a counter bridges.
pub(crate) const MAX_BRIDGE: Duration = Duration::from_hours(31 * 24);

/// A piece of a power curve: straight from one power to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    /// Its first instant.
    pub start: Timestamp,
    /// Its last instant; of a level the first that no longer belongs to it.
    pub end: Timestamp,
    /// Power at its start, W.
    pub first: f64,
    /// Power at its end, W.
    pub last: f64,
    /// Energy by the device's counter, Wh; none: the integral of the power.
    pub counted: Option<f64>,
    /// What it is.
    pub kind: Kind,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Between two momentary samples; its end belongs to it.
    Line,
    /// An interval reading.
    Level,
    /// An interval that a correction estimates.
    Estimate,
    /// A longer gap that the device's counter bridges: energy, but neither power nor covered time.
    Bridge,
    /// A momentary sample that no line ends at; no time passes.
    Dot,
}

impl Piece {
    /// The power at an instant of it, W.
    pub(crate) fn power_at(&self, at: Timestamp) -> f64 {
        if at <= self.start {
            self.first
        } else if at >= self.end {
            self.last
        } else {
            self.first + (self.last - self.first) * (at.seconds_since(self.start) / self.end.seconds_since(self.start))
        }
    }

    /// The energy from one instant of it to another, Wh. Parts add up to the whole.
    pub(crate) fn energy(&self, from: Timestamp, to: Timestamp) -> f64 {
        match self.counted {
            None => self.power_at(from).midpoint(self.power_at(to)) * to.seconds_since(from) / 3600.0,
            Some(energy) if from <= self.start && to >= self.end => energy,
            Some(energy) => energy * (self.share_until(to) - self.share_until(from)),
        }
    }

    /// The energy from one instant of it to another where power is positive, Wh: what is taken, not given.
    pub(crate) fn taken(&self, from: Timestamp, to: Timestamp) -> f64 {
        let (first, last) = (self.power_at(from), self.power_at(to));
        if self.counted.is_some() || (first >= 0.0 && last >= 0.0) {
            return self.energy(from, to);
        }
        let highest = first.max(last);
        if highest <= 0.0 {
            return 0.0;
        }
        let positive = highest / (first - last).abs();
        highest / 2.0 * to.seconds_since(from) * positive / 3600.0
    }

    /// Whether time that it takes is covered.
    pub(crate) fn covers(&self) -> bool {
        matches!(self.kind, Kind::Line | Kind::Level | Kind::Estimate)
    }

    /// Which share of the energy falls before the instant, 0 to 1: by the power's integral, or by time where that is none.
    fn share_until(&self, at: Timestamp) -> f64 {
        let time = (at.seconds_since(self.start) / self.end.seconds_since(self.start)).clamp(0.0, 1.0);
        let whole = self.first + self.last;
        if self.kind == Kind::Bridge || self.first < 0.0 || self.last < 0.0 || whole <= 0.0 {
            return time;
        }
        (self.first + self.power_at(at)) / whole * time
    }
}

/// What is left of an interval reading.
#[derive(Clone, Copy, Debug)]
struct Level {
    start: Timestamp,
    end: Timestamp,
    power: f64,
    kind: Kind,
}

/// Makes pieces of samples that come in time's order.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    max_gap: Duration,
    last: Option<Sample>,
    /// The interval reading that may still be cut short by the next one, from where it has not been given yet.
    level: Option<Level>,
    /// Until when the last interval reading holds.
    held_until: Timestamp,
}

impl Curve {
    /// The curve of a device whose samples count as joined when at most so far apart.
    pub(crate) fn new(max_gap: Duration) -> Self {
        Self {
            max_gap,
            last: None,
            level: None,
            held_until: Timestamp::MIN,
        }
    }

    /// Takes the next sample and adds the pieces that it completes. One that is not later than the last is left out.
    pub(crate) fn push(&mut self, sample: &Sample, pieces: &mut Vec<Piece>) {
        if self.last.is_some_and(|last| last.at >= sample.at) {
            return;
        }
        self.give_level(sample.at, pieces);
        match sample.interval {
            Some(length) => {
                self.held_until = sample.at.plus(length);
                self.level = Some(Level {
                    start: sample.at,
                    end: self.held_until,
                    power: sample.power.0,
                    kind: if sample.estimated { Kind::Estimate } else { Kind::Level },
                });
            }
            None => self.point(sample, pieces),
        }
        self.last = Some(*sample);
    }

    /// Says that all samples before this instant have been taken; adds the pieces that this completes, and gives the
    /// instant up to which all pieces have been given.
    pub(crate) fn settle(&mut self, until: Timestamp, pieces: &mut Vec<Piece>) -> Timestamp {
        self.give_level(until, pieces);
        match self.last {
            Some(last) if last.interval.is_none() && last.at.plus(self.max_gap) >= until => last.at.min(until),
            _ => until,
        }
    }

    fn give_level(&mut self, until: Timestamp, pieces: &mut Vec<Piece>) {
        let Some(level) = self.level else {
            return;
        };
        if level.start < until {
            pieces.push(Piece {
                start: level.start,
                end: level.end.min(until),
                first: level.power,
                last: level.power,
                counted: None,
                kind: level.kind,
            });
            self.level = (until < level.end).then_some(Level { start: until, ..level });
        }
    }

    fn point(&self, sample: &Sample, pieces: &mut Vec<Piece>) {
        let joined = self.last.and_then(|last| self.join(&last, sample));
        if joined.is_none_or(|piece| piece.kind != Kind::Line) {
            pieces.extend(joined);
            pieces.push(Piece {
                start: sample.at,
                end: sample.at,
                first: sample.power.0,
                last: sample.power.0,
                counted: None,
                kind: Kind::Dot,
            });
        } else {
            pieces.extend(joined);
        }
    }

    fn join(&self, from: &Sample, to: &Sample) -> Option<Piece> {
        let start = from.at.max(self.held_until);
        if from.interval.is_some() || start >= to.at {
            return None;
        }
        let counted = if start == from.at { counted(from, to) } else { None };
        let line = to.at.since(from.at) <= self.max_gap;
        let whole = Piece {
            start: from.at,
            end: to.at,
            first: from.power.0,
            last: to.power.0,
            counted,
            kind: if line { Kind::Line } else { Kind::Bridge },
        };
        let bridge = counted.is_some() && to.at.since(from.at) <= MAX_BRIDGE;
        (line || bridge).then(|| Piece {
            start,
            first: whole.power_at(start),
            ..whole
        })
    }
}

/// What the device's counter says was used between two samples, Wh; none where it was reset or says nothing.
fn counted(from: &Sample, to: &Sample) -> Option<f64> {
    let energy = to.counter?.0 - from.counter?.0;
    let most = Watts(MOST) * to.at.since(from.at);
    (energy >= 0.0 && energy <= most.0).then_some(energy)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::super::test::{at, counter, interval, point};
    use super::*;

    fn pieces(samples: &[Sample]) -> Vec<Piece> {
        let (mut curve, mut pieces) = (Curve::new(Duration::from_mins(5)), Vec::new());
        for sample in samples {
            curve.push(sample, &mut pieces);
        }
        curve.settle(Timestamp::MAX, &mut pieces);
        pieces
    }

    fn covering(samples: &[Sample]) -> Vec<(Timestamp, Timestamp)> {
        let covering = pieces(samples).into_iter().filter(Piece::covers);
        covering.map(|piece| (piece.start, piece.end)).collect()
    }

    #[test]
    fn samples_are_joined_up_to_the_maximum_gap() {
        let samples = [point(0, 10.0), point(300, 20.0), point(601, 30.0)];
        assert_eq!(covering(&samples), [(at(0), at(300))]);
    }

    #[test]
    fn an_interval_reading_is_joined_to_nothing() {
        let samples = [point(0, 10.0), interval(60, 60, 50.0), point(150, 20.0)];
        assert_eq!(covering(&samples), [(at(60), at(120))]);
    }

    #[test]
    fn an_interval_reading_ends_where_the_next_one_begins() {
        let samples = [interval(0, 900, 10.0), interval(600, 900, 20.0)];
        assert_eq!(covering(&samples), [(at(0), at(600)), (at(600), at(1500))]);
    }

    #[test]
    fn samples_within_an_interval_reading_draw_no_line_before_it_is_over() {
        let samples = [interval(0, 100, 10.0), point(50, 5.0), point(90, 5.0), point(150, 8.0)];
        let lines: Vec<_> = pieces(&samples)
            .into_iter()
            .filter(|it| it.kind == Kind::Line)
            .collect();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].start, lines[0].end, lines[0].first), (at(100), at(150), 5.5));
    }

    #[test]
    fn a_counter_bridges_a_gap_without_covering_it() {
        let it = pieces(&[counter(0, 10.0, 100.0), counter(36_000, 10.0, 250.0)]);
        let bridge = it.iter().find(|piece| piece.kind == Kind::Bridge).unwrap();
        assert_eq!((bridge.counted, bridge.covers()), (Some(150.0), false));
        assert_eq!(bridge.energy(at(0), at(18_000)), 75.0);
    }

    #[test]
    fn a_counter_that_falls_or_leaps_was_reset() {
        let fell = pieces(&[counter(0, 60.0, 100.0), counter(60, 60.0, 3.0)]);
        let leapt = pieces(&[counter(0, 60.0, 100.0), counter(60, 60.0, 1e9)]);
        assert_eq!((fell[1].counted, leapt[1].counted), (None, None));
        assert_eq!(fell[1].energy(at(0), at(60)), 1.0);
    }

    #[test]
    fn what_is_taken_is_the_part_above_zero() {
        let line = pieces(&[point(0, -100.0), point(300, 200.0)])[1];
        assert!((line.taken(at(0), at(300)) - 200.0 / 2.0 * 200.0 / 3600.0).abs() < 1e-12);
        assert!((line.taken(at(0), at(100))).abs() < 1e-12);
        assert!((line.energy(at(0), at(300)) - 50.0 * 300.0 / 3600.0).abs() < 1e-12);
    }
}
