//! Forgetting a user.

use tonic::Code;
use voltaire_mesh::{Identity, Role};
use voltaire_proto::telemetry::v1::erasure_service_client::ErasureServiceClient;
use voltaire_types::TokenId;

use super::*;

#[tokio::test]
async fn a_service_erases_a_user_and_nobody_else() {
    let server = Server::start().await;
    let id = UserId::new();
    let user = User {
        token: server.test.token(id),
        channel: server.channel.clone(),
    };
    let other = server.user();
    let (mine, others) = (user.device("Fridge").await, other.device("Fridge").await);
    let now = server.test.mesh.clock().now();
    let service = server.test.token_of(&Identity {
        user_id: UserId::from_uuid(uuid::Uuid::nil()),
        role: Role::Service,
        scopes: None,
        token_id: TokenId::new(),
        expires: now.plus(Duration::from_mins(1)),
    });
    let erase = async |token: &str, user_id: String| {
        let request = TestMesh::request(token, pb::EraseUserRequest { user_id });
        ErasureServiceClient::new(server.channel.clone())
            .erase_user(request)
            .await
    };
    assert_eq!(
        erase(&user.token, id.to_string()).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    assert_eq!(refusal(erase(&service, String::new()).await), invalid("user_id"));
    for _ in 0..2 {
        erase(&service, id.to_string()).await.unwrap();
    }
    let get = user.ask(pb::GetDeviceRequest {
        device_id: mine.device_id,
    });
    assert_eq!(
        refusal(user.devices().get_device(get).await),
        refused(Code::NotFound, "NO_DEVICE")
    );
    let get = other.ask(pb::GetDeviceRequest {
        device_id: others.device_id,
    });
    other.devices().get_device(get).await.unwrap();
}
