//! Homes, devices and readings: taken in, kept, followed live, turned into figures and watched over.
//!
//! What is acknowledged is on disk; sending anything again changes nothing; every figure means what
//! `docs/definitions.md` says.

mod alert;
mod alerting;
mod config;
mod convert;
mod correction;
mod device;
mod error;
mod figures;
mod home;
mod ingest;
mod limit;
mod live;
mod pack;
mod query;
mod reading;
mod service;
mod stall;
mod store;
mod upkeep;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use voltaire_mesh::{Db, Mesh, Migrations, Service, db::Connect};

pub use config::{Alerts, Config, Limits, Live};

/// The schema of homes, devices and readings.
pub fn migrations() -> Migrations {
    Migrations::new(
        "telemetry",
        sqlx::migrate!("migrations/sqlite"),
        sqlx::migrate!("migrations/postgres"),
    )
}

/// Opens the store, starts the tasks that write readings and look at alert rules, and returns the services, ready to be served.
pub async fn open(config: Config, mesh: &Mesh) -> anyhow::Result<Service> {
    config.check()?;
    let connect = Connect {
        url: config.database_url.reveal(),
        max_connections: config.max_connections,
    };
    let db = Db::open(&connect).await.context("telemetry.database_url")?;
    if config.migrate {
        migrations().up(&db).await.context("telemetry's migrations")?;
    }
    let store = store::Store::new(db.clone(), mesh.clock().clone());
    let bus = mesh.bus().await.context("mesh.nats")?;
    let live = live::Live::new(store.clone(), config.live, (mesh, bus));
    let group = ingest::Group {
        readings: config.flush_readings,
        wait: Duration::from_millis(config.flush_milliseconds),
    };
    let days = |days: u32| (days > 0).then(|| Duration::from_hours(24).saturating_mul(days));
    let upkeep = upkeep::Upkeep {
        store: store.clone(),
        clock: mesh.clock().clone(),
        settings: upkeep::Settings {
            seal_after: days(config.seal_after_days),
            keep: days(config.keep_days),
        },
    };
    let wake = upkeep::Wake::default();
    upkeep.start(wake.clone(), mesh);
    let alerting = alerting::Alerting::start(store.clone(), &config, mesh);
    let news = ingest::News {
        clock: mesh.clock().clone(),
        live: live.clone(),
        alerting: alerting.clone(),
        upkeep: wake,
    };
    let ingest = ingest::Ingest::start(store.clone(), news, group, mesh);
    let service = service::Service {
        most_readings: config.most_readings,
        store,
        ingest,
        live,
        stalls: stall::Stalls::start(config.live.stall, mesh),
        limiter: Arc::new(limit::Limiter::new(config.limits)),
        alerting,
        mesh: mesh.clone(),
    };
    Ok(Service {
        name: "telemetry",
        routes: service.routes(),
        db,
    })
}
