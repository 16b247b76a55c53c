//! How a device sends its first reading: a token, a command to copy, and the reading as it arrives.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::telemetry::v1::Device;

use crate::{
    api::{self, Failure},
    browser,
    icon::Icon,
    live::Last,
    parts::{Copy, Problem, Segments},
    state::use_app,
};

/// Readings older than this before the page was opened are not the first one, milliseconds.
const RECENT: i64 = 60_000;

/// A device's token and the commands that send a reading with it; `at_once` makes the token without being asked.
#[component]
pub(super) fn FirstReading(device: Device, #[props(default)] at_once: bool) -> Element {
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
    use_hook(|| {
        if at_once {
            make(());
        }
    });
    let shown = token().unwrap_or_else(|| "TOKEN".to_owned());
    let command = command(tool(), &browser::origin(), &shown, &device.device_id);
    let tools = ["curl", "grpcurl", "MQTT", "voltaire"].map(|tool| (tool, tool.to_owned()));
    rsx! {
        p { class: "muted", {text.token_text()} }
        if let Some(failure) = failure() {
            Problem { failure, onretry: move |()| make(()) }
        }
        match token() {
            None if at_once => rsx! {},
            None => rsx! {
                button { class: "btn primary", r#type: "button", "data-testid": "make-token", onclick: move |_| make(()), {text.make_token()} }
            },
            Some(value) => rsx! {
                div { class: "row wrap",
                    p { class: "grow", {text.token_once()} }
                    Copy { value, label: text.copy_token(), testid: "copy-token" }
                }
            },
        }
        div { class: "row between wrap",
            p { {text.send_reading()} }
            Segments { label: text.tool(), options: tools.to_vec(), value: tool(), testid: "tool",
                onpick: move |key| tool.set(key) }
        }
        pre { class: "snippet", tabindex: "0", "data-testid": "snippet", "data-state": if token().is_some() { "ready" } else { "waiting" }, "{command}" }
        div { class: "row between wrap",
            Arrival { device: device.clone() }
            Copy { key: "{tool}", value: command.clone(), label: text.copy(), testid: "copy-command" }
        }
    }
}

/// The newest reading of a device that came since the page was opened.
pub(super) fn use_arrived(device: &str) -> Option<Last> {
    let app = use_app();
    let opened = use_hook(|| *app.now.peek());
    let last = app.live.read().latest.get(device).cloned();
    last.filter(|last| last.at > opened - RECENT)
}

/// Whether a reading has come.
#[component]
fn Arrival(device: Device) -> Element {
    let app = use_app();
    let text = app.text();
    let opened = use_hook(|| *app.now.peek());
    let waited = ((app.now)() - opened).max(0) / 1000;
    let arrived = use_arrived(&device.device_id);
    rsx! {
        p { role: "status", "data-testid": "arrival", "data-state": if arrived.is_some() { "ready" } else { "waiting" },
            if let Some(last) = &arrived {
                span { class: "done row",
                    Icon { name: "check", small: true }
                    {text.got_reading(&fmt::power(last.watts, &app.locale()).to_string(), &device.name)}
                }
            } else {
                span { class: "muted",
                    {text.waiting()}
                    // Read out once, not every second.
                    span { "aria-hidden": "true", " {waited / 60:02}:{waited % 60:02}" }
                }
            }
        }
    }
}

/// A command that sends one reading of now.
fn command(tool: &str, origin: &str, token: &str, device: &str) -> String {
    let reading =
        format!(r#"{{"readings":[{{"deviceId":"{device}","timestamp":"'$(date -u +%FT%TZ)'","powerWatts":88}}]}}"#);
    match tool {
        "voltaire" => {
            format!("VOLTAIRE_TOKEN='{token}' \\\n  voltaire device send --server {origin} \\\n  {device} 88")
        }
        // The collector is needed once, for all devices of the broker.
        "MQTT" => format!(
            "VOLTAIRE_TOKEN='{token}' \\\n  voltaire mqtt collect --server {origin} \\\n  --broker mqtt://BROKER &\n\nmosquitto_pub -h BROKER \\\n  -t voltaire/now/{device} -m 88"
        ),
        "grpcurl" => {
            let (plain, address) = address(origin);
            format!(
                "grpcurl {plain}\\\n  -H 'authorization: Bearer {token}' \\\n  -d '{reading}' \\\n  {address} voltaire.telemetry.v1.IngestService/IngestBatch"
            )
        }
        _ => format!(
            "curl {origin}/v1/readings \\\n  -H 'authorization: Bearer {token}' \\\n  -H 'content-type: application/json' \\\n  -d '{reading}'"
        ),
    }
}

/// How grpcurl is told of an address: its flag, and HOST:PORT.
fn address(origin: &str) -> (&'static str, String) {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("http", origin));
    let (plain, port) = if scheme == "https" {
        ("", 443)
    } else {
        ("-plaintext ", 80)
    };
    if rest.contains(':') {
        (plain, rest.to_owned())
    } else {
        (plain, format!("{rest}:{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_port_gets_that_of_its_scheme() {
        assert_eq!(address("https://home.example"), ("", "home.example:443".to_owned()));
        assert_eq!(
            address("http://home.example"),
            ("-plaintext ", "home.example:80".to_owned())
        );
        assert_eq!(
            address("http://127.0.0.1:3000"),
            ("-plaintext ", "127.0.0.1:3000".to_owned())
        );
    }
}
