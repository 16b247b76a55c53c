//! The dialog in which a device sends its first reading.

use dioxus::prelude::*;
use voltaire_proto::telemetry::v1::Device;

use super::first_reading::FirstReading;
use crate::{parts::Dialog, state::use_app};

/// Helps a device to its first reading.
#[component]
pub(super) fn Connect(device: Device, onclose: EventHandler<()>) -> Element {
    let text = use_app().text();
    rsx! {
        Dialog { id: "connect", title: text.connect_title(&device.name), onclose,
            div { class: "form",
                FirstReading { device }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", "data-testid": "finish", onclick: move |_| onclose.call(()), {text.finish()} }
                }
            }
        }
    }
}
