//! The edge: one port for native gRPC, gRPC-Web, JSON by the contract's annotations, the API's description, health,
//! metrics and the UI's files.
//!
//! It knows no message of its own: calls pass through as bytes, and JSON is mapped by descriptors. It decides nothing about
//! tokens either, which every service verifies for itself; it only turns a browser's session cookie into a bearer token where
//! the request surely comes from its own pages.

mod app;
mod config;
mod contract;
mod error;
mod grpc;
mod json;
mod openapi;
mod server;
mod visitor;
mod web;

use std::sync::Arc;

use tokio::net::TcpListener;
use voltaire_mesh::Mesh;

pub use config::{Config, Limits, Tls};
pub use voltaire_mesh::Network;

/// The edge, ready to be served.
#[derive(Clone)]
pub struct Gateway {
    app: Arc<app::App>,
}

/// Builds the edge over the mesh's services. Fails on a bad configuration: addresses, certificate, annotations.
pub fn open(config: Config, mesh: &Mesh) -> anyhow::Result<Gateway> {
    Ok(Gateway {
        app: Arc::new(app::App::new(config, mesh)?),
    })
}

impl Gateway {
    /// Serves connections until `shutdown` is done, then lets calls end for [`Limits::drain_seconds`] and cuts the rest.
    ///
    /// Fails where the TLS files cannot be read.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        server::serve(self.app, listener, shutdown).await
    }
}
