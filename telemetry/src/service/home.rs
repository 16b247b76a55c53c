//! Homes.

use tonic::{Request, Response, Status};
use voltaire_mesh::{Invalid, caller};
use voltaire_proto::telemetry::v1::{self as pb, home_service_server::HomeService};

use super::Service;
use crate::{convert, error::Error};

#[tonic::async_trait]
impl HomeService for Service {
    async fn list_homes(
        &self,
        request: Request<pb::ListHomesRequest>,
    ) -> Result<Response<pb::ListHomesResponse>, Status> {
        let user = caller(&request)?.user_id;
        let homes = self.store.homes(user).await?;
        let homes = homes.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListHomesResponse { homes }))
    }

    async fn get_home(&self, request: Request<pb::GetHomeRequest>) -> Result<Response<pb::GetHomeResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = convert::optional_id("home_id", &request.get_ref().home_id)?;
        let home = self.store.home(user, id).await?;
        Ok(Response::new(pb::GetHomeResponse {
            home: Some(home.into()),
        }))
    }

    async fn create_home(
        &self,
        request: Request<pb::CreateHomeRequest>,
    ) -> Result<Response<pb::CreateHomeResponse>, Status> {
        let user = caller(&request)?.user_id;
        let home = convert::new_home(request.into_inner().home)?;
        let home = self.store.create_home(user, home).await?;
        Ok(Response::new(pb::CreateHomeResponse {
            home: Some(home.into()),
        }))
    }

    async fn update_home(
        &self,
        request: Request<pb::UpdateHomeRequest>,
    ) -> Result<Response<pb::UpdateHomeResponse>, Status> {
        let user = caller(&request)?.user_id;
        let pb::UpdateHomeRequest { home, update_mask } = request.into_inner();
        let home = home
            .ok_or_else(|| Invalid::new("home", "must be set"))
            .map_err(Error::from)?;
        let id = convert::optional_id("home.home_id", &home.home_id)?;
        let change = convert::home_change(home, update_mask)?;
        let home = self.store.home(user, id).await?;
        let home = self.store.update_home(user, home.id, change).await?;
        Ok(Response::new(pb::UpdateHomeResponse {
            home: Some(home.into()),
        }))
    }

    async fn delete_home(
        &self,
        request: Request<pb::DeleteHomeRequest>,
    ) -> Result<Response<pb::DeleteHomeResponse>, Status> {
        let user = caller(&request)?.user_id;
        let pb::DeleteHomeRequest { home_id, confirm_name } = request.into_inner();
        let id = voltaire_mesh::parse("home_id", &home_id)?;
        let home = self.store.home(user, Some(id)).await?;
        if home.name != confirm_name {
            return Err(Error::NameMismatch.into());
        }
        self.store.delete_home(user, id).await?;
        self.live.forget(id);
        Ok(Response::new(pb::DeleteHomeResponse {}))
    }
}
