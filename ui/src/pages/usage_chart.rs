//! The chart of the history page: bars of energy or cost, lines of power; a bar opens what is inside it.

use dioxus::prelude::*;
use voltaire_chart::{
    Axis, Bands, Period, Span, Spec, Window, color, compare, day, fmt, period,
    spec::{By, Range, Unit},
    stack,
};

use super::usage_data::{History, route};
use crate::{
    chart::{Drawing, Frame, Series, Setting, TimeChart},
    load::use_catalog,
    state::{App, use_app},
};

#[component]
pub(super) fn HistoryChart(history: History) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let spec = history.spec;
    let series = drawn(&history, app);
    let setting = setting(app, spec, &series);
    let span = match spec.range {
        Range::Calendar(period) => Some(period.span).filter(|_| spec.unit != Unit::Power),
        Range::Exact(_) => None,
    };
    let name = match spec.range {
        Range::Calendar(period) => period.title(&setting.zone, &setting.locale),
        Range::Exact(Window { start, end }) => fmt::range(start, end, &setting.zone, &setting.locale),
    };
    let title = match span {
        Some(span) => text.usage_title(&name, &setting.axis.unit, span),
        None => format!("{name}, {}", setting.axis.unit),
    };
    let frame = Frame::over_time(history.boundaries.clone(), series, *app.now.peek(), &setting);
    let ghost = history.compared.as_ref().map_or_else(Vec::new, |before| {
        compare::aligned(before.home.values(spec.unit), frame.labels.len())
    });
    let prices = prices(app, &history.boundaries);
    let line = spec.unit == Unit::Power && spec.by == By::Total;
    let band = if line {
        history.home.band.clone()
    } else {
        Default::default()
    };
    let boundaries = history.boundaries.clone();
    let open = move |step: usize| {
        let inside = boundaries.get(step).zip(boundaries.get(step + 1));
        if let Some(to) = inside.and_then(|(start, end)| drilled(app, spec, (*start, *end))) {
            navigator.push(route(&to));
        }
    };
    let zoom = move |window: Option<Window>| {
        let range = match window {
            Some(window) => Range::Exact(window),
            None => whole(app, spec.range),
        };
        navigator.push(route(&Spec { range, ..spec }));
    };
    rsx! {
        TimeChart {
            id: "usage-chart",
            title,
            frame,
            setting,
            drawing: if line { Drawing::Lines } else { Drawing::Stacked },
            height: 280.0,
            ghost,
            band,
            prices,
            estimated: history.home.estimated_shares(),
            hint: match span {
                Some(Span::Day) => text.drill_hint_day(),
                Some(_) => text.drill_hint(),
                None => "",
            },
            onpick: span.is_some().then(|| EventHandler::new(open)),
            onzoom: EventHandler::new(zoom),
            zoomed_in: matches!(spec.range, Range::Exact(_)),
        }
    }
}

/// What a kWh cost, where that changed within the chart.
fn prices(app: App, boundaries: &[i64]) -> Bands {
    let (Some(start), Some(end)) = (boundaries.first(), boundaries.last()) else {
        return Bands::default();
    };
    let (home, zone) = (app.home.read(), app.zone());
    let tariffs = home.iter().flat_map(|home| &home.pb.tariffs);
    // The oldest one has no day: it holds from the beginning.
    let from = |day: &str| day::parse(day).map_or(Some(i64::MIN), |day| period::midnight(day, &zone));
    let prices: Vec<(i64, &str)> = tariffs
        .filter_map(|tariff| Some((from(&tariff.valid_from)?, tariff.price_per_kwh.as_str())))
        .collect();
    Bands::new(&prices, (*start, *end))
}

fn setting(app: App, spec: Spec, series: &[Series]) -> Setting {
    let values: Vec<Vec<f64>> = series.iter().map(|series| series.values.clone()).collect();
    let (low, high) = stack::extent(&values);
    let largest = high.max(-low);
    Setting {
        zone: app.zone(),
        locale: app.locale(),
        axis: match spec.unit {
            Unit::Energy => Axis::energy(largest),
            Unit::Cost => Axis::money(&app.currency()),
            Unit::Power => Axis::power(largest),
        },
    }
}

/// What a step opens: a month of a year, a day, or the power within an hour.
fn drilled(app: App, spec: Spec, (start, end): (i64, i64)) -> Option<Spec> {
    let Range::Calendar(shown) = spec.range else {
        return None;
    };
    let day = period::day_of(start, &app.zone())?;
    let range = match shown.span {
        Span::Year => Range::Calendar(Period::around(Span::Month, day, app.week_start())),
        Span::Week | Span::Month => Range::Calendar(Period::around(Span::Day, day, app.week_start())),
        Span::Day => Range::Exact(Window { start, end }),
    };
    let unit = if shown.span == Span::Day {
        Unit::Power
    } else {
        spec.unit
    };
    Some(Spec { range, unit, ..spec })
}

/// What a stretch is a part of: its day, or the month of a longer one.
fn whole(app: App, range: Range) -> Range {
    match range {
        Range::Calendar(_) => range,
        Range::Exact(window) => {
            let span = if window.length() > 2 * 86_400_000 {
                Span::Month
            } else {
                Span::Day
            };
            let day = period::day_of(window.start, &app.zone()).unwrap_or_default();
            Range::Calendar(Period::around(span, day, app.week_start()))
        }
    }
}

/// The series to draw: the home, or its devices and what none of them explains.
fn drawn(history: &History, app: App) -> Vec<Series> {
    let unit = history.spec.unit;
    let home = history.home.values(unit).to_vec();
    if history.spec.by == By::Total {
        return vec![Series {
            label: history.home.label.clone(),
            class: "home",
            values: home,
        }];
    }
    let catalog = use_catalog().data().unwrap_or_default();
    let class = |id: &str| {
        catalog
            .device(id)
            .map_or(color::OTHER_CLASS, |device| color::class(device.color_slot))
    };
    let mut series: Vec<Series> = history
        .devices
        .iter()
        .map(|line| Series {
            label: line.label.clone(),
            class: class(&line.device_id),
            values: line.values(unit).to_vec(),
        })
        .collect();
    series.extend(history.more.iter().map(|more| Series {
        label: app.text().more_devices(more.device_ids.len()),
        class: more.class,
        values: more.line.values(unit).to_vec(),
    }));
    let parts: Vec<Vec<f64>> = series.iter().map(|one| one.values.clone()).collect();
    let rest = stack::rest(&home, &parts);
    let sum = |values: &[f64]| values.iter().filter(|value| value.is_finite()).sum::<f64>();
    if sum(&rest) > sum(&stack::totals(&parts)) * 0.005 {
        series.push(Series {
            label: app.text().other().to_owned(),
            class: color::OTHER_CLASS,
            values: rest,
        });
    }
    series
}
