//! Health of everything behind the edge, by asking.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, future::join_all, stream::BoxStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_client::HealthClient,
    health_server::{self, HealthServer},
};
use voltaire_mesh::Refused;

use super::Upstreams;
use crate::contract::{Contract, UPSTREAMS};

/// How long a service may take to say that it is well.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a watched service is asked.
const EVERY: Duration = Duration::from_secs(1);

/// This process alone, whatever stands behind it: what a balancer before several of them asks for.
const OWN: &str = "gateway";

/// Asks the services how they are.
#[derive(Clone)]
pub(crate) struct Health {
    contract: Arc<Contract>,
    upstreams: Upstreams,
    stopping: CancellationToken,
}

impl Health {
    /// Over these upstreams; not serving once the process stops.
    pub(crate) fn new(contract: Arc<Contract>, upstreams: Upstreams, stopping: CancellationToken) -> Self {
        Self {
            contract,
            upstreams,
            stopping,
        }
    }

    /// As a gRPC service.
    pub(crate) fn into_server(self) -> HealthServer<Self> {
        HealthServer::new(self)
    }

    /// Each upstream and how it is.
    pub(crate) async fn all(&self) -> Vec<(&'static str, ServingStatus)> {
        join_all(UPSTREAMS.map(|name| async move { (name, self.ask(name, "").await) })).await
    }

    /// Whether the process is draining.
    pub(crate) fn draining(&self) -> bool {
        self.stopping.is_cancelled()
    }

    async fn ask(&self, upstream: &'static str, service: &str) -> ServingStatus {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let mut client = HealthClient::new(self.upstreams.channel(upstream));
        match tokio::time::timeout(PATIENCE, client.check(request)).await {
            Ok(Ok(answer)) => answer.into_inner().status(),
            Ok(Err(status)) if status.code() == tonic::Code::NotFound => ServingStatus::ServiceUnknown,
            Ok(Err(_)) | Err(_) => ServingStatus::NotServing,
        }
    }

    async fn state(&self, service: &str) -> ServingStatus {
        if self.draining() {
            return ServingStatus::NotServing;
        }
        if service == OWN {
            return ServingStatus::Serving;
        }
        if service.is_empty() {
            let well = self
                .all()
                .await
                .into_iter()
                .all(|(_, status)| status == ServingStatus::Serving);
            return if well {
                ServingStatus::Serving
            } else {
                ServingStatus::NotServing
            };
        }
        match self
            .contract
            .upstream(service)
            .or_else(|| UPSTREAMS.into_iter().find(|it| *it == service))
        {
            Some(upstream) if upstream == service => self.ask(upstream, "").await,
            Some(upstream) => self.ask(upstream, service).await,
            None => ServingStatus::ServiceUnknown,
        }
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl health_server::Health for Health {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        match self.state(&request.get_ref().service).await {
            ServingStatus::ServiceUnknown => {
                Err(Refused::new(tonic::Code::NotFound, "UNKNOWN_SERVICE", "unknown service").into())
            }
            status => Ok(Response::new(answer(status))),
        }
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let health = self.clone();
        let service = request.into_inner().service;
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let news = futures::stream::unfold((ticks, None, false), move |(mut ticks, told, over)| {
            let (health, service) = (health.clone(), service.clone());
            async move {
                if over {
                    return None;
                }
                loop {
                    tokio::select! {
                        _ = ticks.tick() => {}
                        () = health.stopping.cancelled() => {}
                    }
                    let status = health.state(&service).await;
                    if told != Some(status) || health.draining() {
                        return Some((Ok(answer(status)), (ticks, Some(status), health.draining())));
                    }
                }
            }
        });
        Ok(Response::new(news.boxed()))
    }
}
