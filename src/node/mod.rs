//! A process of the mesh: its settings, its services, its end.

pub(crate) mod certs;
pub(crate) mod demo;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod serve;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod up;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Fires when the process is asked to end: Ctrl+C, SIGTERM.
#[expect(
    clippy::disallowed_methods,
    reason = "lives as long as the process, before there is a mesh to spawn in"
)]
pub(crate) fn end_of_process() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let end = CancellationToken::new();
    let fired = end.clone();
    let wait = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        fired.cancel();
    };
    drop(tokio::task::spawn(wait));
    Ok(end)
}
