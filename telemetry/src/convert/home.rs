//! Homes and tariffs.

use jiff::civil::Weekday;
use prost_types::FieldMask;
use voltaire_mesh::{
    Invalid,
    wire::{self, Mask},
};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{Calendar, Currency};

use crate::home::{Home, HomeChange, NewHome, Tariff, check_order, locale, price};

impl From<Home> for pb::Home {
    fn from(home: Home) -> Self {
        let Home {
            id,
            name,
            calendar,
            currency,
            locale,
            tariffs,
            demo,
            created_at,
            updated_at,
        } = home;
        Self {
            home_id: id.to_string(),
            name,
            time_zone: calendar.zone_name().to_owned(),
            currency_code: currency.to_string(),
            locale,
            week_start: i32::from(calendar.week_start().to_monday_one_offset()),
            tariffs: tariffs.into_iter().map(Into::into).collect(),
            create_time: Some(wire::timestamp(created_at)),
            update_time: Some(wire::timestamp(updated_at)),
            demo,
        }
    }
}

impl From<Tariff> for pb::Tariff {
    fn from(
        Tariff {
            valid_from,
            price_per_kwh,
            standing_charge_per_day,
        }: Tariff,
    ) -> Self {
        Self {
            valid_from: valid_from.map(|it| it.to_string()).unwrap_or_default(),
            price_per_kwh: price_per_kwh.to_string(),
            standing_charge_per_day: standing_charge_per_day.map(|it| it.to_string()).unwrap_or_default(),
        }
    }
}

/// A new home; what is left out is as in [`NewHome::default`].
pub(crate) fn new_home(home: Option<pb::Home>) -> Result<NewHome, Invalid> {
    let home = home.ok_or_else(|| Invalid::new("home", "must be set"))?;
    Ok(NewHome {
        name: wire::text("home.name", &home.name, 1, 80)?,
        calendar: calendar(&home.time_zone, weekday(home.week_start)?)?,
        currency: currency(&home.currency_code)?,
        locale: locale_or_default(&home.locale)?,
        tariffs: tariffs(home.tariffs)?,
        demo: home.demo,
    })
}

/// What an update changes.
pub(crate) fn home_change(home: pb::Home, mask: Option<FieldMask>) -> Result<HomeChange, Invalid> {
    const FIELDS: [&str; 7] = [
        "name",
        "time_zone",
        "currency_code",
        "locale",
        "week_start",
        "tariffs",
        "demo",
    ];
    let mask = Mask::parse(mask, &FIELDS)?;
    let mut change = HomeChange::default();
    if mask.has("name", !home.name.is_empty()) {
        change.name = Some(wire::text("home.name", &home.name, 1, 80)?);
    }
    if mask.has("time_zone", !home.time_zone.is_empty()) {
        let calendar = calendar(&home.time_zone, Weekday::Monday)?;
        change.time_zone = Some(calendar.zone_name().to_owned());
    }
    if mask.has("currency_code", !home.currency_code.is_empty()) {
        change.currency = Some(currency(&home.currency_code)?);
    }
    if mask.has("locale", !home.locale.is_empty()) {
        change.locale = Some(locale_or_default(&home.locale)?);
    }
    if mask.has("week_start", home.week_start != 0) {
        change.week_start = Some(i32::from(weekday(home.week_start)?.to_monday_one_offset()));
    }
    if mask.has("tariffs", !home.tariffs.is_empty()) {
        change.tariffs = Some(tariffs(home.tariffs)?);
    }
    if mask.has("demo", home.demo) {
        change.demo = Some(home.demo);
    }
    Ok(change)
}

fn calendar(zone: &str, week_start: Weekday) -> Result<Calendar, Invalid> {
    let zone = if zone.is_empty() { "UTC" } else { zone };
    Calendar::new(zone, week_start).map_err(|problem| Invalid::new("home.time_zone", problem.to_string()))
}

fn currency(code: &str) -> Result<Currency, Invalid> {
    if code.is_empty() {
        return Ok(Currency::EUR);
    }
    let problem = |problem: voltaire_types::InvalidCurrency| Invalid::new("home.currency_code", problem.to_string());
    code.parse().map_err(problem)
}

fn locale_or_default(text: &str) -> Result<String, Invalid> {
    if text.is_empty() {
        Ok(NewHome::default().locale)
    } else {
        locale("home.locale", text)
    }
}

fn weekday(number: i32) -> Result<Weekday, Invalid> {
    let offset = if number == 0 {
        Some(1)
    } else {
        i8::try_from(number).ok()
    };
    offset
        .and_then(|it| Weekday::from_monday_one_offset(it).ok())
        .ok_or_else(|| Invalid::new("home.week_start", "must be one of the seven weekdays"))
}

fn tariffs(tariffs: Vec<pb::Tariff>) -> Result<Vec<Tariff>, Invalid> {
    let tariff = |(index, tariff)| parse_tariff(index, &tariff);
    let tariffs = tariffs
        .into_iter()
        .enumerate()
        .map(tariff)
        .collect::<Result<Vec<_>, _>>()?;
    check_order(&tariffs)?;
    Ok(tariffs)
}

fn parse_tariff(index: usize, tariff: &pb::Tariff) -> Result<Tariff, Invalid> {
    let field = |name| format!("home.tariffs[{index}].{name}");
    let date = |text: &str| match text.len() {
        10 => text.parse().ok(),
        _ => None,
    };
    Ok(Tariff {
        valid_from: match tariff.valid_from.as_str() {
            "" => None,
            text => Some(
                date(text)
                    .ok_or_else(|| Invalid::new(field("valid_from"), "not a day: YYYY-MM-DD is, as 2026-11-23"))?,
            ),
        },
        price_per_kwh: price(&field("price_per_kwh"), &tariff.price_per_kwh)?,
        standing_charge_per_day: match tariff.standing_charge_per_day.as_str() {
            "" => None,
            text => Some(price(&field("standing_charge_per_day"), text)?),
        },
    })
}
