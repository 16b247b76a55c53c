//! History: a day, week or month in bars, in total or by device, as energy or money. Everything chosen stands in the address.

use dioxus::prelude::*;
use jiff_bare::civil::Date;
use voltaire_chart::{Axis, Locale, Period, Span, color, fmt, period, stack};

use super::{
    usage_data::{History, Query, use_history},
    usage_list::{DeviceShares, Totals},
};
use crate::{
    app::Route,
    chart::{Drawing, Frame, Series, Setting, TimeChart, drills},
    icon::Icon,
    load::use_catalog,
    parts::{Empty, Page, Problem, Segments, Skeleton},
    state::{App, use_app},
};

/// The history page: `z` day, week or month; `r` a day in it; `by` device or total; `u` kwh or cost.
#[component]
pub(crate) fn Usage(z: String, r: String, by: String, u: String) -> Element {
    let app = use_app();
    let text = app.text();
    let today = use_memo(move || period::day_of((app.now)(), &app.zone()).unwrap_or_default());
    let query = Query::read(app, today(), &z, &r, &by, &u);
    let mut wanted = use_signal(|| query);
    if *wanted.peek() != query {
        wanted.set(query);
    }
    let load = use_history(wanted, today);
    let shown = load.data().filter(|history| history.query.same_data(query));
    let state = match (&shown, load.failure()) {
        (_, Some(_)) => "error",
        (None, None) => "loading",
        (Some(history), None) if history.is_empty() => "empty",
        _ => load.state(),
    };
    rsx! {
        Page { name: "usage", title: text.usage(), state, tools: rsx! { Pager { query, today: today() } },
            Choices { query }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            match shown {
                Some(history) if history.is_empty() => rsx! { Nothing { history } },
                Some(history) => rsx! {
                    Totals { history: history.clone(), query }
                    div { class: "card", HistoryChart { history: history.clone(), query } }
                    DeviceShares { history }
                },
                None if load.failure().is_none() => rsx! {
                    Skeleton {}
                    div { class: "card", Skeleton { shape: "sk-plot" } }
                },
                None => rsx! {},
            }
        }
    }
}

/// Earlier, what is shown, later, today.
#[component]
fn Pager(query: Query, today: Date) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let title = query.period.title(&app.zone(), &app.locale());
    let go = move |to: Period| {
        navigator.push(Query { period: to, ..query }.route());
    };
    let later = query.period.moved(1);
    rsx! {
        div { class: "pager",
            button { class: "btn icon-only", r#type: "button", "aria-label": text.previous(), "data-testid": "earlier", onclick: move |_| go(query.period.moved(-1)),
                Icon { name: "chevron-left" }
            }
            strong { "data-testid": "period", "aria-live": "polite", "{title}" }
            button { class: "btn icon-only", r#type: "button", "aria-label": text.next(), "data-testid": "later", disabled: later.is_future(today),
                onclick: move |_| go(later),
                Icon { name: "chevron-right" }
            }
            button { class: "btn", r#type: "button", "data-testid": "today", disabled: query.period.contains(today),
                onclick: move |_| go(Period::around(query.period.span, today, app.week_start())),
                {text.today()}
            }
        }
    }
}

#[component]
fn Choices(query: Query) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let spans = Span::ALL
        .into_iter()
        .map(|span| (span.key(), text.span(span).to_owned()))
        .collect();
    let groups = vec![
        ("total", text.total().to_owned()),
        ("device", text.by_device().to_owned()),
    ];
    let units = vec![("kwh", "kWh".to_owned()), ("cost", app.currency())];
    rsx! {
        div { class: "tools",
            Segments { label: text.period(), options: spans, value: query.period.span.key(), testid: "span",
                onpick: move |key| {
                    let period = Period::around(Span::from_key(key), query.period.first, app.week_start());
                    navigator.push(Query { period, ..query }.route());
                }
            }
            Segments { label: text.grouping(), options: groups, value: if query.by_device { "device" } else { "total" }, testid: "grouping",
                onpick: move |key| { navigator.push(Query { by_device: key == "device", ..query }.route()); }
            }
            Segments { label: text.unit(), options: units, value: if query.money { "cost" } else { "kwh" }, testid: "unit",
                onpick: move |key| { navigator.push(Query { money: key == "cost", ..query }.route()); }
            }
        }
    }
}

#[component]
fn HistoryChart(history: History, query: Query) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let navigator = use_navigator();
    let (zone, locale) = (app.zone(), app.locale());
    let series = lines(&history, query, app);
    let series = series.into_iter().map(|(id, label, values)| Series {
        label,
        class: match catalog.device(&id) {
            Some(device) => color::class(device.color_slot),
            None if id.is_empty() => "home",
            None => color::OTHER_CLASS,
        },
        values,
    });
    let series: Vec<Series> = series.collect();
    let values: Vec<Vec<f64>> = series.iter().map(|series| series.values.clone()).collect();
    let (low, high) = stack::extent(&values);
    let axis = if query.money {
        Axis::money(&app.currency())
    } else {
        Axis::energy(high.max(-low))
    };
    let title = text.usage_title(&query.period.title(&zone, &locale), &axis.unit, query.period.span);
    let setting = Setting { zone, locale, axis };
    let frame = Frame::over_time(history.boundaries.clone(), series, *app.now.peek(), &setting);
    let open = history.boundaries.clone();
    let drill = move |step: usize| {
        if let Some(day) = open.get(step).and_then(|start| period::day_of(*start, &app.zone())) {
            navigator.push(
                Query {
                    period: Period::around(Span::Day, day, 1),
                    ..query
                }
                .route(),
            );
        }
    };
    rsx! {
        TimeChart {
            id: "usage-chart",
            title,
            frame,
            setting,
            drawing: Drawing::Stacked,
            height: 280.0,
            hint: if drills(query.period.span) { text.drill_hint() } else { "" },
            onpick: drills(query.period.span).then(|| EventHandler::new(drill)),
        }
    }
}

/// The series to draw, each with the device it belongs to (empty: the home; `other`: what no device explains).
fn lines(history: &History, query: Query, app: App) -> Vec<(String, String, Vec<f64>)> {
    let values = |line: &super::usage_data::Line| {
        if query.money {
            line.cost.clone()
        } else {
            line.energy.clone()
        }
    };
    if !query.by_device {
        return vec![(String::new(), history.home.label.clone(), values(&history.home))];
    }
    let mut lines: Vec<_> = history
        .devices
        .iter()
        .map(|line| (line.device_id.clone(), line.label.clone(), values(line)))
        .collect();
    let parts: Vec<Vec<f64>> = lines.iter().map(|line| line.2.clone()).collect();
    let rest = stack::rest(&values(&history.home), &parts);
    let whole: f64 = stack::totals(&parts).iter().filter(|value| value.is_finite()).sum();
    if rest.iter().filter(|value| value.is_finite()).sum::<f64>() > whole * 0.005 {
        lines.push(("other".to_owned(), app.text().other().to_owned(), rest));
    }
    lines
}

/// Nothing in this period: say where there is something.
#[component]
fn Nothing(history: History) -> Element {
    let app = use_app();
    let text = app.text();
    let (zone, locale): (_, Locale) = (app.zone(), app.locale());
    let Some((first, last)) = history.data_range else {
        return rsx! {
            div { class: "card",
                Empty { icon: "chart-column", title: text.no_data(), text: text.no_devices_text(),
                    Link { class: "btn primary", to: Route::Devices { add: "1".to_owned() }, {text.add_device()} }
                }
            }
        };
    };
    let now = *app.now.peek();
    let name = |at: i64| fmt::date_time(at, now, &zone, &locale);
    let there = period::day_of(last - 1, &zone).map(|day| Query {
        period: Period::around(history.query.period.span, day, app.week_start()),
        ..history.query
    });
    rsx! {
        div { class: "card",
            Empty { icon: "chart-column", title: text.no_data(), text: "{text.data_range(&name(first), &name(last))} {text.no_data_text()}",
                if let Some(there) = there {
                    Link { class: "btn primary", to: there.route(), "data-testid": "go-there", {text.go_there()} }
                }
            }
        }
    }
}
