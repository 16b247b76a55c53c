//! Beginning, ending, being killed; users who leave; and a disk that takes its time.

mod common;

use std::time::Duration;

use common::{
    Server, on_each_shape,
    user::{PASSWORD, User},
};
use sqlx::ConnectOptions as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use voltaire_mesh::wire;
use voltaire_proto::{auth::v1 as auth, chat::v1 as chat, telemetry::v1 as telemetry};
use voltaire_types::Clock;

fn reading(device: &str, seconds_ago: u64) -> telemetry::Reading {
    telemetry::Reading {
        device_id: device.to_owned(),
        timestamp: Some(wire::timestamp(
            Clock::system().now().minus(Duration::from_secs(seconds_ago)),
        )),
        power_watts: 100.0,
        ..telemetry::Reading::default()
    }
}

#[tokio::test]
async fn asked_to_stop_it_ends_by_itself_with_a_stream_open() {
    for server in [Server::up().await, Server::mesh().await] {
        let user = User::register(&server, "kim").await;
        let watch = telemetry::WatchLiveRequest::default();
        let mut live = user
            .query()
            .watch_live(user.request(watch))
            .await
            .expect("a stream")
            .into_inner();
        assert!(live.message().await.expect("a snapshot").is_some());
        assert!(server.stop().into_iter().all(|code| code == Some(0)));
    }
}

#[tokio::test]
async fn a_collector_of_spans_that_is_away_costs_no_call() {
    let away = format!("--set=mesh.trace.endpoint=http://127.0.0.1:{}", common::free_port());
    let server = Server::up_with(&["--no-demo", &away]).await;
    let user = User::register(&server, "kit").await;
    user.device("Meter").await;
    assert!(server.stop().into_iter().all(|code| code == Some(0)));
}

#[tokio::test]
async fn what_was_acknowledged_survives_being_killed() {
    let server = Server::up().await;
    let user = User::register(&server, "lou").await;
    let device = user.device("Meter").await;
    let readings = (1..=500).map(|second| reading(&device, second)).collect();
    let request = user.request(telemetry::IngestBatchRequest { readings });
    let result = user
        .ingest()
        .ingest_batch(request)
        .await
        .expect("stored")
        .into_inner()
        .result
        .expect("a result");
    assert_eq!(result.accepted, 500);
    let server = server.kill_and_restart().await;
    let channel = common::user::channel(&server.url).await;
    let mut query = telemetry::query_service_client::QueryServiceClient::new(channel);
    let request = telemetry::ListReadingsRequest {
        device_id: device,
        page_size: 5000,
        period: Some(telemetry::Period {
            kind: Some(telemetry::period::Kind::All(telemetry::AllTime {})),
        }),
        ..telemetry::ListReadingsRequest::default()
    };
    let readings = query
        .list_readings(user.request(request))
        .await
        .expect("readings")
        .into_inner()
        .readings;
    assert_eq!(readings.len(), 500);
    server.stop();
}

#[tokio::test]
async fn signing_out_is_known_to_every_service_within_a_second() {
    on_each_shape(async |server| {
        let user = User::register(server, "mia").await;
        user.auth()
            .logout(user.request(auth::LogoutRequest {}))
            .await
            .expect("signed out");
        tokio::time::sleep(Duration::from_secs(1)).await;
        let codes = [
            user.auth().get_me(user.request(auth::GetMeRequest {})).await.map(drop),
            user.homes()
                .list_homes(user.request(telemetry::ListHomesRequest {}))
                .await
                .map(drop),
            user.chat()
                .list_sessions(user.request(chat::ListSessionsRequest::default()))
                .await
                .map(drop),
        ];
        for code in codes {
            assert_eq!(code.map_err(|status| status.code()), Err(Code::Unauthenticated));
        }
    })
    .await;
}

#[tokio::test]
async fn who_leaves_is_forgotten_by_every_service() {
    on_each_shape(async |server| {
        let admin = User::register(server, "nora").await;
        let user = User::register(server, "oli").await;
        let device = user.device("Fridge").await;
        user.ask("what is on now?").await;
        let request = auth::DeleteMeRequest {
            password: PASSWORD.into(),
        };
        user.auth().delete_me(user.request(request)).await.expect("deleted");
        let again = User::register(server, "oli").await;
        assert_ne!(again.id, user.id);
        let request = again.request(telemetry::GetDeviceRequest {
            device_id: device.clone(),
        });
        let code = again
            .devices()
            .get_device(request)
            .await
            .map(drop)
            .map_err(|status| status.code());
        assert_eq!(code, Err(Code::NotFound));
        let sessions = again
            .chat()
            .list_sessions(again.request(chat::ListSessionsRequest::default()))
            .await
            .expect("a list");
        assert!(sessions.into_inner().sessions.is_empty());
        let users = admin
            .auth()
            .list_users(admin.request(auth::ListUsersRequest::default()))
            .await
            .expect("a list")
            .into_inner();
        assert_eq!(users.users.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn nobody_sees_what_belongs_to_another() {
    on_each_shape(async |server| {
        let one = User::register(server, "pam").await;
        let other = User::register(server, "quin").await;
        let device = one.device("Fridge").await;
        let codes = [
            other
                .devices()
                .get_device(other.request(telemetry::GetDeviceRequest {
                    device_id: device.clone(),
                }))
                .await
                .map(drop),
            other
                .devices()
                .delete_device(other.request(telemetry::DeleteDeviceRequest {
                    device_id: device.clone(),
                }))
                .await
                .map(drop),
            other
                .query()
                .list_readings(other.request(telemetry::ListReadingsRequest {
                    device_id: device.clone(),
                    ..Default::default()
                }))
                .await
                .map(drop),
        ];
        for code in codes {
            assert_eq!(code.map_err(|status| status.code()), Err(Code::NotFound));
        }
        let request = telemetry::IngestBatchRequest {
            readings: vec![reading(&device, 5)],
        };
        let result = other
            .ingest()
            .ingest_batch(other.request(request))
            .await
            .expect("answered")
            .into_inner()
            .result
            .expect("a result");
        assert_eq!(result.rejected[0].reason(), telemetry::RejectionReason::UnknownDevice);
    })
    .await;
}

#[tokio::test]
async fn migrations_go_down_and_up_again_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let output = common::process::voltaire()
            .args(arguments)
            .args(["--data-dir", folder.path().to_str().expect("a path")])
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(run(&["migrate", "status"]).contains("missing"));
    run(&["migrate", "up"]);
    assert!(!run(&["migrate", "status"]).contains("missing"));
    run(&["migrate", "down", "--to", "0"]);
    assert!(!run(&["migrate", "status"]).contains("applied"));
    run(&["migrate", "up"]);
    assert!(run(&["keys", "rotate"]).contains("New key"));
}

#[tokio::test]
async fn the_demo_home_fills_and_stays_live() {
    let server = Server::up_with(&[]).await;
    let user = User::register(&server, "rita").await;
    let me = user
        .auth()
        .get_me(user.request(auth::GetMeRequest {}))
        .await
        .expect("me")
        .into_inner()
        .user
        .expect("me");
    assert_eq!(me.role(), auth::Role::Admin, "the demo account takes nobody's place");
    let mut demo = voltaire_proto::demo::v1::demo_service_client::DemoServiceClient::new(user.channel.clone());
    let request = user.request(voltaire_proto::demo::v1::LoadDemoHomeRequest::default());
    let mut steps = demo.load_demo_home(request).await.expect("it begins").into_inner();
    let watch = user.request(telemetry::WatchLiveRequest::default());
    let mut live = user.query().watch_live(watch).await.expect("a stream").into_inner();
    let mut powers = 0;
    while powers < 3 {
        let message = tokio::time::timeout(Duration::from_secs(60), live.message())
            .await
            .expect("in time");
        let message = message.expect("live").expect("live");
        if let Some(telemetry::watch_live_response::Event::Readings(readings)) = message.event {
            powers += usize::from(readings.home_power_watts.is_some_and(|power| power > 0.0));
        }
    }
    let first = steps.message().await.expect("a step").expect("a step");
    assert!(first.total_readings > 1_000_000);
    let home = user.request(telemetry::GetHomeRequest::default());
    let home = user.homes().get_home(home).await.expect("the home").into_inner().home;
    assert_eq!(home.expect("the home").tariffs.len(), 1, "its costs can be looked at");
    server.stop();
}

/// Commits that take longer than any call should, as of a memory card, with more senders than there are places for calls.
const SENDERS: usize = 160;
const HELD: Duration = Duration::from_millis(1500);
const BREATH: Duration = Duration::from_millis(200);
const CYCLES: usize = 4;

/// Keeps others from writing, again and again, until it has done so often enough.
async fn hold_up(database: std::path::PathBuf, done: CancellationToken) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut held = options.connect().await.expect("the database opens");
    for _ in 0..CYCLES {
        for (statement, pause) in [("BEGIN IMMEDIATE", HELD), ("COMMIT", BREATH)] {
            sqlx::raw_sql(statement)
                .execute(&mut held)
                .await
                .expect("others let it write");
            tokio::time::sleep(pause).await;
        }
    }
    done.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_commits_take_long_nobody_is_told_that_there_is_too_much_to_do() {
    let server = Server::up().await;
    let user = User::register(&server, "mia").await;
    let device = user.device("Meter").await;
    let done = CancellationToken::new();
    let mut calls = JoinSet::new();
    let mut user_of = user.clone();
    for sender in 0..SENDERS as u64 {
        // A connection has so many calls at once and no more.
        if sender % 40 == 0 {
            user_of = user.by(common::user::channel(&server.url).await);
        }
        let (done, device, user) = (done.clone(), device.clone(), user_of.clone());
        calls.spawn(async move {
            let mut told = Vec::new();
            for number in 0_u64.. {
                if done.is_cancelled() {
                    break;
                }
                let readings = vec![reading(&device, 1 + sender + number * SENDERS as u64)];
                let request = user.request(telemetry::IngestBatchRequest { readings });
                told.push(("ingest", user.ingest().ingest_batch(request).await.map(drop)));
            }
            told
        });
    }
    let (reader, ended) = (user.clone(), done.clone());
    calls.spawn(async move {
        let mut told = Vec::new();
        while !ended.is_cancelled() {
            let request = reader.request(telemetry::ListDevicesRequest::default());
            told.push(("read", reader.devices().list_devices(request).await.map(drop)));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        told
    });
    hold_up(server.file("data/telemetry.db"), done).await;
    let told: Vec<_> = calls.join_all().await.into_iter().flatten().collect();
    let refused: Vec<_> = told.iter().filter(|(_, result)| result.is_err()).collect();
    let of = |kind| told.iter().filter(|(it, _)| *it == kind).count();
    println!(
        "{} batches and {} reads, {} refused",
        of("ingest"),
        of("read"),
        refused.len()
    );
    assert!(refused.is_empty(), "{:?}", refused.first());
    assert!(of("ingest") > SENDERS && of("read") > CYCLES);
    server.stop();
}
