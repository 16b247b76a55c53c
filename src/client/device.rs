//! `device`: lists, adds and removes devices.

use anyhow::Context;
use voltaire_proto::telemetry::v1::{self as pb, device_service_client::DeviceServiceClient};

use super::{Connection, Server, device_send::Send, json, refusal::Usage};

/// Lists, adds or removes devices, sends a reading.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Device {
    /// Lists your devices.
    List,
    /// Lists the kinds of devices.
    Types,
    /// Adds a device and prints its id.
    Add(Add),
    /// Sends one reading of now; with an id, a token that may do nothing else is enough.
    Send(Send),
    /// Removes a device and its readings.
    Remove {
        /// Its name or id.
        device: String,
    },
}

/// A new device.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Its name, as you will call it.
    name: String,
    /// Its kind, as `fridge`; see `voltaire device types`.
    #[arg(long = "type", default_value = "other", value_name = "KIND")]
    kind: String,
    /// The room it is in.
    #[arg(long, default_value = "")]
    room: String,
    /// Which way its energy goes.
    #[arg(long, value_enum, default_value_t = FlowArg::Consumption)]
    flow: FlowArg,
}

/// Which way a device's energy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FlowArg {
    /// Uses energy.
    Consumption,
    /// Meters the connection to the grid.
    Grid,
    /// Produces energy.
    Production,
    /// Stores energy.
    Storage,
}

impl From<FlowArg> for pb::Flow {
    fn from(flow: FlowArg) -> Self {
        match flow {
            FlowArg::Consumption => Self::Consumption,
            FlowArg::Grid => Self::Grid,
            FlowArg::Production => Self::Production,
            FlowArg::Storage => Self::Storage,
        }
    }
}

/// The devices of one home, with the calls that a command needs.
pub(crate) struct Devices {
    client:
        DeviceServiceClient<tonic::service::interceptor::InterceptedService<tonic::transport::Channel, super::Bearer>>,
}

impl Devices {
    pub(crate) fn of(server: &Server) -> Self {
        Self {
            client: DeviceServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone()),
        }
    }

    /// All devices of the first home.
    pub(crate) async fn all(&mut self) -> anyhow::Result<Vec<pb::Device>> {
        self.of_home("").await
    }

    /// All devices of a home; empty: the first.
    pub(crate) async fn of_home(&mut self, home_id: &str) -> anyhow::Result<Vec<pb::Device>> {
        let mut devices = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListDevicesRequest {
                home_id: home_id.to_owned(),
                page_size: 500,
                page_token,
            };
            let page = self.client.list_devices(request).await?.into_inner();
            devices.extend(page.devices);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(devices);
            }
        }
    }

    /// The device with this name, alias or id in the first home.
    pub(crate) async fn find(&mut self, name: &str) -> anyhow::Result<pb::Device> {
        let key = name.to_lowercase();
        let called = |it: &pb::Device| {
            let mut names = std::iter::once(&it.name).chain(&it.aliases);
            it.device_id == name || names.any(|name| name.to_lowercase() == key)
        };
        let found = self.all().await?.into_iter().find(called);
        Ok(found.ok_or_else(|| Usage(format!("no device is called {name}")))?)
    }

    /// The device of this name, whatever its case; added when there is none.
    pub(crate) async fn named(&mut self, wanted: pb::Device, kind: &str) -> anyhow::Result<pb::Device> {
        let same = |it: &pb::Device| it.name.to_lowercase() == wanted.name.to_lowercase();
        match self.of_home(&wanted.home_id).await?.into_iter().find(same) {
            Some(device) => Ok(device),
            None => self.add(wanted, kind).await,
        }
    }

    /// Adds a device of a kind, as `fridge`.
    pub(crate) async fn add(&mut self, mut device: pb::Device, kind: &str) -> anyhow::Result<pb::Device> {
        let types = self.types().await?;
        let found = types.iter().find(|it| it.key == kind);
        let known = || types.iter().map(|it| it.key.as_str()).collect::<Vec<_>>().join(", ");
        device.device_type_id = found
            .ok_or_else(|| Usage(format!("no kind is called `{kind}`; there are: {}", known())))?
            .device_type_id;
        let request = pb::CreateDeviceRequest { device: Some(device) };
        self.client
            .create_device(request)
            .await?
            .into_inner()
            .device
            .context("an answer without a device")
    }

    async fn types(&mut self) -> anyhow::Result<Vec<pb::DeviceType>> {
        Ok(self
            .client
            .list_device_types(pb::ListDeviceTypesRequest {})
            .await?
            .into_inner()
            .device_types)
    }
}

impl Device {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let mut devices = Devices::of(&server);
        match self {
            Self::Send(reading) => reading.run(connection, &server).await?,
            Self::List => list(connection, &devices.all().await?)?,
            Self::Types => types(connection, &devices.types().await?)?,
            Self::Add(add) => {
                let device = pb::Device {
                    name: add.name,
                    room: add.room,
                    flow: pb::Flow::from(add.flow).into(),
                    ..pb::Device::default()
                };
                let device = devices.add(device, &add.kind).await?;
                if connection.json {
                    json::print(&json::message("voltaire.telemetry.v1.Device", &device)?);
                } else {
                    println!("{}", device.device_id);
                }
            }
            Self::Remove { device } => {
                let found = devices.find(&device).await?;
                devices
                    .client
                    .delete_device(pb::DeleteDeviceRequest {
                        device_id: found.device_id,
                    })
                    .await?;
                if connection.json {
                    json::print(&serde_json::json!({ "removed": found.name }));
                } else {
                    println!("Removed {}.", found.name);
                }
            }
        }
        Ok(())
    }
}

fn types(connection: &Connection, types: &[pb::DeviceType]) -> anyhow::Result<()> {
    if connection.json {
        let all: anyhow::Result<Vec<_>> = types
            .iter()
            .map(|it| json::message("voltaire.telemetry.v1.DeviceType", it))
            .collect();
        json::print(&all?.into());
    }
    for it in types.iter().filter(|_| !connection.json) {
        println!("{:<18} {:<18} {}", it.key, it.name, it.description);
    }
    Ok(())
}

fn list(connection: &Connection, devices: &[pb::Device]) -> anyhow::Result<()> {
    if connection.json {
        let all: anyhow::Result<Vec<_>> = devices
            .iter()
            .map(|it| json::message("voltaire.telemetry.v1.Device", it))
            .collect();
        json::print(&all?.into());
    } else if devices.is_empty() {
        println!("No devices yet. Add one: voltaire device add Fridge --type fridge");
    } else {
        for it in devices {
            println!("{}  {:<28} {}", it.device_id, it.name, it.room);
        }
    }
    Ok(())
}
