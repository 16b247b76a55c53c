//! `restore`: everything is looked at before anything is changed.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use voltaire_mesh::db::copy;
use voltaire_types::Clock;

use super::{Manifest, copy_file, services};

/// Puts a backup into a data directory.
#[derive(Debug, Args)]
#[command(
    after_help = "Signing keys are taken back as well: sessions and API tokens of the time of the backup are good again until they \
expire, also those that were ended since. Rotate the keys where that matters: voltaire keys rotate."
)]
pub(crate) struct Restore {
    /// The backup.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Where `voltaire up` keeps its data.
    #[arg(long, default_value = "data", env = "VOLTAIRE_DATA_DIR", value_name = "DIR")]
    data_dir: PathBuf,
    /// Also where there are data: they are moved to a folder of their own, not deleted.
    #[arg(long)]
    replace: bool,
    /// Only looks whether the backup is good.
    #[arg(long, conflicts_with = "replace")]
    check: bool,
}

impl Restore {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let manifest = self.examine()?;
        if self.check {
            println!("{} is good: {}", self.folder.display(), manifest.told());
            return Ok(());
        }
        let present = self.present()?;
        anyhow::ensure!(
            present.is_empty() || self.replace,
            "there are data in {}: --replace moves them aside",
            self.data_dir.display()
        );
        for file in present
            .iter()
            .filter(|it| it.extension().is_some_and(|kind| kind == "db"))
        {
            let free = copy::take(file).await.unwrap_or(true);
            anyhow::ensure!(free, "{} is in use: stop the server first", file.display());
        }
        self.bring(&manifest, &present)?;
        println!("{}: {}", self.data_dir.display(), manifest.told());
        Ok(())
    }

    /// Fails unless the backup is whole, undamaged and of a schema that this version knows.
    fn examine(&self) -> anyhow::Result<Manifest> {
        let manifest = Manifest::read(&self.folder)?;
        for entry in &manifest.files {
            entry.verify(&self.folder)?;
        }
        for service in services() {
            let name = format!("{}.db", service.service);
            let entry = manifest.files.iter().find(|it| it.name == name);
            let entry = entry.with_context(|| format!("{} lacks {name}", self.folder.display()))?;
            anyhow::ensure!(
                entry.schema.is_some_and(|schema| schema <= service.newest()),
                "{name} is of a newer version than this one (schema {}, known up to {}): restore it with that version",
                entry.schema.unwrap_or_default(),
                service.newest()
            );
        }
        Ok(manifest)
    }

    /// What is in the data directory.
    fn present(&self) -> anyhow::Result<Vec<PathBuf>> {
        let Ok(entries) = fs::read_dir(&self.data_dir) else {
            return Ok(Vec::new());
        };
        let paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(paths.into_iter().filter(|it| it.is_file()).collect())
    }

    /// Copies everything beside its place, moves old files away, then new ones in: from the first move on nothing can fail
    /// but the file system itself.
    fn bring(&self, manifest: &Manifest, present: &[PathBuf]) -> anyhow::Result<()> {
        let to = &self.data_dir;
        let private = |folder: &Path| {
            fs::create_dir_all(folder)
                .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
                .with_context(|| format!("cannot make {}", folder.display()))
        };
        private(to)?;
        let fresh = to.join("restoring");
        drop(fs::remove_dir_all(&fresh));
        private(&fresh)?;
        for entry in &manifest.files {
            copy_file(&self.folder.join(&entry.name), &fresh.join(&entry.name))?;
            entry.verify(&fresh)?;
        }
        if !present.is_empty() {
            let old = to.join(format!("replaced-{}", Clock::system().now().parts().0));
            private(&old)?;
            for file in present {
                fs::rename(file, old.join(file.file_name().unwrap_or_default()))?;
            }
            println!("What was there is in {}.", old.display());
        }
        for entry in &manifest.files {
            fs::rename(fresh.join(&entry.name), to.join(&entry.name))?;
        }
        fs::remove_dir(&fresh)?;
        Ok(fs::File::open(to)?.sync_all()?)
    }
}
