//! What happened, in an English sentence: the one place that writes it.

use std::time::Duration;

use rust_decimal::RoundingStrategy;
use voltaire_types::{Calendar, WattHours, Watts};

use super::{Amount, BudgetPeriod, Condition, Raised, Reason};

/// The sentence about an alert of the rule; `label` is the device's or the home's name.
pub(crate) fn message(condition: &Condition, raised: &Raised, (label, calendar): (&str, &Calendar)) -> String {
    let (observed, limit) = (amount(raised.observed), amount(raised.limit));
    match raised.reason {
        Reason::PowerAbove => {
            let lasting = match condition {
                Condition::PowerAbove { lasting, .. } => time(*lasting),
                _ => String::new(),
            };
            format!("{label} has drawn more than {limit} for {lasting}, up to {observed}.")
        }
        Reason::OnLonger => format!("{label} has been on for more than {limit}."),
        Reason::NoData => format!("{label} has sent nothing for {limit}."),
        Reason::BudgetExceeded => format!(
            "{label} has used {observed} {}; the budget is {limit}.",
            this(condition)
        ),
        Reason::BudgetProjected => {
            format!(
                "{label} is going to use {observed} {}; the budget is {limit}.",
                this(condition)
            )
        }
        Reason::UnusuallyHigh | Reason::UnusuallyLow => {
            let day = calendar.date(raised.since).strftime("%A, %-d %B %Y");
            let far = if raised.reason == Reason::UnusuallyHigh {
                "more"
            } else {
                "less"
            };
            format!("{label} used far {far} than usual on {day}: {observed}, where {limit} is usual.")
        }
    }
}

fn this(condition: &Condition) -> &'static str {
    match condition {
        Condition::Budget { period, .. } => match period {
            BudgetPeriod::Day => "today",
            BudgetPeriod::Week => "this week",
            BudgetPeriod::Month => "this month",
        },
        _ => "so far",
    }
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Power(Watts(watts)) => scaled(watts, "W"),
        Amount::Energy(WattHours(energy)) => scaled(energy, "Wh"),
        Amount::Cost(cost, currency) => {
            let digits = u32::from(currency.minor_digits());
            let mut cost = cost.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
            cost.rescale(digits);
            format!("{cost} {currency}")
        }
        Amount::Time(length) => time(length),
    }
}

/// With a kilo from 1,000 on, to three or four figures.
fn scaled(value: f64, unit: &str) -> String {
    let (value, kilo) = if value.abs() >= 1000.0 {
        (value / 1000.0, "k")
    } else {
        (value, "")
    };
    let decimals = match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    format!("{text} {kilo}{unit}")
}

/// In its two largest units, as `1 h 30 min`.
fn time(length: Duration) -> String {
    let seconds = length.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds % 86_400 / 3600, "h"),
        (seconds % 3600 / 60, "min"),
        (seconds % 60, "s"),
    ];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let shown = parts.iter().skip(first).take(2);
    let shown: Vec<_> = shown
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if shown.is_empty() {
        "0 s".to_owned()
    } else {
        shown.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;
    use voltaire_types::{Currency, DeviceId};

    fn sentence(condition: Condition, reason: Reason, (observed, limit): (Amount, Amount)) -> String {
        let calendar = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        let raised = Raised {
            reason,
            since: "2026-11-23T23:00:00Z".parse().unwrap(),
            observed,
            limit,
        };
        message(&condition, &raised, ("Heater", &calendar))
    }

    #[test]
    fn a_sentence_says_what_happened() {
        let device = DeviceId::new();
        let lasting = Duration::from_secs(5400);
        let above = Condition::PowerAbove {
            device,
            threshold: Watts(2000.0),
            lasting,
        };
        assert_eq!(
            sentence(
                above,
                Reason::PowerAbove,
                (Amount::Power(Watts(2349.0)), Amount::Power(Watts(2000.0)))
            ),
            "Heater has drawn more than 2 kW for 1 h 30 min, up to 2.35 kW."
        );
        let silent = Condition::NoData { device, lasting };
        assert_eq!(
            sentence(
                silent,
                Reason::NoData,
                (Amount::Time(lasting), Amount::Time(Duration::from_secs(60)))
            ),
            "Heater has sent nothing for 1 min."
        );
        let unusual = Condition::UnusualDay {
            device: None,
            score: 3.5,
        };
        let energy = |wh| Amount::Energy(WattHours(wh));
        assert_eq!(
            sentence(unusual, Reason::UnusuallyLow, (energy(850.0), energy(12_340.0))),
            "Heater used far less than usual on Tuesday, 24 November 2026: 850 Wh, where 12.3 kWh is usual."
        );
    }

    #[test]
    fn money_has_the_digits_of_its_currency() {
        let budget = Condition::Budget {
            device: None,
            period: BudgetPeriod::Month,
            limit: super::super::Limit::Cost("80".parse().unwrap()),
            projected: true,
        };
        let money = |text: &str| Amount::Cost(text.parse().unwrap(), Currency::EUR);
        assert_eq!(
            sentence(budget, Reason::BudgetProjected, (money("91.2349"), money("80"))),
            "Heater is going to use 91.23 EUR this month; the budget is 80.00 EUR."
        );
    }
}
