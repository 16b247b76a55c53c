//! Replicas are one: they tell the same, belong to one trace, and are replaced without a lost call or reading.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tonic::Code;
use voltaire_proto::{auth::v1 as auth, telemetry::v1 as telemetry};

use opentelemetry_proto::tonic::trace::v1::Span;

use crate::common::{
    collector::tree,
    load::{Counted, Load},
    user::User,
    whole::{PATIENCE, WholeMesh},
};

/// What one replica takes in arrives at those who watch at any other, and a sign-out is known to all.
pub(crate) async fn every_replica_tells_the_same(mesh: &WholeMesh, user: &User) {
    let device = user.device("Fridge").await;
    let mut watchers = Vec::new();
    for _ in 0..6 {
        let user = user.by(mesh.edge.another());
        let watch = user.request(telemetry::WatchLiveRequest::default());
        watchers.push(user.query().watch_live(watch).await.expect("a stream").into_inner());
    }
    for power in [10.0, 20.0, 30.0, 40.0] {
        send(user, &device, power).await.expect("stored");
    }
    for mut messages in watchers {
        let seen = async {
            while let Some(message) = messages.message().await.expect("live") {
                if shows(message, 40.0) {
                    return;
                }
            }
        };
        timeout(PATIENCE, seen).await.expect("it arrives at every watcher");
    }
    let other = User::register_at(mesh.edge.channel(), "ben").await;
    other
        .auth()
        .logout(other.request(auth::LogoutRequest {}))
        .await
        .expect("signed out");
    let mut refused = 0;
    mesh.eventually("a session that was ended is refused by all", async || {
        let request = other.request(telemetry::ListDevicesRequest::default());
        let code = other
            .devices()
            .list_devices(request)
            .await
            .map(drop)
            .map_err(|it| it.code());
        refused = if code == Err(Code::Unauthenticated) {
            refused + 1
        } else {
            0
        };
        refused >= 8
    })
    .await;
}

/// Whether a live message shows a device at this power.
pub(crate) fn shows(message: telemetry::WatchLiveResponse, watts: f64) -> bool {
    use telemetry::watch_live_response::Event;
    let latest = match message.event {
        Some(Event::Readings(it)) => it.latest,
        Some(Event::Snapshot(it)) => it.latest.unwrap_or_default().latest,
        _ => Vec::new(),
    };
    let powers = latest.iter().filter_map(|it| Some(it.reading.as_ref()?.power_watts));
    powers.into_iter().any(|power| (power - watts).abs() < 1e-9)
}

/// A reading of now.
pub(crate) async fn send(user: &User, device: &str, power_watts: f64) -> Result<(), tonic::Status> {
    let reading = telemetry::Reading {
        device_id: device.to_owned(),
        timestamp: Some(voltaire_mesh::wire::timestamp(voltaire_types::Clock::system().now())),
        power_watts,
        ..telemetry::Reading::default()
    };
    let mut request = user.request(telemetry::IngestBatchRequest {
        readings: vec![reading],
    });
    request.set_timeout(PATIENCE);
    user.ingest().ingest_batch(request).await.map(drop)
}

/// A question of a browser's session: edge, gateway, proxy, chat, proxy, telemetry; and its sign-in, which asks auth.
pub(crate) async fn one_trace(mesh: &WholeMesh, user: &User) {
    let trace = uuid::Uuid::now_v7().simple().to_string();
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let (bearer, cookie) = (
        format!("Bearer {}", user.token),
        format!("__Host-session={}", user.token),
    );
    let own = [("traceparent", parent.as_str()), ("sec-fetch-site", "same-origin")];
    let with = |header| own.into_iter().chain([header]).collect::<Vec<(&str, &str)>>();
    let session = mesh
        .edge
        .json("POST", "/session", &with(("authorization", &bearer)), &Value::Null)
        .await;
    assert_eq!(session.status.as_u16(), 204);
    assert!(session.header("set-cookie").starts_with("__Host-session="));
    let ask = json!({"text": "how much did I use today?"});
    let answer = mesh
        .edge
        .json("POST", "/v1/ask", &with(("cookie", &cookie)), &ask)
        .await;
    assert_eq!(answer.status.as_u16(), 200);
    let mut steps = Vec::new();
    mesh.eventually("every part has told of the trace", async || {
        let lines = mesh.lines().into_iter().filter(|(_, line)| line.contains(&trace));
        steps = lines.filter_map(|(name, line)| step(name, &line)).collect();
        let has = |part: &str| steps.iter().any(|step| step.contains(part));
        [
            "edge    → gateway",
            "gateway → auth",
            "gateway → chat",
            "chat    → telemetry",
            "auth      GetMe",
            "chat      Ask",
            "telemetry ",
        ]
        .iter()
        .all(|part| has(part))
    })
    .await;
    println!("trace {trace}, as logs tell it\n  {}", steps.join("\n  "));
    let mut spans = Vec::new();
    mesh.eventually("every part has sent its span, and its caller's", async || {
        spans = mesh.collector.trace(&trace);
        let is_below = |span: &Span| spans.iter().any(|(_, it)| it.span_id == span.parent_span_id);
        ["gateway", "auth", "chat", "telemetry"].iter().all(|part| {
            let own: Vec<_> = spans.iter().filter(|(service, _)| service == part).collect();
            !own.is_empty() && own.iter().all(|(_, span)| is_below(span))
        })
    })
    .await;
    println!("and as spans\n{}", tree(&spans));
}

/// A line of a log as a step of a trace; none for lines that tell of something else.
fn step(name: &str, line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    if name == "envoy" {
        let member = line["member"]
            .as_str()
            .and_then(|it| it.rsplit('/').next())
            .unwrap_or("edge");
        let (service, rpc) = (line["service"].as_str()?, line["path"].as_str()?);
        return Some(format!(
            "envoy     {member:<7} → {service} {rpc} {} ms",
            line["milliseconds"]
        ));
    }
    let method = line["span"]["rpc.method"].as_str()?;
    let done = line["message"] == "handled";
    done.then(|| format!("{name:<9} {method} {}", line["code"].as_str().unwrap_or_default()))
}

/// Every replica of every role is replaced under load: no call fails, no acknowledged reading is missing.
pub(crate) async fn rolling_restart(mesh: &mut WholeMesh, user: &User) {
    let devices = [user.device("Batches").await, user.device("Stream").await];
    let load = Load::start(user, devices);
    let begun = Instant::now();
    for at in 0..2 {
        let both = ["telemetry", "chat"].map(|role| mesh.numbers(role)[at]);
        mesh.restart(&both).await;
    }
    let mut counted = load.end().await;
    let (well, all) = counted.totals();
    let acked: usize = counted.acked.values().map(BTreeSet::len).sum();
    println!(
        "rolling restart of 4 replicas in {:.1} s: {well} of {all} calls went well ({:.0}/s, p50 {:.0} ms, p99 {:.0} ms); \
         {acked} readings acknowledged; streams opened again {} times; {} live messages",
        begun.elapsed().as_secs_f64(),
        all as f64 / begun.elapsed().as_secs_f64(),
        counted.percentile(50),
        counted.percentile(99),
        counted.reopened,
        counted.live,
    );
    assert_eq!(well, all, "{:#?}", counted.failures);
    assert!(all > 50, "there was a load: {:?}", counted.calls);
    nothing_is_lost(user, &counted).await;
}

/// Every acknowledged reading is there, once.
async fn nothing_is_lost(user: &User, counted: &Counted) {
    for (device, acked) in &counted.acked {
        let stored = user.stored(device).await;
        let once: BTreeSet<_> = stored.iter().copied().collect();
        assert_eq!(once.len(), stored.len(), "each reading once");
        assert_eq!(
            acked.difference(&once).count(),
            0,
            "every acknowledged reading is there"
        );
    }
}
