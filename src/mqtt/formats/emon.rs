//! OpenEnergyMonitor: `emon/NODE/KEY` with a number, or `emon/NODE` with an object of keys.
//!
//! Keys are the user's own; those that the project's meters come with are known: `P1` or `power1` in W with `E1` in Wh, `Vrms`.

use serde_json::Value;

use super::{Answer, Filter};
use crate::mqtt::heard::{Heard, Message, Quantity, Source, Values, number};

pub(super) fn filters(prefix: &str) -> Vec<Filter> {
    vec![Filter::live(format!("{prefix}/#"))]
}

pub(super) fn read(message: &Message, path: &[&str], prefix: &str) -> Answer {
    let (first, rest) = path.split_first()?;
    if *first != prefix {
        return None;
    }
    let heard = match *rest {
        [node, key] => message
            .number()
            .and_then(|value| part(node, key, value))
            .into_iter()
            .collect(),
        [node] => match message.json() {
            Some(Value::Object(keys)) => object(node, &keys),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    Some(Ok(heard))
}

/// All channels of a node at one moment; the voltage is that of all.
fn object(node: &str, keys: &serde_json::Map<String, Value>) -> Vec<Heard> {
    let told: Vec<_> = keys
        .iter()
        .filter_map(|(key, value)| Some((channel(key)?, number(value)?)))
        .collect();
    let of = |wanted: &str, kind: Quantity| {
        let found = told.iter().find(|((it, channel), _)| *it == kind && channel == wanted);
        found.map(|(_, value)| *value)
    };
    let powers = told.iter().filter(|((kind, _), _)| *kind == Quantity::Power);
    let whole = powers.filter_map(|((_, channel), power)| {
        let values = Values {
            power: Some(*power),
            energy: of(channel, Quantity::Energy),
            voltage: of("", Quantity::Voltage),
            ..Values::default()
        };
        Heard::whole(source(node, channel), &values)
    });
    whole.collect()
}

fn part(node: &str, key: &str, value: f64) -> Option<Heard> {
    let (quantity, channel) = channel(key)?;
    let heard = Heard::part(source(node, &channel), quantity, value);
    (quantity != Quantity::Voltage).then_some(heard)
}

fn source(node: &str, channel: &str) -> Source {
    Source::of("emon", &format!("{node}/{channel}"))
}

/// What a key tells, and of which channel.
fn channel(key: &str) -> Option<(Quantity, String)> {
    let key = key.to_lowercase();
    if key == "vrms" {
        return Some((Quantity::Voltage, String::new()));
    }
    let name = key.trim_end_matches(|it: char| it.is_ascii_digit());
    let channel = key.get(name.len()..).filter(|it| !it.is_empty())?;
    let quantity = match name {
        "p" | "power" => Quantity::Power,
        "e" => Quantity::Energy,
        _ => return None,
    };
    Some((quantity, channel.to_owned()))
}
