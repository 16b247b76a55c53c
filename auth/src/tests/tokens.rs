use tonic::Code;

use super::*;
use crate::{store::Store, token};

async fn create(bench: &Bench, session: &pb::Session, scopes: &[&str]) -> Result<pb::CreateApiTokenResponse, Status> {
    let scopes = scopes.iter().map(|&it| it.to_owned()).collect();
    let message = pb::CreateApiTokenRequest {
        name: "plug".into(),
        scopes,
        expire_time: None,
    };
    bench
        .client()
        .create_api_token(bearer(&session.access_token, message))
        .await
        .map(Response::into_inner)
}

async fn list(bench: &Bench, session: &pb::Session) -> Vec<pb::ApiToken> {
    let request = bearer(&session.access_token, pb::ListApiTokensRequest {});
    bench
        .client()
        .list_api_tokens(request)
        .await
        .unwrap()
        .into_inner()
        .api_tokens
}

async fn revoke(
    bench: &Bench,
    session: &pb::Session,
    id: &str,
) -> Result<Response<pb::RevokeApiTokenResponse>, Status> {
    let message = pb::RevokeApiTokenRequest { token_id: id.into() };
    bench
        .client()
        .revoke_api_token(bearer(&session.access_token, message))
        .await
}

#[tokio::test]
async fn a_token_opens_what_its_scopes_say_and_nothing_else() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let made = create(bench, &ada, &["read", "ingest", "read"]).await.unwrap();
        let told = made.api_token.clone().unwrap();
        assert_eq!(told.scopes, ["ingest", "read"]);
        assert_eq!(told.expire_time.unwrap().seconds - bench.now().parts().0, 90 * 86_400);
        assert_eq!(bench.me(&made.access_token).await.unwrap().name, "Ada");
        let required = (Code::PermissionDenied, "SCOPE_REQUIRED");
        let token = &made.access_token;
        assert!(is(
            &refusal(bench.client().logout(bearer(token, pb::LogoutRequest {})).await),
            required
        ));
        let more = pb::CreateApiTokenRequest {
            name: "more".into(),
            scopes: vec!["read".into()],
            expire_time: None,
        };
        assert!(is(
            &refusal(bench.client().create_api_token(bearer(token, more)).await),
            required
        ));
        let users = bench
            .client()
            .list_users(bearer(token, pb::ListUsersRequest::default()))
            .await;
        assert_eq!(
            users.unwrap_err().code(),
            Code::PermissionDenied,
            "an admin's API token is no admin"
        );
        assert_eq!(list(bench, &ada).await, [told]);
    })
    .await;
}

#[tokio::test]
async fn only_a_hash_of_a_token_is_stored() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let made = create(bench, &ada, &["mcp"]).await.unwrap();
        let listed = format!("{:?}", list(bench, &ada).await);
        assert!(!listed.contains(&made.access_token) && !listed.contains("eyJ"));
        let stored = Store::new(bench.db.clone())
            .api_tokens(user_of(&ada).user_id.parse().unwrap())
            .await
            .unwrap();
        assert!(!format!("{stored:?}").contains("eyJ"));
        assert_eq!(token::hash(&made.access_token).len(), 32);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_stays_listed() {
    each(async |bench| {
        let (ada, bob) = (bench.register("Ada").await, bench.register("Bob").await);
        let (first, second) = (
            create(bench, &ada, &["read"]).await.unwrap(),
            create(bench, &ada, &["read"]).await.unwrap(),
        );
        let id = first.api_token.unwrap().token_id;
        let no_token = (Code::NotFound, "NO_TOKEN");
        assert!(
            is(&refusal(revoke(bench, &bob, &id).await), no_token),
            "somebody else's"
        );
        assert!(is(
            &refusal(revoke(bench, &ada, &TokenId::new().to_string()).await),
            no_token
        ));
        assert_eq!(field(revoke(bench, &ada, "x").await), "token_id");
        for _ in 0..2 {
            revoke(bench, &ada, &id).await.unwrap();
        }
        assert!(is(&refusal(bench.me(&first.access_token).await), REVOKED));
        assert_eq!(bench.me(&second.access_token).await.unwrap().name, "Ada");
        let revoked: Vec<_> = list(bench, &ada)
            .await
            .into_iter()
            .map(|it| it.revoke_time.is_some())
            .collect();
        assert_eq!(revoked, [false, true], "newest first");
        assert_eq!(list(bench, &bob).await, []);
        let kinds: Vec<_> = bench.events(&ada).await.into_iter().map(|it| it.kind).collect();
        assert_eq!(kinds.iter().filter(|it| *it == "token_revoked").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_token_outlives_a_new_password_and_not_its_own_end() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let end = bench.now().plus(Duration::from_hours(1));
        let message = pb::CreateApiTokenRequest {
            name: "script".into(),
            scopes: vec!["read".into()],
            expire_time: Some(voltaire_mesh::wire::timestamp(end)),
        };
        let made = bench
            .client()
            .create_api_token(bearer(&ada.access_token, message))
            .await
            .unwrap()
            .into_inner();
        let message = pb::ChangePasswordRequest {
            current_password: PASSWORD.into(),
            new_password: "green lamp under the sea".into(),
        };
        bench
            .client()
            .change_password(bearer(&ada.access_token, message))
            .await
            .unwrap();
        assert_eq!(bench.me(&made.access_token).await.unwrap().name, "Ada");
        bench.advance(Duration::from_mins(61));
        assert!(is(
            &refusal(bench.me(&made.access_token).await),
            (Code::Unauthenticated, "TOKEN_EXPIRED")
        ));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_wish_is_refused_with_its_field() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let good = || pb::CreateApiTokenRequest {
            name: "plug".into(),
            scopes: vec!["read".into()],
            expire_time: None,
        };
        let at = |seconds: i64| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let now = bench.now().parts().0;
        for (message, expected) in [
            (
                pb::CreateApiTokenRequest {
                    name: " ".into(),
                    ..good()
                },
                "name",
            ),
            (
                pb::CreateApiTokenRequest {
                    scopes: vec![],
                    ..good()
                },
                "scopes",
            ),
            (
                pb::CreateApiTokenRequest {
                    scopes: vec!["read".into(); 1000],
                    ..good()
                },
                "scopes",
            ),
            (
                pb::CreateApiTokenRequest {
                    scopes: vec!["read".into(), "root".into()],
                    ..good()
                },
                "scopes[1]",
            ),
            (
                pb::CreateApiTokenRequest {
                    expire_time: at(now),
                    ..good()
                },
                "expire_time",
            ),
            (
                pb::CreateApiTokenRequest {
                    expire_time: at(now + 367 * 86_400),
                    ..good()
                },
                "expire_time",
            ),
            (
                pb::CreateApiTokenRequest {
                    expire_time: at(i64::MAX),
                    ..good()
                },
                "expire_time",
            ),
        ] {
            assert_eq!(
                field(
                    bench
                        .client()
                        .create_api_token(bearer(&ada.access_token, message))
                        .await
                ),
                expected
            );
        }
        assert_eq!(list(bench, &ada).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_user_has_at_most_a_hundred_good_tokens() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        for _ in 0..100 {
            create(bench, &ada, &["read"]).await.unwrap();
        }
        let more = create(bench, &ada, &["read"]).await;
        assert!(is(&refusal(more), (Code::FailedPrecondition, "TOO_MANY_TOKENS")));
        revoke(bench, &ada, &list(bench, &ada).await[0].token_id).await.unwrap();
        create(bench, &ada, &["read"]).await.unwrap();
    })
    .await;
}
