//! The devices of the home: names and rooms, saved when a field is left; removing one with its readings.

use dioxus::prelude::*;
use voltaire_proto::telemetry::v1::{DeleteDeviceRequest, Device, UpdateDeviceRequest};

use super::no_devices::NoDevices;
use crate::{
    act::{ActProblem, Confirm, use_act},
    api,
    icon::Icon,
    load::use_catalog,
    parts::{Problem, Skeleton},
    state::use_app,
};

/// All devices.
#[component]
pub(super) fn DeviceSettings() -> Element {
    let text = use_app().text();
    let catalog = use_catalog();
    let list = catalog.data().map(|catalog| catalog.devices);
    if list.as_ref().is_some_and(Vec::is_empty) {
        return rsx! { NoDevices {} };
    }
    rsx! {
        section { class: "card stack", "aria-labelledby": "devices-title", "data-testid": "device-settings", "data-state": catalog.state(),
            h2 { id: "devices-title", {text.devices_and_rooms()} }
            if let Some(failure) = catalog.failure() {
                Problem { failure, onretry: move |()| catalog.reload() }
            }
            match list {
                None => rsx! { Skeleton { shape: "sk-row" } },
                Some(list) => rsx! {
                    ul { class: "lines",
                        for device in list { Line { key: "{device.device_id}", device } }
                    }
                },
            }
        }
    }
}

/// A field of a device.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Name,
    Room,
}

#[component]
fn Line(device: Device) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let act = use_act();
    let mut saved = use_signal(|| false);
    let before = device.clone();
    let save = use_callback(move |(part, value): (Part, String)| {
        let mut device = before.clone();
        let value = value.trim().to_owned();
        let (field, path) = match part {
            Part::Name => (&mut device.name, "name"),
            Part::Room => (&mut device.room, "room"),
        };
        *field = value;
        saved.set(false);
        let request = UpdateDeviceRequest {
            device: Some(device),
            update_mask: Some(api::mask(&[path])),
        };
        act.always(app, api::ask_once(request), move |_| {
            saved.set(true);
            catalog.reload();
        });
    });
    let id = device.device_id.clone();
    let name = device.name.clone();
    rsx! {
        li { "data-testid": "device-line",
            div { class: "grow two",
                input { class: "input", "aria-label": "{text.device_name()}: {name}", initial_value: "{device.name}", maxlength: "80", "data-testid": "edit-name",
                    onchange: move |event| save((Part::Name, event.value())) }
                input { class: "input", "aria-label": "{text.room()}: {name}", initial_value: "{device.room}", maxlength: "60", placeholder: text.room(), "data-testid": "edit-room",
                    onchange: move |event| save((Part::Room, event.value())) }
            }
            span { class: "done saved", role: "status", "aria-busy": if act.busy() { "true" } else { "false" },
                if saved() && !act.busy() { Icon { name: "check", small: true } span { class: "visually-hidden", {text.saved()} } }
            }
            Confirm { label: text.remove(), what: name.clone(), question: text.remove_device_question(&name), testid: "remove-device", busy: act.busy(),
                onconfirm: move |()| {
                    let request = DeleteDeviceRequest { device_id: id.clone() };
                    act.run(app, api::ask_once(request), move |_| catalog.reload());
                }
            }
            ActProblem { act }
        }
    }
}
