//! Devices and their kinds.

use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status};
use voltaire_mesh::{Invalid, caller, page, parse};
use voltaire_proto::telemetry::v1::{self as pb, device_service_server::DeviceService};
use voltaire_types::{DeviceId, HomeId};

use super::Service;
use crate::{convert, device::MAX_DEVICES, error::Error};

/// Where a page of devices begins: after this one.
#[derive(Serialize, Deserialize)]
struct Position {
    home: HomeId,
    device: DeviceId,
}

#[tonic::async_trait]
impl DeviceService for Service {
    async fn list_device_types(
        &self,
        request: Request<pb::ListDeviceTypesRequest>,
    ) -> Result<Response<pb::ListDeviceTypesResponse>, Status> {
        caller(&request)?;
        let types = self.store.device_types().await?;
        let device_types = types.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListDeviceTypesResponse { device_types }))
    }

    async fn list_devices(
        &self,
        request: Request<pb::ListDevicesRequest>,
    ) -> Result<Response<pb::ListDevicesResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let size = page::size("page_size", request.page_size, 100, MAX_DEVICES as u32)? as usize;
        let position: Option<Position> = page::parse_token(&request.page_token)?;
        let id = convert::optional_id("home_id", &request.home_id)?;
        let home = self
            .store
            .home(user, id.or(position.as_ref().map(|it| it.home)))
            .await?;
        let mut devices = self.store.devices_of_home(user, home.id).await?;
        if let Some(position) = position {
            let before = devices.iter().position(|it| it.id == position.device);
            devices.drain(..before.map_or(devices.len(), |it| it + 1));
        }
        let more = devices.len() > size;
        devices.truncate(size);
        let last = devices.last().filter(|_| more);
        let next_page_token = last.map(|it| {
            page::token(&Position {
                home: home.id,
                device: it.id,
            })
        });
        Ok(Response::new(pb::ListDevicesResponse {
            next_page_token: next_page_token.unwrap_or_default(),
            devices: devices.into_iter().map(Into::into).collect(),
        }))
    }

    async fn get_device(
        &self,
        request: Request<pb::GetDeviceRequest>,
    ) -> Result<Response<pb::GetDeviceResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = parse("device_id", &request.get_ref().device_id)?;
        let device = self.store.device(user, id).await?;
        Ok(Response::new(pb::GetDeviceResponse {
            device: Some(device.into()),
        }))
    }

    async fn create_device(
        &self,
        request: Request<pb::CreateDeviceRequest>,
    ) -> Result<Response<pb::CreateDeviceResponse>, Status> {
        let user = caller(&request)?.user_id;
        let device = request.into_inner().device.ok_or_else(missing)?;
        let id = convert::optional_id("device.home_id", &device.home_id)?;
        let home = self.store.home(user, id).await?;
        let device = convert::new_device(&device, home.id, self.mesh.clock().now())?;
        let device = self.store.create_device(user, device).await?;
        self.live.devices_changed(home.id);
        Ok(Response::new(pb::CreateDeviceResponse {
            device: Some(device.into()),
        }))
    }

    async fn update_device(
        &self,
        request: Request<pb::UpdateDeviceRequest>,
    ) -> Result<Response<pb::UpdateDeviceResponse>, Status> {
        let user = caller(&request)?.user_id;
        let pb::UpdateDeviceRequest { device, update_mask } = request.into_inner();
        let device = device.ok_or_else(missing)?;
        let id = parse("device.device_id", &device.device_id)?;
        let change = convert::device_change(&device, update_mask)?;
        let device = self.store.update_device(user, id, change).await?;
        self.live.devices_changed(device.home_id);
        self.alerting.rules_changed();
        Ok(Response::new(pb::UpdateDeviceResponse {
            device: Some(device.into()),
        }))
    }

    async fn delete_device(
        &self,
        request: Request<pb::DeleteDeviceRequest>,
    ) -> Result<Response<pb::DeleteDeviceResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = parse("device_id", &request.get_ref().device_id)?;
        let device = self.store.delete_device(user, id).await?;
        self.live.devices_changed(device.home_id);
        self.alerting.rules_changed();
        Ok(Response::new(pb::DeleteDeviceResponse {}))
    }
}

fn missing() -> Error {
    Invalid::new("device", "must be set").into()
}
