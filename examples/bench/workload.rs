//! What is sent: readings of four values of a home's appliances, the same in every run.

use clap::Args;
use jiff::civil::Weekday;
use voltaire_types::{Calendar, Timestamp};

use crate::{
    appliance::{COMMON, Moment},
    chance,
};

/// Midnight of 1 January 2025 in Berlin, seconds since 1970.
pub(crate) const START: i64 = 1_735_686_000;
/// Readings that are made ready at a time.
const READY: i64 = 4_000_000;
const SEED: u64 = 1;

/// How many readings, and how they are sent.
#[derive(Args, Clone, Debug)]
pub(crate) struct Load {
    /// Devices of the home.
    #[arg(long, default_value_t = 20)]
    pub(crate) devices: u32,
    /// Time that the readings cover, s.
    #[arg(long, default_value_t = 86_400)]
    pub(crate) seconds: i64,
    /// Time between two readings of a device, s.
    #[arg(long, default_value_t = 1)]
    pub(crate) resolution: i64,
    /// Readings in a batch.
    #[arg(long, default_value_t = 5000)]
    pub(crate) batch: usize,
    /// Connections that send, each the readings of some of the devices.
    #[arg(long, default_value_t = 2)]
    pub(crate) writers: usize,
}

/// A reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The device's number, from 0.
    pub(crate) device: usize,
    /// Seconds since 1970.
    pub(crate) second: i64,
    /// Active power, W, to a tenth.
    pub(crate) power: f64,
    /// V, to a tenth.
    pub(crate) voltage: f64,
    /// A, to a hundredth.
    pub(crate) current: f64,
    /// To a hundredth.
    pub(crate) factor: f64,
}

impl Load {
    /// How many readings there are.
    pub(crate) fn readings(&self) -> u64 {
        (self.steps() * i64::from(self.devices)) as u64
    }

    /// The last instant with readings, seconds since 1970.
    pub(crate) fn last(&self) -> i64 {
        START + (self.steps() - 1) * self.resolution
    }

    fn steps(&self) -> i64 {
        self.seconds / self.resolution
    }

    /// All readings, a stretch of time after the other; of each stretch those of every writer in order of time, as devices
    /// send them.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = Vec<Vec<Row>>> + '_ {
        let length = (READY / i64::from(self.devices)).max(1);
        let stretch = move |first: i64| {
            let steps = first..(first + length).min(self.steps());
            let writer = |number| steps.clone().flat_map(move |step| self.rows(step, number)).collect();
            (0..self.writers).map(writer).collect()
        };
        (0..self.steps()).step_by(length as usize).map(stretch)
    }

    /// What a writer's devices measure at a step.
    fn rows(&self, step: i64, writer: usize) -> impl Iterator<Item = Row> + '_ {
        let second = START + step * self.resolution;
        let at = Timestamp::from_parts(second, 0).expect("a time of this century");
        let moment = Moment::new(&berlin(), at);
        (writer..self.devices as usize)
            .step_by(self.writers)
            .zip(std::iter::repeat(moment))
            .map(move |(device, moment)| measured(device, second, &moment))
    }
}

fn berlin() -> Calendar {
    thread_local! {
        static BERLIN: Calendar = Calendar::new("Europe/Berlin", Weekday::Monday).expect("a known time zone");
    }
    BERLIN.with(Calendar::clone)
}

fn measured(device: usize, second: i64, moment: &Moment) -> Row {
    let seed = SEED.wrapping_add((device as u64) << 32);
    let power = COMMON
        .get(device % COMMON.len())
        .map_or(0.0, |it| it.power(seed, moment));
    let voltage = 229.0 + 4.0 * chance::smooth(SEED, second, 900) + 0.4 * chance::at(seed ^ 5, second) - power * 0.0004;
    // What draws much is a heater or a motor that is compensated; the small ones are switched supplies.
    let factor = (0.55 + 0.44 * (power / (power + 40.0)) + 0.02 * (chance::at(seed ^ 7, second) - 0.5)).min(1.0);
    let current = power / voltage / factor;
    let to = |value: f64, scale: f64| (value * scale).round() / scale;
    Row {
        device,
        second,
        power: to(power, 10.0),
        voltage: to(voltage, 10.0),
        current: to(current, 100.0),
        factor: to(factor, 100.0),
    }
}
