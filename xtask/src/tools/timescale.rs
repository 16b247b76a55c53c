//! A PostgreSQL with TimescaleDB: the machine's own, or a small Debian made for it in the target folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use xshell::cmd;

use super::postgres::{Server, versions};
use crate::workspace::{Workspace, environment, is_root, on_path};

/// The Debian release that carries TimescaleDB, and its packages.
const RELEASE: &str = "trixie";
const PACKAGES: &str = "postgresql-17,postgresql-17-timescaledb";

/// Finds it in `VOLTAIRE_TIMESCALE_ROOT`, on the machine or in the target folder; else makes it there.
pub(crate) fn find_or_install(workspace: &Workspace) -> anyhow::Result<Server> {
    if let Some(root) = environment("VOLTAIRE_TIMESCALE_ROOT").map(PathBuf::from) {
        return find(&root).with_context(|| format!("no TimescaleDB below VOLTAIRE_TIMESCALE_ROOT={}", root.display()));
    }
    let own = workspace.tools().join("timescale");
    if let Some(server) = find(Path::new("/")).or_else(|| find(&own)) {
        return Ok(server);
    }
    install(workspace, &own)?;
    find(&own).with_context(|| format!("debootstrap brought no TimescaleDB to {}", own.display()))
}

fn find(root: &Path) -> Option<Server> {
    let control = |version: u32| root.join(format!("usr/share/postgresql/{version}/extension/timescaledb.control"));
    let (_, bin) = versions(root)
        .into_iter()
        .find(|(version, _)| control(*version).is_file())?;
    let root = (root != Path::new("/")).then(|| root.to_owned());
    Some(Server {
        bin,
        root,
        timescale: true,
    })
}

fn install(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let mirror = mirror().context("TimescaleDB is made by debootstrap, which needs a Debian with apt sources")?;
    let command = format!(
        "debootstrap --variant=minbase --include={PACKAGES} {RELEASE} {} {mirror}",
        folder.display()
    );
    anyhow::ensure!(on_path(&["debootstrap"]).is_some(), "run: apt-get install debootstrap");
    anyhow::ensure!(is_root(), "only root can; run: sudo {command}");
    println!(
        "making a Debian with TimescaleDB in {} (about a minute)",
        workspace.shown(folder)
    );
    let shell = workspace.shell()?;
    let fresh = folder.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(workspace.tools())?;
    let output = cmd!(
        shell,
        "debootstrap --variant=minbase --include={PACKAGES} {RELEASE} {fresh} {mirror}"
    )
    .quiet()
    .ignore_status()
    .output()?;
    let said = String::from_utf8_lossy(&output.stdout)
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned();
    anyhow::ensure!(output.status.success(), "debootstrap says \"{said}\"; run: {command}");
    fs::rename(fresh, folder)?;
    Ok(())
}

/// The machine's own Debian mirror, so that proxies and local mirrors keep working.
fn mirror() -> Option<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    let more = fs::read_dir("/etc/apt/sources.list.d").ok();
    files.extend(more.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())));
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| mirror_in(&text))
}

fn mirror_in(sources: &str) -> Option<String> {
    let address = |word: &&str| word.starts_with("http") && word.contains("debian") && !word.contains("security");
    let of_line = |line: &str| match line.split_whitespace().next()? {
        "deb" | "URIs:" => line.split_whitespace().find(address).map(str::to_owned),
        _ => None,
    };
    sources.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_read_from_both_formats() {
        let new =
            "Types: deb\nURIs: http://security.example.org/debian-security\n\nURIs: http://mirror.example.org/debian\n";
        assert_eq!(mirror_in(new).as_deref(), Some("http://mirror.example.org/debian"));
        let old =
            "# deb http://no.example.org/debian\ndeb [arch=amd64] https://mirror.example.org/debian trixie main\n";
        assert_eq!(mirror_in(old).as_deref(), Some("https://mirror.example.org/debian"));
    }
}
