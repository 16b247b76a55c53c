//! How much a token may send and ask. The clock stands still: no bucket fills.

use tonic::Code;
use voltaire_telemetry::Limits;

use super::*;

async fn limited(limits: Limits) -> Server {
    Server::configured(Config {
        limits,
        ..Config::default()
    })
    .await
}

fn batch(id: &str, from: i64, count: i64) -> Vec<pb::Reading> {
    (from..from + count).map(|ago| reading(id, ago, 1.0)).collect()
}

/// How long the refusal says to wait.
fn wait(status: &Status) -> Duration {
    status.get_error_details().retry_info().unwrap().retry_delay.unwrap()
}

#[tokio::test]
async fn a_token_that_sends_too_fast_is_told_when_to_try_again() {
    let server = limited(Limits {
        readings_per_second_of_token: 1000,
        ..Limits::default()
    })
    .await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    for round in 0..2 {
        user.send(batch(&id, round * 5000, 5000)).await.unwrap();
    }
    let status = user.send(batch(&id, 10_000, 500)).await.unwrap_err();
    assert_eq!(wait(&status), Duration::from_millis(500));
    assert_eq!(
        refusal(Err::<(), _>(status)),
        refused(Code::ResourceExhausted, "TOO_FAST")
    );
    assert_eq!(user.readings(&id).await.len(), 5000, "a page of what came before");
    let other = server.user();
    let id = other.device("Fridge").await.device_id;
    other.send(batch(&id, 0, 5000)).await.unwrap();
}

#[tokio::test]
async fn a_home_has_a_limit_for_all_its_tokens() {
    let server = limited(Limits {
        readings_per_second_of_home: 1000,
        ..Limits::default()
    })
    .await;
    let id = UserId::new();
    let user = || User {
        token: server.test.token(id),
        channel: server.channel.clone(),
    };
    let device = user().device("Fridge").await.device_id;
    // The first batch tells which home the device is of.
    for round in 0..3 {
        user().send(batch(&device, round * 5000, 5000)).await.unwrap();
    }
    let refused_batch = user().send(batch(&device, 20_000, 1)).await;
    assert_eq!(refusal(refused_batch), refused(Code::ResourceExhausted, "TOO_FAST"));
}

#[tokio::test]
async fn a_stream_is_held_back_and_refused_only_beyond_a_bound() {
    let server = limited(Limits {
        readings_per_second_of_token: 500,
        ..Limits::default()
    })
    .await;
    let user = server.user();
    let id = user.device("Fridge").await.device_id;
    let sizes = [5000, 20, 20, 20, 4000];
    let device_id = id.clone();
    let batches = sizes
        .into_iter()
        .zip(1_u64..)
        .map(move |(size, sequence)| pb::IngestRequest {
            sequence,
            readings: batch(&device_id, sequence.cast_signed() * 10_000, size),
        });
    let batches: Vec<_> = batches.collect();
    let mut acks = user
        .ingest()
        .ingest(user.ask(futures::stream::iter(batches)))
        .await
        .unwrap()
        .into_inner();
    for sequence in 1..=4 {
        assert_eq!(acks.message().await.unwrap().unwrap().sequence, sequence);
    }
    let status = acks.message().await.unwrap_err();
    assert!(wait(&status) > Duration::from_secs(5));
    assert_eq!(
        refusal(Err::<(), _>(status)),
        refused(Code::ResourceExhausted, "TOO_FAST")
    );
}

#[tokio::test]
async fn a_token_that_asks_too_fast_is_told_when_to_try_again() {
    let server = limited(Limits {
        queries_per_second_of_token: 1,
        ..Limits::default()
    })
    .await;
    let (user, other) = (server.user(), server.user());
    let latest = async |user: &User| user.query().get_latest(user.ask(pb::GetLatestRequest::default())).await;
    for _ in 0..10 {
        latest(&user).await.unwrap();
    }
    let status = latest(&user).await.unwrap_err();
    assert_eq!(wait(&status), Duration::from_secs(1));
    assert_eq!(
        refusal(Err::<(), _>(status)),
        refused(Code::ResourceExhausted, "TOO_FAST")
    );
    latest(&other).await.unwrap();
    user.home().await;
}
