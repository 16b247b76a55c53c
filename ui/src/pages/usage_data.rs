//! What the history page asks for, and what it gets.

use dioxus::prelude::*;
use voltaire_chart::{
    Span, Spec, bars, color,
    spec::{Address, By, Range, Unit},
    stack,
};
use voltaire_proto::telemetry::v1::{
    self as pb, CalendarUnit, Device, Interval, Metric, QuerySeriesRequest, QuerySeriesResponse, Step,
    SummarizeRequest, SummarizeResponse, Summary, scope, step,
};

use crate::{
    api::{self, Answer},
    app::Route,
    load::{Catalog, Load, use_catalog, use_load},
};

/// Into about so many columns a stretch is cut that is no unit of the calendar.
const COLUMNS: u32 = 240;

/// The address of a spec's page.
pub(crate) fn route(spec: &Spec) -> Route {
    let Address {
        zoom,
        range,
        by,
        unit,
        compare,
    } = spec.address();
    Route::Usage {
        z: zoom,
        r: range,
        by,
        u: unit,
        cmp: compare,
    }
}

/// Whether two specs need the same data: energy and cost are loaded together.
pub(super) fn same_data(this: &Spec, other: &Spec) -> bool {
    let power = |spec: &Spec| spec.unit == Unit::Power;
    let unit = if power(this) == power(other) {
        this.unit
    } else {
        other.unit
    };
    power(this) == power(other) && Spec { unit, ..*this } == Spec { unit, ..*other }
}

/// Values of the home or a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// Empty: the home.
    pub(super) device_id: String,
    pub(super) label: String,
    /// Wh per step.
    pub(super) energy: Vec<f64>,
    /// Currency per step.
    pub(super) cost: Vec<f64>,
    /// Mean W per step.
    pub(super) power: Vec<f64>,
    /// Lowest and highest W of each step.
    pub(super) band: (Vec<f64>, Vec<f64>),
    /// Wh of each step that corrections estimate.
    pub(super) estimated: Vec<f64>,
}

impl Line {
    /// The values of a unit.
    pub(super) fn values(&self, unit: Unit) -> &[f64] {
        match unit {
            Unit::Energy => &self.energy,
            Unit::Cost => &self.cost,
            Unit::Power => &self.power,
        }
    }

    /// The share of each step that corrections estimate, 0 to 1; none where nothing is.
    pub(super) fn estimated_shares(&self) -> Vec<f64> {
        let shares = self.energy.iter().zip(&self.estimated);
        let shares: Vec<f64> = shares
            .map(|(energy, estimated)| {
                if *estimated > 0.0 {
                    (estimated / energy).min(1.0)
                } else {
                    0.0
                }
            })
            .collect();
        if shares.iter().any(|share| *share > 0.0) {
            shares
        } else {
            Vec::new()
        }
    }

    fn put(&mut self, metric: Metric, values: Vec<f64>) {
        match metric {
            Metric::Cost => self.cost = values,
            Metric::PowerAverage => self.power = values,
            Metric::PowerMin => self.band.0 = values,
            Metric::PowerMax => self.band.1 = values,
            Metric::Estimated => self.estimated = values,
            _ => self.energy = values,
        }
    }
}

/// The devices that no colour is left for, drawn as one.
#[derive(Clone, PartialEq)]
pub(super) struct More {
    /// Which they are.
    pub(super) device_ids: Vec<String>,
    /// Their sums.
    pub(super) line: Line,
    /// The class of their colour.
    pub(super) class: &'static str,
}

/// The same over another period.
#[derive(Clone, PartialEq)]
pub(super) struct Compared {
    /// The home's values, step by step.
    pub(super) home: Line,
    pub(super) summary: Summary,
    pub(super) totals: Vec<Summary>,
}

/// What the page shows.
#[derive(Clone, PartialEq)]
pub(super) struct History {
    pub(super) spec: Spec,
    pub(super) boundaries: Vec<i64>,
    pub(super) home: Line,
    /// Most energy first; only when asked by device.
    pub(super) devices: Vec<Line>,
    /// Those beyond the colours there are.
    pub(super) more: Option<More>,
    pub(super) summary: Summary,
    /// Totals of each device, most energy first.
    pub(super) totals: Vec<Summary>,
    /// First and last reading ever.
    pub(super) data_range: Option<(i64, i64)>,
    /// What it is compared with.
    pub(super) compared: Option<Compared>,
}

impl History {
    /// Whether nothing was measured in the period.
    pub(super) fn is_empty(&self) -> bool {
        let unknown = |values: &[f64]| values.iter().all(|value| !value.is_finite());
        unknown(&self.home.energy) && unknown(&self.home.power)
    }

    /// The covered share of the period up to `now`, milliseconds UTC.
    pub(super) fn measured_so_far(&self, now: i64) -> f64 {
        let (start, end) = self
            .boundaries
            .first()
            .zip(self.boundaries.last())
            .map_or((0, 0), |(start, end)| (*start, *end));
        let seconds = (end.min(now) - start) as f64 / 1000.0;
        if seconds > 0.0 {
            (self.summary.covered_seconds / seconds).min(1.0)
        } else {
            1.0
        }
    }
}

/// Loads what is `wanted`; a running period again every minute.
pub(super) fn use_history(wanted: Signal<Spec>) -> Load<History> {
    let app = crate::state::use_app();
    let catalog = use_catalog();
    let minute = use_memo(move || (app.now)() / 60_000);
    use_load(move || {
        let spec = wanted();
        let bounds = spec.bounds(&app.zone());
        let asked = bounds.map(|bounds| Asked {
            home_id: app.home_id(),
            spec,
            bounds,
            now: *app.now.peek(),
            compared: spec.compared(&app.zone()),
            consumers: catalog.data().unwrap_or_default().consumers(),
        });
        if bounds.is_some_and(|(start, end)| (start..end).contains(&*app.now.peek())) {
            let _ = minute();
        }
        async move { load(asked.ok_or_else(api::Failure::incomplete)?).await }
    })
}

/// What is asked for.
struct Asked {
    home_id: String,
    spec: Spec,
    bounds: (i64, i64),
    now: i64,
    compared: Option<(i64, i64)>,
    consumers: Vec<Device>,
}

impl Asked {
    /// How the period is cut: by the calendar where it is a unit of it, else into columns.
    fn step(&self) -> Step {
        let kind = match (self.spec.range, self.spec.unit) {
            (Range::Exact(_), _) | (Range::Calendar(_), Unit::Power) => step::Kind::Columns(COLUMNS),
            (Range::Calendar(period), _) => step::Kind::Calendar(
                match period.span {
                    Span::Day => CalendarUnit::Hour,
                    Span::Week | Span::Month => CalendarUnit::Day,
                    Span::Year => CalendarUnit::Month,
                }
                .into(),
            ),
        };
        Step { kind: Some(kind) }
    }

    fn metrics(&self) -> Vec<i32> {
        let metrics: &[Metric] = match self.spec.unit {
            Unit::Power => &[Metric::PowerAverage, Metric::PowerMin, Metric::PowerMax],
            Unit::Energy | Unit::Cost => &[Metric::Energy, Metric::Cost, Metric::Estimated],
        };
        metrics.iter().copied().map(i32::from).collect()
    }

    fn series(&self, (start, end): (i64, i64), devices: bool) -> QuerySeriesRequest {
        let devices = self
            .consumers
            .iter()
            .take(99)
            .filter(|_| devices && self.spec.by == By::Device);
        let devices = devices.map(|device| api::one_device(&device.device_id));
        QuerySeriesRequest {
            home_id: self.home_id.clone(),
            period: Some(api::period(start, end)),
            step: Some(self.step()),
            scopes: std::iter::once(api::whole_home()).chain(devices).collect(),
            metrics: self.metrics(),
        }
    }

    fn summary(&self) -> SummarizeRequest {
        let period = |(start, end): (i64, i64)| api::period(start, end);
        SummarizeRequest {
            home_id: self.home_id.clone(),
            period: Some(period(self.bounds)),
            scope: Some(api::whole_home()),
            per_device: true,
            compare_to: self.compared_so_far().map(period),
        }
    }

    /// As much of the other period as has gone by of this one.
    fn compared_so_far(&self) -> Option<(i64, i64)> {
        let (start, end) = self.compared?;
        let gone = self.now.clamp(self.bounds.0, self.bounds.1) - self.bounds.0;
        let running = self.now < self.bounds.1 && gone > 0;
        Some((start, if running { end.min(start + gone) } else { end }))
    }

    fn consumes(&self, total: &Summary) -> bool {
        self.consumers.iter().any(|device| is_of(total, device))
    }
}

async fn load(asked: Asked) -> Answer<History> {
    let before = async {
        match asked.compared {
            Some(bounds) => api::series(asked.series(bounds, false)).await.map(Some),
            None => Ok(None),
        }
    };
    let (series, before, summary) = futures::join!(
        api::series(asked.series(asked.bounds, true)),
        before,
        api::summary(asked.summary())
    );
    Ok(history(&asked, series?, before?, summary?))
}

/// One line for each scope, in the order asked for: the home first.
fn lines(series: Vec<pb::Series>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for one in series {
        let device_id = match one.scope.as_ref().and_then(|scope| scope.kind.as_ref()) {
            Some(scope::Kind::DeviceId(id)) => id.clone(),
            _ => String::new(),
        };
        let metric = one.metric();
        let known = lines.iter().position(|line| line.device_id == device_id);
        let index = known.unwrap_or_else(|| {
            lines.push(Line {
                device_id,
                label: one.label,
                ..Line::default()
            });
            lines.len() - 1
        });
        lines[index].put(metric, one.values);
    }
    lines
}

fn history(
    asked: &Asked,
    series: QuerySeriesResponse,
    before: Option<QuerySeriesResponse>,
    summary: SummarizeResponse,
) -> History {
    let boundaries = series.boundaries.iter().map(api::millis).collect();
    let mut lines_now = lines(series.series).into_iter();
    let home = lines_now.next().unwrap_or_default();
    let only_consumers = |totals: Vec<Summary>| totals.into_iter().filter(|total| asked.consumes(total)).collect();
    let compared = before.zip(summary.compared).map(|(before, total)| Compared {
        home: lines(before.series).into_iter().next().unwrap_or_default(),
        summary: total,
        totals: only_consumers(summary.compared_devices),
    });
    let total = summary.summary.unwrap_or_default();
    let (devices, more) = folded(
        most_first(&lines_now.collect::<Vec<_>>(), asked.spec.unit),
        &asked.consumers,
    );
    let data_range = total.data_range.as_ref().and_then(bounds);
    History {
        spec: asked.spec,
        boundaries,
        home,
        devices,
        more,
        summary: total,
        totals: only_consumers(summary.devices),
        data_range,
        compared,
    }
}

pub(super) fn is_of(total: &Summary, device: &Device) -> bool {
    matches!(total.scope.as_ref().and_then(|scope| scope.kind.as_ref()), Some(scope::Kind::DeviceId(id)) if *id == device.device_id)
}

pub(super) fn bounds(interval: &Interval) -> Option<(i64, i64)> {
    Some((
        api::millis(interval.start_time.as_ref()?),
        api::millis(interval.end_time.as_ref()?),
    ))
}

/// Devices with any energy, most first.
fn most_first(lines: &[Line], unit: Unit) -> Vec<Line> {
    // Cost follows energy, so that the order stays when the unit changes.
    let unit = if unit == Unit::Power { unit } else { Unit::Energy };
    let known = |line: &Line| line.values(unit).iter().filter(|value| value.is_finite()).sum::<f64>();
    let sums: Vec<f64> = lines.iter().map(known).collect();
    let used = bars::most_first(&sums)
        .into_iter()
        .filter(|index| sums.get(*index).is_some_and(|sum| *sum > 0.0));
    used.filter_map(|index| lines.get(index).cloned()).collect()
}

/// The devices with a colour of their own, and the others as one.
fn folded(lines: Vec<Line>, consumers: &[Device]) -> (Vec<Line>, Option<More>) {
    let slot = |line: &Line| {
        let device = consumers.iter().find(|device| device.device_id == line.device_id);
        device.map_or(0, |device| device.color_slot)
    };
    let (own, class) = color::fold(&lines.iter().map(slot).collect::<Vec<_>>());
    let (kept, others): (Vec<_>, Vec<_>) = lines.into_iter().zip(own).partition(|(_, own)| *own);
    let [kept, others] = [kept, others].map(|lines| lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>());
    let sum = |values: fn(&Line) -> &Vec<f64>| {
        let all: Vec<Vec<f64>> = others.iter().map(|line| values(line).clone()).collect();
        stack::totals(&all)
    };
    let more = More {
        device_ids: others.iter().map(|line| line.device_id.clone()).collect(),
        line: Line {
            energy: sum(|line| &line.energy),
            cost: sum(|line| &line.cost),
            power: sum(|line| &line.power),
            ..Line::default()
        },
        class,
    };
    (kept, Some(more).filter(|more| !more.device_ids.is_empty()))
}

/// The colour class of a device's total, as it is drawn in the chart.
pub(super) fn class_of(catalog: &Catalog, more: Option<&More>, total: &Summary) -> &'static str {
    let Some(device) = catalog.devices.iter().find(|device| is_of(total, device)) else {
        return color::OTHER_CLASS;
    };
    match more {
        Some(more) if more.device_ids.contains(&device.device_id) => more.class,
        _ => color::class(device.color_slot),
    }
}
