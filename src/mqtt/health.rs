//! `mqtt health`: what the collector of a broker says of itself there.

use std::time::Duration;

use anyhow::bail;
use rumqttc::{Event, Packet, QoS};
use tokio::time::timeout;

use super::broker::Broker;

const PATIENCE: Duration = Duration::from_secs(4);

/// Asks whether the collector of a broker is at work.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It asks the broker for the last word of the collector. Exit codes: 0 at work, 1 not, 3 no broker, 4 not let in."
)]
pub(crate) struct Health {
    #[command(flatten)]
    broker: Broker,
}

impl Health {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let name = &self.broker.client;
        let said = timeout(PATIENCE, self.said()).await;
        let said = said.unwrap_or_else(|_| Ok("nothing".to_owned()))?;
        if said != "online" {
            bail!("the collector {name} at {} says {said}", self.broker.url);
        }
        Ok(())
    }

    async fn said(&self) -> anyhow::Result<String> {
        let options = self.broker.options(&format!("{}-health", self.broker.client))?;
        let (client, mut events) = self.broker.open(options)?;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    client.try_subscribe(self.broker.status_topic(), QoS::AtMostOnce)?;
                }
                Ok(Event::Incoming(Packet::Publish(message))) => {
                    return Ok(String::from_utf8_lossy(&message.payload).into_owned());
                }
                Ok(_) => {}
                Err(error) => return Err(self.broker.explain(&error).into()),
            }
        }
    }
}
