//! The browser of the end-to-end tests and its driver.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::workspace::on_path;

/// A Chromium that runs headless.
pub(crate) fn chromium() -> anyhow::Result<PathBuf> {
    on_path(&["chromium", "chromium-browser", "google-chrome"]).context("run: apt-get install chromium")
}

/// The driver of that Chromium.
pub(crate) fn chromedriver() -> anyhow::Result<PathBuf> {
    on_path(&["chromedriver"]).context("run: apt-get install chromium-driver")
}
