//! Corrections: time of a device that figures see otherwise than it was measured.
//!
//! Readings in that time do not count, and a mean from before that reaches into it ends there. An estimate stands in their
//! place as one interval.

use std::time::Duration;

use voltaire_mesh::Invalid;
use voltaire_types::{CorrectionId, DeviceId, Interval, Timestamp, UserId, Watts};

use crate::figures::Sample;

/// Corrections of a device that may be in force.
pub(crate) const MAX_CORRECTIONS: i64 = 1_000;
const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(366 * 24);
const MOST_WATTS: f64 = 1e6;
const MOST_CHARACTERS: usize = 200;

/// A stretch of time of a device that figures see otherwise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Correction {
    pub(crate) id: CorrectionId,
    pub(crate) device: DeviceId,
    pub(crate) interval: Interval,
    /// Mean power over that time; none: nothing counts.
    pub(crate) estimate: Option<Watts>,
    pub(crate) reason: String,
    pub(crate) author: UserId,
    pub(crate) created_at: Timestamp,
    pub(crate) undone_at: Option<Timestamp>,
}

/// Checks what a new correction is to say.
pub(crate) fn check(correction: &Correction) -> Result<(), Invalid> {
    let length = correction.interval.duration();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Invalid::new(
            "interval",
            "must be a minute to 366 days long, and end after it starts",
        ));
    }
    let good = |watts: Watts| watts.0.is_finite() && watts.0.abs() <= MOST_WATTS;
    if !correction.estimate.is_none_or(good) {
        return Err(Invalid::new("estimate_watts", "must be from -1000000 to 1000000"));
    }
    let characters = correction.reason.trim().chars().count();
    if !(1..=MOST_CHARACTERS).contains(&characters) {
        let problem = format!("must have 1 to {MOST_CHARACTERS} characters");
        return Err(Invalid::new("reason", problem));
    }
    Ok(())
}

/// How figures see a stretch of time: corrections of a device that are in force, in time's order, none of them overlapping.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corrections(pub(crate) Vec<(Interval, Option<Watts>)>);

impl Corrections {
    /// The correction that an instant falls into.
    pub(crate) fn at(&self, at: Timestamp) -> Option<Interval> {
        let mut intervals = self.0.iter().map(|(interval, _)| *interval);
        intervals.find(|it| it.start <= at && at < it.end)
    }

    /// The sample as it counts; none where it does not.
    pub(crate) fn see(&self, sample: Sample) -> Option<Sample> {
        if self.at(sample.at).is_some() {
            return None;
        }
        let Some(length) = sample.interval else {
            return Some(sample);
        };
        let starts = self.0.iter().map(|(interval, _)| interval.start);
        let next = starts.filter(|start| *start > sample.at).min();
        let interval = next.map_or(length, |next| length.min(next.since(sample.at)));
        Some(Sample {
            interval: Some(interval),
            ..sample
        })
    }

    /// The estimates that begin within an interval, in time's order.
    pub(crate) fn estimates(&self, starts: Interval) -> impl Iterator<Item = Sample> {
        let within = move |it: &&(Interval, Option<Watts>)| starts.start <= it.0.start && it.0.start < starts.end;
        self.0.iter().filter(within).filter_map(|(interval, estimate)| {
            Some(Sample {
                interval: Some(interval.duration()),
                estimated: true,
                ..Sample::momentary(interval.start, (*estimate)?)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::test::{at, interval, point};

    #[test]
    fn what_is_corrected_does_not_count_and_a_mean_ends_where_it_begins() {
        let corrections = Corrections(vec![
            (Interval::new(at(100), at(200)), None),
            (Interval::new(at(300), at(400)), Some(Watts(5.0))),
        ]);
        assert_eq!(corrections.see(point(100, 1.0)), None);
        assert_eq!(corrections.see(point(399, 1.0)), None);
        assert_eq!(corrections.see(point(200, 1.0)), Some(point(200, 1.0)));
        assert_eq!(corrections.see(interval(250, 100, 1.0)), Some(interval(250, 50, 1.0)));
        assert_eq!(corrections.see(interval(400, 100, 1.0)), Some(interval(400, 100, 1.0)));
        let estimates: Vec<_> = corrections.estimates(Interval::new(at(0), at(301))).collect();
        assert_eq!(
            estimates,
            [Sample {
                estimated: true,
                ..interval(300, 100, 5.0)
            }]
        );
        assert_eq!(corrections.estimates(Interval::new(at(0), at(300))).count(), 0);
    }
}
