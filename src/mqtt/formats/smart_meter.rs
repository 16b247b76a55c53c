//! Meters of utilities: DSMR-reader (Netherlands, Belgium), Hildebrand Glow (Great Britain). Power in kW, counters in kWh.

use serde_json::Value;

use super::{Answer, Filter};
use crate::mqtt::heard::{Heard, Message, Source, Values, number};

pub(super) fn filters(dsmr: &str) -> Vec<Filter> {
    vec![
        Filter::live(format!("{dsmr}/json")),
        Filter::live(format!("{dsmr}/reading/+")),
        Filter::live("glow/+/SENSOR/electricitymeter"),
    ]
}

pub(super) fn read(message: &Message, path: &[&str], dsmr: &str) -> Answer {
    let heard = match *path {
        [prefix, "json"] if prefix == dsmr => message.json().and_then(|json| telegram(&json)),
        [prefix, "reading", key] if prefix == dsmr => message.number().and_then(|value| reading(key, value)),
        ["glow", meter, "SENSOR", "electricitymeter"] => message.json().and_then(|json| glow(meter, &json)),
        _ => return None,
    };
    Some(Ok(heard.into_iter().collect()))
}

/// A telegram as one object: what is taken less what is given, now.
fn telegram(json: &Value) -> Option<Heard> {
    let one = |key: &str| json.get(key).and_then(number);
    let both = |key: &str| Some((one(&format!("{key}_1"))? + one(&format!("{key}_2")).unwrap_or(0.0)) * 1e3);
    let given = one("electricity_currently_returned").unwrap_or(0.0);
    let values = Values {
        power: one("electricity_currently_delivered").map(|it| (it - given) * 1e3),
        energy: both("electricity_delivered"),
        returned: both("electricity_returned"),
        ..Values::default()
    };
    Heard::whole(Source::of("dsmr", "grid"), &values)
}

/// The same key by key. The two directions come as two messages: they are two sources, which a meter with panels needs
/// [`telegram`] for.
fn reading(key: &str, value: f64) -> Option<Heard> {
    let values = Values {
        power: Some(value * 1e3),
        ..Values::default()
    };
    match key {
        "electricity_currently_delivered" => Heard::whole(Source::of("dsmr", "delivered"), &values),
        "electricity_currently_returned" => Heard::whole(Source::of("dsmr", "returned"), &values),
        _ => None,
    }
}

fn glow(meter: &str, json: &Value) -> Option<Heard> {
    let told = json.get("electricitymeter")?;
    let counter = |way: &str| told.get("energy")?.get(way)?.get("cumulative").and_then(number);
    let values = Values {
        power: told.get("power")?.get("value").and_then(number).map(|it| it * 1e3),
        energy: counter("import").map(|it| it * 1e3),
        returned: counter("export").map(|it| it * 1e3),
        ..Values::default()
    };
    Heard::whole(Source::of("glow", meter), &values)
}
