//! Alert rules and what they raise. Pure: a rule, what has been seen and now give what is raised and what ends.
//!
//! `docs/definitions.md` says what each kind means. A rule has at most one active alert, whose beginning is part of the
//! rule's [`State`]; as the state is stored with the rule, a restart changes nothing.

mod budget;
mod curve;
mod message;
#[cfg(test)]
mod properties;
mod silence;
mod step;
mod unusual;
mod watched;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use voltaire_types::{
    AlertId, AlertRuleId, CalendarUnit, Currency, Decimal, DeviceId, HomeId, Timestamp, UserId, WattHours, Watts,
};

pub(crate) use budget::{Spent, is_told};
#[cfg(test)]
pub(crate) use curve::Stretch;
pub(crate) use curve::{Curved, Stretches};
pub(crate) use message::message;
pub(crate) use step::{Event, Raised, Seen, Step, step, window};
pub(crate) use unusual::History;
pub(crate) use watched::Watched;

/// Rules that a home may have.
pub(crate) const MAX_RULES: i64 = 100;

/// When to raise an alert.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) id: AlertRuleId,
    pub(crate) user: UserId,
    pub(crate) home: HomeId,
    pub(crate) name: String,
    /// Whether it rests.
    pub(crate) paused: bool,
    pub(crate) condition: Condition,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a rule looks at. Stored as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Condition {
    /// The power of a device is above the threshold for so long.
    PowerAbove {
        device: DeviceId,
        threshold: Watts,
        lasting: Duration,
    },
    /// A run of a device is so long.
    OnLonger { device: DeviceId, lasting: Duration },
    /// A device has sent no reading for so long.
    NoData { device: DeviceId, lasting: Duration },
    /// A period of the local calendar takes this much.
    Budget {
        /// None: the whole home.
        device: Option<DeviceId>,
        period: BudgetPeriod,
        limit: Limit,
        /// Whether to look ahead.
        projected: bool,
    },
    /// The energy of a local day is so far from the usual.
    UnusualDay {
        /// None: the whole home.
        device: Option<DeviceId>,
        /// As a robust z-score.
        score: f64,
    },
}

impl Condition {
    /// The device that it looks at; none: the whole home.
    pub(crate) fn device(&self) -> Option<DeviceId> {
        match *self {
            Self::PowerAbove { device, .. } | Self::OnLonger { device, .. } | Self::NoData { device, .. } => {
                Some(device)
            }
            Self::Budget { device, .. } | Self::UnusualDay { device, .. } => device,
        }
    }
}

/// The period of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BudgetPeriod {
    Day,
    Week,
    Month,
}

impl From<BudgetPeriod> for CalendarUnit {
    fn from(period: BudgetPeriod) -> Self {
        match period {
            BudgetPeriod::Day => Self::Day,
            BudgetPeriod::Week => Self::Week,
            BudgetPeriod::Month => Self::Month,
        }
    }
}

/// How much is planned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Limit {
    Energy(WattHours),
    /// In the home's currency.
    Cost(Decimal),
}

/// A figure with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Amount {
    Power(Watts),
    Energy(WattHours),
    Cost(Decimal, Currency),
    Time(Duration),
}

/// Why an alert was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reason {
    PowerAbove,
    OnLonger,
    NoData,
    BudgetExceeded,
    BudgetProjected,
    UnusuallyHigh,
    UnusuallyLow,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alert {
    pub(crate) id: AlertId,
    pub(crate) home: HomeId,
    /// None: the rule has been deleted.
    pub(crate) rule: Option<AlertRuleId>,
    /// None: the whole home.
    pub(crate) device: Option<DeviceId>,
    pub(crate) reason: Reason,
    pub(crate) message: String,
    pub(crate) observed: Amount,
    pub(crate) limit: Amount,
    pub(crate) started_at: Timestamp,
    pub(crate) raised_at: Timestamp,
    /// None: it is active.
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) acknowledged: Option<(Timestamp, UserId)>,
    /// Grows with every change of an alert of the home.
    pub(crate) revision: i64,
}

/// What a rule remembers. Stored as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// What was up to here has been judged.
    pub(crate) judged: Timestamp,
    /// The active alert.
    pub(crate) active: Option<Active>,
    /// What goes on since when and may become an alert.
    pub(crate) running: Option<Timestamp>,
}

/// An active alert.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Active {
    pub(crate) reason: Reason,
    pub(crate) since: Timestamp,
    /// The last instant at which it was seen to be so.
    pub(crate) last: Timestamp,
}

impl State {
    /// A rule begins at this instant: what goes on then counts as far back as it must last, nothing older does.
    pub(crate) fn begin(condition: &Condition, now: Timestamp) -> Self {
        let judged = match condition {
            Condition::PowerAbove { lasting, .. } | Condition::OnLonger { lasting, .. } => now.minus(*lasting),
            Condition::NoData { .. } | Condition::Budget { .. } | Condition::UnusualDay { .. } => now,
        };
        Self {
            judged,
            active: None,
            running: None,
        }
    }
}

/// What changes in a rule; the rest stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleChange {
    pub(crate) name: Option<String>,
    pub(crate) paused: Option<bool>,
    pub(crate) condition: Option<Condition>,
}
