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

/// A decimal given as text (`-12.3456`) as a number; `None` when it is none. The general kind, which knows exponents and infinities, would
/// cost every visitor its tables.
pub fn read(text: &str) -> Option<f64> {
    let (sign, digits) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.trim()),
    };
    let (mut number, mut exponent, mut fraction, mut any) = (0u64, 0i32, false, false);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' if number < 100_000_000_000_000_000 => {
                number = number * 10 + u64::from(byte - b'0');
                exponent -= i32::from(fraction);
                any = true;
            }
            // Beyond what a double can tell apart.
            b'0'..=b'9' => exponent += i32::from(!fraction),
            b'.' if !fraction => fraction = true,
            _ => return None,
        }
    }
    let scale = 10f64.powi(exponent.abs());
    let size = if exponent < 0 {
        number as f64 / scale
    } else {
        number as f64 * scale
    };
    Some(sign * size).filter(|_| any)
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

    proptest! {
        #[test]
        fn decimals_are_read_as_they_are_written(cents in -9_007_199_254_740_992i64..=9_007_199_254_740_992, places in 0usize..12) {
            let digits = format!("{:0>13}", cents.unsigned_abs());
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let text = format!("{}{whole}.{fraction}", if cents < 0 { "-" } else { "" });
            prop_assert_eq!(read(&text), text.parse().ok(), "{}", text);
        }

        #[test]
        fn whatever_a_number_prints_as_reads_as_it(value in prop::num::f64::NORMAL.prop_filter("of this world", |it| (1e-9..1e15).contains(&it.abs()))) {
            let back = read(&value.to_string()).unwrap();
            prop_assert!((back - value).abs() <= value.abs() * 1e-15, "{value} {back}");
        }
    }

    #[test]
    fn what_is_no_decimal_is_not_read() {
        for text in ["", "-", ".", "1e5", "1,5", "0x1", "NaN", "inf", "1.2.3", "+1", "٣"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            read(" 9.2800000000000000000000000000 "),
            Some(9.28),
            "more digits than a double has"
        );
        assert_eq!(
            read("123456789012345678901234"),
            Some(123_456_789_012_345_678_901_234.0)
        );
        assert_eq!((read("5."), read(".5")), (Some(5.0), Some(0.5)));
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
