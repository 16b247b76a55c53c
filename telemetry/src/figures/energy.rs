//! Figures per step: pieces of a power curve are cut at the steps' boundaries and added up, in one pass.

use std::{sync::Arc, time::Duration};

use voltaire_types::{Interval, Timestamp, WattHours, Watts};

use super::{
    PowerAt, Sample,
    curve::{Kind, Piece},
    exact::ExactSum,
    rollup::{Extremes, Rollup},
};

/// The shortest time: what a step's end lies after its last instant.
const INSTANT: Duration = Duration::from_micros(1);

/// How a device counts in a total.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weight {
    /// Its power times this is part of the total: 1, or −1 for what charges a battery.
    pub factor: f64,
    /// Whether the total's coverage is this device's.
    pub covers: bool,
    /// Which of its energy is paid for.
    pub paid: Paid,
}

/// Which energy is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paid {
    /// All of it.
    All,
    /// What is taken from the grid; what is given earns nothing.
    Taken,
    /// None: what is produced at home, or stored.
    None,
}

impl Weight {
    /// A device that counts as it is.
    pub(crate) const WHOLE: Self = Self {
        factor: 1.0,
        covers: true,
        paid: Paid::All,
    };

    /// A device of which it is not known yet how it counts: what it takes is told apart from what it gives.
    pub(crate) const METER: Self = Self {
        paid: Paid::Taken,
        ..Self::WHOLE
    };
}

/// The figures of one step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    energy: ExactSum,
    bridged: ExactSum,
    paid: ExactSum,
    estimated: ExactSum,
    estimated_time: i64,
    covered: i64,
    measured: i64,
    count: u64,
    highest: Option<PowerAt>,
    lowest: Option<PowerAt>,
    between: Option<(PowerAt, PowerAt)>,
}

impl Figures {
    /// Energy.
    pub(crate) fn energy(&self) -> WattHours {
        WattHours(self.energy.value())
    }

    /// Energy that is paid for.
    pub(crate) fn paid(&self) -> WattHours {
        WattHours(self.paid.value())
    }

    /// Energy that a correction estimates.
    pub(crate) fn estimated(&self) -> WattHours {
        WattHours(self.estimated.value())
    }

    /// The part of the covered time that a correction estimates, 0 to 1.
    pub(crate) fn estimated_share(&self) -> f64 {
        if self.covered > 0 {
            self.estimated_time as f64 / self.covered as f64
        } else {
            0.0
        }
    }

    /// Seconds that readings cover, summed over all devices that the coverage is about.
    pub(crate) fn covered_seconds(&self) -> f64 {
        self.covered as f64 / 1e6
    }

    /// Whether energy was measured: time is covered, or a counter bridges a gap.
    pub(crate) fn is_measured(&self) -> bool {
        self.measured > 0 || self.energy.value() != 0.0
    }

    /// Seconds in which at least one device is covered.
    pub(crate) fn measured_seconds(&self) -> f64 {
        self.measured as f64 / 1e6
    }

    /// Energy within measured time by that time; none where nothing was measured.
    pub(crate) fn average(&self) -> Option<Watts> {
        let energy = self.energy.value() - self.bridged.value();
        (self.measured > 0).then(|| Watts(energy * 3600.0 / self.measured_seconds()))
    }

    /// How many readings.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The highest sample, the earliest of equals; where a step is too short to hold one, the curve's highest.
    pub(crate) fn peak(&self) -> Option<PowerAt> {
        self.highest.or(self.between.map(|it| it.0))
    }

    /// The lowest sample, the earliest of equals; where a step is too short to hold one, the curve's lowest.
    pub(crate) fn minimum(&self) -> Option<PowerAt> {
        self.lowest.or(self.between.map(|it| it.1))
    }

    /// Adds what a later step holds.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.energy.merge(later.energy);
        self.bridged.merge(later.bridged);
        self.paid.merge(later.paid);
        self.estimated.merge(later.estimated);
        self.estimated_time += later.estimated_time;
        self.covered += later.covered;
        self.measured += later.measured;
        self.count += later.count;
        later.highest.iter().for_each(|it| raise(&mut self.highest, *it));
        later.lowest.iter().for_each(|it| lower(&mut self.lowest, *it));
        if let Some((highest, lowest)) = later.between {
            self.pass(highest);
            self.pass(lowest);
        }
    }

    /// Adds amounts of one of several devices; powers and measured time of the total are not these, and only whether
    /// anything was measured is taken over.
    pub(crate) fn merge_amounts(&mut self, part: &Self) {
        let measured = self.measured.max(part.covered);
        let powers = (self.highest, self.lowest, self.between);
        self.merge(part);
        self.measured = measured;
        (self.highest, self.lowest, self.between) = powers;
    }

    /// Takes over powers and measured time of the total.
    pub(crate) fn shape_like(&mut self, it: &Self) {
        self.measured = it.measured;
        (self.highest, self.lowest, self.between) = (it.highest, it.lowest, it.between);
    }

    /// Adds powers and measured time of a later stretch, and nothing else.
    pub(crate) fn merge_shape(&mut self, later: &Self) {
        let shape = Self {
            measured: later.measured,
            highest: later.highest,
            lowest: later.lowest,
            between: later.between,
            ..Self::default()
        };
        self.merge(&shape);
    }

    /// Forgets the highest or the lowest power where it may not be the one.
    pub(crate) fn keep_extremes(&mut self, highest: bool, lowest: bool) {
        self.highest = self.highest.filter(|_| highest);
        self.lowest = self.lowest.filter(|_| lowest);
        self.between = self.between.filter(|_| highest && lowest);
    }

    /// Adds measured time, µs.
    pub(crate) fn add_measured(&mut self, micros: i64) {
        self.measured += micros;
    }

    /// The highest and the lowest power that was measured, as far as one was.
    pub(crate) fn observed(&self) -> (Option<PowerAt>, Option<PowerAt>) {
        (self.highest, self.lowest)
    }

    /// Takes a power that was measured.
    pub(crate) fn observe(&mut self, it: PowerAt) {
        raise(&mut self.highest, it);
        lower(&mut self.lowest, it);
    }

    /// Takes a power between measurements.
    pub(crate) fn pass(&mut self, it: PowerAt) {
        let (mut highest, mut lowest) = self.between.unzip();
        raise(&mut highest, it);
        lower(&mut lowest, it);
        self.between = highest.zip(lowest);
    }
}

fn raise(highest: &mut Option<PowerAt>, it: PowerAt) {
    if highest.is_none_or(|known| it.power > known.power || (it.power == known.power && it.at < known.at)) {
        *highest = Some(it);
    }
}

fn lower(lowest: &mut Option<PowerAt>, it: PowerAt) {
    if lowest.is_none_or(|known| it.power < known.power || (it.power == known.power && it.at < known.at)) {
        *lowest = Some(it);
    }
}

/// Where a device is in the steps; pieces and samples come in time's order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    piece: usize,
    sample: usize,
}

/// Consecutive steps and their figures.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    boundaries: Arc<[Timestamp]>,
    figures: Vec<Figures>,
}

impl Steps {
    /// Steps from each boundary to the next.
    pub(crate) fn new(boundaries: Arc<[Timestamp]>) -> Self {
        let figures = vec![Figures::default(); boundaries.len().saturating_sub(1)];
        Self { boundaries, figures }
    }

    /// Where steps begin, and at last where the final one ends.
    pub(crate) fn boundaries(&self) -> &[Timestamp] {
        &self.boundaries
    }

    /// The figures, one of each step.
    pub(crate) fn figures(&self) -> &[Figures] {
        &self.figures
    }

    /// The figures, one of each step, to be changed.
    pub(crate) fn figures_mut(&mut self) -> &mut [Figures] {
        &mut self.figures
    }

    /// The step that the instant is in, with its bounds, from a step on that is not later.
    pub(crate) fn step_at(
        &mut self,
        cursor: &mut usize,
        at: Timestamp,
    ) -> Option<(Timestamp, Timestamp, &mut Figures)> {
        while self.boundaries.get(*cursor + 1).is_some_and(|end| *end <= at) {
            *cursor += 1;
        }
        let bounds = self.boundaries.get(*cursor..=*cursor + 1)?;
        Some((bounds[0], bounds[1], self.figures.get_mut(*cursor)?))
    }

    /// Counts a sample of a device; `alone`: the total is about it only, so that it is a power of the total.
    pub(crate) fn sample(&mut self, cursor: &mut Cursor, sample: &Sample, alone: bool) {
        let Some((start, _, figures)) = self.step_at(&mut cursor.sample, sample.at) else {
            return;
        };
        if start <= sample.at {
            figures.count += u64::from(!sample.estimated);
            if alone && !sample.estimated {
                figures.observe(PowerAt {
                    power: sample.power,
                    at: sample.at,
                });
            }
        }
    }

    /// Adds a piece of a device's curve; `alone` as above.
    pub(crate) fn piece(&mut self, cursor: &mut Cursor, piece: &Piece, weight: Weight, alone: bool) {
        let mut from = piece.start;
        while from < piece.end {
            let Some((start, end, figures)) = self.step_at(&mut cursor.piece, from) else {
                return;
            };
            from = from.max(start);
            let to = piece.end.min(end);
            if from < to {
                figures.add(piece, weight, (from, to));
                if alone {
                    figures.shape(piece, (from, to));
                }
            }
            from = to;
        }
    }
}

impl Figures {
    /// What is kept of a device that was measured with [`Weight::METER`], alone.
    pub(crate) fn rollup(&self) -> Rollup {
        let extremes = |(highest, lowest), sampled| Extremes {
            highest,
            lowest,
            sampled,
        };
        let samples = self.highest.zip(self.lowest).map(|it| extremes(it, true));
        Rollup {
            energy: self.energy.value(),
            taken: self.paid.value(),
            bridged: self.bridged.value(),
            estimated: self.estimated.value(),
            covered: self.covered,
            estimated_time: self.estimated_time,
            count: self.count,
            extremes: samples.or(self.between.map(|it| extremes(it, false))),
        }
    }

    /// Adds what was kept of a device; `alone`: the total is about it only. Else the powers and the measured time of the
    /// total are not these, and only whether anything was measured is taken over.
    pub(crate) fn add_rollup(&mut self, it: &Rollup, weight: Weight, alone: bool) {
        self.energy.add(weight.factor * it.energy);
        self.bridged.add(weight.factor * it.bridged);
        self.estimated.add(weight.factor * it.estimated);
        match weight.paid {
            Paid::All => self.paid.add(it.energy),
            Paid::Taken => self.paid.add(it.taken),
            Paid::None => {}
        }
        if weight.covers {
            self.covered += it.covered;
            self.estimated_time += it.estimated_time;
        }
        self.count += it.count;
        if alone {
            self.measured += it.covered;
            if let Some(extremes) = it.extremes {
                self.add_extremes(extremes);
            }
        } else {
            self.measured = self.measured.max(it.covered);
        }
    }

    /// Adds what of a rollup of some time falls into a part of it: amounts as if they were spread evenly, the highest and the
    /// lowest power where they were, and else the mean.
    pub(crate) fn add_share(&mut self, it: &Rollup, time: (Interval, Interval), (weight, alone): (Weight, bool)) {
        self.add_rollup(&it.share(time), weight, alone);
        let Some(Extremes {
            highest,
            lowest,
            sampled,
        }) = it.extremes.filter(|_| alone)
        else {
            return;
        };
        let (_, part) = time;
        if it.covered > 0 {
            let mean = (it.energy - it.bridged) * 3.6e9 / it.covered as f64;
            self.pass(PowerAt {
                power: Watts(mean),
                at: part.start,
            });
        }
        for power in [highest, lowest]
            .into_iter()
            .filter(|it| !sampled && part.contains(it.at))
        {
            self.pass(power);
        }
        if sampled && part.contains(highest.at) {
            raise(&mut self.highest, highest);
        }
        if sampled && part.contains(lowest.at) {
            lower(&mut self.lowest, lowest);
        }
    }

    fn add_extremes(&mut self, it: Extremes) {
        if it.sampled {
            self.observe(it.highest);
            self.observe(it.lowest);
        } else {
            self.pass(it.highest);
            self.pass(it.lowest);
        }
    }

    fn add(&mut self, piece: &Piece, weight: Weight, (from, to): (Timestamp, Timestamp)) {
        let energy = piece.energy(from, to);
        self.energy.add(weight.factor * energy);
        match weight.paid {
            Paid::All => self.paid.add(energy),
            Paid::Taken => self.paid.add(piece.taken(from, to)),
            Paid::None => {}
        }
        let time = to.micros() - from.micros();
        if !piece.covers() {
            self.bridged.add(weight.factor * energy);
        } else if weight.covers {
            self.covered += time;
        }
        if piece.kind == Kind::Estimate {
            self.estimated.add(weight.factor * energy);
            self.estimated_time += if weight.covers { time } else { 0 };
        }
    }

    /// What the piece says of the total's power, where the total is this device.
    fn shape(&mut self, piece: &Piece, (from, to): (Timestamp, Timestamp)) {
        let power = |at| PowerAt {
            power: Watts(piece.power_at(at)),
            at,
        };
        match piece.kind {
            Kind::Level => self.observe(power(from)),
            // Beside samples it does not count what lies between them.
            Kind::Line | Kind::Estimate if self.highest.is_some() => {}
            Kind::Line | Kind::Estimate => {
                self.pass(power(from));
                self.pass(PowerAt {
                    at: to.minus(INSTANT),
                    ..power(to)
                });
            }
            Kind::Bridge | Kind::Dot => return,
        }
        self.measured += to.micros() - from.micros();
    }

    /// Counts time in which at least one of several devices is covered.
    pub(crate) fn measure(&mut self, from: Timestamp, to: Timestamp) {
        self.measured += to.micros() - from.micros();
    }
}
