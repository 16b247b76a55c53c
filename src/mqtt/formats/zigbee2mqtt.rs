//! Zigbee2MQTT: an object for each device, below its base topic; names hold spaces and slashes. Energy in kWh.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Answer, Filter, below};
use crate::mqtt::heard::{Heard, Message, Source, Values, number};

/// Devices with several outlets tell each quantity once for each, as `power_l2`.
const OUTLETS: [&str; 14] = [
    "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "left", "center", "right", "top", "bottom", "usb",
];

pub(super) fn filters(prefix: &str) -> Vec<Filter> {
    vec![Filter::live(format!("{prefix}/#"))]
}

pub(super) fn read(message: &Message, prefix: &str) -> Answer {
    let name = below(message.topic, prefix)?;
    let not_a_device = ["bridge/", "group/"].iter().any(|it| name.starts_with(it))
        || ["/availability", "/set", "/get"].iter().any(|it| name.ends_with(it));
    if not_a_device {
        return Some(Ok(Vec::new()));
    }
    let Some(Value::Object(told)) = message.json() else {
        return Some(Ok(Vec::new()));
    };
    let mut outlets: BTreeMap<&str, Values> = BTreeMap::new();
    for (key, value) in &told {
        let (quantity, outlet) = split(key);
        if let Some(value) = number(value) {
            set(outlets.entry(outlet).or_default(), quantity, value);
        }
    }
    let heard = outlets.into_iter().filter_map(|(outlet, values)| {
        let name = if outlet.is_empty() {
            name.to_owned()
        } else {
            format!("{name}/{outlet}")
        };
        Heard::whole(Source::of("zigbee2mqtt", &name), &values)
    });
    Some(Ok(heard.collect()))
}

fn split(key: &str) -> (&str, &str) {
    match key.rsplit_once('_') {
        Some((quantity, outlet)) if OUTLETS.contains(&outlet) => (quantity, outlet),
        _ => (key, ""),
    }
}

fn set(values: &mut Values, quantity: &str, value: f64) {
    match quantity {
        "power" => values.power = Some(value),
        "voltage" => values.voltage = Some(value),
        "current" => values.current = Some(value),
        // Some devices tell percent.
        "power_factor" if value.abs() > 1.0 => values.power_factor = Some(value / 100.0),
        "power_factor" => values.power_factor = Some(value),
        "energy" => values.energy = Some(value * 1e3),
        "produced_energy" => values.returned = Some(value * 1e3),
        _ => {}
    }
}
