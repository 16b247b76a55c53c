//! Contract ⇄ domain. Out cannot fail; in says which field is at fault.

mod analysis;
mod change;
mod correction;
mod device;
mod home;
mod live;
mod query;
mod reading;
mod rejected;

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

/// Reads an id that may be left out.
pub(crate) fn optional_id<T: FromStr>(field: &str, text: &str) -> Result<Option<T>, Invalid> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(field, text).map(Some)
    }
}
