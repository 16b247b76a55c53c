//! TCP: so many connections and no more, and a listener that survives having too many files open.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::connection::{Connections, Origin};
use crate::{
    address::Peer,
    tls::{Caller, Certificates, HANDSHAKE},
};

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 1024;
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections for ever.
pub(super) async fn accept(listener: TcpListener, tls: Option<Certificates>, connections: &Connections) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let door = Door {
        tls,
        turned_away: Arc::default(),
        connections,
    };
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
        match listener.accept().await {
            Ok((stream, address)) => door.open(stream, address, place),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Lets connections in.
struct Door<'a> {
    tls: Option<Certificates>,
    turned_away: Arc<TurnedAway>,
    connections: &'a Connections,
}

impl Door<'_> {
    #[expect(clippy::disallowed_methods, reason = "ends with the handshake")]
    fn open(&self, stream: TcpStream, address: SocketAddr, place: OwnedSemaphorePermit) {
        // Only speed is lost where the kernel refuses.
        let nodelay = stream.set_nodelay(true);
        drop(nodelay);
        let connections = self.connections.clone();
        let Some(tls) = self.tls.clone() else {
            let origin = Origin {
                peer: Peer::Machine(address.ip()),
                caller: Caller::Unknown,
            };
            connections.serve(stream, origin, place);
            return;
        };
        let (tasks, turned_away) = (connections.tasks.clone(), Arc::clone(&self.turned_away));
        drop(tokio::spawn(tasks.track_future(async move {
            let handshake = tokio::select! {
                handshake = tokio::time::timeout(HANDSHAKE, tls.acceptor().accept(stream)) => handshake,
                () = connections.drain.cancelled() => return,
            };
            let stream = match handshake {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return turned_away.tell("handshake", address, &error.to_string()),
                Err(_) => return turned_away.tell("timeout", address, "the handshake took too long"),
            };
            let Some(caller) = tls.caller(stream.get_ref().1.peer_certificates()) else {
                return turned_away.tell("stranger", address, "the certificate names no member of the mesh");
            };
            let origin = Origin {
                peer: Peer::Member(Some(address.ip())),
                caller,
            };
            connections.serve(stream, origin, place);
        })));
    }
}

/// Tells of those who are not let in: counts all, and logs one a second, as anybody can knock.
#[derive(Default)]
struct TurnedAway {
    told: Mutex<Option<Instant>>,
}

impl TurnedAway {
    fn tell(&self, reason: &'static str, address: SocketAddr, problem: &str) {
        metrics::counter!("voltaire_tls_turned_away_total", "reason" => reason).increment(1);
        let mut told = self.told.lock();
        if told.is_none_or(|it| it.elapsed() >= Duration::from_secs(1)) {
            *told = Some(Instant::now());
            tracing::warn!(%address, reason, problem, "a connection is turned away");
        }
    }
}
