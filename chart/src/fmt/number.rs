//! Digits: exact rounding of decimals, grouping, the minus sign.

use super::{Locale, MINUS};

/// What stands for a missing value.
pub const MISSING: &str = "–";

/// A number with exactly `places` decimals, grouped, in the locale's style; not finite: [`MISSING`].
pub fn fixed(value: f64, places: usize, locale: &Locale) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    // Two more digits than a double can be exact to at this size, so that 0.285 printed as 0.28500000000000003 rounds up.
    decimal(&format!("{value:.9}"), places, locale).unwrap_or_else(|| MISSING.to_owned())
}

/// A decimal given as text (`-12.3456`), rounded half away from zero to `places`, in the locale's style; `None` when it is no
/// number.
pub fn decimal(text: &str, places: usize, locale: &Locale) -> Option<String> {
    let (negative, digits) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let rounded = round(whole, fraction, places);
    let (whole, fraction) = rounded.split_at(rounded.len() - places);
    let mut out = String::new();
    if negative && rounded.bytes().any(|byte| byte != b'0') {
        out.push(MINUS);
    }
    group(&mut out, whole, locale.group);
    if places > 0 {
        out.push(locale.decimal);
        out.push_str(fraction);
    }
    Some(out)
}

/// The digits of the rounded number without a point; at least one before the last `places`.
fn round(whole: &str, fraction: &str, places: usize) -> String {
    let mut digits: Vec<u8> = whole.trim_start_matches('0').bytes().collect();
    digits.extend(fraction.bytes().chain(std::iter::repeat(b'0')).take(places));
    let up = fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    let mut carry = up;
    for digit in digits.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == b'9';
        *digit = if carry { b'0' } else { *digit + 1 };
    }
    if carry {
        digits.insert(0, b'1');
    }
    while digits.len() <= places {
        digits.insert(0, b'0');
    }
    digits.into_iter().map(char::from).collect()
}

fn group(out: &mut String, whole: &str, separator: char) {
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fmt::Lang;

    #[test]
    fn decimals_round_half_away_from_zero_and_exactly() {
        let en = Locale::default();
        assert_eq!(decimal("2.785", 2, &en).as_deref(), Some("2.79"));
        assert_eq!(decimal("-1.845", 2, &en).as_deref(), Some("−1.85"));
        assert_eq!(decimal("999.995", 2, &en).as_deref(), Some("1,000.00"));
        assert_eq!(
            decimal("-0.001", 2, &en).as_deref(),
            Some("0.00"),
            "no minus before nothing"
        );
        assert_eq!(decimal("1234567", 0, &en).as_deref(), Some("1,234,567"));
        assert_eq!(decimal("1e5", 0, &en), None);
    }

    #[test]
    fn germans_see_commas() {
        let de = Locale::new("de-DE", Lang::De);
        assert_eq!(fixed(12345.678, 1, &de), "12.345,7");
        assert_eq!(fixed(f64::NAN, 1, &de), "–");
        assert_eq!(fixed(-0.2, 0, &de), "0");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_within_half_a_unit(value in -1e7..1e7f64, places in 0usize..4) {
            let text = fixed(value, places, &Locale::default());
            let back: f64 = text.replace(',', "").replace(MINUS, "-").parse().unwrap();
            prop_assert!((back - value).abs() <= 0.5 / [1.0, 10.0, 100.0, 1000.0][places] + 1e-6);
        }
    }
}
