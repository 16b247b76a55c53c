//! The compiler target of the web UI.

use std::path::PathBuf;

use anyhow::Context as _;
use xshell::cmd;

use crate::workspace::{Workspace, on_path};

/// Installs the target with rustup where the toolchain lacks it.
pub(crate) fn ensure(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = workspace.shell()?;
    let sysroot = cmd!(shell, "rustc --print sysroot").quiet().read()?;
    if PathBuf::from(sysroot)
        .join("lib/rustlib/wasm32-unknown-unknown/lib")
        .is_dir()
    {
        return Ok(());
    }
    anyhow::ensure!(
        on_path(&["rustup"]).is_some(),
        "this Rust has no wasm32-unknown-unknown target: install Rust with https://rustup.rs"
    );
    cmd!(shell, "rustup target add wasm32-unknown-unknown")
        .quiet()
        .run()
        .context("run: rustup target add wasm32-unknown-unknown")
}
