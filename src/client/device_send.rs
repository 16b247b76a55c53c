//! `device send`: one reading of now, to see that a device arrives.

use anyhow::{Context, bail};
use voltaire_proto::telemetry::v1::{self as pb, ingest_service_client::IngestServiceClient};
use voltaire_types::Clock;

use super::{Connection, Server, device::Devices, json};

/// A reading of now.
#[derive(Debug, clap::Args)]
pub(crate) struct Send {
    /// Whose: a device's id, name or alias.
    device: String,
    /// Active power, W.
    #[arg(allow_negative_numbers = true, value_name = "WATTS")]
    power_watts: f64,
}

impl Send {
    pub(crate) async fn run(self, connection: &Connection, server: &Server) -> anyhow::Result<()> {
        let device_id = match self.device.parse::<uuid::Uuid>() {
            Ok(id) => id.to_string(),
            Err(_) => Devices::of(server).find(&self.device).await?.device_id,
        };
        let reading = pb::Reading {
            device_id,
            timestamp: Some(voltaire_mesh::wire::timestamp(Clock::system().now())),
            power_watts: self.power_watts,
            ..pb::Reading::default()
        };
        let mut client = IngestServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
        let request = pb::IngestBatchRequest {
            readings: vec![reading],
        };
        let result = client.ingest_batch(request).await?.into_inner().result;
        let result = result.context("an answer without a result")?;
        if let Some(refused) = result.rejected.first() {
            bail!("{}", refused.message);
        }
        if connection.json {
            json::print(&json::message("voltaire.telemetry.v1.IngestResult", &result)?);
        } else {
            println!("Sent {} W.", self.power_watts);
        }
        Ok(())
    }
}
