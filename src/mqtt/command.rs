//! The commands of `mqtt`.

use voltaire_proto::telemetry::v1::{self as pb, home_service_client::HomeServiceClient};

use super::{
    broker::Broker,
    collect::Collect,
    discover::Discover,
    formats::{Filter, Formats, Prefixes},
    health::Health,
};
use crate::client::{Connection, Server, home, refusal::Usage};

/// Collects readings from an MQTT broker.
#[derive(Debug, clap::Subcommand)]
#[command(
    after_help = "Devices are taken as they publish: Tasmota, Shelly of every generation, Zigbee2MQTT, ESPHome and whatever else \
announces itself to Home Assistant, Home Assistant's statestream, OpenEnergyMonitor, DSMR-reader, Hildebrand Glow. Others \
publish to voltaire/now/DEVICE (a number: W), or to voltaire/readings/DEVICE (readings as JSON, with timestamps).\n\n\
A message goes to the device whose name, alias or id its source has:\n  \
voltaire mqtt discover --broker mqtt://192.168.1.5          shows what is published\n  \
voltaire mqtt discover --broker mqtt://192.168.1.5 --add    adds a device for each new source\n  \
voltaire token create mqtt --scope ingest > token           a token that may do nothing but send\n  \
voltaire mqtt collect --broker mqtt://192.168.1.5 --token-file token"
)]
pub(crate) enum Mqtt {
    /// Sends on what devices publish, until it is stopped.
    Collect(Collect),
    /// Shows what is published and which device it would go to.
    Discover(Discover),
    /// Asks whether the collector of a broker is at work: for health checks.
    Health(Health),
}

impl Mqtt {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        match self {
            Self::Collect(it) => it.run(connection).await,
            Self::Discover(it) => it.run(connection).await,
            Self::Health(it) => it.run().await,
        }
    }
}

/// What to listen to, and for which home.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Sources {
    #[command(flatten)]
    pub(crate) broker: Broker,
    /// A further topic filter to listen to, as `house/+/tele/SENSOR`; may be repeated.
    #[arg(long = "topic", value_name = "FILTER")]
    topics: Vec<String>,
    /// The first words of a format's topics where they are not the usual ones, as `zigbee2mqtt=z2m`; may be repeated. Of:
    /// zigbee2mqtt, discovery (homeassistant), statestream (homeassistant), emon, dsmr.
    #[arg(long = "prefix", value_name = "FORMAT=PREFIX")]
    prefixes: Vec<String>,
    /// The home whose devices are meant, by name or id; without: the first.
    #[arg(long, env = "VOLTAIRE_HOME", value_name = "HOME")]
    home: Option<String>,
}

impl Sources {
    /// The formats, and what to subscribe to.
    pub(crate) fn formats(&self) -> anyhow::Result<(Formats, Vec<Filter>)> {
        let mut prefixes = Prefixes::default();
        for assignment in &self.prefixes {
            let set = assignment
                .split_once('=')
                .and_then(|(name, prefix)| prefixes.set(name, prefix));
            let names = || Prefixes::NAMES.join(", ");
            set.ok_or_else(|| {
                Usage(format!(
                    "--prefix {assignment}: not FORMAT=PREFIX with one of {}",
                    names()
                ))
            })?;
        }
        let formats = Formats::new(prefixes);
        let mut filters = formats.filters();
        filters.extend(self.topics.iter().map(Filter::live));
        Ok((formats, filters))
    }

    /// The id of the home.
    pub(crate) async fn home_id(&self, server: &Server) -> anyhow::Result<String> {
        let Some(wanted) = &self.home else {
            return Ok(home::first(server).await?.home_id);
        };
        let mut homes = HomeServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
        let homes = homes.list_homes(pb::ListHomesRequest {}).await?.into_inner().homes;
        let found = homes
            .into_iter()
            .find(|it| it.home_id == *wanted || it.name.to_lowercase() == wanted.to_lowercase());
        Ok(found
            .ok_or_else(|| Usage(format!("no home is called {wanted}")))?
            .home_id)
    }
}
