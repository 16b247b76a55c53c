//! Shelly, second generation and later: `ID/events/rpc` with what changed, and `ID/status/COMPONENT:N` with all of a component.
//!
//! A notice of change says only what changed: it is laid over what is known. Energy in Wh; `ts` in seconds since 1970, UTC.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;
use voltaire_mesh::wire;
use voltaire_types::Timestamp;

use super::{Answer, Filter};
use crate::mqtt::heard::{Heard, Message, Source, Told, Values, number};

/// No more components are remembered.
const MOST: usize = 2000;
/// A clock that is set is at least here: 2020, seconds since 1970.
const SET: f64 = 1_577_836_800.0;
/// A device's clock may be ahead by so much.
const AHEAD: Duration = Duration::from_secs(5);

/// What is known of each component, by device and channel.
#[derive(Debug, Default)]
pub(super) struct Shelly(HashMap<(String, String), Values>);

pub(super) fn filters() -> Vec<Filter> {
    vec![Filter::dated("+/events/rpc"), Filter::live("+/status/+")]
}

impl Shelly {
    pub(super) fn read(&mut self, message: &Message, path: &[&str]) -> Answer {
        match path {
            [id @ .., "events", "rpc"] if !id.is_empty() => {
                let json = message.json()?;
                let method = json.get("method")?.as_str()?;
                if !["NotifyStatus", "NotifyFullStatus"].contains(&method) || message.retained {
                    return Some(Ok(Vec::new()));
                }
                let changed = json.get("params")?.as_object()?;
                let at = changed.get("ts").and_then(number).and_then(|ts| moment(ts, message.at));
                let heard = changed
                    .iter()
                    .filter_map(|(component, values)| self.take(&id.join("/"), component, values, at));
                Some(Ok(heard.collect()))
            }
            [id @ .., "status", component] if !id.is_empty() && component.contains(':') => {
                let json = message.json().filter(|_| !message.retained);
                let heard = json.and_then(|json| self.take(&id.join("/"), component, &json, None));
                Some(Ok(heard.into_iter().collect()))
            }
            _ => None,
        }
    }

    fn take(&mut self, id: &str, component: &str, told: &Value, at: Option<Timestamp>) -> Option<Heard> {
        let (kind, channel) = component.split_once(':')?;
        let news = values(kind, told)?;
        if news == Values::default() {
            return None;
        }
        // `em` and `emdata` are two halves of one meter.
        let key = (id.to_owned(), channel.to_owned());
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            return None;
        }
        let known = self.0.entry(key).or_default();
        known.overlay(&news);
        let mut reading = Values {
            energy: news.energy,
            ..*known
        }
        .reading()?;
        reading.timestamp = at.map(wire::timestamp);
        Some(Heard {
            source: Source::channel("shelly", id, channel),
            told: Told::Whole(reading),
        })
    }
}

/// When a device says that it was, where its clock is set.
fn moment(seconds: f64, now: Timestamp) -> Option<Timestamp> {
    let at = Timestamp::from_micros((seconds * 1e6) as i64).ok()?;
    (seconds >= SET && at <= now.plus(AHEAD)).then_some(at)
}

fn values(kind: &str, told: &Value) -> Option<Values> {
    let one = |key: &str| told.get(key).and_then(number);
    let total = |key: &str| told.get(key).and_then(|it| it.get("total")).and_then(number);
    Some(match kind {
        "switch" | "pm1" | "cover" | "light" => Values {
            power: one("apower"),
            voltage: one("voltage"),
            current: one("current"),
            power_factor: one("pf"),
            energy: total("aenergy"),
            returned: total("ret_aenergy"),
        },
        "em" => Values {
            power: one("total_act_power"),
            ..Values::default()
        },
        "emdata" => Values {
            energy: one("total_act"),
            returned: one("total_act_ret"),
            ..Values::default()
        },
        "em1" => Values {
            power: one("act_power"),
            voltage: one("voltage"),
            current: one("current"),
            power_factor: one("pf"),
            ..Values::default()
        },
        "em1data" => Values {
            energy: one("total_act_energy"),
            returned: one("total_act_ret_energy"),
            ..Values::default()
        },
        _ => return None,
    })
}
