//! A unit is a type, with only the arithmetic that physics allows.

use std::{
    iter::Sum,
    ops::{Add, AddAssign, Mul, Neg, Sub},
    time::Duration,
};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(pub f64);

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
                parts.fold(Self(0.0), Add::add)
            }
        }
    };
}

quantity!(
    /// Active power, W. Negative is export or discharge.
    Watts
);
quantity!(
    /// Energy, Wh. Negative is export or discharge.
    WattHours
);

impl Mul<Duration> for Watts {
    type Output = WattHours;

    fn mul(self, held: Duration) -> WattHours {
        WattHours(self.0 * held.as_secs_f64() / 3600.0)
    }
}

impl WattHours {
    /// Energy, kWh.
    pub fn kilowatt_hours(self) -> f64 {
        self.0 / 1000.0
    }

    /// The mean power that gives this energy in that time; none for no time.
    pub fn mean_over(self, held: Duration) -> Option<Watts> {
        (!held.is_zero()).then(|| Watts(self.0 * 3600.0 / held.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilowatt_for_a_quarter_of_an_hour_is_250_wh() {
        assert_eq!(Watts(1000.0) * Duration::from_secs(900), WattHours(250.0));
    }

    #[test]
    fn mean_power_is_energy_by_time() {
        assert_eq!(
            WattHours(250.0).mean_over(Duration::from_secs(900)),
            Some(Watts(1000.0))
        );
        assert_eq!(WattHours(250.0).mean_over(Duration::ZERO), None);
    }
}
