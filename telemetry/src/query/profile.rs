//! Mean power and cost by weekday and local hour.

use voltaire_types::{CalendarUnit, Interval};

use super::{Period, Scope, Setting, portion::costed};
use crate::{error::Error, figures::profile::Profile, store::Store};

/// Mean power and cost by weekday and local hour.
#[derive(Clone, Debug)]
pub(crate) struct ProfileAnswer {
    /// What the period became.
    pub interval: Interval,
    /// What a person would call the scope.
    pub label: String,
    /// The means.
    pub profile: Profile,
}

/// Mean power and cost of a scope by weekday and local hour.
pub(crate) async fn profile(
    store: &Store,
    setting: &Setting,
    (period, scope): (Period, Scope),
) -> Result<ProfileAnswer, Error> {
    let interval = setting.resolve(store, period, "period").await?;
    let chosen = setting.choose(scope, "scope")?;
    let calendar = &setting.home.calendar;
    let hours = calendar.steps(CalendarUnit::Hour, interval, usize::MAX - 1);
    let mut profile = Profile::default();
    for (start, step) in hours.iter().zip(costed(store, setting, &chosen, &hours).await?) {
        profile.add(calendar, *start, (step.used.within, step.used.measured, step.cost));
    }
    Ok(ProfileAnswer {
        interval,
        label: chosen.label,
        profile,
    })
}
