//! Weekdays by hours as a table of tinted fields: it reads as a table because it is one.

use dioxus::prelude::*;
use jiff_bare::civil::Date;
use voltaire_chart::{Axis, day, fmt, heat::Heat};

use crate::state::use_app;

/// A day that is a Monday.
const MONDAY: Date = Date::constant(2024, 1, 1);

/// Mean power by weekday and hour; `fields` are weekday 1 to 7, hour, W.
#[component]
pub(crate) fn HeatMap(id: String, title: String, fields: Vec<(u32, u32, f64)>) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let heat = Heat::new(&fields, app.week_start());
    let name = |row: usize| {
        let weekday = heat.weekdays.get(row).copied().unwrap_or(1);
        fmt::weekday(day::plus(MONDAY, i32::from(weekday) - 1), &locale)
    };
    let peak = heat.peak();
    let axis = Axis::power(peak.map_or(0.0, |peak| peak.2));
    let sentence = match peak {
        Some((row, hour, watts)) => text.heat_peak(name(row), hour, &axis.value(watts, &locale)),
        None => text.no_data().to_owned(),
    };
    let rows = heat.values.iter().enumerate().map(|(row, hours)| {
        let fields = hours.iter().map(|value| {
            let level = heat.level(*value).map_or("none".to_owned(), |level| level.to_string());
            (level, axis.value(*value, &locale))
        });
        (name(row), fields.collect::<Vec<_>>())
    });
    rsx! {
        figure { class: "chart", id: "{id}", role: "group", "aria-labelledby": "{id}-title", "data-testid": "{id}",
            figcaption {
                div { class: "grow",
                    h3 { id: "{id}-title", "{title}" }
                    p { class: "chart-summary", "{sentence}" }
                }
            }
            div { class: "table-scroll", tabindex: "0", role: "group", "aria-labelledby": "{id}-title",
                table { class: "heat",
                    thead {
                        tr {
                            th { span { class: "visually-hidden", {text.time()} } }
                            for hour in 0..24 {
                                th { scope: "col", if hour % 3 == 0 { "{hour}" } else { span { class: "visually-hidden", "{hour}" } } }
                            }
                        }
                    }
                    tbody {
                        for (name, fields) in rows {
                            tr { key: "{name}",
                                th { scope: "row", "{name}" }
                                for (level, value) in fields {
                                    td { class: "h{level}", title: "{value}", span { class: "visually-hidden", "{value}" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
