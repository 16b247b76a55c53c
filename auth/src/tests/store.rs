use std::collections::BTreeSet;

use voltaire_mesh::Scope;

use super::{
    store_users::{add, event, now, on_each},
    *,
};
use crate::{
    api_token::{ApiToken, NewApiToken},
    audit::{Kind, Position},
    error::Error,
    keys::{NewKey, OVERLAP},
    revocation::{Revocation, Subject},
    store::Store,
};

const SECOND: Duration = Duration::from_secs(1);

fn new_token(user: UserId, kid: &str, expires_at: Timestamp) -> NewApiToken {
    let id = TokenId::new();
    let token = ApiToken {
        id,
        user,
        name: "plug".into(),
        scopes: BTreeSet::from([Scope::Ingest, Scope::Mcp]),
        created_at: now(),
        expires_at,
        revoked_at: None,
    };
    NewApiToken {
        token,
        hash: id.uuid().as_bytes().to_vec(),
        kid: kid.into(),
    }
}

#[tokio::test]
async fn an_api_token_is_listed_revoked_and_forgotten() {
    on_each(async |store| {
        let ada = add(&store, "ada").await;
        let new = new_token(ada.id, "key", now().plus(60 * SECOND));
        let token = new.token.clone();
        store
            .create_api_token(new, event(Kind::TokenCreated, Some(ada.id)))
            .await
            .unwrap();
        assert_eq!(store.api_tokens(ada.id).await.unwrap(), std::slice::from_ref(&token));
        assert_eq!(store.api_tokens(UserId::new()).await.unwrap(), []);
        let revoke = async |user, id| {
            store
                .revoke_api_token(user, id, event(Kind::TokenRevoked, Some(ada.id)))
                .await
        };
        assert!(matches!(revoke(UserId::new(), token.id).await, Err(Error::NoToken)));
        for _ in 0..2 {
            revoke(ada.id, token.id).await.unwrap();
        }
        let expected = Revocation {
            subject: Subject::Token(token.id),
            expires: token.expires_at.plus(60 * SECOND),
        };
        assert_eq!(store.revocations_in_force(now()).await.unwrap(), [expected]);
        assert_eq!(store.api_tokens(ada.id).await.unwrap()[0].revoked_at, Some(now()));
        assert_eq!(store.forget_api_tokens(now()).await.unwrap(), 0);
        assert_eq!(store.forget_api_tokens(now().plus(61 * SECOND)).await.unwrap(), 1);
        let stranger = new_token(UserId::new(), "key", now().plus(SECOND));
        let answer = store.create_api_token(stranger, event(Kind::TokenCreated, None)).await;
        assert!(matches!(answer, Err(Error::Gone)));
    })
    .await;
}

#[tokio::test]
async fn revocations_are_numbered_as_they_are_made() {
    on_each(async |store| {
        assert_eq!(store.last_revocation().await.unwrap(), 0);
        let ids: Vec<_> = (0..5).map(|_| TokenId::new()).collect();
        for id in &ids {
            store.revoke_token(*id, now(), event(Kind::Logout, None)).await.unwrap();
        }
        assert_eq!(store.last_revocation().await.unwrap(), 5);
        let after = store.revocations_after(2).await.unwrap();
        assert_eq!(after.iter().map(|it| it.0).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(after[0].1.subject, Subject::Token(ids[2]));
        assert_eq!(store.revocations_in_force(now()).await.unwrap().len(), 5);
        assert_eq!(store.revocations_in_force(now().plus(60 * SECOND)).await.unwrap(), []);
        assert_eq!(store.forget_revocations(now().plus(61 * SECOND)).await.unwrap(), 5);
        assert_eq!(
            store.last_revocation().await.unwrap(),
            5,
            "a number is never given again"
        );
    })
    .await;
}

#[tokio::test]
async fn revocations_made_at_once_are_all_seen_in_order() {
    on_each(async |store| {
        let made = (0..20).map(|_| store.revoke_token(TokenId::new(), now(), event(Kind::Logout, None)));
        let watched = async {
            let (mut seen, mut last) = (Vec::new(), 0);
            while seen.len() < 20 {
                for (seq, _) in store.revocations_after(last).await.unwrap() {
                    seen.push(seq);
                    last = seq;
                }
                tokio::task::yield_now().await;
            }
            seen
        };
        let (made, seen) = tokio::join!(futures::future::join_all(made), watched);
        assert!(made.into_iter().all(|it| it.is_ok()));
        assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    })
    .await;
}

async fn kids(store: &Store, at: Timestamp) -> Vec<String> {
    store
        .published_keys(at)
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.kid)
        .collect()
}

#[tokio::test]
async fn keys_are_made_once_rotated_and_lose_their_private_half() {
    on_each(async |store| {
        let first = NewKey::generate(now(), now()).unwrap();
        let kid = first.kid.clone();
        store.add_first_key(first).await.unwrap();
        store
            .add_first_key(NewKey::generate(now(), now()).unwrap())
            .await
            .unwrap();
        assert_eq!(kids(&store, now()).await, std::slice::from_ref(&kid));
        let ada = add(&store, "ada").await;
        let later = now().plus(2 * OVERLAP);
        store
            .create_api_token(new_token(ada.id, &kid, later), event(Kind::TokenCreated, Some(ada.id)))
            .await
            .unwrap();
        let second = NewKey::generate(now(), now().plus(SECOND)).unwrap();
        let newer = second.kid.clone();
        store.rotate_key(second, event(Kind::KeysRotated, None)).await.unwrap();
        assert_eq!(kids(&store, now().plus(OVERLAP)).await, [newer.clone(), kid.clone()]);
        assert_eq!(
            kids(&store, later.minus(SECOND)).await,
            [newer.clone(), kid.clone()],
            "its API token is good"
        );
        assert_eq!(kids(&store, later).await, [newer]);
        assert_eq!(store.forget_private_keys(now().plus(SECOND)).await.unwrap(), 0);
        assert_eq!(store.forget_private_keys(now().plus(2 * SECOND)).await.unwrap(), 1);
        let halves: Vec<_> = store
            .published_keys(now())
            .await
            .unwrap()
            .iter()
            .map(|it| it.private.is_some())
            .collect();
        assert_eq!(halves, [true, false]);
    })
    .await;
}

#[tokio::test]
async fn erasures_wait_until_they_are_due_and_done() {
    on_each(async |store| {
        let ada = add(&store, "ada").await;
        store
            .delete_user(ada.id, now().plus(SECOND), event(Kind::UserDeleted, Some(ada.id)))
            .await
            .unwrap();
        assert_eq!(store.due_erasures(now()).await.unwrap(), []);
        let due = store.due_erasures(now().plus(SECOND)).await.unwrap();
        assert_eq!((due.len(), due[0].user_id, due[0].attempts), (2, ada.id, 0));
        store.finish_erasure(ada.id, due[0].service.clone()).await.unwrap();
        store
            .postpone_erasure(due[1].clone(), now().plus(9 * SECOND))
            .await
            .unwrap();
        assert_eq!(store.due_erasures(now().plus(8 * SECOND)).await.unwrap(), []);
        let left = store.due_erasures(now().plus(9 * SECOND)).await.unwrap();
        assert_eq!(
            (left.len(), &left[0].service, left[0].attempts),
            (1, &due[1].service, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn events_are_kept_newest_first_and_forgotten() {
    on_each(async |store| {
        let all: Vec<_> = (0..3).map(|_| event(Kind::Login, Some(UserId::new()))).collect();
        for it in &all {
            store.record(it.clone()).await.unwrap();
        }
        let newest = store.audit_events(None, 2).await.unwrap();
        assert_eq!(newest, [all[2].clone(), all[1].clone()]);
        let before = Position {
            at: newest[1].at,
            id: newest[1].id,
        };
        assert_eq!(store.audit_events(Some(before), 2).await.unwrap(), [all[0].clone()]);
        assert_eq!(store.forget_events(now()).await.unwrap(), 0);
        assert_eq!(store.forget_events(now().plus(SECOND)).await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    on_each_db(&migrations(), async |db| {
        add(&Store::new(db.clone()), "ada").await;
        migrations().down(&db, 0).await.unwrap();
        migrations().up(&db).await.unwrap();
        assert!(!Store::new(db).has_admin().await.unwrap());
    })
    .await;
}
