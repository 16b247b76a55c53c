//! The power of several devices together: their curves, added up.
//!
//! A sum of straight lines is straight between the instants where any of them bends; so its highest and lowest powers are
//! found there. A device in a gap adds nothing.

use voltaire_types::{Timestamp, Watts};

use super::{
    PowerAt,
    curve::{Kind, Piece},
    energy::Steps,
};

/// The curves of several devices, added up portion by portion of time.
#[derive(Debug)]
pub(crate) struct SumCurve {
    curves: Vec<Vec<Piece>>,
    factors: Vec<f64>,
    done: Timestamp,
    step: usize,
}

/// An instant where the sum bends, or a step begins.
#[derive(Clone, Copy, Debug)]
struct Bend {
    at: Timestamp,
    measured: bool,
    power: f64,
    present: bool,
    covered_after: bool,
}

impl SumCurve {
    /// The sum of as many devices as there are factors, each times its factor, from an instant on.
    pub(crate) fn new(factors: Vec<f64>, from: Timestamp) -> Self {
        Self {
            curves: vec![Vec::new(); factors.len()],
            factors,
            done: from,
            step: 0,
        }
    }

    /// Where the next pieces of a device go; in time's order.
    pub(crate) fn pieces(&mut self, device: usize) -> &mut Vec<Piece> {
        &mut self.curves[device]
    }

    /// Adds up to an instant, to which every device's pieces have been given, and tells the steps what was found.
    pub(crate) fn settle(&mut self, until: Timestamp, steps: &mut Steps) {
        if until <= self.done {
            return;
        }
        let mut bends = self.bends(until, steps.boundaries());
        for (curve, factor) in self.curves.iter().zip(&self.factors) {
            add(&mut bends, curve, *factor);
        }
        self.tell(&bends, until, steps);
        for curve in &mut self.curves {
            curve.retain(|piece| piece.end >= until);
        }
        self.done = until;
    }

    fn bends(&self, until: Timestamp, boundaries: &[Timestamp]) -> Vec<Bend> {
        let edges = |piece: &Piece| [piece.start, piece.end];
        let pieces = self.curves.iter().flatten().filter(|it| it.kind != Kind::Bridge);
        let measured = pieces.flat_map(edges).map(|at| (at, true));
        let ahead = boundaries
            .get(boundaries.partition_point(|at| *at < self.done)..)
            .unwrap_or_default();
        let steps = ahead.iter().take_while(|at| **at < until).map(|at| (*at, false));
        let all = measured.chain(steps).chain([(self.done, false)]);
        let mut instants: Vec<_> = all.filter(|(at, _)| self.done <= *at && *at < until).collect();
        instants.sort_unstable_by_key(|(at, measured)| (*at, !measured));
        instants.dedup_by_key(|(at, _)| *at);
        let bend = |(at, measured)| Bend {
            at,
            measured,
            power: 0.0,
            present: false,
            covered_after: false,
        };
        instants.into_iter().map(bend).collect()
    }

    fn tell(&mut self, bends: &[Bend], until: Timestamp, steps: &mut Steps) {
        let ends = bends.iter().skip(1).map(|it| it.at).chain([until]);
        for (bend, end) in bends.iter().zip(ends) {
            let Some((start, _, figures)) = steps.step_at(&mut self.step, bend.at) else {
                return;
            };
            if bend.at < start {
                continue;
            }
            let it = PowerAt {
                power: Watts(bend.power),
                at: bend.at,
            };
            if bend.present && bend.measured {
                figures.observe(it);
            } else if bend.present {
                figures.pass(it);
            }
            if bend.covered_after {
                figures.measure(bend.at, end);
            }
        }
    }
}

/// Adds a device's power to every bend.
fn add(bends: &mut [Bend], curve: &[Piece], factor: f64) {
    let mut rest = curve;
    for bend in bends {
        while rest.first().is_some_and(|piece| is_over(piece, bend.at)) {
            rest = &rest[1..];
        }
        let here = rest.iter().take_while(|piece| piece.start <= bend.at);
        if let Some(piece) = here.clone().find(|piece| piece.kind != Kind::Bridge) {
            bend.power += factor * piece.power_at(bend.at);
            bend.present = true;
        }
        bend.covered_after |= here.clone().any(|piece| piece.covers() && piece.end > bend.at);
    }
}

fn is_over(piece: &Piece, at: Timestamp) -> bool {
    match piece.kind {
        Kind::Line | Kind::Dot => piece.end < at,
        Kind::Level | Kind::Estimate | Kind::Bridge => piece.end <= at,
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use std::time::Duration;

    use super::super::{
        Sample,
        curve::Curve,
        test::{at, interval, point},
    };
    use super::*;

    fn sum(devices: &[&[Sample]], boundaries: &[i64]) -> Steps {
        let boundaries: Vec<_> = boundaries.iter().map(|it| at(*it)).collect();
        let mut steps = Steps::new(boundaries.clone().into());
        let mut sum = SumCurve::new(vec![1.0; devices.len()], boundaries[0]);
        for (number, samples) in devices.iter().enumerate() {
            let mut curve = Curve::new(Duration::from_mins(5));
            for sample in *samples {
                curve.push(sample, sum.pieces(number));
            }
            curve.settle(Timestamp::MAX, sum.pieces(number));
        }
        sum.settle(*boundaries.last().unwrap(), &mut steps);
        steps
    }

    #[test]
    fn the_peak_of_a_sum_is_where_the_curves_are_high_together() {
        let one = [point(0, 0.0), point(100, 100.0), point(200, 0.0)];
        let two = [point(50, 0.0), point(150, 100.0), point(250, 0.0)];
        let steps = sum(&[&one, &two], &[0, 300]);
        let peak = steps.figures()[0].peak().unwrap();
        assert_eq!((peak.power, peak.at), (Watts(150.0), at(100)));
        assert_eq!(steps.figures()[0].minimum().unwrap().at, at(0));
        assert_eq!(steps.figures()[0].measured_seconds(), 250.0);
    }

    #[test]
    fn a_device_in_a_gap_adds_nothing_and_a_lonely_sample_adds_its_moment() {
        let one = [point(0, 10.0), point(300, 10.0), point(900, 10.0)];
        let two = [point(600, 7.0), interval(700, 100, 3.0)];
        let steps = sum(&[&one, &two], &[0, 1000]);
        let peak = steps.figures()[0].peak().unwrap();
        assert_eq!((peak.power, peak.at), (Watts(10.0), at(0)));
        assert_eq!(steps.figures()[0].minimum().unwrap().power, Watts(3.0));
        assert_eq!(steps.figures()[0].measured_seconds(), 400.0);
    }

    #[test]
    fn short_steps_take_what_lies_between() {
        let steps = sum(
            &[&[point(0, 0.0), point(300, 300.0)], &[point(0, 1.0), point(300, 1.0)]],
            &[100, 200],
        );
        assert_eq!(steps.figures()[0].peak().unwrap().power, Watts(101.0));
    }
}
