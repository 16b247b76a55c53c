//! The highest and the lowest: samples, and steps of the calendar.

use voltaire_types::Interval;

use super::{Findings, Run, client::Cut, model::Measured};
use crate::{error::Result, understand::plan::Direction};

/// A step counts for "lowest" only where at least so much of it is covered.
const COVERED: f64 = 0.95;

impl Run<'_> {
    pub(super) async fn extreme(&self, interval: Interval) -> Result<Findings> {
        let whole = self.whole(interval).await?;
        let least = self.plan.direction == Direction::Least;
        if let Some(bucket) = self.plan.bucket {
            let steps = self.by_bucket(interval, bucket).await?;
            let (values, coverage) = (steps.values.first(), steps.values.get(1));
            let covered = |at: usize| coverage.and_then(|it| it.get(at)).copied().unwrap_or(0.0);
            let all: Vec<(usize, f64)> = values
                .into_iter()
                .flatten()
                .copied()
                .enumerate()
                .filter(|(at, value)| value.is_finite() && covered(*at) > 0.0)
                .collect();
            let cut = |at: usize| self.is_cut(interval, &steps.boundaries, at, bucket);
            let counted: Vec<(usize, f64)> = all
                .iter()
                .copied()
                .filter(|(at, _)| !least || covered(*at) >= COVERED && !cut(*at))
                .collect();
            let better = |a: f64, b: f64| if least { a < b } else { a > b };
            let best = counted
                .iter()
                .copied()
                .reduce(|best, it| if better(it.1, best.1) { it } else { best });
            let Some((at, value)) = best else {
                return Ok(Findings::Step {
                    whole: super::Summary {
                        readings: 0,
                        coverage: 0.0,
                        ..whole
                    },
                    step: interval,
                    value: f64::NAN,
                    steps,
                    skipped: 0,
                });
            };
            let edge = |at: usize| steps.boundaries.get(at).copied().unwrap_or(interval.end);
            let step = Interval::new(edge(at), edge(at + 1));
            return Ok(Findings::Step {
                whole,
                step,
                value,
                skipped: all.len() - counted.len(),
                steps,
            });
        }
        let measured = if least { Measured::PowerMin } else { Measured::PowerMax };
        let steps = self
            .telemetry
            .steps(self.house, &self.scope(), interval, Cut::Columns(200), &[measured])
            .await?;
        let sample = if least { whole.minimum } else { whole.peak };
        Ok(match sample {
            Some((watts, at)) => Findings::Sample {
                whole,
                watts,
                at,
                steps: Some(steps),
            },
            None => Findings::Sample {
                watts: f64::NAN,
                at: interval.start,
                whole: super::Summary {
                    readings: 0,
                    coverage: 0.0,
                    ..whole
                },
                steps: None,
            },
        })
    }

    /// Whether a step is shorter than its unit, as today is.
    fn is_cut(
        &self,
        interval: Interval,
        boundaries: &[voltaire_types::Timestamp],
        at: usize,
        bucket: crate::understand::plan::Bucket,
    ) -> bool {
        let calendar = &self.house.home.calendar;
        let unit = crate::understand::timex::unit_of(bucket);
        let Some(start) = boundaries.get(at).copied() else {
            return true;
        };
        calendar.start_of(unit, start) != start || calendar.next(unit, start) > interval.end
    }
}
