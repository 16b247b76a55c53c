//! A home that does not exist: the generator of test data, past and live, the same for the same seed.
//!
//! Every appliance is a pure function of seed and time, so that history and live readings join without a seam and any
//! stretch can be made again.

pub(crate) mod appliance;
pub(crate) mod chance;
pub(crate) mod command;
pub(crate) mod feed;
pub(crate) mod load;

use voltaire_types::{Calendar, Timestamp};

use appliance::{Appliance, Shape};

/// Unmetered lights and chargers that only the grid meter sees, W.
const UNMETERED: f64 = 45.0;

/// A simulated home: its appliances, and a grid meter over them.
#[derive(Clone, Debug)]
pub(crate) struct House {
    seed: u64,
    calendar: Calendar,
    appliances: Vec<Appliance>,
}

impl House {
    /// A home with so many devices, the grid meter first.
    pub(crate) fn new(seed: u64, devices: usize, calendar: Calendar) -> Self {
        let appliances = appliance::COMMON
            .iter()
            .cycle()
            .zip(1..devices)
            .map(|(common, number)| {
                let copy = (number - 1) / appliance::COMMON.len();
                let mut appliance = common.clone();
                if copy > 0 {
                    appliance.name = format!("{} {}", appliance.name, copy + 1).into();
                }
                appliance
            });
        let meter = Appliance::new("Grid meter", "grid", "", Shape::Meter);
        Self {
            seed,
            calendar,
            appliances: std::iter::once(meter).chain(appliances).collect(),
        }
    }

    /// What is in it, in the order of [`Self::power`]'s numbers.
    pub(crate) fn appliances(&self) -> &[Appliance] {
        &self.appliances
    }

    /// Active power of every device at an instant, W, to a tenth.
    pub(crate) fn powers(&self, at: Timestamp) -> Vec<f64> {
        let moment = appliance::Moment::new(&self.calendar, at);
        let mut powers: Vec<f64> = (0_u64..)
            .zip(&self.appliances)
            .map(|(number, it)| it.power(self.seed.wrapping_add(number << 32), &moment))
            .collect();
        let sum: f64 = powers.iter().skip(1).sum();
        if let Some(meter) = powers.first_mut() {
            *meter = sum + UNMETERED + 30.0 * chance::smooth(self.seed, at.micros() / 1_000_000, 300);
        }
        powers.into_iter().map(|power| (power * 10.0).round() / 10.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(seed: u64) -> House {
        House::new(
            seed,
            12,
            Calendar::new("Europe/Berlin", jiff::civil::Weekday::Monday).unwrap(),
        )
    }

    fn day(seed: u64) -> Vec<Vec<f64>> {
        (0..1440)
            .map(|minute| house(seed).powers(Timestamp::from_parts(1_795_000_000 + minute * 60, 0).unwrap()))
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_day_and_another_another() {
        assert_eq!(day(1), day(1));
        assert_ne!(day(1), day(2));
    }

    #[test]
    fn the_meter_is_never_below_its_devices_and_a_day_is_plausible() {
        let day = day(7);
        for powers in &day {
            assert!(powers[0] >= powers[1..].iter().sum::<f64>() - 0.6);
            assert!(powers.iter().all(|power| (0.0..30_000.0).contains(power)));
        }
        let energy: f64 = day.iter().map(|powers| powers[0] / 60_000.0).sum();
        assert!((4.0..60.0).contains(&energy), "{energy} kWh");
    }
}
