//! Messages as nobody should send them.

use proptest::prelude::*;

use super::{
    test::{Ears, now},
    *,
};

fn topics() -> impl Strategy<Value = String> {
    let level = prop::sample::select(vec![
        "tele",
        "SENSOR",
        "stat",
        "STATUS8",
        "shellies",
        "relay",
        "0",
        "power",
        "events",
        "rpc",
        "status",
        "switch:0",
        "zigbee2mqtt",
        "homeassistant",
        "sensor",
        "device",
        "config",
        "state",
        "unit_of_measurement",
        "emon",
        "P1",
        "dsmr",
        "json",
        "glow",
        "electricitymeter",
        "voltaire",
        "now",
        "readings",
        "",
        "ü",
    ]);
    prop::collection::vec(level, 0..6).prop_map(|levels| levels.join("/"))
}

fn payloads() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"ENERGY\":",
        "\"power\":",
        "1e308",
        "-0",
        "null",
        ",",
        "\"params\":",
        "\"switch:0\":",
        "\"method\":\"NotifyStatus\"",
        "\"ts\":1e300",
        "\"stat_t\":\"~\"",
        "\"unit_of_meas\":\"W\"",
        "\"powerWatts\":1",
        "\"timestamp\":\"9999-12-31T23:59:59Z\"",
        "\"a\"",
        "NaN",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        prop::collection::vec(pieces, 0..10).prop_map(|it| it.concat().into_bytes()),
    ]
}

proptest! {
    #[test]
    fn no_message_makes_it_panic(messages in prop::collection::vec((topics(), payloads(), any::<bool>()), 1..20)) {
        let mut ears = Ears::default();
        for (topic, payload, retained) in &messages {
            let heard = ears.formats.read(&Message { topic, payload, retained: *retained, at: now() });
            for heard in heard.into_iter().flatten() {
                prop_assert!(!*retained || heard.is_dated());
                let measured = ears.gather.take(heard, now());
                prop_assert!(measured.is_none_or(|it| it.reading.power_watts.is_finite()));
            }
        }
    }
}
