//! Messages as makers publish them: one module for each, which knows its topics, shapes and units.

mod discovery;
mod emon;
mod own;
mod shelly1;
mod shelly2;
mod smart_meter;
mod statestream;
mod tasmota;
mod zigbee2mqtt;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod test;

use super::heard::{Heard, Message};

/// The first words of topics that users choose themselves.
#[derive(Clone, Debug)]
pub(crate) struct Prefixes {
    pub(crate) zigbee2mqtt: String,
    pub(crate) discovery: String,
    pub(crate) statestream: String,
    pub(crate) emon: String,
    pub(crate) dsmr: String,
}

impl Default for Prefixes {
    fn default() -> Self {
        Self {
            zigbee2mqtt: "zigbee2mqtt".into(),
            discovery: "homeassistant".into(),
            statestream: "homeassistant".into(),
            emon: "emon".into(),
            dsmr: "dsmr".into(),
        }
    }
}

impl Prefixes {
    /// The names that [`Self::set`] knows.
    pub(crate) const NAMES: [&str; 5] = ["zigbee2mqtt", "discovery", "statestream", "emon", "dsmr"];

    /// Sets one by name.
    pub(crate) fn set(&mut self, name: &str, prefix: &str) -> Option<()> {
        let slot = match name {
            "zigbee2mqtt" => &mut self.zigbee2mqtt,
            "discovery" => &mut self.discovery,
            "statestream" => &mut self.statestream,
            "emon" => &mut self.emon,
            "dsmr" => &mut self.dsmr,
            _ => return None,
        };
        prefix.trim_matches('/').clone_into(slot);
        Some(())
    }
}

/// A topic filter to subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) topic: String,
    /// Whether messages say themselves when they were measured. Only those may be kept by the broker while nobody listens:
    /// of others it would be unknown.
    pub(crate) dated: bool,
}

impl Filter {
    pub(crate) fn live(topic: impl Into<String>) -> Self {
        let topic = topic.into();
        Self { topic, dated: false }
    }

    fn dated(topic: impl Into<String>) -> Self {
        let topic = topic.into();
        Self { topic, dated: true }
    }
}

/// Why a message of one of our topics was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotUnderstood(pub(crate) String);

type Answer = Option<Result<Vec<Heard>, NotUnderstood>>;

/// All formats, with what they remember between messages.
#[derive(Debug, Default)]
pub(crate) struct Formats {
    prefixes: Prefixes,
    shelly: shelly2::Shelly,
    statestream: statestream::Statestream,
    discovery: discovery::Discovery,
}

impl Formats {
    pub(crate) fn new(prefixes: Prefixes) -> Self {
        Self {
            prefixes,
            ..Self::default()
        }
    }

    /// What to subscribe to.
    pub(crate) fn filters(&self) -> Vec<Filter> {
        let mut all = own::filters();
        all.extend(tasmota::filters());
        all.extend(shelly1::filters());
        all.extend(shelly2::filters());
        all.extend(zigbee2mqtt::filters(&self.prefixes.zigbee2mqtt));
        all.extend(discovery::filters(&self.prefixes.discovery));
        all.extend(statestream::filters(&self.prefixes.statestream));
        all.extend(emon::filters(&self.prefixes.emon));
        all.extend(smart_meter::filters(&self.prefixes.dsmr));
        all.dedup();
        all
    }

    /// What a message says. What the broker has kept since an unknown time is no news, unless it says its time itself.
    pub(crate) fn read(&mut self, message: &Message) -> Result<Vec<Heard>, NotUnderstood> {
        let path: Vec<_> = message.topic.split('/').collect();
        if self.discovery.learn(message, &path, &self.prefixes.discovery) {
            return Ok(Vec::new());
        }
        let mut heard = self.told(message, &path).unwrap_or_else(|| Ok(Vec::new()))?;
        if message.retained {
            heard.retain(Heard::is_dated);
        }
        Ok(heard)
    }

    fn told(&mut self, message: &Message, path: &[&str]) -> Answer {
        let prefixes = &self.prefixes;
        own::read(message, path)
            .or_else(|| self.statestream.read(message, path, &prefixes.statestream))
            .or_else(|| tasmota::read(message, path))
            .or_else(|| shelly1::read(message, path))
            .or_else(|| self.shelly.read(message, path))
            .or_else(|| zigbee2mqtt::read(message, &prefixes.zigbee2mqtt))
            .or_else(|| emon::read(message, path, &prefixes.emon))
            .or_else(|| smart_meter::read(message, path, &prefixes.dsmr))
            .or_else(|| self.discovery.read(message))
    }

    /// Topics that devices have told of since the last call: to be subscribed to as well.
    pub(crate) fn new_filters(&mut self) -> Vec<Filter> {
        self.discovery.take_new().into_iter().map(Filter::live).collect()
    }
}

/// The rest of a path below a prefix, which may have several levels.
fn below<'a>(topic: &'a str, prefix: &str) -> Option<&'a str> {
    topic.strip_prefix(prefix)?.strip_prefix('/')
}
