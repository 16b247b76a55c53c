//! What figures say together.

use tonic::{Request, Response, Status};
use voltaire_mesh::{caller, page, parse};
use voltaire_proto::telemetry::v1::{self as pb, analysis_service_server::AnalysisService};

use super::Service;
use crate::{
    convert,
    query::{
        activity::activity, always_on::always_on, duration::duration, flows::flows, forecast::forecast,
        profile::profile, quality::quality, unusual::unusual,
    },
};

#[tonic::async_trait]
impl AnalysisService for Service {
    async fn get_flows(&self, request: Request<pb::GetFlowsRequest>) -> Result<Response<pb::GetFlowsResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let answer = flows(&self.store, &setting, convert::flows_query(&request)?).await?;
        Ok(Response::new(convert::flows_answer(&setting, answer)))
    }

    async fn get_always_on(
        &self,
        request: Request<pb::GetAlwaysOnRequest>,
    ) -> Result<Response<pb::GetAlwaysOnResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let about = convert::about(request.period.as_ref(), request.scope.as_ref())?;
        let answer = always_on(&self.store, &setting, about).await?;
        Ok(Response::new(convert::always_on_answer(&setting, answer)))
    }

    async fn get_duration_curve(
        &self,
        request: Request<pb::GetDurationCurveRequest>,
    ) -> Result<Response<pb::GetDurationCurveResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let answer = duration(&self.store, &setting, convert::duration_query(request)?).await?;
        Ok(Response::new(convert::duration_answer(&setting, answer)))
    }

    async fn get_profile(
        &self,
        request: Request<pb::GetProfileRequest>,
    ) -> Result<Response<pb::GetProfileResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let about = convert::about(request.period.as_ref(), request.scope.as_ref())?;
        let answer = profile(&self.store, &setting, about).await?;
        Ok(Response::new(convert::profile_answer(&setting, &answer)))
    }

    async fn get_activity(
        &self,
        request: Request<pb::GetActivityRequest>,
    ) -> Result<Response<pb::GetActivityResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let device = self.store.device(user, parse("device_id", &request.device_id)?).await?;
        let setting = self.setting(user, &device.home_id.to_string()).await?;
        let period = convert::period("period", request.period.as_ref())?;
        let answer = activity(&self.store, &setting, (&device, period)).await?;
        Ok(Response::new(convert::activity_answer(&setting, answer)))
    }

    async fn list_unusual_days(
        &self,
        request: Request<pb::ListUnusualDaysRequest>,
    ) -> Result<Response<pb::ListUnusualDaysResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let limit = page::size("limit", request.limit, 50, 1000)?;
        let setting = self.setting(user, &request.home_id).await?;
        let about = convert::about(request.period.as_ref(), request.scope.as_ref())?;
        let answer = unusual(&self.store, &setting, about).await?;
        Ok(Response::new(convert::unusual_answer(&setting, answer, limit)))
    }

    async fn get_forecast(
        &self,
        request: Request<pb::GetForecastRequest>,
    ) -> Result<Response<pb::GetForecastResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let answer = forecast(&self.store, &setting, convert::forecast_query(&request)?).await?;
        Ok(Response::new(convert::forecast_answer(&setting, answer)))
    }

    async fn get_data_quality(
        &self,
        request: Request<pb::GetDataQualityRequest>,
    ) -> Result<Response<pb::GetDataQualityResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let (interval, found) = quality(&self.store, &setting, convert::quality_query(&request)?).await?;
        Ok(Response::new(convert::quality_answer(&setting, interval, found)))
    }
}
