//! Contract ⇄ domain. Out cannot fail; in says which field is at fault.

mod alert;
mod device;
mod home;
mod live;
mod query;
mod reading;

pub(crate) use alert::{alert_query, new_rule, rule_change};
pub(crate) use device::{device_change, new_device};
pub(crate) use home::{home_change, new_home};
pub(crate) use query::{period, runs, series_answer, series_query, summary_answer, summary_query};
pub(crate) use reading::{Checked, checked};

use std::str::FromStr;

use voltaire_mesh::{Invalid, parse};

/// Reads an id that may be left out.
pub(crate) fn optional_id<T: FromStr>(field: &str, text: &str) -> Result<Option<T>, Invalid> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(field, text).map(Some)
    }
}
