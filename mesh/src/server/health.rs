//! Health (`grpc.health.v1`): of each gRPC service, of each service by its short name, and of all as "".

use std::{future::pending, time::Duration};

use tonic::service::Routes;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{Mesh, Service, access, watchdog::Watchdog};

const TICK: Duration = Duration::from_millis(500);

/// Tells whether services serve.
#[derive(Clone)]
pub(super) struct Health {
    reporter: HealthReporter,
}

/// The routes of all services and of their health.
pub(super) async fn routes(services: &[Service]) -> (Health, Routes) {
    let (reporter, server) = tonic_health::server::health_reporter();
    let health = Health { reporter };
    for service in services {
        health.tell(&names(service), false).await;
    }
    health.tell(&[""], false).await;
    let routes = services.iter().fold(Routes::new(server), |routes, service| {
        // Two routers may not both say what becomes of an unknown path.
        let more = service.routes.clone().into_axum_router().reset_fallback();
        Routes::from(routes.into_axum_router().merge(more))
    });
    (health, routes)
}

/// Under which names a service is asked for.
fn names(service: &Service) -> Vec<&'static str> {
    let mut names = access::services_of(service.name);
    names.push(service.name);
    names
}

impl Health {
    async fn tell(&self, names: &[&str], serving: bool) {
        let status = if serving {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        for name in names {
            self.reporter.set_service_status(*name, status).await;
        }
    }

    /// Says that nothing serves any more.
    pub(super) async fn not_serving(&self, services: &[Service]) {
        for service in services {
            self.tell(&names(service), false).await;
        }
        self.tell(&[""], false).await;
    }

    /// Keeps telling, for ever: a service serves while its database answers and revocations are known.
    pub(super) async fn watch(&self, services: &[Service], mesh: &Mesh) {
        let watched: Vec<_> = services
            .iter()
            .map(|service| (names(service), Watchdog::start(service.name, service.db.clone(), mesh)))
            .collect();
        let mut told = None;
        loop {
            let revocations = mesh.revocations().is_ready();
            let now: Vec<_> = watched.iter().map(|(_, dog)| revocations && dog.is_well()).collect();
            if told.as_ref() != Some(&now) {
                for ((names, _), serving) in watched.iter().zip(&now) {
                    self.tell(names, *serving).await;
                    tracing::info!(service = names.last(), serving, "health");
                }
                self.tell(&[""], now.iter().all(|it| *it)).await;
                told = Some(now);
            }
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                () = ready(mesh, revocations) => {}
            }
        }
    }
}

/// Ends at once when the first revocations arrive.
async fn ready(mesh: &Mesh, already: bool) {
    if already {
        return pending().await;
    }
    mesh.revocations().ready_within(Duration::MAX / 4).await;
}
