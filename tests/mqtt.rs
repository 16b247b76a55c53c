//! Devices publish at a real broker; their readings are in the home, once, whatever is killed meanwhile.

mod common;

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, Instant},
};

use common::{
    Server,
    broker::Broker,
    process::{self, Process},
    user::User,
};
use serde_json::{Value, json};
use voltaire_proto::telemetry::v1 as telemetry;

const PATIENCE: Duration = Duration::from_secs(30);
/// When dated readings begin, seconds since 1970.
const START: i64 = 1_795_000_000;

/// A broker, a server, and its first user; none where there is no broker here.
async fn house() -> Option<(Broker, Server, User)> {
    let broker = Broker::start().await?;
    let server = Server::up().await;
    let user = User::register(&server, "ann").await;
    Some((broker, server, user))
}

/// The last power of each device that has one, W, by the device's name.
async fn latest(user: &User) -> BTreeMap<String, f64> {
    let request = telemetry::GetLatestRequest::default();
    let latest = user
        .query()
        .get_latest(user.request(request))
        .await
        .expect("the latest");
    let request = telemetry::ListDevicesRequest::default();
    let devices = user
        .devices()
        .list_devices(user.request(request))
        .await
        .expect("devices");
    let devices = devices.into_inner().devices;
    let name = |id: &str| devices.iter().find(|it| it.device_id == id).map(|it| it.name.clone());
    let readings = latest.into_inner().latest.into_iter().filter_map(|it| it.reading);
    readings
        .filter_map(|it| Some((name(&it.device_id)?, it.power_watts)))
        .collect()
}

/// Waits until the last powers are these.
async fn comes_to(user: &User, expected: &[(&str, f64)]) {
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(name, power)| ((*name).to_owned(), *power))
        .collect();
    let begun = Instant::now();
    loop {
        let latest = latest(user).await;
        if latest == expected {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{latest:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until a process has written a word.
async fn says(process: &Process, word: &str) {
    let begun = Instant::now();
    while !process.log().contains(word) {
        assert!(begun.elapsed() < PATIENCE, "{word} in {}", process.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How a command ends: its exit code, and what it printed.
fn ends(command: Command) -> (Option<i32>, String) {
    let output = process::run(command, "");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn devices_of_every_maker_are_heard() {
    let Some((mut broker, server, user)) = house().await else {
        return;
    };
    for name in [
        "washer",
        "shellyplug-s-A1",
        "shellyplus1pm-b2",
        "Old Fridge",
        "Kettle",
        "Meter",
        "Desk",
    ] {
        user.device(name).await;
    }
    let kettle = r#"{"dev_cla":"power","unit_of_meas":"kW","name":"Power","stat_t":"kettle/sensor/power/state","dev":{"name":"Kettle"}}"#;
    broker
        .publish_retained(&[
            ("homeassistant/sensor/kettle/power/config", kettle),
            // Of an unknown time before.
            ("voltaire/now/Desk", "999"),
            ("zigbee2mqtt/Old fridge", r#"{"power":998}"#),
        ])
        .await;
    let mut collector = broker.collector(&server, &user).await;
    // What a device announces is subscribed to a moment later.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let notice = r#"{"src":"shellyplus1pm-b2","method":"NotifyStatus","params":{"switch:0":{"id":0,"apower":8.5,"voltage":231.4}}}"#;
    broker
        .publish(&[
            (
                "tele/washer/SENSOR",
                r#"{"Time":"2018-02-15T17:37:10","ENERGY":{"Total":6.294,"Power":2635,"Voltage":227}}"#,
            ),
            ("shellies/shellyplug-s-A1/relay/0/power", "61.5"),
            ("shellies/shellyplug-s-A1/relay/0/energy", "72000"),
            ("shellyplus1pm-b2/events/rpc", notice),
            (
                "zigbee2mqtt/Old fridge",
                r#"{"energy":31.02,"power":61,"state":"ON","voltage":236.19}"#,
            ),
            ("kettle/sensor/power/state", "1.9985"),
            (
                "glow/Meter/SENSOR/electricitymeter",
                r#"{"electricitymeter":{"power":{"value":0.378,"units":"kW"}}}"#,
            ),
            ("voltaire/now/Desk", "44.5"),
            ("voltaire/now/Nobody's", "1"),
            ("voltaire/readings/Desk", r#"{"powerWatts":1}"#),
        ])
        .await;
    comes_to(
        &user,
        &[
            ("washer", 2635.0),
            ("shellyplug-s-A1", 61.5),
            ("shellyplus1pm-b2", 8.5),
            ("Old Fridge", 61.0),
            ("Kettle", 1998.5),
            ("Meter", 378.0),
            ("Desk", 44.5),
        ],
    )
    .await;
    let log = collector.log();
    assert!(
        log.contains("Nobody's") && log.contains("no device is called so"),
        "{log}"
    );
    assert!(log.contains("timestamp: must be set"), "{log}");

    // A device that is added later is heard from then on.
    user.device("Nobody's").await;
    let begun = Instant::now();
    while latest(&user).await.len() < 8 {
        assert!(begun.elapsed() < PATIENCE, "{}", collector.log());
        broker.publish(&[("voltaire/now/Nobody's", "2")]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // The broker goes and comes back.
    broker.restart(says(&collector, "not connected to the broker")).await;
    let begun = Instant::now();
    while latest(&user).await.get("Desk") != Some(&45.0) {
        assert!(begun.elapsed() < PATIENCE, "{}", collector.log());
        broker.publish(&[("voltaire/now/Desk", "45")]).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(collector.stop(), Some(0));
    let (code, said) = ends(broker.inside("health"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("says offline"), "{said}");
    server.stop();
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_the_collector_or_the_server_is_killed() {
    const MESSAGES: i64 = 3000;
    let Some((broker, server, user)) = house().await else {
        return;
    };
    let device = user.device("Roof").await;
    let collector = broker.collector(&server, &user).await;
    let send = async |range: std::ops::Range<i64>| {
        let payload = |second: i64| json!({ "timestamp": seconds_in(second), "powerWatts": second }).to_string();
        let payloads: Vec<_> = range.map(payload).collect();
        let messages: Vec<_> = payloads
            .iter()
            .map(|it| ("voltaire/readings/Roof", it.as_str()))
            .collect();
        broker.publish(&messages).await;
    };
    send(0..700).await;
    // Killed with messages in its hands, and away while more come.
    drop(collector);
    send(700..1400).await;
    let collector = broker.collector(&server, &user).await;
    send(1400..1800).await;
    // The server is away: what comes is held, and the broker is told.
    let away = server.kill();
    send(1800..2400).await;
    says(&collector, "the server takes no readings").await;
    let (code, said) = ends(broker.inside("health"));
    assert!(code == Some(1) && said.contains("says waiting"), "{said}");
    drop(collector);
    let server = Server::back(away).await;
    let mut collector = broker.collector(&server, &user).await;
    send(2400..MESSAGES).await;

    let user = user.by(common::user::channel(&server.url).await);
    let expected: Vec<_> = (START..START + MESSAGES).collect();
    let begun = Instant::now();
    let mut stored = user.stored(&device).await;
    while stored.len() < expected.len() {
        assert!(
            begun.elapsed() < PATIENCE,
            "{} are stored\n{}",
            stored.len(),
            collector.log()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
        stored = user.stored(&device).await;
    }
    stored.sort_unstable();
    assert_eq!(stored, expected);
    assert_eq!(collector.stop(), Some(0));
    server.stop();
}

#[tokio::test]
async fn a_collector_that_holds_all_it_may_ends_when_it_is_asked_to() {
    /// As many readings as a collector holds, and as a message may have.
    const HELD: i64 = 100_000;
    const MESSAGE: i64 = 1000;
    let Some((broker, server, user)) = house().await else {
        return;
    };
    user.device("Roof").await;
    let mut collector = broker.collector(&server, &user).await;
    let away = server.kill();
    let list = |first: i64| {
        let reading = |second: i64| json!({ "timestamp": seconds_in(second), "powerWatts": 1 });
        (first..first + MESSAGE).map(reading).collect::<Value>().to_string()
    };
    let lists: Vec<_> = (0..HELD).step_by(MESSAGE as usize).map(list).collect();
    let messages: Vec<_> = lists.iter().map(|it| ("voltaire/readings/Roof", it.as_str())).collect();
    broker.publish(&messages).await;
    says(&collector, "the server takes no readings").await;
    // For one more there is no room, wherever it comes from.
    broker.publish(&[("shellies/Roof/relay/0/power", "2")]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(collector.stop(), Some(0));
    // What the broker keeps is not lost.
    let server = Server::back(away).await;
    let mut collector = broker.collector(&server, &user).await;
    let user = user.by(common::user::channel(&server.url).await);
    comes_to(&user, &[("Roof", 1.0)]).await;
    collector.stop();
    server.stop();
}

/// So many seconds after the start, as RFC 3339 has it.
fn seconds_in(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(START + seconds).expect("a time");
    at.to_string()
}

#[tokio::test]
async fn sources_are_shown_and_become_devices() {
    let Some((broker, server, user)) = house().await else {
        return;
    };
    user.login();
    user.device("Fridge").await;
    let discover = |arguments: &[&str]| {
        let mut command = broker.command(&["discover", "--for", "4s"]);
        command
            .args(arguments)
            .env("VOLTAIRE_SERVER", &server.url)
            .env("VOLTAIRE_TOKEN", &user.token);
        command
    };
    let listen = async |arguments: &[&str]| {
        let command = discover(arguments);
        let ended = tokio::task::spawn_blocking(|| ends(command));
        // However long it takes to begin to listen.
        while !ended.is_finished() {
            broker
                .publish(&[
                    ("zigbee2mqtt/fridge", r#"{"power":61}"#),
                    ("tele/washer/SENSOR", r#"{"ENERGY":{"Power":5}}"#),
                ])
                .await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        ended.await.expect("it ends")
    };
    let (code, said) = listen(&[]).await;
    assert_eq!(code, Some(0), "{said}");
    let line = |name: &str| {
        said.lines()
            .find(|it| it.starts_with(name))
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        line("fridge").contains("61.0 W  Fridge") && line("washer").contains("no device"),
        "{said}"
    );
    assert!(said.contains("--add"), "{said}");

    let (code, said) = listen(&["--add", "--json"]).await;
    assert_eq!(code, Some(0), "{said}");
    let rows: Value = serde_json::from_str(&said).expect("JSON");
    let row = |source: &str, power: f64, device: &str, added: bool| json!({ "source": source, "powerWatts": power, "device": device, "added": added });
    assert_eq!(
        rows,
        json!([row("fridge", 61.0, "Fridge", false), row("washer", 5.0, "washer", true)])
    );
    let request = telemetry::ListDevicesRequest::default();
    let devices = user
        .devices()
        .list_devices(user.request(request))
        .await
        .expect("devices");
    let made: Vec<_> = devices
        .into_inner()
        .devices
        .into_iter()
        .map(|it| (it.name, it.aliases))
        .collect();
    assert_eq!(
        made,
        [
            ("Fridge".into(), vec![]),
            ("washer".into(), vec!["tasmota/washer".to_owned()])
        ]
    );
    server.stop();
}

#[tokio::test]
async fn who_is_not_let_in_is_told_so() {
    let Some((broker, server, user)) = house().await else {
        return;
    };
    let refused = |arguments: &[&str], set: &[(&str, &str)]| {
        let mut command = broker.command(arguments);
        command
            .env("VOLTAIRE_SERVER", &server.url)
            .env("VOLTAIRE_TOKEN", &user.token);
        for (name, value) in set {
            command.env(name, value);
        }
        ends(command)
    };
    let inner = format!("mqtts://localhost:{}", broker.inner);
    let nowhere = format!("mqtt://127.0.0.1:{}", common::free_port());
    for (arguments, set, code, why) in [
        (
            vec!["collect"],
            vec![("VOLTAIRE_MQTT_USER", "nobody")],
            4,
            "--password-file",
        ),
        (
            vec!["collect"],
            vec![("VOLTAIRE_MQTT_PASSWORD_FILE", "/nowhere")],
            2,
            "cannot read /nowhere",
        ),
        (
            vec!["collect"],
            vec![("VOLTAIRE_MQTT_BROKER", "house")],
            2,
            "mqtt://HOST:PORT",
        ),
        (vec!["collect", "--prefix", "zigby=z"], vec![], 2, "zigbee2mqtt"),
        (
            vec!["collect", "--home", "Castle"],
            vec![],
            2,
            "no home is called Castle",
        ),
        (vec!["collect"], vec![("VOLTAIRE_TOKEN", "x.y.z")], 4, ""),
        (
            vec!["discover"],
            vec![("VOLTAIRE_MQTT_BROKER", nowhere.as_str())],
            3,
            "no broker answers",
        ),
        (
            vec!["health"],
            vec![("VOLTAIRE_MQTT_BROKER", nowhere.as_str())],
            3,
            "no broker answers",
        ),
        // A broker that an unknown authority has signed.
        (
            vec!["discover"],
            vec![("VOLTAIRE_MQTT_BROKER", inner.as_str())],
            3,
            "no secure connection",
        ),
        (vec!["health"], vec![], 1, "says nothing"),
    ] {
        let (ended, said) = refused(&arguments, &set);
        assert_eq!(ended, Some(code), "{arguments:?} {set:?}: {said}");
        assert!(said.contains(why), "{arguments:?} {set:?}: {said}");
        assert!(!said.contains(&user.token));
    }
    server.stop();
}
