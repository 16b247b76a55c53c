//! Two replicas on one database, with a NATS server between them: `VOLTAIRE_TEST_NATS` names one.

use std::path::Path;

use pb::watch_live_response::Event;
use tokio::time::timeout;
use tonic::{Code, Streaming};
use voltaire_mesh::test::{Nats, nats};

use super::*;

/// Long enough on any machine.
const PATIENCE: Duration = Duration::from_secs(30);
const NEVER: Duration = Duration::from_hours(1);

/// A replica on the database in this folder.
async fn replica(folder: &Path, url: &str, live: Live) -> Server {
    let config = Config {
        database_url: Secret::new(format!("sqlite://{}", folder.join("telemetry.db").display())),
        flush_milliseconds: 1,
        live,
        ..Config::default()
    };
    let now = voltaire_types::Timestamp::from_parts(NOW, 0).unwrap();
    let test = TestMesh::with(Clock::fixed(now), &nats::mesh(url));
    let service = voltaire_telemetry::open(config, &test.mesh).await.unwrap();
    let db = service.db.clone();
    let channel = test.serve(service).await;
    Server {
        test,
        channel,
        db,
        _folder: tempfile::tempdir().unwrap(),
    }
}

fn live() -> Live {
    Live {
        merge: Duration::ZERO,
        reread: NEVER,
        reread_alone: NEVER,
        ..Live::default()
    }
}

/// Two replicas, and one user at each.
struct Pair {
    servers: [Server; 2],
    users: [User; 2],
    _folder: tempfile::TempDir,
}

impl Pair {
    async fn start(nats: &str, live: Live) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let servers = [
            replica(folder.path(), nats, live).await,
            replica(folder.path(), nats, live).await,
        ];
        let id = UserId::new();
        let users = [0, 1].map(|it: usize| User {
            token: servers[it].test.token(id),
            channel: servers[it].channel.clone(),
        });
        Self {
            servers,
            users,
            _folder: folder,
        }
    }

    /// Waits until both are connected, or both know that they are not.
    async fn until(&self, up: bool) {
        for server in &self.servers {
            let mut link = server.test.mesh.bus().await.unwrap().unwrap().link();
            timeout(PATIENCE, link.wait_for(|it| it.up == up))
                .await
                .unwrap()
                .unwrap();
        }
    }
}

async fn watch(user: &User, since_sequence: u64) -> Streaming<pb::WatchLiveResponse> {
    let request = pb::WatchLiveRequest {
        since_sequence,
        ..pb::WatchLiveRequest::default()
    };
    user.query().watch_live(user.ask(request)).await.unwrap().into_inner()
}

async fn next(messages: &mut Streaming<pb::WatchLiveResponse>) -> pb::WatchLiveResponse {
    timeout(PATIENCE, messages.message()).await.unwrap().unwrap().unwrap()
}

/// Waits for a message in which the device has this power.
async fn power(messages: &mut Streaming<pb::WatchLiveResponse>, watts: f64) {
    loop {
        let latest = match next(messages).await.event.unwrap() {
            Event::Readings(it) => it.latest,
            Event::Snapshot(it) => it.latest.unwrap().latest,
            // On a slow machine it takes longer than a heartbeat.
            Event::Heartbeat(_) => continue,
            missed @ Event::Missed(_) => panic!("unexpected {missed:?}"),
        };
        if latest
            .iter()
            .any(|it| it.reading.as_ref().unwrap().power_watts == watts)
        {
            return;
        }
    }
}

/// Sends newer and newer readings until one arrives: a subscription may still be on its way.
async fn first(sender: &User, id: &str, messages: &mut Streaming<pb::WatchLiveResponse>) {
    for number in 0..1000_i64 {
        sender.send(vec![reading(id, 100_000 - number, 1.0)]).await.unwrap();
        if let Ok(message) = timeout(Duration::from_millis(50), messages.message()).await {
            assert!(matches!(message.unwrap().unwrap().event.unwrap(), Event::Readings(_)));
            return;
        }
    }
    panic!("nothing arrives");
}

#[tokio::test]
async fn what_one_replica_commits_arrives_at_those_who_watch_the_other() {
    let Some(nats) = Nats::start() else { return };
    let pair = Pair::start(&nats.url(), live()).await;
    let [here, there] = &pair.users;
    let id = here.device("Fridge").await.device_id;
    pair.until(true).await;
    let mut messages = watch(there, 0).await;
    assert!(matches!(next(&mut messages).await.event, Some(Event::Snapshot(_))));
    first(here, &id, &mut messages).await;
    for watts in [10.0, 20.0, 30.0] {
        here.send(vec![reading(&id, 100 - watts as i64, watts)]).await.unwrap();
        power(&mut messages, watts).await;
    }
    here.device("Lamp").await;
    while !matches!(next(&mut messages).await.event, Some(Event::Snapshot(_))) {}
    let home = here.home().await;
    let delete = pb::DeleteHomeRequest {
        home_id: home.home_id,
        confirm_name: home.name,
    };
    here.homes().delete_home(here.ask(delete)).await.unwrap();
    let end = loop {
        if let Err(status) = timeout(PATIENCE, messages.message()).await.unwrap() {
            break status;
        }
    };
    assert_eq!(refusal(Err::<(), _>(end)), refused(Code::NotFound, "NO_HOME"));
}

#[tokio::test]
async fn without_nats_values_are_late_and_it_recovers_by_itself() {
    let Some(mut nats) = Nats::start() else { return };
    let settings = Live {
        reread_alone: Duration::from_millis(50),
        ..live()
    };
    let pair = Pair::start(&nats.url(), settings).await;
    let [here, there] = &pair.users;
    let id = here.device("Fridge").await.device_id;
    let mut messages = watch(there, 0).await;
    pair.until(true).await;
    nats.kill();
    pair.until(false).await;
    for watts in [10.0, 20.0] {
        here.send(vec![reading(&id, 100 - watts as i64, watts)]).await.unwrap();
        power(&mut messages, watts).await;
    }
    nats.restart();
    pair.until(true).await;
    // The first may have been read again; after that only NATS can bring them.
    for watts in [30.0, 40.0, 50.0, 60.0] {
        here.send(vec![reading(&id, 100 - watts as i64, watts)]).await.unwrap();
        power(&mut messages, watts).await;
    }
}

#[tokio::test]
async fn a_nats_that_hangs_delays_no_commit() {
    let Some(nats) = Nats::start() else { return };
    let pair = Pair::start(&nats.url(), live()).await;
    let [here, there] = &pair.users;
    let id = here.device("Fridge").await.device_id;
    pair.until(true).await;
    let mut messages = watch(there, 0).await;
    assert!(matches!(next(&mut messages).await.event, Some(Event::Snapshot(_))));
    first(here, &id, &mut messages).await;
    nats.signal("-STOP");
    for number in 0..300_i64 {
        let readings = (0..200)
            .map(|it| reading(&id, 90_000 - number * 200 - it, 1.0))
            .collect();
        timeout(PATIENCE, here.send(readings)).await.unwrap().unwrap();
    }
    nats.signal("-CONT");
    here.send(vec![reading(&id, 0, 77.0)]).await.unwrap();
    power(&mut messages, 77.0).await;
}

#[tokio::test]
async fn a_replica_without_nats_starts_and_serves() {
    let settings = Live {
        reread_alone: Duration::from_millis(50),
        ..live()
    };
    let pair = Pair::start("nats://127.0.0.1:1", settings).await;
    let [here, there] = &pair.users;
    let id = here.device("Fridge").await.device_id;
    let mut messages = watch(there, 0).await;
    here.send(vec![reading(&id, 1, 10.0)]).await.unwrap();
    power(&mut messages, 10.0).await;
}

#[tokio::test]
async fn a_number_of_another_replica_gives_a_snapshot() {
    let pair = Pair::start("", live()).await;
    let [here, there] = &pair.users;
    let id = here.device("Fridge").await.device_id;
    let (mut one, mut two) = (watch(here, 0).await, watch(there, 0).await);
    assert_ne!(next(&mut one).await.sequence, next(&mut two).await.sequence);
    for ago in [3, 2, 1] {
        for user in [here, there] {
            let watts = if user.token == here.token { 1.0 } else { 2.0 };
            user.send(vec![reading(&id, ago, watts)]).await.unwrap();
        }
    }
    let known = next(&mut one).await.sequence;
    let answer = next(&mut watch(there, known).await).await;
    assert!(matches!(answer.event, Some(Event::Snapshot(_))), "{answer:?}");
}
