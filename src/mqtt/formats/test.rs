//! Messages as devices really send them.

use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::Timestamp;

use super::*;
use crate::mqtt::gather::{Gather, Measured};

const NOW: i64 = 1_795_000_000;

pub(super) fn now() -> Timestamp {
    Timestamp::from_parts(NOW, 0).unwrap()
}

/// A collector's ears: what comes of messages of one moment.
#[derive(Default)]
pub(super) struct Ears {
    pub(super) formats: Formats,
    pub(super) gather: Gather,
}

impl Ears {
    fn hear(&mut self, topic: &str, payload: &str) -> Result<Vec<Measured>, String> {
        self.message(topic, payload, false)
    }

    fn message(&mut self, topic: &str, payload: &str, retained: bool) -> Result<Vec<Measured>, String> {
        let heard = self.formats.read(&Message {
            topic,
            payload: payload.as_bytes(),
            retained,
            at: now(),
        });
        let heard = heard.map_err(|why| why.to_string())?;
        Ok(heard.into_iter().filter_map(|it| self.gather.take(it, now())).collect())
    }

    fn settled(&mut self) -> Vec<Measured> {
        self.gather.due(now().plus(std::time::Duration::from_secs(1)))
    }
}

/// What messages of one moment come to: names, and power, voltage, current, power factor, energy.
type Row = (String, f64, Option<f64>, Option<f64>, Option<f64>, Option<f64>);

fn rows(messages: &[(&str, &str)]) -> Vec<Row> {
    let mut ears = Ears::default();
    let mut all = Vec::new();
    for (topic, payload) in messages {
        all.extend(ears.hear(topic, payload).unwrap());
    }
    all.extend(ears.settled());
    let mut rows: Vec<_> = all.iter().map(row).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

fn row(measured: &Measured) -> Row {
    let it = &measured.reading;
    let energy = it.energy_total_wh.map(|it| (it * 1000.0).round() / 1000.0);
    let name = measured.source.name().to_owned();
    (name, it.power_watts, it.voltage, it.current, it.power_factor, energy)
}

fn of(name: &str, power: f64, rest: [Option<f64>; 4]) -> Row {
    let [voltage, current, factor, energy] = rest;
    (name.to_owned(), power, voltage, current, factor, energy)
}

#[test]
fn tasmota() {
    let energy = r#""ENERGY":{"TotalStartTime":"2018-02-01T00:00:00","Total":6.294,"Yesterday":5.340,"Today":0.954,"Period":217,"Power":2635,"ApparentPower":2650,"ReactivePower":282,"Factor":0.99,"Voltage":227,"Current":11.661}"#;
    let sensor = format!(r#"{{"Time":"2018-02-15T17:37:10",{energy}}}"#);
    let values = [Some(227.0), Some(11.661), Some(0.99), Some(6294.0)];
    for topic in [
        "tele/washer/SENSOR",
        "washer/tele/SENSOR",
        "tasmota/washer/tele/SENSOR",
        "tasmota/tele/washer/SENSOR",
    ] {
        assert_eq!(rows(&[(topic, &sensor)]), [of("washer", 2635.0, values)], "{topic}");
    }
    let status = format!(r#"{{"StatusSNS":{{"Time":"2018-02-15T17:37:10",{energy}}}}}"#);
    assert_eq!(
        rows(&[("stat/washer/STATUS8", &status)]),
        [of("washer", 2635.0, values)]
    );
    let two = r#"{"Time":"2024-02-15T17:37:10","ENERGY":{"Total":[1.5,2.25],"Power":[100,20.5],"Voltage":231,"Current":[0.43,0.1],"Factor":[0.9,0.8]}}"#;
    assert_eq!(
        rows(&[("tele/strip/SENSOR", two)]),
        [of("strip", 120.5, [Some(231.0), None, None, Some(3750.0)])]
    );
    assert_eq!(
        rows(&[(
            "tele/weather/SENSOR",
            r#"{"Time":"2024-02-15T17:37:10","BME280":{"Temperature":21.3}}"#
        )]),
        []
    );
}

#[test]
fn shelly_of_the_first_generation() {
    assert_eq!(
        rows(&[
            ("shellies/shellyplug-s-A1B2C3/relay/0", "on"),
            ("shellies/shellyplug-s-A1B2C3/relay/0/power", "61.55"),
            ("shellies/shellyplug-s-A1B2C3/relay/0/energy", "72000"),
            ("shellies/shellyplug-s-A1B2C3/temperature", "31.2"),
            ("shellies/shellyplug-s-A1B2C3/online", "true"),
        ]),
        [of("shellyplug-s-A1B2C3", 61.55, [None, None, None, Some(1200.0)])]
    );
    assert_eq!(
        rows(&[
            ("shellies/shellyem3-AB/emeter/1/power", "-350.2"),
            ("shellies/shellyem3-AB/emeter/1/voltage", "233.1"),
            ("shellies/shellyem3-AB/emeter/1/pf", "-0.98"),
            ("shellies/shellyem3-AB/emeter/1/energy", "3512"),
            ("shellies/shellyem3-AB/emeter/1/total", "81234.5"),
            ("shellies/shellyem3-AB/emeter/1/total_returned", "0.0"),
        ]),
        [of(
            "shellyem3-AB/1",
            -350.2,
            [Some(233.1), None, Some(-0.98), Some(81234.5)]
        )]
    );
    // A meter of both ways: its power says all, a counter of one way does not.
    assert_eq!(
        rows(&[
            ("shellies/shellyem-CD/emeter/0/power", "-900"),
            ("shellies/shellyem-CD/emeter/0/total", "5"),
            ("shellies/shellyem-CD/emeter/0/total_returned", "9"),
        ]),
        [of("shellyem-CD", -900.0, [None; 4])]
    );
}

#[test]
fn shelly_of_later_generations_tells_changes() {
    let mut ears = Ears::default();
    let topic = "shellyplus1pm-a8032ab1/events/rpc";
    let notice = |params: &str| {
        format!(r#"{{"src":"shellyplus1pm-a8032ab1","dst":"x","method":"NotifyStatus","params":{params}}}"#)
    };
    let mut hear = |params: &str| ears.hear(topic, &notice(params)).unwrap();

    let energy = r#"{"ts":1794999990.25,"switch:0":{"id":0,"aenergy":{"by_minute":[0,0,0],"minute_ts":1794999990,"total":104.5}}}"#;
    assert_eq!(hear(energy), [], "power is not known yet");
    let full = r#"{"ts":1794999991.5,"switch:0":{"id":0,"apower":8.6,"voltage":231.4,"current":0.05,"pf":0.71}}"#;
    let told = hear(full);
    let told: Vec<_> = told.iter().collect();
    assert_eq!(
        row(told[0]),
        of(
            "shellyplus1pm-a8032ab1",
            8.6,
            [Some(231.4), Some(0.05), Some(0.71), None]
        )
    );
    let at = told[0].reading.timestamp.unwrap();
    assert_eq!((at.seconds, at.nanos), (1_794_999_991, 500_000_000));
    // The minute's energy, while the power stays as it is.
    let again = hear(&energy.replace("1794999990.25", "1794999996"));
    assert_eq!(
        row(&again[0]),
        of(
            "shellyplus1pm-a8032ab1",
            8.6,
            [Some(231.4), Some(0.05), Some(0.71), Some(104.5)]
        )
    );
    assert_eq!(hear(r#"{"ts":1794999997,"sys":{"available_updates":{}}}"#), []);
    // A clock that is not set, or is ahead.
    for ts in ["12.5", "1795000900"] {
        let told = hear(&format!(r#"{{"ts":{ts},"switch:0":{{"id":0,"apower":9}}}}"#));
        assert_eq!(told[0].reading.timestamp, Some(wire::timestamp(now())), "{ts}");
    }
    assert_eq!(
        ears.hear(topic, r#"{"method":"NotifyEvent","params":{"ts":1.0,"events":[]}}"#)
            .unwrap(),
        []
    );
}

#[test]
fn shelly_meters_of_three_phases() {
    let em = r#"{"id":0,"a_current":4.02,"a_voltage":236.1,"a_act_power":951.2,"b_act_power":-1.9,"c_act_power":25.3,"n_current":null,"total_current":5.5,"total_act_power":974.6,"total_aprt_power":1280.4}"#;
    let data = r#"{"id":0,"a_total_act_energy":1.0,"total_act":13100.98,"total_act_ret":0.0}"#;
    assert_eq!(
        rows(&[
            ("shellypro3em-01/status/em:0", em),
            ("shellypro3em-01/status/emdata:0", data)
        ]),
        [
            of("shellypro3em-01", 974.6, [None; 4]),
            of("shellypro3em-01", 974.6, [None, None, None, Some(13100.98)]),
        ]
    );
    let em1 = r#"{"id":1,"voltage":229.3,"current":2.1,"act_power":480.1,"aprt_power":490,"pf":0.98}"#;
    assert_eq!(
        rows(&[("shellyproem50-02/status/em1:1", em1)]),
        [of(
            "shellyproem50-02/1",
            480.1,
            [Some(229.3), Some(2.1), Some(0.98), None]
        )]
    );
}

#[test]
fn zigbee2mqtt() {
    let plug = r#"{"ac_frequency":50,"current":0.27,"energy":31.02,"last_seen":"2025-10-15T19:10:57+02:00","linkquality":76,"power":61,"state":"ON","voltage":236.19}"#;
    assert_eq!(
        rows(&[
            ("zigbee2mqtt/Kitchen/Old fridge", plug),
            ("zigbee2mqtt/Kitchen/Old fridge/availability", r#"{"state":"online"}"#),
            ("zigbee2mqtt/bridge/devices", "[]"),
            (
                "zigbee2mqtt/Motion sensor",
                r#"{"occupancy":true,"battery":90,"voltage":3000}"#
            ),
        ]),
        [of(
            "Kitchen/Old fridge",
            61.0,
            [Some(236.19), Some(0.27), None, Some(31020.0)]
        )]
    );
    let strip = r#"{"power_l1":10,"power_l2":20.5,"energy_l2":1.5,"power_on_behavior_l1":"off","power_factor_l1":95}"#;
    assert_eq!(
        rows(&[("zigbee2mqtt/Strip", strip)]),
        [
            of("Strip/l1", 10.0, [None, None, Some(0.95), None]),
            of("Strip/l2", 20.5, [None, None, None, Some(1500.0)])
        ]
    );
}

#[test]
fn devices_that_announce_themselves() {
    let device = r#""dev":{"ids":"7c87ce","name":"Kettle","mdl":"esp8266","mf":"espressif"}"#;
    let config = |name: &str, unit: &str, topic: &str| {
        format!(
            r#"{{"dev_cla":"power","unit_of_meas":"{unit}","stat_cla":"measurement","name":"{name}","stat_t":"{topic}","avty_t":"kettle/status",{device}}}"#
        )
    };
    let mut ears = Ears::default();
    for (id, name, unit, topic) in [
        ("kettle_power", "Kettle Power", "kW", "kettle/sensor/kettle_power/state"),
        ("kettle_voltage", "Voltage", "V", "kettle/sensor/kettle_voltage/state"),
        (
            "kettle_energy",
            "Total Energy",
            "kWh",
            "kettle/sensor/kettle_energy/state",
        ),
        (
            "kettle_temperature",
            "Temperature",
            "°C",
            "kettle/sensor/kettle_temperature/state",
        ),
    ] {
        let at = format!("homeassistant/sensor/kettle/{id}/config");
        assert_eq!(ears.message(&at, &config(name, unit, topic), true), Ok(vec![]));
    }
    let mut wanted: Vec<_> = ears.formats.new_filters().into_iter().map(|it| it.topic).collect();
    wanted.sort();
    assert_eq!(
        wanted,
        [
            "kettle/sensor/kettle_energy/state",
            "kettle/sensor/kettle_power/state",
            "kettle/sensor/kettle_voltage/state"
        ]
    );
    assert_eq!(ears.formats.new_filters(), []);
    for (topic, payload) in [
        ("kettle/sensor/kettle_power/state", "1.9985"),
        ("kettle/sensor/kettle_voltage/state", "229.1"),
        ("kettle/sensor/kettle_energy/state", "12.5"),
        ("kettle/sensor/kettle_temperature/state", "98"),
    ] {
        assert_eq!(ears.hear(topic, payload), Ok(vec![]));
    }
    let settled: Vec<_> = ears.settled().iter().map(row).collect();
    assert_eq!(
        settled,
        [of("Kettle", 1998.5, [Some(229.1), None, None, Some(12500.0)])]
    );
    // A sensor that is taken away says nothing any more.
    ears.message("homeassistant/sensor/kettle/kettle_voltage/config", "", true)
        .unwrap();
    ears.hear("kettle/sensor/kettle_power/state", "2").unwrap();
    ears.hear("kettle/sensor/kettle_voltage/state", "229.1").unwrap();
    let settled: Vec<_> = ears.settled().iter().map(row).collect();
    assert_eq!(settled, [of("Kettle", 2000.0, [None; 4])]);
    ears.hear("kettle/sensor/kettle_power/state", "nan").unwrap();
    ears.hear("kettle/sensor/kettle_power/state", "unavailable").unwrap();
    assert_eq!(ears.settled(), []);
}

#[test]
fn one_message_announces_all_of_a_device() {
    let config = r#"{"device":{"ids":"ea334450945afc","name":"Heat pump"},"o":{"name":"bla2mqtt"},
        "cmps":{"p":{"p":"sensor","device_class":"power","unit_of_measurement":"W","value_template":"{{ value_json.power | float }}","unique_id":"p1"},
                "e":{"p":"sensor","device_class":"energy","unit_of_measurement":"Wh","value_template":"{{ value_json['counter']['total'] }}","unique_id":"e1"},
                "t":{"p":"sensor","device_class":"power","unit_of_measurement":"W","value_template":"{{ states('x') | float + 1 }}","unique_id":"t1"},
                "s":{"p":"switch","unit_of_measurement":"W","value_template":"{{ value_json.limit }}"}},
        "state_topic":"~/state","~":"hp","qos":2}"#;
    let mut ears = Ears::default();
    ears.message("homeassistant/device/ea334450945afc/config", config, true)
        .unwrap();
    assert_eq!(ears.formats.new_filters(), [Filter::live("hp/state")]);
    ears.hear("hp/state", r#"{"power":1450.5,"counter":{"total":98000},"limit":3000}"#)
        .unwrap();
    let settled: Vec<_> = ears.settled().iter().map(row).collect();
    assert_eq!(settled, [of("Heat pump", 1450.5, [None, None, None, Some(98000.0)])]);
}

#[test]
fn statestream_of_home_assistant() {
    let mut ears = Ears::default();
    for (entity, unit) in [
        ("fridge_power", "\"W\""),
        ("fridge_energy", "\"kWh\""),
        ("outside", "\"°C\""),
    ] {
        let topic = format!("homeassistant/sensor/{entity}/unit_of_measurement");
        ears.message(&topic, unit, true).unwrap();
    }
    assert_eq!(
        ears.message("homeassistant/sensor/fridge_power/state", "55.0", true),
        Ok(vec![])
    );
    assert_eq!(ears.settled(), [], "kept by the broker since an unknown time");
    for (entity, value) in [
        ("fridge_power", "61.5"),
        ("fridge_energy", "\"12.25\""),
        ("outside", "7"),
    ] {
        ears.hear(&format!("homeassistant/sensor/{entity}/state"), value)
            .unwrap();
    }
    let settled: Vec<_> = ears.settled().iter().map(row).collect();
    assert_eq!(settled, [of("fridge", 61.5, [None, None, None, Some(12250.0)])]);
}

#[test]
fn open_energy_monitor() {
    assert_eq!(
        rows(&[(
            "emon/emonTx4",
            r#"{"time":1795000000,"MSG":12,"Vrms":239.5,"P1":250,"E1":1200,"P2":-30,"T1":21.5}"#
        )]),
        [
            of("emonTx4/1", 250.0, [Some(239.5), None, None, Some(1200.0)]),
            of("emonTx4/2", -30.0, [Some(239.5), None, None, None])
        ]
    );
    assert_eq!(
        rows(&[("emon/emonpi/power1", "412"), ("emon/emonpi/t1", "20")]),
        [of("emonpi/1", 412.0, [None; 4])]
    );
}

#[test]
fn meters_of_utilities() {
    let telegram = r#"{"electricity_delivered_1":1123.5,"electricity_delivered_2":2000.25,"electricity_returned_1":0,"electricity_returned_2":0,"electricity_currently_delivered":0.433,"electricity_currently_returned":0}"#;
    assert_eq!(
        rows(&[("dsmr/json", telegram)]),
        [of("grid", 433.0, [None, None, None, Some(3_123_750.0)])]
    );
    let sunny = telegram
        .replace("0.433", "0")
        .replace(r#"returned":0}"#, r#"returned":1.25}"#);
    assert_eq!(
        rows(&[("dsmr/json", &sunny)]),
        [of("grid", -1250.0, [None, None, None, Some(3_123_750.0)])]
    );
    let glow = r#"{"electricitymeter":{"timestamp":"2022-04-11T22:59:00Z","energy":{"export":{"cumulative":0.0,"units":"kWh"},"import":{"cumulative":8.212,"day":2.1,"units":"kWh","mpan":"1"}},"power":{"value":0.378,"units":"kW"}}}"#;
    assert_eq!(
        rows(&[("glow/A1B2C3/SENSOR/electricitymeter", glow)]),
        [of("A1B2C3", 378.0, [None, None, None, Some(8212.0)])]
    );
}

#[test]
fn our_own_topics() {
    let mut ears = Ears::default();
    let now_told = ears.hear("voltaire/now/Fridge", "61.5").unwrap();
    assert_eq!(row(&now_told[0]), of("Fridge", 61.5, [None; 4]));
    let object = ears
        .hear("voltaire/now/Fridge", r#"{"powerWatts": 60, "voltage": 230.5}"#)
        .unwrap();
    assert_eq!(row(&object[0]), of("Fridge", 60.0, [Some(230.5), None, None, None]));
    let list = r#"[{"timestamp":"2026-11-20T10:00:00Z","power_watts":1500,"interval":"900s"},{"timestamp":"2026-11-20T11:15:00+01:00","powerWatts":-2}]"#;
    let readings = ears.message("voltaire/readings/Dach/Solar", list, true).unwrap();
    let expected = |seconds: i64, power_watts: f64, interval: Option<i64>| pb::Reading {
        timestamp: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        power_watts,
        interval: interval.map(|seconds| prost_types::Duration { seconds, nanos: 0 }),
        ..pb::Reading::default()
    };
    let told: Vec<_> = readings
        .into_iter()
        .map(|it| (it.source.name().to_owned(), it.reading))
        .collect();
    assert_eq!(
        told,
        [
            ("Dach/Solar".into(), expected(1_795_168_800, 1500.0, Some(900))),
            ("Dach/Solar".into(), expected(1_795_169_700, -2.0, None)),
        ]
    );
    for (topic, payload, why) in [
        ("voltaire/now/Fridge", "warm", "neither a number nor an object"),
        ("voltaire/now/Fridge", "{}", "powerWatts: must be set"),
        ("voltaire/now/Fridge", r#"{"powerWatts":"much"}"#, "invalid float"),
        ("voltaire/now/Fridge", r#"{"powerWatts":1,"colour":"red"}"#, "colour"),
        ("voltaire/readings/Fridge", "61.5 W", "not JSON"),
        (
            "voltaire/readings/Fridge",
            r#"{"powerWatts":1}"#,
            "timestamp: must be set",
        ),
    ] {
        let told = ears.hear(topic, payload).unwrap_err();
        assert!(told.contains(why), "{payload}: {told}");
    }
    let many = format!("[{}]", vec![r#"{"powerWatts":1}"#; 1001].join(","));
    assert!(
        ears.hear("voltaire/readings/Fridge", &many)
            .unwrap_err()
            .contains("at most 1000")
    );
}

#[test]
fn other_first_words_of_topics() {
    let mut prefixes = Prefixes::default();
    assert!(prefixes.set("zigbee2mqtt", "house/z2m/").is_some());
    assert!(prefixes.set("nothing", "x").is_none());
    let mut formats = Formats::new(prefixes);
    assert!(formats.filters().contains(&Filter::live("house/z2m/#")));
    let heard = formats.read(&Message {
        topic: "house/z2m/Lamp",
        payload: br#"{"power":7}"#,
        retained: false,
        at: now(),
    });
    assert_eq!(heard.unwrap()[0].source.name(), "Lamp");
    for name in Prefixes::NAMES {
        assert!(Prefixes::default().set(name, "x").is_some(), "{name}");
    }
}
