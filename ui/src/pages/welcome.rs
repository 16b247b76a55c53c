//! The first minutes: a home, where its readings come from, the first one as it arrives, the first question.

use dioxus::prelude::*;
use voltaire_chart::{Quantity, fmt, fresh::Freshness};
use voltaire_proto::telemetry::v1::Device;

use super::{
    add_device::DeviceForm,
    first_reading::{FirstReading, use_arrived},
    load_demo::{LoadDemo, use_demo},
};
use crate::{
    app::Route,
    chat,
    icon::Icon,
    load::use_catalog,
    parts::{Figure, Page, Skeleton},
    state::use_app,
};

/// Where one is, in the address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Choosing where readings come from.
    Source,
    /// Naming a device.
    Device,
    /// Waiting for live power.
    Live,
}

impl Stage {
    fn of(step: &str) -> Self {
        match step {
            "device" => Self::Device,
            "live" => Self::Live,
            _ => Self::Source,
        }
    }

    /// Its place among the steps; the account is the first.
    const fn number(self) -> usize {
        match self {
            Self::Source | Self::Device => 2,
            Self::Live => 3,
        }
    }
}

/// The way to the first question; `step` and `device` say how far one is.
#[component]
pub(crate) fn Welcome(step: String, device: String) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let navigator = use_navigator();
    let stage = Stage::of(&step);
    let title = match stage {
        Stage::Source => text.welcome_title(),
        Stage::Device => text.first_device_title(),
        Stage::Live => text.first_power_title(),
    };
    let state = match stage {
        Stage::Source => "source",
        Stage::Device => "device",
        Stage::Live => "live",
    };
    rsx! {
        Page { name: "first-steps", title, state,
            tools: rsx! {
                Link { class: "btn quiet", to: Route::Now {}, "data-testid": "skip-welcome", {text.skip_setup()} }
            },
            Progress { at: stage.number() }
            match stage {
                Stage::Source => rsx! { Source {} },
                Stage::Device => rsx! {
                    div { class: "card narrow",
                        DeviceForm {
                            onadded: move |device: Device| {
                                catalog.reload();
                                navigator.push(Route::welcome("live", &device.device_id));
                            },
                            oncancel: move |()| { navigator.push(Route::welcome("", "")); },
                        }
                    }
                },
                Stage::Live if device.is_empty() => rsx! { DemoLive {} },
                Stage::Live => rsx! { DeviceLive { key: "{device}", id: device } },
            }
        }
    }
}

/// The steps, and which one it is.
#[component]
fn Progress(at: usize) -> Element {
    let text = use_app().text();
    let steps = [
        text.step_account(),
        text.step_readings(),
        text.step_live(),
        text.step_ask(),
    ];
    rsx! {
        ol { class: "steps", "aria-label": text.step_of(at, steps.len()), "data-testid": "steps",
            for (index, name) in steps.into_iter().enumerate() {
                li { key: "{name}", class: if index + 1 < at { "past" } else { "" }, "aria-current": if index + 1 == at { "step" },
                    span { class: "step-mark", "aria-hidden": "true",
                        if index + 1 < at { Icon { name: "check", small: true } } else { "{index + 1}" }
                    }
                    span { {name} }
                }
            }
        }
    }
}

/// Demo home, where the server has one, or a device of one's own.
#[component]
fn Source() -> Element {
    let demo = use_demo();
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let home = app.home.read().as_ref().map(|home| home.pb.clone()).unwrap_or_default();
    rsx! {
        p { class: "muted", {text.welcome_text()} }
        div { class: "figures",
            match demo {
                None => rsx! { div { class: "card", Skeleton { shape: "sk-stat" } } },
                Some(true) => rsx! {
                    section { class: "card form", "aria-labelledby": "demo-choice",
                        h2 { class: "row", id: "demo-choice", Icon { name: "house" } {text.demo_choice()} }
                        p { class: "muted grow", {text.demo_choice_text()} }
                        div { class: "row wrap",
                            LoadDemo { primary: true, onloaded: move |()| { navigator.push(Route::welcome("live", "")); } }
                        }
                    }
                },
                Some(false) => rsx! {},
            }
            section { class: "card form", "aria-labelledby": "device-choice",
                h2 { class: "row", id: "device-choice", Icon { name: "plug-zap" } {text.device_choice()} }
                p { class: "muted grow", {text.device_choice_text()} }
                div { class: "row wrap",
                    Link { class: if demo == Some(false) { "btn primary" } else { "btn" }, to: Route::welcome("device", ""), "data-testid": "choose-device",
                        {text.add_device()}
                    }
                }
            }
        }
        p { class: "hint", "data-testid": "home-defaults",
            {text.home_defaults(&home.time_zone, &home.currency_code)}
            " "
            Link { to: Route::settings(""), {text.change_in_settings()} }
        }
    }
}

/// The commands of a new device, its first reading, and then what to ask.
#[component]
fn DeviceLive(id: String) -> Element {
    let text = use_app().text();
    let catalog = use_catalog();
    let device = catalog.data().and_then(|catalog| catalog.device(&id).cloned());
    let arrived = use_arrived(&id).is_some();
    let Some(device) = device else {
        if catalog.busy() {
            return rsx! { div { class: "card narrow", Skeleton { shape: "sk-plot" } } };
        }
        return rsx! {
            p { class: "note", Icon { name: "info" } span { class: "grow", {text.no_such_device_text()} } }
            p { Link { to: Route::welcome("", ""), {text.back()} } }
        };
    };
    rsx! {
        section { class: "card form wide-form", "aria-labelledby": "send-title",
            h2 { id: "send-title", {text.connect_title(&device.name)} }
            FirstReading { device, at_once: true }
        }
        if arrived { FirstQuestions {} }
    }
}

/// The demo home's power as it comes in, and what to ask.
#[component]
fn DemoLive() -> Element {
    let app = use_app();
    let text = app.text();
    let (power, fresh) = {
        let live = app.live.read();
        (live.power, live.freshness((app.now)()))
    };
    let live = matches!(fresh, Freshness::Live(_));
    let look = if live { "hero" } else { "hero old" };
    let value = power.map_or_else(Quantity::missing, |watts| fmt::power(watts, &app.locale()));
    rsx! {
        section { class: "card", "aria-labelledby": "demo-power", "data-testid": "demo-power", "data-state": fresh.name(),
            h2 { class: "muted", id: "demo-power", {text.power_now()} }
            Figure { value, class: look, testid: "power-now" }
            p { class: "muted", role: "status", {if live { text.demo_arrived() } else { text.waiting_for_live() }} }
        }
        if live { FirstQuestions {} }
    }
}

/// Questions to begin with.
#[component]
fn FirstQuestions() -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    rsx! {
        section { class: "card form wide-form", "aria-labelledby": "first-question", "data-testid": "first-questions",
            h2 { id: "first-question", {text.first_question_title()} }
            p { class: "muted", {text.first_question_text()} }
            div { class: "chips",
                for question in [text.first_1(), text.first_2(), text.first_3()] {
                    button { key: "{question}", class: "btn", r#type: "button", "data-testid": "first-question",
                        onclick: move |_| {
                            app.chat.reset();
                            chat::ask(app, question);
                            navigator.push(Route::ask(""));
                        },
                        {question}
                    }
                }
            }
            p { Link { to: Route::Now {}, "data-testid": "to-now", {text.to_now()} } }
        }
    }
}
