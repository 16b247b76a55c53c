//! Forgets what is over: old events, tokens and invitations that ran out, private halves of retired keys.

use std::time::Duration;

use voltaire_types::Clock;

use crate::{error::Result, store::Store};

const DAY: Duration = Duration::from_hours(24);
/// How often it runs.
const INTERVAL: Duration = Duration::from_mins(10);
/// After its retirement a key may still be in the memory of a replica that signs.
const KEY_MARGIN: Duration = Duration::from_mins(1);
/// How long tokens and invitations that ran out are still listed.
const LISTED: Duration = Duration::from_hours(720);

/// Runs at start and then every ten minutes, for ever.
pub(crate) async fn work(store: Store, clock: Clock, audit_days: u32) {
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        match tidy(&store, &clock, audit_days).await {
            Ok(forgotten) => tracing::debug!(forgotten, "housekeeping"),
            Err(error) => tracing::warn!(%error, "housekeeping failed"),
        }
    }
}

async fn tidy(store: &Store, clock: &Clock, audit_days: u32) -> Result<u64> {
    let now = clock.now();
    let events = store.forget_events(now.minus(DAY * audit_days)).await?;
    let revocations = store.forget_revocations(now.minus(DAY)).await?;
    let tokens = store.forget_api_tokens(now.minus(LISTED)).await?;
    let invites = store.forget_invites(now.minus(LISTED)).await?;
    let keys = store.forget_private_keys(now.minus(KEY_MARGIN)).await?;
    Ok(events + revocations + tokens + invites + keys)
}
