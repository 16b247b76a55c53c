//! How good the data are.

use std::{collections::VecDeque, ops::ControlFlow, time::Duration};

use futures::TryStreamExt;
use voltaire_types::{DeviceId, Interval};

use super::{
    Period, Scope, Setting,
    walk::{Quarter, Visitor, Walk},
};
use crate::{
    error::Error,
    figures::{
        gaps::{Gaps, median_apart},
        segment::Segment,
    },
    store::Store,
};

/// Readings that say how far apart they usually are.
const NEWEST: u64 = 500;

/// Asks how good the data are.
#[derive(Clone, Debug)]
pub(crate) struct QualityQuery {
    /// Which time.
    pub period: Period,
    /// Whose.
    pub scope: Scope,
    /// Gaps of each device at most.
    pub gaps: usize,
}

/// How good the data of a device are.
#[derive(Clone, Debug)]
pub(crate) struct Quality {
    /// Whose.
    pub device: DeviceId,
    /// Its name.
    pub label: String,
    /// Covered share of the period.
    pub coverage: f64,
    /// Readings in it.
    pub readings: u64,
    /// How far apart its newest readings usually are.
    pub apart: Option<Duration>,
    /// What no reading covers, longest first.
    pub gaps: Vec<Interval>,
    /// How many stretches no reading covers.
    pub gap_count: usize,
    /// Readings that were rejected.
    pub rejected: u64,
    /// First and last reading ever.
    pub data_range: Option<Interval>,
}

/// How good the data of devices are, least covered first, and what the period became.
pub(crate) async fn quality(
    store: &Store,
    setting: &Setting,
    query: QualityQuery,
) -> Result<(Interval, Vec<Quality>), Error> {
    let interval = setting.resolve(store, query.period, "period").await?;
    let interval = Interval::new(interval.start, interval.end.min(setting.now));
    let chosen = setting.choose(query.scope, "scope")?;
    let (mut found, mut allowed) = (Vec::new(), setting.most_readings);
    for id in setting.each(&chosen)?.into_iter().flat_map(|it| it.members) {
        let mut seen = Seen::new(interval);
        let walk = Walk {
            meters: &setting.meters(&[id])?,
            interval,
            thresholds: &[],
            allowed,
        };
        allowed = walk.show(store, setting, &mut seen).await?;
        found.push(seen.told(store, setting, (id, interval, query.gaps)).await?);
    }
    found.sort_by(|a, b| a.coverage.total_cmp(&b.coverage).then_with(|| a.label.cmp(&b.label)));
    Ok((interval, found))
}

/// The median time between the readings of a stretch.
async fn apart(store: &Store, id: DeviceId, stretch: Interval) -> Result<Option<Duration>, Error> {
    let samples = store.sample_chunks(id, stretch, Duration::ZERO);
    let mut samples = std::pin::pin!(samples);
    let mut times = Vec::new();
    while let Some(portion) = samples.try_next().await? {
        times.extend(portion.iter().map(|it| it.at).filter(|at| stretch.contains(*at)));
    }
    Ok(median_apart(&times))
}

/// What was seen of a device.
struct Seen {
    gaps: Gaps,
    covered: f64,
    readings: u64,
    /// The newest stretches with readings that hold enough of them, and how many each holds.
    newest: VecDeque<(Interval, u64)>,
    held: u64,
}

impl Seen {
    fn new(interval: Interval) -> Self {
        Self {
            gaps: Gaps::new(interval),
            covered: 0.0,
            readings: 0,
            newest: VecDeque::new(),
            held: 0,
        }
    }

    /// What was seen, with what else is known of the device.
    async fn told(
        self,
        store: &Store,
        setting: &Setting,
        (id, interval, gaps): (DeviceId, Interval, usize),
    ) -> Result<Quality, Error> {
        let apart = match self.newest.front().zip(self.newest.back()) {
            Some(((first, _), (last, _))) => apart(store, id, Interval::new(first.start, last.end)).await?,
            None => None,
        };
        let device = setting.device(id)?;
        let mut all = self.gaps.longest_first();
        // What has just begun is no gap yet: the next reading may still cover it.
        all.retain(|gap| gap.end < setting.now || gap.duration() > device.max_gap());
        let gap_count = all.len();
        all.truncate(gaps);
        let seconds = interval.seconds();
        let share = if seconds > 0.0 { self.covered / seconds } else { 0.0 };
        Ok(Quality {
            device: id,
            label: device.name.clone(),
            coverage: share.clamp(0.0, 1.0),
            readings: self.readings,
            apart,
            gaps: all,
            gap_count,
            rejected: store.rejected(id, interval).await?,
            data_range: store.data_range(&[id]).await?,
        })
    }
}

impl Visitor for Seen {
    fn quarter(&mut self, quarter: &Quarter) {
        self.readings += quarter.count;
        if quarter.count == 0 {
            return;
        }
        self.newest.push_back((quarter.interval, quarter.count));
        self.held += quarter.count;
        while let Some((_, oldest)) = self.newest.front()
            && self.held - oldest >= NEWEST
        {
            self.held -= oldest;
            self.newest.pop_front();
        }
    }

    fn segment(&mut self, segment: &Segment) -> ControlFlow<()> {
        self.covered += segment.time.seconds();
        self.gaps.covered(segment.time);
        ControlFlow::Continue(())
    }
}
