//! `home`: shows the home and changes its settings.

use voltaire_proto::telemetry::v1::{self as pb, home_service_client::HomeServiceClient};

use super::{Connection, Server, json};

/// Shows your home, or changes what is given.
#[derive(Debug, clap::Args)]
pub(crate) struct Home {
    /// Its name.
    #[arg(long)]
    name: Option<String>,
    /// Its IANA time zone, as Europe/Berlin; "today" is meant in it.
    #[arg(long)]
    time_zone: Option<String>,
    /// Its currency, ISO 4217, as EUR.
    #[arg(long)]
    currency: Option<String>,
    /// What a kWh costs from now on and before, as 0.3427.
    #[arg(long)]
    price: Option<String>,
    /// What a day costs whatever is used, as 0.45.
    #[arg(long, requires = "price")]
    standing_charge: Option<String>,
    /// How numbers and dates are written, as de-DE.
    #[arg(long)]
    locale: Option<String>,
}

/// The caller's first home; made when there is none.
pub(crate) async fn first(server: &Server) -> anyhow::Result<pb::Home> {
    let mut homes = HomeServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
    let found = homes.list_homes(pb::ListHomesRequest {}).await?.into_inner().homes;
    found
        .into_iter()
        .next()
        .ok_or_else(|| anyhow::anyhow!("the server made no home"))
}

impl Home {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let home = first(&server).await?;
        let (change, paths) = self.change(&home);
        let home = if paths.is_empty() {
            home
        } else {
            let mut homes = HomeServiceClient::with_interceptor(server.channel, server.bearer);
            let request = pb::UpdateHomeRequest {
                home: Some(change),
                update_mask: Some(prost_types::FieldMask { paths }),
            };
            homes.update_home(request).await?.into_inner().home.unwrap_or_default()
        };
        if connection.json {
            json::print(&json::message("voltaire.telemetry.v1.Home", &home)?);
        } else {
            println!(
                "{}: {}, {}{}",
                home.name,
                home.time_zone,
                home.currency_code,
                price(&home)
            );
        }
        Ok(())
    }

    fn change(self, home: &pb::Home) -> (pb::Home, Vec<String>) {
        let mut change = pb::Home {
            home_id: home.home_id.clone(),
            ..pb::Home::default()
        };
        let mut paths = Vec::new();
        let mut set = |path: &str, field: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *field = value;
                paths.push(path.to_owned());
            }
        };
        set("name", &mut change.name, self.name);
        set("time_zone", &mut change.time_zone, self.time_zone);
        set("currency_code", &mut change.currency_code, self.currency);
        set("locale", &mut change.locale, self.locale);
        if let Some(price) = self.price {
            change.tariffs = vec![pb::Tariff {
                valid_from: String::new(),
                price_per_kwh: price,
                standing_charge_per_day: self.standing_charge.unwrap_or_default(),
            }];
            paths.push("tariffs".to_owned());
        }
        (change, paths)
    }
}

fn price(home: &pb::Home) -> String {
    let tariff = |it: &pb::Tariff| {
        let from = if it.valid_from.is_empty() {
            String::new()
        } else {
            format!(" from {}", it.valid_from)
        };
        let standing = if it.standing_charge_per_day.is_empty() {
            String::new()
        } else {
            format!(" + {}/day", it.standing_charge_per_day)
        };
        format!(", {} {}/kWh{standing}{from}", it.price_per_kwh, home.currency_code)
    };
    home.tariffs.iter().map(tariff).collect()
}
