//! Looks at alert rules: when readings that matter have been committed, and on a clock.
//!
//! Whoever looks reads the rule with what it remembers, sees, takes a step, and keeps the outcome only if the rule is as
//! it was: several processes on one database tell everything once. A home without rules costs nothing but a look-up.

mod observe;
mod registry;
#[cfg(test)]
mod test;
mod watch;

use std::{collections::HashSet, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, broadcast},
    time::{interval, sleep},
};
use voltaire_mesh::Mesh;
use voltaire_types::{AlertId, AlertRuleId, Clock, HomeId, Timestamp};

use crate::{
    alert::{Alert, Event, Raised, message, step},
    config::{self, Config},
    error::Error,
    reading::Reading,
    store::{Check, Settled, Store},
};
use registry::Registry;
pub(crate) use watch::{AlertMessage, AlertNews, AlertWatch};

/// Rules that are looked at before the clock asks for more.
const CLAIM: u32 = 100;
/// How often a rule is looked at that others change meanwhile.
const TRIES: usize = 5;
/// A rule that could not be looked at is tried again after this.
const RETRY: Duration = Duration::from_mins(1);
/// A change of a rule is seen by all processes if its transaction takes no longer, and their clocks differ by no more.
const OVERLAP: Duration = Duration::from_mins(1);
/// How often old alerts are deleted, and all rules are read anew.
const HOUSEKEEPING: Duration = Duration::from_hours(1);
/// Homes that streams may be behind with; one that is further behind looks anyway.
const TOLD: usize = 256;

/// The tasks that look at alert rules; clones share them.
#[derive(Clone)]
pub(crate) struct Alerting {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    mesh: Mesh,
    settings: config::Alerts,
    kept: Duration,
    registry: Mutex<Registry>,
    /// Rules that want to look.
    wanted: Mutex<HashSet<AlertRuleId>>,
    readings: Notify,
    rules: Notify,
    /// Homes whose alerts have changed.
    told: broadcast::Sender<HomeId>,
}

impl Alerting {
    /// Starts the tasks.
    pub(crate) fn start(store: Store, config: &Config, mesh: &Mesh) -> Self {
        let it = Self {
            inner: Arc::new(Inner {
                store,
                mesh: mesh.clone(),
                settings: config.alerts,
                kept: Duration::from_hours(24) * config.alert_days,
                registry: Mutex::default(),
                wanted: Mutex::default(),
                readings: Notify::new(),
                rules: Notify::new(),
                told: broadcast::Sender::new(TOLD),
            }),
        };
        let every = Duration::from_millis(config.alert_milliseconds);
        mesh.spawn("alert clock", it.clone().until_stopped(it.clone().tick(every)));
        mesh.spawn("alert readings", it.clone().until_stopped(it.clone().hear()));
        it
    }

    /// These readings have been committed. Neither waits nor fails.
    pub(crate) fn committed(&self, readings: &[(HomeId, Reading)]) {
        let registry = self.inner.registry.lock();
        if registry.is_empty() {
            return;
        }
        let now = self.clock().now();
        let wanted: HashSet<_> = readings.iter().flat_map(|(_, it)| registry.wanted(it, now)).collect();
        if !wanted.is_empty() {
            self.inner.wanted.lock().extend(wanted);
            self.inner.readings.notify_one();
        }
    }

    /// Rules, or devices with rules, have been made, changed or deleted.
    pub(crate) fn rules_changed(&self) {
        self.inner.rules.notify_one();
    }

    /// Alerts of the home have changed.
    pub(crate) fn alerts_changed(&self, home: HomeId) {
        // Nobody may be watching just now.
        drop(self.inner.told.send(home));
    }

    fn clock(&self) -> &Clock {
        self.inner.mesh.clock()
    }

    async fn until_stopped(self, work: impl Future<Output = ()>) {
        let stopping = self.inner.mesh.stopping();
        tokio::select! {
            () = stopping.cancelled() => {}
            () = work => {}
        }
    }

    /// Looks at what is due, for ever.
    async fn tick(self, every: Duration) {
        let mut ticks = interval(every);
        let (mut known, mut housekeeping) = (Timestamp::EPOCH, Timestamp::MIN);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.inner.rules.notified() => {}
            }
            let now = self.clock().now();
            if now >= housekeeping {
                (known, housekeeping) = (Timestamp::EPOCH, now.plus(HOUSEKEEPING));
                self.forget_old(now).await;
            }
            match self.read_changes(known).await {
                Ok(()) => known = now.minus(OVERLAP),
                Err(error) => tracing::warn!(%error, "alert rules could not be read"),
            }
            if let Err(error) = self.look_at_due(now).await {
                tracing::warn!(%error, "alert rules that are due could not be found");
            }
        }
    }

    async fn forget_old(&self, now: Timestamp) {
        match self.inner.store.forget_alerts(now.minus(self.inner.kept)).await {
            Ok(forgotten) => tracing::debug!(forgotten, "old alerts"),
            Err(error) => tracing::warn!(%error, "old alerts could not be deleted"),
        }
    }

    /// Takes in the rules that have changed since; all of them since the epoch.
    async fn read_changes(&self, since: Timestamp) -> Result<(), Error> {
        let rules = self.inner.store.touched_rules(since).await?;
        let mut registry = self.inner.registry.lock();
        if since == Timestamp::EPOCH {
            *registry = Registry::of(&rules);
        } else {
            for check in &rules {
                registry.put(check);
            }
        }
        Ok(())
    }

    async fn look_at_due(&self, now: Timestamp) -> Result<(), Error> {
        loop {
            let due = self.inner.store.claim_due(now, now.plus(RETRY), CLAIM).await?;
            if due.is_empty() {
                return Ok(());
            }
            for rule in due {
                self.look_or_warn(rule).await;
            }
        }
    }

    /// Looks at what readings made wanted, for ever.
    async fn hear(self) {
        loop {
            self.inner.readings.notified().await;
            let wanted = std::mem::take(&mut *self.inner.wanted.lock());
            for rule in wanted {
                self.look_or_warn(rule).await;
            }
            sleep(self.inner.settings.merge).await;
        }
    }

    async fn look_or_warn(&self, rule: AlertRuleId) {
        for _ in 0..TRIES {
            match self.look(rule).await {
                // Someone else looked at the same time, perhaps before the newest readings: once more.
                Ok(false) => {}
                // Or deleted in the meantime.
                Ok(true) | Err(Error::NoHome | Error::NoDevice | Error::NoAlertRule) => return,
                Err(error) => {
                    tracing::warn!(%error, alert_rule.id = %rule, "an alert rule could not be looked at");
                    return;
                }
            }
        }
    }

    /// Looks at a rule; false where it changed meanwhile and nothing was kept.
    async fn look(&self, rule: AlertRuleId) -> Result<bool, Error> {
        let store = &self.inner.store;
        let Some(check) = store.check(rule).await?.filter(|it| !it.rule.paused) else {
            self.inner.registry.lock().forget(rule);
            return Ok(true);
        };
        let now = self.clock().now();
        let seen = observe::observe(store, &check, now).await?;
        let step = step(&check.rule.condition, check.state, &seen, now);
        let (raised, ended) = self.alerts(&check, &step.events, now).await?;
        let told = !step.events.is_empty();
        let settled = Settled {
            state: step.state,
            due: step.due,
            raised,
            ended,
        };
        if !store.settle(&check, settled).await? {
            return Ok(false);
        }
        let check = Check {
            state: step.state,
            due: step.due,
            ..check
        };
        self.inner.registry.lock().put(&check);
        if told {
            self.alerts_changed(check.rule.home);
        }
        Ok(true)
    }

    /// The alerts that begin, with their ends, and when the one that was active before ended.
    async fn alerts(
        &self,
        check: &Check,
        events: &[Event],
        now: Timestamp,
    ) -> Result<(Vec<Alert>, Option<Timestamp>), Error> {
        let (mut raised, mut ended) = (Vec::<Alert>::new(), None);
        for event in events {
            match (event, raised.last_mut()) {
                (Event::Ended(at), Some(alert)) => alert.ended_at = Some(*at),
                (Event::Ended(at), None) => ended = Some(*at),
                (Event::Raised(it), _) => raised.push(self.alert(check, it, now).await?),
            }
        }
        Ok((raised, ended))
    }

    async fn alert(&self, check: &Check, raised: &Raised, now: Timestamp) -> Result<Alert, Error> {
        let (store, rule) = (&self.inner.store, &check.rule);
        let home = store.home(rule.user, Some(rule.home)).await?;
        let label = match rule.condition.device() {
            Some(device) => store.device(rule.user, device).await?.name,
            None => home.name,
        };
        Ok(Alert {
            id: AlertId::new(),
            home: rule.home,
            rule: Some(rule.id),
            device: rule.condition.device(),
            reason: raised.reason,
            message: message(&rule.condition, raised, (&label, &home.calendar)),
            observed: raised.observed,
            limit: raised.limit,
            started_at: raised.since,
            raised_at: now,
            ended_at: None,
            acknowledged: None,
            revision: 0,
        })
    }
}
