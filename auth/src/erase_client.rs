//! Calls of the other services' `ErasureService`.

use tonic::Status;
use voltaire_mesh::Mesh;
use voltaire_proto::{chat::v1 as chat, telemetry::v1 as telemetry};
use voltaire_types::UserId;

use chat::erasure_service_client::ErasureServiceClient as Chat;
use telemetry::erasure_service_client::ErasureServiceClient as Telemetry;

/// Asks a service to forget a user.
pub(crate) async fn erase(mesh: &Mesh, service: &str, user: UserId) -> Result<(), Status> {
    let user_id = user.to_string();
    let channel = mesh.peer(service);
    if service == "chat" {
        let request = mesh.service_request(chat::EraseUserRequest { user_id });
        Chat::new(channel).erase_user(request).await.map(drop)
    } else {
        let request = mesh.service_request(telemetry::EraseUserRequest { user_id });
        Telemetry::new(channel).erase_user(request).await.map(drop)
    }
}
