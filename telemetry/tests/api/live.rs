//! Live values.

use pb::watch_live_response::Event;
use tonic::{Code, Streaming};

use super::*;

type Messages = Streaming<pb::WatchLiveResponse>;

async fn watch(user: &User, since_sequence: u64) -> Messages {
    let request = pb::WatchLiveRequest {
        since_sequence,
        ..pb::WatchLiveRequest::default()
    };
    user.query().watch_live(user.ask(request)).await.unwrap().into_inner()
}

async fn next(messages: &mut Messages) -> (u64, Event) {
    let message = messages.message().await.unwrap().unwrap();
    (message.sequence, message.event.unwrap())
}

async fn snapshot(messages: &mut Messages) -> (u64, pb::GetLatestResponse) {
    match next(messages).await {
        (sequence, Event::Snapshot(it)) => (sequence, it.latest.unwrap()),
        other => panic!("no snapshot but {other:?}"),
    }
}

async fn news(messages: &mut Messages) -> (u64, pb::LiveReadings) {
    match next(messages).await {
        (sequence, Event::Readings(it)) => (sequence, it),
        other => panic!("no readings but {other:?}"),
    }
}

#[tokio::test]
async fn all_who_watch_get_a_snapshot_and_then_what_is_new() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    user.send(vec![reading(&id, 60, 40.0)]).await.unwrap();
    let (mut first, mut second) = (watch(&user, 0).await, watch(&user, 0).await);
    for messages in [&mut first, &mut second] {
        let (_, state) = snapshot(messages).await;
        assert_eq!((state.latest.len(), state.home_power_watts), (1, Some(40.0)));
    }
    // Neither an older reading nor one that is known already is news.
    user.send(vec![reading(&id, 120, 1.0), reading(&id, 60, 40.0)])
        .await
        .unwrap();
    user.send(vec![reading(&id, 30, 80.0)]).await.unwrap();
    let (sequence, it) = news(&mut first).await;
    assert_eq!((it.home_power_watts, it.latest.len()), (Some(80.0), 1));
    assert_eq!(news(&mut second).await.0, sequence);
}

#[tokio::test]
async fn nobody_sees_anothers_home() {
    let server = Server::start().await;
    let (user, thief) = (server.user(), server.user());
    let device = user.device("Fridge").await;
    let request = thief.ask(pb::WatchLiveRequest {
        home_id: device.home_id.clone(),
        since_sequence: 0,
    });
    assert_eq!(
        refusal(thief.query().watch_live(request).await),
        refused(Code::NotFound, "NO_HOME")
    );
    let request = thief.ask(pb::WatchLiveRequest {
        home_id: "x".to_owned(),
        since_sequence: 0,
    });
    assert_eq!(refusal(thief.query().watch_live(request).await), invalid("home_id"));
    let mut own = watch(&thief, 0).await;
    assert!(snapshot(&mut own).await.1.latest.is_empty());
    user.send(vec![reading(&device.device_id, 0, 1.0)]).await.unwrap();
    let device = thief.device("Mine").await;
    thief.send(vec![reading(&device.device_id, 0, 2.0)]).await.unwrap();
    // A snapshot for the new device, then its reading; or both in one.
    loop {
        let latest = match next(&mut own).await.1 {
            Event::Snapshot(it) => it.latest.unwrap().latest,
            Event::Readings(it) => it.latest,
            other => panic!("unexpected {other:?}"),
        };
        let devices: Vec<_> = latest.iter().map(|it| it.reading.clone().unwrap().device_id).collect();
        assert!(devices.iter().all(|it| *it == device.device_id));
        if !devices.is_empty() {
            break;
        }
    }
}

#[tokio::test]
async fn whoever_comes_back_gets_what_came_since() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let mut messages = watch(&user, 0).await;
    snapshot(&mut messages).await;
    let mut sequences = Vec::new();
    for ago in (1..=3).rev() {
        user.send(vec![reading(&id, ago, ago as f64)]).await.unwrap();
        sequences.push(news(&mut messages).await.0);
    }
    let mut again = watch(&user, sequences[0]).await;
    assert_eq!(news(&mut again).await.0, sequences[1]);
    assert_eq!(news(&mut again).await.0, sequences[2]);
    let mut unknown = watch(&user, 5).await;
    assert_eq!(snapshot(&mut unknown).await.0, sequences[2]);
}

#[tokio::test]
async fn a_slow_reader_is_told_what_was_missed_and_starts_again() {
    let server = Server::with(Live {
        merge: Duration::ZERO,
        backlog: 2,
        stall: Duration::from_hours(1),
        ..Live::default()
    })
    .await;
    let user = server.user();
    let ids = hundred(&user).await;
    let mut slow = watch(&user, 0).await;
    // Nobody reads while much more is sent than the connection can hold.
    for ago in (0..400).rev() {
        user.send(ids.iter().map(|id| reading(id, ago, 1.0)).collect())
            .await
            .unwrap();
    }
    let (sequence, missed) = loop {
        if let (sequence, Event::Missed(it)) = next(&mut slow).await {
            break (sequence, it.messages);
        }
    };
    assert!(missed > 0);
    assert_eq!(snapshot(&mut slow).await.0, sequence + missed);
}

async fn hundred(user: &User) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..100 {
        ids.push(user.device(&format!("Device {number}")).await.device_id);
    }
    ids
}

#[tokio::test]
async fn a_reader_who_takes_nothing_loses_its_place_and_is_told_so() {
    let server = Server::with(Live {
        merge: Duration::ZERO,
        watchers: 8,
        stall: Duration::from_millis(200),
        ..Live::default()
    })
    .await;
    let user = server.user();
    let ids = hundred(&user).await;
    let mut slow = watch(&user, 0).await;
    let request = || user.ask(pb::WatchLiveRequest::default());
    assert_eq!(
        refusal(user.query().watch_live(request()).await),
        refused(Code::ResourceExhausted, "TOO_MANY_WATCH")
    );
    // Nobody reads, and more is sent than the connection can hold.
    let mut ago = 100_000;
    while user.query().watch_live(request()).await.is_err() {
        ago -= 1;
        user.send(ids.iter().map(|id| reading(id, ago, 1.0)).collect())
            .await
            .unwrap();
    }
    let ended = loop {
        match slow.message().await {
            Ok(Some(_)) => {}
            ended => break ended,
        }
    };
    assert_eq!(refusal(ended), refused(Code::Unavailable, "STREAM_STALLED"));
}

#[tokio::test]
async fn a_quiet_stream_gives_signs_of_life() {
    let server = Server::with(Live {
        heartbeat: Duration::from_millis(20),
        ..Live::default()
    })
    .await;
    let user = server.user();
    let mut messages = watch(&user, 0).await;
    let (sequence, _) = snapshot(&mut messages).await;
    for _ in 0..2 {
        let (same, event) = next(&mut messages).await;
        let Event::Heartbeat(it) = event else {
            panic!("no sign of life but {event:?}")
        };
        assert_eq!((same, it.server_time.unwrap().seconds), (sequence, NOW));
    }
}

#[tokio::test]
async fn a_changed_device_gives_a_new_snapshot() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    user.send(vec![reading(&id, 0, 5.0)]).await.unwrap();
    let mut messages = watch(&user, 0).await;
    assert!(!snapshot(&mut messages).await.1.latest[0].on);
    let device = pb::Device {
        device_id: id.clone(),
        on_threshold_watts: Some(1.0),
        ..pb::Device::default()
    };
    let update = pb::UpdateDeviceRequest {
        device: Some(device),
        update_mask: None,
    };
    user.devices().update_device(user.ask(update)).await.unwrap();
    assert!(snapshot(&mut messages).await.1.latest[0].on);
    user.devices()
        .delete_device(user.ask(pb::DeleteDeviceRequest { device_id: id }))
        .await
        .unwrap();
    assert!(snapshot(&mut messages).await.1.latest.is_empty());
}

#[tokio::test]
async fn streams_end_when_the_process_drains() {
    let server = Server::start().await;
    let user = server.user();
    let mut messages = watch(&user, 0).await;
    snapshot(&mut messages).await;
    server.test.mesh.drain().await;
    assert_eq!(
        refusal(messages.message().await),
        refused(Code::Unavailable, "DRAINING")
    );
}

#[tokio::test]
async fn streams_end_with_their_home() {
    let server = Server::start().await;
    let user = server.user();
    let home = user.home().await;
    let mut messages = watch(&user, 0).await;
    snapshot(&mut messages).await;
    let delete = pb::DeleteHomeRequest {
        home_id: home.home_id,
        confirm_name: home.name,
    };
    user.homes().delete_home(user.ask(delete)).await.unwrap();
    assert_eq!(refusal(messages.message().await), refused(Code::NotFound, "NO_HOME"));
}

#[tokio::test]
async fn a_stream_lives_for_its_time() {
    let server = Server::with(Live {
        lifetime: Duration::from_millis(20),
        ..Live::default()
    })
    .await;
    let user = server.user();
    let mut messages = watch(&user, 0).await;
    snapshot(&mut messages).await;
    assert_eq!(
        refusal(messages.message().await),
        refused(Code::Unavailable, "STREAM_EXPIRED")
    );
}

#[tokio::test]
async fn one_user_cannot_take_all_places() {
    let server = Server::with(Live {
        watchers: 16,
        ..Live::default()
    })
    .await;
    let (user, other) = (server.user(), server.user());
    let places = [watch(&user, 0).await, watch(&user, 0).await];
    let request = || user.ask(pb::WatchLiveRequest::default());
    assert_eq!(
        refusal(user.query().watch_live(request()).await),
        refused(Code::ResourceExhausted, "TOO_MANY_WATCH")
    );
    snapshot(&mut watch(&other, 0).await).await;
    drop(places);
    while user.query().watch_live(request()).await.is_err() {}
}
