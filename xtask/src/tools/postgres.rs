//! A PostgreSQL on this machine.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::workspace::on_path;

/// Where distributions put every installed version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The programs of one PostgreSQL.
pub(crate) struct Server {
    /// The folder with `initdb` and `pg_ctl`, as seen from inside `root`.
    pub(crate) bin: PathBuf,
    /// A system of its own that it runs in.
    pub(crate) root: Option<PathBuf>,
    /// Whether it carries TimescaleDB.
    pub(crate) timescale: bool,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Some(root) => write!(f, "{} in {}", self.bin.display(), root.display()),
            None => write!(f, "{}", self.bin.display()),
        }
    }
}

/// The installed PostgreSQL; version 15, the oldest one supported, where there are several.
pub(crate) fn find() -> anyhow::Result<Server> {
    let mut folders = versions(Path::new("/"));
    folders.sort_by_key(|(version, _)| (*version != 15, *version));
    let bin = folders.into_iter().map(|(_, bin)| bin).next();
    let bin = bin.or_else(|| Some(on_path(&["initdb"])?.parent()?.to_owned()));
    Ok(Server {
        bin: bin.context("run: apt-get install postgresql-15")?,
        root: None,
        timescale: false,
    })
}

/// Every major version below `root` with its programs.
pub(super) fn versions(root: &Path) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(root.join(VERSIONS.trim_start_matches('/'))) else {
        return Vec::new();
    };
    let version = |entry: std::fs::DirEntry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        entry
            .path()
            .join("bin/initdb")
            .is_file()
            .then(|| (version, Path::new(VERSIONS).join(version.to_string()).join("bin")))
    };
    entries.filter_map(|entry| version(entry.ok()?)).collect()
}
