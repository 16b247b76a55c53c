//! Telemetry from outside: each call with everything that stands before it in production, with good and bad input.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test")]
#![expect(clippy::float_cmp, reason = "what is stored comes back exactly")]

mod correction;
mod device;
mod erasure;
mod home;
mod ingest;
mod ingest_any;
mod limit;
mod live;
mod query;
mod replicas;

use std::time::Duration;

use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt;
use voltaire_mesh::{Db, config::Secret, test::TestMesh};
use voltaire_proto::telemetry::v1::{
    self as pb, device_service_client::DeviceServiceClient, home_service_client::HomeServiceClient,
    ingest_service_client::IngestServiceClient, query_service_client::QueryServiceClient,
};
use voltaire_telemetry::{Config, Live};
use voltaire_types::{Clock, UserId};

/// 2025-11-23T12:00:00Z, a Sunday: when every test happens.
const NOW: i64 = 1_763_899_200;

struct Server {
    test: TestMesh,
    channel: Channel,
    db: Db,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        Self::with(Live {
            merge: Duration::ZERO,
            ..Live::default()
        })
        .await
    }

    async fn with(live: Live) -> Self {
        Self::configured(Config {
            live,
            ..Config::default()
        })
        .await
    }

    async fn configured(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("telemetry.db").display());
        let config = Config {
            database_url: Secret::new(url),
            flush_milliseconds: 1,
            ..config
        };
        let test = TestMesh::new(Clock::fixed(voltaire_types::Timestamp::from_parts(NOW, 0).unwrap()));
        let service = voltaire_telemetry::open(config, &test.mesh).await.unwrap();
        let db = service.db.clone();
        let channel = test.serve(service).await;
        Self {
            test,
            channel,
            db,
            _folder: folder,
        }
    }

    fn user(&self) -> User {
        User {
            token: self.test.token(UserId::new()),
            channel: self.channel.clone(),
        }
    }
}

/// Someone who calls.
#[derive(Clone)]
struct User {
    token: String,
    channel: Channel,
}

impl User {
    fn homes(&self) -> HomeServiceClient<Channel> {
        HomeServiceClient::new(self.channel.clone())
    }

    fn devices(&self) -> DeviceServiceClient<Channel> {
        DeviceServiceClient::new(self.channel.clone())
    }

    fn ingest(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.channel.clone())
    }

    fn query(&self) -> QueryServiceClient<Channel> {
        QueryServiceClient::new(self.channel.clone())
    }

    fn ask<M>(&self, message: M) -> Request<M> {
        TestMesh::request(&self.token, message)
    }

    async fn home(&self) -> pb::Home {
        let asked = self.homes().get_home(self.ask(pb::GetHomeRequest::default())).await;
        asked.unwrap().into_inner().home.unwrap()
    }

    async fn try_create(&self, device: pb::Device) -> Result<pb::Device, Status> {
        let request = self.ask(pb::CreateDeviceRequest { device: Some(device) });
        Ok(self
            .devices()
            .create_device(request)
            .await?
            .into_inner()
            .device
            .unwrap())
    }

    async fn device(&self, name: &str) -> pb::Device {
        self.try_create(pb::Device {
            name: name.to_owned(),
            ..pb::Device::default()
        })
        .await
        .unwrap()
    }

    async fn send(&self, readings: Vec<pb::Reading>) -> Result<pb::IngestResult, Status> {
        let request = self.ask(pb::IngestBatchRequest { readings });
        Ok(self.ingest().ingest_batch(request).await?.into_inner().result.unwrap())
    }

    async fn readings(&self, device_id: &str) -> Vec<pb::Reading> {
        let request = self.ask(pb::ListReadingsRequest {
            device_id: device_id.to_owned(),
            period: Some(pb::Period {
                kind: Some(pb::period::Kind::All(pb::AllTime {})),
            }),
            page_size: 5000,
            ..pb::ListReadingsRequest::default()
        });
        self.query().list_readings(request).await.unwrap().into_inner().readings
    }
}

/// A reading so many seconds before now.
fn reading(device_id: &str, ago: i64, watts: f64) -> pb::Reading {
    pb::Reading {
        device_id: device_id.to_owned(),
        timestamp: Some(prost_types::Timestamp {
            seconds: NOW - ago,
            nanos: 0,
        }),
        power_watts: watts,
        ..pb::Reading::default()
    }
}

/// What a refusal says to a program: code, reason, and the field at fault.
fn refusal<T: std::fmt::Debug>(result: Result<T, Status>) -> (tonic::Code, String, String) {
    let status = result.unwrap_err();
    let details = status.get_error_details();
    let reason = details.error_info().map(|it| it.reason.clone()).unwrap_or_default();
    let field = details.bad_request().and_then(|it| it.field_violations.first());
    (
        status.code(),
        reason,
        field.map(|it| it.field.clone()).unwrap_or_default(),
    )
}

fn invalid(field: &str) -> (tonic::Code, String, String) {
    (
        tonic::Code::InvalidArgument,
        "INVALID_FIELD".to_owned(),
        field.to_owned(),
    )
}

fn refused(code: tonic::Code, reason: &str) -> (tonic::Code, String, String) {
    (code, reason.to_owned(), String::new())
}
