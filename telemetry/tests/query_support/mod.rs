//! A house with devices, for questions. Seconds count from its local midnight.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test")]

use tempfile::TempDir;
use tonic::{Status, transport::Channel};
use tonic_types::StatusExt;
use voltaire_mesh::{config::Secret, test::TestMesh};
use voltaire_proto::telemetry::v1::{
    self as pb, device_service_client::DeviceServiceClient, home_service_client::HomeServiceClient,
    ingest_service_client::IngestServiceClient, query_service_client::QueryServiceClient,
};
use voltaire_telemetry::Config;
use voltaire_types::{Clock, UserId};

/// 2026-06-01T00:00 in Berlin.
const MIDNIGHT: i64 = 1_780_264_800;

/// A house of a user: zone Berlin, 0.30 EUR per kWh, 0.60 EUR per day.
pub(crate) struct House {
    pub(crate) channel: Channel,
    mesh: TestMesh,
    token: String,
    _folder: Option<TempDir>,
}

pub(crate) fn at(second: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: MIDNIGHT + second,
        nanos: 0,
    }
}

pub(crate) fn seconds(seconds: i64) -> prost_types::Duration {
    prost_types::Duration { seconds, nanos: 0 }
}

pub(crate) fn period((start, end): (i64, i64)) -> pb::Period {
    let interval = pb::Interval {
        start_time: Some(at(start)),
        end_time: Some(at(end)),
    };
    pb::Period {
        kind: Some(pb::period::Kind::Interval(interval)),
    }
}

pub(crate) fn point(device: &str, second: i64, watts: f64) -> pb::Reading {
    pb::Reading {
        device_id: device.to_owned(),
        timestamp: Some(at(second)),
        power_watts: watts,
        ..Default::default()
    }
}

pub(crate) fn interval(device: &str, second: i64, length: i64, watts: f64) -> pb::Reading {
    pb::Reading {
        interval: Some(seconds(length)),
        ..point(device, second, watts)
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("telemetry.db").display());
        let house = Self::open(&url, config).await;
        Self {
            _folder: Some(folder),
            ..house
        }
    }

    /// In a database.
    #[allow(
        dead_code,
        clippy::allow_attributes,
        reason = "not every test that shares this needs it"
    )]
    pub(crate) async fn on(url: &str) -> Self {
        Self::open(url, Config::default()).await
    }

    async fn open(url: &str, config: Config) -> Self {
        let clock = Clock::fixed(at_timestamp(10 * 86_400));
        let mesh = TestMesh::new(clock);
        let config = Config {
            database_url: Secret::new(url.to_owned()),
            flush_milliseconds: 1,
            ..config
        };
        let service = voltaire_telemetry::open(config, &mesh.mesh).await.unwrap();
        let channel = mesh.serve(service).await;
        let token = mesh.token(UserId::new());
        let house = Self {
            channel,
            mesh,
            token,
            _folder: None,
        };
        house.furnish().await;
        house
    }

    async fn furnish(&self) {
        let tariff = pb::Tariff {
            valid_from: String::new(),
            price_per_kwh: "0.30".to_owned(),
            standing_charge_per_day: "0.60".to_owned(),
        };
        let home = pb::Home {
            time_zone: "Europe/Berlin".to_owned(),
            tariffs: vec![tariff],
            ..Default::default()
        };
        let request = pb::UpdateHomeRequest {
            home: Some(home),
            update_mask: None,
        };
        HomeServiceClient::new(self.channel.clone())
            .update_home(self.ask(request))
            .await
            .unwrap();
    }

    pub(crate) fn ask<M>(&self, message: M) -> tonic::Request<M> {
        TestMesh::request(&self.token, message)
    }

    pub(crate) fn become_another_user(&mut self) {
        self.token = self.mesh.token(UserId::new());
    }

    pub(crate) async fn device(&mut self, name: &str, flow: pb::Flow, parent: Option<&str>) -> String {
        let device = pb::Device {
            name: name.to_owned(),
            flow: flow.into(),
            parent_device_id: parent.unwrap_or_default().to_owned(),
            ..Default::default()
        };
        let request = self.ask(pb::CreateDeviceRequest { device: Some(device) });
        let made = DeviceServiceClient::new(self.channel.clone())
            .create_device(request)
            .await
            .unwrap();
        made.into_inner().device.unwrap().device_id
    }

    pub(crate) async fn ingest(&self, readings: Vec<pb::Reading>) {
        let count = readings.len();
        let request = self.ask(pb::IngestBatchRequest { readings });
        let answer = IngestServiceClient::new(self.channel.clone())
            .ingest_batch(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.result.unwrap().accepted as usize, count);
    }

    pub(crate) fn scope_of(device: &str) -> pb::Scope {
        pb::Scope {
            kind: Some(pb::scope::Kind::DeviceId(device.to_owned())),
        }
    }

    pub(crate) async fn summarize(
        &self,
        time: (i64, i64),
        scope: Option<pb::Scope>,
        per_device: bool,
    ) -> pb::SummarizeResponse {
        let request = pb::SummarizeRequest {
            period: Some(period(time)),
            scope,
            per_device,
            ..Default::default()
        };
        self.query().summarize(self.ask(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn series(
        &self,
        time: (i64, i64),
        step: pb::step::Kind,
        metrics: &[pb::Metric],
    ) -> pb::QuerySeriesResponse {
        let request = pb::QuerySeriesRequest {
            period: Some(period(time)),
            step: Some(pb::Step { kind: Some(step) }),
            metrics: metrics.iter().map(|it| i32::from(*it)).collect(),
            ..Default::default()
        };
        self.query().query_series(self.ask(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn runs(
        &self,
        device: &str,
        time: (i64, i64),
        page_size: i32,
        page_token: &str,
    ) -> pb::ListRunsResponse {
        let request = pb::ListRunsRequest {
            device_id: device.to_owned(),
            period: Some(period(time)),
            page_size,
            page_token: page_token.to_owned(),
        };
        self.query().list_runs(self.ask(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn refused_series(&self, request: pb::QuerySeriesRequest) -> String {
        field(&self.query().query_series(self.ask(request)).await.unwrap_err())
    }

    pub(crate) async fn refused_summary(&self, scope: pb::Scope) -> String {
        let request = pb::SummarizeRequest {
            scope: Some(scope),
            ..Default::default()
        };
        field(&self.query().summarize(self.ask(request)).await.unwrap_err())
    }

    pub(crate) fn query(&self) -> QueryServiceClient<Channel> {
        QueryServiceClient::new(self.channel.clone())
    }
}

fn at_timestamp(second: i64) -> voltaire_types::Timestamp {
    voltaire_types::Timestamp::from_parts(MIDNIGHT + second, 0).unwrap()
}

/// The field at fault, or the reason.
pub(crate) fn field(status: &Status) -> String {
    let details = status.get_error_details();
    let field = details
        .bad_request()
        .and_then(|it| it.field_violations.first())
        .map(|it| it.field.clone());
    field.unwrap_or_else(|| details.error_info().map(|it| it.reason.clone()).unwrap_or_default())
}
