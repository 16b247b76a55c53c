//! Keeps a process's knowledge of keys and revocations fresh, for as long as it runs.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tonic::Status;
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};

use crate::Mesh;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Signs of life come every 15 s: who is silent for longer is gone.
const SILENCE: Duration = Duration::from_secs(40);
/// A stream that has lived so long was a good one: after it the pauses are short again.
const GOOD: Duration = Duration::from_secs(5);
const REFRESH: Duration = Duration::from_mins(1);

/// Watches until the process drains.
pub(crate) async fn watch(mesh: Mesh) {
    let stopping = mesh.stopping();
    tokio::select! {
        () = stopping.cancelled() => {}
        () = revocations(&mesh) => {}
        () = refresh(&mesh) => {}
    }
}

async fn revocations(mesh: &Mesh) {
    let mut pause = FIRST_PAUSE;
    loop {
        let start = Instant::now();
        let end = follow(mesh).await;
        if start.elapsed() > GOOD {
            pause = FIRST_PAUSE;
        }
        tracing::debug!(error = %end, "revocations are not told: trying again");
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Follows one stream of revocations to its end.
async fn follow(mesh: &Mesh) -> Status {
    let mut client = AuthServiceClient::new(mesh.peer("auth"));
    let request = mesh.endless_request(pb::WatchRevocationsRequest {});
    let open = timeout(LONGEST_PAUSE * 5, client.watch_revocations(request)).await;
    let mut stream = match open {
        Ok(Ok(response)) => response.into_inner(),
        Ok(Err(status)) => return status,
        Err(_) => return Status::deadline_exceeded("no answer"),
    };
    loop {
        match timeout(SILENCE, stream.message()).await {
            Ok(Ok(Some(news))) => {
                if news.snapshot || !news.revocations.is_empty() {
                    mesh.revocations().apply(news.revocations, news.snapshot);
                }
            }
            Ok(Ok(None)) => return Status::unavailable("the stream has ended"),
            Ok(Err(status)) => return status,
            Err(_) => return Status::deadline_exceeded("no sign of life"),
        }
    }
}

async fn refresh(mesh: &Mesh) {
    loop {
        tokio::time::sleep(REFRESH).await;
        mesh.verifier().keys.refresh().await;
        mesh.revocations().prune(mesh.clock().now());
    }
}
