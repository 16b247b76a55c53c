//! Readings on their way in.

use futures::StreamExt;
use prost_types::Duration as WireDuration;
use tonic::Code;
use voltaire_mesh::{Identity, Role, Scope};
use voltaire_types::TokenId;

use super::*;

fn counts(result: &pb::IngestResult) -> (u32, u32, usize) {
    (result.accepted, result.duplicates, result.rejected.len())
}

#[tokio::test]
async fn bad_readings_are_rejected_one_by_one_and_good_ones_stored() {
    use pb::RejectionReason as Reason;
    let server = Server::start().await;
    let (user, other) = (server.user(), server.user());
    let id = user.device("Fridge").await.device_id;
    let foreign = other.device("Fridge").await.device_id;
    let good = || reading(&id, 60, 1.0);
    let interval = |seconds| Some(WireDuration { seconds, nanos: 0 });
    let expected = [
        (reading(&foreign, 0, 1.0), Reason::UnknownDevice),
        (reading("fridge", 0, 1.0), Reason::UnknownDevice),
        (
            pb::Reading {
                timestamp: None,
                ..good()
            },
            Reason::TimestampMissing,
        ),
        (reading(&id, NOW - 900_000_000, 1.0), Reason::TimestampTooOld),
        (reading(&id, -301, 1.0), Reason::TimestampInFuture),
        (reading(&id, 0, f64::NAN), Reason::NotANumber),
        (
            pb::Reading {
                current: Some(f64::INFINITY),
                ..good()
            },
            Reason::NotANumber,
        ),
        (reading(&id, 0, -1_000_000.1), Reason::PowerOutOfRange),
        (
            pb::Reading {
                voltage: Some(-0.1),
                ..good()
            },
            Reason::VoltageOutOfRange,
        ),
        (
            pb::Reading {
                power_factor: Some(1.1),
                ..good()
            },
            Reason::PowerFactorOutOfRange,
        ),
        (
            pb::Reading {
                energy_total_wh: Some(-1.0),
                ..good()
            },
            Reason::CounterOutOfRange,
        ),
        (
            pb::Reading {
                interval: interval(0),
                ..good()
            },
            Reason::IntervalOutOfRange,
        ),
        (
            pb::Reading {
                interval: interval(-5),
                ..good()
            },
            Reason::IntervalOutOfRange,
        ),
        (
            pb::Reading {
                interval: interval(31 * 86_400 + 1),
                ..good()
            },
            Reason::IntervalOutOfRange,
        ),
    ];
    let mut readings: Vec<_> = expected.iter().map(|it| it.0.clone()).collect();
    let edge = pb::Reading {
        interval: interval(1),
        power_factor: Some(-1.0),
        voltage: Some(0.0),
        ..reading(&id, -300, -1e6)
    };
    readings.extend([good(), edge.clone()]);
    let result = user.send(readings).await.unwrap();
    assert_eq!(counts(&result), (2, 0, expected.len()));
    for (index, rejected) in result.rejected.iter().enumerate() {
        assert_eq!((rejected.index as usize, rejected.reason()), (index, expected[index].1));
        assert!(!rejected.message.is_empty());
    }
    let latest = user
        .query()
        .get_latest(user.ask(pb::GetLatestRequest::default()))
        .await
        .unwrap()
        .into_inner();
    let stored = latest.latest[0].reading.clone().unwrap();
    assert!(!stored.reading_id.is_empty());
    assert_eq!(
        pb::Reading {
            reading_id: String::new(),
            ..stored
        },
        edge
    );
}

#[tokio::test]
async fn a_batch_of_the_wrong_size_is_refused_whole() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let too_many = (0..5001).map(|it| reading(&id, it, 1.0)).collect();
    assert_eq!(refusal(user.send(too_many).await), invalid("readings"));
    assert_eq!(refusal(user.send(Vec::new()).await), invalid("readings"));
    assert!(user.readings(&id).await.is_empty());
}

#[tokio::test]
async fn sending_again_changes_nothing() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let batch = |watts| (1..=100).map(|it| reading(&id, it, watts)).collect::<Vec<_>>();
    assert_eq!(counts(&user.send(batch(1.0)).await.unwrap()), (100, 0, 0));
    assert_eq!(counts(&user.send(batch(2.0)).await.unwrap()), (0, 100, 0));
    let readings = user.readings(&id).await;
    assert!(readings.len() == 100 && readings.iter().all(|it| it.power_watts == 1.0));
}

#[tokio::test]
async fn a_stream_is_acknowledged_in_its_order() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let device_id = id.clone();
    let batches = futures::stream::iter((0..100_u32).map(move |sequence| {
        let from = i64::from(sequence) * 40 + 1;
        let readings = (from..from + 50).map(|it| reading(&device_id, it, 1.0)).collect();
        pb::IngestRequest {
            sequence: sequence.into(),
            readings,
        }
    }));
    let mut acks = user.ingest().ingest(user.ask(batches)).await.unwrap().into_inner();
    let mut stored = 0;
    for sequence in 0..100 {
        let ack = acks.message().await.unwrap().unwrap();
        let result = ack.result.unwrap();
        assert_eq!((ack.sequence, result.accepted + result.duplicates), (sequence, 50));
        stored += result.accepted as usize;
    }
    assert!(acks.message().await.unwrap().is_none());
    assert_eq!((stored, user.readings(&id).await.len()), (4010, 4010));
}

#[tokio::test]
async fn a_bad_batch_ends_a_stream_after_the_acknowledgements_before_it() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let batches = vec![
        pb::IngestRequest {
            sequence: 7,
            readings: vec![reading(&id, 1, 1.0)],
        },
        pb::IngestRequest {
            sequence: 8,
            readings: Vec::new(),
        },
    ];
    let mut acks = user
        .ingest()
        .ingest(user.ask(futures::stream::iter(batches)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(acks.message().await.unwrap().unwrap().sequence, 7);
    assert_eq!(refusal(acks.message().await), invalid("readings"));
}

#[tokio::test]
async fn what_was_acknowledged_stays_when_the_caller_goes_away() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    for round in 0..20 {
        let device_id = id.clone();
        let batches = (0..40_i64).map(move |it| {
            let readings = vec![reading(&device_id, round * 40 + it + 1, 1.0)];
            pb::IngestRequest {
                sequence: it as u64,
                readings,
            }
        });
        let batches = futures::stream::iter(batches).chain(futures::stream::pending());
        let mut acks = user.ingest().ingest(user.ask(batches)).await.unwrap().into_inner();
        let mut acknowledged = Vec::new();
        for _ in 0..=round {
            acknowledged.push(acks.message().await.unwrap().unwrap().sequence.cast_signed());
        }
        drop(acks);
        let stored: Vec<_> = user
            .readings(&id)
            .await
            .iter()
            .map(|it| NOW - it.timestamp.unwrap().seconds)
            .collect();
        assert!(acknowledged.iter().all(|it| stored.contains(&(round * 40 + it + 1))));
    }
}

#[tokio::test]
async fn streams_side_by_side_know_their_own_counts() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let calls = (0..10).map(|_| user.send((1..=200).map(|it| reading(&id, it, 1.0)).collect()));
    let results = futures::future::join_all(calls).await;
    let sum = |count: fn(&pb::IngestResult) -> u32| results.iter().map(|it| count(it.as_ref().unwrap())).sum::<u32>();
    assert_eq!((sum(|it| it.accepted), sum(|it| it.duplicates)), (200, 1800));
}

#[tokio::test]
async fn a_database_that_is_gone_acknowledges_nothing() {
    let server = Server::start().await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    server.db.close().await;
    let result = user.send(vec![reading(&id, 0, 1.0)]).await;
    assert_eq!(refusal(result), refused(Code::Unavailable, "NOT_STORED"));
}

#[tokio::test]
async fn a_token_for_ingest_writes_and_does_not_read() {
    let server = Server::start().await;
    let id = UserId::new();
    let user = User {
        token: server.test.token(id),
        channel: server.channel.clone(),
    };
    let device_id = user.device("Fridge").await.device_id;
    let identity = Identity {
        user_id: id,
        role: Role::User,
        scopes: Some(vec![Scope::Ingest]),
        token_id: TokenId::new(),
        expires: server.test.mesh.clock().now().plus(Duration::from_hours(1)),
    };
    let probe = User {
        token: server.test.token_of(&identity),
        ..user
    };
    assert_eq!(
        counts(&probe.send(vec![reading(&device_id, 0, 1.0)]).await.unwrap()),
        (1, 0, 0)
    );
    let read = probe
        .query()
        .get_latest(probe.ask(pb::GetLatestRequest::default()))
        .await;
    assert_eq!(read.unwrap_err().code(), Code::PermissionDenied);
}
