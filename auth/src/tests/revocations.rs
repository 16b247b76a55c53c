use std::time::Duration;

use tokio::time::timeout;
use tonic::{Code, Streaming};

use super::*;

const SOON: Duration = Duration::from_secs(20);

async fn watch(bench: &Bench) -> Streaming<pb::WatchRevocationsResponse> {
    let request = bearer(&bench.service_token(), pb::WatchRevocationsRequest {});
    bench.client().watch_revocations(request).await.unwrap().into_inner()
}

/// The next message that says anything.
async fn next(stream: &mut Streaming<pb::WatchRevocationsResponse>) -> pb::WatchRevocationsResponse {
    loop {
        let message = timeout(SOON, stream.message())
            .await
            .expect("news come soon")
            .unwrap()
            .expect("the stream goes on");
        if message.snapshot || !message.revocations.is_empty() {
            return message;
        }
    }
}

fn token(revocation: &pb::Revocation) -> Option<&str> {
    match revocation.subject.as_ref()? {
        pb::revocation::Subject::TokenId(id) => Some(id),
        pb::revocation::Subject::UserSessions(_) => None,
    }
}

async fn logout(bench: &Bench, session: &pb::Session) {
    bench
        .client()
        .logout(bearer(&session.access_token, pb::LogoutRequest {}))
        .await
        .unwrap();
}

/// The `jti` of a token.
fn id_of(session: &pb::Session) -> String {
    let payload = session.access_token.split('.').nth(1).unwrap();
    let json = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
    serde_json::from_slice::<serde_json::Value>(&json).unwrap()["jti"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_watcher_gets_everything_and_then_the_news_in_order() {
    each(async |bench| {
        let mut sessions = vec![bench.register("Ada").await];
        for _ in 0..3 {
            sessions.push(bench.login_as("ada@example.org", PASSWORD).await.unwrap());
        }
        logout(bench, &sessions[0]).await;
        let mut stream = watch(bench).await;
        let snapshot = next(&mut stream).await;
        assert!(snapshot.snapshot);
        assert_eq!(
            snapshot.revocations.iter().map(token).collect::<Vec<_>>(),
            [Some(id_of(&sessions[0]).as_str())]
        );
        let until = snapshot.revocations[0].expire_time.unwrap().seconds;
        assert!(
            until >= sessions[0].expire_time.unwrap().seconds,
            "as long as the token could be used"
        );
        for session in &sessions[1..3] {
            logout(bench, session).await;
            let news = next(&mut stream).await;
            assert!(!news.snapshot);
            assert_eq!(
                news.revocations.iter().map(token).collect::<Vec<_>>(),
                [Some(id_of(session).as_str())]
            );
        }
        let message = pb::ChangePasswordRequest {
            current_password: PASSWORD.into(),
            new_password: "green lamp under the sea".into(),
        };
        bench
            .client()
            .change_password(bearer(&sessions[3].access_token, message))
            .await
            .unwrap();
        let news = next(&mut stream).await;
        let Some(pb::revocation::Subject::UserSessions(old)) = &news.revocations[0].subject else {
            panic!("{news:?}")
        };
        assert_eq!(
            (old.user_id.as_str(), old.min_version),
            (user_of(&sessions[3]).user_id.as_str(), 2)
        );
    })
    .await;
}

#[tokio::test]
async fn another_replica_tells_of_it_too() {
    each(async |bench| {
        let other = bench.replica().await;
        let ada = bench.register("Ada").await;
        assert_eq!(
            other.me(&ada.access_token).await.unwrap().name,
            "Ada",
            "replicas share their keys"
        );
        let mut stream = watch(&other).await;
        assert!(next(&mut stream).await.snapshot);
        logout(bench, &ada).await;
        assert_eq!(
            token(&next(&mut stream).await.revocations[0]),
            Some(id_of(&ada).as_str())
        );
        assert!(is(&refusal(other.me(&ada.access_token).await), REVOKED));
    })
    .await;
}

#[tokio::test]
async fn a_revocation_is_forgotten_when_its_token_has_expired() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        logout(bench, &ada).await;
        bench.advance(Duration::from_mins(1442));
        let snapshot = next(&mut watch(bench).await).await;
        assert_eq!(
            snapshot,
            pb::WatchRevocationsResponse {
                revocations: vec![],
                snapshot: true
            }
        );
    })
    .await;
}

#[tokio::test]
async fn a_stopping_server_ends_the_stream() {
    each(async |bench| {
        let mut stream = watch(bench).await;
        next(&mut stream).await;
        bench.mesh.mesh.stopping().cancel();
        let end = timeout(SOON, async {
            loop {
                match stream.message().await {
                    Ok(Some(_)) => {}
                    end => return end,
                }
            }
        });
        assert!(is(
            &refusal(end.await.expect("it ends soon")),
            (Code::Unavailable, "DRAINING")
        ));
    })
    .await;
}

#[tokio::test]
async fn no_user_watches_revocations() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let answer = bench
            .client()
            .watch_revocations(bearer(&ada.access_token, pb::WatchRevocationsRequest {}))
            .await;
        assert!(matches!(
            answer.unwrap_err().code(),
            Code::PermissionDenied | Code::Unauthenticated
        ));
    })
    .await;
}

mod stream {
    use std::sync::Arc;

    use futures::StreamExt;

    use super::*;
    use crate::{
        audit::{Kind, Origin},
        revocation::News,
        store::Store,
        watch_service,
    };

    #[tokio::test]
    async fn a_watcher_who_falls_behind_gets_everything_again() {
        on_each_db(&migrations(), async |db| {
            let mesh = TestMesh::new(Clock::fixed(Timestamp::from_parts(1_800_000_000, 0).unwrap()));
            let store = Store::new(db);
            let news = Arc::new(News::open(store.clone(), mesh.mesh.clone()).await.unwrap());
            let mut stream = Box::pin(watch_service::watch(news.clone(), &mesh.mesh, SOON));
            assert!(stream.next().await.unwrap().unwrap().snapshot);
            let origin = Origin {
                now: mesh.mesh.clock().now(),
                address: None,
                actor: None,
            };
            for _ in 0..300 {
                let event = origin.event(Kind::Logout, None);
                store
                    .revoke_token(TokenId::new(), origin.now.plus(SOON), event)
                    .await
                    .unwrap();
                news.catch_up().await.unwrap();
            }
            let message = stream.next().await.unwrap().unwrap();
            assert_eq!((message.snapshot, message.revocations.len()), (true, 300));
        })
        .await;
    }

    #[tokio::test]
    async fn a_quiet_stream_gives_a_sign_of_life() {
        on_each_db(&migrations(), async |db| {
            let mesh = TestMesh::new(Clock::fixed(Timestamp::EPOCH));
            let news = Arc::new(News::open(Store::new(db), mesh.mesh.clone()).await.unwrap());
            let mut stream = Box::pin(watch_service::watch(news, &mesh.mesh, Duration::from_millis(1)));
            assert!(stream.next().await.unwrap().unwrap().snapshot);
            for _ in 0..3 {
                assert_eq!(
                    stream.next().await.unwrap().unwrap(),
                    pb::WatchRevocationsResponse::default()
                );
            }
        })
        .await;
    }
}
