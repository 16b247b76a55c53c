use prost_types::FieldMask;
use tonic::Code;

use super::*;

const NEW: &str = "green lamp under the sea";

async fn change(
    bench: &Bench,
    token: &str,
    current: &str,
    new: &str,
) -> Result<Response<pb::ChangePasswordResponse>, Status> {
    let message = pb::ChangePasswordRequest {
        current_password: current.into(),
        new_password: new.into(),
    };
    bench.client().change_password(bearer(token, message)).await
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_the_new_one() {
    each(async |bench| {
        let first = bench.register("Ada").await;
        let second = bench.login_as("ada@example.org", PASSWORD).await.unwrap();
        let third = session(
            change(bench, &second.access_token, PASSWORD, NEW)
                .await
                .map(|it| it.into_inner().session),
        );
        for old in [&first, &second] {
            assert!(is(&refusal(bench.me(&old.access_token).await), REVOKED));
        }
        assert_eq!(bench.me(&third.access_token).await.unwrap().name, "Ada");
        assert_eq!(
            bench.login_as("ada@example.org", PASSWORD).await.unwrap_err().code(),
            Code::Unauthenticated
        );
        let fourth = bench.login_as("ada@example.org", NEW).await.unwrap();
        assert_eq!(bench.me(&fourth.access_token).await.unwrap().name, "Ada");
        assert!(
            bench
                .events(&fourth)
                .await
                .iter()
                .any(|it| it.kind == "password_changed")
        );
    })
    .await;
}

#[tokio::test]
async fn a_password_is_changed_only_by_who_knows_it() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let token = &ada.access_token;
        for _ in 0..5 {
            assert!(is(
                &refusal(change(bench, token, "red kettle", NEW).await),
                (Code::Unauthenticated, "BAD_CREDENTIALS")
            ));
        }
        assert_eq!(
            retry_after(change(bench, token, PASSWORD, NEW).await),
            1,
            "as slow to guess as at sign-in"
        );
        bench.advance(Duration::from_secs(1));
        assert_eq!(field(change(bench, token, "", NEW).await), "current_password");
        assert_eq!(field(change(bench, token, PASSWORD, "").await), "new_password");
        let personal = change(bench, token, PASSWORD, "ada@example.org!").await;
        assert!(is(&refusal(personal), (Code::InvalidArgument, "PASSWORD_PERSONAL")));
        assert_eq!(bench.me(token).await.unwrap().name, "Ada", "nothing happened");
        change(bench, token, PASSWORD, NEW).await.unwrap();
    })
    .await;
}

async fn update(
    bench: &Bench,
    token: &str,
    user: pb::User,
    paths: &[&str],
) -> Result<Response<pb::UpdateMeResponse>, Status> {
    let paths = paths.iter().map(|&path| path.to_owned()).collect();
    let message = pb::UpdateMeRequest {
        user: Some(user),
        update_mask: Some(FieldMask { paths }),
    };
    bench.client().update_me(bearer(token, message)).await
}

#[tokio::test]
async fn a_mask_says_what_is_changed() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let both = || pb::User {
            name: "Countess".into(),
            email: "Countess@Example.org".into(),
            ..Default::default()
        };
        bench.advance(Duration::from_secs(5));
        let answer = update(bench, &ada.access_token, both(), &["name"])
            .await
            .unwrap()
            .into_inner()
            .user
            .unwrap();
        assert_eq!(
            (answer.name.as_str(), answer.email.as_str()),
            ("Countess", "ada@example.org")
        );
        assert_eq!(answer.update_time.unwrap().seconds, bench.now().parts().0);
        let answer = update(bench, &ada.access_token, both(), &[])
            .await
            .unwrap()
            .into_inner()
            .user
            .unwrap();
        assert_eq!(answer.email, "Countess@Example.org");
        assert_eq!(
            bench.login_as("countess@example.org", PASSWORD).await.unwrap().user,
            Some(answer.clone())
        );
        let same = update(bench, &ada.access_token, pb::User::default(), &[])
            .await
            .unwrap()
            .into_inner()
            .user;
        assert_eq!(same, Some(answer));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_change_changes_nothing() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        bench.register("Bob").await;
        let token = &ada.access_token;
        let with = |name: &str, email: &str| pb::User {
            name: name.into(),
            email: email.into(),
            ..Default::default()
        };
        let answer = update(bench, token, with("", "BOB@example.org"), &[]).await;
        assert!(is(&refusal(answer), (Code::AlreadyExists, "EMAIL_TAKEN")));
        assert_eq!(
            field(update(bench, token, with("Eve", "x"), &["name", "email"]).await),
            "user.email"
        );
        assert_eq!(field(update(bench, token, with("", ""), &["name"]).await), "user.name");
        assert_eq!(
            field(update(bench, token, with("Eve", ""), &["role"]).await),
            "update_mask"
        );
        assert_eq!(
            field(
                bench
                    .client()
                    .update_me(bearer(token, pb::UpdateMeRequest::default()))
                    .await
            ),
            "user"
        );
        assert_eq!(bench.me(token).await.unwrap(), user_of(&ada));
    })
    .await;
}

#[tokio::test]
async fn logout_ends_this_session_only() {
    each(async |bench| {
        let first = bench.register("Ada").await;
        let second = bench.login_as("ada@example.org", PASSWORD).await.unwrap();
        bench
            .client()
            .logout(bearer(&first.access_token, pb::LogoutRequest {}))
            .await
            .unwrap();
        assert!(is(&refusal(bench.me(&first.access_token).await), REVOKED));
        assert_eq!(bench.me(&second.access_token).await.unwrap().name, "Ada");
        let restarted = bench.replica().await;
        assert!(
            is(&refusal(restarted.me(&first.access_token).await), REVOKED),
            "a restart forgets nothing"
        );
        assert_eq!(restarted.me(&second.access_token).await.unwrap().name, "Ada");
    })
    .await;
}

#[tokio::test]
async fn without_a_token_only_public_methods_answer() {
    each(async |bench| {
        let missing = (Code::Unauthenticated, "TOKEN_MISSING");
        let mut client = bench.client();
        assert!(is(&refusal(client.get_me(pb::GetMeRequest {}).await), missing));
        assert!(is(&refusal(client.logout(pb::LogoutRequest {}).await), missing));
        assert!(is(
            &refusal(client.update_me(pb::UpdateMeRequest::default()).await),
            missing
        ));
        assert!(is(
            &refusal(client.change_password(pb::ChangePasswordRequest::default()).await),
            missing
        ));
        assert!(is(
            &refusal(client.delete_me(pb::DeleteMeRequest::default()).await),
            missing
        ));
        assert!(is(
            &refusal(client.list_users(pb::ListUsersRequest::default()).await),
            missing
        ));
        assert!(is(
            &refusal(client.create_api_token(pb::CreateApiTokenRequest::default()).await),
            missing
        ));
        assert!(is(
            &refusal(client.list_api_tokens(pb::ListApiTokensRequest {}).await),
            missing
        ));
        assert!(is(
            &refusal(client.revoke_api_token(pb::RevokeApiTokenRequest::default()).await),
            missing
        ));
        assert!(is(
            &refusal(client.list_audit_events(pb::ListAuditEventsRequest::default()).await),
            missing
        ));
        assert_eq!(
            client
                .watch_revocations(pb::WatchRevocationsRequest {})
                .await
                .unwrap_err()
                .code(),
            Code::Unauthenticated
        );
        client.get_jwks(pb::GetJwksRequest {}).await.unwrap();
    })
    .await;
}
