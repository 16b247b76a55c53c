//! Home Assistant's discovery, by which ESPHome and many others say what their topics mean.
//!
//! `PREFIX/sensor/[NODE/]ID/config` tells of one value, `PREFIX/device/ID/config` of all values of a device: topic, unit and
//! where in the payload the value is. Keys may be abbreviated.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Answer, Filter};
use crate::mqtt::heard::{Heard, Message, Quantity, Source, number, unit};

/// No more sensors are remembered.
const MOST: usize = 2000;

/// One value that a topic tells.
#[derive(Clone, Debug, PartialEq)]
struct Sensor {
    source: Source,
    quantity: Quantity,
    factor: f64,
    /// Keys on the way to the value; empty: the payload is the value.
    way: Vec<String>,
}

/// What topics mean, as devices have told.
#[derive(Debug, Default)]
pub(super) struct Discovery {
    /// The sensors of each topic, by what told of them.
    topics: HashMap<String, HashMap<String, Sensor>>,
    new: HashSet<String>,
}

pub(super) fn filters(prefix: &str) -> Vec<Filter> {
    ["sensor/+/config", "sensor/+/+/config", "device/+/config"]
        .map(|it| Filter::live(format!("{prefix}/{it}")))
        .to_vec()
}

impl Discovery {
    /// Takes in what a device tells of itself; whether the message was that.
    pub(super) fn learn(&mut self, message: &Message, path: &[&str], prefix: &str) -> bool {
        let [first, kind @ ("sensor" | "device"), .., "config"] = path else {
            return false;
        };
        if *first != prefix || path.len() < 4 {
            return false;
        }
        self.forget(message.topic);
        if let Some(config) = message.json() {
            let config = Config(&config);
            if *kind == "device" {
                let parts = config.get(&["components", "cmps"]).and_then(Value::as_object);
                for (id, part) in parts.into_iter().flatten() {
                    self.add(&format!("{}#{id}", message.topic), &Config(part), &config);
                }
            } else {
                self.add(message.topic, &config, &config);
            }
        }
        true
    }

    /// A device tells anew what it has, or, with nothing, that it is gone.
    fn forget(&mut self, told_by: &str) {
        let parts = format!("{told_by}#");
        self.topics.retain(|_, sensors| {
            sensors.retain(|it, _| it != told_by && !it.starts_with(&parts));
            !sensors.is_empty()
        });
    }

    fn add(&mut self, told_by: &str, own: &Config, root: &Config) {
        let platform = own.text(&["platform", "p"]);
        if platform.is_some_and(|it| it != "sensor") {
            return;
        }
        let Some((topic, sensor)) = own.sensor(root) else {
            return;
        };
        if self.topics.values().map(HashMap::len).sum::<usize>() >= MOST {
            return;
        }
        let known = self.topics.contains_key(&topic);
        self.topics
            .entry(topic.clone())
            .or_default()
            .insert(told_by.to_owned(), sensor);
        if !known {
            self.new.insert(topic);
        }
    }

    /// Topics that were told of since the last call.
    pub(super) fn take_new(&mut self) -> HashSet<String> {
        std::mem::take(&mut self.new)
    }

    pub(super) fn read(&self, message: &Message) -> Answer {
        let sensors = self.topics.get(message.topic)?;
        let json = message.json();
        let heard = sensors.values().filter_map(|sensor| {
            let value = if sensor.way.is_empty() {
                message.number()
            } else {
                let found = sensor.way.iter().try_fold(json.as_ref()?, |at, key| at.get(key));
                found.and_then(number)
            };
            Some(Heard::part(
                sensor.source.clone(),
                sensor.quantity,
                value? * sensor.factor,
            ))
        });
        Some(Ok(heard.collect()))
    }
}

/// A discovery message, or a part of one.
struct Config<'a>(&'a Value);

impl<'a> Config<'a> {
    fn get(&self, keys: &[&str]) -> Option<&'a Value> {
        keys.iter().find_map(|key| self.0.get(key))
    }

    fn text(&self, keys: &[&str]) -> Option<&'a str> {
        self.get(keys).and_then(Value::as_str)
    }

    /// The topic and what it means; none for what is no electrical value.
    fn sensor(&self, root: &Config) -> Option<(String, Sensor)> {
        let either = |keys: &[&str]| self.text(keys).or_else(|| root.text(keys));
        let topic = either(&["state_topic", "stat_t"])?;
        let base = either(&["~"]).unwrap_or_default();
        let topic = topic.replace('~', base);
        let class = self.text(&["device_class", "dev_cla"]);
        let told = self.text(&["unit_of_measurement", "unit_of_meas"]).unwrap_or_default();
        let (mut quantity, factor) = match (class, told) {
            (Some("power_factor"), "%") => (Quantity::PowerFactor, 0.01),
            (Some("power_factor"), _) => (Quantity::PowerFactor, 1.0),
            _ => unit(told)?,
        };
        let device = root.get(&["device", "dev"]).map(Config);
        let device = device.and_then(|it| it.text(&["name"])).unwrap_or_default();
        let called = self.text(&["name"]);
        let id = self.text(&["object_id", "obj_id", "default_entity_id"]);
        let name = called.or(id).unwrap_or_default();
        if quantity == Quantity::Energy && is_returned(name) {
            quantity = Quantity::Returned;
        }
        let sensor = Sensor {
            source: source(device, without_quantity(name)),
            quantity,
            factor,
            way: way(self.text(&["value_template", "val_tpl"]))?,
        };
        Some((topic, sensor))
    }
}

/// `{{ value_json.a['b'] }}` as the keys on the way, `{{ value }}` as none of them. What computes more is not understood.
fn way(template: Option<&str>) -> Option<Vec<String>> {
    let Some(template) = template else {
        return Some(Vec::new());
    };
    let inner = template.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let expression = inner.split('|').next()?.trim();
    if expression == "value" {
        return Some(Vec::new());
    }
    let rest = expression.strip_prefix("value_json")?;
    let plain = rest
        .replace("['", ".")
        .replace("[\"", ".")
        .replace("']", "")
        .replace("\"]", "");
    let keys: Vec<_> = plain.strip_prefix('.')?.split('.').map(str::to_owned).collect();
    let is_key = |key: &String| !key.is_empty() && key.chars().all(|it| it.is_alphanumeric() || "_- ".contains(it));
    keys.iter().all(is_key).then_some(keys)
}

fn is_returned(name: &str) -> bool {
    let name = name.to_lowercase();
    ["return", "export", "produced", "feed", "delivered to"]
        .iter()
        .any(|it| name.contains(it))
}

/// A name without the words that say which quantity it is: `Kettle Power` is of `Kettle`, `Total energy` of the device itself.
pub(super) fn without_quantity(name: &str) -> &str {
    const WORDS: [&str; 15] = [
        "active",
        "apparent",
        "consumption",
        "current",
        "energy",
        "export",
        "exported",
        "factor",
        "import",
        "imported",
        "power",
        "returned",
        "total",
        "voltage",
        "watts",
    ];
    let mut rest = name.trim();
    loop {
        let (before, last) = rest
            .rsplit_once([' ', '_'])
            .map_or(("", rest), |(before, last)| (before.trim_end_matches([' ', '_']), last));
        if rest.is_empty() || !WORDS.contains(&last.to_lowercase().as_str()) {
            return rest;
        }
        rest = before;
    }
}

fn source(device: &str, name: &str) -> Source {
    let name = match (device, name) {
        ("", name) | (name, "") => name.to_owned(),
        (device, name) if name.to_lowercase().starts_with(&device.to_lowercase()) => name.to_owned(),
        (device, name) => format!("{device} {name}"),
    };
    Source::of("discovery", &name)
}
