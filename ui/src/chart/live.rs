//! The last minutes of the home's power. It steps once per reading; silence is a gap.

use dioxus::prelude::*;
use voltaire_chart::{Axis, Scale, fmt, fresh::Freshness, path, ring};

use super::{BOTTOM, LEFT, RIGHT, Setting, TOP, table::TableToggle, x_labels};
use crate::{browser, live::WINDOW, state::use_app};

const HEIGHT: f64 = 200.0;
/// The table has a row for each stretch so long, milliseconds.
const ROW: i64 = 10_000;

/// The live chart.
#[component]
pub(crate) fn LiveChart(title: String) -> Element {
    let app = use_app();
    let text = app.text();
    let as_table = use_signal(|| false);
    let mut width = use_signal(|| (browser::width() - 320.0).clamp(280.0, 1100.0));
    let now = (app.now)();
    let (points, fresh) = {
        let live = app.live.read();
        (live.ring.points(&live.past, now - WINDOW), live.freshness(now))
    };
    let largest = points
        .iter()
        .map(|point| point.1)
        .filter(|watts| watts.is_finite())
        .fold((0.0f64, 0.0f64), |(low, high), watts| (low.min(watts), high.max(watts)));
    let setting = Setting {
        zone: app.zone(),
        locale: app.locale(),
        axis: Axis::power(largest.1.max(-largest.0)),
    };
    let (ticks, labels) = setting.axis.ticks(largest.0, largest.1, &setting.locale);
    let x = Scale::time(now - WINDOW, now, (LEFT, width() - RIGHT));
    let y = Scale::new(ticks.domain(), (HEIGHT - BOTTOM, TOP));
    let marks: Vec<path::Point> = points
        .iter()
        .map(|(at, watts)| (x.at(*at as f64), y.at(*watts)))
        .collect();
    let last = marks.last().copied().filter(|(_, at)| at.is_finite());
    // Silence up to now is a gap like any other.
    let silence = last
        .map(|(from, _)| (from, width() - RIGHT - from))
        .filter(|(_, length)| !matches!(fresh, Freshness::Live(_)) && *length > 0.0);
    let rows: Vec<(f64, String)> = ticks
        .values
        .iter()
        .zip(labels)
        .map(|(value, label)| (y.at(*value).round(), label))
        .collect();
    let columns = x_labels(&x, width(), &setting);
    let summary = points.last().map(|(at, watts)| {
        format!(
            "{} {}",
            fmt::clock_seconds(*at, &setting.zone, &setting.locale),
            setting.axis.value(*watts, &setting.locale)
        )
    });
    let unit = setting.axis.unit.clone();
    let base = y.at(0.0);
    let state = if marks.is_empty() { "empty" } else { "ready" };
    rsx! {
        figure { class: "chart", id: "live-chart", role: "group", "aria-labelledby": "live-chart-title", "data-testid": "live-chart", "data-state": state,
            figcaption {
                div { class: "grow",
                    h2 { id: "live-chart-title", "{title}" }
                    p { class: "muted", {summary.unwrap_or_else(|| text.waiting_for_live().to_owned())} }
                }
                div { class: "chart-tools", TableToggle { id: "live-chart", as_table } }
            }
            if as_table() {
                Newest { title, points, setting }
            } else { div { class: "plot",
                onresize: move |event| {
                    let measured = event.data().get_content_box_size().map_or(0.0, |size| size.width);
                    if measured > 0.0 && (measured - width()).abs() >= 1.0 { width.set(measured); }
                },
                svg { width: "{width:.0}", height: "{HEIGHT}", view_box: "0 0 {width:.0} {HEIGHT}", "aria-hidden": "true",
                    for (at, label) in rows {
                        line { class: "gridline", x1: "{LEFT}", x2: "{width() - RIGHT:.0}", y1: "{at}", y2: "{at}" }
                        text { x: "{LEFT - 6.0}", y: "{at + 4.0}", text_anchor: "end", "{label}" }
                    }
                    text { x: "{LEFT - 6.0}", y: "10", text_anchor: "end", "{unit}" }
                    for (from, to) in path::gaps(&marks) {
                        rect { class: "slot", x: "{from:.1}", y: "{TOP}", width: "{to - from:.1}", height: "{HEIGHT - TOP - BOTTOM}" }
                    }
                    if let Some((from, length)) = silence {
                        rect { class: "slot", "data-testid": "silence", x: "{from:.1}", y: "{TOP}", width: "{length:.1}", height: "{HEIGHT - TOP - BOTTOM}" }
                    }
                    g { class: "home",
                        path { class: "fill", d: path::area(&marks, base) }
                        path { class: "line", d: path::line(&marks) }
                        if let Some((cx, cy)) = last {
                            circle { class: "now-dot", cx: "{cx:.1}", cy: "{cy:.1}", r: "5" }
                        }
                    }
                    for (at, label) in columns {
                        text { x: "{at:.1}", y: "{HEIGHT - 6.0}", text_anchor: "middle", "{label}" }
                    }
                }
            } }
        }
    }
}

/// The same as a table, newest first.
#[component]
fn Newest(title: String, points: Vec<(i64, f64)>, setting: Setting) -> Element {
    let text = use_app().text();
    let Setting { zone, locale, axis } = setting;
    rsx! {
        div { class: "table-scroll", tabindex: "0",
            table { class: "table", "data-testid": "live-table",
                caption { "{title}" }
                thead {
                    tr {
                        th { scope: "col", {text.time()} }
                        th { scope: "col", class: "num", "{text.power()}, {axis.unit}" }
                    }
                }
                tbody {
                    for (at, watts) in ring::newest(&points, ROW) {
                        tr { key: "{at}",
                            th { scope: "row", {fmt::clock_seconds(at, &zone, &locale)} }
                            td { class: "num", {axis.number(watts, &locale)} }
                        }
                    }
                }
            }
        }
    }
}
