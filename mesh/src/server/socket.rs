//! TCP: so many connections and no more, and a listener that survives having too many files open.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

use super::connection::Connections;
use crate::{address::Peer, tls::HANDSHAKE};

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 1024;
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections for ever.
pub(super) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, connections: &Connections) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
        match listener.accept().await {
            Ok((stream, address)) => serve(stream, address, tls.clone(), place, connections),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "ends with the handshake")]
fn serve(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    place: tokio::sync::OwnedSemaphorePermit,
    connections: &Connections,
) {
    // Only speed is lost where the kernel refuses.
    let nodelay = stream.set_nodelay(true);
    drop(nodelay);
    let Some(tls) = tls else {
        connections.serve(stream, Peer::Machine(address.ip()), place);
        return;
    };
    let connections = connections.clone();
    let tasks = connections.tasks.clone();
    drop(tokio::spawn(tasks.track_future(async move {
        let handshake = tokio::select! {
            handshake = tokio::time::timeout(HANDSHAKE, tls.accept(stream)) => handshake,
            () = connections.drain.cancelled() => return,
        };
        match handshake {
            Ok(Ok(stream)) => connections.serve(stream, Peer::Member(Some(address.ip())), place),
            Ok(Err(error)) => tracing::debug!(%error, %address, "a handshake failed"),
            Err(_) => tracing::debug!(%address, "a handshake took too long"),
        }
    })));
}
