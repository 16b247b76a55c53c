//! Puts together what devices tell in several messages: what comes within a moment is one reading.

use std::{collections::HashMap, time::Duration};

use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::Timestamp;

use super::heard::{Heard, Source, Told, Values};

/// Messages that belong together come within this.
const SETTLE: Duration = Duration::from_millis(400);
/// No more sources are waited for at once.
const MOST: usize = 5000;

/// A reading of a source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measured {
    pub(crate) source: Source,
    /// With its timestamp, and without a device.
    pub(crate) reading: pb::Reading,
}

/// Parts that wait for the others.
#[derive(Debug, Default)]
pub(crate) struct Gather(HashMap<String, Waiting>);

#[derive(Debug)]
struct Waiting {
    source: Source,
    values: Values,
    since: Timestamp,
}

impl Gather {
    /// Takes what was heard; what is a reading by now. Time and place of a reading are those of its first part.
    pub(crate) fn take(&mut self, heard: Heard, now: Timestamp) -> Option<Measured> {
        let source = heard.source;
        match heard.told {
            Told::Whole(mut reading) => {
                reading.timestamp.get_or_insert_with(|| wire::timestamp(now));
                Some(Measured { source, reading })
            }
            Told::Part(values) => self.part(source, values, now),
        }
    }

    fn part(&mut self, source: Source, values: Values, now: Timestamp) -> Option<Measured> {
        let name = source.name().to_owned();
        let fresh = Waiting {
            source,
            values,
            since: now,
        };
        let has_room = self.0.len() < MOST;
        match self.0.get_mut(&name) {
            Some(waiting) if waiting.values.meets(&fresh.values) => std::mem::replace(waiting, fresh).measured(),
            Some(waiting) => {
                waiting.values.overlay(&fresh.values);
                None
            }
            None if has_room => {
                self.0.insert(name, fresh);
                None
            }
            None => fresh.measured(),
        }
    }

    /// What has waited long enough.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Measured> {
        let settled = self.0.extract_if(|_, it| now.since(it.since) >= SETTLE);
        settled.filter_map(|(_, it)| it.measured()).collect()
    }
}

impl Waiting {
    fn measured(self) -> Option<Measured> {
        let mut reading = self.values.reading()?;
        reading.timestamp = Some(wire::timestamp(self.since));
        Some(Measured {
            source: self.source,
            reading,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::heard::Quantity;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_micros(1_795_000_000_000_000 + milliseconds * 1000).unwrap()
    }

    fn part(quantity: Quantity, value: f64) -> Heard {
        Heard::part(Source::of("shelly", "plug"), quantity, value)
    }

    #[test]
    fn parts_of_a_moment_are_one_reading() {
        let mut gather = Gather::default();
        for (after, quantity, value) in [
            (0, Quantity::Energy, 1200.0),
            (20, Quantity::Power, 60.5),
            (40, Quantity::Voltage, 229.0),
        ] {
            assert_eq!(gather.take(part(quantity, value), at(after)), None);
        }
        assert_eq!(gather.due(at(399)), []);
        let due = gather.due(at(400));
        let readings: Vec<_> = due.iter().map(|it| &it.reading).collect();
        assert_eq!(
            readings,
            [&pb::Reading {
                power_watts: 60.5,
                voltage: Some(229.0),
                energy_total_wh: Some(1200.0),
                timestamp: Some(wire::timestamp(at(0))),
                ..pb::Reading::default()
            }]
        );
        assert_eq!(gather.due(at(900)), []);
    }

    #[test]
    fn the_same_quantity_again_is_the_next_reading() {
        let mut gather = Gather::default();
        assert_eq!(gather.take(part(Quantity::Power, 1.0), at(0)), None);
        let first = gather.take(part(Quantity::Power, 2.0), at(100)).unwrap();
        assert_eq!(
            first.reading,
            pb::Reading {
                power_watts: 1.0,
                timestamp: Some(wire::timestamp(at(0))),
                ..pb::Reading::default()
            }
        );
        assert_eq!(gather.due(at(500)).len(), 1);
    }

    #[test]
    fn without_power_there_is_no_reading() {
        let mut gather = Gather::default();
        assert_eq!(gather.take(part(Quantity::Energy, 1.0), at(0)), None);
        assert_eq!(gather.due(at(1000)), []);
    }
}
