//! A house with a year behind it, among others whose data are as many.

use std::time::Duration;

use pb::watch_alerts_response::Event;
use tonic::{Request, transport::Channel};
use voltaire_mesh::{Db, config::Secret, read, test::TestMesh, transaction, write};
use voltaire_proto::telemetry::v1::{
    self as pb, alert_service_client::AlertServiceClient, device_service_client::DeviceServiceClient,
    home_service_client::HomeServiceClient, ingest_service_client::IngestServiceClient,
    query_service_client::QueryServiceClient,
};
use voltaire_telemetry::Config;
use voltaire_types::{Clock, Timestamp, UserId};

/// 2026-06-10T10:07 in Berlin, a Wednesday.
pub(crate) const NOW: i64 = MIDNIGHT + 10 * HOUR + 7 * 60;
/// When that day begins there.
pub(crate) const MIDNIGHT: i64 = 1_780_264_800 + 9 * DAY;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 86_400;
/// Days of history.
const HISTORY: i64 = 380;
/// Devices of other homes, each with as many rows.
const OTHERS: i64 = 8;
/// Rules and alerts of other homes.
const ALERTS: i64 = 1000;

const COPIES: [(&str, &str); 4] = [
    (
        "telemetry_data",
        "timestamp, energy_watts, voltage, current, power_factor, energy_total_wh, interval_seconds, created_at",
    ),
    (
        "rollups",
        "start_at, end_at, energy_wh, taken_wh, bridged_wh, estimated_wh, covered_us, estimated_us, reading_count, \
         highest_watts, highest_at, lowest_watts, lowest_at, sampled",
    ),
    ("rollup_quarters", "start_at, quarters"),
    (
        "reading_blocks",
        "start_at, first_at, last_at, reading_count, has_intervals, readings",
    ),
];

/// A process of the service.
pub(crate) struct House {
    pub(crate) db: Db,
    mesh: TestMesh,
    channel: Channel,
    token: String,
}

/// Its devices.
#[derive(Clone, Debug)]
pub(crate) struct Devices {
    /// Sends hourly means since long ago.
    pub(crate) boiler: String,
    /// Sends a power each minute, since two days ago.
    pub(crate) plug: String,
}

pub(crate) fn time(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

impl House {
    pub(crate) async fn open(url: &str, user: UserId) -> Self {
        let mesh = TestMesh::new(Clock::fixed(Timestamp::from_parts(NOW, 0).unwrap()));
        let config = Config {
            database_url: Secret::new(url.to_owned()),
            flush_milliseconds: 1,
            ..Config::default()
        };
        let service = voltaire_telemetry::open(config, &mesh.mesh).await.unwrap();
        let db = service.db.clone();
        let channel = mesh.serve(service).await;
        let token = mesh.token(user);
        Self {
            db,
            mesh,
            channel,
            token,
        }
    }

    pub(crate) async fn close(self) {
        self.mesh.mesh.drain().await;
        self.db.close().await;
    }

    pub(crate) fn ask<M>(&self, message: M) -> Request<M> {
        TestMesh::request(&self.token, message)
    }

    pub(crate) fn query(&self) -> QueryServiceClient<Channel> {
        QueryServiceClient::new(self.channel.clone())
    }

    pub(crate) fn alerts(&self) -> AlertServiceClient<Channel> {
        AlertServiceClient::new(self.channel.clone())
    }

    async fn device(&self, name: &str) -> String {
        let device = pb::Device {
            name: name.to_owned(),
            ..pb::Device::default()
        };
        let request = self.ask(pb::CreateDeviceRequest { device: Some(device) });
        let mut devices = DeviceServiceClient::new(self.channel.clone());
        let made = devices.create_device(request).await.unwrap().into_inner();
        made.device.unwrap().device_id
    }

    async fn send(&self, readings: &[pb::Reading]) {
        for readings in readings.chunks(5000) {
            let request = self.ask(pb::IngestBatchRequest {
                readings: readings.to_vec(),
            });
            let mut ingest = IngestServiceClient::new(self.channel.clone());
            let answer = ingest.ingest_batch(request).await.unwrap().into_inner();
            assert_eq!(answer.result.unwrap().accepted as usize, readings.len());
        }
    }

    /// Devices, their readings, and a rule that has raised an alert.
    pub(crate) async fn furnish(&self) -> Devices {
        let home = pb::Home {
            time_zone: "Europe/Berlin".to_owned(),
            ..pb::Home::default()
        };
        let mut homes = HomeServiceClient::new(self.channel.clone());
        let request = pb::UpdateHomeRequest {
            home: Some(home),
            update_mask: None,
        };
        homes.update_home(self.ask(request)).await.unwrap();
        let (boiler, plug) = (self.device("Boiler").await, self.device("Plug").await);
        let hour = |hour: i64| pb::Reading {
            device_id: boiler.clone(),
            timestamp: Some(time(MIDNIGHT - HISTORY * DAY + hour * HOUR)),
            power_watts: 100.0 + (hour % 24) as f64,
            interval: Some(prost_types::Duration {
                seconds: HOUR,
                nanos: 0,
            }),
            ..pb::Reading::default()
        };
        let minute = |minute: i64| pb::Reading {
            device_id: plug.clone(),
            timestamp: Some(time(NOW - 2 * DAY + minute * 60)),
            power_watts: (minute % 7) as f64,
            ..pb::Reading::default()
        };
        self.send(&(0..HISTORY * 24 + 9).map(hour).collect::<Vec<_>>()).await;
        self.send(&(0..2 * 1440).map(minute).collect::<Vec<_>>()).await;
        self.raise_an_alert().await;
        Devices { boiler, plug }
    }

    async fn raise_an_alert(&self) {
        let budget = pb::Budget {
            period: pb::CalendarUnit::Day.into(),
            limit: Some(pb::budget::Limit::EnergyWh(1.0)),
            ..pb::Budget::default()
        };
        let rule = pb::AlertRule {
            name: "Budget".to_owned(),
            condition: Some(pb::alert_rule::Condition::Budget(budget)),
            ..pb::AlertRule::default()
        };
        let request = self.ask(pb::CreateAlertRuleRequest { alert_rule: Some(rule) });
        self.alerts().create_alert_rule(request).await.unwrap();
        let request = self.ask(pb::WatchAlertsRequest::default());
        let mut messages = self.alerts().watch_alerts(request).await.unwrap().into_inner();
        while let Some(message) = messages.message().await.unwrap() {
            match message.event.unwrap() {
                Event::Snapshot(it) if it.alerts.is_empty() => {}
                Event::Snapshot(_) | Event::Changes(_) => return,
                Event::Heartbeat(_) => {}
            }
        }
        panic!("nothing was told");
    }

    /// Waits until quarters and days that are over have been rolled up and sealed.
    pub(crate) async fn settle(&self) {
        const WAITING: &str = "SELECT (SELECT count(*) FROM rollup_progress WHERE rolled_until IS NULL OR rolled_until < $1) \
            + (SELECT count(*) FROM telemetry_data WHERE timestamp < $2)";
        // When the boiler's last reading begins.
        let quarter = Timestamp::from_parts(MIDNIGHT + 8 * HOUR, 0).unwrap();
        let kept = Timestamp::from_parts(NOW - NOW % DAY - 3 * DAY, 0).unwrap();
        let settled = async {
            loop {
                let waiting: i64 = read!(self.db, |pool| {
                    let query = sqlx::query_scalar(WAITING).bind(quarter).bind(kept);
                    query.fetch_one(pool).await
                })
                .unwrap();
                if waiting == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), settled).await.unwrap();
    }

    /// Fills the tables with what others have, and tells the database how much that is. The rule becomes due.
    pub(crate) async fn surround(&self, devices: &Devices) {
        const DEVICE: &str = "INSERT INTO devices (id, user_id, home_id, name, name_key, device_type_id, room, flow, \
            aliases, color_slot, created_at, updated_at) SELECT $1, $2, h.id, d.name, $3, device_type_id, room, flow, \
            aliases, color_slot, d.created_at, d.updated_at FROM devices d, homes h WHERE d.id = $4 AND h.user_id = $2";
        const RULE: &str = "INSERT INTO alert_rules (id, user_id, home_id, name, paused, condition, state, version, due_at, \
            created_at, updated_at) SELECT $1, $2, h.id, r.name, r.paused, r.condition, r.state, 0, $3, r.created_at, \
            r.updated_at FROM (SELECT * FROM alert_rules ORDER BY due_at LIMIT 1) r, homes h WHERE h.user_id = $2";
        const ALERT: &str = "INSERT INTO alerts (id, user_id, home_id, reason, message, observed, allowed, unit, started_at, \
            raised_at, ended_at, revision) SELECT $1, $2, h.id, reason, message, observed, allowed, unit, started_at, \
            raised_at, raised_at, revision + $3 FROM (SELECT * FROM alerts LIMIT 1) a, homes h WHERE h.user_id = $2";
        let user = UserId::new();
        let request = TestMesh::request(&self.mesh.token(user), pb::GetHomeRequest::default());
        let mut homes = HomeServiceClient::new(self.channel.clone());
        homes.get_home(request).await.unwrap();
        let due = Timestamp::from_parts(NOW, 0).unwrap();
        let later = due.plus(Duration::from_hours(24));
        for number in 0..OTHERS {
            let of = if number % 2 == 0 {
                &devices.boiler
            } else {
                &devices.plug
            };
            let (id, of): (_, uuid::Uuid) = (uuid::Uuid::now_v7(), of.parse().unwrap());
            let made = write!(self.db, |pool| {
                let query = sqlx::query(DEVICE)
                    .bind(id)
                    .bind(user)
                    .bind(number.to_string())
                    .bind(of);
                query.execute(pool).await.map(|it| it.rows_affected())
            });
            assert_eq!(made.unwrap(), 1);
            for (table, columns) in COPIES {
                let sql = sqlx::AssertSqlSafe(format!(
                    "INSERT INTO {table} (device_id, {columns}) SELECT $1, {columns} FROM {table} WHERE device_id = $2"
                ));
                write!(self.db, |pool| sqlx::query(sql)
                    .bind(id)
                    .bind(of)
                    .execute(pool)
                    .await
                    .map(drop))
                .unwrap();
            }
        }
        let filled: Result<(), sqlx::Error> = transaction!(self.db, |tx| {
            for number in 1..=ALERTS {
                let rule = sqlx::query(RULE).bind(uuid::Uuid::now_v7()).bind(user).bind(later);
                rule.execute(&mut *tx).await?;
                let alert = sqlx::query(ALERT).bind(uuid::Uuid::now_v7()).bind(user).bind(number);
                alert.execute(&mut *tx).await?;
            }
            let due = sqlx::query("UPDATE alert_rules SET due_at = $1 WHERE due_at <> $2")
                .bind(due)
                .bind(later);
            due.execute(&mut *tx).await?;
            Ok(())
        });
        filled.unwrap();
        write!(self.db, |pool| sqlx::query("ANALYZE").execute(pool).await.map(drop)).unwrap();
    }

    /// Makes PostgreSQL tell the plan, and what came of it, of each statement of connections from now on.
    pub(crate) async fn explain(&self) {
        const SETTINGS: [(&str, &str); 6] = [
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_analyze", "on"),
            ("auto_explain.log_timing", "off"),
            ("auto_explain.log_format", "json"),
            ("client_min_messages", "log"),
        ];
        let Db::Postgres(postgres) = &self.db else {
            return;
        };
        let lease = postgres.lease();
        let name: String = sqlx::query_scalar("SELECT current_database()")
            .fetch_one(&lease)
            .await
            .unwrap();
        for (setting, value) in SETTINGS {
            let sql = sqlx::AssertSqlSafe(format!("ALTER DATABASE {name} SET {setting} = '{value}'"));
            sqlx::query(sql).execute(&lease).await.unwrap();
        }
    }
}
