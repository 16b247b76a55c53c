//! What is chosen on the history page: the period, how it is split, the unit, what it is compared with.

use dioxus::prelude::*;
use jiff_bare::civil::Date;
use voltaire_chart::{
    Period, Span, Spec, Window, fmt, period,
    spec::{By, Compare, Range, Unit},
};

use super::usage_data::route;
use crate::{
    icon::Icon,
    parts::Segments,
    state::{App, use_app},
};

/// Earlier, what is shown, later, today.
#[component]
pub(super) fn Pager(spec: Spec, today: Date) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let title = title(app, spec.range);
    let moved = move |steps: i32| match spec.range {
        Range::Calendar(period) => Range::Calendar(period.moved(steps)),
        Range::Exact(window) => Range::Exact(window.panned(f64::from(steps))),
    };
    let go = move |range: Range| {
        navigator.push(route(&Spec { range, ..spec }));
    };
    let future = match moved(1) {
        Range::Calendar(period) => period.is_future(today),
        Range::Exact(window) => window.start > *app.now.peek(),
    };
    let current = matches!(spec.range, Range::Calendar(period) if period.contains(today));
    rsx! {
        div { class: "pager",
            button { class: "btn icon-only", r#type: "button", "aria-label": text.previous(), "data-testid": "earlier", onclick: move |_| go(moved(-1)),
                Icon { name: "chevron-left" }
            }
            strong { "data-testid": "period", "aria-live": "polite", "{title}" }
            button { class: "btn icon-only", r#type: "button", "aria-label": text.next(), "data-testid": "later", disabled: future,
                onclick: move |_| go(moved(1)),
                Icon { name: "chevron-right" }
            }
            button { class: "btn", r#type: "button", "data-testid": "today", disabled: current,
                onclick: move |_| go(Range::Calendar(Period::around(span(spec.range), today, app.week_start()))),
                {text.today()}
            }
        }
    }
}

fn title(app: App, range: Range) -> String {
    match range {
        Range::Calendar(period) => period.title(&app.zone(), &app.locale()),
        Range::Exact(Window { start, end }) => fmt::range(start, end, &app.zone(), &app.locale()),
    }
}

fn span(range: Range) -> Span {
    match range {
        Range::Calendar(period) => period.span,
        Range::Exact(_) => Span::Day,
    }
}

/// The periods that what is shown lies in, longest first.
#[component]
pub(super) fn Crumbs(spec: Spec) -> Element {
    let app = use_app();
    let text = app.text();
    let (day, spans): (Option<Date>, &[Span]) = match spec.range {
        Range::Calendar(period) => (
            Some(period.first),
            match period.span {
                Span::Year => &[],
                Span::Month => &[Span::Year],
                Span::Week | Span::Day => &[Span::Year, Span::Month],
            },
        ),
        Range::Exact(window) => (
            period::day_of(window.start, &app.zone()),
            &[Span::Year, Span::Month, Span::Day],
        ),
    };
    let above = spans.iter().zip(std::iter::repeat(day)).filter_map(|(span, day)| {
        let range = Range::Calendar(Period::around(*span, day?, app.week_start()));
        let unit = if spec.unit == Unit::Power {
            Unit::Energy
        } else {
            spec.unit
        };
        Some((title(app, range), route(&Spec { range, unit, ..spec })))
    });
    rsx! {
        nav { "aria-label": text.path_here(),
            ol { class: "crumbs", "data-testid": "crumbs",
                for (name, to) in above {
                    li { key: "{name}", Link { to, "{name}" } }
                }
                li { "aria-current": "page", {title(app, spec.range)} }
            }
        }
    }
}

#[component]
pub(super) fn Choices(spec: Spec) -> Element {
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
    let units = vec![
        ("kwh", "kWh".to_owned()),
        ("cost", app.currency()),
        ("w", text.power().to_owned()),
    ];
    let others = vec![
        ("", text.compare_none().to_owned()),
        ("prev", text.compare_previous().to_owned()),
        ("year", text.compare_year().to_owned()),
    ];
    let address = spec.address();
    let first = match spec.range {
        Range::Calendar(period) => period.first,
        Range::Exact(window) => period::day_of(window.start, &app.zone()).unwrap_or_default(),
    };
    rsx! {
        div { class: "tools",
            Segments { label: text.period(), options: spans, value: address.zoom, testid: "span",
                onpick: move |key| {
                    let range = Range::Calendar(Period::around(Span::from_key(key), first, app.week_start()));
                    navigator.push(route(&Spec { range, ..spec }));
                }
            }
            Segments { label: text.grouping(), options: groups, value: address.by, testid: "grouping",
                onpick: move |key| {
                    let by = if key == "device" { By::Device } else { By::Total };
                    navigator.push(route(&Spec { by, ..spec }));
                }
            }
            Segments { label: text.unit(), options: units, value: address.unit, testid: "unit",
                onpick: move |key| {
                    let unit = match key { "cost" => Unit::Cost, "w" => Unit::Power, _ => Unit::Energy };
                    navigator.push(route(&Spec { unit, ..spec }));
                }
            }
            Segments { label: text.compare(), options: others, value: address.compare, testid: "compare",
                onpick: move |key| {
                    let compare = match key { "prev" => Compare::Previous, "year" => Compare::LastYear, _ => Compare::None };
                    navigator.push(route(&Spec { compare, ..spec }));
                }
            }
        }
    }
}
