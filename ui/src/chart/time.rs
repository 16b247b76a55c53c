//! A chart over time, or of what repeats itself in time: stacked bars, bars side by side, or lines; with pointer, keys, readout, legend, table and files.

use dioxus::prelude::*;
use jiff_bare::tz::TimeZone;
use voltaire_chart::{Bands, Window, csv, fmt, stack, summary};

use super::{
    Frame, Series, Setting,
    plot::Plot,
    save,
    surface::{Surface, zoomed},
    table::{DataTable, TableToggle},
};
use crate::{
    browser,
    icon::Icon,
    state::{App, use_app},
};

/// How values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// Bars on top of each other.
    Stacked,
    /// Bars side by side.
    Paired,
    /// Lines.
    Lines,
}

/// A chart over time. `ghost` is the sum of the same steps of another period, `band` the lowest and highest value of each step of a
/// single line, `prices` what a kWh cost meanwhile, `estimated` the share of each step that corrections estimate; `onzoom` gets the window to show next, or nothing for the whole, which there is a way back to while it is `zoomed_in`.
#[component]
pub(crate) fn TimeChart(
    id: String,
    title: String,
    frame: Frame,
    setting: Setting,
    drawing: Drawing,
    #[props(default = 260.0)] height: f64,
    #[props(default)] hint: String,
    #[props(default)] ghost: Vec<f64>,
    #[props(default)] band: (Vec<f64>, Vec<f64>),
    #[props(default)] prices: Bands,
    #[props(default)] estimated: Vec<f64>,
    #[props(default)] onpick: Option<EventHandler<usize>>,
    #[props(default)] onzoom: Option<EventHandler<Option<Window>>>,
    #[props(default)] zoomed_in: bool,
) -> Element {
    let text = use_app().text();
    let width = use_signal(|| (browser::width() - 320.0).clamp(280.0, 1100.0));
    let cursor = use_signal(|| None::<usize>);
    let as_table = use_signal(|| false);
    let hidden = use_signal(Vec::<String>::new);
    let shown = Frame {
        series: frame
            .series
            .iter()
            .filter(|series| !hidden.read().contains(&series.label))
            .cloned()
            .collect(),
        ..frame.clone()
    };
    let totals = stack::totals(&shown.values());
    let said = summary::Summary {
        values: &totals[..frame.begun.min(totals.len())],
        labels: &frame.labels,
        axis: &setting.axis,
        // Power is not added up over time, nor are means of what repeats itself.
        additive: drawing != Drawing::Lines && !setting.axis.unit.ends_with('W') && !frame.is_named(),
    };
    let sentence = summary::sentence(&said, &setting.locale).unwrap_or_else(|| text.no_data().to_owned());
    // What another period had says nothing about a part of this one.
    let ghost = if hidden.read().is_empty() { ghost } else { Vec::new() };
    let plot = Plot {
        frame: shown,
        ghost: ghost.clone(),
        band,
        prices: prices.clone(),
        estimated: estimated.clone(),
        setting: setting.clone(),
        drawing,
        width: width(),
        height,
    };
    rsx! {
        figure { class: "chart", id: "{id}", role: "group", "aria-labelledby": "{id}-title", "data-testid": "{id}",
            figcaption {
                div { class: "grow",
                    h3 { id: "{id}-title", "{title}" }
                    p { class: "chart-summary", "data-testid": "{id}-summary", "{sentence} {hint}" }
                }
                Tools { id: id.clone(), frame: frame.clone(), ghost: ghost.clone(), setting: setting.clone(), as_table, onzoom, zoomed_in }
            }
            if as_table() {
                DataTable { title, frame, setting, ghost, estimated }
            } else {
                Readout { plot: plot.clone(), cursor: cursor() }
                Surface { label: format!("{title}. {sentence}"), plot, cursor, width, onpick, onzoom }
                Legend { frame, hidden, compared: !ghost.is_empty(), estimated: !estimated.is_empty(), prices }
            }
        }
    }
}

/// Zooming without a mouse, the table, the files.
#[component]
fn Tools(
    id: String,
    frame: Frame,
    ghost: Vec<f64>,
    setting: Setting,
    as_table: Signal<bool>,
    onzoom: Option<EventHandler<Option<Window>>>,
    zoomed_in: bool,
) -> Element {
    let text = use_app().text();
    let picture = id.clone();
    let zoom = |factor: f64, name: &'static str, icon: &'static str| {
        let boundaries = frame.boundaries.clone();
        rsx! {
            button { class: "btn quiet small icon-only", r#type: "button", "aria-label": name, title: name, "data-testid": "{id}-{icon}",
                onclick: move |_| if let Some(onzoom) = onzoom { onzoom.call(zoomed(&boundaries, factor, 0.5)) },
                Icon { name: icon, small: true }
            }
        }
    };
    let rows = frame.clone();
    rsx! {
        div { class: "chart-tools",
            if let Some(onzoom) = onzoom.filter(|_| zoomed_in) {
                button { class: "btn quiet small", r#type: "button", "aria-keyshortcuts": "0", "data-testid": "{id}-reset", onclick: move |_| onzoom.call(None),
                    {text.reset_zoom()}
                }
            }
            if onzoom.is_some() {
                {zoom(2.0, text.zoom_out(), "minus")}
                {zoom(0.5, text.zoom_in(), "plus")}
            }
            TableToggle { id: id.clone(), as_table }
            button { class: "btn quiet small", r#type: "button", "data-testid": "{id}-csv",
                onclick: move |_| save::text(&format!("{}.csv", file_name(&rows, &setting.zone)), &sheet(&rows, &ghost, &setting)),
                "CSV"
            }
            button { class: "btn quiet small", r#type: "button", "data-testid": "{id}-png", disabled: as_table(),
                onclick: move |_| save::picture(&format!("{}.png", file_name(&frame, &TimeZone::UTC)), &picture),
                "PNG"
            }
        }
    }
}

/// The same values as a file, in the unit that they are drawn in.
fn sheet(frame: &Frame, ghost: &[f64], setting: &Setting) -> String {
    let shown = |values: &[f64]| {
        values
            .iter()
            .map(|value| value / setting.axis.divisor)
            .collect::<Vec<f64>>()
    };
    let mut columns: Vec<(&str, Vec<f64>)> = frame
        .series
        .iter()
        .map(|one| (one.label.as_str(), shown(&one.values)))
        .collect();
    if !ghost.is_empty() {
        columns.push(("compared", shown(ghost)));
    }
    let columns: Vec<(&str, &[f64])> = columns
        .iter()
        .map(|(name, values)| (*name, values.as_slice()))
        .collect();
    if frame.is_named() {
        return csv::by_name(&frame.labels, &columns, &setting.axis.unit);
    }
    csv::over_time(&frame.boundaries, &columns, &setting.axis.unit, &setting.zone)
}

fn file_name(frame: &Frame, zone: &TimeZone) -> String {
    let Some(start) = frame.boundaries.first() else {
        return "voltaire".to_owned();
    };
    format!("voltaire-{:.10}", csv::iso(*start, zone))
}

/// Time and values under the cursor, above the plot where no finger hides it.
#[component]
fn Readout(plot: Plot, cursor: Option<usize>) -> Element {
    let app = use_app();
    let text = app.text();
    let Plot {
        frame, setting, prices, ..
    } = plot;
    let line = cursor.map(|step| {
        let values = frame.series.iter().filter_map(|series| {
            let value = series
                .values
                .get(step)
                .copied()
                .filter(|value| value.is_finite() && (*value != 0.0 || frame.series.len() == 1))?;
            Some(format!(
                "{} {}",
                series.label,
                setting.axis.value(value, &setting.locale)
            ))
        });
        let before = plot.ghost.get(step).copied().unwrap_or(f64::NAN);
        let before = (before.is_finite())
            .then(|| format!("{} {}", text.compared(), setting.axis.value(before, &setting.locale)));
        let share = plot.estimated.get(step).copied().filter(|share| *share > 0.0);
        let estimated = share.map(|share| format!("{}: {}", text.estimated(), fmt::share(share, &setting.locale)));
        let price = frame.boundaries.get(step).and_then(|start| prices.at(*start));
        let price = price.and_then(|price| Some(named(app, prices.prices.get(price)?)));
        let total = stack::totals(&frame.values()).get(step).copied().unwrap_or(f64::NAN);
        let total = setting.axis.value(total, &setting.locale);
        (
            frame.labels.get(step).cloned().unwrap_or_default(),
            total,
            values
                .chain(before)
                .chain(estimated)
                .chain(price)
                .collect::<Vec<_>>()
                .join(" · "),
        )
    });
    rsx! {
        output { class: "readout", "aria-live": "polite", "data-testid": "readout",
            if let Some((when, total, values)) = line {
                strong { "{when}" }
                if frame.series.len() > 1 && !values.is_empty() && plot.drawing == Drawing::Stacked { "  {total}  ·  {values}" } else { "  {values}" }
            }
        }
    }
}

/// What a kWh cost, in words.
fn named(app: App, price: &str) -> String {
    fmt::price(price, &app.currency(), &app.locale()).to_string()
}

/// The names of the colours, in the order of stacking: each shows or hides its series. None for a single series.
#[component]
fn Legend(frame: Frame, hidden: Signal<Vec<String>>, compared: bool, estimated: bool, prices: Bands) -> Element {
    let app = use_app();
    let text = app.text();
    let single = frame.series.len() < 2;
    if single && !compared && !estimated && prices.prices.is_empty() {
        return rsx! {};
    }
    let mut toggle = move |label: &str| {
        let mut hidden = hidden.write();
        match hidden.iter().position(|known| known == label) {
            Some(index) => drop(hidden.remove(index)),
            None => hidden.push(label.to_owned()),
        }
    };
    rsx! {
        ul { class: "legend", "aria-label": text.legend(),
            if !single {
                for Series { label, class, .. } in frame.series {
                    li { key: "{label}",
                        button { r#type: "button", "aria-pressed": if hidden.read().contains(&label) { "false" } else { "true" },
                            onclick: { let label = label.clone(); move |_| toggle(&label) },
                            span { class: "swatch {class}" }
                            span { class: "name", "{label}" }
                        }
                    }
                }
            }
            if compared {
                li { class: "key", span { class: "swatch ghost" } span { class: "name", {text.compared()} } }
            }
            if estimated {
                li { class: "key", "data-testid": "estimated-key", span { class: "swatch estimated" } span { class: "name", {text.estimated()} } }
            }
            for (index, price) in prices.prices.iter().enumerate() {
                li { class: "key", "data-testid": "price-key", span { class: "swatch {prices.class(index)}" } span { class: "name", {named(app, price)} } }
            }
        }
    }
}
