//! `backup` and `restore`: the data directory of `voltaire up`, copied while it is served and taken back whole.
//!
//! A backup is a folder: a SQLite file of each service, the demo home's files where there are any, and `backup.json`,
//! which names them with their sizes and hashes. It is complete or not there. It holds all secrets of the data directory:
//! password hashes, and the private keys that sign tokens.

mod manifest;
mod restore;

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use voltaire_mesh::{Migrations, db::copy};
use voltaire_types::Clock;

use manifest::{Entry, Manifest};
pub(crate) use restore::Restore;

/// Files of the demo home, beside the databases.
const DEMO: [&str; 2] = ["demo-login.json", "demo-feeds.json"];

/// Copies the data of `voltaire up` while it runs.
#[derive(Debug, Args)]
#[command(
    after_help = "A backup holds every secret of the data directory (password hashes, the private keys that sign tokens, tokens of \
the demo home): keep it where only you can read it. Each service's file is one state of its database. A \
PostgreSQL database is backed up by its own tools: see docs/operate.md."
)]
pub(crate) struct Backup {
    /// The folder to make, which must not exist yet.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Where the data are.
    #[arg(long, default_value = "data", env = "VOLTAIRE_DATA_DIR", value_name = "DIR")]
    data_dir: PathBuf,
}

/// The services in the order in which they are copied: what a row refers to is copied after it, so that it is there.
fn services() -> [Migrations; 3] {
    [
        voltaire_chat::migrations(),
        voltaire_telemetry::migrations(),
        voltaire_auth::migrations(),
    ]
}

impl Backup {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let folder = &self.folder;
        anyhow::ensure!(!folder.exists(), "{} exists: name a new folder", folder.display());
        let parent = folder.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let unfinished = Unfinished::beside(folder)?;
        let manifest = self.copy_all(&unfinished.0).await?;
        manifest.write(&unfinished.0)?;
        fs::rename(&unfinished.0, folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::File::open(parent)?.sync_all()?;
        println!("{}: {}", folder.display(), manifest.told());
        println!("It holds password hashes and signing keys: keep it where only you can read it.");
        Ok(())
    }

    async fn copy_all(&self, folder: &Path) -> anyhow::Result<Manifest> {
        let mut files = Vec::new();
        for service in services() {
            let name = format!("{}.db", service.service);
            let (from, to) = (self.data_dir.join(&name), folder.join(&name));
            anyhow::ensure!(
                from.is_file(),
                "there is no {}: say with --data-dir where `voltaire up` keeps its data",
                from.display()
            );
            copy::copy(&from, &to)
                .await
                .with_context(|| format!("cannot copy {}", from.display()))?;
            copy::check(&to)
                .await
                .with_context(|| format!("the copy of {} is not good", from.display()))?;
            let schema = copy::schema(&to, service.service).await?;
            files.push(Entry::of(folder, name, Some(schema))?);
        }
        for name in DEMO {
            let from = self.data_dir.join(name);
            if from.is_file() {
                copy_file(&from, &folder.join(name))?;
                files.push(Entry::of(folder, name.to_owned(), None)?);
            }
        }
        Ok(Manifest::new(Clock::system().now(), files))
    }
}

/// A folder that is deleted again unless it is renamed.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(folder: &Path) -> anyhow::Result<Self> {
        let mut name = folder.file_name().context("a folder has a name")?.to_owned();
        name.push(".unfinished");
        let path = folder.with_file_name(name);
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| {
            format!(
                "cannot make {}: if no other backup is at work, delete it",
                path.display()
            )
        })?;
        Ok(Self(path))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Copies a file that only its owner may read, to the disk.
fn copy_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copied = fs::copy(from, to)
        .and_then(|_| fs::set_permissions(to, fs::Permissions::from_mode(0o600)))
        .and_then(|()| fs::File::open(to)?.sync_all());
    copied.with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
