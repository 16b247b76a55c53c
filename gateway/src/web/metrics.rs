//! Figures about the process itself, for Prometheus.

use std::{net::IpAddr, time::Instant};

use axum::body::Body;
use http::Response;
use voltaire_mesh::{Mesh, Network};

use crate::{error::Error, json, visitor::is_private};

/// Who may read what is recorded.
pub(crate) struct Metrics {
    readers: Vec<Network>,
}

impl Metrics {
    /// Starts recording.
    pub(crate) fn new(readers: Vec<Network>, mesh: &Mesh) -> Self {
        voltaire_mesh::metrics::record();
        voltaire_mesh::metrics::keep_up(mesh);
        Self { readers }
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
        voltaire_mesh::metrics::answer().map(Body::new)
    }
}

/// Counts an answer of one face of the edge (`grpc`, `grpc-web`, `json`, …).
pub(crate) fn answered(face: &'static str, status: u16, begun: Instant) {
    metrics::counter!("voltaire_gateway_requests_total", "face" => face, "status" => status.to_string()).increment(1);
    metrics::histogram!("voltaire_gateway_answer_seconds", "face" => face).record(begun.elapsed().as_secs_f64());
}
