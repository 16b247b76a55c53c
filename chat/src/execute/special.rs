//! Runs the plans that go beyond one figure of telemetry's: parts of a period against each other, the usual, volts and
//! amperes, a simple change, what no device explains, devices that were not used.

use voltaire_types::{CalendarUnit, DeviceId, Interval, Timestamp};

use super::{Findings, Run, client::electrical::Samples, model::Summary};
use crate::{
    error::{Error, Result},
    understand::plan::{Bucket, Metric, Operation, Plan, Versus},
};

/// What was found.
#[derive(Clone, Debug)]
pub(crate) enum Special {
    /// Two kinds of time within a period.
    Sides { whole: Summary, sides: [Side; 2] },
    /// A period, as far as it has come in whole quarter hours, and what is usual for it. Wh, or money.
    Usual {
        whole: Summary,
        happened: f64,
        /// None: too little history.
        expected: Option<f64>,
    },
    /// An electrical value of each device that was asked about.
    Electrical { of: Vec<(DeviceId, Samples)> },
    /// What would have been with a part more or less; per unit of time where one was asked for. Wh, or money.
    Supposed {
        whole: Summary,
        before: f64,
        after: f64,
        per: Option<Bucket>,
    },
    /// What no device explains.
    Untracked {
        rest: Summary,
        home: Summary,
        metered: bool,
    },
    /// Devices without a run, and those that sent nothing.
    Unused {
        unused: Vec<DeviceId>,
        silent: Vec<DeviceId>,
        asked: usize,
    },
    /// What was drawing power when there was most or least.
    AtExtreme {
        whole: Summary,
        /// The highest or lowest power, W, and when it was, where no step was asked for.
        sample: Option<(f64, Timestamp)>,
        /// The quarter hour of it, or the step.
        home: Summary,
        /// The devices in that time, most first.
        devices: Vec<Summary>,
    },
}

/// A kind of time within a period.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Side {
    pub(crate) name: &'static str,
    /// Wh, or money.
    pub(crate) total: f64,
    /// Local days, or hours, with readings; cut ones count by their part.
    pub(crate) units: f64,
}

impl Special {
    /// What of it was not measured at all, and which time it is about.
    pub(super) fn lacking(&self, interval: Interval) -> (Option<Summary>, Interval) {
        match self {
            Self::Sides { whole, .. }
            | Self::Usual { whole, .. }
            | Self::Supposed { whole, .. }
            | Self::AtExtreme { whole, .. } => (whole.is_empty().then(|| whole.clone()), whole.interval),
            Self::Untracked { home, .. } => (home.is_empty().then(|| home.clone()), home.interval),
            Self::Electrical { .. } | Self::Unused { .. } => (None, interval),
        }
    }
}

/// Whether volts, amperes or the power factor are asked for.
pub(super) fn is_electrical(plan: &Plan) -> bool {
    matches!(plan.metric, Metric::Voltage | Metric::Current | Metric::PowerFactor)
}

/// Whether the plan is one of these.
pub(super) fn is_special(plan: &Plan) -> bool {
    let electrical = is_electrical(plan)
        && matches!(
            plan.operation,
            Operation::Average | Operation::Extreme | Operation::Live
        );
    let within = plan.versus.is_some() && plan.operation == Operation::Compare && !is_electrical(plan);
    within
        || electrical
        || plan.is_at_extreme()
        || matches!(
            plan.operation,
            Operation::WhatIf | Operation::Untracked | Operation::Unused
        )
}

impl Run<'_> {
    /// What the plan finds; none where it lacks something that it needs.
    pub(super) async fn special(&self, interval: Interval) -> Result<Option<Special>> {
        Ok(match (self.plan.versus, self.plan.operation) {
            (Some(Versus::Usual), _) => self.usual(interval).await?,
            (Some(versus), _) => Some(self.sides(interval, versus).await?),
            (None, Operation::WhatIf) => self.supposed(interval).await?,
            (None, Operation::Untracked) => Some(self.untracked(interval).await?),
            (None, Operation::Breakdown) => Some(self.at_extreme(interval).await?),
            (None, Operation::Unused) => Some(self.unused(interval).await?),
            (None, _) => self.electrical(interval).await?,
        })
    }

    /// What was drawing power when there was most or least of it.
    async fn at_extreme(&self, interval: Interval) -> Result<Special> {
        let (whole, sample, stretch) = match self.extreme(interval).await? {
            Findings::Sample { whole, watts, at, .. } => {
                let quarter = self.house.home.calendar.unit(CalendarUnit::QuarterHour, at, 0);
                (whole, Some((watts, at)), quarter)
            }
            Findings::Step { whole, step, .. } => (whole, None, step),
            _ => return Err(Error::Unreadable("no extreme")),
        };
        if whole.is_empty() {
            return Ok(Special::AtExtreme {
                home: whole.clone(),
                whole,
                sample: None,
                devices: Vec::new(),
            });
        }
        let Findings::Ranked { mut ordered, home, .. } = self.rank(stretch).await? else {
            return Err(Error::Unreadable("no order"));
        };
        ordered.sort_by(|a, b| b.energy_wh.total_cmp(&a.energy_wh));
        Ok(Special::AtExtreme {
            whole,
            sample,
            home,
            devices: ordered,
        })
    }
}
