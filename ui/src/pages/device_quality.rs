//! How good a device's data are, what was corrected, and its latest readings as they came.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::telemetry::v1::{
    Correction, DataQuality, GetDataQualityRequest, ListCorrectionsRequest, ListReadingsRequest, UndoCorrectionRequest,
};

use super::{device::last, usage_data::bounds};
use crate::{
    api::{self, Failure},
    load::use_load,
    parts::{Problem, Skeleton, Writes},
    state::use_app,
};

const GAPS: i32 = 5;

/// Coverage, readings, gaps.
#[component]
pub(super) fn Quality(id: String) -> Element {
    let app = use_app();
    let text = app.text();
    let load = use_load(move || {
        let request = GetDataQualityRequest {
            home_id: app.home_id(),
            period: Some(last(30 * 86_400)),
            scope: Some(api::one_device(&id)),
            gap_limit: GAPS,
        };
        async move {
            Ok(api::figures(request)
                .await?
                .devices
                .into_iter()
                .next()
                .unwrap_or_default())
        }
    });
    rsx! {
        section { class: "card stack", "data-testid": "device-quality", "data-state": load.state(),
            h2 { {text.quality()} }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            match load.data() {
                Some(quality) => rsx! { QualityFigures { quality } },
                None => rsx! { Skeleton {} },
            }
        }
    }
}

#[component]
fn QualityFigures(quality: DataQuality) -> Element {
    let app = use_app();
    let text = app.text();
    let (zone, locale) = (app.zone(), app.locale());
    let apart = quality.sampling_interval.map_or_else(
        || fmt::MISSING.to_owned(),
        |apart| fmt::duration(apart.seconds as f64 + f64::from(apart.nanos) / 1e9, &locale),
    );
    let count = |count: u64| fmt::fixed(count as f64, 0, &locale);
    let facts = [
        (text.covered(), fmt::share(quality.coverage, &locale)),
        (text.readings(), count(quality.reading_count)),
        (text.apart(), apart),
        (text.rejected(), count(quality.rejected_count)),
    ];
    let gaps: Vec<(i64, i64)> = quality.gaps.iter().filter_map(bounds).collect();
    let more = quality.gap_count.saturating_sub(gaps.len() as u64);
    let now = *app.now.peek();
    rsx! {
        table { class: "table",
            caption { class: "visually-hidden", {text.quality()} }
            tbody {
                for (name, value) in facts {
                    tr { key: "{name}", th { scope: "row", "{name}" } td { class: "num", "{value}" } }
                }
            }
        }
        if gaps.is_empty() {
            p { class: "muted", {text.no_gaps()} }
        } else {
            h3 { {text.gaps()} }
            ul { class: "stack",
                for (start, end) in gaps {
                    li { key: "{start}", class: "row between",
                        span { {fmt::date_time(start, now, &zone, &locale)} }
                        span { class: "muted", {fmt::duration((end - start) as f64 / 1000.0, &locale)} }
                    }
                }
                if more > 0 {
                    li { class: "hint", {text.more_gaps(more)} }
                }
            }
        }
    }
}

/// Corrections of the device's readings, each of which can be undone.
#[component]
pub(super) fn Corrections(id: String) -> Element {
    let app = use_app();
    let text = app.text();
    let load = use_load(move || {
        let request = ListCorrectionsRequest {
            device_id: id.clone(),
            show_undone: true,
        };
        async move { Ok(api::figures(request).await?.corrections) }
    });
    let mut failed = use_signal(|| None::<Failure>);
    let undo = move |correction_id: String| {
        spawn(async move {
            match api::figures(UndoCorrectionRequest { correction_id }).await {
                Ok(_) => load.reload(),
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    let list = load.data();
    let state = if list.as_ref().is_some_and(Vec::is_empty) {
        "empty"
    } else {
        load.state()
    };
    rsx! {
        section { class: "card stack", "data-testid": "device-corrections", "data-state": state,
            h2 { {text.corrections()} }
            if let Some(failure) = load.failure().or_else(|| failed.read().clone()) {
                Problem { failure, onretry: move |()| { failed.set(None); load.reload(); } }
            }
            match list {
                Some(list) if list.is_empty() => rsx! { p { class: "muted", {text.no_corrections()} } },
                Some(list) => rsx! {
                    Writes {
                        ul { class: "stack",
                            for correction in list {
                                CorrectionRow { key: "{correction.correction_id}", correction, onundo: undo }
                            }
                        }
                    }
                },
                None => rsx! { Skeleton {} },
            }
        }
    }
}

#[component]
fn CorrectionRow(correction: Correction, onundo: EventHandler<String>) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let when = correction.interval.as_ref().and_then(bounds);
    let when = when
        .map(|(start, end)| fmt::range(start, end, &app.zone(), &locale))
        .unwrap_or_default();
    let what = correction.estimate_watts.map_or_else(
        || text.left_out().to_owned(),
        |watts| format!("{}: {}", text.estimated(), fmt::power(watts, &locale)),
    );
    let id = correction.correction_id.clone();
    rsx! {
        li { class: "row between",
            div { class: "grow",
                p { "{when}" }
                p { class: "hint", "{what} · {correction.reason}" }
            }
            if correction.undo_time.is_some() {
                span { class: "hint", {text.undone()} }
            } else {
                button { class: "btn small", r#type: "button", onclick: move |_| onundo.call(id.clone()), {text.undo()} }
            }
        }
    }
}

/// The readings of the last minutes, as they came; loaded when it is opened.
#[component]
pub(super) fn Latest(id: String) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let load = use_load(move || {
        let request = ListReadingsRequest {
            device_id: id.clone(),
            period: Some(last(600)),
            page_size: 1000,
            page_token: String::new(),
        };
        async move { Ok(api::figures(request).await?.readings) }
    });
    let rows: Vec<(i64, f64)> = load
        .data()
        .unwrap_or_default()
        .iter()
        .rev()
        .filter_map(|reading| Some((api::millis(reading.timestamp.as_ref()?), reading.power_watts)))
        .take(60)
        .collect();
    rsx! {
        section { class: "card stack", "data-testid": "device-readings", "data-state": load.state(),
            div { class: "row between",
                h2 { {text.latest_readings()} }
                button { class: "btn small", r#type: "button", onclick: move |_| load.reload(), {text.refresh()} }
            }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            if load.data().is_some() && rows.is_empty() {
                p { class: "muted", {text.no_readings_yet()} }
            }
            div { class: "table-scroll short", tabindex: "0", role: "group", "aria-label": text.latest_readings(),
                table { class: "table",
                    tbody {
                        for (at, watts) in rows {
                            tr { key: "{at}",
                                th { scope: "row", {fmt::clock_seconds(at, &app.zone(), &locale)} }
                                td { class: "num", {fmt::power(watts, &locale).to_string()} }
                            }
                        }
                    }
                }
            }
        }
    }
}
