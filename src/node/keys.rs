//! `keys`: the keys that sign tokens.

use voltaire_types::Clock;

use super::migrate::open;
use crate::cli::{Keys, Role};

/// Runs one of the commands.
pub(crate) async fn run(keys: Keys) -> anyhow::Result<()> {
    let Keys::Rotate(target) = keys;
    let db = open(&target, Role::Auth).await?;
    let id = voltaire_auth::rotate_keys(&db, &Clock::system()).await?;
    db.close().await;
    println!(
        "New key {id}. Running servers sign with it within seconds; tokens of the old one stay good until they expire."
    );
    Ok(())
}
