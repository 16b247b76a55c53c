//! Which readings a rule wants to hear of at once; for everything else the clock is early enough.

use voltaire_types::{AlertRuleId, DeviceId, Timestamp, Watts};

use super::{Condition, Rule, State};
use crate::reading::Reading;

/// A rule, as far as a committed reading needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Watched {
    pub(crate) rule: AlertRuleId,
    pub(crate) device: DeviceId,
    /// Above this something goes on; none: any reading is news.
    threshold: Option<Watts>,
    active: bool,
    running: bool,
    due: Timestamp,
}

impl Watched {
    /// What the rule wants to hear of; none for one that only the clock looks at. `on` is the device's on-threshold.
    pub(crate) fn new(rule: &Rule, state: &State, due: Timestamp, on: Watts) -> Option<Self> {
        let (device, threshold) = match rule.condition {
            Condition::PowerAbove { device, threshold, .. } => (device, Some(threshold)),
            Condition::OnLonger { device, .. } => (device, Some(on)),
            Condition::NoData { device, .. } => (device, None),
            Condition::Budget { .. } | Condition::UnusualDay { .. } => return None,
        };
        Some(Self {
            rule: rule.id,
            device,
            threshold,
            active: state.active.is_some(),
            running: state.running.is_some(),
            due,
        })
    }

    /// Whether the rule wants to look now that this reading has been committed.
    pub(crate) fn wants(&self, reading: &Reading, now: Timestamp) -> bool {
        match self.threshold {
            None => self.active,
            Some(threshold) => !self.active && reading.power > threshold && (!self.running || self.due <= now),
        }
    }
}
