//! When a device was on, local day by local day.

use voltaire_types::Interval;

use super::{Period, Setting, runs::all_runs};
use crate::{
    device::Device,
    error::Error,
    figures::activity::{self, ActiveDay},
    store::Store,
};

/// When a device was on.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    /// What the period became.
    pub interval: Interval,
    /// The days on which it was on.
    pub days: Vec<ActiveDay>,
    /// Runs.
    pub runs: usize,
    /// Seconds within them.
    pub on_seconds: f64,
    /// The longest of them.
    pub longest: Option<Interval>,
}

/// When a device was on in a period.
pub(crate) async fn activity(
    store: &Store,
    setting: &Setting,
    (device, period): (&Device, Period),
) -> Result<Activity, Error> {
    let interval = setting.resolve(store, period, "period").await?;
    let runs = all_runs(store, setting, device, interval).await?;
    Ok(Activity {
        interval,
        days: activity::days(&runs, &setting.home.calendar),
        runs: runs.len(),
        on_seconds: runs.iter().map(|run| run.seconds()).sum(),
        longest: activity::longest(&runs),
    })
}
