//! Giving a session another title.

use tonic::Code;
use tonic_types::StatusExt;
use voltaire_mesh::test::{TestMesh, on_each_db};
use voltaire_proto::chat::v1::{self as pb, chat_service_client::ChatServiceClient};
use voltaire_types::{SessionId, UserId};

use super::{Edge, exchange, session_of};
use crate::{migrations, store::Store};

#[tokio::test]
async fn a_session_is_renamed_by_its_owner_alone_on_each_database() {
    on_each_db(&migrations(), async |db| {
        let store = Store::new(db);
        let (user, other, session) = (UserId::new(), UserId::new(), SessionId::new());
        assert!(store.add(exchange(user, session, 0), true).await.unwrap());
        let before = store.session(user, session).await.unwrap().unwrap();
        assert_eq!(store.rename_session(other, session, "Mine").await.unwrap(), None);
        let renamed = store.rename_session(user, session, "Sunday").await.unwrap().unwrap();
        assert_eq!(
            (renamed.title.as_str(), renamed.updated_at),
            ("Sunday", before.updated_at)
        );
        assert_eq!(store.session(user, session).await.unwrap(), Some(renamed));
    })
    .await;
}

#[tokio::test]
async fn a_title_has_one_to_eighty_characters() {
    let edge = Edge::new().await;
    let (owner, stranger) = (edge.mesh.token(UserId::new()), edge.mesh.token(UserId::new()));
    let session_id = session_of(&edge.ask(&owner, "", "thank you").await.unwrap());
    let rename = async |token: &str, title: &str| {
        let request = pb::RenameSessionRequest {
            session_id: session_id.clone(),
            title: title.to_owned(),
        };
        let mut client = ChatServiceClient::new(edge.channel.clone());
        client.rename_session(TestMesh::request(token, request)).await
    };
    let renamed = rename(&owner, "  Größter Verbrauch  ").await.unwrap().into_inner();
    assert_eq!(renamed.session.unwrap().title, "Größter Verbrauch");
    assert!(rename(&owner, &"ü".repeat(80)).await.is_ok());
    for title in ["", "  ", &"u".repeat(81), "a\0b"] {
        let refused = rename(&owner, title).await.unwrap_err();
        let details = refused.get_error_details();
        let field = &details.bad_request().unwrap().field_violations[0].field;
        assert_eq!(
            (refused.code(), field.as_str()),
            (Code::InvalidArgument, "title"),
            "{title:?}"
        );
    }
    let refused = rename(&stranger, "Mine").await.unwrap_err();
    let reason = refused.get_error_details().error_info().cloned().unwrap().reason;
    assert_eq!((refused.code(), reason.as_str()), (Code::NotFound, "NO_SESSION"));
}
