//! Serves services: limits, health, reflection, and an end that always comes.

mod connection;
mod health;
mod socket;

use std::{io, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;

use crate::{
    Mesh, Service, access,
    address::{Network, Peer},
    layer,
    peer::Incoming,
    process::Limits,
    tls::{Caller, Certificates},
};
use connection::{Connections, Origin};

/// Where calls come from.
#[derive(Debug)]
pub enum Listener {
    /// Other processes, with or without TLS.
    Tcp {
        /// The socket.
        listener: TcpListener,
        /// With certificates: only members of the same mesh are let in.
        tls: Option<Certificates>,
    },
    /// This process: what [`Mesh::listen`] gives.
    Memory(Incoming),
}

/// Serving could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The contracts cannot be told by reflection.
    #[error("cannot tell the contracts by reflection")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The socket cannot be used.
    #[error("cannot use the socket")]
    Socket(#[from] io::Error),
}

/// After being cut, streams have so long to tell their callers.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Serves until `shutdown`, then drains: health says `NOT_SERVING`; after [`Limits::notice`] nobody new is let in and
/// [`Mesh::stopping`] fires; calls at work have [`Limits::drain`] to end, then they are cut. Returns within notice + drain
/// + 1 s of `shutdown`, whatever its peers do.
pub async fn serve(
    listener: Listener,
    services: Vec<Service>,
    mesh: &Mesh,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let limits = mesh.limits();
    let cut = CancellationToken::new();
    let (health, routes) = health::routes(&services).await;
    let routes = reflected(routes, &services)?;
    let stack = layer::stack(
        routes,
        layer::Before {
            verifier: mesh.verifier(),
            cut: cut.clone(),
            concurrency: limits.concurrency,
        },
    );
    let connections = Connections {
        stack,
        drain: CancellationToken::new(),
        close: CancellationToken::new(),
        tasks: TaskTracker::new(),
        trusted: mesh.trusted_proxies(),
        memory: matches!(listener, Listener::Memory(_)),
    };
    let watch = health.watch(&services, mesh);
    let ended = {
        let accept = accept(listener, &connections);
        let notice = async {
            shutdown.await;
            health.not_serving(&services).await;
            tokio::time::sleep(limits.notice).await;
        };
        tokio::select! {
            () = accept => "the listener has closed",
            () = watch => unreachable!("health is watched for ever"),
            () = notice => "asked to end",
        }
    };
    tracing::info!(why = ended, "draining");
    mesh.stopping().cancel();
    drain(&connections, &cut, &limits).await;
    Ok(())
}

async fn drain(connections: &Connections, cut: &CancellationToken, limits: &Limits) {
    connections.drain.cancel();
    connections.tasks.close();
    if tokio::time::timeout(limits.drain, connections.tasks.wait())
        .await
        .is_ok()
    {
        return;
    }
    tracing::warn!(connections = connections.tasks.len(), "cutting what has not ended");
    cut.cancel();
    if tokio::time::timeout(LAST_WORDS, connections.tasks.wait()).await.is_ok() {
        return;
    }
    connections.close.cancel();
    // A task that is cancelled ends at its next step; one that never steps again is left behind.
    let left = tokio::time::timeout(LAST_WORDS, connections.tasks.wait()).await;
    if left.is_err() {
        tracing::error!(connections = connections.tasks.len(), "left behind");
    }
}

async fn accept_memory(mut incoming: Incoming, connections: &Connections) {
    incoming.open();
    while let Some(pipe) = incoming.accept().await {
        let origin = Origin {
            peer: Peer::Member(None),
            caller: Caller::Process,
        };
        connections.serve(pipe, origin, ());
    }
}

fn accept(listener: Listener, connections: &Connections) -> futures::future::BoxFuture<'_, ()> {
    match listener {
        Listener::Memory(incoming) => Box::pin(accept_memory(incoming, connections)),
        Listener::Tcp { listener, tls } => Box::pin(socket::accept(listener, tls, connections)),
    }
}

/// Adds reflection of exactly the services that are served, v1 and v1alpha.
fn reflected(routes: Routes, services: &[Service]) -> Result<Routes, ServeError> {
    let builder = |own| {
        let builder = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(voltaire_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health")
            .with_service_name(own);
        let names = services.iter().flat_map(|it| access::services_of(it.name));
        names.fold(builder, tonic_reflection::server::Builder::with_service_name)
    };
    Ok(routes
        .add_service(builder("grpc.reflection.v1.ServerReflection").build_v1()?)
        .add_service(builder("grpc.reflection.v1alpha.ServerReflection").build_v1alpha()?))
}

/// The networks whose word about addresses is taken.
pub(crate) type Trusted = Arc<[Network]>;
