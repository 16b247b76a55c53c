//! Alert rules and alerts.

use std::time::Duration;

use prost_types::FieldMask;
use voltaire_mesh::{
    Invalid, parse,
    wire::{self, Mask},
};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{AlertRuleId, Decimal, HomeId, Interval, Timestamp, UserId, WattHours, Watts};

use super::optional_id;
use crate::{
    alert::{Alert, Amount, BudgetPeriod, Condition, Limit, Reason, Rule, RuleChange},
    alerting::{AlertMessage, AlertNews},
    figures::unusual::DAY_SCORE,
    home::Home,
    store::{AlertQuery, Status},
};

const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(7 * 24);
const LONGEST_SILENCE: Duration = Duration::from_hours(31 * 24);
/// Energy of a budget at most, Wh.
const MOST_ENERGY: f64 = 1e12;
const CONDITIONS: [&str; 5] = ["power_above", "on_longer", "no_data", "budget", "unusual_day"];

impl From<Rule> for pb::AlertRule {
    fn from(rule: Rule) -> Self {
        Self {
            alert_rule_id: rule.id.to_string(),
            home_id: rule.home.to_string(),
            name: rule.name,
            paused: rule.paused,
            condition: Some(rule.condition.into()),
            create_time: Some(wire::timestamp(rule.created_at)),
            update_time: Some(wire::timestamp(rule.updated_at)),
        }
    }
}

impl From<Condition> for pb::alert_rule::Condition {
    fn from(condition: Condition) -> Self {
        let device_id = condition.device().map(|it| it.to_string()).unwrap_or_default();
        match condition {
            Condition::PowerAbove { threshold, lasting, .. } => Self::PowerAbove(pb::PowerAbove {
                device_id,
                power_watts: threshold.0,
                duration: Some(wire::duration(lasting)),
            }),
            Condition::OnLonger { lasting, .. } => Self::OnLonger(pb::OnLonger {
                device_id,
                duration: Some(wire::duration(lasting)),
            }),
            Condition::NoData { lasting, .. } => Self::NoData(pb::NoData {
                device_id,
                duration: Some(wire::duration(lasting)),
            }),
            Condition::Budget {
                period,
                limit,
                projected,
                ..
            } => Self::Budget(pb::Budget {
                device_id,
                period: pb::CalendarUnit::from(period).into(),
                limit: Some(match limit {
                    Limit::Energy(energy) => pb::budget::Limit::EnergyWh(energy.0),
                    Limit::Cost(cost) => pb::budget::Limit::Cost(cost.to_string()),
                }),
                projected,
            }),
            Condition::UnusualDay { score, .. } => Self::UnusualDay(pb::UnusualEnergy {
                device_id,
                score: Some(score),
            }),
        }
    }
}

impl From<BudgetPeriod> for pb::CalendarUnit {
    fn from(period: BudgetPeriod) -> Self {
        match period {
            BudgetPeriod::Day => Self::Day,
            BudgetPeriod::Week => Self::Week,
            BudgetPeriod::Month => Self::Month,
        }
    }
}

impl From<Alert> for pb::Alert {
    fn from(alert: Alert) -> Self {
        Self {
            alert_id: alert.id.to_string(),
            home_id: alert.home.to_string(),
            alert_rule_id: alert.rule.map(|it| it.to_string()).unwrap_or_default(),
            device_id: alert.device.map(|it| it.to_string()).unwrap_or_default(),
            reason: pb::AlertReason::from(alert.reason).into(),
            message: alert.message,
            observed: Some(alert.observed.into()),
            limit: Some(alert.limit.into()),
            start_time: Some(wire::timestamp(alert.started_at)),
            raise_time: Some(wire::timestamp(alert.raised_at)),
            end_time: alert.ended_at.map(wire::timestamp),
            acknowledge_time: alert.acknowledged.map(|(at, _)| wire::timestamp(at)),
            acknowledged_by: alert.acknowledged.map(|(_, by)| by.to_string()).unwrap_or_default(),
            revision: alert.revision.unsigned_abs(),
        }
    }
}

impl From<Reason> for pb::AlertReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::PowerAbove => Self::PowerAbove,
            Reason::OnLonger => Self::OnLonger,
            Reason::NoData => Self::NoData,
            Reason::BudgetExceeded => Self::BudgetExceeded,
            Reason::BudgetProjected => Self::BudgetProjected,
            Reason::UnusuallyHigh => Self::UnusuallyHigh,
            Reason::UnusuallyLow => Self::UnusuallyLow,
        }
    }
}

impl From<Amount> for pb::AlertValue {
    fn from(amount: Amount) -> Self {
        use pb::alert_value::Value;
        let value = match amount {
            Amount::Power(Watts(watts)) => Value::PowerWatts(watts),
            Amount::Energy(WattHours(energy)) => Value::EnergyWh(energy),
            Amount::Time(length) => Value::Duration(wire::duration(length)),
            Amount::Cost(cost, currency) => Value::Cost(pb::Money {
                amount: cost.to_string(),
                currency_code: currency.to_string(),
            }),
        };
        Self { value: Some(value) }
    }
}

impl From<AlertMessage> for pb::WatchAlertsResponse {
    fn from(AlertMessage { revision, news }: AlertMessage) -> Self {
        use pb::watch_alerts_response::Event;
        let event = match news {
            AlertNews::Snapshot(alerts) => Event::Snapshot(pb::AlertSnapshot {
                alerts: alerts.into_iter().map(Into::into).collect(),
            }),
            AlertNews::Changes(alerts) => Event::Changes(pb::AlertChanges {
                alerts: alerts.into_iter().map(Into::into).collect(),
            }),
            AlertNews::Heartbeat(now) => Event::Heartbeat(pb::AlertHeartbeat {
                server_time: Some(wire::timestamp(now)),
            }),
        };
        Self {
            revision: revision.unsigned_abs(),
            event: Some(event),
        }
    }
}

/// A new rule of the home; its times are set when it is stored.
pub(crate) fn new_rule(rule: pb::AlertRule, home: &Home, user: UserId) -> Result<Rule, Invalid> {
    Ok(Rule {
        id: AlertRuleId::new(),
        user,
        home: home.id,
        name: name(&rule.name)?,
        paused: rule.paused,
        condition: condition(rule.condition)?,
        created_at: Timestamp::EPOCH,
        updated_at: Timestamp::EPOCH,
    })
}

/// What an update changes.
pub(crate) fn rule_change(rule: pb::AlertRule, mask: Option<FieldMask>) -> Result<RuleChange, Invalid> {
    let [power_above, on_longer, no_data, budget, unusual_day] = CONDITIONS;
    let fields = ["name", "paused", power_above, on_longer, no_data, budget, unusual_day];
    let mask = Mask::parse(mask, &fields)?;
    let mut change = RuleChange::default();
    if mask.has("name", !rule.name.is_empty()) {
        change.name = Some(name(&rule.name)?);
    }
    if mask.has("paused", rule.paused) {
        change.paused = Some(rule.paused);
    }
    let set = rule.condition.as_ref().map(kind);
    let named = CONDITIONS.iter().find(|it| mask.has(it, set == Some(it)));
    if named.is_some() {
        if let Some(other) = set.filter(|it| !mask.has(it, true)) {
            return Err(Invalid::new(
                "update_mask",
                format!("does not name {other}, which is set"),
            ));
        }
        change.condition = Some(condition(rule.condition)?);
    }
    Ok(change)
}

fn kind(condition: &pb::alert_rule::Condition) -> &'static str {
    use pb::alert_rule::Condition as Wire;
    match condition {
        Wire::PowerAbove(_) => "power_above",
        Wire::OnLonger(_) => "on_longer",
        Wire::NoData(_) => "no_data",
        Wire::Budget(_) => "budget",
        Wire::UnusualDay(_) => "unusual_day",
    }
}

fn name(name: &str) -> Result<String, Invalid> {
    wire::text("alert_rule.name", name, 1, 80)
}

fn condition(condition: Option<pb::alert_rule::Condition>) -> Result<Condition, Invalid> {
    use pb::alert_rule::Condition as Wire;
    let field = |kind: &str, part: &str| format!("alert_rule.{kind}.{part}");
    match condition {
        None => {
            let problem = format!("must have one of {}", CONDITIONS.join(", "));
            Err(Invalid::new("alert_rule", problem))
        }
        Some(Wire::PowerAbove(it)) => Ok(Condition::PowerAbove {
            device: parse(&field("power_above", "device_id"), &it.device_id)?,
            threshold: threshold(it.power_watts)?,
            lasting: lasting("power_above", it.duration, LONGEST)?,
        }),
        Some(Wire::OnLonger(it)) => Ok(Condition::OnLonger {
            device: parse(&field("on_longer", "device_id"), &it.device_id)?,
            lasting: lasting("on_longer", it.duration, LONGEST)?,
        }),
        Some(Wire::NoData(it)) => Ok(Condition::NoData {
            device: parse(&field("no_data", "device_id"), &it.device_id)?,
            lasting: lasting("no_data", it.duration, LONGEST_SILENCE)?,
        }),
        Some(Wire::Budget(it)) => Ok(Condition::Budget {
            device: optional_id(&field("budget", "device_id"), &it.device_id)?,
            period: budget_period(it.period)?,
            projected: it.projected,
            limit: limit(it.limit)?,
        }),
        Some(Wire::UnusualDay(it)) => Ok(Condition::UnusualDay {
            device: optional_id(&field("unusual_day", "device_id"), &it.device_id)?,
            score: match it.score {
                Some(score) if !(2.0..=10.0).contains(&score) => {
                    return Err(Invalid::new(field("unusual_day", "score"), "must be from 2 to 10"));
                }
                score => score.unwrap_or(DAY_SCORE),
            },
        }),
    }
}

fn threshold(watts: f64) -> Result<Watts, Invalid> {
    if (-1e6..=1e6).contains(&watts) {
        Ok(Watts(watts))
    } else {
        let problem = "must be from -1000000 to 1000000";
        Err(Invalid::new("alert_rule.power_above.power_watts", problem))
    }
}

fn lasting(kind: &str, length: Option<prost_types::Duration>, most: Duration) -> Result<Duration, Invalid> {
    let field = format!("alert_rule.{kind}.duration");
    let length = length.ok_or_else(|| Invalid::new(&field, "must be set"))?;
    let length = wire::parse_duration(&field, &length)?;
    if (SHORTEST..=most).contains(&length) {
        Ok(length)
    } else {
        let days = most.as_secs() / 86_400;
        Err(Invalid::new(field, format!("must be from 1 minute to {days} days")))
    }
}

fn budget_period(unit: i32) -> Result<BudgetPeriod, Invalid> {
    match pb::CalendarUnit::try_from(unit) {
        Ok(pb::CalendarUnit::Day) => Ok(BudgetPeriod::Day),
        Ok(pb::CalendarUnit::Week) => Ok(BudgetPeriod::Week),
        Ok(pb::CalendarUnit::Month) => Ok(BudgetPeriod::Month),
        _ => Err(Invalid::new("alert_rule.budget.period", "must be day, week or month")),
    }
}

fn limit(limit: Option<pb::budget::Limit>) -> Result<Limit, Invalid> {
    match limit {
        None => Err(Invalid::new("alert_rule.budget", "must have one of energy_wh, cost")),
        Some(pb::budget::Limit::EnergyWh(energy)) if energy > 0.0 && energy <= MOST_ENERGY => {
            Ok(Limit::Energy(WattHours(energy)))
        }
        Some(pb::budget::Limit::EnergyWh(_)) => {
            let problem = "must be above 0 and at most 1000000000000";
            Err(Invalid::new("alert_rule.budget.energy_wh", problem))
        }
        Some(pb::budget::Limit::Cost(cost)) => Ok(Limit::Cost(money(&cost)?)),
    }
}

fn money(text: &str) -> Result<Decimal, Invalid> {
    let problem = || {
        Invalid::new(
            "alert_rule.budget.cost",
            "must be a decimal above 0 and at most 1000000000 with at most 8 decimals, as 80 or 12.50",
        )
    };
    let plain = text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let cost: Decimal = if plain { text.parse().ok() } else { None }.ok_or_else(problem)?;
    let good = cost > Decimal::ZERO && cost <= Decimal::from(1_000_000_000_u32) && cost.scale() <= 8;
    if good { Ok(cost) } else { Err(problem()) }
}

/// Which alerts are asked for; home, time, place and number are not known yet.
pub(crate) fn alert_query(request: &pb::ListAlertsRequest, user: UserId) -> Result<AlertQuery, Invalid> {
    Ok(AlertQuery {
        user,
        home: HomeId::from_uuid(uuid::Uuid::nil()),
        status: status(request.status)?,
        rule: optional_id("alert_rule_id", &request.alert_rule_id)?,
        device: optional_id("device_id", &request.device_id)?,
        raised: Interval::new(Timestamp::EPOCH, Timestamp::MAX),
        after: None,
        limit: 0,
    })
}

fn status(number: i32) -> Result<Status, Invalid> {
    match pb::AlertStatus::try_from(number) {
        Ok(pb::AlertStatus::Unspecified) => Ok(Status::Any),
        Ok(pb::AlertStatus::Open) => Ok(Status::Open),
        Ok(pb::AlertStatus::Active) => Ok(Status::Active),
        Ok(pb::AlertStatus::Unacknowledged) => Ok(Status::Unacknowledged),
        Ok(pb::AlertStatus::Acknowledged) => Ok(Status::Acknowledged),
        Err(_) => {
            let problem = "must be open, active, unacknowledged or acknowledged";
            Err(Invalid::new("status", problem))
        }
    }
}
