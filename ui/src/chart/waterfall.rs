//! How parts lead from one total to another, as rows: each bar begins where the one before it ended.

use dioxus::prelude::*;
use voltaire_chart::{Axis, Scale, waterfall};

use crate::state::use_app;

/// From `before` (named) over the changes to `after` (its name).
#[component]
pub(crate) fn Waterfall(
    id: String,
    title: String,
    axis: Axis,
    before: (String, f64),
    after: String,
    parts: Vec<(String, f64)>,
) -> Element {
    let app = use_app();
    let locale = app.locale();
    let changes: Vec<f64> = parts.iter().map(|part| part.1).collect();
    let falls = waterfall::waterfall(before.1, &changes);
    let reach = falls.iter().fold((0.0f64, 0.0f64), |(low, high), fall| {
        (low.min(fall.from).min(fall.to), high.max(fall.from).max(fall.to))
    });
    let x = Scale::new(reach, (0.0, 100.0));
    let names = std::iter::once(before.0)
        .chain(parts.into_iter().map(|part| part.0))
        .chain([after]);
    let rows = names.zip(falls).map(|(name, fall)| {
        let (from, to) = (x.at(fall.from), x.at(fall.to));
        let change = fall.to - fall.from;
        let class = match (fall.whole, change > 0.0) {
            (true, _) => "home",
            (false, true) => "more",
            (false, false) => "less",
        };
        let sign = if !fall.whole && change > 0.0 { "+" } else { "" };
        (
            name,
            class,
            from.min(to),
            (to - from).abs().max(0.5),
            format!("{sign}{}", axis.value(change, &locale)),
        )
    });
    rsx! {
        figure { class: "chart", id: "{id}", role: "group", "aria-labelledby": "{id}-title", "data-testid": "{id}",
            figcaption { h3 { id: "{id}-title", "{title}" } }
            ol { class: "ranked waterfall",
                for (name, class, left, width, value) in rows {
                    li { key: "{name}",
                        span { class: "name", "{name}" }
                        svg { class: "meter {class}", "aria-hidden": "true", view_box: "0 0 100 8", preserve_aspect_ratio: "none",
                            rect { class: "bar", x: "{left:.1}", width: "{width:.1}", height: "8" }
                        }
                        span { class: "num", "{value}" }
                    }
                }
            }
        }
    }
}
