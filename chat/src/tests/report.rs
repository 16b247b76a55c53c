//! Reported answers, on every database and at the service's edge.

use voltaire_mesh::test::{TestMesh, on_each_db};
use voltaire_proto::chat::v1::{self as pb, chat_service_client::ChatServiceClient};
use voltaire_types::{MessageId, SessionId, UserId};

use super::{Edge, Kind, exchange, now, session_of};
use crate::{
    migrations,
    store::{Exchange, Store},
};
use tonic::Code;
use tonic_types::StatusExt;

#[tokio::test]
async fn a_report_copies_the_answer_with_what_led_to_it_on_each_database() {
    on_each_db(&migrations(), async |db| {
        let store = Store::new(db);
        let (user, other, session) = (UserId::new(), UserId::new(), SessionId::new());
        let asked = |second: u64, question: &str, plan: serde_json::Value| Exchange {
            question: question.into(),
            metadata: serde_json::json!({ "plan": plan }),
            ..exchange(user, session, second)
        };
        let first = asked(0, "fridge last week?", serde_json::json!({"limit": 3}));
        let second = asked(10, "and yesterday?", serde_json::Value::Null);
        let (first_id, second_id) = (first.answer_id, second.answer_id);
        assert!(store.add(first, true).await.unwrap());
        assert!(store.add(second, false).await.unwrap());
        assert!(
            !store.report(other, first_id, "", now()).await.unwrap(),
            "another user's"
        );
        assert!(!store.report(user, MessageId::new(), "", now()).await.unwrap());
        let later = now().plus(std::time::Duration::from_secs(60));
        assert!(store.report(user, second_id, "?", now()).await.unwrap());
        assert!(store.report(user, first_id, "too much", now()).await.unwrap());
        assert!(store.report(user, second_id, "wrong day", later).await.unwrap());
        assert!(store.delete_session(user, session).await.unwrap(), "reports outlive it");
        let reports = store.reports(user, None, 10).await.unwrap();
        let [newest, oldest] = reports.as_slice() else {
            panic!("{reports:?}")
        };
        assert_eq!(newest.said.0, ["fridge last week?", "and yesterday?"]);
        assert_eq!(
            (newest.message_id, newest.note.as_str(), &newest.plan),
            (second_id, "wrong day", &None)
        );
        assert_eq!(oldest.said.0, ["fridge last week?"]);
        assert_eq!(oldest.plan.as_ref().unwrap().0, serde_json::json!({"limit": 3}));
        assert_eq!((oldest.answer.as_str(), oldest.note.as_str()), ("Much.", "too much"));
        let after = Some((newest.created_at, newest.message_id));
        assert_eq!(store.reports(user, after, 10).await.unwrap().len(), 1);
        assert!(store.reports(other, None, 10).await.unwrap().is_empty());
        store.erase(user).await.unwrap();
        assert!(store.reports(user, None, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_reported_by_its_owner_alone() {
    let edge = Edge::new().await;
    let (owner, stranger) = (edge.mesh.token(UserId::new()), edge.mesh.token(UserId::new()));
    let kinds = edge
        .ask(&owner, "", "write me a poem about bob@example.org")
        .await
        .unwrap();
    let Some(Kind::Done(done)) = kinds.last() else {
        panic!("{kinds:?}")
    };
    assert!(!session_of(&kinds).is_empty());
    let report = |token: &str, message_id: &str, note: &str| {
        let (message_id, note) = (message_id.to_owned(), note.to_owned());
        let request = TestMesh::request(token, pb::ReportAnswerRequest { message_id, note });
        let mut client = ChatServiceClient::new(edge.channel.clone());
        async move { client.report_answer(request).await.map(drop) }
    };
    let id = done.message_id.as_str();
    report(&owner, id, "I did ask for a poem").await.unwrap();
    let refused = report(&stranger, id, "").await.unwrap_err();
    let info = refused.get_error_details().error_info().cloned().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::NotFound, "NO_MESSAGE"));
    for (id, note, field) in [
        ("", "", "message_id"),
        (id, "a\0b", "note"),
        (id, "x".repeat(1001).as_str(), "note"),
    ] {
        let refused = report(&owner, id, note).await.unwrap_err();
        let details = refused.get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, field);
    }
    let mut client = ChatServiceClient::new(edge.channel.clone());
    let listed = client
        .list_reports(TestMesh::request(&owner, pb::ListReportsRequest::default()))
        .await
        .unwrap()
        .into_inner();
    let [report] = listed.reports.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(report.questions, ["write me a poem about bob@example.org"]);
    assert_eq!(
        (report.answer.as_str(), report.note.as_str(), &report.plan),
        (done.text.as_str(), "I did ask for a poem", &None)
    );
}
