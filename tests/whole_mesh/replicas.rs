//! Replicas are one: they tell the same, and are replaced without a lost call or reading.

use std::collections::BTreeSet;

use tokio::time::{Instant, timeout};
use tonic::Code;
use voltaire_proto::{auth::v1 as auth, telemetry::v1 as telemetry};

use crate::common::{
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
