//! Where things are: the root of the repository, the target folder, cargo.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use xshell::Shell;

/// The repository that xtask was started in.
pub(crate) struct Workspace {
    /// The folder that holds the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds, absolute.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the repository by the manifest that cargo says it runs.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let manifest =
            environment("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask lies one folder below the root")?
            .to_owned();
        let target = environment("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        Ok(Self {
            target: root.join(target),
            root,
        })
    }

    /// A shell that stands in the root.
    pub(crate) fn shell(&self) -> anyhow::Result<Shell> {
        let shell = Shell::new()?;
        shell.change_dir(&self.root);
        Ok(shell)
    }

    /// The built web UI.
    pub(crate) fn ui(&self) -> PathBuf {
        self.target.join("ui")
    }

    /// Tools that xtask installed for itself.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// `path` as a reader of messages knows it: from the root.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// The one place where xtask reads the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask has no configuration besides the environment"
)]
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The first of `names` that is an executable on the path.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = environment("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}

/// Whether this process may do what only root may.
pub(crate) fn is_root() -> bool {
    std::process::Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}
