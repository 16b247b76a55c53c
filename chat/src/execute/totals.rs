//! Totals, means, rankings, shares, and what is now.

use voltaire_types::{Calendar, CalendarUnit, DeviceId, Interval, Timestamp};

use super::{
    Findings, Outcome, Run,
    client::Cut,
    fitting,
    model::{Measured, Scope, Steps, Stretch, Summary},
    value_of,
};
use crate::{
    error::Result,
    understand::{
        plan::{Bucket, Direction, Metric, Plan},
        timex,
    },
};

impl Run<'_> {
    pub(super) async fn total(&self, interval: Interval) -> Result<Findings> {
        let mut whole = self.whole(interval).await?;
        if self.plan.selection.except {
            let (home, _) = self
                .telemetry
                .summary(self.house, &Scope::Home, Stretch::Interval(interval), false)
                .await?;
            whole = Summary {
                device: None,
                label: format!("Everything except {}", whole.label),
                energy_wh: home.energy_wh - whole.energy_wh,
                cost: home.cost - whole.cost,
                coverage: home.coverage.min(whole.coverage),
                average_watts: None,
                peak: None,
                minimum: None,
                ..home
            };
            return Ok(Findings::Total {
                whole,
                parts: Vec::new(),
                steps: None,
            });
        }
        let parts = if self.plan.selection.devices.len() > 1 {
            self.parts(interval).await?
        } else {
            Vec::new()
        };
        let steps = Some(self.drawn(interval, Measured::Energy).await?);
        Ok(Findings::Total { whole, parts, steps })
    }

    /// The steps of the picture beside a figure.
    async fn drawn(&self, interval: Interval, energy: Measured) -> Result<Steps> {
        let measured = if self.plan.metric == Metric::Cost && energy == Measured::Energy {
            Measured::Cost
        } else {
            energy
        };
        let cut = Cut::Calendar(fitting(interval));
        let mut steps = self
            .telemetry
            .steps(self.house, &self.scope(), interval, cut, &[measured])
            .await?;
        if measured == Measured::Cost && self.plan.selection.is_home() {
            self.charge(&mut steps);
        }
        Ok(steps)
    }

    pub(super) async fn mean_power(&self, interval: Interval) -> Result<Findings> {
        let parts = if self.plan.selection.devices.len() > 1 {
            self.parts(interval).await?
        } else {
            vec![self.whole(interval).await?]
        };
        let steps = if parts.len() == 1 {
            Some(self.drawn(interval, Measured::PowerMax).await?)
        } else {
            None
        };
        Ok(Findings::MeanPower { parts, steps })
    }

    pub(super) async fn per_unit(&self, interval: Interval) -> Result<Findings> {
        let bucket = self.plan.bucket.unwrap_or(Bucket::Day);
        let whole = self.whole(interval).await?;
        let units = units(&self.house.home.calendar, timex::unit_of(bucket), interval);
        let steps = self.by_bucket(interval, bucket).await?;
        let value = value_of(&whole, self.plan.metric) / units.max(f64::MIN_POSITIVE);
        Ok(Findings::PerUnit {
            whole,
            units,
            value,
            bucket,
            steps,
        })
    }

    pub(super) async fn series(&self, interval: Interval) -> Result<Findings> {
        let whole = self.whole(interval).await?;
        let bucket = self.plan.bucket.unwrap_or(match fitting(interval) {
            CalendarUnit::Hour => Bucket::Hour,
            CalendarUnit::Month => Bucket::Month,
            _ => Bucket::Day,
        });
        let steps = self.by_bucket(interval, bucket).await?;
        Ok(Findings::Steps { whole, bucket, steps })
    }

    pub(super) async fn by_bucket(&self, interval: Interval, bucket: Bucket) -> Result<Steps> {
        let measured = if self.plan.metric == Metric::Cost {
            Measured::Cost
        } else {
            Measured::Energy
        };
        let (unit, metrics) = (timex::unit_of(bucket), [measured, Measured::Coverage]);
        let mut all = Steps {
            boundaries: Vec::new(),
            values: vec![Vec::new(), Vec::new()],
        };
        let mut from = interval.start;
        while from < interval.end {
            // A year at a time: an answer has at most 20,000 values.
            let to = self
                .house
                .home
                .calendar
                .next(CalendarUnit::Year, from)
                .min(interval.end);
            let to = if unit == CalendarUnit::Hour || unit == CalendarUnit::QuarterHour {
                to
            } else {
                interval.end
            };
            let some = self
                .telemetry
                .steps(
                    self.house,
                    &self.scope(),
                    Interval::new(from, to),
                    Cut::Calendar(unit),
                    &metrics,
                )
                .await?;
            all.boundaries.pop();
            all.boundaries.extend(some.boundaries);
            for (kept, new) in all.values.iter_mut().zip(some.values) {
                kept.extend(new);
            }
            from = to;
        }
        if measured == Measured::Cost && self.plan.selection.is_home() {
            self.charge(&mut all);
        }
        Ok(all)
    }

    /// Adds the standing charge, which telemetry's steps leave out, to the cost of each step of the whole home that is
    /// measured.
    pub(super) fn charge(&self, steps: &mut Steps) {
        let edges = steps.boundaries.windows(2);
        for (value, edge) in steps.values.iter_mut().take(1).flatten().zip(edges) {
            if let [from, to] = edge {
                *value += self.house.home.standing_charge(Interval::new(*from, *to));
            }
        }
    }

    pub(super) async fn rank(&self, interval: Interval) -> Result<Findings> {
        let (home, mut devices) = self
            .telemetry
            .summary(self.house, &Scope::Home, Stretch::Interval(interval), true)
            .await?;
        let chosen = &self.plan.selection.devices;
        if !chosen.is_empty() {
            devices = self.parts(interval).await?;
        }
        let consumes = |it: &Summary| self.house.consumers().any(|device| Some(device.id) == it.device);
        devices.retain(|it| !it.is_empty() && (!chosen.is_empty() || consumes(it)));
        Ok(in_order(self.plan, devices, home))
    }

    pub(super) async fn share(&self, interval: Interval) -> Result<Findings> {
        let part = self.whole(interval).await?;
        let (home, _) = self
            .telemetry
            .summary(self.house, &Scope::Home, Stretch::Interval(interval), false)
            .await?;
        let whole = value_of(&home, self.plan.metric);
        let share = if whole > 0.0 {
            value_of(&part, self.plan.metric) / whole
        } else {
            f64::NAN
        };
        Ok(Findings::Share { part, home, share })
    }

    pub(super) async fn live(&self) -> Result<Outcome> {
        let (home_watts, mut rows) = self.telemetry.latest(self.house).await?;
        let chosen = &self.plan.selection.devices;
        let all = chosen.is_empty();
        let consumes = |id: DeviceId| self.house.devices.iter().any(|it| it.id == id && it.consumes);
        rows.retain(|it| {
            if all {
                consumes(it.device)
            } else {
                chosen.contains(&it.device)
            }
        });
        rows.sort_by(|a, b| b.watts.total_cmp(&a.watts));
        if self.plan.direction == Direction::Least {
            rows.reverse();
        }
        let silent = chosen.iter().find(|id| !rows.iter().any(|it| it.device == **id));
        if let Some(id) = silent {
            let interval = Interval::new(self.now, self.now);
            return Ok(Outcome::NoData {
                who: self.house.name(*id).to_owned(),
                interval,
                stretches: Vec::new(),
                range: None,
            });
        }
        Ok(self.plain(Findings::Live { home_watts, rows, all }))
    }
}

/// How many units the interval has; cut ones count by their part.
pub(super) fn units(calendar: &Calendar, unit: CalendarUnit, interval: Interval) -> f64 {
    let steps = calendar.steps(unit, interval, 100_000);
    let part = |pair: &[Timestamp]| match pair {
        [from, to] => {
            let full = Interval::new(calendar.start_of(unit, *from), calendar.next(unit, *from));
            to.seconds_since(*from) / full.seconds().max(1.0)
        }
        _ => 0.0,
    };
    steps.windows(2).map(part).sum()
}

/// Devices, or rooms, in the order that is asked for.
pub(super) fn in_order(plan: &Plan, mut found: Vec<Summary>, home: Summary) -> Findings {
    let key = |it: &Summary| value_of(it, plan.metric);
    found.sort_by(|a, b| key(b).total_cmp(&key(a)));
    if plan.direction == Direction::Least {
        found.reverse();
    }
    Findings::Ranked {
        ordered: found,
        home,
        rank: plan.rank.saturating_sub(1) as usize,
    }
}
