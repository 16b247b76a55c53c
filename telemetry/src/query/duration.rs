//! How long power was above thresholds, and the load duration curve.

use std::ops::ControlFlow;

use voltaire_mesh::Invalid;
use voltaire_types::Interval;

use super::{
    Period, Scope, Setting,
    walk::{Quarter, Visitor, Walk},
};
use crate::{
    error::Error,
    figures::{duration::DurationCurve, segment::Segment},
    store::Store,
};

/// Thresholds that may be asked for.
const MOST_THRESHOLDS: usize = 20;
/// Points that the curve may have.
const MOST_POINTS: u32 = 1_000;
/// Points when nothing is asked for.
const DEFAULT_POINTS: u32 = 100;
/// No reading shows more, W.
const HIGHEST: f64 = 1e6;

/// Asks how long power was above thresholds.
#[derive(Clone, Debug)]
pub(crate) struct DurationQuery {
    /// Which time.
    pub period: Period,
    /// For what.
    pub scope: Scope,
    /// Thresholds, W.
    pub thresholds: Vec<f64>,
    /// Points of the curve; 0: as usual.
    pub points: u32,
}

/// How long power was above thresholds.
#[derive(Clone, Debug)]
pub(crate) struct DurationAnswer {
    /// What the period became.
    pub interval: Interval,
    /// What a person would call the scope.
    pub label: String,
    /// What was found.
    pub curve: DurationCurve,
    /// Points of the curve.
    pub points: usize,
}

/// How long power was above thresholds in a period.
pub(crate) async fn duration(store: &Store, setting: &Setting, query: DurationQuery) -> Result<DurationAnswer, Error> {
    let points = check(&query)?;
    let interval = setting.resolve(store, query.period, "period").await?;
    let chosen = setting.choose(query.scope, "scope")?;
    let mut found = Found(DurationCurve::new(&query.thresholds));
    let walk = Walk {
        meters: &chosen.meters,
        interval,
        thresholds: &query.thresholds,
        allowed: setting.most_readings,
    };
    walk.show(store, setting, &mut found).await?;
    Ok(DurationAnswer {
        interval,
        label: chosen.label,
        curve: found.0,
        points,
    })
}

fn check(query: &DurationQuery) -> Result<usize, Invalid> {
    if query.thresholds.len() > MOST_THRESHOLDS {
        let problem = format!("at most {MOST_THRESHOLDS} are possible");
        return Err(Invalid::new("threshold_watts", problem));
    }
    let possible = |watts: &f64| (-HIGHEST..=HIGHEST).contains(watts);
    if let Some(place) = query.thresholds.iter().position(|it| !possible(it)) {
        let field = format!("threshold_watts[{place}]");
        return Err(Invalid::new(field, "must be from -1000000 to 1000000"));
    }
    match query.points {
        0 => Ok(DEFAULT_POINTS as usize),
        2..=MOST_POINTS => Ok(query.points as usize),
        _ => Err(Invalid::new("points", format!("must be from 2 to {MOST_POINTS}"))),
    }
}

struct Found(DurationCurve);

impl Visitor for Found {
    fn quarter(&mut self, quarter: &Quarter) {
        if let Some(mean) = quarter.mean
            && quarter.measured >= quarter.interval.seconds() / 2.0
        {
            self.0.mean(mean);
        }
    }

    fn segment(&mut self, segment: &Segment) -> ControlFlow<()> {
        self.0.segment(segment);
        ControlFlow::Continue(())
    }
}
