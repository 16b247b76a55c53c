//! What a message says: who measured, when, and what.

use serde_json::Value;
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::Timestamp;

/// A message as the broker gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a [u8],
    /// Kept by the broker from an unknown time before.
    pub(crate) retained: bool,
    /// When it arrived here.
    pub(crate) at: Timestamp,
}

impl<'a> Message<'a> {
    /// A message that has just come.
    pub(crate) fn of(publish: &'a rumqttc::Publish, topic: &'a str, at: Timestamp) -> Self {
        Self {
            topic,
            payload: &publish.payload,
            retained: publish.retain,
            at,
        }
    }

    /// The payload as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.payload).ok()
    }

    /// The payload as a bare number; none for `unavailable`, `nan` and the like.
    pub(crate) fn number(&self) -> Option<f64> {
        parse(std::str::from_utf8(self.payload).ok()?)
    }
}

fn parse(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches('"');
    text.parse().ok().filter(|it: &f64| it.is_finite())
}

/// A number of a JSON object, told as a number or as a text.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => parse(text),
        _ => None,
    }
}

/// What measured: names that a device may go by, the shortest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source(Vec<String>);

impl Source {
    /// A source of one maker: `name`, and `maker/name` where two makers' devices have the same name.
    pub(crate) fn of(maker: &str, name: &str) -> Self {
        Self(vec![name.to_owned(), format!("{maker}/{name}")])
    }

    /// A channel of a device: the first goes by the device's name as well.
    pub(crate) fn channel(maker: &str, name: &str, channel: &str) -> Self {
        let of_channel = format!("{name}/{channel}");
        if channel == "0" {
            Self(vec![name.to_owned(), of_channel, format!("{maker}/{name}")])
        } else {
            Self::of(maker, &of_channel)
        }
    }

    /// The one that it is called by.
    pub(crate) fn name(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// One figure that devices measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// Active power, W.
    Power,
    /// RMS voltage, V.
    Voltage,
    /// RMS current, A.
    Current,
    /// −1 to 1.
    PowerFactor,
    /// A counter of energy, Wh.
    Energy,
    /// A counter of energy that went the other way, Wh.
    Returned,
}

/// What a unit measures, and how many of ours it is.
pub(crate) fn unit(text: &str) -> Option<(Quantity, f64)> {
    Some(match text {
        "W" => (Quantity::Power, 1.0),
        "kW" => (Quantity::Power, 1e3),
        "mW" => (Quantity::Power, 1e-3),
        "Wh" => (Quantity::Energy, 1.0),
        "kWh" => (Quantity::Energy, 1e3),
        "MWh" => (Quantity::Energy, 1e6),
        "V" => (Quantity::Voltage, 1.0),
        "mV" => (Quantity::Voltage, 1e-3),
        "A" => (Quantity::Current, 1.0),
        "mA" => (Quantity::Current, 1e-3),
        _ => return None,
    })
}

/// What was measured at one moment; what was not told is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Values {
    pub(crate) power: Option<f64>,
    pub(crate) voltage: Option<f64>,
    pub(crate) current: Option<f64>,
    pub(crate) power_factor: Option<f64>,
    pub(crate) energy: Option<f64>,
    pub(crate) returned: Option<f64>,
}

impl Values {
    /// One value alone.
    pub(crate) fn one(quantity: Quantity, value: f64) -> Self {
        let mut values = Self::default();
        *values.slot(quantity) = Some(value);
        values
    }

    fn slot(&mut self, quantity: Quantity) -> &mut Option<f64> {
        match quantity {
            Quantity::Power => &mut self.power,
            Quantity::Voltage => &mut self.voltage,
            Quantity::Current => &mut self.current,
            Quantity::PowerFactor => &mut self.power_factor,
            Quantity::Energy => &mut self.energy,
            Quantity::Returned => &mut self.returned,
        }
    }

    /// Takes over what is newer.
    pub(crate) fn overlay(&mut self, newer: &Self) {
        self.power = newer.power.or(self.power);
        self.voltage = newer.voltage.or(self.voltage);
        self.current = newer.current.or(self.current);
        self.power_factor = newer.power_factor.or(self.power_factor);
        self.energy = newer.energy.or(self.energy);
        self.returned = newer.returned.or(self.returned);
    }

    /// Whether both tell the same quantity, so that they are of two moments.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let both = |a: Option<f64>, b: Option<f64>| a.is_some() && b.is_some();
        both(self.power, other.power)
            || both(self.voltage, other.voltage)
            || both(self.current, other.current)
            || both(self.power_factor, other.power_factor)
            || both(self.energy, other.energy)
            || both(self.returned, other.returned)
    }

    /// The reading; none without power. A counter of one direction says nothing of a meter of both, whose power does.
    pub(crate) fn reading(&self) -> Option<pb::Reading> {
        let both_ways = self.returned.is_some_and(|it| it > 0.0);
        Some(pb::Reading {
            power_watts: self.power?,
            voltage: self.voltage,
            current: self.current,
            power_factor: self.power_factor.filter(|it| it.abs() <= 1.0),
            energy_total_wh: self.energy.filter(|_| !both_ways),
            ..pb::Reading::default()
        })
    }
}

/// What a message tells of a source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) source: Source,
    pub(crate) told: Told,
}

/// A whole reading, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// Without a timestamp: of now.
    Whole(pb::Reading),
    /// One of several messages that belong together.
    Part(Values),
}

impl Heard {
    /// Values that are a reading of now; none without power.
    pub(crate) fn whole(source: Source, values: &Values) -> Option<Self> {
        Some(Self {
            source,
            told: Told::Whole(values.reading()?),
        })
    }

    /// One value of several.
    pub(crate) fn part(source: Source, quantity: Quantity, value: f64) -> Self {
        Self {
            source,
            told: Told::Part(Values::one(quantity, value)),
        }
    }

    /// Whether it says when it was measured.
    pub(crate) fn is_dated(&self) -> bool {
        matches!(&self.told, Told::Whole(reading) if reading.timestamp.is_some())
    }
}
