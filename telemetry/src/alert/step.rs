//! One step of a rule: what it remembers and what is seen now give what is raised, what ends, and when to look again.

use std::time::Duration;

use voltaire_types::{Interval, Timestamp};

use super::{Amount, Condition, History, Reason, State, budget, budget::Spent, curve, curve::Curved, silence, unusual};

/// What is seen of what a rule looks at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The power curve within [`window`].
    Curve(Curved),
    /// Until when the last reading of the device says something; none: it never sent one.
    Latest(Option<Timestamp>),
    /// What the running period has taken.
    Spent(Spent),
    /// The last day that is over, and the same weekday of the weeks before.
    History(History),
    /// Nothing can be told yet, as without a tariff.
    Nothing,
}

/// What happens to a rule's alerts, in this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// One begins.
    Raised(Raised),
    /// The active one, or the one just raised, ends; it was so until then.
    Ended(Timestamp),
}

/// An alert that begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raised {
    pub(crate) reason: Reason,
    /// Since when it is so.
    pub(crate) since: Timestamp,
    pub(crate) observed: Amount,
    pub(crate) limit: Amount,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    /// When to look again even if nothing new is received.
    pub(crate) due: Timestamp,
}

impl Step {
    /// Nothing happened yet.
    pub(super) fn new(state: State, due: Timestamp) -> Self {
        Self {
            state,
            events: Vec::new(),
            due,
        }
    }
}

/// The time that a rule must see the power curve of.
pub(crate) fn window(condition: &Condition, state: &State, now: Timestamp) -> Interval {
    match condition {
        Condition::PowerAbove { lasting, .. } | Condition::OnLonger { lasting, .. } => {
            curve::window(*lasting, state, now)
        }
        Condition::NoData { .. } | Condition::Budget { .. } | Condition::UnusualDay { .. } => Interval::new(now, now),
    }
}

/// One step of a rule. The same state, seen and now give the same; seeing the same again changes nothing.
pub(crate) fn step(condition: &Condition, state: State, seen: &Seen, now: Timestamp) -> Step {
    match (condition, seen) {
        (Condition::PowerAbove { threshold, lasting, .. }, Seen::Curve(curved)) => {
            curve::power_above((*threshold, *lasting), state, curved, now)
        }
        (Condition::OnLonger { lasting, .. }, Seen::Curve(curved)) => curve::on_longer(*lasting, state, curved, now),
        (Condition::NoData { lasting, .. }, Seen::Latest(last)) => silence::step(*lasting, state, *last, now),
        (Condition::Budget { limit, projected, .. }, Seen::Spent(spent)) => {
            budget::step((*limit, *projected), state, spent, now)
        }
        (Condition::UnusualDay { score, .. }, Seen::History(history)) => unusual::step(*score, state, history),
        _ => Step::new(state, now.plus(Duration::from_mins(10))),
    }
}
