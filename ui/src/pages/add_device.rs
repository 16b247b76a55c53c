//! Making a device: the form, and the dialog around it.

use dioxus::prelude::*;
use voltaire_proto::telemetry::v1::{Device, Flow};

use crate::{
    api::{self, Failure},
    browser,
    load::{Catalog, use_catalog},
    parts::{Dialog, Field, Writes},
    state::use_app,
};

/// The form in a dialog.
#[component]
pub(super) fn AddDevice(onclose: EventHandler<()>, onadded: EventHandler<Device>) -> Element {
    let text = use_app().text();
    rsx! {
        Dialog { id: "add-device", title: text.add_device(), onclose, Writes { DeviceForm { onadded, oncancel: onclose } } }
    }
}

/// Asks for name, kind and room of a new device, and makes it.
#[component]
pub(super) fn DeviceForm(onadded: EventHandler<Device>, oncancel: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let mut name = use_signal(String::new);
    let mut room = use_signal(String::new);
    let mut kind = use_signal(|| 0);
    let mut failure = use_signal(|| None::<Failure>);
    let mut missing = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let kinds = catalog.clone();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let device = Device {
            home_id: app.home_id_now(),
            name: name.peek().trim().to_owned(),
            room: room.peek().trim().to_owned(),
            device_type_id: *kind.peek(),
            flow: flow(&kinds, *kind.peek()).into(),
            ..Device::default()
        };
        async move {
            missing.set(device.name.is_empty());
            if device.name.is_empty() || busy() {
                return browser::focus("device-name");
            }
            busy.set(true);
            match api::create_device(device).await {
                Ok(device) => onadded.call(device),
                Err(problem) => failure.set(Some(problem)),
            }
            busy.set(false);
        }
    };
    let rooms: Vec<String> = {
        let mut rooms: Vec<String> = Vec::new();
        for room in catalog
            .devices
            .iter()
            .map(|device| &device.room)
            .filter(|room| !room.is_empty())
        {
            let place = rooms.partition_point(|known| known < room);
            if rooms.get(place) != Some(room) {
                rooms.insert(place, room.clone());
            }
        }
        rooms
    };
    let wrong_name = match failure() {
        _ if missing() => text.required(text.device_name()),
        Some(failure) => text.failure(&failure),
        None => String::new(),
    };
    let invalid = !wrong_name.is_empty();
    rsx! {
        form { class: "form", onsubmit: submit, novalidate: true,
            Field { id: "device-name", label: text.device_name(), problem: wrong_name,
                input { class: "input", id: "device-name", autofocus: true, maxlength: "80", autocomplete: "off", "aria-invalid": if invalid { "true" },
                    value: "{name}", oninput: move |event| name.set(event.value()) }
            }
            div { class: "two",
                Field { id: "device-type", label: text.device_type(),
                    select { class: "input", id: "device-type", onchange: move |event| kind.set(event.value().parse().unwrap_or(0)),
                        option { value: "0", selected: kind() == 0, {text.other()} }
                        for kind_of in catalog.types.iter().filter(|kind_of| kind_of.key != "other") {
                            option { value: "{kind_of.device_type_id}", selected: kind() == kind_of.device_type_id, {text.kind_name(&kind_of.key, &kind_of.name)} }
                        }
                    }
                }
                Field { id: "device-room", label: text.room(), hint: text.room_hint(),
                    input { class: "input", id: "device-room", maxlength: "60", list: "rooms", autocomplete: "off",
                        value: "{room}", oninput: move |event| room.set(event.value()) }
                    datalist { id: "rooms",
                        for room in rooms { option { value: "{room}" } }
                    }
                }
            }
            div { class: "dialog-foot",
                button { class: "btn", r#type: "button", onclick: move |_| oncancel.call(()), {text.cancel()} }
                button { class: "btn primary", r#type: "submit", "data-testid": "create-device", "aria-disabled": if busy() { "true" } else { "false" },
                    if busy() { {text.adding()} } else { {text.add()} }
                }
            }
        }
    }
}

/// Which way the energy of a kind of device goes.
fn flow(catalog: &Catalog, kind: i32) -> Flow {
    let kind = catalog.types.iter().find(|known| known.device_type_id == kind);
    match kind.map(|kind| kind.category.as_str()) {
        Some("grid") => Flow::Grid,
        Some("solar") => Flow::Production,
        Some("battery") => Flow::Storage,
        _ => Flow::Consumption,
    }
}
