//! What energy costs: the price in force, local day by local day, and the standing charge. Decimal, never rounded.

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, Decimal, Interval, Timestamp, WattHours};

use crate::home::Tariff;

/// Energy is taken to the millionth of a watt-hour where it is multiplied by a price.
const PARTS_PER_WATT_HOUR: f64 = 1e6;
/// Decimals of a kilowatt-hour counted in millionths of a watt-hour.
const KILOWATT_HOUR_SCALE: u32 = 9;

/// The tariffs of a home in its calendar, oldest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prices<'a> {
    tariffs: &'a [Tariff],
    calendar: &'a Calendar,
}

impl<'a> Prices<'a> {
    /// The prices by these tariffs; oldest first, each in force until the next one.
    pub(crate) fn new(tariffs: &'a [Tariff], calendar: &'a Calendar) -> Self {
        Self { tariffs, calendar }
    }

    /// Whether anything is known about prices.
    pub(crate) fn known(&self) -> bool {
        !self.tariffs.is_empty()
    }

    /// The instants within the period, its bounds left out, at which a price begins.
    pub(crate) fn changes(&self, period: Interval) -> Vec<Timestamp> {
        let days = self.tariffs.iter().filter_map(|tariff| tariff.valid_from);
        let instants = days.map(|day| self.calendar.start_of_day(day));
        instants.filter(|at| period.start < *at && *at < period.end).collect()
    }

    /// What energy used at that time costs; nothing before the oldest tariff.
    pub(crate) fn cost(&self, energy: WattHours, at: Timestamp) -> Decimal {
        let tariff = self.in_force(self.calendar.date(at));
        tariff.map_or(Decimal::ZERO, |tariff| kilowatt_hours(energy) * tariff.price_per_kwh)
    }

    /// The standing charge for the local days of the period, each by the share of it that the period takes.
    pub(crate) fn standing_charge(&self, period: Interval) -> Decimal {
        if period.is_empty() || self.tariffs.iter().all(|it| it.standing_charge_per_day.is_none()) {
            return Decimal::ZERO;
        }
        let last = self.calendar.date(period.end);
        let days = std::iter::successors(Some(self.calendar.date(period.start)), |day| {
            day.checked_add(1.day()).ok()
        });
        let charges = days.take_while(|day| *day <= last).map(|day| self.charge(day, period));
        charges.sum::<Decimal>().normalize()
    }

    fn charge(&self, day: Date, period: Interval) -> Decimal {
        let charge = self.in_force(day).and_then(|tariff| tariff.standing_charge_per_day);
        let whole = self.calendar.day(day);
        let taken = whole.intersection(period);
        match charge {
            Some(charge) if taken == whole => charge,
            Some(charge) if !taken.is_empty() => charge * micros(taken) / micros(whole),
            _ => Decimal::ZERO,
        }
    }

    fn in_force(&self, day: Date) -> Option<&'a Tariff> {
        let mut newest_first = self.tariffs.iter().rev();
        newest_first.find(|tariff| tariff.valid_from.is_none_or(|from| from <= day))
    }
}

fn micros(it: Interval) -> Decimal {
    Decimal::from(it.end.micros() - it.start.micros())
}

fn kilowatt_hours(energy: WattHours) -> Decimal {
    let parts = (energy.0 * PARTS_PER_WATT_HOUR).round();
    Decimal::try_from_i128_with_scale(parts as i128, KILOWATT_HOUR_SCALE)
        .unwrap_or(Decimal::MAX)
        .normalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};

    fn tariff(valid_from: Option<Date>, price: &str, charge: Option<&str>) -> Tariff {
        Tariff {
            valid_from,
            price_per_kwh: price.parse().unwrap(),
            standing_charge_per_day: charge.map(|it| it.parse().unwrap()),
        }
    }

    fn berlin() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    #[test]
    fn a_price_changes_at_local_midnight() {
        let (tariffs, berlin) = (
            [tariff(None, "0.30", None), tariff(Some(date(2026, 7, 1)), "0.40", None)],
            berlin(),
        );
        let prices = Prices::new(&tariffs, &berlin);
        let midnight = "2026-06-30T22:00:00Z".parse().unwrap();
        assert_eq!(
            prices.changes(berlin.days(date(2026, 6, 1), date(2026, 7, 31))),
            [midnight]
        );
        assert_eq!(prices.changes(berlin.day(date(2026, 7, 1))), []);
        let cost = |at| prices.cost(WattHours(1000.0), at).to_string();
        assert_eq!(cost("2026-06-30T21:59:59Z".parse().unwrap()), "0.30");
        assert_eq!(cost(midnight), "0.40");
    }

    #[test]
    fn cost_is_decimal() {
        let (tariffs, berlin) = ([tariff(None, "0.3427", None)], berlin());
        let cost = Prices::new(&tariffs, &berlin).cost(WattHours(5_089_595.0), Timestamp::EPOCH);
        assert_eq!(cost.to_string(), "1744.2042065");
    }

    #[test]
    fn before_the_oldest_tariff_nothing_is_charged() {
        let (tariffs, berlin) = ([tariff(Some(date(2026, 1, 2)), "1", Some("1"))], berlin());
        let prices = Prices::new(&tariffs, &berlin);
        assert_eq!(
            prices.cost(WattHours(1.0), berlin.start_of_day(date(2026, 1, 1))),
            Decimal::ZERO
        );
        let charge = prices.standing_charge(berlin.days(date(2026, 1, 1), date(2026, 1, 3)));
        assert_eq!(charge, Decimal::TWO);
    }

    #[test]
    fn the_standing_charge_is_the_same_for_days_of_23_24_and_25_hours() {
        let (tariffs, berlin) = ([tariff(None, "0.30", Some("0.50"))], berlin());
        let prices = Prices::new(&tariffs, &berlin);
        for day in [date(2026, 3, 29), date(2026, 6, 1), date(2026, 10, 25)] {
            assert_eq!(prices.standing_charge(berlin.day(day)).to_string(), "0.5");
        }
        let noon = "2026-06-01T10:00:00Z".parse().unwrap();
        let morning = Interval::new(berlin.start_of_day(date(2026, 6, 1)), noon);
        assert_eq!(prices.standing_charge(morning).to_string(), "0.25");
    }
}
