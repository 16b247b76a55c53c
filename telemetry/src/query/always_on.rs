//! The always-on load.

use std::time::Duration;

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, Decimal, Interval, Timestamp, WattHours, Watts};

use super::{
    Period, Scope, Setting,
    limit::all_readable,
    portion::{Costed, each_step, total},
    scope::Chosen,
};
use crate::{error::Error, figures::quantile::quantile, store::Store};

/// Which share of the minutes lies below.
const SHARE: f64 = 0.05;
/// Local hours that nights are judged by.
const HOURS: [i8; 2] = [2, 5];
/// Minutes that are covered less say nothing.
const LEAST_COVERED: f64 = 0.5;
const YEAR_HOURS: f64 = 365.0 * 24.0;
const MINUTE: Duration = Duration::from_mins(1);

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
    let mut minutes = Minutes::default();
    for night in &nights {
        minutes.measure(store, &chosen, *night).await?;
    }
    let seconds: f64 = nights.iter().map(|night| night.seconds()).sum();
    let count = minutes.powers.len() as u64;
    let power = quantile(&mut minutes.powers, SHARE);
    let Costed { used, .. } = total(store, setting, &chosen, interval).await?;
    let yearly = power.map(|power| WattHours(power * YEAR_HOURS));
    let always = power.map(|power| power * used.measured / 3600.0);
    let prices = setting.prices();
    let cost = |energy| prices.cost(energy, setting.now).normalize();
    Ok(AlwaysOn {
        interval,
        label: chosen.label,
        power: power.map(Watts),
        nights: minutes.nights,
        minutes: count,
        coverage: if seconds > 0.0 { minutes.covered / seconds } else { 0.0 },
        yearly,
        yearly_cost: yearly.filter(|_| prices.known()).map(cost),
        share: always
            .filter(|_| used.energy > 0.0)
            .map(|always| (always / used.energy).clamp(0.0, 1.0)),
    })
}

/// Mean powers of minutes, W.
#[derive(Default)]
struct Minutes {
    powers: Vec<f64>,
    covered: f64,
    nights: u32,
}

impl Minutes {
    async fn measure(&mut self, store: &Store, chosen: &Chosen, night: Interval) -> Result<(), Error> {
        let before = self.powers.len();
        each_step(store, &chosen.meters, &minutes(night), |minute, used| {
            let share = chosen.coverage(used.covered, minute.seconds());
            self.covered += share * minute.seconds();
            if share >= LEAST_COVERED && used.measured > 0.0 {
                self.powers.push(used.within * 3600.0 / used.measured);
            }
        })
        .await?;
        self.nights += u32::from(self.powers.len() > before);
        Ok(())
    }
}

/// Where minutes begin, from the night's start on, and at last where it ends.
fn minutes(night: Interval) -> Vec<Timestamp> {
    let starts = std::iter::successors(Some(night.start), |at| Some(at.plus(MINUTE)));
    starts.take_while(|at| *at < night.end).chain([night.end]).collect()
}

/// The local hours from two to five of each night, as far as the period has them.
fn nights(calendar: &Calendar, period: Interval) -> Vec<Interval> {
    let last = calendar.date(period.end);
    let dates = std::iter::successors(Some(calendar.date(period.start)), |date| date.checked_add(1.day()).ok());
    let night = |date| {
        let [start, end] = HOURS.map(|hour| instant(calendar, date, hour));
        Interval::new(start, end).intersection(period)
    };
    dates
        .take_while(|date| *date <= last)
        .map(night)
        .filter(|night| !night.is_empty())
        .collect()
}

/// When a local hour begins; one that clocks skip begins where they go on, one that they repeat begins the first time.
pub(super) fn instant(calendar: &Calendar, date: Date, hour: i8) -> Timestamp {
    let local = date.at(hour, 0, 0, 0).to_zoned(calendar.zone().clone());
    let instant = local.ok().and_then(|it| it.timestamp().try_into().ok());
    instant.unwrap_or_else(|| calendar.start_of_day(date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};

    #[test]
    fn nights_have_two_three_or_four_hours() {
        let berlin = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        let hours = |day| {
            nights(&berlin, berlin.day(day))
                .iter()
                .map(|it| it.seconds() / 3600.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(hours(date(2026, 6, 1)), [3.0]);
        assert_eq!(
            (hours(date(2026, 3, 29)), hours(date(2026, 10, 25))),
            (vec![2.0], vec![4.0])
        );
        let noon = instant(&berlin, date(2026, 6, 1), 12);
        assert!(nights(&berlin, Interval::new(noon, berlin.start_of_day(date(2026, 6, 2)))).is_empty());
        assert_eq!(
            nights(&berlin, berlin.days(date(2026, 6, 1), date(2026, 6, 30))).len(),
            30
        );
    }
}
