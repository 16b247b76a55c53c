//! The always-on load.

use voltaire_types::{Decimal, Interval, WattHours, Watts};

use super::{
    Period, Scope, Setting,
    limit::all_readable,
    portion::{Costed, each_step, total},
};
use crate::{
    error::Error,
    figures::always_on::{Minutes, minutes, nights, share, yearly},
    store::Store,
};

/// The always-on load.
#[derive(Clone, Debug)]
pub(crate) struct AlwaysOn {
    /// What the period became.
    pub interval: Interval,
    /// What a person would call the scope.
    pub label: String,
    /// The load; none where no night was measured.
    pub power: Option<Watts>,
    /// Nights with measured minutes.
    pub nights: u32,
    /// Minutes that were measured.
    pub minutes: u64,
    /// Covered share of the nights.
    pub coverage: f64,
    /// What the load comes to in 365 days.
    pub yearly: Option<WattHours>,
    /// What 365 days of it cost at the price in force now; none without a tariff.
    pub yearly_cost: Option<Decimal>,
    /// Its share of the period's energy; none where nothing was used.
    pub share: Option<f64>,
}

/// The always-on load of a scope.
pub(crate) async fn always_on(
    store: &Store,
    setting: &Setting,
    (period, scope): (Period, Scope),
) -> Result<AlwaysOn, Error> {
    let interval = setting.resolve(store, period, "period").await?;
    let chosen = setting.choose(scope, "scope")?;
    let nights = nights(&setting.home.calendar, interval);
    all_readable(store, setting, &chosen.meters, &nights).await?;
    let (mut found, mut measured) = (Minutes::default(), 0);
    for night in &nights {
        let before = found.count();
        each_step(store, &chosen.meters, &minutes(*night), |minute, used| {
            let share = chosen.coverage(used.covered, minute.seconds());
            found.add(minute.seconds(), share, used.power());
        })
        .await?;
        measured += u32::from(found.count() > before);
    }
    let seconds: f64 = nights.iter().map(|night| night.seconds()).sum();
    let (minutes, covered) = (found.count() as u64, found.covered_seconds());
    let power = found.load();
    let Costed { used, .. } = total(store, setting, &chosen, interval).await?;
    let yearly = power.map(yearly);
    let prices = setting.prices();
    let cost = |energy| prices.cost(energy, setting.now).normalize();
    Ok(AlwaysOn {
        interval,
        label: chosen.label,
        power,
        nights: measured,
        minutes,
        coverage: if seconds > 0.0 { covered / seconds } else { 0.0 },
        yearly,
        yearly_cost: yearly.filter(|_| prices.known()).map(cost),
        share: power.and_then(|power| share(power, WattHours(used.energy), used.measured)),
    })
}
