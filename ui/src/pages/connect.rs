//! How a device sends its first reading: a token, a command to copy, and the reading as it arrives.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::telemetry::v1::Device;

use crate::{
    api::{self, Failure},
    browser,
    icon::Icon,
    parts::{Copy, Dialog, Problem, Segments},
    state::use_app,
};

/// Helps a device to its first reading.
#[component]
pub(super) fn Connect(device: Device, onclose: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let mut token = use_signal(|| None::<String>);
    let mut failure = use_signal(|| None::<Failure>);
    let mut tool = use_signal(|| "curl");
    let name = device.name.clone();
    let make = use_callback(move |()| {
        let name = name.clone();
        spawn(async move {
            match api::ingest_token(&name).await {
                Ok(made) => {
                    token.set(Some(made));
                    failure.set(None);
                }
                Err(problem) => failure.set(Some(problem)),
            }
        });
    });
    let shown = token().unwrap_or_else(|| "TOKEN".to_owned());
    let command = command(tool(), &browser::origin(), &shown, &device.device_id);
    rsx! {
        Dialog { id: "connect", title: text.connect_title(&device.name), onclose,
            div { class: "form",
                p { class: "muted", {text.token_text()} }
                if let Some(failure) = failure() {
                    Problem { failure, onretry: move |()| make(()) }
                }
                match token() {
                    None => rsx! {
                        button { class: "btn primary", r#type: "button", "data-testid": "make-token", onclick: move |_| make(()), {text.make_token()} }
                    },
                    Some(value) => rsx! {
                        div { class: "row wrap",
                            p { class: "grow", {text.token_once()} }
                            Copy { value, label: text.copy(), testid: "copy-token" }
                        }
                    },
                }
                div { class: "row between wrap",
                    p { {text.send_reading()} }
                    Segments { label: text.tool(), options: vec![("curl", "curl".to_owned()), ("grpcurl", "grpcurl".to_owned())], value: tool(), testid: "tool",
                        onpick: move |key| tool.set(key) }
                }
                pre { class: "snippet", tabindex: "0", "data-testid": "snippet", "{command}" }
                div { class: "row between wrap",
                    Arrival { device: device.clone() }
                    Copy { value: command.clone(), label: text.copy(), testid: "copy-command" }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", "data-testid": "finish", onclick: move |_| onclose.call(()), {text.finish()} }
                }
            }
        }
    }
}

/// Whether a reading has come.
#[component]
fn Arrival(device: Device) -> Element {
    let app = use_app();
    let text = app.text();
    let opened = use_hook(|| *app.now.peek());
    let now = (app.now)();
    let last = app.live.read().latest.get(&device.device_id).cloned();
    let fresh = last.filter(|last| last.at > opened - 60_000);
    rsx! {
        p { role: "status", "data-testid": "arrival", "data-state": if fresh.is_some() { "ready" } else { "waiting" },
            if let Some(last) = &fresh {
                span { class: "done row",
                    Icon { name: "check", small: true }
                    {text.got_reading(&fmt::power(last.watts, &app.locale()).to_string(), &device.name)}
                }
            } else {
                span { class: "muted",
                    {text.waiting()}
                    " {(now - opened).max(0) / 60_000:02}:{(now - opened).max(0) / 1000 % 60:02}"
                }
            }
        }
    }
}

/// A command that sends one reading of now.
fn command(tool: &str, origin: &str, token: &str, device: &str) -> String {
    let reading =
        format!(r#"{{"readings":[{{"deviceId":"{device}","timestamp":"'$(date -u +%FT%TZ)'","powerWatts":88}}]}}"#);
    if tool == "grpcurl" {
        let (plain, address) = match origin.split_once("://") {
            Some(("https", rest)) => (
                "",
                if rest.contains(':') {
                    rest.to_owned()
                } else {
                    format!("{rest}:443")
                },
            ),
            Some((_, rest)) => (
                "-plaintext ",
                if rest.contains(':') {
                    rest.to_owned()
                } else {
                    format!("{rest}:80")
                },
            ),
            None => ("-plaintext ", origin.to_owned()),
        };
        return format!(
            "grpcurl {plain}\\\n  -H 'authorization: Bearer {token}' \\\n  -d '{reading}' \\\n  {address} voltaire.telemetry.v1.IngestService/IngestBatch"
        );
    }
    format!(
        "curl {origin}/v1/readings \\\n  -H 'authorization: Bearer {token}' \\\n  -H 'content-type: application/json' \\\n  -d '{reading}'"
    )
}
