//! A home of the corpus with readings, and the two services that answer for it.

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use tempfile::TempDir;
use tokio_stream::StreamExt;
use tonic::transport::Channel;
use voltaire_mesh::{config::Secret, test::TestMesh};
use voltaire_proto::{
    chat::v1::{self as pb, answer_event::Kind, chat_service_client::ChatServiceClient},
    telemetry::v1::{
        self as telemetry, device_service_client::DeviceServiceClient, home_service_client::HomeServiceClient,
        ingest_service_client::IngestServiceClient,
    },
};
use voltaire_types::{Clock, UserId};

use crate::corpus;

/// The first local day with readings.
const FIRST: Date = jiff::civil::date(2026, 9, 28);
/// Seconds between two readings.
const STEP: i64 = 1200;
/// Seconds of a gap that still counts as covered.
pub(crate) const MAX_GAP: i64 = 1800;
/// The local day on which the price rises.
pub(crate) const RISE: Date = jiff::civil::date(2026, 10, 20);
/// Of the currency, a local day.
pub(crate) const STANDING: f64 = 0.45;

/// A device and its readings: seconds after 1970, W.
pub(crate) struct Metered {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) readings: Vec<(i64, f64)>,
}

/// The home.
pub(crate) struct House {
    pub(crate) zone: TimeZone,
    pub(crate) now: i64,
    pub(crate) currency: String,
    pub(crate) price: f64,
    pub(crate) devices: Vec<Metered>,
    /// Some type of device.
    kind: i32,
    pub(crate) telemetry: Channel,
    chat: Channel,
    token: String,
    _mesh: TestMesh,
    _folder: TempDir,
}

impl House {
    /// The home of this name, at a local time.
    pub(crate) async fn new(name: &str, now: &str) -> Self {
        let home = corpus::home(name);
        let text = |key: &str| home[key].as_str().unwrap().to_owned();
        let zone = TimeZone::get(&text("zone")).unwrap();
        let now = now
            .parse::<DateTime>()
            .unwrap()
            .to_zoned(zone.clone())
            .unwrap()
            .timestamp();
        let folder = tempfile::tempdir().unwrap();
        let mesh = TestMesh::new(Clock::fixed(now.try_into().unwrap()));
        let url = |name: &str| Secret::new(format!("sqlite://{}", folder.path().join(name).display()));
        let config = voltaire_telemetry::Config {
            database_url: url("telemetry.db"),
            flush_milliseconds: 1,
            ..Default::default()
        };
        let channel = mesh
            .serve(voltaire_telemetry::open(config, &mesh.mesh).await.unwrap())
            .await;
        let config = voltaire_chat::Config {
            database_url: url("chat.db"),
            ..Default::default()
        };
        let chat = mesh.serve(voltaire_chat::open(config, &mesh.mesh).await.unwrap()).await;
        let token = mesh.token(UserId::new());
        let mut house = Self {
            zone,
            now: now.as_second(),
            currency: text("currency"),
            price: text("price").parse().unwrap(),
            devices: Vec::new(),
            kind: 0,
            telemetry: channel.clone(),
            chat,
            token,
            _mesh: mesh,
            _folder: folder,
        };
        house.furnish(&channel, &home).await;
        house
    }

    /// A request of the home's owner.
    pub(crate) fn ask<M>(&self, message: M) -> tonic::Request<M> {
        TestMesh::request(&self.token, message)
    }

    /// Asks turn by turn in one session; the facts of the last answer.
    pub(crate) async fn talk(&self, said: &[&str]) -> Result<Vec<pb::Fact>, String> {
        let (mut session_id, mut facts) = (String::new(), Vec::new());
        for text in said {
            let message = pb::AskRequest {
                session_id: session_id.clone(),
                text: (*text).to_owned(),
                home_id: String::new(),
            };
            let mut client = ChatServiceClient::new(self.chat.clone());
            let mut steps = client
                .ask(TestMesh::request(&self.token, message))
                .await
                .map_err(|it| it.to_string())?
                .into_inner();
            facts.clear();
            while let Some(step) = steps.next().await {
                match step.map_err(|it| it.to_string())?.event.and_then(|it| it.kind) {
                    Some(Kind::Fact(fact)) => facts.push(fact),
                    Some(Kind::Refusal(no)) => return Err(no.text),
                    Some(Kind::Done(done)) => session_id = done.session_id,
                    _ => {}
                }
            }
        }
        Ok(facts)
    }

    /// Asks in a session of its own; the steps of the answer.
    pub(crate) async fn steps(&self, question: &str) -> Vec<Kind> {
        let message = pb::AskRequest {
            text: question.to_owned(),
            ..Default::default()
        };
        let mut client = ChatServiceClient::new(self.chat.clone());
        let steps = client.ask(self.ask(message)).await.unwrap().into_inner();
        let steps: Vec<_> = steps.collect().await;
        steps.into_iter().filter_map(|it| it.unwrap().event?.kind).collect()
    }

    /// Runs a plan; its facts.
    pub(crate) async fn replay(&self, plan: pb::QueryPlan) -> Vec<pb::Fact> {
        let message = pb::ReplayPlanRequest {
            plan: Some(plan),
            home_id: String::new(),
        };
        let mut client = ChatServiceClient::new(self.chat.clone());
        let mut steps = client.replay_plan(self.ask(message)).await.unwrap().into_inner();
        let mut facts = Vec::new();
        while let Some(step) = steps.next().await {
            match step.unwrap().event.and_then(|it| it.kind) {
                Some(Kind::Fact(fact)) => facts.push(fact),
                Some(Kind::Refusal(no)) => panic!("{}", no.text),
                _ => {}
            }
        }
        facts
    }

    async fn furnish(&mut self, channel: &Channel, home: &toml::Value) {
        let tariff = |valid_from: &str, price: f64| telemetry::Tariff {
            valid_from: valid_from.to_owned(),
            price_per_kwh: format!("{price:.4}"),
            standing_charge_per_day: format!("{STANDING:.2}"),
        };
        let changed = telemetry::Home {
            time_zone: home["zone"].as_str().unwrap().to_owned(),
            currency_code: self.currency.clone(),
            locale: home["locale"].as_str().unwrap().to_owned(),
            tariffs: vec![tariff("", self.price), tariff(&RISE.to_string(), self.risen())],
            ..Default::default()
        };
        let request = telemetry::UpdateHomeRequest {
            home: Some(changed),
            update_mask: None,
        };
        HomeServiceClient::new(channel.clone())
            .update_home(TestMesh::request(&self.token, request))
            .await
            .unwrap();
        let mut client = DeviceServiceClient::new(channel.clone());
        let request = TestMesh::request(&self.token, telemetry::ListDeviceTypesRequest {});
        let types = client
            .list_device_types(request)
            .await
            .unwrap()
            .into_inner()
            .device_types;
        for (at, device) in home["devices"].as_array().unwrap().iter().enumerate() {
            let words = device.as_array().unwrap().iter();
            let words: Vec<String> = words.map(|it| it.as_str().unwrap().to_owned()).collect();
            let kind = types.iter().find(|it| it.key == words[1]).unwrap().device_type_id;
            self.install(channel, at, described(&words, kind)).await;
        }
    }

    /// The price after the rise.
    pub(crate) fn risen(&self) -> f64 {
        self.price + 0.05
    }

    async fn install(&mut self, channel: &Channel, at: usize, device: telemetry::Device) {
        let readings = self.readings(at);
        self.add(channel, device, readings).await;
    }

    /// Above all devices a grid meter, which measures them and 100 W more whenever one of them is read.
    pub(crate) async fn meter(&mut self) {
        let mut sums = std::collections::BTreeMap::new();
        for (second, watts) in self.devices.iter().flat_map(|it| &it.readings) {
            *sums.entry(*second).or_insert(100.0) += watts;
        }
        let meter = telemetry::Device {
            flow: telemetry::Flow::Grid.into(),
            ..described(&["Meter".to_owned(), String::new(), String::new()], self.kind)
        };
        let channel = self.telemetry.clone();
        self.add(&channel, meter, sums.into_iter().collect()).await;
    }

    /// A device that is never on.
    pub(crate) async fn idle(&mut self, name: &str) {
        let device = described(&[name.to_owned(), String::new(), String::new()], self.kind);
        let readings = self.readings(0).into_iter().map(|(second, _)| (second, 1.0));
        let channel = self.telemetry.clone();
        self.add(&channel, device, readings.collect()).await;
    }

    async fn add(&mut self, channel: &Channel, device: telemetry::Device, readings: Vec<(i64, f64)>) {
        let name = device.name.clone();
        self.kind = device.device_type_id;
        let request = telemetry::CreateDeviceRequest { device: Some(device) };
        let made = DeviceServiceClient::new(channel.clone())
            .create_device(TestMesh::request(&self.token, request))
            .await
            .unwrap();
        let device_id = made.into_inner().device.unwrap().device_id;
        for batch in readings.chunks(5000) {
            let readings = batch.iter().map(|(second, watts)| telemetry::Reading {
                device_id: device_id.clone(),
                timestamp: Some(prost_types::Timestamp {
                    seconds: *second,
                    nanos: 0,
                }),
                power_watts: *watts,
                voltage: Some(volts(*second)),
                current: Some(watts / volts(*second)),
                power_factor: Some(0.9),
                ..Default::default()
            });
            let request = telemetry::IngestBatchRequest {
                readings: readings.collect(),
            };
            let stored = IngestServiceClient::new(channel.clone())
                .ingest_batch(TestMesh::request(&self.token, request))
                .await
                .unwrap();
            assert_eq!(stored.into_inner().result.unwrap().accepted as usize, batch.len());
        }
        self.devices.push(Metered {
            id: device_id,
            name,
            readings,
        });
    }

    /// Every twenty minutes, not at full hours, each device at its own level; the second one says nothing for three hours a week.
    fn readings(&self, at: usize) -> Vec<(i64, f64)> {
        let start = FIRST.to_zoned(self.zone.clone()).unwrap().timestamp().as_second();
        let level = 60.0 + 45.0 * ((at * 7) % 15) as f64;
        let watts = |second: i64| {
            let noise = ((second / STEP) as u64 + 1)
                .wrapping_mul(at as u64 + 3)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                >> 40;
            let share = (noise % 1000) as f64 / 1000.0;
            let watts = if noise.is_multiple_of(7) {
                1.5
            } else {
                level * (0.5 + share)
            };
            (watts * 10.0).round() / 10.0
        };
        let silent = |second: i64| at == 1 && (second - start).rem_euclid(7 * 86_400) < 3 * 3600;
        let seconds = (0..).map(|it| start + 130 + it * STEP).take_while(|it| *it < self.now);
        seconds.filter(|it| !silent(*it)).map(|it| (it, watts(it))).collect()
    }

    /// The device of this name.
    pub(crate) fn device(&self, name: &str) -> &Metered {
        self.devices.iter().find(|it| it.name == name).unwrap()
    }

    /// The instant of a local day or time of the corpus.
    pub(crate) fn instant(&self, text: &str) -> i64 {
        match text {
            "now" => self.now,
            _ if text.len() == 10 => self.midnight(text.parse().unwrap()),
            _ => text
                .parse::<DateTime>()
                .unwrap()
                .to_zoned(self.zone.clone())
                .unwrap()
                .timestamp()
                .as_second(),
        }
    }

    /// When a local day begins.
    pub(crate) fn midnight(&self, day: Date) -> i64 {
        day.to_zoned(self.zone.clone()).unwrap().timestamp().as_second()
    }

    /// Seconds of the local day of an instant.
    pub(crate) fn day_of(&self, second: i64) -> i64 {
        let day = jiff::Timestamp::from_second(second)
            .unwrap()
            .to_zoned(self.zone.clone())
            .date();
        self.midnight(day.tomorrow().unwrap()) - self.midnight(day)
    }

    /// The local days from one instant to another, as stretches.
    pub(crate) fn days(&self, (start, end): (i64, i64)) -> Vec<(i64, i64)> {
        let first = jiff::Timestamp::from_second(start)
            .unwrap()
            .to_zoned(self.zone.clone())
            .date();
        let days = (0..).map(|it| first.saturating_add(it.days()));
        let stretch = |day: Date| {
            (
                self.midnight(day).max(start),
                self.midnight(day.tomorrow().unwrap()).min(end),
            )
        };
        days.map(stretch).take_while(|it| it.0 < end).collect()
    }
}

/// RMS voltage, V, at an instant.
pub(crate) fn volts(second: i64) -> f64 {
    225.0 + ((second / STEP) % 13) as f64 * 0.5
}

/// A device as `homes.toml` describes it: name, type, room, aliases.
fn described(words: &[String], device_type_id: i32) -> telemetry::Device {
    telemetry::Device {
        name: words[0].clone(),
        device_type_id,
        room: words[2].clone(),
        aliases: words[3..].to_vec(),
        max_gap: Some(prost_types::Duration {
            seconds: MAX_GAP,
            nanos: 0,
        }),
        ..Default::default()
    }
}
