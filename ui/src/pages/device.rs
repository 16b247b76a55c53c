//! One device: its power over a range, its figures, its runs, when it uses how much, and how good its data are.

use dioxus::prelude::*;
use prost_types::Duration;
use voltaire_chart::{Axis, Quantity, Window, color, fmt, fresh::Freshness};
use voltaire_proto::telemetry::v1::{
    self as pb, Metric, Period, QuerySeriesRequest, QuerySeriesResponse, Step, period::Kind, step,
};

use super::{
    device_figures::{DeviceFigures, Profile, Runs},
    device_quality::{Corrections, Latest, Quality},
};
use crate::{
    api,
    app::Route,
    chart::{Drawing, Frame, Series, Setting, TimeChart},
    dock::AskAbout,
    icon::Icon,
    load::{use_catalog, use_load},
    parts::{Empty, Figure, Page, Problem, Segments, Skeleton},
    state::use_app,
};

/// The ranges to choose from: the word in the address, and their length in seconds.
const RANGES: [(&str, i64); 4] = [("1h", 3600), ("24h", 86_400), ("7d", 604_800), ("30d", 2_592_000)];

/// The page of the device `id`; `z` is one of the ranges, or two instants as seconds UTC joined by `~`.
#[component]
pub(crate) fn Device(id: String, z: String) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let device = catalog.data().and_then(|catalog| catalog.device(&id).cloned());
    let title = device
        .as_ref()
        .map_or_else(|| text.device().to_owned(), |device| device.name.clone());
    let state = match (&device, catalog.data()) {
        (Some(_), _) => "ready",
        (None, Some(_)) => "empty",
        (None, None) => catalog.state(),
    };
    rsx! {
        Page { name: "device", title, state,
            tools: rsx! {
                if let Some(device) = &device { AskAbout { question: text.ask_about_device(&device.name) } }
                Link { class: "back", to: Route::devices(), Icon { name: "chevron-left", small: true } {text.devices()} }
            },
            if let Some(failure) = catalog.failure() {
                Problem { failure, onretry: move |()| catalog.reload() }
            }
            match device {
                Some(device) => rsx! { Known { key: "{device.device_id}", device, z } },
                None if state == "empty" => rsx! {
                    div { class: "card",
                        Empty { icon: "plug", title: text.no_such_device(), text: text.no_such_device_text(),
                            Link { class: "btn primary", to: Route::devices(), {text.devices()} }
                        }
                    }
                },
                None => rsx! { div { class: "card", Skeleton { shape: "sk-plot" } } },
            }
        }
    }
}

#[component]
fn Known(device: pb::Device, z: String) -> Element {
    let id = device.device_id.clone();
    rsx! {
        Head { device: device.clone() }
        div { class: "card", PowerChart { device: device.clone(), z } }
        DeviceFigures { id: id.clone() }
        div { class: "pair",
            Runs { id: id.clone() }
            div { class: "column",
                Quality { id: id.clone() }
                Corrections { id: id.clone() }
                Latest { id: id.clone() }
            }
        }
        Profile { id }
    }
}

/// Icon, kind, room, power now with its age.
#[component]
fn Head(device: pb::Device) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let now = (app.now)();
    let catalog = use_catalog().data().unwrap_or_default();
    let (fresh, last) = {
        let live = app.live.read();
        (
            live.device(&device.device_id, now),
            live.latest.get(&device.device_id).cloned(),
        )
    };
    let value = match (fresh, &last) {
        (Freshness::Live(_), Some(last)) => fmt::power(last.watts, &locale),
        _ => Quantity::missing(),
    };
    let kind = catalog
        .kind(&device)
        .map(|kind| text.kind_name(&kind.key, &kind.name))
        .unwrap_or_default();
    let place = [kind, device.room.clone()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let note = match (fresh, last) {
        (Freshness::Live(_), Some(last)) => text.measured(&fmt::age(now - last.at, &locale)),
        (Freshness::Stale(age), _) => text.last_reading(&fmt::age(age, &locale)),
        _ => text.no_readings_yet().to_owned(),
    };
    rsx! {
        div { class: "device-title", "data-testid": "device-head", "data-state": fresh.name(),
            span { class: "tile {color::class(device.color_slot)}", Icon { name: catalog.icon(&device) } }
            div { class: "grow",
                Figure { value, class: "stat", testid: "device-power" }
                p { class: "hint", "{place}" }
                p { class: "hint", "data-testid": "device-age", "{note}" }
            }
        }
    }
}

/// The power over the chosen range, with what was lowest and highest in each step.
#[component]
fn PowerChart(device: pb::Device, z: String) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let id = device.device_id.clone();
    let mut wanted = use_signal(|| z.clone());
    if *wanted.peek() != z {
        wanted.set(z.clone());
    }
    let minute = use_memo(move || (app.now)() / 60_000);
    let asked = id.clone();
    let load = use_load(move || {
        let period = period(&wanted());
        let _ = minute();
        api::series(QuerySeriesRequest {
            home_id: app.home_id(),
            period: Some(period),
            step: Some(Step {
                kind: Some(step::Kind::Columns(240)),
            }),
            scopes: vec![api::one_device(&asked)],
            metrics: [Metric::PowerAverage, Metric::PowerMin, Metric::PowerMax]
                .map(i32::from)
                .to_vec(),
        })
    });
    let options = RANGES.iter().map(|(key, _)| (*key, (*key).to_owned())).collect();
    let value = if z.is_empty() { "24h".to_owned() } else { z };
    rsx! {
        div { class: "stack", "data-testid": "device-power-card", "data-state": load.state(),
            Segments { label: text.range_of(), options, value, testid: "device-range",
                onpick: { let id = id.clone(); move |key: &str| { navigator.push(Route::Device { id: id.clone(), z: key.to_owned() }); } }
            }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            match load.data() {
                Some(answer) => rsx! {
                    Drawn { device, answer,
                        onzoom: { let id = id.clone(); move |window: Option<Window>| {
                            let z = window.map(|window| format!("{}~{}", window.start / 1000, window.end / 1000));
                            navigator.push(Route::Device { id: id.clone(), z: z.unwrap_or_default() });
                        } }
                    }
                },
                None => rsx! { Skeleton { shape: "sk-plot" } },
            }
        }
    }
}

#[component]
fn Drawn(device: pb::Device, answer: QuerySeriesResponse, onzoom: EventHandler<Option<Window>>) -> Element {
    let app = use_app();
    let text = app.text();
    let boundaries: Vec<i64> = answer.boundaries.iter().map(api::millis).collect();
    let values = |metric: Metric| {
        let one = answer.series.iter().find(|series| series.metric() == metric);
        one.map(|series| series.values.clone()).unwrap_or_default()
    };
    let band = (values(Metric::PowerMin), values(Metric::PowerMax));
    let known = band.0.iter().chain(&band.1).filter(|value| value.is_finite());
    let setting = Setting {
        zone: app.zone(),
        locale: app.locale(),
        axis: Axis::power(known.fold(0.0f64, |largest, value| largest.max(value.abs()))),
    };
    let range = boundaries.first().zip(boundaries.last());
    let range = range
        .map(|(start, end)| fmt::range(*start, *end, &setting.zone, &setting.locale))
        .unwrap_or_default();
    let series = vec![Series {
        label: device.name.clone(),
        class: color::class(device.color_slot),
        values: values(Metric::PowerAverage),
    }];
    let frame = Frame::over_time(boundaries, series, *app.now.peek(), &setting);
    rsx! {
        TimeChart { id: "device-chart", title: text.device_chart(&range), frame, setting, drawing: Drawing::Lines, band, onzoom }
    }
}

/// The period that a word of the address means; anything that means none is a day.
fn period(z: &str) -> Period {
    let exact = z.split_once('~').and_then(|(start, end)| {
        let (start, end) = (start.parse::<i64>().ok()?, end.parse::<i64>().ok()?);
        let window = Window::between(start.checked_mul(1000)?, end.checked_mul(1000)?);
        Some(api::period(window.start, window.end))
    });
    exact.unwrap_or_else(|| {
        let known = RANGES.iter().find(|(key, _)| *key == z);
        last(known.map_or(86_400, |(_, seconds)| *seconds))
    })
}

/// The last so many seconds.
pub(super) fn last(seconds: i64) -> Period {
    Period {
        kind: Some(Kind::Last(Duration { seconds, nanos: 0 })),
    }
}
