//! Corrections.

use tonic::{Request, Response, Status};
use voltaire_mesh::{caller, parse};
use voltaire_proto::telemetry::v1::{self as pb, correction_service_server::CorrectionService};

use super::Service;
use crate::convert;

#[tonic::async_trait]
impl CorrectionService for Service {
    async fn create_correction(
        &self,
        request: Request<pb::CreateCorrectionRequest>,
    ) -> Result<Response<pb::CreateCorrectionResponse>, Status> {
        let user = caller(&request)?.user_id;
        let new = convert::new_correction(request.get_ref(), user, self.mesh.clock().now())?;
        let made = self.store.create_correction(new).await?;
        Ok(Response::new(pb::CreateCorrectionResponse {
            correction: Some(made.into()),
        }))
    }

    async fn list_corrections(
        &self,
        request: Request<pb::ListCorrectionsRequest>,
    ) -> Result<Response<pb::ListCorrectionsResponse>, Status> {
        let user = caller(&request)?.user_id;
        let device = parse("device_id", &request.get_ref().device_id)?;
        let corrections = self
            .store
            .corrections(user, device, request.get_ref().show_undone)
            .await?;
        Ok(Response::new(pb::ListCorrectionsResponse {
            corrections: corrections.into_iter().map(Into::into).collect(),
        }))
    }

    async fn undo_correction(
        &self,
        request: Request<pb::UndoCorrectionRequest>,
    ) -> Result<Response<pb::UndoCorrectionResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = parse("correction_id", &request.get_ref().correction_id)?;
        let undone = self.store.undo_correction(user, id).await?;
        Ok(Response::new(pb::UndoCorrectionResponse {
            correction: Some(undone.into()),
        }))
    }
}
