//! Where the home's energy came from and went to.

use voltaire_types::{CalendarUnit, DeviceId, Interval, Timestamp};

use super::{
    Period, Setting,
    limit::affordable,
    measure::{Meter, measure},
    portion::{STEPS, portions},
};
use crate::{
    error::Error,
    figures::{
        energy::{Paid, Weight},
        flows::{BothWays, Flows},
        step::{self, Step},
        total,
    },
    store::Store,
};

/// Asks where energy came from and went to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlowsQuery {
    /// Which time.
    pub period: Period,
    /// Also per step.
    pub step: Option<Step>,
}

/// Where energy came from and went to.
#[derive(Clone, Debug)]
pub(crate) struct FlowsAnswer {
    /// What the period became.
    pub interval: Interval,
    /// Over the whole period.
    pub total: Flows,
    /// Where steps begin, and at last where the final one ends; empty when none were asked for.
    pub boundaries: Vec<Timestamp>,
    /// One for each step.
    pub steps: Vec<Flows>,
    /// Whether import and export are a balance and not metered.
    pub estimated: bool,
    /// Covered share of the home's total.
    pub coverage: f64,
}

/// Where energy came from and went to in a period.
pub(crate) async fn flows(store: &Store, setting: &Setting, query: FlowsQuery) -> Result<FlowsAnswer, Error> {
    let interval = setting.resolve(store, query.period, "period").await?;
    let asked = query
        .step
        .map(|step| step::boundaries(step, interval, &setting.home.calendar));
    let boundaries = asked.transpose()?.unwrap_or_default();
    let balance = Balance::new(setting)?;
    affordable(store, setting, &balance.meters(), &boundaries).await?;
    let fine = balance.steps(setting, interval, &boundaries);
    let mut answer = FlowsAnswer {
        interval,
        total: Flows::default(),
        steps: vec![Flows::default(); boundaries.len().saturating_sub(1)],
        boundaries,
        estimated: balance.is_estimated(),
        coverage: 0.0,
    };
    let (mut covered, mut step) = (0.0, 0);
    for portion in portions(&fine, STEPS) {
        let (flows, seconds) = balance.measure(store, portion).await?;
        covered += seconds;
        for (at, flows) in portion.iter().zip(&flows) {
            answer.add(&mut step, *at, flows);
        }
    }
    let whole = interval.seconds() * balance.covering().len() as f64;
    answer.coverage = if whole > 0.0 { (covered / whole).min(1.0) } else { 0.0 };
    Ok(answer)
}

impl FlowsAnswer {
    /// Adds what flows from an instant on, within the step that it is in.
    fn add(&mut self, step: &mut usize, at: Timestamp, flows: &Flows) {
        self.total.add(flows);
        while self.boundaries.get(*step + 1).is_some_and(|end| *end <= at) {
            *step += 1;
        }
        if let Some(sum) = self.steps.get_mut(*step) {
            sum.add(flows);
        }
    }
}

/// The devices that the balance is drawn from.
struct Balance {
    grid: Vec<Meter>,
    production: Vec<Meter>,
    storage: Vec<Meter>,
    consumption: Vec<Meter>,
}

impl Balance {
    fn new(setting: &Setting) -> Result<Self, Error> {
        let sides = total::sides(&setting.nodes);
        let meters = |ids: &[DeviceId]| -> Result<Vec<Meter>, Error> {
            let both_ways = |meter| Meter {
                weight: Weight {
                    paid: Paid::Taken,
                    ..Weight::WHOLE
                },
                ..meter
            };
            Ok(setting.meters(ids)?.into_iter().map(both_ways).collect())
        };
        Ok(Self {
            consumption: if sides.grid.is_empty() {
                meters(&sides.consumption)?
            } else {
                Vec::new()
            },
            grid: meters(&sides.grid)?,
            production: meters(&sides.production)?,
            storage: meters(&sides.storage)?,
        })
    }

    /// The steps that are balanced: those asked for, and quarter hours where import and export are estimated.
    fn steps(&self, setting: &Setting, interval: Interval, asked: &[Timestamp]) -> Vec<Timestamp> {
        let mut steps = vec![interval.start, interval.end];
        steps.extend(asked);
        if self.is_estimated() {
            let calendar = &setting.home.calendar;
            steps.extend(calendar.steps(CalendarUnit::QuarterHour, interval, usize::MAX - 1));
        }
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// Whether there is no grid meter.
    fn is_estimated(&self) -> bool {
        self.grid.is_empty()
    }

    /// The devices that the home's coverage is about.
    fn covering(&self) -> &[Meter] {
        if self.is_estimated() {
            &self.consumption
        } else {
            &self.grid
        }
    }

    fn meters(&self) -> Vec<Meter> {
        [&self.grid, &self.production, &self.storage, &self.consumption]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The balance of each step, and the covered seconds of all of them.
    async fn measure(&self, store: &Store, boundaries: &[Timestamp]) -> Result<(Vec<Flows>, f64), Error> {
        let (grid, on_grid) = sum(store, &self.grid, boundaries).await?;
        let (production, _) = sum(store, &self.production, boundaries).await?;
        let (storage, _) = sum(store, &self.storage, boundaries).await?;
        let (consumption, on_devices) = sum(store, &self.consumption, boundaries).await?;
        let sides = grid.into_iter().zip(production).zip(storage).zip(consumption);
        let flows = sides.map(|(((grid, production), storage), consumption)| {
            if self.is_estimated() {
                Flows::estimated(consumption.net, production.net, storage)
            } else {
                Flows::metered(grid, production.net, storage)
            }
        });
        Ok((flows.collect(), on_grid + on_devices))
    }
}

/// What went through meters in each step, and for how many seconds they are covered.
async fn sum(store: &Store, meters: &[Meter], boundaries: &[Timestamp]) -> Result<(Vec<BothWays>, f64), Error> {
    let mut sums = vec![BothWays::default(); boundaries.len().saturating_sub(1)];
    let mut covered = 0.0;
    for meter in meters {
        let steps = measure(store, std::slice::from_ref(meter), boundaries.into()).await?;
        for (sum, figures) in sums.iter_mut().zip(steps.figures()) {
            sum.add(figures.into());
            covered += figures.covered_seconds();
        }
    }
    Ok((sums, covered))
}
