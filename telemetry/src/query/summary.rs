//! Totals over a period.

use voltaire_types::{Decimal, Interval, WattHours, Watts};

use super::{
    Period, Scope, Setting,
    portion::{self, Costed},
    scope::Chosen,
    series::whole,
};
use crate::{
    device::Flow,
    error::Error,
    figures::{PowerAt, total},
    store::Store,
};

/// Asks for totals.
#[derive(Clone, Debug)]
pub(crate) struct SummaryQuery {
    /// Which time.
    pub period: Period,
    /// For what.
    pub scope: Scope,
    /// Also for each device of the scope.
    pub per_device: bool,
    /// Also over this period.
    pub compare_to: Option<Period>,
}

/// Totals.
#[derive(Clone, Debug)]
pub(crate) struct SummaryAnswer {
    /// Of the scope.
    pub summary: Summary,
    /// Of each device, most energy first.
    pub devices: Vec<Summary>,
    /// Of the scope over the other period.
    pub compared: Option<Summary>,
    /// Of each device over the other period.
    pub compared_devices: Vec<Summary>,
    /// Of the scope over all of the other period, where only a part of it is compared.
    pub compared_whole: Option<Summary>,
}

impl SummaryAnswer {
    /// Energy less that of the other period.
    pub(crate) fn change(&self) -> Option<WattHours> {
        let compared = self.compared.as_ref()?;
        Some(self.summary.energy - compared.energy)
    }

    /// The change by the energy of the other period; none where that is 0.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let before = self.compared.as_ref()?.energy.0;
        (before != 0.0).then_some(self.change()?.0 / before)
    }

    /// Cost less that of the other period; none without a tariff.
    pub(crate) fn cost_change(&self) -> Option<Decimal> {
        Some(self.summary.cost? - self.compared.as_ref()?.cost?)
    }
}

/// Totals of a scope over a period.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    /// For what.
    pub scope: Scope,
    /// What a person would call it.
    pub label: String,
    /// What the period became.
    pub interval: Interval,
    /// Energy; 0 when nothing was measured.
    pub energy: WattHours,
    /// What it costs, in the home's currency; none without a tariff.
    pub cost: Option<Decimal>,
    /// What of the energy is paid for.
    pub paid: WattHours,
    /// The standing charge within `cost`; the whole home only.
    pub standing_charge: Option<Decimal>,
    /// Energy by measured time.
    pub average: Option<Watts>,
    /// The highest sample; none for what no device explains.
    pub peak: Option<PowerAt>,
    /// The lowest sample; none for what no device explains.
    pub minimum: Option<PowerAt>,
    /// Covered share, 0 to 1.
    pub coverage: f64,
    /// How many readings count in.
    pub readings: u64,
    /// Energy that corrections estimate.
    pub estimated: WattHours,
    /// The part of the covered time that corrections estimate, 0 to 1.
    pub estimated_share: f64,
    /// First and last reading ever.
    pub data_range: Option<Interval>,
    /// Which way the energy of a device goes; none for several.
    pub flow: Option<Flow>,
    /// Whether it is a device that meters consuming ones.
    pub meters_others: bool,
}

/// Totals over a period.
pub(crate) async fn summarize(store: &Store, setting: &Setting, query: SummaryQuery) -> Result<SummaryAnswer, Error> {
    let interval = setting.resolve(store, query.period, "period").await?;
    let other = match query.compare_to {
        Some(other) => Some(setting.resolve_compared(store, (query.period, interval), other).await?),
        None => None,
    };
    let chosen = setting.choose(query.scope, "scope")?;
    let each = if query.per_device {
        setting.each(&chosen)?
    } else {
        Vec::new()
    };
    let mut answer = SummaryAnswer {
        summary: summary(store, setting, &chosen, interval).await?,
        devices: summaries(store, setting, &each, interval).await?,
        compared: None,
        compared_devices: Vec::new(),
        compared_whole: None,
    };
    if let Some((part, whole)) = other {
        answer.compared = Some(summary(store, setting, &chosen, part).await?);
        answer.compared_devices = summaries(store, setting, &each, part).await?;
        if let Some(whole) = whole {
            answer.compared_whole = Some(summary(store, setting, &chosen, whole).await?);
        }
    }
    Ok(answer)
}

async fn summaries(
    store: &Store,
    setting: &Setting,
    each: &[Chosen],
    interval: Interval,
) -> Result<Vec<Summary>, Error> {
    let mut summaries = Vec::with_capacity(each.len());
    for chosen in each {
        summaries.push(summary(store, setting, chosen, interval).await?);
    }
    summaries.sort_by(|a, b| b.energy.0.total_cmp(&a.energy.0).then_with(|| a.label.cmp(&b.label)));
    Ok(summaries)
}

async fn summary(store: &Store, setting: &Setting, chosen: &Chosen, interval: Interval) -> Result<Summary, Error> {
    let (Costed { used, cost, .. }, extremes) = totals(store, setting, chosen, interval).await?;
    let ids: Vec<_> = chosen.meters.iter().map(|meter| meter.id).collect();
    let prices = setting.prices();
    let standing = setting.standing_charge(&chosen.scope, interval);
    let device = match chosen.scope {
        Scope::Device(id) => Some(setting.device(id)?),
        Scope::Home | Scope::Devices(_) | Scope::Room(_) | Scope::Kind(_) | Scope::Untracked(_) => None,
    };
    Ok(Summary {
        flow: device.map(|device| device.flow),
        meters_others: device.is_some_and(|device| !total::leaves(&setting.nodes, Some(device.id)).is_empty()),
        scope: chosen.scope.clone(),
        label: chosen.label.clone(),
        interval,
        energy: WattHours(used.energy),
        paid: chosen.paid(&used),
        cost: prices
            .known()
            .then(|| (cost + standing.unwrap_or_default()).normalize()),
        standing_charge: standing,
        average: used.power().map(Watts),
        peak: extremes.map(|it| it.0),
        minimum: extremes.map(|it| it.1),
        coverage: chosen.coverage(used.covered, interval.seconds()),
        readings: used.count,
        estimated: WattHours(used.estimated),
        estimated_share: used.estimated_share(),
        data_range: store.data_range(&ids).await?,
    })
}

/// What a scope used over a period, and its highest and lowest power. These are not looked for where no device explains the
/// energy: it would take the curves of all devices.
async fn totals(
    store: &Store,
    setting: &Setting,
    chosen: &Chosen,
    interval: Interval,
) -> Result<(Costed, Option<(PowerAt, PowerAt)>), Error> {
    if matches!(chosen.scope, Scope::Untracked(_)) {
        return Ok((portion::total(store, setting, chosen, interval).await?, None));
    }
    let (figures, cost) = whole(store, setting, chosen, interval).await?;
    let costed = Costed {
        used: (&figures).into(),
        cost,
        seconds: interval.seconds(),
    };
    Ok((costed, figures.peak().zip(figures.minimum())))
}
