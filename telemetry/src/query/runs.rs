//! Runs of a device: when it was on, and what that took.

use futures::TryStreamExt;
use voltaire_types::{Decimal, Interval, WattHours};

use super::{Scope, Setting, series::priced};
use crate::{
    device::Device,
    error::Error,
    figures::{
        PowerAt,
        curve::{Curve, MAX_BRIDGE},
        latest::is_stale,
        runs::Runs,
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
    let mut found = find(store, query).await?;
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
async fn find(store: &Store, query: RunsQuery<'_>) -> Result<Vec<Interval>, Error> {
    let RunsQuery {
        device,
        interval,
        limit,
    } = query;
    let mut runs = Runs::new(device.on_threshold(), interval);
    if interval.is_empty() {
        return Ok(runs.found());
    }
    let (mut curve, mut pieces) = (Curve::new(device.max_gap()), Vec::new());
    let samples = store.sample_chunks(device.id, interval, device.max_gap().max(MAX_BRIDGE));
    let mut samples = std::pin::pin!(samples);
    while let Some(portion) = samples.try_next().await? {
        for sample in &portion {
            curve.push(sample, &mut pieces);
        }
        for piece in pieces.drain(..) {
            runs.piece(&piece);
        }
        if runs.count() > limit {
            return Ok(runs.found());
        }
    }
    curve.settle(interval.end, &mut pieces);
    for piece in &pieces {
        runs.piece(piece);
    }
    Ok(runs.found())
}
