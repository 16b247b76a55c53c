//! A home: its calendar, its currency and what energy costs there.

use jiff::civil::Date;
use voltaire_mesh::Invalid;
use voltaire_types::{Calendar, Currency, Decimal, HomeId, Timestamp};

/// Homes that a user may have.
pub(crate) const MAX_HOMES: i64 = 20;
/// Tariffs that a home may have.
pub(crate) const MAX_TARIFFS: usize = 100;

/// A home of a user.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) id: HomeId,
    pub(crate) name: String,
    pub(crate) calendar: Calendar,
    pub(crate) currency: Currency,
    /// BCP 47.
    pub(crate) locale: String,
    /// Oldest first; each is in force until the next one.
    pub(crate) tariffs: Vec<Tariff>,
    /// Whether its readings are made up.
    pub(crate) demo: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What energy costs from a local day on, in the home's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tariff {
    /// The first local day; none: from the beginning.
    pub(crate) valid_from: Option<Date>,
    pub(crate) price_per_kwh: Decimal,
    pub(crate) standing_charge_per_day: Option<Decimal>,
}

/// What a new home is told about itself.
#[derive(Clone, Debug)]
pub(crate) struct NewHome {
    pub(crate) name: String,
    pub(crate) calendar: Calendar,
    pub(crate) currency: Currency,
    pub(crate) locale: String,
    pub(crate) tariffs: Vec<Tariff>,
    pub(crate) demo: bool,
}

impl Default for NewHome {
    fn default() -> Self {
        Self {
            name: "Home".to_owned(),
            calendar: Calendar::utc(),
            currency: Currency::EUR,
            locale: "en-GB".to_owned(),
            tariffs: Vec::new(),
            demo: false,
        }
    }
}

/// What changes; the rest stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct HomeChange {
    pub(crate) name: Option<String>,
    pub(crate) time_zone: Option<String>,
    /// 1: Monday … 7: Sunday.
    pub(crate) week_start: Option<i32>,
    pub(crate) currency: Option<Currency>,
    pub(crate) locale: Option<String>,
    pub(crate) tariffs: Option<Vec<Tariff>>,
    pub(crate) demo: Option<bool>,
}

/// Reads an amount of money per unit: 0 to 1000 with at most 8 decimals.
pub(crate) fn price(field: &str, text: &str) -> Result<Decimal, Invalid> {
    let problem = || {
        Invalid::new(
            field,
            "must be a decimal from 0 to 1000 with at most 8 decimals, as 0.3427",
        )
    };
    let plain = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let price: Decimal = if plain { text.parse().ok() } else { None }.ok_or_else(problem)?;
    if price <= Decimal::ONE_THOUSAND && price.scale() <= 8 {
        Ok(price)
    } else {
        Err(problem())
    }
}

/// Checks that tariffs follow each other: only the oldest may be from the beginning, and no two begin on one day.
pub(crate) fn check_order(tariffs: &[Tariff]) -> Result<(), Invalid> {
    if tariffs.len() > MAX_TARIFFS {
        return Err(Invalid::new(
            "home.tariffs",
            format!("at most {MAX_TARIFFS} are possible"),
        ));
    }
    for (index, pair) in tariffs.windows(2).enumerate() {
        if let [earlier, later] = pair
            && earlier.valid_from >= later.valid_from
        {
            let field = format!("home.tariffs[{}].valid_from", index + 1);
            return Err(Invalid::new(field, "must be later than that of the tariff before"));
        }
    }
    Ok(())
}

/// Reads a BCP 47 language tag such as `de-DE`.
pub(crate) fn locale(field: &str, text: &str) -> Result<String, Invalid> {
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let language = text.split('-').next().unwrap_or_default();
    let good = (2..=35).contains(&text.len())
        && (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.split('-').all(subtag);
    if good {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(field, "not a BCP 47 language tag: one such as de-DE is"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_price_is_exact_and_bounded() {
        assert_eq!(price("p", "0.3427").unwrap().to_string(), "0.3427");
        assert!(price("p", "1000").is_ok() && price("p", "0").is_ok());
        for bad in ["", "-1", "1000.01", "1e3", "0,3", "0.123456789", "NaN", "٣"] {
            assert!(price("p", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_oldest_tariff_may_be_from_the_beginning() {
        let tariff = |valid_from| Tariff {
            valid_from,
            price_per_kwh: Decimal::ONE,
            standing_charge_per_day: None,
        };
        let first = tariff(Some(date(2026, 1, 1)));
        assert_eq!(check_order(&[tariff(None), first.clone()]), Ok(()));
        let problem = check_order(&[first.clone(), tariff(None)]).unwrap_err();
        assert_eq!(problem.field, "home.tariffs[1].valid_from");
        assert!(check_order(&[first.clone(), first]).is_err());
    }

    #[test]
    fn language_tags_are_recognised() {
        for good in ["de", "de-DE", "en-US", "zh-Hant-TW", "sr-Latn-RS"] {
            assert!(locale("l", good).is_ok(), "{good}");
        }
        for bad in ["", "d", "de_DE", "de-", "-de", "de-<b>", "1a"] {
            assert!(locale("l", bad).is_err(), "{bad}");
        }
    }
}
