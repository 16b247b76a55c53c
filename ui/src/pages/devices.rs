//! The devices of the home: what each does now, what it used, when it was last heard.

use std::collections::BTreeMap;

use dioxus::prelude::*;
use prost_types::Duration;
use voltaire_chart::{Quantity, color, fmt, fresh::Freshness};
use voltaire_proto::telemetry::v1::{
    CalendarPeriod, CalendarUnit, Device, Period, SummarizeRequest, SummarizeResponse, period::Kind, scope,
};

use super::{add_device::AddDevice, connect::Connect, no_devices::NoDevices};
use crate::{
    api,
    app::Route,
    icon::Icon,
    load::{Load, use_catalog, use_load},
    parts::{Figure, Page, Problem, Skeleton},
    state::{App, use_app},
};

/// Energy per device, Wh, by device id.
type Energies = BTreeMap<String, f64>;

/// An energy in the table, Wh; none where nothing was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Loading,
    Known(Option<f64>),
}

/// The list of devices; `add` opens the dialog.
#[component]
pub(crate) fn Devices(add: String) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let navigator = use_navigator();
    let mut connecting = use_signal(|| None::<Device>);
    let count = catalog.data().map(|catalog| catalog.devices.len());
    let state = if count == Some(0) { "empty" } else { catalog.state() };
    rsx! {
        Page { name: "devices", title: text.devices(), state,
            tools: rsx! {
                div { class: "row",
                    if let Some(count) = count.filter(|count| *count > 0) {
                        span { class: "muted", {text.device_count(count)} }
                    }
                    button { class: "btn primary", r#type: "button", "data-testid": "add-device",
                        onclick: move |_| { navigator.push(Route::Devices { add: "1".to_owned() }); },
                        Icon { name: "plus", small: true }
                        {text.add_device()}
                    }
                }
            },
            if let Some(failure) = catalog.failure() {
                Problem { failure, onretry: move |()| catalog.reload() }
            }
            match count {
                Some(0) => rsx! {
                    NoDevices {}
                },
                Some(_) => rsx! { Table { onconnect: move |device| connecting.set(Some(device)) } },
                None if catalog.failure().is_none() => rsx! {
                    div { class: "card", for row in 0..5 { Skeleton { key: "{row}", shape: "sk-row" } } }
                },
                None => rsx! {},
            }
            if !add.is_empty() {
                AddDevice {
                    onclose: move |()| { navigator.replace(Route::devices()); },
                    onadded: move |device| {
                        catalog.reload();
                        navigator.replace(Route::devices());
                        connecting.set(Some(device));
                    },
                }
            }
            if let Some(device) = connecting() {
                Connect { device, onclose: move |()| connecting.set(None) }
            }
        }
    }
}

fn energies(answer: SummarizeResponse) -> Energies {
    let of_device = |kind: Option<scope::Kind>| match kind {
        Some(scope::Kind::DeviceId(id)) => Some(id),
        _ => None,
    };
    let measured = answer.devices.into_iter().filter(|total| total.coverage > 0.0);
    measured
        .filter_map(|total| Some((of_device(total.scope?.kind)?, total.energy_wh)))
        .collect()
}

fn request(app: App, kind: Kind) -> SummarizeRequest {
    SummarizeRequest {
        home_id: app.home_id(),
        period: Some(Period { kind: Some(kind) }),
        scope: Some(api::whole_home()),
        per_device: true,
        compare_to: None,
    }
}

#[component]
fn Table(onconnect: EventHandler<Device>) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let used = |kind: fn() -> Kind| {
        use_load(move || {
            let asked = request(app, kind());
            async move { api::summary(asked).await.map(energies) }
        })
    };
    let day = used(|| {
        Kind::Calendar(CalendarPeriod {
            unit: CalendarUnit::Day.into(),
            back: 0,
        })
    });
    let month = used(|| {
        Kind::Last(Duration {
            seconds: 30 * 86_400,
            nanos: 0,
        })
    });
    let of = |load: Load<Energies>, device: &Device| match load.data() {
        Some(energies) => Cell::Known(energies.get(&device.device_id).copied()),
        None if load.failure().is_some() => Cell::Known(None),
        None => Cell::Loading,
    };
    rsx! {
        for load in [day, month] {
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
        }
        div { class: "card flush",
            table { class: "table device-table", "data-testid": "device-table",
                thead {
                    tr {
                        th { scope: "col", {text.device_name()} }
                        th { scope: "col", class: "wide-only", {text.room()} }
                        th { scope: "col", class: "num", {text.now_column()} }
                        th { scope: "col", class: "num wide-only", {text.today()} }
                        th { scope: "col", class: "num wide-only", {text.last_30_days()} }
                        th { scope: "col", class: "medium-only", {text.last_seen()} }
                        th { scope: "col", span { class: "visually-hidden", {text.actions()} } }
                    }
                }
                tbody {
                    for device in catalog.devices.iter().cloned() {
                        Row {
                            key: "{device.device_id}",
                            icon: catalog.icon(&device),
                            kind: catalog.kind(&device).map(|kind| text.kind_name(&kind.key, &kind.name)).unwrap_or_default(),
                            today: of(day, &device),
                            month: of(month, &device),
                            device,
                            onconnect,
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Row(
    device: Device,
    icon: String,
    kind: String,
    today: Cell,
    month: Cell,
    onconnect: EventHandler<Device>,
) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let now = (app.now)();
    let (fresh, last) = {
        let live = app.live.read();
        (
            live.device(&device.device_id, now),
            live.latest.get(&device.device_id).cloned(),
        )
    };
    let power = match (fresh, &last) {
        (Freshness::Live(_), Some(last)) => fmt::power(last.watts, &locale),
        _ => Quantity::missing(),
    };
    let energy = |wh: Option<f64>| wh.map_or_else(Quantity::missing, |wh| fmt::energy(wh, &locale));
    let heard = last.map_or_else(|| text.never().to_owned(), |last| fmt::age(now - last.at, &locale));
    let note = match fresh {
        Freshness::Live(_) => kind,
        Freshness::Stale(age) => text.last_reading(&fmt::age(age, &locale)),
        _ => text.no_readings_yet().to_owned(),
    };
    let class = color::class(device.color_slot);
    let name = device.name.clone();
    let label = format!("{}: {name}", text.connect());
    rsx! {
        tr { "data-testid": "device", "data-device": "{device.device_id}", "data-state": fresh.name(),
            td {
                div { class: "device-name",
                    span { class: "tile {class}", Icon { name: icon } }
                    span {
                        p { Link { class: "row-link", to: Route::device(&device.device_id), "{name}" } }
                        p { class: "hint", "{note}" }
                    }
                }
            }
            td { class: "wide-only muted", "{device.room}" }
            td { class: "num", Figure { value: power } }
            for cell in [today, month] {
                td { class: "num wide-only",
                    match cell {
                        Cell::Loading => rsx! { Skeleton { shape: "sk-cell" } },
                        Cell::Known(wh) => rsx! { Figure { value: energy(wh) } },
                    }
                }
            }
            td { class: "medium-only",
                span { class: "state {fresh.name()}",
                    Icon { name: if matches!(fresh, Freshness::Live(_)) { "check" } else { "clock" }, small: true }
                    "{heard}"
                }
            }
            td { class: "num",
                button { class: "btn small", r#type: "button", "aria-label": "{label}", onclick: move |_| onconnect.call(device.clone()),
                    Icon { name: "plug-zap", small: true }
                    span { class: "medium-only", {text.connect()} }
                }
            }
        }
    }
}
