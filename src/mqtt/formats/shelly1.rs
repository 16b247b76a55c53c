//! Shelly, first generation: a bare number for each quantity of each channel, below `shellies/ID/`.
//!
//! `energy` is in watt-minutes, since the start for a relay and since the last message for a meter, whose `total` is in Wh.

use super::{Answer, Filter};
use crate::mqtt::heard::{Heard, Message, Quantity, Source};

const WATT_MINUTES: f64 = 1.0 / 60.0;

pub(super) fn filters() -> Vec<Filter> {
    vec![Filter::live("shellies/#")]
}

pub(super) fn read(message: &Message, path: &[&str]) -> Answer {
    let ["shellies", id, rest @ ..] = path else {
        return None;
    };
    let (kind, channel, what) = match *rest {
        [kind, channel, what] => (kind, channel, what),
        // Plugs with one relay.
        [kind, what] => (kind, "0", what),
        _ => return Some(Ok(Vec::new())),
    };
    let heard = quantity(kind, what).and_then(|(quantity, factor)| {
        let source = Source::channel("shelly", id, channel);
        Some(Heard::part(source, quantity, message.number()? * factor))
    });
    Some(Ok(heard.into_iter().collect()))
}

fn quantity(kind: &str, what: &str) -> Option<(Quantity, f64)> {
    if !["relay", "emeter", "light", "roller"].contains(&kind) {
        return None;
    }
    Some(match (kind, what) {
        (_, "power") => (Quantity::Power, 1.0),
        (_, "voltage") => (Quantity::Voltage, 1.0),
        (_, "current") => (Quantity::Current, 1.0),
        (_, "pf") => (Quantity::PowerFactor, 1.0),
        ("emeter", "total") => (Quantity::Energy, 1.0),
        ("emeter", "total_returned") => (Quantity::Returned, 1.0),
        ("relay" | "light" | "roller", "energy") => (Quantity::Energy, WATT_MINUTES),
        _ => return None,
    })
}
