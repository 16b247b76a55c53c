//! The picture of an answer.

mod analysis;

use analysis::Drawer;
use voltaire_types::Interval;

use super::{
    event::{Chart, ChartKind, pair},
    format::Format,
    selection,
};
use crate::{
    execute::{
        Findings, Found, amount,
        model::{House, Steps, Summary},
    },
    understand::plan::{Metric, Plan},
};

/// Bars of a ranking.
const MOST_BARS: usize = 8;

/// The chart of what was found; none for a single figure without a course.
pub(super) fn chart(plan: &Plan, house: &House, found: &Found, format: &Format) -> Option<Chart> {
    let cost = plan.metric == Metric::Cost;
    let unit = if cost { format.currency() } else { "kWh" };
    let scale = if cost { 1.0 } else { 0.001 };
    let value = |it: &Summary| Some(if cost { amount(it.cost) } else { it.energy_wh / 1000.0 });
    let who = selection(plan, house);
    let over_time = |interval: Interval, steps: &Steps, kind, unit: &str, scale: f64| {
        let values = steps
            .values
            .first()?
            .iter()
            .map(|it| it.is_finite().then_some(it * scale))
            .collect();
        Some(Chart {
            title: format!("{who}, {}", format.period(interval)),
            kind,
            unit: unit.to_owned(),
            period: pair(interval),
            boundaries: steps.boundaries.clone(),
            categories: Vec::new(),
            series: vec![(who.clone(), values)],
            href: href(house, interval),
        })
    };
    let bars = |interval: Interval, kind, categories: Vec<String>, values: Vec<Option<f64>>| Chart {
        title: format!("{who}, {}", format.period(interval)),
        kind,
        unit: unit.to_owned(),
        period: pair(interval),
        boundaries: Vec::new(),
        categories,
        series: vec![(if cost { "Cost" } else { "Energy" }.to_owned(), values)],
        href: href(house, interval),
    };
    let interval = found.interval;
    let drawer = Drawer { plan, house, format };
    match &found.findings {
        Findings::Total {
            whole,
            steps: Some(steps),
            ..
        } => over_time(whole.interval, steps, ChartKind::Bars, unit, scale),
        Findings::PerUnit { whole, steps, .. } | Findings::Steps { whole, steps, .. } => {
            over_time(whole.interval, steps, ChartKind::Bars, unit, scale)
        }
        Findings::Step { whole, steps, .. } if steps.boundaries.len() <= 2_001 => {
            over_time(whole.interval, steps, ChartKind::Bars, unit, scale)
        }
        Findings::MeanPower { steps: Some(steps), .. } => over_time(interval?, steps, ChartKind::Line, "W", 1.0),
        Findings::Sample {
            whole,
            steps: Some(steps),
            ..
        } => over_time(whole.interval, steps, ChartKind::Line, "W", 1.0),
        Findings::Ranked { ordered, .. } => {
            let shown: Vec<&Summary> = ordered.iter().take(MOST_BARS).collect();
            let names = shown.iter().map(|it| {
                it.device
                    .map_or_else(|| it.label.clone(), |id| house.name(id).to_owned())
            });
            Some(bars(
                interval?,
                ChartKind::RankedBars,
                names.collect(),
                shown.iter().map(|it| value(it)).collect(),
            ))
        }
        Findings::Devices { parts, .. } => {
            let names = parts.iter().map(|it| {
                it.device
                    .map_or_else(|| it.label.clone(), |id| house.name(id).to_owned())
            });
            Some(bars(
                interval?,
                ChartKind::RankedBars,
                names.collect(),
                parts.iter().map(value).collect(),
            ))
        }
        Findings::Periods { now, before, .. } => {
            let names = [before, now].iter().map(|it| format.period(it.interval)).collect();
            Some(bars(
                interval?,
                ChartKind::PairedBars,
                names,
                vec![value(before), value(now)],
            ))
        }
        Findings::Share { part, home, .. } => Some(bars(
            interval?,
            ChartKind::RankedBars,
            vec![who.clone(), "Home".to_owned()],
            vec![value(part), value(home)],
        )),
        Findings::Analysis { analysis, .. } => drawer.analysis(analysis),
        Findings::Special(it) => drawer.special(it, interval?),
        _ => None,
    }
}

/// The page of the same period.
fn href(house: &House, interval: Interval) -> String {
    let days = interval.seconds() / 86_400.0;
    let zoom = match days {
        days if days <= 1.1 => "day",
        days if days <= 7.1 => "week",
        days if days <= 31.1 => "month",
        _ => "year",
    };
    format!("/usage?r={}&z={zoom}", house.home.calendar.date(interval.start))
}
