//! What the history page asks for, and what it gets.

use std::collections::BTreeMap;

use dioxus::prelude::*;
use jiff_bare::civil::Date;
use voltaire_chart::{Period, Span, day, stack};
use voltaire_proto::telemetry::v1::{
    CalendarUnit, Device, Interval, Metric, QuerySeriesRequest, QuerySeriesResponse, Step, SummarizeRequest,
    SummarizeResponse, Summary, scope, step,
};

use crate::{
    api::{self, Answer},
    app::Route,
    load::{Catalog, Load, use_catalog, use_load},
    state::App,
};

/// At most so many devices have a colour in one chart; the rest is drawn as other.
const COLORED: usize = 12;

/// What is chosen on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) period: Period,
    pub(super) by_device: bool,
    pub(super) money: bool,
}

impl Query {
    /// From the address.
    pub(super) fn read(app: App, today: Date, z: &str, r: &str, by: &str, u: &str) -> Self {
        let period = Period::parse(Span::from_key(z), r, today, app.week_start());
        Self {
            period,
            by_device: by == "device",
            money: u == "cost",
        }
    }

    /// Back into an address.
    pub(super) fn route(self) -> Route {
        Route::Usage {
            z: self.period.span.key().to_owned(),
            r: day::iso(self.period.first),
            by: if self.by_device { "device" } else { "total" }.to_owned(),
            u: if self.money { "cost" } else { "kwh" }.to_owned(),
        }
    }

    /// Whether another query needs the same data: the unit does not matter, both are loaded.
    pub(super) fn same_data(self, other: Self) -> bool {
        self.period == other.period && self.by_device == other.by_device
    }
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
}

/// What the page shows.
#[derive(Clone, PartialEq)]
pub(super) struct History {
    pub(super) query: Query,
    pub(super) boundaries: Vec<i64>,
    pub(super) home: Line,
    /// Most energy first; only when asked by device.
    pub(super) devices: Vec<Line>,
    pub(super) summary: Summary,
    /// Totals of each device, most energy first.
    pub(super) totals: Vec<Summary>,
    /// First and last reading ever.
    pub(super) data_range: Option<(i64, i64)>,
}

impl History {
    /// Whether nothing was measured in the period.
    pub(super) fn is_empty(&self) -> bool {
        self.home.energy.iter().all(|value| !value.is_finite())
    }
}

/// Loads what is `wanted`; the running period again every minute.
pub(super) fn use_history(wanted: Signal<Query>, today: Memo<Date>) -> Load<History> {
    let app = crate::state::use_app();
    let catalog = use_catalog();
    let minute = use_memo(move || (app.now)() / 60_000);
    use_load(move || {
        let query = wanted();
        if query.period.contains(today()) {
            let _ = minute();
        }
        let zone = app.zone();
        let home = app.home_id();
        let consumers = catalog.data().unwrap_or_default().consumers();
        async move {
            let (start, end) = query.period.bounds(&zone).ok_or_else(api::Failure::incomplete)?;
            load(query, (start, end), home, consumers).await
        }
    })
}

async fn load(query: Query, (start, end): (i64, i64), home_id: String, consumers: Vec<Device>) -> Answer<History> {
    let period = Some(api::period(start, end));
    let summary = SummarizeRequest {
        home_id: home_id.clone(),
        period,
        scope: Some(api::whole_home()),
        per_device: true,
        compare_to: None,
    };
    let unit = if query.period.span == Span::Day {
        CalendarUnit::Hour
    } else {
        CalendarUnit::Day
    };
    let devices = if query.by_device {
        consumers
            .iter()
            .take(99)
            .map(|device| api::one_device(&device.device_id))
            .collect()
    } else {
        vec![]
    };
    let series = QuerySeriesRequest {
        home_id,
        period,
        step: Some(Step {
            kind: Some(step::Kind::Calendar(unit.into())),
        }),
        scopes: [vec![api::whole_home()], devices].concat(),
        metrics: vec![Metric::Energy.into(), Metric::Cost.into()],
    };
    let (series, summary) = futures::join!(api::series(series), api::summary(summary));
    Ok(history(query, series?, summary?, &consumers))
}

fn history(query: Query, series: QuerySeriesResponse, summary: SummarizeResponse, consumers: &[Device]) -> History {
    let boundaries = series.boundaries.iter().map(api::millis).collect();
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for one in series.series {
        let device_id = match one.scope.as_ref().and_then(|scope| scope.kind.as_ref()) {
            Some(scope::Kind::DeviceId(id)) => id.clone(),
            _ => String::new(),
        };
        let metric = one.metric();
        let line = lines.entry(device_id.clone()).or_default();
        (line.device_id, line.label) = (device_id, one.label);
        match metric {
            Metric::Cost => line.cost = one.values,
            _ => line.energy = one.values,
        }
    }
    let home = lines.remove("").unwrap_or_default();
    let totals = summary
        .devices
        .into_iter()
        .filter(|total| consumers.iter().any(|device| is_of(total, device)))
        .collect();
    let summary = summary.summary.unwrap_or_default();
    let data_range = summary.data_range.as_ref().and_then(bounds);
    History {
        query,
        boundaries,
        home,
        devices: most_first(lines.into_values().collect()),
        summary,
        totals,
        data_range,
    }
}

fn is_of(total: &Summary, device: &Device) -> bool {
    matches!(total.scope.as_ref().and_then(|scope| scope.kind.as_ref()), Some(scope::Kind::DeviceId(id)) if *id == device.device_id)
}

fn bounds(interval: &Interval) -> Option<(i64, i64)> {
    Some((
        api::millis(interval.start_time.as_ref()?),
        api::millis(interval.end_time.as_ref()?),
    ))
}

/// Devices with any energy, most first; beyond the colours there are they are left to the rest.
fn most_first(lines: Vec<Line>) -> Vec<Line> {
    let sum = |line: &Line| {
        stack::totals(std::slice::from_ref(&line.energy))
            .iter()
            .filter(|value| value.is_finite())
            .sum::<f64>()
    };
    let mut lines: Vec<(f64, Line)> = lines
        .into_iter()
        .map(|line| (sum(&line), line))
        .filter(|(sum, _)| *sum > 0.0)
        .collect();
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    lines.into_iter().map(|(_, line)| line).take(COLORED).collect()
}

/// The colour class of a device's total.
pub(super) fn class_of(catalog: &Catalog, total: &Summary) -> &'static str {
    let device = catalog.devices.iter().find(|device| is_of(total, device));
    device.map_or(voltaire_chart::color::OTHER_CLASS, |device| {
        voltaire_chart::color::class(device.color_slot)
    })
}
