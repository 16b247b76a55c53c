//! What a backup says of itself.

use std::{fmt::Write, fs, io, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use voltaire_types::Timestamp;

use crate::client::credentials;

const FILE: &str = "backup.json";
/// The layout of backups that this version writes and reads.
const FORMAT: u32 = 1;

/// The contents of `backup.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// The version that made it.
    version: String,
    made_at: String,
    pub(super) files: Vec<Entry>,
}

/// A file of a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    bytes: u64,
    sha256: String,
    /// The newest migration that is applied to a database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<i64>,
}

impl Entry {
    /// The file of this name as it is now.
    pub(super) fn of(folder: &Path, name: String, schema: Option<i64>) -> anyhow::Result<Self> {
        let path = folder.join(&name);
        let (bytes, sha256) = hash(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self {
            name,
            bytes,
            sha256,
            schema,
        })
    }

    /// Fails where the file has changed since.
    pub(super) fn verify(&self, folder: &Path) -> anyhow::Result<()> {
        let now = Self::of(folder, self.name.clone(), self.schema)?;
        anyhow::ensure!(
            (now.bytes, &now.sha256) == (self.bytes, &self.sha256),
            "{} is not as it was when the backup was made: the backup is damaged",
            folder.join(&self.name).display()
        );
        Ok(())
    }
}

impl Manifest {
    pub(super) fn new(now: Timestamp, files: Vec<Entry>) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now.to_string(),
            files,
        }
    }

    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        credentials::write(&folder.join(FILE), &serde_json::to_string_pretty(self)?)?;
        Ok(fs::File::open(folder)?.sync_all()?)
    }

    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} is no backup: cannot read {FILE} in it", folder.display()))?;
        let manifest: Self = serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))?;
        anyhow::ensure!(
            manifest.format == FORMAT,
            "{} is of format {}, and this version reads format {FORMAT}",
            folder.display(),
            manifest.format
        );
        let plain = |name: &str| Path::new(name).file_name().is_some_and(|it| it == name);
        anyhow::ensure!(
            manifest.files.iter().all(|it| plain(&it.name)),
            "{} names files of other folders",
            file.display()
        );
        Ok(manifest)
    }

    /// In a line.
    pub(super) fn told(&self) -> String {
        let bytes: u64 = self.files.iter().map(|it| it.bytes).sum();
        let names: Vec<_> = self.files.iter().map(|it| it.name.as_str()).collect();
        format!(
            "{}, {:.1} MB, made {} by version {}",
            names.join(", "),
            bytes as f64 / 1e6,
            self.made_at,
            self.version
        )
    }
}

fn hash(path: &Path) -> io::Result<(u64, String)> {
    let mut digest = Sha256::new();
    let bytes = io::copy(&mut fs::File::open(path)?, &mut digest)?;
    let hex = digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((bytes, hex))
}
