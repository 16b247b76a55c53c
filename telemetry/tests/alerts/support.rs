//! A house with a clock that a test moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tonic::{Request, Status, Streaming, transport::Channel};
use tonic_types::StatusExt;
use voltaire_mesh::{config::Secret, test::TestMesh};
use voltaire_proto::telemetry::v1::{
    self as pb, alert_rule::Condition, alert_service_client::AlertServiceClient,
    device_service_client::DeviceServiceClient, home_service_client::HomeServiceClient,
    ingest_service_client::IngestServiceClient, watch_alerts_response::Event,
};
use voltaire_telemetry::{Alerts, Config};
use voltaire_types::{Clock, Timestamp, UserId};

/// 2026-06-01T00:00 in Berlin, a Monday; seconds count from here.
const MIDNIGHT: i64 = 1_780_264_800;

pub(crate) struct House {
    pub(crate) mesh: TestMesh,
    pub(crate) channel: Channel,
    pub(crate) user: UserId,
    token: String,
    now: Arc<AtomicI64>,
    url: String,
}

pub(crate) fn time(second: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: MIDNIGHT + second,
        nanos: 0,
    }
}

pub(crate) fn seconds(seconds: i64) -> prost_types::Duration {
    prost_types::Duration { seconds, nanos: 0 }
}

pub(crate) fn point(device: &str, second: i64, watts: f64) -> pb::Reading {
    pb::Reading {
        device_id: device.to_owned(),
        timestamp: Some(time(second)),
        power_watts: watts,
        ..pb::Reading::default()
    }
}

/// What a refusal says to a program: code, reason, and the field at fault.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, Status>) -> (tonic::Code, String, String) {
    let status = result.unwrap_err();
    let details = status.get_error_details();
    let reason = details.error_info().map(|it| it.reason.clone()).unwrap_or_default();
    let field = details.bad_request().and_then(|it| it.field_violations.first());
    let field = field.map(|it| it.field.clone()).unwrap_or_default();
    (status.code(), reason, field)
}

impl House {
    /// The house at this second, in a database.
    pub(crate) async fn at(url: &str, second: i64) -> Self {
        let house = Self::open(url.to_owned(), Arc::new(AtomicI64::new(second)), UserId::new()).await;
        let tariff = pb::Tariff {
            valid_from: String::new(),
            price_per_kwh: "0.30".to_owned(),
            standing_charge_per_day: "0.60".to_owned(),
        };
        let home = pb::Home {
            time_zone: "Europe/Berlin".to_owned(),
            tariffs: vec![tariff],
            ..pb::Home::default()
        };
        let request = pb::UpdateHomeRequest {
            home: Some(home),
            update_mask: None,
        };
        let mut homes = HomeServiceClient::new(house.channel.clone());
        homes.update_home(house.ask(request)).await.unwrap();
        house
    }

    /// The same data and time in a new process.
    pub(crate) async fn restarted(self) -> Self {
        self.mesh.mesh.drain().await;
        Self::open(self.url.clone(), self.now.clone(), self.user).await
    }

    /// Another user of the same server.
    pub(crate) fn neighbour(&self) -> String {
        self.mesh.token(UserId::new())
    }

    async fn open(url: String, now: Arc<AtomicI64>, user: UserId) -> Self {
        let told = now.clone();
        let instant = |second| Timestamp::from_parts(MIDNIGHT + second, 0).unwrap();
        let mesh = TestMesh::new(Clock::from_fn(move || instant(told.load(Ordering::SeqCst))));
        let config = Config {
            database_url: Secret::new(url.clone()),
            flush_milliseconds: 1,
            alert_milliseconds: 10,
            alerts: Alerts {
                merge: Duration::ZERO,
                heartbeat: Duration::from_millis(50),
                ..Alerts::default()
            },
            ..Config::default()
        };
        let service = voltaire_telemetry::open(config, &mesh.mesh).await.unwrap();
        let channel = mesh.serve(service).await;
        Self {
            token: mesh.token(user),
            channel,
            user,
            mesh,
            now,
            url,
        }
    }

    /// Moves the clock.
    pub(crate) fn move_to(&mut self, second: i64) {
        self.now.store(second, Ordering::SeqCst);
        self.token = self.mesh.token(self.user);
    }

    pub(crate) fn ask<M>(&self, message: M) -> Request<M> {
        TestMesh::request(&self.token, message)
    }

    pub(crate) fn alerts(&self) -> AlertServiceClient<Channel> {
        AlertServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn device(&self, name: &str) -> String {
        let device = pb::Device {
            name: name.to_owned(),
            ..pb::Device::default()
        };
        let request = self.ask(pb::CreateDeviceRequest { device: Some(device) });
        let mut devices = DeviceServiceClient::new(self.channel.clone());
        let made = devices.create_device(request).await.unwrap().into_inner();
        made.device.unwrap().device_id
    }

    pub(crate) async fn send(&self, readings: Vec<pb::Reading>) {
        for readings in readings.chunks(5000) {
            let request = self.ask(pb::IngestBatchRequest {
                readings: readings.to_vec(),
            });
            let mut ingest = IngestServiceClient::new(self.channel.clone());
            let answer = ingest.ingest_batch(request).await.unwrap().into_inner();
            assert_eq!(answer.result.unwrap().accepted as usize, readings.len());
        }
    }

    pub(crate) async fn try_rule(&self, condition: Condition) -> Result<pb::AlertRule, Status> {
        let rule = pb::AlertRule {
            name: "Rule".to_owned(),
            condition: Some(condition),
            ..pb::AlertRule::default()
        };
        let request = self.ask(pb::CreateAlertRuleRequest { alert_rule: Some(rule) });
        let made = self.alerts().create_alert_rule(request).await?.into_inner();
        Ok(made.alert_rule.unwrap())
    }

    pub(crate) async fn rule(&self, condition: Condition) -> pb::AlertRule {
        self.try_rule(condition).await.unwrap()
    }

    pub(crate) async fn list(&self, request: pb::ListAlertsRequest) -> pb::ListAlertsResponse {
        self.alerts().list_alerts(self.ask(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn all(&self) -> Vec<pb::Alert> {
        self.list(pb::ListAlertsRequest::default()).await.alerts
    }

    pub(crate) async fn watch(&self, since_revision: u64) -> Watch {
        let request = pb::WatchAlertsRequest {
            since_revision,
            ..pb::WatchAlertsRequest::default()
        };
        self.open_watch(request).await
    }

    pub(crate) async fn watch_home(&self, home_id: &str) -> Watch {
        let request = pb::WatchAlertsRequest {
            home_id: home_id.to_owned(),
            ..pb::WatchAlertsRequest::default()
        };
        self.open_watch(request).await
    }

    async fn open_watch(&self, request: pb::WatchAlertsRequest) -> Watch {
        let request = self.ask(request);
        Watch {
            messages: self.alerts().watch_alerts(request).await.unwrap().into_inner(),
            changed: Vec::new(),
        }
    }
}

/// One who watches.
pub(crate) struct Watch {
    messages: Streaming<pb::WatchAlertsResponse>,
    changed: Vec<pb::Alert>,
}

impl Watch {
    /// The next message.
    pub(crate) async fn next(&mut self) -> Result<(u64, Event), Status> {
        let message = tokio::time::timeout(Duration::from_secs(20), self.messages.message()).await;
        let message = message.expect("there are signs of life")?.unwrap();
        Ok((message.revision, message.event.unwrap()))
    }

    /// Why it ends.
    pub(crate) async fn end(&mut self) -> Status {
        for _ in 0..400 {
            if let Err(status) = self.next().await {
                return status;
            }
        }
        panic!("it goes on");
    }

    pub(crate) async fn snapshot(&mut self) -> Vec<pb::Alert> {
        match self.next().await.unwrap() {
            (_, Event::Snapshot(it)) => it.alerts,
            other => panic!("no snapshot but {other:?}"),
        }
    }

    /// The next alert that changes.
    pub(crate) async fn alert(&mut self) -> pb::Alert {
        // As many signs of life as come within 20 s.
        for _ in 0..400 {
            if !self.changed.is_empty() {
                return self.changed.remove(0);
            }
            if let (_, Event::Changes(it)) = self.next().await.unwrap() {
                self.changed = it.alerts;
            }
        }
        panic!("no alert has changed");
    }
}
