//! Beginning, ending, being killed; and users who leave.

mod common;

use std::time::Duration;

use common::{
    Server, on_each_shape,
    user::{PASSWORD, User},
};
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
    let homes = user.request(telemetry::ListHomesRequest {});
    let homes = user.homes().list_homes(homes).await.expect("homes").into_inner().homes;
    let tariffs = homes.first().expect("a home").tariffs.clone();
    assert_eq!(tariffs.len(), 1, "costs open with figures: {tariffs:?}");
    server.stop();
}
