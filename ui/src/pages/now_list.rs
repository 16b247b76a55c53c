//! The devices by power, and what none of them explains.

use dioxus::prelude::*;
use voltaire_chart::{
    Quantity,
    balance::{self, Flow, Load},
    bars, color, fmt,
    fresh::Freshness,
};
use voltaire_proto::telemetry::v1::Device;

use crate::{
    app::Route,
    icon::Icon,
    load::{Catalog, use_catalog},
    parts::{Figure, LoadBar, Skeleton},
    state::{App, use_app},
};

/// Rows change places at most this often, milliseconds.
const SETTLE: i64 = 10_000;

/// The list of devices by power now.
#[component]
pub(super) fn DeviceList() -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let slot = use_memo(move || (app.now)() / SETTLE);
    let known = use_memo(move || app.live.read().latest.len());
    let order = use_memo(move || {
        let _ = (slot(), known());
        sorted(app, &catalog.data().unwrap_or_default())
    });
    let mut unfolded = use_signal(|| false);
    let catalog = catalog.data().unwrap_or_default();
    // Without a reading the order is not known, and rows that change places are hard to follow.
    let waiting = use_memo(move || app.live.read().freshness((app.now)()) == Freshness::Waiting);
    if waiting() {
        return rsx! { Waiting { rows: order.read().len() } };
    }
    let devices = order
        .read()
        .iter()
        .filter_map(|id| catalog.device(id).cloned())
        .collect();
    let Folded { own, others, class } = fold(devices);
    let rest = rest(app, &catalog);
    let known = |device: &Device| watts(app, &device.device_id);
    // What is printed as 0 W has no bar.
    let bar = |watts: f64| if watts.abs() < 0.5 { 0.0 } else { watts };
    let more: Option<f64> = others.iter().filter_map(known).reduce(|sum, watts| sum + watts);
    let values: Vec<f64> = (own.iter().map(known).chain([more, rest]))
        .map(|watts| bar(watts.unwrap_or(f64::NAN)))
        .collect();
    let shares = bars::ranked(&values);
    let (more_share, rest_share) = (share_of(&shares, own.len()), share_of(&shares, own.len() + 1));
    let locale = app.locale();
    rsx! {
        section { class: "card flush", "aria-labelledby": "list-title", "data-testid": "device-list",
            div { class: "card-head", h2 { id: "list-title", {text.using_now()} } }
            ul { class: "rows",
                for (device, share) in own.into_iter().zip(shares) {
                    Row { key: "{device.device_id}", icon: catalog.icon(&device), class: color::class(device.color_slot), device, share }
                }
                if !others.is_empty() {
                    li { "data-testid": "row-more",
                        span { class: "tile {class}", Icon { name: "house-plug" } }
                        span { class: "load-name",
                            p { class: "name", {text.more_devices(others.len())} }
                            button { class: "btn link", r#type: "button", "aria-expanded": if unfolded() { "true" } else { "false" }, "data-testid": "unfold",
                                onclick: move |_| unfolded.toggle(),
                                if unfolded() { {text.show_fewer()} } else { {text.show_all()} }
                            }
                        }
                        span { class: "grow {class}", LoadBar { share: more_share } }
                        Figure { value: more.map_or_else(Quantity::missing, |watts| fmt::power(watts, &locale)), class: "value" }
                    }
                    if unfolded() {
                        for device in others {
                            Row { key: "{device.device_id}", icon: catalog.icon(&device), class, device, share: 0.0 }
                        }
                    }
                }
                if let Some(rest) = rest.filter(|rest| *rest >= 5.0) {
                    li { "data-testid": "row-other",
                        span { class: "tile d-other", Icon { name: "house-plug" } }
                        span { class: "load-name",
                            p { class: "name", {text.other()} }
                            p { class: "hint", {text.other_text()} }
                        }
                        span { class: "grow d-other", LoadBar { share: rest_share } }
                        Figure { value: fmt::power(rest, &locale), class: "value" }
                    }
                }
                if let Some(excess) = rest.filter(|rest| -*rest > disagreement(app)) {
                    li { class: "hint", {text.meters_disagree(&fmt::power(-excess, &locale).to_string())} }
                }
            }
        }
    }
}

/// The list before the first readings.
#[component]
fn Waiting(rows: usize) -> Element {
    let text = use_app().text();
    rsx! {
        section { class: "card flush", "aria-labelledby": "list-title", "aria-busy": "true", "data-testid": "device-list", "data-state": "loading",
            div { class: "card-head", h2 { id: "list-title", {text.using_now()} } }
            ul { class: "rows",
                for row in 0..rows.min(12) {
                    li { key: "{row}", class: "waiting", Skeleton {} }
                }
            }
        }
    }
}

fn share_of(shares: &[f64], index: usize) -> f64 {
    shares.get(index).copied().unwrap_or(0.0)
}

/// Devices with a row and a colour of their own, and those beyond the colours there are.
struct Folded {
    own: Vec<Device>,
    others: Vec<Device>,
    /// The colour class of the others.
    class: &'static str,
}

/// Folds devices, most power first. What makes or stores energy is never folded: its power adds up with none that is used.
fn fold(devices: Vec<Device>) -> Folded {
    let uses = |index: &usize| {
        devices
            .get(*index)
            .is_some_and(|it| Catalog::flow(it) == Flow::Consumption)
    };
    let (first, second): (Vec<usize>, Vec<usize>) = (0..devices.len()).partition(|index| !uses(index));
    let order = [first, second].concat();
    let slots: Vec<i32> = order
        .iter()
        .filter_map(|index| Some(devices.get(*index)?.color_slot))
        .collect();
    let (own, class) = color::fold(&slots);
    let kept: Vec<usize> = order
        .into_iter()
        .zip(own)
        .filter_map(|(index, own)| own.then_some(index))
        .collect();
    let (own, others): (Vec<_>, Vec<_>) = devices
        .into_iter()
        .enumerate()
        .partition(|(index, _)| kept.contains(index));
    let [own, others] = [own, others].map(|devices| devices.into_iter().map(|(_, device)| device).collect());
    Folded { own, others, class }
}

/// From where on meters disagree: 5 % of the home's power, at least 20 W.
fn disagreement(app: App) -> f64 {
    (app.live.read().power.unwrap_or(0.0).abs() * 0.05).max(20.0)
}

#[component]
fn Row(device: Device, icon: String, class: &'static str, share: f64) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let now = (app.now)();
    let fresh = app.live.read().device(&device.device_id, now);
    let value = watts(app, &device.device_id).map_or_else(Quantity::missing, |watts| fmt::power(watts, &locale));
    let note = match fresh {
        Freshness::Live(_) => device.room.clone(),
        Freshness::Stale(age) => text.last_reading(&fmt::age(age, &locale)),
        _ => text.no_readings_yet().to_owned(),
    };
    rsx! {
        li { "data-testid": "device-row", "data-device": "{device.device_id}", "data-state": fresh.name(),
            span { class: "tile {class}", Icon { name: icon } }
            span { class: "load-name",
                p { class: "name", Link { class: "row-link", to: Route::device(&device.device_id), "{device.name}" } }
                p { class: "hint name", "{note}" }
            }
            span { class: "grow {class}", LoadBar { share } }
            Figure { value, class: "value" }
        }
    }
}

/// A device's power now, W; `None` when it is stale or was never measured.
fn watts(app: App, id: &str) -> Option<f64> {
    let live = app.live.read();
    match live.device(id, *app.now.peek()) {
        Freshness::Live(_) => live.latest.get(id).map(|last| last.watts),
        _ => None,
    }
}

fn rest(app: App, catalog: &Catalog) -> Option<f64> {
    let load = |device: &Device| Load {
        flow: Catalog::flow(device),
        watts: watts(app, &device.device_id),
        nested: catalog.nested(device),
    };
    let loads: Vec<Load> = catalog.devices.iter().map(load).collect();
    balance::untracked(&loads)
}

/// The ids of all devices but grid meters, most power first; without a fresh value last.
fn sorted(app: App, catalog: &Catalog) -> Vec<String> {
    let live = app.live.peek();
    let now = *app.now.peek();
    let power = |device: &&Device| match live.device(&device.device_id, now) {
        Freshness::Live(_) => live.latest.get(&device.device_id).map_or(f64::NAN, |last| last.watts),
        _ => f64::NAN,
    };
    let listed = |device: &&Device| Catalog::flow(device) != Flow::Grid;
    let devices: Vec<&Device> = catalog.devices.iter().filter(listed).collect();
    let order = bars::most_first(&devices.iter().map(power).collect::<Vec<_>>());
    let ids = order.into_iter().filter_map(|index| devices.get(index));
    ids.map(|device| device.device_id.clone()).collect()
}
