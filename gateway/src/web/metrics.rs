//! Figures about the process itself, for Prometheus.

use std::{
    net::IpAddr,
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::body::Body;
use http::{HeaderValue, Response, header};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::timeout;
use voltaire_mesh::{Mesh, Network};

use crate::{error::Error, json, visitor::is_private};

/// Seconds that buckets of answering times end at.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// How often old samples are folded up.
const UPKEEP: Duration = Duration::from_secs(5);

/// A process has one recorder, however many edges it opens.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// What is recorded, and who may read it.
pub(crate) struct Metrics {
    recorder: Option<PrometheusHandle>,
    readers: Vec<Network>,
}

impl Metrics {
    /// Starts recording. Where the process has a recorder of its own already, this one has nothing to show.
    pub(crate) fn new(readers: Vec<Network>, mesh: &Mesh) -> Self {
        let recorder = RECORDER.get_or_init(|| {
            let times = Matcher::Suffix("_seconds".into());
            let builder = PrometheusBuilder::new().set_buckets_for_metric(times, &SECONDS).ok()?;
            builder.install_recorder().ok()
        });
        if let Some(handle) = recorder.clone() {
            let stopping = mesh.stopping();
            mesh.spawn("metrics", async move {
                while timeout(UPKEEP, stopping.cancelled()).await.is_err() {
                    handle.run_upkeep();
                }
            });
        }
        Self {
            recorder: recorder.clone(),
            readers,
        }
    }

    /// The figures, for this machine and its private network unless it is set otherwise.
    pub(crate) fn serve(&self, reader: IpAddr) -> Response<Body> {
        let may = if self.readers.is_empty() {
            is_private(reader)
        } else {
            self.readers.iter().any(|it| it.contains(reader))
        };
        if !may {
            return json::refusal(Error::Outside);
        }
        let text = self.recorder.as_ref().map(PrometheusHandle::render).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

/// Counts an answer of one face of the edge (`grpc`, `grpc-web`, `json`, …).
pub(crate) fn answered(face: &'static str, status: u16, begun: Instant) {
    metrics::counter!("voltaire_gateway_requests_total", "face" => face, "status" => status.to_string()).increment(1);
    metrics::histogram!("voltaire_gateway_answer_seconds", "face" => face).record(begun.elapsed().as_secs_f64());
}
