//! Runs a plan: asks telemetry as the user and computes what the answer needs. The only place where numbers are made.

pub(crate) mod analyse;
pub(crate) mod client;
mod compare;
mod electrical;
mod extreme;
mod left_over;
pub(crate) mod model;
mod rooms;
mod several;
pub(crate) mod special;
mod supposed;
mod totals;
mod usual;

use voltaire_types::{CalendarUnit, Decimal, DeviceId, Interval, Timestamp};

use crate::{
    error::Result,
    understand::{
        No, Topic,
        plan::{Bucket, Metric, Operation, Plan, Selection, TimeExpr, Want},
        timex::{self, Stretches},
    },
};
use client::Telemetry;
use model::{House, Latest, Scope, Steps, Stretch, Summary};

/// What a plan found.
#[derive(Clone, Debug)]
pub(crate) enum Findings {
    /// Totals: of everything that was selected, and of each part where there are several.
    Total {
        whole: Summary,
        parts: Vec<Summary>,
        steps: Option<Steps>,
    },
    /// Energy or cost per unit of time: the total, how many units, and the value of one.
    PerUnit {
        whole: Summary,
        units: f64,
        value: f64,
        bucket: Bucket,
        steps: Steps,
    },
    /// Mean power, for each part.
    MeanPower { parts: Vec<Summary>, steps: Option<Steps> },
    /// The highest or lowest sample.
    Sample {
        whole: Summary,
        watts: f64,
        at: Timestamp,
        steps: Option<Steps>,
    },
    /// The step with the highest or lowest value.
    Step {
        whole: Summary,
        step: Interval,
        value: f64,
        steps: Steps,
        skipped: usize,
    },
    /// Devices in order, most (or least) first; `home` is the whole.
    Ranked {
        ordered: Vec<Summary>,
        home: Summary,
        rank: usize,
    },
    /// Values per step.
    Steps {
        whole: Summary,
        bucket: Bucket,
        steps: Steps,
    },
    /// Two periods: `full_before` where only equal elapsed parts are compared.
    Periods {
        now: Summary,
        before: Summary,
        full_before: Option<Summary>,
        change: f64,
        ratio: Option<f64>,
    },
    /// Devices against each other.
    Devices { parts: Vec<Summary>, difference: f64 },
    /// The part of the home.
    Share { part: Summary, home: Summary, share: f64 },
    /// What an analysis found; the totals of what it is about, where it stands on readings.
    Analysis {
        whole: Option<Summary>,
        analysis: client::analysis::Analysis,
    },
    /// What goes beyond one figure of telemetry's.
    Special(special::Special),
    /// Power now.
    Live {
        home_watts: Option<f64>,
        rows: Vec<Latest>,
        all: bool,
    },
    /// Devices, and how far readings reach.
    Inventory { range: Option<Interval> },
    /// Tariff, zone, currency.
    Settings,
    /// What can be asked.
    Help,
}

impl Findings {
    /// What of it was not measured at all, and which time it is about.
    fn lacking(&self, interval: Interval) -> (Option<Summary>, Interval) {
        let first_empty = |of: &[&Summary]| of.iter().find(|it| it.is_empty()).map(|it| (*it).clone());
        match self {
            Self::Total { whole, .. }
            | Self::PerUnit { whole, .. }
            | Self::Step { whole, .. }
            | Self::Sample { whole, .. }
            | Self::Steps { whole, .. } => (first_empty(&[whole]), whole.interval),
            Self::Analysis { whole: Some(whole), .. } => (first_empty(&[whole]), interval),
            Self::Periods { now, before, .. } => (first_empty(&[now, before]), now.interval),
            Self::MeanPower { parts, .. } | Self::Devices { parts, .. } => {
                (parts.iter().find(|it| it.is_empty()).cloned(), interval)
            }
            Self::Ranked { ordered, home, rank } => ((ordered.len() <= *rank).then(|| home.clone()), interval),
            Self::Share { part, home, .. } => (first_empty(&[part, home]), interval),
            Self::Special(it) => it.lacking(interval),
            _ => (None, interval),
        }
    }
}

/// What became of a plan.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Found(Box<Found>),
    /// No readings: of whom, when, and since when there are some.
    NoData {
        who: String,
        interval: Interval,
        /// The stretches of it that were asked about, where there are several.
        stretches: Vec<Stretches>,
        range: Option<Interval>,
    },
    /// Not possible for this plan.
    Refused(No),
}

/// What was found, and its proof.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) findings: Findings,
    /// Over all of the stretches, where there are several.
    pub(crate) interval: Option<Interval>,
    /// The periods that are told of, where they are made of several stretches.
    pub(crate) stretches: Vec<Stretches>,
    pub(crate) to_date: bool,
    /// When the plan was run.
    pub(crate) now: Timestamp,
    /// The devices that "it" stands for next.
    pub(crate) focus: Vec<DeviceId>,
}

/// A plan being run.
pub(super) struct Run<'a> {
    pub(super) telemetry: &'a Telemetry,
    pub(super) house: &'a House,
    pub(super) plan: &'a Plan,
    pub(super) now: Timestamp,
}

/// Runs the plan.
pub(crate) async fn run(telemetry: &Telemetry, house: &House, plan: &Plan, now: Timestamp) -> Result<Outcome> {
    let gone = plan
        .selection
        .devices
        .iter()
        .any(|id| !house.devices.iter().any(|it| it.id == *id));
    if gone {
        return Ok(Outcome::Refused(No::UnknownDevice("a device that is gone".to_owned())));
    }
    Run {
        telemetry,
        house,
        plan,
        now,
    }
    .run()
    .await
}

impl Run<'_> {
    async fn run(&self) -> Result<Outcome> {
        if let Some(topic) = self
            .plan
            .topic()
            .filter(|_| !analyse::is_analysed(self.plan) && !special::is_special(self.plan))
        {
            return Ok(Outcome::Refused(No::Unsupported(topic)));
        }
        match self.plan.operation {
            Operation::Settings => return Ok(self.plain(Findings::Settings)),
            Operation::Help => return Ok(self.plain(Findings::Help)),
            Operation::Live if special::is_electrical(self.plan) => return self.electrical_now().await,
            Operation::Live => return self.live().await,
            Operation::Inventory => {
                let (all, _) = self
                    .telemetry
                    .summary(self.house, &self.scope(), Stretch::All, false)
                    .await?;
                return Ok(self.plain(Findings::Inventory { range: all.data_range }));
            }
            _ => {}
        }
        if self.needs_tariff() && self.house.home.tariffs.is_empty() {
            return Ok(Outcome::Refused(No::NoTariff));
        }
        let Some(expr) = &self.plan.period else {
            return Ok(Outcome::Refused(No::NotUnderstood(Vec::new())));
        };
        let (interval, to_date) = match self.interval(expr).await? {
            Ok(it) => it,
            Err(outcome) => return Ok(outcome),
        };
        let may_except = matches!(self.plan.operation, Operation::Total | Operation::Unused);
        if self.plan.selection.except && !may_except {
            return Ok(Outcome::Refused(No::NotUnderstood(vec!["except".to_owned()])));
        }
        let several = self.several(expr);
        let found = match several {
            Some(when) => self.within(when).await?,
            None => self.findings(interval).await?.map(|it| (it, Vec::new())),
        };
        let Some((findings, stretches)) = found else {
            let parts = Some(Topic::SeveralDays).filter(|_| self.several(expr).is_some());
            let unsupported = parts.or(self.plan.topic()).map(No::Unsupported);
            return Ok(Outcome::Refused(unsupported.unwrap_or(No::NotUnderstood(Vec::new()))));
        };
        let (empty, interval) = findings.lacking(interval);
        if let Some(none) = empty {
            let who = if none.device.is_none() && self.plan.selection.is_home() {
                "the home".to_owned()
            } else {
                none.label
            };
            let range = match none.data_range {
                None if !stretches.is_empty() => self.range_of(none.device).await?,
                range => range,
            };
            return Ok(Outcome::NoData {
                who,
                interval: none.interval,
                stretches,
                range,
            });
        }
        let focus = match &findings {
            Findings::Ranked { ordered, rank, .. } => ordered.get(*rank).and_then(|it| it.device).into_iter().collect(),
            Findings::Special(special::Special::Unused { unused, .. }) => unused.clone(),
            _ => self.plan.selection.devices.clone(),
        };
        Ok(Outcome::Found(Box::new(Found {
            findings,
            interval: Some(interval),
            stretches,
            to_date,
            now: self.now,
            focus,
        })))
    }

    /// The stretches of the period, where it or what it is compared with has several.
    fn several(&self, period: &TimeExpr) -> Option<Stretches> {
        let when = self.stretches(period).ok()?;
        let other = self.plan.compare_to.as_ref().and_then(|it| self.stretches(it).ok());
        let many = |it: &Stretches| it.each.len() > 1;
        (many(&when) || other.as_ref().is_some_and(many)).then_some(when)
    }

    /// Whether there is nothing to tell without a price. Analyses say themselves what they lack.
    fn needs_tariff(&self) -> bool {
        self.plan.metric == Metric::Cost && !analyse::is_analysed(self.plan)
    }

    /// What the plan finds; none where it lacks something that it needs.
    async fn findings(&self, interval: Interval) -> Result<Option<Findings>> {
        if special::is_special(self.plan) {
            return Ok(self.special(interval).await?.map(Findings::Special));
        }
        if self.plan.bucket.is_some_and(Bucket::is_repeated) {
            return if analyse::is_analysed(self.plan) {
                self.analyse(self.plan.operation, interval).await
            } else {
                Ok(None)
            };
        }
        Ok(Some(match self.plan.operation {
            Operation::Total => self.total(interval).await?,
            Operation::Average if self.plan.metric == Metric::Power => self.mean_power(interval).await?,
            Operation::Average => self.per_unit(interval).await?,
            Operation::Extreme => self.extreme(interval).await?,
            Operation::Rank | Operation::Breakdown if self.plan.want == Some(Want::Rooms) => {
                self.by_room(interval).await?
            }
            Operation::Rank | Operation::Breakdown => self.rank(interval).await?,
            Operation::Series => self.series(interval).await?,
            Operation::Compare => self.compare(interval).await?,
            Operation::Share => self.share(interval).await?,
            operation => return self.analyse(operation, interval).await,
        }))
    }

    fn plain(&self, findings: Findings) -> Outcome {
        Outcome::Found(Box::new(Found {
            findings,
            interval: None,
            stretches: Vec::new(),
            to_date: false,
            now: self.now,
            focus: self.plan.selection.devices.clone(),
        }))
    }

    /// The interval; "all time" and what is longer than telemetry takes is cut to the readings there are.
    async fn interval(&self, expr: &TimeExpr) -> Result<Result<(Interval, bool), Outcome>> {
        let calendar = &self.house.home.calendar;
        let span = match timex::resolve(expr, calendar, self.now) {
            Ok(span) => span,
            Err(timex::TimeProblem::Future) => return Ok(Err(Outcome::Refused(No::Future))),
            Err(timex::TimeProblem::SeveralDays) => {
                return Ok(Err(Outcome::Refused(No::Unsupported(Topic::SeveralDays))));
            }
            Err(timex::TimeProblem::Unclear) => return Ok(Err(Outcome::Refused(No::NotUnderstood(Vec::new())))),
        };
        if !span.all && span.interval.seconds() < TEN_YEARS {
            return Ok(Ok((span.interval, span.to_date)));
        }
        let (all, _) = self
            .telemetry
            .summary(self.house, &self.scope(), Stretch::All, false)
            .await?;
        let Some(range) = all.data_range else {
            let who = if self.plan.selection.is_home() {
                "the home".to_owned()
            } else {
                all.label
            };
            return Ok(Err(Outcome::NoData {
                who,
                interval: span.interval,
                stretches: Vec::new(),
                range: None,
            }));
        };
        let last_day = calendar.day(calendar.date(range.end)).end.min(self.now);
        let known = Interval::new(range.start, last_day.max(range.end));
        Ok(Ok((
            if span.all {
                known
            } else {
                known.intersection(span.interval)
            },
            false,
        )))
    }

    pub(super) fn scope(&self) -> Scope {
        scope_of(&self.plan.selection)
    }

    pub(super) async fn whole(&self, interval: Interval) -> Result<Summary> {
        Ok(self
            .telemetry
            .summary(self.house, &self.scope(), Stretch::Interval(interval), false)
            .await?
            .0)
    }

    pub(super) async fn parts(&self, interval: Interval) -> Result<Vec<Summary>> {
        let mut parts = Vec::new();
        for id in &self.plan.selection.devices {
            let scope = Scope::Devices(vec![*id]);
            parts.push(
                self.telemetry
                    .summary(self.house, &scope, Stretch::Interval(interval), false)
                    .await?
                    .0,
            );
        }
        Ok(parts)
    }
}

const TEN_YEARS: f64 = 3_652.0 * 86_400.0;

pub(super) fn scope_of(selection: &Selection) -> Scope {
    if selection.is_home() {
        Scope::Home
    } else {
        Scope::Devices(selection.devices.clone())
    }
}

/// Wh, or money.
pub(crate) fn value_of(summary: &Summary, metric: Metric) -> f64 {
    if metric == Metric::Cost {
        amount(summary.cost)
    } else {
        summary.energy_wh
    }
}

/// Money as a number, to be compared and drawn.
pub(crate) fn amount(money: Decimal) -> f64 {
    money.to_string().parse().unwrap_or(f64::NAN)
}

/// The step of a picture over such a period.
pub(crate) fn fitting(interval: Interval) -> CalendarUnit {
    match interval.seconds() / 86_400.0 {
        days if days <= 2.1 => CalendarUnit::Hour,
        days if days <= 93.0 => CalendarUnit::Day,
        _ => CalendarUnit::Month,
    }
}
