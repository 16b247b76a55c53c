//! The same values as a table: every chart has one.

use dioxus::prelude::*;
use voltaire_chart::{fmt, stack};

use super::{Frame, Setting};
use crate::{icon::Icon, state::use_app};

/// Shows a chart as a table, and back.
#[component]
pub(super) fn TableToggle(id: String, as_table: Signal<bool>) -> Element {
    rsx! {
        button {
            class: "btn quiet small",
            r#type: "button",
            "aria-pressed": if as_table() { "true" } else { "false" },
            "data-testid": "{id}-table-toggle",
            onclick: move |_| as_table.toggle(),
            Icon { name: "table", small: true }
            {use_app().text().show_table()}
        }
    }
}

/// A row per step, a column per series.
#[component]
pub(super) fn DataTable(
    title: String,
    frame: Frame,
    setting: Setting,
    ghost: Vec<f64>,
    #[props(default)] estimated: Vec<f64>,
) -> Element {
    let text = use_app().text();
    let totals = stack::totals(&frame.values());
    let change = |step: usize| {
        let before = ghost.get(step).copied().unwrap_or(f64::NAN);
        let now = totals.get(step).copied().unwrap_or(f64::NAN);
        let percent = fmt::change(before, now, &setting.locale).unwrap_or_else(|| fmt::MISSING.to_owned());
        (
            setting.axis.number(before, &setting.locale),
            setting.axis.number(now - before, &setting.locale),
            percent,
        )
    };
    let unit = &setting.axis.unit;
    rsx! {
        div { class: "table-scroll", tabindex: "0",
            table { class: "table", "data-testid": "chart-table",
                caption { "{title}" }
                thead {
                    tr {
                        th { scope: "col", {if frame.is_named() { text.device_name() } else { text.time() }} }
                        for series in &frame.series {
                            th { scope: "col", class: "num", "{series.label}, {unit}" }
                        }
                        if !ghost.is_empty() {
                            th { scope: "col", class: "num", "{text.compared()}, {unit}" }
                            th { scope: "col", class: "num", "Δ {unit}" }
                            th { scope: "col", class: "num", "Δ %" }
                        }
                        if !estimated.is_empty() {
                            th { scope: "col", class: "num", {text.estimated()} }
                        }
                    }
                }
                tbody {
                    for (step, label) in frame.labels.iter().enumerate() {
                        tr { key: "{label}",
                            th { scope: "row", "{label}" }
                            for series in &frame.series {
                                td { class: "num",
                                    {setting.axis.number(series.values.get(step).copied().unwrap_or(f64::NAN), &setting.locale)}
                                }
                            }
                            if !ghost.is_empty() {
                                Change { cells: change(step) }
                            }
                            if let Some(share) = estimated.get(step) {
                                td { class: "num", {fmt::share(*share, &setting.locale)} }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Change(cells: (String, String, String)) -> Element {
    rsx! {
        td { class: "num", "{cells.0}" }
        td { class: "num", "{cells.1}" }
        td { class: "num", "{cells.2}" }
    }
}
