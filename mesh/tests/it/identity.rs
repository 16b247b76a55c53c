//! Who may call what, and for how long.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tonic::{Code, Request};
use tonic_types::StatusExt;
use voltaire_mesh::{
    Identity, Mesh, MeshConfig, Role, Scope,
    test::{Signer, TestMesh, claims},
    wire,
};
use voltaire_proto::{auth::v1 as pb, chat::v1 as chat};
use voltaire_types::{Clock, Timestamp, TokenId, UserId};

use crate::stub::{House, Stub, database, eventually, reason};

fn identity(mesh: &Mesh, role: Role, scopes: Option<Vec<Scope>>) -> Identity {
    Identity {
        user_id: UserId::new(),
        role,
        scopes,
        token_id: TokenId::new(),
        expires: mesh.clock().now().plus(Duration::from_hours(1)),
    }
}

fn revoked(id: TokenId) -> pb::Revocation {
    pb::Revocation {
        subject: Some(pb::revocation::Subject::TokenId(id.to_string())),
        expire_time: Some(wire::timestamp(Timestamp::MAX)),
    }
}

#[tokio::test]
async fn without_a_token_nothing_runs_and_the_answer_says_why() {
    let house = House::new().await;
    let status = house
        .chat
        .clone()
        .list_sessions(chat::ListSessionsRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let info = status.get_details_error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("TOKEN_MISSING", "voltaire.mesh")
    );
    assert_eq!(house.stub.runs(), 0);
}

#[tokio::test]
async fn the_method_is_told_who_calls() {
    let house = House::new().await;
    let user = UserId::new();
    let request = TestMesh::request(&house.mesh.token(user), chat::ListSessionsRequest::default());
    let answer = house.chat.clone().list_sessions(request).await.unwrap().into_inner();
    assert_eq!(answer.next_page_token, user.to_string());
}

#[tokio::test]
async fn two_tokens_and_other_schemes_are_refused() {
    let house = House::new().await;
    let token = house.user_token();
    for values in [
        vec![format!("Bearer {token}"), format!("Bearer {token}")],
        vec![format!("Basic {token}")],
        vec![token.clone()],
        vec!["Bearer".to_owned()],
        vec![format!("Bearer  {token}")],
    ] {
        let mut request = Request::new(chat::ListSessionsRequest::default());
        for value in &values {
            request.metadata_mut().append("authorization", value.parse().unwrap());
        }
        let status = house.chat.clone().list_sessions(request).await.unwrap_err();
        assert_eq!(reason(&status), "TOKEN_INVALID", "{} values", values.len());
    }
}

#[tokio::test]
async fn an_api_token_opens_what_its_scopes_open() {
    let house = House::new().await;
    let mesh = &house.mesh.mesh;
    let token = |scope| house.mesh.token_of(&identity(mesh, Role::User, Some(vec![scope])));
    house.call(&token(Scope::Read)).await.expect("read opens sessions");
    let status = house.call(&token(Scope::Ingest)).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::PermissionDenied, "SCOPE_REQUIRED")
    );
    let request = TestMesh::request(&token(Scope::Read), chat::DeleteSessionRequest::default());
    let status = house.chat.clone().delete_session(request).await.unwrap_err();
    assert_eq!(reason(&status), "SCOPE_REQUIRED", "no scope opens it");
    let request = TestMesh::request(&token(Scope::Read), pb::ListUsersRequest::default());
    assert_eq!(
        reason(&house.auth().list_users(request).await.unwrap_err()),
        "SCOPE_REQUIRED"
    );
}

#[tokio::test]
async fn only_an_admin_and_only_a_service_may_call_what_is_theirs() {
    let house = House::new().await;
    let mesh = &house.mesh.mesh;
    let (user, admin) = (
        house.user_token(),
        house.mesh.token_of(&identity(mesh, Role::Admin, None)),
    );
    let service = house.mesh.token_of(&identity(mesh, Role::Service, None));
    let users = |token: &str| TestMesh::request(token, pb::ListUsersRequest::default());
    assert_eq!(
        reason(&house.auth().list_users(users(&user)).await.unwrap_err()),
        "ROLE_REQUIRED"
    );
    house.auth().list_users(users(&admin)).await.expect("an admin may");
    assert_eq!(
        reason(&house.auth().list_users(users(&service)).await.unwrap_err()),
        "TOKEN_INVALID"
    );
    let watch = |token: &str| TestMesh::request(token, pb::WatchRevocationsRequest {});
    for token in [&user, &admin] {
        let status = house.auth().watch_revocations(watch(token)).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::PermissionDenied, "SERVICE_ONLY")
        );
    }
    house
        .auth()
        .watch_revocations(watch(&service))
        .await
        .expect("a service may");
    let request = mesh.service_request(pb::WatchRevocationsRequest {});
    house
        .auth()
        .watch_revocations(request)
        .await
        .expect("as its own requests do");
}

#[tokio::test]
async fn a_service_of_another_mesh_is_a_stranger() {
    let house = House::new().await;
    let other = Mesh::new("other", Clock::system(), &MeshConfig::default()).unwrap();
    let request = other.service_request(pb::WatchRevocationsRequest {});
    let status = house.auth().watch_revocations(request).await.unwrap_err();
    assert_eq!(reason(&status), "TOKEN_INVALID");
}

#[tokio::test]
async fn a_token_expires_even_where_it_was_good_before() {
    let start = Timestamp::from_parts(1_800_000_000, 0).unwrap();
    let now = Arc::new(Mutex::new(start));
    let clock = {
        let now = Arc::clone(&now);
        Clock::from_fn(move || *now.lock())
    };
    let house = House::at(clock).await;
    let token = house.user_token();
    house.call(&token).await.expect("good for an hour");
    *now.lock() = start.plus(Duration::from_secs(3604));
    house.call(&token).await.expect("clocks may be 5 s apart");
    *now.lock() = start.plus(Duration::from_secs(3605));
    let status = house.call(&token).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unauthenticated, "TOKEN_EXPIRED")
    );
    let fresh = claims(&identity(&house.mesh.mesh, Role::User, None), *now.lock());
    assert_eq!(fresh["iat"], 1_800_003_605);
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_its_stream_is_cut() {
    let house = House::new().await;
    let session = identity(&house.mesh.mesh, Role::User, None);
    let token = house.mesh.token_of(&session);
    let text = "hang".to_owned();
    let request = TestMesh::request(
        &token,
        chat::AskRequest {
            text,
            ..Default::default()
        },
    );
    let mut stream = house.chat.clone().ask(request).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());
    house
        .mesh
        .mesh
        .revocations()
        .apply(vec![revoked(session.token_id)], false);
    let status = stream.message().await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unauthenticated, "TOKEN_REVOKED")
    );
    assert_eq!(reason(&house.call(&token).await.unwrap_err()), "TOKEN_REVOKED");
    house.call(&house.user_token()).await.expect("others stay");
}

#[tokio::test]
async fn old_sessions_of_a_user_are_refused_and_api_tokens_are_not() {
    let house = House::new().await;
    let mesh = &house.mesh.mesh;
    let session = identity(mesh, Role::User, None);
    let api = Identity {
        scopes: Some(vec![Scope::Read]),
        token_id: TokenId::new(),
        ..session.clone()
    };
    let user_id = session.user_id.to_string();
    let sessions = pb::UserSessions {
        user_id,
        min_version: 2,
    };
    let revocation = pb::Revocation {
        subject: Some(pb::revocation::Subject::UserSessions(sessions)),
        expire_time: None,
    };
    mesh.revocations().apply(vec![revocation], false);
    assert_eq!(
        reason(&house.call(&house.mesh.token_of(&session)).await.unwrap_err()),
        "TOKEN_REVOKED"
    );
    house
        .call(&house.mesh.token_of(&api))
        .await
        .expect("API tokens end one by one");
}

#[tokio::test]
async fn keys_and_revocations_are_fetched_from_auth() {
    let (db, _folder) = database().await;
    let (stub, signer) = (Stub::default(), Signer::new("rotated"));
    let house = TestMesh::new(Clock::system());
    house.serve(stub.auth(db.clone())).await;
    let channel = house.serve(stub.chat(db)).await;
    let mut client = chat::chat_service_client::ChatServiceClient::new(channel);
    let session = identity(&house.mesh, Role::User, None);
    let token = signer.token(&claims(&session, house.mesh.clock().now()));
    let mut call = async || {
        let request = TestMesh::request(&token, chat::ListSessionsRequest::default());
        client.list_sessions(request).await
    };
    stub.keys.lock().push(signer.jwk());
    call().await.expect("an unknown key is asked for");
    house.mesh.follow_auth();
    eventually("revocations are followed", async || stub.news.receiver_count() > 0).await;
    let news = pb::WatchRevocationsResponse {
        revocations: vec![revoked(session.token_id)],
        snapshot: false,
    };
    stub.news.send(news).unwrap();
    eventually("the token is refused", async || {
        call().await.is_err_and(|status| reason(&status) == "TOKEN_REVOKED")
    })
    .await;
    house.mesh.drain().await;
}

#[tokio::test]
async fn while_nobody_knows_the_keys_it_is_unavailable_and_not_refused() {
    let (db, _folder) = database().await;
    let (stub, signer) = (Stub::default(), Signer::new("unknown"));
    let house = TestMesh::new(Clock::system());
    let channel = house.serve(stub.chat(db)).await;
    let session = identity(&house.mesh, Role::User, None);
    let token = signer.token(&claims(&session, house.mesh.clock().now()));
    let request = TestMesh::request(&token, chat::ListSessionsRequest::default());
    let status = chat::chat_service_client::ChatServiceClient::new(channel)
        .list_sessions(request)
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unavailable, "KEYS_UNAVAILABLE")
    );
}
