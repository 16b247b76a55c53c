//! The stream that tells services of revocations.

use std::{sync::Arc, time::Duration};

use futures::Stream;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, interval_at},
};
use tonic::{Code, Status};
use voltaire_mesh::{Mesh, Refused};
use voltaire_proto::auth::v1::WatchRevocationsResponse;

use crate::{
    convert,
    revocation::{News, Revocation},
};

/// How often a sign of life is sent to a service.
pub(crate) const ALIVE: Duration = Duration::from_secs(15);

enum Next {
    Stop,
    News(Arc<[Revocation]>),
    Lagged,
    Alive,
}

/// Everything in force, then each new revocation as it happens; everything again for a watcher who fell behind; an empty
/// message every `alive`.
pub(crate) fn watch(
    news: Arc<News>,
    mesh: &Mesh,
    alive: Duration,
) -> impl Stream<Item = Result<WatchRevocationsResponse, Status>> + use<> {
    let stopping = mesh.stopping();
    async_stream::try_stream! {
        // From here on nothing is missed: what is in force is read after this.
        let mut receiver = news.subscribe();
        yield message(&news.in_force().await?, true);
        let mut alive = interval_at(Instant::now() + alive, alive);
        loop {
            let next = tokio::select! {
                () = stopping.cancelled() => Next::Stop,
                news = receiver.recv() => match news {
                    Ok(news) => Next::News(news),
                    Err(RecvError::Lagged(_)) => Next::Lagged,
                    Err(RecvError::Closed) => Next::Stop,
                },
                _ = alive.tick() => Next::Alive,
            };
            match next {
                Next::Stop => Err(Refused::new(Code::Unavailable, "DRAINING", "the server is stopping"))?,
                Next::News(news) => yield message(&news, false),
                Next::Lagged => yield message(&news.in_force().await?, true),
                Next::Alive => yield message(&[], false),
            }
        }
    }
}

fn message(revocations: &[Revocation], snapshot: bool) -> WatchRevocationsResponse {
    WatchRevocationsResponse {
        revocations: convert::revocations(revocations),
        snapshot,
    }
}
