//! The load duration curve: for which share of the time the power was at least so much.

use dioxus::prelude::*;
use voltaire_chart::{Axis, Scale, fmt, path};

use super::{BOTTOM, LEFT, RIGHT, TOP};
use crate::{browser, state::use_app};

const HEIGHT: f64 = 200.0;

/// `points` are shares of the time, 0 to 1, with the power in W that was reached for so long.
#[component]
pub(crate) fn Curve(id: String, title: String, points: Vec<(f64, f64)>) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let mut width = use_signal(|| (browser::width() - 320.0).clamp(260.0, 560.0));
    let (low, high) = points.iter().fold((0.0f64, 0.0f64), |(low, high), point| {
        (low.min(point.1), high.max(point.1))
    });
    let axis = Axis::power(high.max(-low));
    let (ticks, labels) = axis.ticks(low, high, &locale);
    let x = Scale::new((0.0, 1.0), (LEFT, width() - RIGHT));
    let y = Scale::new(ticks.domain(), (HEIGHT - BOTTOM, TOP));
    let marks: Vec<path::Point> = points
        .iter()
        .map(|(share, watts)| (x.at(*share), y.at(*watts)))
        .collect();
    let at = |share: f64| {
        points
            .iter()
            .find(|point| point.0 >= share)
            .map(|point| axis.value(point.1, &locale))
    };
    let sentence = match (at(0.1), at(0.5)) {
        (Some(tenth), Some(half)) => text.curve_sentence(&tenth, &half),
        _ => text.no_data().to_owned(),
    };
    rsx! {
        figure { class: "chart", id: "{id}", role: "group", "aria-labelledby": "{id}-title", "data-testid": "{id}",
            figcaption {
                div { class: "grow",
                    h3 { id: "{id}-title", "{title}" }
                    p { class: "chart-summary", "{sentence}" }
                }
            }
            div { class: "plot",
                onresize: move |event| {
                    let measured = event.data().get_content_box_size().map_or(0.0, |size| size.width);
                    if measured > 0.0 && (measured - width()).abs() >= 1.0 { width.set(measured); }
                },
                svg { width: "{width:.0}", height: "{HEIGHT}", view_box: "0 0 {width:.0} {HEIGHT}", "aria-hidden": "true",
                    for (value, label) in ticks.values.iter().zip(labels) {
                        line { class: "gridline", x1: "{LEFT}", x2: "{width() - RIGHT:.0}", y1: "{y.at(*value):.0}", y2: "{y.at(*value):.0}" }
                        text { x: "{LEFT - 6.0}", y: "{y.at(*value) + 4.0:.0}", text_anchor: "end", "{label}" }
                    }
                    text { x: "{LEFT - 6.0}", y: "10", text_anchor: "end", "{axis.unit}" }
                    g { class: "home",
                        path { class: "fill", d: path::area(&marks, y.at(0.0)) }
                        path { class: "line", d: path::line(&marks) }
                    }
                    for share in [0.25, 0.5, 0.75] {
                        text { x: "{x.at(share):.1}", y: "{HEIGHT - 6.0}", text_anchor: "middle", {fmt::share(share, &locale)} }
                    }
                }
            }
        }
    }
}
