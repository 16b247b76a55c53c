//! The checker of accessibility that tests put into a page.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use xshell::cmd;

use crate::workspace::{Workspace, on_path};

const PACKAGE: &str = "axe-core@4.14.1";
const ARCHIVE: &str = "axe-core-4.14.1.tgz";
/// Of the file that is taken out of it.
const SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// The script, taken out of its package.
pub(crate) fn script(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.tools().join("axe");
    let script = folder.join("package/axe.min.js");
    if script.is_file() {
        check(&script)?;
        return Ok(script);
    }
    let npm = on_path(&["npm"]).context("run: apt-get install npm")?;
    fs::create_dir_all(&folder)?;
    let shell = workspace.shell()?;
    shell.change_dir(&folder);
    cmd!(shell, "{npm} pack --silent --ignore-scripts {PACKAGE}")
        .quiet()
        .ignore_stdout()
        .run()
        .with_context(|| format!("run: npm pack {PACKAGE}"))?;
    cmd!(shell, "tar -xzf {ARCHIVE} package/axe.min.js package/LICENSE")
        .quiet()
        .run()?;
    fs::remove_file(folder.join(ARCHIVE))?;
    check(&script)?;
    Ok(script)
}

fn check(script: &Path) -> anyhow::Result<()> {
    let mut found = String::new();
    for byte in Sha256::digest(fs::read(script)?) {
        write!(found, "{byte:02x}")?;
    }
    ensure!(
        found == SHA256,
        "{} has the checksum {found}, not {SHA256}",
        script.display()
    );
    Ok(())
}
