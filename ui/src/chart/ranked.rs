//! Values per name as horizontal bars, which are a list and read as one.

use dioxus::prelude::*;
use voltaire_chart::bars;

use super::{
    Frame, Setting,
    table::{DataTable, TableToggle},
};
use crate::parts::LoadBar;

/// A row per name; with two series, two bars in each. `colours` are those of the rows, where a name has one of its own.
#[component]
pub(crate) fn RankedBars(
    id: String,
    title: String,
    frame: Frame,
    setting: Setting,
    colours: Vec<Option<&'static str>>,
) -> Element {
    let as_table = use_signal(|| false);
    let all: Vec<f64> = frame
        .series
        .iter()
        .flat_map(|series| series.values.iter().copied())
        .collect();
    let shares = bars::ranked(&all);
    let steps = frame.labels.len();
    let rows = frame.labels.iter().enumerate().flat_map(|(step, name)| {
        frame
            .series
            .iter()
            .enumerate()
            .map(move |(index, series)| (step, index, name.clone(), series))
    });
    let rows: Vec<_> = rows
        .map(|(step, index, name, series)| {
            let value = series.values.get(step).copied().unwrap_or(f64::NAN);
            let share = shares.get(index * steps + step).copied().unwrap_or(0.0);
            let name = if frame.series.len() > 1 {
                format!("{name} · {}", series.label)
            } else {
                name
            };
            (
                format!("{step}-{index}"),
                name,
                colours.get(step).copied().flatten().unwrap_or(series.class),
                share,
                setting.axis.value(value, &setting.locale),
            )
        })
        .collect();
    rsx! {
        figure { class: "chart", id: "{id}", role: "group", "aria-labelledby": "{id}-title", "data-testid": "{id}",
            figcaption {
                h3 { class: "grow", id: "{id}-title", "{title}" }
                div { class: "chart-tools", TableToggle { id: id.clone(), as_table } }
            }
            if as_table() {
                DataTable { title, frame, setting, ghost: Vec::new() }
            } else {
                ul { class: "ranked",
                    for (key, name, class, share, value) in rows {
                        li { key: "{key}",
                            span { class: "name", title: "{name}", "{name}" }
                            span { class, LoadBar { share } }
                            span { class: "num", "{value}" }
                        }
                    }
                }
            }
        }
    }
}
