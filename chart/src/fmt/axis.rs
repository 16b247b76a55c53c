//! One unit and one precision for a whole chart or table.

use super::{Locale, THIN, amount, currency, energy, number};
use crate::ticks::{self, Ticks};

/// How the values of one chart are printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What a value is divided by.
    pub divisor: f64,
    /// The unit at the axis.
    pub unit: String,
    /// Decimals of a value in table and readout; ticks may need fewer.
    pub decimals: usize,
    /// The currency when the values are money.
    currency: Option<String>,
}

impl Axis {
    /// For values in W.
    pub fn power(largest: f64) -> Self {
        if largest.abs() < 1000.0 {
            Self::plain(1.0, "W", 0)
        } else {
            Self::plain(1000.0, "kW", 2)
        }
    }

    /// For values in Wh.
    pub fn energy(largest: f64) -> Self {
        match largest.abs() / 1000.0 {
            kwh if kwh >= 10_000.0 => Self::plain(1e6, "MWh", 1),
            kwh if kwh >= 100.0 => Self::plain(1000.0, "kWh", 0),
            kwh if kwh >= 10.0 => Self::plain(1000.0, "kWh", 1),
            _ => Self::plain(1000.0, "kWh", 2),
        }
    }

    /// For money.
    pub fn money(code: &str) -> Self {
        let decimals = currency::minor_digits(code);
        Self {
            currency: Some(code.to_owned()),
            ..Self::plain(1.0, currency::sign(code), decimals)
        }
    }

    /// For values in a unit named by a contract: `W`, `kW`, `Wh`, `kWh`, `1` (a share), an ISO 4217 currency, or anything else as it is.
    pub fn of_unit(unit: &str, largest: f64) -> Self {
        match unit {
            "W" => Self::power(largest),
            "Wh" => Self::energy(largest),
            "kW" => Self::plain(1.0, "kW", 2),
            "kWh" => Self::plain(
                1.0,
                "kWh",
                if largest.abs() < 10.0 {
                    2
                } else {
                    usize::from(largest.abs() < 100.0)
                },
            ),
            "1" => Self::plain(0.01, "%", 0),
            "count" => Self::plain(1.0, "", 0),
            code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => Self::money(code),
            other => Self::plain(1.0, other, 1),
        }
    }

    fn plain(divisor: f64, unit: &str, decimals: usize) -> Self {
        Self {
            divisor,
            unit: unit.to_owned(),
            decimals,
            currency: None,
        }
    }

    /// A value with its unit.
    pub fn value(&self, value: f64, locale: &Locale) -> String {
        if !value.is_finite() {
            return number::MISSING.to_owned();
        }
        match &self.currency {
            Some(code) => amount(value, code, locale).to_string(),
            None => format!("{}{THIN}{}", self.number(value, locale), self.unit),
        }
    }

    /// A sum of values with its unit, as precise as the same figure is elsewhere, where it stands alone.
    pub fn sum(&self, value: f64, locale: &Locale) -> String {
        let kwh = match self.unit.as_str() {
            "kWh" => value / self.divisor,
            "MWh" => value / self.divisor * 1000.0,
            _ => return self.value(value, locale),
        };
        energy(kwh * 1000.0, locale).to_string()
    }

    /// A value without its unit, for tables whose heading names it.
    pub fn number(&self, value: f64, locale: &Locale) -> String {
        number::fixed(value / self.divisor, self.decimals, locale)
    }

    /// Round ticks around values from `low` to `high`, in the values' own unit, with the label of each.
    pub fn ticks(&self, low: f64, high: f64, locale: &Locale) -> (Ticks, Vec<String>) {
        let shown = ticks::nice(low / self.divisor, high / self.divisor, 4);
        let labels = shown
            .values
            .iter()
            .map(|value| number::fixed(*value, shown.decimals, locale))
            .collect();
        let values = shown.values.iter().map(|value| value * self.divisor).collect();
        (
            Ticks {
                step: shown.step * self.divisor,
                values,
                decimals: shown.decimals,
            },
            labels,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_one_unit() {
        let locale = Locale::default();
        let axis = Axis::power(2310.0);
        assert_eq!(axis.value(88.0, &locale), "0.09\u{202F}kW");
        assert_eq!(axis.ticks(0.0, 2310.0, &locale).1, ["0", "1", "2", "3"]);
        assert_eq!(axis.ticks(0.0, 2310.0, &locale).0.values[3].to_string(), "3000");
    }

    #[test]
    fn units_of_contracts_are_known() {
        let locale = Locale::default();
        assert_eq!(Axis::of_unit("EUR", 3.0).value(2.794, &locale), "€2.79");
        assert_eq!(Axis::of_unit("1", 1.0).value(0.41, &locale), "41\u{202F}%");
        assert_eq!(Axis::of_unit("V", 230.0).value(229.64, &locale), "229.6\u{202F}V");
        assert_eq!(Axis::of_unit("Wh", 500.0).value(f64::NAN, &locale), "–");
    }
}
