//! Two periods, or devices, against each other.

use jiff::ToSpan;
use voltaire_types::Interval;

use super::{Findings, Run, model::Summary, value_of};
use crate::{
    error::Result,
    understand::{
        plan::{Metric, TimeExpr},
        timex,
    },
};

impl Run<'_> {
    pub(super) async fn compare(&self, interval: Interval) -> Result<Findings> {
        let Some(other) = &self.plan.compare_to else {
            let parts = self.parts(interval).await?;
            return Ok(self.side_by_side(parts));
        };
        let calendar = &self.house.home.calendar;
        let Ok(before) = timex::resolve(other, calendar, self.now) else {
            let empty = Interval::new(self.now, self.now);
            let now = self.whole(interval).await?;
            let before = Summary {
                readings: 0,
                coverage: 0.0,
                interval: empty,
                ..now.clone()
            };
            return Ok(Findings::Periods {
                now,
                before,
                full_before: None,
                change: f64::NAN,
                ratio: None,
            });
        };
        let equal = self.fair(interval, before.interval);
        let now = self.whole(interval).await?;
        let part = self.whole(equal).await?;
        let full_before = if equal == before.interval {
            None
        } else {
            Some(self.whole(before.interval).await?)
        };
        Ok(self.change(now, part, full_before))
    }

    /// Devices and how far the first is from the second.
    pub(super) fn side_by_side(&self, parts: Vec<Summary>) -> Findings {
        let values: Vec<f64> = parts.iter().map(|it| value_of(it, self.plan.metric)).collect();
        let difference = match values.as_slice() {
            [first, second, ..] => first - second,
            _ => f64::NAN,
        };
        Findings::Devices { parts, difference }
    }

    /// Two periods and how far the later is from the earlier.
    pub(super) fn change(&self, now: Summary, before: Summary, full_before: Option<Summary>) -> Findings {
        let metric = if self.plan.metric == Metric::Cost {
            Metric::Cost
        } else {
            Metric::Energy
        };
        let (new, old) = (value_of(&now, metric), value_of(&before, metric));
        let ratio = (old.abs() > f64::EPSILON).then(|| (new - old) / old);
        Findings::Periods {
            now,
            before,
            full_before,
            change: new - old,
            ratio,
        }
    }

    /// The part of an earlier period that a running one is fairly compared with; all of it for one that is over.
    pub(super) fn fair(&self, interval: Interval, before: Interval) -> Interval {
        if self.plan.period.as_ref().is_some_and(|it| self.is_running(it)) {
            self.equal_part(interval, before)
        } else {
            before
        }
    }

    /// Whether the period is not over yet.
    pub(super) fn is_running(&self, period: &TimeExpr) -> bool {
        timex::resolve(period, &self.house.home.calendar, self.now).is_ok_and(|it| it.to_date)
    }

    /// As many local days and as late in the day as the running period has come.
    pub(super) fn equal_part(&self, running: Interval, before: Interval) -> Interval {
        let calendar = &self.house.home.calendar;
        let (start, now) = (calendar.date(running.start), calendar.local(running.end));
        let days = (now.date() - start).get_days();
        let last = calendar.date(before.start).saturating_add(i64::from(days).days());
        let end = last
            .at(now.hour(), now.minute(), now.second(), 0)
            .to_zoned(calendar.zone().clone());
        let end = end
            .ok()
            .and_then(|it| it.timestamp().try_into().ok())
            .unwrap_or(before.end);
        Interval::new(before.start, end.min(before.end))
    }
}
