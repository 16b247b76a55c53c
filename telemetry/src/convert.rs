//! Contract ⇄ domain. Out cannot fail; in says which field is at fault.

mod alert;
mod analysis;
mod change;
mod correction;
mod device;
mod home;
mod live;
mod query;
mod reading;
mod rejected;

pub(crate) use alert::{alert_query, new_rule, rule_change};
pub(crate) use analysis::{
    about, activity_answer, always_on_answer, duration_answer, duration_query, flows_answer, flows_query,
    forecast_answer, forecast_query, profile_answer, quality_answer, quality_query, unusual_answer,
};
pub(crate) use change::{change_answer, change_query};
pub(crate) use correction::new_correction;
pub(crate) use device::{device_change, new_device};
pub(crate) use home::{home_change, new_home};
pub(crate) use live::{notice, noticed};
pub(crate) use query::{period, runs, series_answer, series_query, summary_answer, summary_query};
pub(crate) use reading::{Checked, checked};
pub(crate) use rejected::rejected_of;

use std::str::FromStr;

use voltaire_mesh::{Invalid, parse};

/// A figure as it is told: to 12 digits, so that it is the same number however it was added up.
pub(super) fn told(value: f64) -> f64 {
    const DIGITS: i32 = 12;
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powi(DIGITS - 1 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// Reads an id that may be left out.
pub(crate) fn optional_id<T: FromStr>(field: &str, text: &str) -> Result<Option<T>, Invalid> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(field, text).map(Some)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[expect(clippy::float_cmp, reason = "these values are exact")]
    fn a_figure_is_told_to_twelve_digits() {
        assert_eq!(super::told(0.1 + 0.2), 0.3);
        assert_eq!(super::told(-1_000.000_000_000_000_1), -1000.0);
        assert_eq!(super::told(5_089_595.000_000_001), 5_089_595.0);
        assert_eq!(super::told(1.234_567_890_12e-7), 1.234_567_890_12e-7);
        assert_eq!((super::told(0.0), super::told(f64::INFINITY)), (0.0, f64::INFINITY));
        assert!(super::told(f64::NAN).is_nan());
    }
}
