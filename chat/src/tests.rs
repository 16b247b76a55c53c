//! The service at its edge, and its store on every database.

mod rename;
mod report;

use voltaire_mesh::{
    Db,
    db::Connect,
    test::{TestMesh, on_each_db},
};
use voltaire_proto::chat::v1::{self as pb, answer_event::Kind, chat_service_client::ChatServiceClient};
use voltaire_types::{Clock, HomeId, MessageId, SessionId, Timestamp, UserId};

use crate::{
    migrations, serve,
    store::{Exchange, Store},
};
use tokio_stream::StreamExt;
use tonic::{Code, transport::Channel};
use tonic_types::StatusExt;

fn now() -> Timestamp {
    "2026-07-14T13:30:00Z".parse().unwrap()
}

fn exchange(user: UserId, session: SessionId, second: u64) -> Exchange {
    let asked = now().plus(std::time::Duration::from_secs(second));
    Exchange {
        user,
        session,
        home: Some(HomeId::new()),
        title: "How much?".into(),
        question: "How much?".into(),
        answer_id: MessageId::new(),
        answer: "Much.".into(),
        metadata: serde_json::json!({"focus": []}),
        asked,
        answered: asked.plus(std::time::Duration::from_millis(5)),
    }
}

#[tokio::test]
async fn a_conversation_is_kept_and_deleted_on_each_database() {
    on_each_db(&migrations(), async |db| {
        let store = Store::new(db);
        let (user, other) = (UserId::new(), UserId::new());
        let (first, second) = (SessionId::new(), SessionId::new());
        assert!(store.add(exchange(user, first, 0), true).await.unwrap());
        assert!(store.add(exchange(user, second, 10), true).await.unwrap());
        assert!(store.add(exchange(user, first, 20), false).await.unwrap());
        assert!(
            !store.add(exchange(other, first, 30), false).await.unwrap(),
            "another user's session"
        );
        let sessions = store.sessions(user, None, 10).await.unwrap();
        assert_eq!(
            sessions.iter().map(|it| it.id).collect::<Vec<_>>(),
            [first, second],
            "last used first"
        );
        let after = Some((sessions[0].updated_at, sessions[0].id));
        assert_eq!(store.sessions(user, after, 10).await.unwrap().len(), 1);
        let messages = store.messages(first, None, 10).await.unwrap();
        assert_eq!(
            messages.iter().map(|it| it.role.as_str()).collect::<Vec<_>>(),
            ["user", "assistant", "user", "assistant"]
        );
        let after = Some((messages[1].created_at, messages[1].id));
        assert_eq!(store.messages(first, after, 10).await.unwrap().len(), 2);
        assert_eq!(
            store.memories(first, 1).await.unwrap(),
            [serde_json::json!({"focus": []})]
        );
        assert!(store.session(other, first).await.unwrap().is_none());
        assert!(!store.delete_session(other, first).await.unwrap());
        assert!(store.delete_session(user, first).await.unwrap());
        assert!(store.messages(first, None, 10).await.unwrap().is_empty());
        store.erase(user).await.unwrap();
        assert!(store.session(user, second).await.unwrap().is_none());
    })
    .await;
}

struct Edge {
    mesh: TestMesh,
    channel: Channel,
    _folder: tempfile::TempDir,
}

impl Edge {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("chat.db").display());
        let db = Db::open(&Connect {
            url: &url,
            max_connections: 2,
        })
        .await
        .unwrap();
        migrations().up(&db).await.unwrap();
        let mesh = TestMesh::new(Clock::system());
        let channel = mesh.serve(serve(&mesh.mesh, db, None)).await;
        Self {
            mesh,
            channel,
            _folder: folder,
        }
    }

    async fn ask(&self, token: &str, session_id: &str, text: &str) -> Result<Vec<Kind>, tonic::Status> {
        let message = pb::AskRequest {
            session_id: session_id.into(),
            text: text.into(),
            home_id: String::new(),
        };
        let mut client = ChatServiceClient::new(self.channel.clone());
        let mut stream = client.ask(TestMesh::request(token, message)).await?.into_inner();
        let mut kinds = Vec::new();
        while let Some(step) = stream.next().await {
            kinds.extend(step?.event.and_then(|it| it.kind));
        }
        Ok(kinds)
    }
}

fn session_of(kinds: &[Kind]) -> String {
    match kinds.last() {
        Some(Kind::Done(done)) => done.session_id.clone(),
        other => panic!("not done: {other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_is_streamed_in_order_and_kept() {
    let edge = Edge::new().await;
    let token = edge.mesh.token(UserId::new());
    let kinds = edge
        .ask(&token, "", "how much did bob@example.org use yesterday?")
        .await
        .unwrap();
    let [Kind::Understanding(_), Kind::Refusal(refusal), Kind::Done(done)] = kinds.as_slice() else {
        panic!("{kinds:?}")
    };
    assert_eq!(refusal.reason(), pb::RefusalReason::Private);
    assert_eq!(done.text, refusal.text);
    let session_id = session_of(&kinds);
    let mut client = ChatServiceClient::new(edge.channel.clone());
    edge.ask(&token, &session_id, "thanks!").await.unwrap();
    let request = pb::ListMessagesRequest {
        session_id: session_id.clone(),
        page_size: 3,
        page_token: String::new(),
    };
    let page = client
        .list_messages(TestMesh::request(&token, request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(page.messages.len(), 3);
    assert_eq!(page.messages[1].events.len(), 3, "the answer's steps");
    let request = pb::ListMessagesRequest {
        session_id: session_id.clone(),
        page_size: 3,
        page_token: page.next_page_token,
    };
    let rest = client
        .list_messages(TestMesh::request(&token, request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((rest.messages.len(), rest.next_page_token.as_str()), (1, ""));
    let listed = client
        .list_sessions(TestMesh::request(&token, pb::ListSessionsRequest::default()))
        .await
        .unwrap();
    assert_eq!(
        listed.into_inner().sessions[0].title,
        "how much did bob@example.org use yesterday?"
    );
    client
        .delete_session(TestMesh::request(
            &token,
            pb::DeleteSessionRequest {
                session_id: session_id.clone(),
            },
        ))
        .await
        .unwrap();
    let gone = edge.ask(&token, &session_id, "thanks!").await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
}

#[tokio::test]
async fn another_users_session_is_not_found() {
    let edge = Edge::new().await;
    let (owner, stranger) = (edge.mesh.token(UserId::new()), edge.mesh.token(UserId::new()));
    let session_id = session_of(&edge.ask(&owner, "", "thank you").await.unwrap());
    let refused = edge.ask(&stranger, &session_id, "thank you").await.unwrap_err();
    let info = refused.get_error_details().error_info().cloned().unwrap();
    assert_eq!(
        (refused.code(), info.reason.as_str(), info.domain.as_str()),
        (Code::NotFound, "NO_SESSION", "voltaire.chat")
    );
    let mut client = ChatServiceClient::new(edge.channel.clone());
    let messages = pb::ListMessagesRequest {
        session_id: session_id.clone(),
        ..Default::default()
    };
    let refused = client
        .list_messages(TestMesh::request(&stranger, messages))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let delete = pb::DeleteSessionRequest { session_id };
    let refused = client
        .delete_session(TestMesh::request(&stranger, delete))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn bad_fields_are_named() {
    let edge = Edge::new().await;
    let token = edge.mesh.token(UserId::new());
    let field = |status: &tonic::Status| {
        status.get_error_details().bad_request().unwrap().field_violations[0]
            .field
            .clone()
    };
    let long = "x".repeat(4097);
    for (session, text, wanted) in [
        ("", "", "text"),
        ("", " \n ", "text"),
        ("", long.as_str(), "text"),
        ("", "how much\0?", "text"),
        ("nonsense", "hello", "session_id"),
    ] {
        let status = edge.ask(&token, session, text).await.unwrap_err();
        assert_eq!(
            (status.code(), field(&status).as_str()),
            (Code::InvalidArgument, wanted)
        );
    }
    let mut client = ChatServiceClient::new(edge.channel.clone());
    let plan = pb::QueryPlan {
        operation: 1,
        unit: "parsec".into(),
        ..Default::default()
    };
    for (plan, wanted) in [
        (None, "plan"),
        (Some(pb::QueryPlan::default()), "plan.operation"),
        (Some(plan), "plan.unit"),
    ] {
        let request = pb::ReplayPlanRequest {
            plan,
            home_id: String::new(),
        };
        let status = client
            .replay_plan(TestMesh::request(&token, request))
            .await
            .unwrap_err();
        assert_eq!(
            (status.code(), field(&status).as_str()),
            (Code::InvalidArgument, wanted)
        );
    }
}

#[test]
fn a_plan_comes_back_as_it_went() {
    use crate::understand::plan::{
        Bucket, Metric, Operation, Plan, Selection, Threshold, TimeExpr, Unit, Versus, Want,
    };
    let of = |expr: &TimeExpr| Box::new(expr.clone());
    let day = TimeExpr::calendar(Bucket::Day, 1);
    let clock = TimeExpr::Clock {
        base: of(&day),
        from: 1080,
        to: 0,
    };
    let all = [
        TimeExpr::Rolling(604_800),
        TimeExpr::Dates(jiff::civil::date(2026, 3, 1), jiff::civil::date(2026, 3, 7)),
        TimeExpr::Month(8, 2011),
        TimeExpr::Weekday {
            weekday: 2,
            before_today: true,
        },
        TimeExpr::Since(of(&day)),
        TimeExpr::PreviousOf(of(&clock)),
        clock,
        TimeExpr::Weekend(1),
        TimeExpr::ClockChange,
        TimeExpr::All,
        TimeExpr::LastUnits(Bucket::Month, 3),
        TimeExpr::Quarter(1),
        TimeExpr::Clock {
            base: Box::new(TimeExpr::Weekdays {
                base: of(&TimeExpr::calendar(Bucket::Week, 1)),
                on: 0b001_1111,
            }),
            from: 1080,
            to: 0,
        },
    ];
    for expr in all {
        let plan = Plan {
            selection: Selection {
                devices: vec![voltaire_types::DeviceId::new()],
                each: true,
                ..Selection::default()
            },
            period: Some(expr),
            compare_to: Some(day.clone()),
            bucket: Some(Bucket::Hour),
            limit: 3,
            unit: Some(Unit::Wh),
            also: vec![Metric::Cost],
            threshold: Some(Threshold {
                watts: 1500.0,
                below: true,
            }),
            whole: Some(Selection::device(voltaire_types::DeviceId::new())),
            factor: Some(0.75),
            amount: Some("0.2875".parse().unwrap()),
            want: Some(Want::PerRun),
            versus: Some(Versus::DayNight),
            ..Plan::new(Operation::Compare, Metric::Energy)
        };
        let back = crate::convert::to_plan(Some(&crate::convert::from_plan(&plan))).unwrap();
        assert_eq!(back, plan);
    }
}
