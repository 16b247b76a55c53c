//! Figures, raw readings and live values.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status};
use voltaire_mesh::{Invalid, caller, page, parse};
use voltaire_proto::telemetry::v1::{self as pb, query_service_server::QueryService};
use voltaire_types::{DeviceId, Interval, Timestamp, UserId};

use super::Service;
use crate::{
    convert,
    device::Device,
    error::Error,
    live::{Standing, Watch},
    query::{
        Period, Setting,
        change::change,
        period::Moment,
        runs::{RunsQuery, runs},
        series::series,
        summary::summarize,
    },
    store::Page,
};

/// Where a page of readings begins.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Position {
    device: DeviceId,
    start: Timestamp,
    end: Timestamp,
    after: Option<Timestamp>,
}

type Messages = Pin<Box<dyn Stream<Item = Result<pb::WatchLiveResponse, Status>> + Send>>;

#[tonic::async_trait]
impl QueryService for Service {
    type WatchLiveStream = Messages;

    async fn query_series(
        &self,
        request: Request<pb::QuerySeriesRequest>,
    ) -> Result<Response<pb::QuerySeriesResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let answer = series(&self.store, &setting, convert::series_query(&request)?).await?;
        Ok(Response::new(convert::series_answer(&setting, answer)))
    }

    async fn summarize(
        &self,
        request: Request<pb::SummarizeRequest>,
    ) -> Result<Response<pb::SummarizeResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let answer = summarize(&self.store, &setting, convert::summary_query(&request)?).await?;
        Ok(Response::new(convert::summary_answer(&setting, answer)))
    }

    async fn list_readings(
        &self,
        request: Request<pb::ListReadingsRequest>,
    ) -> Result<Response<pb::ListReadingsResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let size = page::size("page_size", request.page_size, 1000, 5000)?;
        let device = self.store.device(user, parse("device_id", &request.device_id)?).await?;
        let position = match page::parse_token::<Position>(&request.page_token)? {
            Some(position) if position.device == device.id => position,
            Some(_) => return Err(Invalid::new("page_token", "is of another device").into()),
            None => {
                self.first_page(user, &device, convert::period("period", request.period.as_ref())?)
                    .await?
            }
        };
        let interval = Interval::new(position.start, position.end);
        let page = Page {
            device: device.id,
            interval,
            after: position.after,
            limit: size + 1,
        };
        let mut readings = self.store.list_readings(page).await?;
        let more = readings.len() > size as usize;
        readings.truncate(size as usize);
        let after = readings.last().filter(|_| more).map(|it| it.at);
        let next = after.map(|after| {
            page::token(&Position {
                after: Some(after),
                ..position
            })
        });
        Ok(Response::new(pb::ListReadingsResponse {
            readings: readings.into_iter().map(Into::into).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn get_latest(
        &self,
        request: Request<pb::GetLatestRequest>,
    ) -> Result<Response<pb::GetLatestResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = convert::optional_id("home_id", &request.get_ref().home_id)?;
        // Which home is the first one is not known yet, so devices of all are read meanwhile.
        let (home, mut devices) = futures::try_join!(self.store.home(user, id), self.store.devices_of_user(user))?;
        devices.retain(|it| it.home_id == home.id);
        let ids: Vec<_> = devices.iter().map(|it| it.id).collect();
        let last = self
            .store
            .latest(&ids)
            .await?
            .into_iter()
            .map(|it| (it.device, it))
            .collect();
        let standing = Standing::of(&devices, &last, self.mesh.clock().now());
        Ok(Response::new((&standing).into()))
    }

    async fn list_runs(&self, request: Request<pb::ListRunsRequest>) -> Result<Response<pb::ListRunsResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let limit = page::size("page_size", request.page_size, 100, 1000)? as usize;
        let device = self.store.device(user, parse("device_id", &request.device_id)?).await?;
        let position = match page::parse_token::<Position>(&request.page_token)? {
            Some(position) if position.device == device.id => position,
            Some(_) => return Err(Invalid::new("page_token", "is of another device").into()),
            None => {
                self.first_page(user, &device, convert::period("period", request.period.as_ref())?)
                    .await?
            }
        };
        let setting = self.setting(user, &device.home_id.to_string()).await?;
        let interval = Interval::new(position.start, position.end);
        let answer = runs(
            &self.store,
            &setting,
            RunsQuery {
                device: &device,
                interval,
                limit,
            },
        )
        .await?;
        let next = answer.rest.map(|rest| {
            page::token(&Position {
                start: rest.start,
                ..position
            })
        });
        Ok(Response::new(pb::ListRunsResponse {
            runs: convert::runs(&setting, answer.runs),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn explain_change(
        &self,
        request: Request<pb::ExplainChangeRequest>,
    ) -> Result<Response<pb::ExplainChangeResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let setting = self.setting(user, &request.home_id).await?;
        let answer = change(&self.store, &setting, convert::change_query(&request)?).await?;
        Ok(Response::new(convert::change_answer(&setting, &answer)))
    }

    async fn watch_live(&self, request: Request<pb::WatchLiveRequest>) -> Result<Response<Messages>, Status> {
        let caller = caller(&request)?;
        let pb::WatchLiveRequest {
            home_id,
            since_sequence,
        } = request.into_inner();
        let home = self
            .store
            .home(caller.user_id, convert::optional_id("home_id", &home_id)?)
            .await?;
        let watch = Watch {
            user: caller.user_id,
            home: home.id,
            since: since_sequence,
            expires: caller.expires,
        };
        let messages = self.stalls.attend(self.live.watch(watch).await?);
        let messages = messages.map(|it| it.map(Into::into).map_err(Into::into));
        Ok(Response::new(Box::pin(messages)))
    }
}

impl Service {
    /// The user's home with this id, empty for the first one, as questions are asked of it.
    pub(super) async fn setting(&self, user: UserId, home_id: &str) -> Result<Setting, Error> {
        let home = convert::optional_id("home_id", home_id)?;
        let setting = Setting::open(&self.store, user, home, self.mesh.clock().now()).await?;
        Ok(Setting {
            most_readings: self.most_readings,
            ..setting
        })
    }

    /// The first page of a device's readings: what the period means stays the same for all pages.
    async fn first_page(&self, user: UserId, device: &Device, period: Period) -> Result<Position, Error> {
        let home = self.store.home(user, Some(device.home_id)).await?;
        let first = match period {
            Period::All => self.store.data_range(&[device.id]).await?.map(|it| it.start),
            Period::Interval(_) | Period::Calendar { .. } | Period::Last(_) => None,
        };
        let moment = Moment {
            now: self.mesh.clock().now(),
            first,
        };
        let Interval { start, end } = period.resolve(&home.calendar, moment, "period")?;
        Ok(Position {
            device: device.id,
            start,
            end,
            after: None,
        })
    }
}
