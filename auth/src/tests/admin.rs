use tonic::Code;

use super::*;

const LAST_ADMIN: (Code, &str) = (Code::FailedPrecondition, "LAST_ADMIN");

async fn change_role(bench: &Bench, admin: &pb::Session, id: &str, role: pb::Role) -> Result<pb::User, Status> {
    let message = pb::UpdateUserRoleRequest {
        user_id: id.into(),
        role: role.into(),
    };
    let answer = bench
        .client()
        .update_user_role(bearer(&admin.access_token, message))
        .await;
    answer.map(|it| it.into_inner().user.unwrap())
}

async fn disable(bench: &Bench, admin: &pb::Session, id: &str, enable: bool) -> Result<pb::User, Status> {
    let message = pb::DisableUserRequest {
        user_id: id.into(),
        enable,
    };
    let answer = bench.client().disable_user(bearer(&admin.access_token, message)).await;
    answer.map(|it| it.into_inner().user.unwrap())
}

#[tokio::test]
async fn users_are_listed_in_pages() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        for name in ["Bob", "Carol", "Dan", "Eve"] {
            bench.register(name).await;
        }
        let list = async |page_size: i32, page_token: &str| {
            let message = pb::ListUsersRequest {
                page_size,
                page_token: page_token.into(),
            };
            bench.client().list_users(bearer(&ada.access_token, message)).await
        };
        let (mut names, mut token) = (Vec::new(), String::new());
        loop {
            let page = list(2, &token).await.unwrap().into_inner();
            assert!(page.users.len() <= 2);
            names.extend(page.users.into_iter().map(|it| it.name));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(names, ["Ada", "Bob", "Carol", "Dan", "Eve"]);
        assert_eq!(list(5, "").await.unwrap().into_inner().next_page_token, "");
        assert_eq!(field(list(-1, "").await), "page_size");
        assert_eq!(field(list(0, "forged").await), "page_token");
    })
    .await;
}

#[tokio::test]
async fn only_admins_manage_users() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let bob = bench.register("Bob").await;
        let id = user_of(&ada).user_id;
        let required = (Code::PermissionDenied, "ROLE_REQUIRED");
        let token = &bob.access_token;
        assert!(is(
            &refusal(
                bench
                    .client()
                    .list_users(bearer(token, pb::ListUsersRequest::default()))
                    .await
            ),
            required
        ));
        assert!(is(
            &refusal(change_role(bench, &bob, &id, pb::Role::User).await),
            required
        ));
        assert!(is(&refusal(disable(bench, &bob, &id, false).await), required));
        assert!(is(
            &refusal(
                bench
                    .client()
                    .create_invite(bearer(token, pb::CreateInviteRequest::default()))
                    .await
            ),
            required
        ));
        let events = bench
            .client()
            .list_audit_events(bearer(token, pb::ListAuditEventsRequest::default()))
            .await;
        assert!(is(&refusal(events), required));
    })
    .await;
}

#[tokio::test]
async fn a_new_role_ends_the_sessions_of_the_old_one() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let bob = bench.register("Bob").await;
        let id = user_of(&bob).user_id;
        assert_eq!(
            change_role(bench, &ada, &id, pb::Role::Admin).await.unwrap().role(),
            pb::Role::Admin
        );
        assert!(is(&refusal(bench.me(&bob.access_token).await), REVOKED));
        let bob = bench.login_as("bob@example.org", PASSWORD).await.unwrap();
        assert_eq!(
            change_role(bench, &ada, &id, pb::Role::Admin).await.unwrap().role(),
            pb::Role::Admin,
            "the same again"
        );
        assert_eq!(
            bench.me(&bob.access_token).await.unwrap().role(),
            pb::Role::Admin,
            "changes nothing"
        );
        let demoted = change_role(bench, &bob, &user_of(&ada).user_id, pb::Role::User)
            .await
            .unwrap();
        assert_eq!(demoted.role(), pb::Role::User);
        assert!(is(&refusal(bench.me(&ada.access_token).await), REVOKED));
        assert_eq!(
            bench
                .events(&bob)
                .await
                .iter()
                .filter(|it| it.kind == "role_changed")
                .count(),
            2
        );
    })
    .await;
}

#[tokio::test]
async fn a_disabled_user_is_out_until_enabled() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let bob = bench.register("Bob").await;
        let id = user_of(&bob).user_id;
        let message = pb::CreateApiTokenRequest {
            name: "plug".into(),
            scopes: vec!["read".into()],
            expire_time: None,
        };
        let api = bench
            .client()
            .create_api_token(bearer(&bob.access_token, message))
            .await
            .unwrap()
            .into_inner();
        for _ in 0..2 {
            assert!(disable(bench, &ada, &id, false).await.unwrap().disabled);
        }
        assert!(is(&refusal(bench.me(&bob.access_token).await), REVOKED));
        assert!(is(&refusal(bench.me(&api.access_token).await), REVOKED));
        assert_eq!(
            bench.login_as("bob@example.org", PASSWORD).await.unwrap_err().code(),
            Code::Unauthenticated
        );
        assert!(!disable(bench, &ada, &id, true).await.unwrap().disabled);
        assert!(
            is(&refusal(bench.me(&bob.access_token).await), REVOKED),
            "old sessions stay dead"
        );
        assert!(
            is(&refusal(bench.me(&api.access_token).await), REVOKED),
            "so do old tokens"
        );
        bench.login_as("bob@example.org", PASSWORD).await.unwrap();
        let kinds: Vec<_> = bench.events(&ada).await.into_iter().map(|it| it.kind).collect();
        assert_eq!(kinds.iter().filter(|it| *it == "user_disabled").count(), 1);
        assert_eq!(kinds.iter().filter(|it| *it == "user_enabled").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let bob = bench.register("Bob").await;
        let (ada_id, bob_id) = (user_of(&ada).user_id, user_of(&bob).user_id);
        assert!(is(
            &refusal(change_role(bench, &ada, &ada_id, pb::Role::User).await),
            LAST_ADMIN
        ));
        assert!(is(&refusal(disable(bench, &ada, &ada_id, false).await), LAST_ADMIN));
        let message = pb::DeleteMeRequest {
            password: PASSWORD.into(),
        };
        assert!(is(
            &refusal(bench.client().delete_me(bearer(&ada.access_token, message)).await),
            LAST_ADMIN
        ));
        change_role(bench, &ada, &bob_id, pb::Role::Admin).await.unwrap();
        disable(bench, &ada, &bob_id, false).await.unwrap();
        assert!(
            is(&refusal(disable(bench, &ada, &ada_id, false).await), LAST_ADMIN),
            "a disabled admin is none"
        );
        assert_eq!(
            bench.me(&ada.access_token).await.unwrap(),
            user_of(&ada),
            "nothing happened"
        );
    })
    .await;
}

#[tokio::test]
async fn two_admins_cannot_remove_each_other_at_once() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let bob = bench.register("Bob").await;
        change_role(bench, &ada, &user_of(&bob).user_id, pb::Role::Admin)
            .await
            .unwrap();
        let bob = bench.login_as("bob@example.org", PASSWORD).await.unwrap();
        let (ada_id, bob_id) = (user_of(&ada).user_id, user_of(&bob).user_id);
        let (first, second) = tokio::join!(
            change_role(bench, &ada, &bob_id, pb::Role::User),
            change_role(bench, &bob, &ada_id, pb::Role::User)
        );
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    })
    .await;
}

#[tokio::test]
async fn a_user_who_is_not_there_is_not_found() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let nobody = UserId::new().to_string();
        let no_user = (Code::NotFound, "NO_USER");
        assert!(is(
            &refusal(change_role(bench, &ada, &nobody, pb::Role::User).await),
            no_user
        ));
        assert!(is(&refusal(disable(bench, &ada, &nobody, false).await), no_user));
        assert!(is(&refusal(disable(bench, &ada, &nobody, true).await), no_user));
        let role = async |user_id: &str, role: i32| {
            let message = pb::UpdateUserRoleRequest {
                user_id: user_id.into(),
                role,
            };
            field(
                bench
                    .client()
                    .update_user_role(bearer(&ada.access_token, message))
                    .await,
            )
        };
        assert_eq!(role("x", 1).await, "user_id");
        assert_eq!(role(&nobody, 0).await, "role");
        assert_eq!(role(&nobody, 99).await, "role");
        let message = pb::CreateInviteRequest {
            email: "no address".into(),
        };
        assert_eq!(
            field(bench.client().create_invite(bearer(&ada.access_token, message)).await),
            "email"
        );
    })
    .await;
}

#[tokio::test]
async fn events_are_listed_in_pages_newest_first() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        for _ in 0..4 {
            bench.advance(Duration::from_secs(1));
            bench.login_as("ada@example.org", PASSWORD).await.unwrap();
        }
        let list = async |page_size: i32, page_token: &str| {
            let message = pb::ListAuditEventsRequest {
                page_size,
                page_token: page_token.into(),
            };
            bench
                .client()
                .list_audit_events(bearer(&ada.access_token, message))
                .await
        };
        let first = list(3, "").await.unwrap().into_inner();
        let second = list(3, &first.next_page_token).await.unwrap().into_inner();
        assert_eq!(
            (first.events.len(), second.events.len(), second.next_page_token.as_str()),
            (3, 2, "")
        );
        let times: Vec<_> = first
            .events
            .iter()
            .chain(&second.events)
            .map(|it| it.time.unwrap().seconds)
            .collect();
        assert!(times.iter().rev().is_sorted(), "{times:?}");
        assert_eq!(second.events[1].kind, "register");
        assert_eq!(field(list(-5, "").await), "page_size");
        assert_eq!(field(list(5, "e30").await), "page_token");
    })
    .await;
}
