//! Our own topics, for devices and scripts that can choose.
//!
//! - `voltaire/now/DEVICE`: the power in W, or an object of what is measured now.
//! - `voltaire/readings/DEVICE`: a reading, or a list of at most 1,000, each with its `timestamp`.
//!
//! Objects are `voltaire.telemetry.v1.Reading` as JSON, as `POST /v1/readings` takes them; DEVICE is a name, an alias or an id.

use serde_json::Value;
use voltaire_proto::telemetry::v1 as pb;

use super::{Answer, Filter, NotUnderstood};
use crate::{
    client::json,
    mqtt::heard::{Heard, Message, Source, Told, Values},
};

/// The most readings of one message.
const MOST: usize = 1000;

pub(super) fn filters() -> Vec<Filter> {
    vec![Filter::dated("voltaire/readings/#"), Filter::live("voltaire/now/#")]
}

pub(super) fn read(message: &Message, path: &[&str]) -> Answer {
    match path {
        ["voltaire", "now", device @ ..] if !device.is_empty() => Some(now(message, &device.join("/"))),
        ["voltaire", "readings", device @ ..] if !device.is_empty() => Some(readings(message, &device.join("/"))),
        _ => None,
    }
}

fn now(message: &Message, device: &str) -> Result<Vec<Heard>, NotUnderstood> {
    if let Some(power) = message.number() {
        let values = Values {
            power: Some(power),
            ..Values::default()
        };
        return Ok(Heard::whole(source(device), &values).into_iter().collect());
    }
    let reading = message
        .json()
        .filter(Value::is_object)
        .ok_or_else(|| NotUnderstood("neither a number nor an object".into()))?;
    Ok(vec![whole(device, reading)?])
}

fn readings(message: &Message, device: &str) -> Result<Vec<Heard>, NotUnderstood> {
    let value = message
        .json()
        .ok_or_else(|| NotUnderstood("not JSON: a reading, or a list of them, is".into()))?;
    let all = match value {
        Value::Array(all) if all.len() > MOST => {
            return Err(NotUnderstood(format!(
                "{} readings: at most {MOST} in a message",
                all.len()
            )));
        }
        Value::Array(all) => all,
        one => vec![one],
    };
    let dated = |reading: Value| {
        let heard = whole(device, reading)?;
        if heard.is_dated() {
            Ok(heard)
        } else {
            Err(NotUnderstood(
                "timestamp: must be set; what is measured now goes to voltaire/now/".into(),
            ))
        }
    };
    all.into_iter().map(dated).collect()
}

fn whole(device: &str, mut value: Value) -> Result<Heard, NotUnderstood> {
    if value.get("powerWatts").or(value.get("power_watts")).is_none() {
        return Err(NotUnderstood("powerWatts: must be set".into()));
    }
    if let Value::Object(fields) = &mut value {
        // The topic says whose it is.
        fields.remove("deviceId");
        fields.remove("device_id");
    }
    let reading: pb::Reading = json::parse("voltaire.telemetry.v1.Reading", value).map_err(NotUnderstood)?;
    Ok(Heard {
        source: source(device),
        told: Told::Whole(reading),
    })
}

fn source(device: &str) -> Source {
    Source::of("voltaire", device)
}
