//! The server by which replicas tell each other what is new.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::workspace::on_path;

/// A NATS server, which distributions put where only root looks.
pub(crate) fn server() -> anyhow::Result<PathBuf> {
    let usual = PathBuf::from("/usr/sbin/nats-server");
    on_path(&["nats-server"])
        .or_else(|| usual.is_file().then_some(usual))
        .context("run: apt-get install nats-server")
}
