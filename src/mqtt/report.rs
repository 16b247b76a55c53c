//! Tells the broker, the log and the metrics what became of readings.

use std::collections::HashMap;

use rumqttc::{AsyncClient, PublishOptions, QoS};
use tokio::sync::watch;

use super::forward::Event;

/// No more reasons of refusals are counted.
const MOST: usize = 1000;

/// What has been told so far.
pub(super) struct Reporter {
    client: AsyncClient,
    /// How many connections to the broker there have been.
    connections: watch::Sender<u64>,
    status: String,
    /// What was published last, and by which connection.
    said: Option<(&'static str, u64)>,
    refusals: Refusals,
}

impl Reporter {
    pub(super) fn new(client: AsyncClient, connections: watch::Sender<u64>, status: String) -> Self {
        Self {
            client,
            connections,
            status,
            said: None,
            refusals: Refusals::default(),
        }
    }

    pub(super) fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Back => self.say("online"),
            Event::Away(status, again_in) => {
                self.say("waiting");
                tracing::warn!(code = ?status.code(), why = status.message(), ?again_in, "the server takes no readings");
            }
            Event::Receipt(receipt) => {
                if receipt.connection == *self.connections.borrow() {
                    drop(self.client.try_ack(&receipt.message));
                }
            }
            Event::Stored(result, refused) => {
                self.say("online");
                for (outcome, number) in [
                    ("accepted", u64::from(result.accepted)),
                    ("duplicate", u64::from(result.duplicates)),
                    ("rejected", result.rejected.len() as u64),
                ] {
                    metrics::counter!("voltaire_mqtt_readings_total", "outcome" => outcome).increment(number);
                }
                for (device_id, why) in refused {
                    if let Some(times) = self.refusals.count(&device_id, &why) {
                        tracing::warn!(device_id, why, times, "a reading was refused");
                    }
                }
            }
        }
    }

    /// Publishes a state that is new, or that the broker was not told since we came.
    fn say(&mut self, state: &'static str) {
        let now = (state, *self.connections.borrow());
        if self.said.replace(now) != Some(now) {
            publish(&self.client, &self.status, state);
        }
    }
}

/// Publishes a text that the broker keeps for who comes later.
pub(super) fn publish(client: &AsyncClient, topic: &str, text: &'static str) {
    let options = PublishOptions::new(QoS::AtLeastOnce).retained();
    if let Err(error) = client.try_publish(topic, text, options) {
        tracing::debug!(%error, "the state is not published");
    }
}

/// How often each device's readings were refused for each reason.
#[derive(Debug, Default)]
struct Refusals(HashMap<(String, String), u64>);

impl Refusals {
    /// Counts one; how many there have been, of the first, the tenth, the hundredth….
    fn count(&mut self, device_id: &str, why: &str) -> Option<u64> {
        let kind = (device_id.to_owned(), why.to_owned());
        if self.0.len() >= MOST && !self.0.contains_key(&kind) {
            return None;
        }
        let times = self.0.entry(kind).or_default();
        *times += 1;
        (10_u64.pow(times.ilog10()) == *times).then_some(*times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_less_and_less_often_each_kind_for_itself() {
        let mut refusals = Refusals::default();
        let told: Vec<_> = (0..120).filter_map(|_| refusals.count("a", "too old")).collect();
        assert_eq!(told, [1, 10, 100]);
        assert_eq!(refusals.count("b", "too old"), Some(1));
        assert_eq!(refusals.count("a", "too high"), Some(1));
        for number in 0..2 * MOST {
            refusals.count("c", &number.to_string());
        }
        assert_eq!(refusals.0.len(), MOST);
        assert_eq!((0..8).filter_map(|_| refusals.count("b", "too old")).count(), 0);
        assert_eq!(refusals.count("b", "too old"), Some(10));
    }
}
