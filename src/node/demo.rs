//! The demo home of `up`: an account to look around with, and a service that fills anyone's empty home.
//!
//! It is a client like any other: devices, history and live readings go through the public calls, as the user. For live
//! readings it holds an API token of that user which can do nothing else, in a file of the data directory, so that the
//! demo goes on after a restart.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use futures::{StreamExt, stream::BoxStream};
use rand::Rng;
use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status, service::Routes};
use voltaire_mesh::{Db, Mesh, Service};
use voltaire_proto::{
    auth::v1::{self as auth, auth_service_client::AuthServiceClient},
    demo::v1::{
        self as pb,
        demo_service_server::{DemoService, DemoServiceServer},
    },
    telemetry::v1 as telemetry,
};
use voltaire_types::{Calendar, Clock, Interval, Timestamp};

use crate::{
    client::{Bearer, Server, credentials, device::Devices},
    simulate::{House, command::LIVE_STEP, feed},
};

const EMAIL: &str = "demo@voltaire.example";
const LOGIN_FILE: &str = "demo-login.json";
const FEEDS_FILE: &str = "demo-feeds.json";
const DAYS: u64 = 90;
const DEVICES: usize = 13;
const STEP: Duration = Duration::from_secs(60);

/// How to sign in to the demo home.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Makes the demo account at the first start, and remembers its password in the data directory.
pub(crate) async fn account(db: &Db, clock: &Clock, folder: &Path) -> anyhow::Result<Login> {
    let file = folder.join(LOGIN_FILE);
    if let Ok(text) = std::fs::read_to_string(&file) {
        return serde_json::from_str(&text).with_context(|| format!("{} is damaged: delete it", file.display()));
    }
    let login = Login {
        email: EMAIL.to_owned(),
        password: passphrase(),
    };
    voltaire_auth::add_member(
        db,
        clock,
        voltaire_auth::Member {
            name: "Demo",
            email: &login.email,
            password: &login.password,
        },
    )
    .await?;
    credentials::write(&file, &serde_json::to_string(&login)?)?;
    Ok(login)
}

fn passphrase() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let mut group = || {
        (0..5)
            .map(|_| {
                LETTERS
                    .get(random.random_range(0..LETTERS.len()))
                    .copied()
                    .map_or('x', char::from)
            })
            .collect::<String>()
    };
    [group(), group(), group()].join("-")
}

/// Where the demo's own readings come from: which user, home and seed, and the token to send them with.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Feed {
    home_id: String,
    time_zone: String,
    seed: u64,
    token: String,
}

/// All feeds of the data directory.
#[derive(Clone, Debug)]
struct Feeds {
    file: PathBuf,
}

impl Feeds {
    fn of(folder: &Path) -> Self {
        Self {
            file: folder.join(FEEDS_FILE),
        }
    }

    fn all(&self) -> BTreeMap<String, Feed> {
        std::fs::read_to_string(&self.file)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    fn add(&self, feed: &Feed) -> anyhow::Result<()> {
        let mut all = self.all();
        all.insert(feed.home_id.clone(), feed.clone());
        credentials::write(&self.file, &serde_json::to_string_pretty(&all)?)
    }
}

/// Fills the demo account's home, if it is not yet, and keeps all feeds of earlier starts going.
pub(crate) async fn home(mesh: Mesh, folder: PathBuf, login: Login) {
    let demo = Demo {
        mesh,
        feeds: Feeds::of(&folder),
    };
    for feed in demo.feeds.all().into_values() {
        demo.go_on(feed);
    }
    if let Err(error) = demo.own_home(&login).await {
        tracing::warn!(error = format!("{error:#}"), "the demo home is not complete");
    }
}

/// The service that fills anyone's empty home.
pub(crate) fn service(mesh: &Mesh, folder: &Path, db: &Db) -> Service {
    let demo = Demo {
        mesh: mesh.clone(),
        feeds: Feeds::of(folder),
    };
    Service {
        name: "demo",
        routes: Routes::new(DemoServiceServer::new(demo)),
        db: db.clone(),
    }
}

#[derive(Clone)]
struct Demo {
    mesh: Mesh,
    feeds: Feeds,
}

/// How far a history is: readings stored, and in all.
type Progress = tokio::sync::mpsc::Sender<(u64, u64)>;

impl Demo {
    async fn own_home(&self, login: &Login) -> anyhow::Result<()> {
        let mut client = AuthServiceClient::new(self.mesh.peer("auth"));
        let request = auth::LoginRequest {
            email: login.email.clone(),
            password: login.password.clone(),
        };
        let session = client
            .login(request)
            .await?
            .into_inner()
            .session
            .context("an answer without a session")?;
        let (progress, _) = tokio::sync::mpsc::channel(1);
        self.fill(&session.access_token, "", progress).await
    }

    /// A server as a user: auth for tokens, telemetry for the rest.
    fn telemetry(&self, token: &str) -> anyhow::Result<Server> {
        Ok(Server {
            channel: self.mesh.peer("telemetry").plain(),
            bearer: Bearer::new(token)?,
        })
    }

    /// Devices, history, live readings.
    async fn fill(&self, token: &str, home_id: &str, progress: Progress) -> anyhow::Result<()> {
        let server = self.telemetry(token)?;
        let home = pick(&server, home_id).await?;
        let known = self.feeds.all().remove(&home.home_id);
        if known.is_none() && !Devices::of(&server).of_home(&home.home_id).await?.is_empty() {
            return Err(not_empty().into());
        }
        let seed = u64::from_le_bytes(
            home.home_id
                .parse::<voltaire_types::HomeId>()?
                .uuid()
                .into_bytes()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        );
        let fresh = known.is_none();
        let feed = match known {
            Some(feed) => feed,
            None => Feed {
                token: self.ingest_token(token).await?,
                home_id: home.home_id.clone(),
                time_zone: home.time_zone.clone(),
                seed,
            },
        };
        let house = feed.settle(&server).await?;
        if fresh {
            declare(&server, home).await?;
            self.feeds.add(&feed)?;
            self.go_on(feed);
        }
        let period = last_days(self.mesh.clock().now());
        let total = house.count(period, STEP);
        let told = |outcome: &crate::import::upload::Outcome| {
            // A reader that is slower than the import misses steps, not the end.
            let _missed = progress.try_send((outcome.total().min(total), total));
        };
        house.upload(&server, (period, STEP), told).await?;
        let _gone = progress.send((total, total)).await;
        tracing::info!(readings = total, "a demo home has its history");
        Ok(())
    }

    /// A token that can send readings and nothing else.
    async fn ingest_token(&self, token: &str) -> anyhow::Result<String> {
        let mut client = AuthServiceClient::with_interceptor(self.mesh.peer("auth"), Bearer::new(token)?);
        let year = Duration::from_secs(365 * 86_400);
        let request = auth::CreateApiTokenRequest {
            name: "Demo home".to_owned(),
            scopes: vec!["ingest".to_owned()],
            expire_time: Some(voltaire_mesh::wire::timestamp(self.mesh.clock().now().plus(year))),
        };
        Ok(client.create_api_token(request).await?.into_inner().access_token)
    }

    /// Sends live readings until the process ends or the token is no longer good.
    fn go_on(&self, feed: Feed) {
        let demo = self.clone();
        let stopping = self.mesh.stopping();
        self.mesh.spawn("demo feed", async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = demo.feed(&feed) => {}
            }
        });
    }

    async fn feed(&self, feed: &Feed) {
        loop {
            match self.stream(feed).await {
                Ok(()) => {}
                Err(error) => {
                    let code = error.downcast_ref::<Status>().map(Status::code);
                    if matches!(code, Some(tonic::Code::Unauthenticated | tonic::Code::NotFound)) {
                        tracing::info!("a demo home is gone");
                        return;
                    }
                    tracing::debug!(error = format!("{error:#}"), "the demo feed begins again");
                }
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    async fn stream(&self, feed: &Feed) -> anyhow::Result<()> {
        let server = self.telemetry(&feed.token)?;
        feed.known(&server)
            .await?
            .live(&server, self.mesh.clock(), LIVE_STEP)
            .await
    }
}

impl Feed {
    fn house(&self) -> anyhow::Result<House> {
        Ok(House::new(
            self.seed,
            DEVICES,
            Calendar::new(&self.time_zone, jiff::civil::Weekday::Monday)?,
        ))
    }

    /// Makes what is missing.
    async fn settle(&self, server: &Server) -> anyhow::Result<feed::Fed> {
        feed::settle(server, &self.home_id, self.house()?).await
    }

    /// Finds the devices; those that the user has deleted are left out.
    async fn known(&self, server: &Server) -> anyhow::Result<feed::Fed> {
        feed::find(server, &self.home_id, self.house()?).await
    }
}

async fn pick(server: &Server, home_id: &str) -> anyhow::Result<telemetry::Home> {
    use telemetry::home_service_client::HomeServiceClient;
    let mut homes = HomeServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
    // Makes the first home where there is none.
    homes.list_homes(telemetry::ListHomesRequest {}).await?;
    let home = homes
        .get_home(telemetry::GetHomeRequest {
            home_id: home_id.to_owned(),
        })
        .await?
        .into_inner()
        .home;
    home.context("an answer without a home")
}

/// What a kWh and a day cost about where the currency is paid, in it.
const PRICES: [(&str, &str, &str); 8] = [
    ("AUD", "0.33", "1.05"),
    ("CAD", "0.19", "0.85"),
    ("CHF", "0.29", "0.35"),
    ("EUR", "0.34", "0.42"),
    ("GBP", "0.27", "0.54"),
    ("JPY", "31", "40"),
    ("SEK", "2.10", "4.50"),
    ("USD", "0.18", "0.40"),
];

/// Marks a home as a demo, and puts a price on its energy where it has none, so that its costs can be looked at.
async fn declare(server: &Server, home: telemetry::Home) -> anyhow::Result<()> {
    use telemetry::home_service_client::HomeServiceClient;
    let found = PRICES.iter().find(|(currency, ..)| *currency == home.currency_code);
    let found = found.filter(|_| home.tariffs.is_empty());
    let tariff = |(_, price, charge): &(&str, &str, &str)| telemetry::Tariff {
        valid_from: String::new(),
        price_per_kwh: (*price).to_owned(),
        standing_charge_per_day: (*charge).to_owned(),
    };
    let tariffs: Vec<_> = found.map(tariff).into_iter().collect();
    let mut paths = vec!["demo".to_owned()];
    paths.extend((!tariffs.is_empty()).then(|| "tariffs".to_owned()));
    let request = telemetry::UpdateHomeRequest {
        home: Some(telemetry::Home {
            home_id: home.home_id,
            demo: true,
            tariffs,
            ..telemetry::Home::default()
        }),
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let mut homes = HomeServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
    homes.update_home(request).await?;
    Ok(())
}

/// On whole minutes, so that repeating it sends the same readings again.
fn last_days(now: Timestamp) -> Interval {
    let end = Timestamp::from_micros(now.micros().div_euclid(60_000_000) * 60_000_000).unwrap_or(now);
    Interval::new(end.minus(Duration::from_secs(DAYS * 86_400)), end)
}

fn not_empty() -> Status {
    voltaire_mesh::Refused::new(
        tonic::Code::FailedPrecondition,
        "HOME_NOT_EMPTY",
        "the home has devices of its own: make another home for the demo",
    )
    .into()
}

#[tonic::async_trait]
impl DemoService for Demo {
    type LoadDemoHomeStream = BoxStream<'static, Result<pb::LoadDemoHomeResponse, Status>>;

    async fn load_demo_home(
        &self,
        request: Request<pb::LoadDemoHomeRequest>,
    ) -> Result<Response<Self::LoadDemoHomeStream>, Status> {
        let token = bearer(&request)?;
        let home_id = request.into_inner().home_id;
        let (progress, steps) = tokio::sync::mpsc::channel(16);
        let (demo, ended) = (self.clone(), tokio::sync::oneshot::channel());
        let (tell, end) = ended;
        self.mesh.spawn("demo history", async move {
            let result = demo.fill(&token, &home_id, progress).await;
            drop(tell.send(result));
        });
        let steps = tokio_stream::wrappers::ReceiverStream::new(steps).map(|(stored_readings, total_readings)| {
            Ok(pb::LoadDemoHomeResponse {
                stored_readings,
                total_readings,
            })
        });
        let end = futures::stream::once(end).filter_map(|result| async {
            match result {
                Ok(Err(error)) => Some(Err(status(error))),
                _ => None,
            }
        });
        Ok(Response::new(steps.chain(end).boxed()))
    }
}

fn bearer<T>(request: &Request<T>) -> Result<String, Status> {
    let header = request
        .metadata()
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::to_owned);
    token.ok_or_else(|| voltaire_mesh::Refused::token_missing().into())
}

/// Refusals of auth and telemetry are passed on as they are.
fn status(error: anyhow::Error) -> Status {
    error.downcast::<Status>().unwrap_or_else(|error| {
        tracing::error!(error = format!("{error:#}"), "the demo cannot be loaded");
        voltaire_mesh::Refused::new(
            tonic::Code::Unavailable,
            "DEMO_UNAVAILABLE",
            "the demo cannot be loaded now",
        )
        .into()
    })
}
