//! What every page of a home without devices shows: the way to its first readings.

use dioxus::prelude::*;

use super::load_demo::{LoadDemo, use_demo};
use crate::{app::Route, parts::Empty, state::use_app};

/// A card that leads to the first readings.
#[component]
pub(super) fn NoDevices() -> Element {
    let text = use_app().text();
    let demo = use_demo() == Some(true);
    rsx! {
        div { class: "card", "data-testid": "no-devices",
            Empty { icon: "plug-zap", title: text.no_devices(), text: text.no_devices_text(),
                Link { class: "btn primary", to: Route::welcome("device", ""), "data-testid": "add-first-device", {text.add_first_device()} }
                if demo { LoadDemo {} }
            }
        }
    }
}
