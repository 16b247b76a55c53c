//! Servers of other makers, as distributions package them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::workspace::on_path;

/// The server by which replicas tell each other what is new.
pub(crate) fn nats() -> anyhow::Result<PathBuf> {
    find("nats-server")
}

/// The broker that devices publish to.
pub(crate) fn mosquitto() -> anyhow::Result<PathBuf> {
    find("mosquitto")
}

/// A server of this name, which distributions put where only root looks.
fn find(name: &str) -> anyhow::Result<PathBuf> {
    let usual = Path::new("/usr/sbin").join(name);
    on_path(&[name])
        .or_else(|| usual.is_file().then_some(usual))
        .with_context(|| format!("run: apt-get install {name}"))
}
