//! Figures with their units.

use std::fmt;

use super::{Lang, Locale, MINUS, THIN, currency, number};

/// A printed figure, in parts, so that its unit can be set smaller than its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    /// What stands directly before the number: a currency's sign, a minus before it.
    pub prefix: String,
    /// The digits.
    pub number: String,
    /// The unit; empty: none.
    pub unit: String,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.number)?;
        if self.unit.is_empty() {
            Ok(())
        } else {
            write!(f, "{THIN}{}", self.unit)
        }
    }
}

impl Quantity {
    /// A value that is not known.
    pub fn missing() -> Self {
        Self {
            number: number::MISSING.to_owned(),
            ..Self::default()
        }
    }

    fn new(number: String, unit: &str) -> Self {
        Self {
            prefix: String::new(),
            number,
            unit: unit.to_owned(),
        }
    }
}

/// Power in W: below 1 kW without decimals, below 10 kW two, above one; less than half a watt is 0 W.
pub fn power(watts: f64, locale: &Locale) -> Quantity {
    if !watts.is_finite() {
        return Quantity::missing();
    }
    let size = watts.abs();
    if size < 999.5 {
        return Quantity::new(number::fixed(watts, 0, locale), "W");
    }
    let places = if size < 9_995.0 { 2 } else { 1 };
    Quantity::new(number::fixed(watts / 1000.0, places, locale), "kW")
}

/// Energy in Wh: below 1 kWh two decimals, below 100 one, above none; from 10,000 kWh on in thousands of them.
pub fn energy(wh: f64, locale: &Locale) -> Quantity {
    if !wh.is_finite() {
        return Quantity::missing();
    }
    let kwh = wh / 1000.0;
    let size = kwh.abs();
    if size >= 9_999.5 {
        let places = usize::from(size < 99_950.0);
        return Quantity::new(number::fixed(kwh / 1000.0, places, locale), "MWh");
    }
    let places = if size < 0.995 { 2 } else { usize::from(size < 99.95) };
    Quantity::new(number::fixed(kwh, places, locale), "kWh")
}

/// Money, from an exact decimal: the currency's own decimals, three below a tenth. No number: missing.
pub fn money(amount: &str, code: &str, locale: &Locale) -> Quantity {
    let size = number::read(amount).map_or(f64::NAN, f64::abs);
    let minor = currency::minor_digits(code);
    let places = if minor == 2 && size > 0.0 && size < 0.0995 {
        3
    } else {
        minor
    };
    match number::decimal(amount, places, locale) {
        Some(digits) => with_sign(digits, code, locale),
        None => Quantity::missing(),
    }
}

/// Money, from a value that is only drawn or estimated.
pub fn amount(value: f64, code: &str, locale: &Locale) -> Quantity {
    if value.is_finite() {
        money(&format!("{value:.9}"), code, locale)
    } else {
        Quantity::missing()
    }
}

/// A price per kWh, from an exact decimal: `0.307 €/kWh`; three decimals, or as many as it has.
pub fn price(amount: &str, code: &str, locale: &Locale) -> Quantity {
    let exact = amount
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.trim_end_matches('0').len());
    match number::decimal(amount, exact.max(3), locale) {
        Some(digits) => Quantity::new(digits, &format!("{}/kWh", currency::sign(code))),
        None => Quantity::missing(),
    }
}

fn with_sign(digits: String, code: &str, locale: &Locale) -> Quantity {
    let sign = currency::sign(code);
    if !locale.currency_first {
        return Quantity::new(digits, sign);
    }
    let (minus, digits) = match digits.strip_prefix(MINUS) {
        Some(rest) => (MINUS.to_string(), rest.to_owned()),
        None => (String::new(), digits),
    };
    let space = if sign.chars().last().is_some_and(char::is_alphabetic) {
        THIN.to_string()
    } else {
        String::new()
    };
    Quantity {
        prefix: format!("{minus}{sign}{space}"),
        number: digits,
        unit: String::new(),
    }
}

/// A share of a whole, 0 to 1: `41 %`, `<1 %`.
pub fn share(share: f64, locale: &Locale) -> String {
    if !share.is_finite() {
        return number::MISSING.to_owned();
    }
    let percent = share * 100.0;
    if percent > 0.0 && percent < 1.0 {
        return format!("<1{THIN}%");
    }
    format!("{}{THIN}%", number::fixed(percent, 0, locale))
}

/// A change from `before` to `after`: `▲ 8 %`, `▼ 4 %`, `= 0 %`; `None` when `before` is 0 or either is unknown.
pub fn change(before: f64, after: f64, locale: &Locale) -> Option<String> {
    if !before.is_finite() || !after.is_finite() || before.abs() < f64::EPSILON {
        return None;
    }
    let change = (after - before) / before;
    let percent = share(change.abs(), locale);
    let mark = if change.abs() < 0.000_5 {
        "="
    } else if change > 0.0 {
        "▲"
    } else {
        "▼"
    };
    Some(format!("{mark} {percent}"))
}

/// A length of time in its largest fitting unit: `42 min`, `3.5 h`.
pub fn duration(seconds: f64, locale: &Locale) -> String {
    let days = if locale.lang == Lang::De { "Tage" } else { "days" };
    let (value, places, unit) = match seconds {
        s if s < 60.0 => (s, 0, "s"),
        s if s < 3600.0 => (s / 60.0, 0, "min"),
        s if s < 172_800.0 => (s / 3600.0, 1, "h"),
        s => (s / 86_400.0, 1, days),
    };
    format!("{}{THIN}{unit}", number::fixed(value, places, locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn de() -> Locale {
        Locale::new("de-DE", Lang::De)
    }

    fn en() -> Locale {
        Locale::default()
    }

    #[test]
    fn power_has_as_many_decimals_as_help() {
        for (watts, text) in [
            (88.0, "88 W"),
            (0.4, "0 W"),
            (-0.4, "0 W"),
            (999.6, "1.00 kW"),
            (2314.0, "2.31 kW"),
            (9_996.0, "10.0 kW"),
            (11_240.0, "11.2 kW"),
            (-1840.0, "−1.84 kW"),
        ] {
            assert_eq!(power(watts, &en()).to_string(), text.replace(' ', "\u{202F}"));
        }
        assert_eq!(power(2314.0, &de()).to_string(), "2,31\u{202F}kW");
        assert_eq!(power(f64::NAN, &en()).to_string(), "–");
    }

    #[test]
    fn energy_grows_into_its_unit() {
        for (wh, text) in [
            (420.0, "0.42 kWh"),
            (12_440.0, "12.4 kWh"),
            (340_400.0, "340 kWh"),
            (12_400_000.0, "12.4 MWh"),
            (0.0, "0.00 kWh"),
        ] {
            assert_eq!(energy(wh, &en()).to_string(), text.replace(' ', "\u{202F}"));
        }
    }

    #[test]
    fn money_follows_its_currency() {
        assert_eq!(money("2.794", "EUR", &en()).to_string(), "€2.79");
        assert_eq!(money("2.794", "EUR", &de()).to_string(), "2,79\u{202F}€");
        assert_eq!(money("0.004", "EUR", &en()).to_string(), "€0.004");
        assert_eq!(money("412.4", "JPY", &en()).to_string(), "¥412");
        assert_eq!(money("-3.5", "USD", &en()).to_string(), "−$3.50");
        assert_eq!(money("3.5", "CHF", &en()).to_string(), "CHF\u{202F}3.50");
        assert_eq!(money("", "EUR", &en()).to_string(), "–");
        assert_eq!(price("0.307", "EUR", &en()).to_string(), "0.307\u{202F}€/kWh");
        assert_eq!(price("0.3427", "EUR", &de()).to_string(), "0,3427\u{202F}€/kWh");
    }

    #[test]
    fn shares_and_changes_are_whole_percents() {
        assert_eq!(share(0.412, &en()), "41\u{202F}%");
        assert_eq!(share(0.004, &en()), "<1\u{202F}%");
        assert_eq!(change(100.0, 108.0, &en()).as_deref(), Some("▲ 8\u{202F}%"));
        assert_eq!(change(100.0, 96.0, &en()).as_deref(), Some("▼ 4\u{202F}%"));
        assert_eq!(change(0.0, 96.0, &en()), None);
    }

    #[test]
    fn durations_take_their_unit() {
        assert_eq!(duration(2520.0, &en()), "42\u{202F}min");
        assert_eq!(duration(12_600.0, &de()), "3,5\u{202F}h");
    }
}
