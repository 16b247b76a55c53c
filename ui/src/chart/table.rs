//! The same values as a table: every chart has one.

use dioxus::prelude::*;
use voltaire_chart::{fmt, stack};

use super::{Frame, Setting};
use crate::state::use_app;

/// A row per step, a column per series.
#[component]
pub(super) fn DataTable(title: String, frame: Frame, setting: Setting, ghost: Vec<f64>) -> Element {
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
                        th { scope: "col", {text.time()} }
                        for series in &frame.series {
                            th { scope: "col", class: "num", "{series.label}, {unit}" }
                        }
                        if !ghost.is_empty() {
                            th { scope: "col", class: "num", "{text.compared()}, {unit}" }
                            th { scope: "col", class: "num", "Δ {unit}" }
                            th { scope: "col", class: "num", "Δ %" }
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
