//! Thin adapters of the contracts: who, parse, do, answer.

mod alert;
mod analysis;
mod correction;
mod device;
mod erasure;
mod home;
mod ingest;
mod query;

use std::sync::Arc;

use tonic::{Request, Status, service::interceptor::InterceptedService};
use voltaire_mesh::{Mesh, caller};
use voltaire_proto::telemetry::v1 as pb;

use crate::{alerting::Alerting, ingest::Ingest, limit::Limiter, live::Live, stall::Stalls, store::Store};

/// Largest request of ingest, bytes: 5,000 readings take about 0.5 MB.
const MAX_BATCH_BYTES: usize = 4 << 20;
/// Largest request of everything else, bytes.
const MAX_REQUEST_BYTES: usize = 256 << 10;

/// What the adapters work with.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) most_readings: u64,
    pub(crate) store: Store,
    pub(crate) ingest: Ingest,
    pub(crate) live: Live,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) alerting: Alerting,
    pub(crate) stalls: Stalls,
    pub(crate) mesh: Mesh,
}

impl Service {
    /// All services of telemetry, ready to be served.
    pub(crate) fn routes(self) -> tonic::service::Routes {
        use pb::{
            alert_service_server::AlertServiceServer, analysis_service_server::AnalysisServiceServer,
            correction_service_server::CorrectionServiceServer, device_service_server::DeviceServiceServer,
            erasure_service_server::ErasureServiceServer, home_service_server::HomeServiceServer,
            ingest_service_server::IngestServiceServer, query_service_server::QueryServiceServer,
        };
        let small = MAX_REQUEST_BYTES;
        tonic::service::Routes::new(HomeServiceServer::new(self.clone()).max_decoding_message_size(small))
            .add_service(InterceptedService::new(
                AnalysisServiceServer::new(self.clone()).max_decoding_message_size(small),
                self.clone().limited(),
            ))
            .add_service(CorrectionServiceServer::new(self.clone()).max_decoding_message_size(small))
            .add_service(DeviceServiceServer::new(self.clone()).max_decoding_message_size(small))
            .add_service(InterceptedService::new(
                QueryServiceServer::new(self.clone()).max_decoding_message_size(small),
                self.clone().limited(),
            ))
            .add_service(AlertServiceServer::new(self.clone()).max_decoding_message_size(small))
            .add_service(ErasureServiceServer::new(self.clone()).max_decoding_message_size(small))
            .add_service(IngestServiceServer::new(self).max_decoding_message_size(MAX_BATCH_BYTES))
    }

    /// Refuses calls of a token that asks too fast.
    fn limited(self) -> impl Fn(Request<()>) -> Result<Request<()>, Status> + Clone + Send + Sync + 'static {
        move |request| {
            let token = caller(&request)?.token_id;
            self.limiter.query(token, self.mesh.clock().now())?;
            Ok(request)
        }
    }
}
