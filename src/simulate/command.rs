//! `simulate` and `seed`: test data for a server.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use voltaire_proto::telemetry::v1::{self as pb, home_service_client::HomeServiceClient};
use voltaire_types::{Calendar, Clock, Interval};

use super::{House, feed, load};
use crate::{
    client::{Connection, Server, home, json, refusal::Usage},
    import::upload::Outcome,
};

/// Sends simulated homes to a server: history, live readings with --live, a measured load with --load.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The same seed gives the same home. Repeating the command is safe: readings that are known change nothing.\n\n\
A load is open: calls begin when they are due, whatever becomes of those before them, and each is timed from when it was due."
)]
pub(crate) struct Simulate {
    /// Homes; beyond the first, new ones are made for you.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=20))]
    homes: u64,
    /// Devices a home, the grid meter included.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=500))]
    devices: u64,
    /// Days of history, up to now.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(0..=3650))]
    days: u64,
    /// Seconds between two readings of a device in history.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    step: u64,
    /// Which homes: the same seed gives the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Goes on with live readings every 2 seconds, until interrupted.
    #[arg(long)]
    live: bool,
    /// Sends a load of readings and questions for some time, and tells how long calls took.
    #[arg(long, conflicts_with = "live")]
    load: bool,
    #[command(flatten)]
    rate: load::Rate,
}

/// Fills your home with the demo devices and 90 days of history, for development.
#[derive(Debug, clap::Args)]
pub(crate) struct Seed {
    /// Goes on with live readings.
    #[arg(long)]
    live: bool,
}

/// Seconds between two live readings of a device.
pub(crate) const LIVE_STEP: Duration = Duration::from_secs(2);

impl Seed {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        Simulate {
            homes: 1,
            devices: 12,
            days: 90,
            step: 60,
            seed: 1,
            live: self.live,
            load: false,
            rate: load::Rate::default(),
        }
        .run(connection)
        .await
    }
}

impl Simulate {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let clock = Clock::system();
        let mut fed = Vec::new();
        for number in 0..self.homes {
            let home = home_number(&server, number).await?;
            let calendar = Calendar::new(&home.time_zone, jiff::civil::Weekday::Monday)
                .map_err(|error| Usage(error.to_string()))?;
            let house = House::new(self.seed.wrapping_add(number), usize::try_from(self.devices)?, calendar);
            let settled = feed::settle(&server, &home.home_id, house).await?;
            if self.load && self.days == 0 {
                fed.push((home.home_id, settled));
                continue;
            }
            let outcome = self.history(&server, &clock, &settled).await?;
            if connection.json && !self.load {
                json::print(&serde_json::json!({ "home_id": home.home_id, "outcome": outcome }));
            }
            fed.push((home.home_id, settled));
        }
        if self.load {
            return load::run(&self.rate, connection, fed).await;
        }
        if self.live {
            eprintln!(
                "Sending live readings of {} devices; end with Ctrl+C.",
                self.devices * self.homes
            );
            let all = fed.iter().map(|(_, it)| it.live(&server, &clock, LIVE_STEP));
            futures::future::try_join_all(all).await?;
        }
        Ok(())
    }

    async fn history(&self, server: &Server, clock: &Clock, fed: &feed::Fed) -> anyhow::Result<Outcome> {
        let step = Duration::from_secs(self.step);
        // On whole steps, so that repeating the command sends the same readings again.
        let whole = i64::try_from(step.as_micros())?;
        let end = clock.now().micros().div_euclid(whole) * whole;
        let end = voltaire_types::Timestamp::from_micros(end)?;
        let period = Interval::new(end.minus(Duration::from_secs(self.days * 86_400)), end);
        let bar = progress_bar(fed.count(period, step), "readings");
        let outcome = fed
            .upload(server, (period, step), |outcome| bar.set_position(outcome.total()))
            .await?;
        bar.finish_and_clear();
        eprintln!(
            "{} new readings, {} known already, {} rejected.",
            outcome.accepted, outcome.duplicates, outcome.rejected
        );
        Ok(outcome)
    }
}

/// A progress bar on standard error; hidden where that is no terminal.
pub(crate) fn progress_bar(total: u64, what: &str) -> ProgressBar {
    let template = format!("{{bar:32}} {{human_pos}}/{{human_len}} {what}, {{per_sec}}, {{eta}} left");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

async fn home_number(server: &Server, number: u64) -> anyhow::Result<pb::Home> {
    if number == 0 {
        return home::first(server).await;
    }
    let mut homes = HomeServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
    let name = format!("Simulated home {}", number + 1);
    let found = homes
        .list_homes(pb::ListHomesRequest {})
        .await?
        .into_inner()
        .homes
        .into_iter()
        .find(|it| it.name == name);
    if let Some(home) = found {
        return Ok(home);
    }
    let home = pb::Home {
        name,
        time_zone: "Europe/Berlin".into(),
        ..pb::Home::default()
    };
    let made = homes
        .create_home(pb::CreateHomeRequest { home: Some(home) })
        .await?
        .into_inner()
        .home;
    made.ok_or_else(|| anyhow::anyhow!("an answer without a home"))
}
