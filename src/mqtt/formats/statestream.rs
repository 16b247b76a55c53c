//! Home Assistant's statestream: `BASE/sensor/ENTITY/state`, with the unit beside it where attributes are published.
//! `fridge_power` and `fridge_energy` are two entities of one device.

use std::collections::HashMap;

use super::{Answer, Filter, discovery::without_quantity};
use crate::mqtt::heard::{Heard, Message, Quantity, Source, unit};

/// No more entities are remembered.
const MOST: usize = 5000;

/// What each entity measures, and in how many of our units.
#[derive(Debug, Default)]
pub(super) struct Statestream(HashMap<String, (Quantity, f64)>);

pub(super) fn filters(base: &str) -> Vec<Filter> {
    vec![
        Filter::live(format!("{base}/sensor/+/state")),
        Filter::live(format!("{base}/sensor/+/unit_of_measurement")),
    ]
}

impl Statestream {
    pub(super) fn read(&mut self, message: &Message, path: &[&str], base: &str) -> Answer {
        let entity = match *path {
            [first, "sensor", entity, "state"] if first == base => entity,
            [first, "sensor", entity, "unit_of_measurement"] if first == base => {
                self.learn(entity, message);
                return Some(Ok(Vec::new()));
            }
            _ => return None,
        };
        let heard = self.0.get(entity).and_then(|(quantity, factor)| {
            let source = Source::of("statestream", without_quantity(entity));
            Some(Heard::part(source, *quantity, message.number()? * factor))
        });
        Some(Ok(heard.into_iter().collect()))
    }

    fn learn(&mut self, entity: &str, message: &Message) {
        let text = std::str::from_utf8(message.payload).unwrap_or_default();
        match unit(text.trim().trim_matches('"')) {
            Some(meaning) if self.0.len() < MOST || self.0.contains_key(entity) => {
                self.0.insert(entity.to_owned(), meaning);
            }
            _ => drop(self.0.remove(entity)),
        }
    }
}
