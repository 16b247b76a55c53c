//! `cargo xtask bench ui`: the web app against its budgets, in a headless browser on loopback.

use xshell::cmd;

use crate::{tools::browser, ui, workspace::Workspace};

/// Builds the page as it is shipped, opens it, prints the figures.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let folder = ui::run(workspace)?;
    let shell = workspace.shell()?;
    cmd!(
        shell,
        "cargo test --quiet --package voltaire --test page_speed -- --ignored --nocapture"
    )
    .quiet()
    .env("VOLTAIRE_UI_DIR", folder)
    .env("VOLTAIRE_TEST_CHROMIUM", browser::chromium()?)
    .env("VOLTAIRE_TEST_CHROMEDRIVER", browser::chromedriver()?)
    .run()?;
    Ok(())
}
