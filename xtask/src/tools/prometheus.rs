//! What says whether rules and configurations of Prometheus are right.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::workspace::on_path;

/// The tool that comes with Prometheus; its server need not run.
pub(crate) fn promtool() -> anyhow::Result<PathBuf> {
    on_path(&["promtool"]).context("run: apt-get install --no-install-recommends prometheus")
}
