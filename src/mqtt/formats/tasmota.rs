//! Tasmota: `tele/TOPIC/SENSOR` every `TelePeriod`, `stat/TOPIC/STATUS8` when asked. Energy in kWh.
//!
//! Its `Time` has no offset, and its zone is often not set: what is published live is of now.

use serde_json::Value;

use super::{Answer, Filter};
use crate::mqtt::heard::{Heard, Message, Source, Values, number};

pub(super) fn filters() -> Vec<Filter> {
    let topics = [
        "tele/+/SENSOR",
        "+/tele/SENSOR",
        "tasmota/+/tele/SENSOR",
        "tasmota/tele/+/SENSOR",
        "stat/+/STATUS8",
        "stat/+/STATUS10",
    ];
    topics.into_iter().map(Filter::live).collect()
}

pub(super) fn read(message: &Message, path: &[&str]) -> Answer {
    let (last, levels) = path.split_last()?;
    let json = match *last {
        "SENSOR" => message.json()?,
        "STATUS8" | "STATUS10" => message.json()?.get_mut("StatusSNS")?.take(),
        _ => return None,
    };
    let words = ["tele", "stat", "tasmota"];
    let name: Vec<_> = levels.iter().copied().filter(|it| !words.contains(it)).collect();
    let source = Source::of("tasmota", &name.join("/"));
    let heard = json
        .get("ENERGY")
        .and_then(|energy| Heard::whole(source, &values(energy)));
    Some(Ok(heard.into_iter().collect()))
}

/// A device with several channels or phases tells lists: powers and energies add up, the rest does not.
fn values(energy: &Value) -> Values {
    let one = |key: &str| energy.get(key).and_then(number);
    let sum = |key: &str| match energy.get(key)? {
        Value::Array(all) => all.iter().map(number).sum(),
        one => number(one),
    };
    Values {
        power: sum("Power"),
        voltage: one("Voltage"),
        current: one("Current"),
        power_factor: one("Factor"),
        energy: sum("Total").map(|it| it * 1e3),
        returned: sum("ExportActive").map(|it| it * 1e3),
    }
}
