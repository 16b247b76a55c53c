//! What figures say together, at the service's edge: scopes, flows, changes, habits, forecasts, quality, limits.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test")]
#![expect(clippy::float_cmp, reason = "these values are exact")]

mod change;
mod compare;
mod extremes;
mod flows;
mod habits;
mod limits;
mod outlook;
mod power;
mod quality;
#[path = "../query_support/mod.rs"]
mod query_support;
mod scopes;
mod series;

use query_support::House;
use tonic::{Status, transport::Channel};
use voltaire_proto::telemetry::v1::{
    self as pb, analysis_service_client::AnalysisServiceClient, query_service_client::QueryServiceClient,
};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Something to ask: `ask!(house.get_flows(request))` gives the answer.
macro_rules! ask {
    ($house:ident.$method:ident($request:expr)) => {
        crate::try_ask!($house.$method($request)).unwrap()
    };
}
pub(crate) use ask;

/// As `ask!`, refusals and all.
macro_rules! try_ask {
    ($house:ident.$method:ident($request:expr)) => {
        crate::analysis(&$house)
            .$method($house.ask($request))
            .await
            .map(tonic::Response::into_inner)
    };
}
pub(crate) use try_ask;

fn analysis(house: &House) -> AnalysisServiceClient<Channel> {
    AnalysisServiceClient::new(house.channel.clone())
}

async fn change(house: &House, request: pb::ExplainChangeRequest) -> Result<pb::ExplainChangeResponse, Status> {
    let mut client = QueryServiceClient::new(house.channel.clone());
    client
        .explain_change(house.ask(request))
        .await
        .map(tonic::Response::into_inner)
}

fn scope(kind: pb::scope::Kind) -> pb::Scope {
    pb::Scope { kind: Some(kind) }
}

fn untracked(device_id: &str) -> pb::Scope {
    scope(pb::scope::Kind::Untracked(pb::Untracked {
        device_id: device_id.to_owned(),
    }))
}

/// An interval reading for every hour, from one hour on, as many as there are powers.
fn hourly(device: &str, first: i64, powers: impl IntoIterator<Item = f64>) -> Vec<pb::Reading> {
    let reading = |(hour, watts)| query_support::interval(device, hour * HOUR, HOUR, watts);
    (first..).zip(powers).map(reading).collect()
}
