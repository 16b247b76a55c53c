//! Runs of a device: when it was on, and what that took.

use std::ops::ControlFlow;

use voltaire_types::{Decimal, Interval, WattHours};

use super::{
    Scope, Setting,
    series::priced,
    walk::{Visitor, Walk},
};
use crate::{
    device::Device,
    error::Error,
    figures::{
        PowerAt,
        curve::{Kind, Piece},
        latest::is_stale,
        runs::Runs,
        segment::Segment,
    },
    store::Store,
};

/// Asks for runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunsQuery<'a> {
    /// Whose.
    pub device: &'a Device,
    /// Which time; runs are cut at its edges.
    pub interval: Interval,
    /// Runs at most.
    pub limit: usize,
}

/// Runs, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct RunsAnswer {
    /// The runs.
    pub runs: Vec<Run>,
    /// The time that is left when there are more; the next run begins with it.
    pub rest: Option<Interval>,
}

/// A stretch that a device was on.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// From when to when.
    pub interval: Interval,
    /// Energy.
    pub energy: WattHours,
    /// What it cost; none without a tariff.
    pub cost: Option<Decimal>,
    /// Highest sample.
    pub peak: Option<PowerAt>,
    /// Whether it still goes on.
    pub running: bool,
}

/// The first runs of a device in a period.
pub(crate) async fn runs(store: &Store, setting: &Setting, query: RunsQuery<'_>) -> Result<RunsAnswer, Error> {
    let RunsQuery {
        device,
        interval,
        limit,
    } = query;
    let mut found = find(store, setting, query).await?;
    let rest = found.get(limit).map(|next| Interval::new(next.start, interval.end));
    found.truncate(limit);
    let bounds: Vec<_> = found.iter().flat_map(|run| [run.start, run.end]).collect();
    let chosen = setting.choose(Scope::Device(device.id), "device_id")?;
    let steps = priced(store, setting, &chosen, &bounds).await?;
    let latest = store.latest(&[device.id]).await?;
    let on = latest
        .first()
        .filter(|last| last.power > device.on_threshold() && !is_stale(&last.sample(), device.max_gap(), setting.now));
    let known = setting.prices().known();
    let runs = found.into_iter().zip(steps.iter().step_by(2)).map(|(run, step)| Run {
        interval: run,
        energy: step.figures.energy(),
        cost: known.then(|| step.cost.normalize()),
        peak: step.figures.peak(),
        running: on.is_some_and(|last| run.end >= last.at),
    });
    Ok(RunsAnswer {
        runs: runs.collect(),
        rest,
    })
}

/// Where the runs are; stops when there is one more than asked for.
async fn find(store: &Store, setting: &Setting, query: RunsQuery<'_>) -> Result<Vec<Interval>, Error> {
    let finder = Finder {
        runs: Runs::new(query.device.on_threshold(), query.interval),
        limit: query.limit,
    };
    finder.find(store, setting, query.device, query.interval).await
}

/// All runs of a device in a time.
pub(super) async fn all_runs(
    store: &Store,
    setting: &Setting,
    device: &Device,
    interval: Interval,
) -> Result<Vec<Interval>, Error> {
    let finder = Finder {
        runs: Runs::new(device.on_threshold(), interval),
        limit: usize::MAX,
    };
    finder.find(store, setting, device, interval).await
}

/// Finds runs in a power curve, up to one more than a limit.
struct Finder {
    runs: Runs,
    limit: usize,
}

impl Finder {
    async fn find(
        mut self,
        store: &Store,
        setting: &Setting,
        device: &Device,
        interval: Interval,
    ) -> Result<Vec<Interval>, Error> {
        let walk = Walk {
            meters: &setting.meters(&[device.id])?,
            interval,
            thresholds: &[device.on_threshold().0],
            allowed: setting.most_readings,
        };
        walk.show(store, setting, &mut self).await?;
        Ok(self.runs.found())
    }
}

impl Visitor for Finder {
    fn segment(&mut self, segment: &Segment) -> ControlFlow<()> {
        self.runs.piece(&Piece {
            start: segment.time.start,
            end: segment.time.end,
            first: segment.first,
            last: segment.last,
            counted: None,
            kind: Kind::Line,
        });
        if self.runs.count() > self.limit {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
