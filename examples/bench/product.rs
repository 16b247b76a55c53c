//! The product: readings and questions by gRPC, with the token of an account.

use anyhow::Context as _;
use bytes::{BufMut as _, Bytes};
use futures::future::try_join_all;
use prost::Message as _;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataValue,
    transport::Channel,
};
use voltaire_proto::{
    auth::v1::{LoginRequest, RegisterRequest, auth_service_client::AuthServiceClient},
    telemetry::v1 as pb,
};

use crate::{
    appliance::COMMON,
    queries::{self, Question},
    workload::{Load, Row},
};

const EMAIL: &str = "bench@example.com";
/// Readings of a stream that wait for their acknowledgement: as many as the product takes.
const WAITING: usize = 20_000;
const PASSWORD: &str = "kettle orbit ninety-two violets";

/// A signed-in account and its devices.
pub(crate) struct Account {
    url: String,
    bearer: String,
    devices: Vec<String>,
    /// What they are called.
    pub(crate) names: Vec<String>,
}

impl Account {
    /// Signs in as who sent the readings.
    pub(crate) async fn sign_in(url: &str, load: &Load) -> anyhow::Result<Self> {
        let channel = connect(url).await?;
        let request = LoginRequest {
            email: EMAIL.into(),
            password: PASSWORD.into(),
        };
        let answer = AuthServiceClient::new(channel.clone())
            .login(request)
            .await?
            .into_inner();
        let session = answer.session.context("a sign-in answers with a session")?;
        let mut account = Account {
            url: url.to_owned(),
            bearer: format!("Bearer {}", session.access_token),
            devices: Vec::new(),
            names: Vec::new(),
        };
        let request = account.request(pb::ListDevicesRequest {
            page_size: 500,
            ..Default::default()
        })?;
        let devices = pb::device_service_client::DeviceServiceClient::new(channel.clone())
            .list_devices(request)
            .await?
            .into_inner()
            .devices;
        let made = devices.into_iter().take(load.devices as usize);
        (account.devices, account.names) = made.map(|it| (it.device_id, it.name)).unzip();
        Ok(account)
    }

    pub(crate) async fn channel(&self) -> anyhow::Result<Channel> {
        connect(&self.url).await
    }

    pub(crate) fn request<M>(&self, message: M) -> anyhow::Result<Request<M>> {
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert("authorization", MetadataValue::try_from(&self.bearer)?);
        Ok(request)
    }
}

async fn connect(url: &str) -> anyhow::Result<Channel> {
    Channel::from_shared(url.to_owned())?
        .connect()
        .await
        .with_context(|| format!("no server at {url}"))
}

/// Takes readings in.
pub(crate) struct Sink {
    account: Account,
    in_flight: usize,
}

impl Sink {
    /// Makes an account with a home in Berlin and its devices.
    pub(crate) async fn register(url: &str, load: &Load) -> anyhow::Result<Self> {
        let channel = connect(url).await?;
        let request = RegisterRequest {
            name: "Bench".into(),
            email: EMAIL.into(),
            password: PASSWORD.into(),
            ..Default::default()
        };
        let answer = AuthServiceClient::new(channel.clone())
            .register(request)
            .await?
            .into_inner();
        let session = answer.session.context("a registration answers with a session")?;
        let mut account = Account {
            url: url.to_owned(),
            bearer: format!("Bearer {}", session.access_token),
            devices: Vec::new(),
            names: Vec::new(),
        };
        let home = pb::Home {
            time_zone: "Europe/Berlin".into(),
            ..Default::default()
        };
        pb::home_service_client::HomeServiceClient::new(channel.clone())
            .update_home(account.request(pb::UpdateHomeRequest {
                home: Some(home),
                update_mask: Some(prost_types::FieldMask {
                    paths: vec!["time_zone".into()],
                }),
            })?)
            .await?;
        account.devices = make_devices(&account, channel, load.devices as usize).await?;
        Ok(Self {
            account,
            in_flight: (WAITING / load.batch).max(1),
        })
    }
}

async fn make_devices(account: &Account, channel: Channel, count: usize) -> anyhow::Result<Vec<String>> {
    let mut client = pb::device_service_client::DeviceServiceClient::new(channel);
    let request = account.request(pb::ListDeviceTypesRequest {})?;
    let types = client.list_device_types(request).await?.into_inner().device_types;
    let mut devices = Vec::with_capacity(count);
    for (number, appliance) in COMMON.iter().cycle().take(count).enumerate() {
        let kind = types.iter().find(|it| it.key == appliance.kind);
        let device = pb::Device {
            name: format!("{} {number}", appliance.name),
            device_type_id: kind.context("kinds of devices are seeded")?.device_type_id,
            room: appliance.room.to_owned(),
            flow: pb::Flow::Consumption.into(),
            ..Default::default()
        };
        let request = account.request(pb::CreateDeviceRequest { device: Some(device) })?;
        let made = client.create_device(request).await?.into_inner().device;
        devices.push(made.context("a creation answers with the device")?.device_id);
    }
    Ok(devices)
}

impl crate::Sink for Sink {
    type Batch = (usize, Bytes);

    fn prepare(&self, rows: &[Row]) -> (usize, Bytes) {
        let reading = |row: &Row| pb::Reading {
            device_id: self.account.devices.get(row.device).cloned().unwrap_or_default(),
            timestamp: Some(prost_types::Timestamp {
                seconds: row.second,
                nanos: 0,
            }),
            power_watts: row.power,
            voltage: Some(row.voltage),
            current: Some(row.current),
            power_factor: Some(row.factor),
            ..Default::default()
        };
        let request = pb::IngestRequest {
            sequence: 1,
            readings: rows.iter().map(reading).collect(),
        };
        (rows.len(), request.encode_to_vec().into())
    }

    async fn send(&mut self, writers: Vec<Vec<(usize, Bytes)>>) -> anyhow::Result<u64> {
        let streams = writers.into_iter().map(|batches| self.stream(batches));
        Ok(try_join_all(streams).await?.into_iter().sum())
    }

    async fn close(self) {}
}

impl Sink {
    /// Streams batches over a connection of their own, a few ahead of their acknowledgements.
    async fn stream(&self, batches: Vec<(usize, Bytes)>) -> anyhow::Result<u64> {
        let channel = self.account.channel().await?;
        let (sender, receiver) = tokio::sync::mpsc::channel(self.in_flight);
        let request = self.account.request(ReceiverStream::new(receiver))?;
        let mut grpc = Grpc::new(channel);
        grpc.ready().await?;
        let path = "/voltaire.telemetry.v1.IngestService/Ingest".parse()?;
        let mut batches = batches.into_iter();
        for (_, batch) in batches.by_ref().take(self.in_flight) {
            sender.send(batch).await?;
        }
        let mut acks = grpc.streaming(request, path, Encoded).await?.into_inner();
        let mut sender = Some(sender);
        let mut new = 0;
        while let Some(ack) = acks.next().await {
            let result = ack?
                .result
                .context("an acknowledgement says what became of the batch")?;
            anyhow::ensure!(result.rejected.is_empty(), "rejected: {:?}", result.rejected.first());
            new += u64::from(result.accepted);
            match (batches.next(), &sender) {
                (Some((_, batch)), Some(sender)) => sender.send(batch).await?,
                _ => sender = None,
            }
        }
        Ok(new)
    }
}

/// Sends requests that are bytes already.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = pb::IngestResponse;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = pb::IngestResponse;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<pb::IngestResponse>, Status> {
        let message = pb::IngestResponse::decode(buffer).map_err(|error| Status::data_loss(error.to_string()))?;
        Ok(Some(message))
    }
}

/// Asks for figures.
pub(crate) struct Asker {
    account: Account,
    client: pb::query_service_client::QueryServiceClient<Channel>,
}

impl Asker {
    /// Signs in to the account that sent the readings.
    pub(crate) async fn sign_in(url: &str, load: &Load) -> anyhow::Result<Self> {
        let account = Account::sign_in(url, load).await?;
        let channel = account.channel().await?;
        let client = pb::query_service_client::QueryServiceClient::new(channel).max_decoding_message_size(64 << 20);
        Ok(Self { account, client })
    }

    fn series(&self, question: Question) -> pb::QuerySeriesRequest {
        use pb::{CalendarUnit, Metric, step::Kind};
        let (start, end) = question.period();
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let step = match question {
            Question::MonthsOne | Question::MonthsAll => Kind::Calendar(CalendarUnit::Month.into()),
            Question::Days => Kind::Calendar(CalendarUnit::Day.into()),
            Question::Hours => Kind::Calendar(CalendarUnit::Hour.into()),
            Question::Columns | Question::Latest => Kind::Columns(queries::COLUMNS),
        };
        let metrics = match question {
            Question::Columns => vec![Metric::PowerMin, Metric::PowerMax, Metric::PowerAverage],
            _ => vec![Metric::Energy],
        };
        let devices = if question.is_about_one() {
            1
        } else {
            self.account.devices.len()
        };
        let scope = |id: &String| pb::Scope {
            kind: Some(pb::scope::Kind::DeviceId(id.clone())),
        };
        pb::QuerySeriesRequest {
            period: Some(pb::Period {
                kind: Some(pb::period::Kind::Interval(pb::Interval {
                    start_time: at(start),
                    end_time: at(end),
                })),
            }),
            step: Some(pb::Step { kind: Some(step) }),
            scopes: self.account.devices.iter().take(devices).map(scope).collect(),
            metrics: metrics.into_iter().map(Into::into).collect(),
            ..Default::default()
        }
    }
}

impl queries::Asker for Asker {
    type Answer = usize;

    async fn ask(&mut self, question: Question) -> anyhow::Result<usize> {
        if question == Question::Latest {
            let request = self.account.request(pb::GetLatestRequest::default())?;
            return Ok(self.client.get_latest(request).await?.into_inner().latest.len());
        }
        let request = self.account.request(self.series(question))?;
        let series = self.client.query_series(request).await?.into_inner().series;
        Ok(series
            .iter()
            .flat_map(|it| &it.values)
            .filter(|value| !value.is_nan())
            .count())
    }

    fn values(answer: &usize) -> anyhow::Result<usize> {
        Ok(*answer)
    }
}
