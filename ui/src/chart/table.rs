//! The same values as a table: every chart has one.

use dioxus::prelude::*;

use super::{Frame, Setting};
use crate::state::use_app;

/// A row per step, a column per series.
#[component]
pub(super) fn DataTable(title: String, frame: Frame, setting: Setting) -> Element {
    let text = use_app().text();
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
                        }
                    }
                }
            }
        }
    }
}
