//! `simulate --load`: an open-loop load. Calls begin when they are due, whatever becomes of those before them, and a call
//! takes from when it was due until its answer is complete: a server that stalls cannot hide it by holding back the load.

mod figures;
mod mix;

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};
use voltaire_proto::{
    chat::v1::{self as chat, chat_service_client::ChatServiceClient},
    telemetry::v1::{self as pb, ingest_service_client::IngestServiceClient, query_service_client::QueryServiceClient},
};
use voltaire_types::Clock;

use super::{chance, feed::Fed};
use crate::client::{Bearer, Connection, Server};
use figures::Figures;
use mix::{Kind, Mix};

/// Calls that may be unanswered at once; more are not sent, and counted.
const MOST_AT_ONCE: usize = 8192;
/// The longest a call may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Connections at most: calls at once on one are limited.
const CONNECTIONS: usize = 8;

/// How much is sent.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Rate {
    /// How long, s.
    #[arg(long, default_value_t = 60, requires = "load", value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Between two readings of a device, ms; a home sends those of all its devices in one call.
    #[arg(long, default_value_t = 2000, requires = "load", value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    every: u64,
    /// Questions a second, of all homes together.
    #[arg(long, default_value_t = 10, requires = "load", value_parser = clap::value_parser!(u64).range(0..=100_000))]
    queries: u64,
    /// Which questions, in parts: latest values, a summary of today, a month's days, a question in words.
    #[arg(long, default_value_t, requires = "load", value_name = "KIND=PARTS,…")]
    mix: Mix,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            seconds: 60,
            every: 2000,
            queries: 10,
            mix: Mix::default(),
        }
    }
}

/// A call that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Arrival {
    due: Duration,
    kind: Kind,
    home: usize,
}

impl Rate {
    /// All calls in the order in which they are due: both kinds evenly, each home in turn.
    fn arrivals(&self, homes: usize) -> impl Iterator<Item = Arrival> + use<'_> {
        let end = Duration::from_secs(self.seconds);
        let parts = u64::try_from(homes.max(1)).unwrap_or(u64::MAX);
        let batch = move |number| nth(number, Duration::from_millis(self.every), parts);
        let query = move |number| nth(number, Duration::from_secs(1), self.queries);
        let (mut batches, mut queries) = (0_u64, 0_u64);
        std::iter::from_fn(move || {
            let (number, due, kind) = if batch(batches) <= query(queries) {
                batches += 1;
                (batches, batch(batches - 1), Kind::Ingest)
            } else {
                queries += 1;
                let chance = chance::at(7, i64::try_from(queries).unwrap_or(i64::MAX));
                (queries, query(queries - 1), self.mix.at(chance))
            };
            let home = usize::try_from((number - 1) % parts).unwrap_or(0);
            (due < end).then_some(Arrival { due, kind, home })
        })
    }
}

/// When the nth of so many in each period is due; of none, never.
fn nth(number: u64, period: Duration, parts: u64) -> Duration {
    let nanos = u128::from(number) * period.as_nanos();
    let nanos = nanos.checked_div(parts.into()).and_then(|it| u64::try_from(it).ok());
    nanos.map_or(Duration::MAX, Duration::from_nanos)
}

/// One that sends to a home.
#[derive(Clone)]
struct Sender {
    server: Server,
    home: Arc<Home>,
}

/// A home that is fed.
struct Home {
    id: String,
    fed: Fed,
}

/// What came of a call: how many readings are stored by it, or why it failed.
type Outcome = Result<u64, Code>;

/// Sends the load to the homes, and tells how it went. Ends by itself.
pub(crate) async fn run(rate: &Rate, connection: &Connection, homes: Vec<(String, Fed)>) -> anyhow::Result<()> {
    let mut servers = Vec::new();
    for _ in 0..homes.len().min(CONNECTIONS) {
        servers.push(connection.signed_in().await?);
    }
    let devices: usize = homes.iter().map(|(_, fed)| fed.house.appliances().len()).sum();
    let senders: Vec<_> = homes
        .into_iter()
        .zip(servers.into_iter().cycle())
        .map(|((id, fed), server)| Sender {
            server,
            home: Arc::new(Home { id, fed }),
        })
        .collect();
    eprintln!(
        "{} s: {} homes with {devices} devices, a reading of each every {} ms, {} questions a second.",
        rate.seconds,
        senders.len(),
        rate.every,
        rate.queries
    );
    let figures = send(rate, &senders).await;
    figures.print(connection.json);
    anyhow::ensure!(figures.any(), "no call went well");
    Ok(())
}

async fn send(rate: &Rate, senders: &[Sender]) -> Figures {
    let mut figures = Figures::new(Duration::from_secs(rate.seconds));
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for arrival in rate.arrivals(senders.len()) {
        let due = begun + arrival.due;
        tokio::time::sleep_until(due).await;
        while let Some(Ok(done)) = running.try_join_next() {
            figures.add(done);
        }
        let Some(sender) = senders.get(arrival.home).cloned() else {
            continue;
        };
        if running.len() >= MOST_AT_ONCE {
            figures.not_sent(arrival.kind);
            continue;
        }
        running.spawn(async move {
            let outcome = tokio::time::timeout(PATIENCE, sender.call(arrival.kind)).await;
            let outcome = outcome.map_or(Err(Code::DeadlineExceeded), |it| it.map_err(|status| status.code()));
            (arrival.kind, due.elapsed(), outcome)
        });
    }
    while let Some(Ok(done)) = running.join_next().await {
        figures.add(done);
    }
    figures.lasted(begun.elapsed());
    figures
}

impl Sender {
    async fn call(&self, kind: Kind) -> Result<u64, Status> {
        let home_id = self.home.id.clone();
        match kind {
            Kind::Ingest => return self.ingest().await,
            Kind::Latest => drop(self.query().get_latest(pb::GetLatestRequest { home_id }).await?),
            Kind::Summary => {
                let request = pb::SummarizeRequest {
                    home_id,
                    per_device: true,
                    ..pb::SummarizeRequest::default()
                };
                drop(self.query().summarize(request).await?);
            }
            Kind::Series => drop(self.query().query_series(month(home_id)).await?),
            Kind::Ask => self.ask(home_id).await?,
        }
        Ok(0)
    }

    async fn ingest(&self) -> Result<u64, Status> {
        let readings = self.home.fed.readings(Clock::system().now());
        let mut client = IngestServiceClient::with_interceptor(self.server.channel.clone(), self.server.bearer.clone());
        let answer = client.ingest_batch(pb::IngestBatchRequest { readings }).await?;
        Ok(answer.into_inner().result.map_or(0, |it| u64::from(it.accepted)))
    }

    async fn ask(&self, home_id: String) -> Result<(), Status> {
        let request = chat::AskRequest {
            text: "how much did I use today?".to_owned(),
            home_id,
            ..chat::AskRequest::default()
        };
        let mut client = ChatServiceClient::with_interceptor(self.server.channel.clone(), self.server.bearer.clone());
        let mut answer = client.ask(request).await?.into_inner();
        while answer.message().await?.is_some() {}
        Ok(())
    }

    fn query(&self) -> QueryServiceClient<InterceptedService<Channel, Bearer>> {
        QueryServiceClient::with_interceptor(self.server.channel.clone(), self.server.bearer.clone())
    }
}

/// The energy of each day of this month.
fn month(home_id: String) -> pb::QuerySeriesRequest {
    let month = pb::CalendarPeriod {
        unit: pb::CalendarUnit::Month.into(),
        back: 0,
    };
    let day = pb::step::Kind::Calendar(pb::CalendarUnit::Day.into());
    pb::QuerySeriesRequest {
        home_id,
        period: Some(pb::Period {
            kind: Some(pb::period::Kind::Calendar(month)),
        }),
        step: Some(pb::Step { kind: Some(day) }),
        ..pb::QuerySeriesRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(seconds: u64, every: u64, queries: u64) -> Rate {
        Rate {
            seconds,
            every,
            queries,
            mix: "latest=1,ask=1".parse().unwrap(),
        }
    }

    #[test]
    fn every_home_sends_at_every_step_and_questions_are_spread() {
        let rate = rate(10, 2000, 3);
        let all: Vec<_> = rate.arrivals(4).collect();
        assert!(all.is_sorted_by_key(|it| it.due));
        let batches: Vec<_> = all.iter().filter(|it| it.kind == Kind::Ingest).collect();
        assert_eq!((batches.len(), all.len() - batches.len()), (20, 30));
        for home in 0..4 {
            assert_eq!(batches.iter().filter(|it| it.home == home).count(), 5);
        }
        let kinds = |kind| all.iter().filter(|it| it.kind == kind).count();
        assert!(kinds(Kind::Latest) > 5 && kinds(Kind::Ask) > 5 && kinds(Kind::Series) == 0);
    }

    #[test]
    fn without_questions_only_readings_are_sent() {
        assert!(rate(3, 500, 0).arrivals(2).all(|it| it.kind == Kind::Ingest));
    }
}
