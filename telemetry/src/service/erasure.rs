//! Forgetting a user.

use tonic::{Request, Response, Status};
use voltaire_mesh::parse;
use voltaire_proto::telemetry::v1::{self as pb, erasure_service_server::ErasureService};

use super::Service;

#[tonic::async_trait]
impl ErasureService for Service {
    async fn erase_user(
        &self,
        request: Request<pb::EraseUserRequest>,
    ) -> Result<Response<pb::EraseUserResponse>, Status> {
        let user = parse("user_id", &request.get_ref().user_id)?;
        for home in self.store.erase_user(user).await? {
            self.live.forget(home);
        }
        Ok(Response::new(pb::EraseUserResponse {}))
    }
}
