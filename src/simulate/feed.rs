//! Brings a simulated home to a server, through the same calls that anyone has: devices, history, live readings.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use voltaire_proto::telemetry::v1::{self as pb, ingest_service_client::IngestServiceClient};
use voltaire_types::{Clock, DeviceId, Interval, Timestamp, Watts};

use super::House;
use crate::{
    client::{Server, device::Devices},
    import::upload::{self, Outcome},
};

/// A house and the server's ids of its devices.
#[derive(Clone, Debug)]
pub(crate) struct Fed {
    /// The house.
    pub(crate) house: House,
    /// In the order of the house's appliances; none for those that the home does not have.
    pub(crate) devices: Vec<Option<DeviceId>>,
}

/// Makes the house's devices in a home, or finds them by name.
pub(crate) async fn settle(server: &Server, home_id: &str, house: House) -> anyhow::Result<Fed> {
    let mut devices = Devices::of(server);
    let mut ids = Vec::new();
    for appliance in house.appliances() {
        let meter = ids.is_empty();
        let device = pb::Device {
            home_id: home_id.to_owned(),
            name: appliance.name.to_string(),
            room: appliance.room.to_owned(),
            flow: if meter { pb::Flow::Grid } else { pb::Flow::Consumption }.into(),
            ..pb::Device::default()
        };
        let made = devices.named(device, appliance.kind).await?;
        ids.push(Some(made.device_id.parse()?));
    }
    Ok(Fed { house, devices: ids })
}

/// Finds the house's devices in a home by their names; those that are gone are left out.
pub(crate) async fn find(server: &Server, home_id: &str, house: House) -> anyhow::Result<Fed> {
    let present = Devices::of(server).of_home(home_id).await?;
    let id = |name: &str| {
        present
            .iter()
            .find(|it| it.name == name)
            .and_then(|it| it.device_id.parse().ok())
    };
    let devices = house.appliances().iter().map(|it| id(&it.name)).collect();
    Ok(Fed { house, devices })
}

impl Fed {
    /// All readings of a period, the newest day first so that pages fill from now backwards.
    pub(crate) fn history(&self, period: Interval, step: Duration) -> impl Iterator<Item = pb::Reading> + Send + '_ {
        const DAY: Duration = Duration::from_secs(86_400);
        let mut end = period.end;
        let days = std::iter::from_fn(move || {
            let day = Interval::new(end.minus(DAY).max(period.start), end);
            end = day.start;
            (!day.is_empty()).then_some(day)
        });
        days.flat_map(move |day| steps(day, step))
            .flat_map(move |at| self.readings(at))
    }

    /// How many readings [`Self::history`] gives.
    pub(crate) fn count(&self, period: Interval, step: Duration) -> u64 {
        let steps = period.duration().as_micros().checked_div(step.as_micros()).unwrap_or(0);
        u64::try_from(steps).unwrap_or(u64::MAX) * self.devices.len() as u64
    }

    /// One reading of every device.
    pub(crate) fn readings(&self, at: Timestamp) -> Vec<pb::Reading> {
        let powers = self.house.powers(at);
        self.devices
            .iter()
            .zip(powers)
            .filter_map(|(device, power)| Some(reading((*device)?, at, Watts(power))))
            .collect()
    }

    /// Uploads a period.
    pub(crate) async fn upload(
        &self,
        server: &Server,
        (period, step): (Interval, Duration),
        progress: impl FnMut(&Outcome) + Send,
    ) -> anyhow::Result<Outcome> {
        upload::upload(server, self.history(period, step), progress, |_, why| {
            tracing::warn!(why, "a simulated reading was rejected");
        })
        .await
    }

    /// Sends a reading of every device at every step, until the server ends the stream.
    pub(crate) async fn live(&self, server: &Server, clock: &Clock, step: Duration) -> anyhow::Result<()> {
        let mut client = IngestServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
        let (send, receive) = mpsc::channel(4);
        let mut acks = client.ingest(ReceiverStream::new(receive)).await?.into_inner();
        let mut tick = tokio::time::interval(step);
        for sequence in 1.. {
            tick.tick().await;
            let readings = self.readings(clock.now());
            if send.send(pb::IngestRequest { sequence, readings }).await.is_err() || acks.message().await?.is_none() {
                break;
            }
        }
        Ok(())
    }
}

fn steps(day: Interval, step: Duration) -> impl Iterator<Item = Timestamp> + Send {
    std::iter::successors(Some(day.start), move |at| Some(at.plus(step))).take_while(move |at| *at < day.end)
}

fn reading(device: DeviceId, at: Timestamp, power: Watts) -> pb::Reading {
    let voltage = 230.0 + (power.0 / 1000.0).mul_add(-0.4, 0.8);
    pb::Reading {
        device_id: device.to_string(),
        timestamp: Some(voltaire_mesh::wire::timestamp(at)),
        power_watts: power.0,
        voltage: Some((voltage * 10.0).round() / 10.0),
        current: Some((power.0 / voltage * 1000.0).round() / 1000.0),
        ..pb::Reading::default()
    }
}
