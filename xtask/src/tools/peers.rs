//! Other time-series databases to measure beside: Debian's packages, as programs that we start ourselves.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use xshell::cmd;

use crate::workspace::{Workspace, on_path};

/// Finds a program on the machine or in the target folder; else unpacks its Debian package there, without installing it.
pub(crate) fn find_or_unpack(workspace: &Workspace, package: &str, program: &str) -> anyhow::Result<PathBuf> {
    if let Some(found) = on_path(&[program]) {
        return Ok(found);
    }
    let folder = workspace.tools().join(package);
    let unpacked = folder.join("usr/bin").join(program);
    if !unpacked.is_file() {
        anyhow::ensure!(
            on_path(&["apt-get"]).is_some(),
            "{program} is not on the path, and there is no apt-get to bring it"
        );
        fs::create_dir_all(&folder)?;
        let shell = workspace.shell()?;
        shell.change_dir(&folder);
        cmd!(shell, "apt-get download {package}")
            .quiet()
            .ignore_stdout()
            .ignore_stderr()
            .run()
            .with_context(|| format!("run: apt-get install {package}"))?;
        let archive = fs::read_dir(&folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|it| it == "deb"))
            .context("apt-get brought no package")?;
        cmd!(shell, "dpkg-deb -x {archive} {folder}").quiet().run()?;
    }
    anyhow::ensure!(unpacked.is_file(), "the package {package} has no {program}");
    Ok(unpacked)
}
