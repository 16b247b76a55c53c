//! What rules want to hear of, by device.

use std::collections::HashMap;

use voltaire_types::{AlertRuleId, DeviceId, Timestamp};

use crate::{alert::Watched, reading::Reading, store::Check};

/// The rules that readings may wake.
#[derive(Debug, Default)]
pub(super) struct Registry {
    by_device: HashMap<DeviceId, Vec<Watched>>,
    devices: HashMap<AlertRuleId, DeviceId>,
}

impl Registry {
    /// What it is made of these rules, and of no others.
    pub(super) fn of(checks: &[Check]) -> Self {
        let mut all = Self::default();
        for check in checks {
            all.put(check);
        }
        all
    }

    /// Whether no reading wakes any.
    pub(super) fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// Puts a rule as it is now in the place of what was known of it.
    pub(super) fn put(&mut self, check: &Check) {
        self.forget(check.rule.id);
        let watched = Watched::new(&check.rule, &check.state, check.due, check.on_threshold);
        if let Some(it) = watched.filter(|_| !check.rule.paused) {
            self.devices.insert(it.rule, it.device);
            self.by_device.entry(it.device).or_default().push(it);
        }
    }

    /// Leaves out a rule.
    pub(super) fn forget(&mut self, rule: AlertRuleId) {
        let Some(device) = self.devices.remove(&rule) else {
            return;
        };
        if let Some(rules) = self.by_device.get_mut(&device) {
            rules.retain(|it| it.rule != rule);
            if rules.is_empty() {
                self.by_device.remove(&device);
            }
        }
    }

    /// The rules that want to look now that this reading has been committed.
    pub(super) fn wanted(&self, reading: &Reading, now: Timestamp) -> impl Iterator<Item = AlertRuleId> {
        let rules = self.by_device.get(&reading.device).into_iter().flatten();
        rules.filter(move |it| it.wants(reading, now)).map(|it| it.rule)
    }
}
