//! Values per step.

use voltaire_mesh::Invalid;
use voltaire_types::{Decimal, Interval, Timestamp, Watts};

use super::{
    Period, Scope, Setting,
    limit::affordable,
    measure::{amounts, measure},
    portion::{Costed, costed_of_each},
    scope::Chosen,
};
use crate::{
    error::Error,
    figures::{
        energy::{Figures, Steps},
        flows::BothWays,
        step::{self, Step},
    },
    store::Store,
};

/// Series that may be asked for at once.
const MOST_SCOPES: usize = 100;
/// Values that an answer may have.
const MOST_VALUES: usize = 400_000;

/// What is measured per step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// Energy, Wh.
    Energy,
    /// Energy × price in force, without standing charge.
    Cost,
    /// Energy by covered time, W.
    PowerAverage,
    /// Highest sample, W.
    PowerMax,
    /// Lowest sample, W.
    PowerMin,
    /// Covered share of the step.
    Coverage,
    /// Energy taken from the grid, Wh.
    Import,
    /// Energy given to the grid, Wh.
    Export,
    /// Energy that corrections estimate, Wh.
    Estimated,
    /// Standing charge, of the whole home only.
    StandingCharge,
}

/// Asks for values per step.
#[derive(Clone, Debug)]
pub(crate) struct SeriesQuery {
    /// Which time.
    pub period: Period,
    /// How it is cut.
    pub step: Step,
    /// For what; not empty.
    pub scopes: Vec<Scope>,
    /// Which values; not empty.
    pub metrics: Vec<Metric>,
}

/// Values per step.
#[derive(Clone, Debug)]
pub(crate) struct SeriesAnswer {
    /// What the period became.
    pub interval: Interval,
    /// Where steps begin, and at last where the final one ends.
    pub boundaries: Vec<Timestamp>,
    /// One for each scope and metric.
    pub series: Vec<Series>,
}

/// The values of one scope and metric.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// For what.
    pub scope: Scope,
    /// Which value.
    pub metric: Metric,
    /// What a person would call it.
    pub label: String,
    /// One for each step; NaN where nothing was measured.
    pub values: Vec<f64>,
}

/// A step with its cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Priced {
    pub(super) figures: Figures,
    pub(super) cost: Decimal,
    seconds: f64,
}

/// Values per step over a period.
pub(crate) async fn series(store: &Store, setting: &Setting, query: SeriesQuery) -> Result<SeriesAnswer, Error> {
    if query.scopes.len() > MOST_SCOPES {
        return Err(Invalid::new("scopes", format!("at most {MOST_SCOPES} are possible")).into());
    }
    let interval = setting.resolve(store, query.period, "period").await?;
    let boundaries = step::boundaries(query.step, interval, &setting.home.calendar)?;
    if boundaries.len() * query.scopes.len() * query.metrics.len() > MOST_VALUES {
        let problem = format!("gives more than {MOST_VALUES} values in all: ask for fewer series or a longer step");
        return Err(Invalid::new("scopes", problem).into());
    }
    let field = |number: usize| format!("scopes[{number}]");
    let chosen = query.scopes.into_iter().enumerate();
    let chosen: Vec<_> = chosen
        .map(|(number, scope)| setting.choose(scope, &field(number)))
        .collect::<Result<_, _>>()?;
    let meters: Vec<_> = chosen.iter().flat_map(|chosen| &chosen.meters).copied().collect();
    // What turns out to be too much is not read to its end.
    let ((), series) = tokio::try_join!(
        affordable(store, setting, &meters, &boundaries),
        values(store, setting, (chosen, &query.metrics), &boundaries)
    )?;
    Ok(SeriesAnswer {
        interval,
        boundaries,
        series,
    })
}

/// The values of each scope and metric per step.
async fn values(
    store: &Store,
    setting: &Setting,
    (chosen, metrics): (Vec<Chosen>, &[Metric]),
    boundaries: &[Timestamp],
) -> Result<Vec<Series>, Error> {
    let mut series = Vec::with_capacity(chosen.len() * metrics.len());
    let asked = Asked::of(metrics);
    // Without the curve of several devices, each can be added up by itself, and all of them together.
    let mut amounts = match asked {
        Asked {
            powers: false,
            amounts: true,
            ..
        } => costed_of_each(store, setting, &chosen, boundaries).await?,
        _ => Vec::new(),
    }
    .into_iter();
    for chosen in chosen {
        let steps = amounts.next().unwrap_or_default();
        let measured = Measured::read(store, setting, (&chosen, asked, steps), boundaries).await?;
        series.extend(metrics.iter().map(|metric| Series {
            scope: chosen.scope.clone(),
            metric: *metric,
            label: chosen.label.clone(),
            values: measured.values(*metric, (setting, &chosen), boundaries),
        }));
    }
    Ok(series)
}

/// What the metrics that are asked for need.
#[derive(Clone, Copy)]
struct Asked {
    powers: bool,
    amounts: bool,
    grid: bool,
}

impl Asked {
    fn of(metrics: &[Metric]) -> Self {
        let asked = |some: &[Metric]| metrics.iter().any(|it| some.contains(it));
        Self {
            powers: asked(&[Metric::PowerAverage, Metric::PowerMax, Metric::PowerMin]),
            amounts: asked(&[Metric::Energy, Metric::Cost, Metric::Coverage, Metric::Estimated]),
            grid: asked(&[Metric::Import, Metric::Export]),
        }
    }
}

/// What is known of a scope per step, as far as it is asked for.
struct Measured {
    steps: Vec<Costed>,
    /// Figures of the power curve.
    powers: Vec<Figures>,
    /// What went through grid meters; none where nothing was measured.
    grid: Vec<Option<BothWays>>,
}

impl Measured {
    async fn read(
        store: &Store,
        setting: &Setting,
        (chosen, asked, steps): (&Chosen, Asked, Vec<Costed>),
        boundaries: &[Timestamp],
    ) -> Result<Self, Error> {
        let mut measured = Self {
            steps,
            powers: Vec::new(),
            grid: Vec::new(),
        };
        if asked.powers {
            let priced = priced(store, setting, chosen, boundaries).await?;
            measured.powers = priced.iter().map(|step| step.figures).collect();
            measured.steps = priced.iter().map(Costed::from).collect();
        }
        if asked.grid {
            measured.grid = grid(store, setting, chosen, boundaries).await?;
        }
        Ok(measured)
    }

    /// The values of a metric; NaN where nothing was measured.
    fn values(&self, metric: Metric, (setting, chosen): (&Setting, &Chosen), boundaries: &[Timestamp]) -> Vec<f64> {
        let steps = |value: &dyn Fn(&Costed) -> Option<f64>| {
            let values = self
                .steps
                .iter()
                .map(|step| value(step).filter(|_| step.used.is_measured()));
            values.map(|it| it.unwrap_or(f64::NAN)).collect()
        };
        let powers = |value: fn(&Figures) -> Option<Watts>| {
            let values = self.powers.iter().map(value);
            values.map(|it| it.map_or(f64::NAN, |it| it.0)).collect()
        };
        let grid = |value: fn(BothWays) -> f64| self.grid.iter().map(|it| it.map_or(f64::NAN, value)).collect();
        match metric {
            Metric::Energy => steps(&|step| Some(step.used.energy)),
            Metric::Cost if setting.prices().known() => steps(&|step| f64::try_from(step.cost).ok()),
            Metric::Cost => steps(&|_| None),
            Metric::Estimated => steps(&|step| Some(step.used.estimated)),
            Metric::StandingCharge => standing(setting, chosen, boundaries),
            Metric::Coverage => {
                let share = |step: &Costed| chosen.coverage(step.used.covered, step.seconds);
                self.steps.iter().map(share).collect()
            }
            Metric::PowerAverage => powers(Figures::average),
            Metric::PowerMax => powers(|it| it.peak().map(|it| it.power)),
            Metric::PowerMin => powers(|it| it.minimum().map(|it| it.power)),
            Metric::Import => grid(|it| it.taken),
            Metric::Export => grid(BothWays::given),
        }
    }
}

impl From<&Priced> for Costed {
    fn from(step: &Priced) -> Self {
        Self {
            used: (&step.figures).into(),
            cost: step.cost,
            seconds: step.seconds,
        }
    }
}

/// The standing charge of each step that has begun.
fn standing(setting: &Setting, chosen: &Chosen, boundaries: &[Timestamp]) -> Vec<f64> {
    let charge = |step: &[Timestamp]| {
        let begun = step[0] < setting.now;
        let charge = setting.standing_charge(&chosen.scope, Interval::new(step[0], step[1]));
        charge.filter(|_| begun).and_then(|it| f64::try_from(it).ok())
    };
    let steps = boundaries.windows(2).map(charge);
    steps.map(|it| it.unwrap_or(f64::NAN)).collect()
}

/// What went through the grid meters of a scope per step.
async fn grid(
    store: &Store,
    setting: &Setting,
    chosen: &Chosen,
    boundaries: &[Timestamp],
) -> Result<Vec<Option<BothWays>>, Error> {
    let mut steps = vec![None; boundaries.len().saturating_sub(1)];
    for meter in setting.grid_meters(chosen)? {
        let measured = measure(store, &[meter], boundaries.into()).await?;
        for (step, figures) in steps.iter_mut().zip(measured.figures()) {
            if figures.is_measured() {
                step.get_or_insert_with(BothWays::default).add(figures.into());
            }
        }
    }
    Ok(steps)
}

/// The figures of a scope per step, each with its cost, which is added up in steps that also end where a price changes.
pub(super) async fn priced(
    store: &Store,
    setting: &Setting,
    chosen: &Chosen,
    boundaries: &[Timestamp],
) -> Result<Vec<Priced>, Error> {
    let (Some(start), Some(end)) = (boundaries.first(), boundaries.last()) else {
        return Ok(Vec::new());
    };
    let mut fine = boundaries.to_vec();
    fine.extend(setting.prices().changes(Interval::new(*start, *end)));
    fine.sort_unstable();
    fine.dedup();
    let steps = measure(store, &chosen.meters, boundaries.into()).await?;
    let amounts = if fine.len() > boundaries.len() {
        amounts(store, &chosen.meters, fine.into()).await?
    } else {
        steps.clone()
    };
    Ok(with_costs(&steps, &amounts, (setting, chosen)))
}

fn with_costs(steps: &Steps, amounts: &Steps, (setting, chosen): (&Setting, &Chosen)) -> Vec<Priced> {
    let prices = setting.prices();
    let mut parts = amounts.boundaries().iter().zip(amounts.figures()).peekable();
    let bounds = steps.boundaries().windows(2).zip(steps.figures());
    let with_cost = |(bounds, figures): (&[Timestamp], &Figures)| {
        let mut cost = Decimal::ZERO;
        while let Some((at, part)) = parts.next_if(|(at, _)| **at < bounds[1]) {
            cost += prices.cost(chosen.paid(&part.into()), *at);
        }
        Priced {
            figures: *figures,
            cost,
            seconds: bounds[1].seconds_since(bounds[0]),
        }
    };
    bounds.map(with_cost).collect()
}

/// The figures of a scope over a whole period, and what its energy costs.
pub(super) async fn whole(
    store: &Store,
    setting: &Setting,
    chosen: &Chosen,
    interval: Interval,
) -> Result<(Figures, Decimal), Error> {
    let steps = priced(store, setting, chosen, &[interval.start, interval.end]).await?;
    Ok(steps
        .first()
        .map_or_else(Default::default, |step| (step.figures, step.cost)))
}
