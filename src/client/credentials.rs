//! Tokens that `register` and `login` stored, one for each server, in a file that only the user can read.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;

type Tokens = BTreeMap<String, String>;

/// The stored token for a server.
pub(crate) fn load(server: &str) -> anyhow::Result<Option<String>> {
    Ok(read(&file()?)?.remove(&key(server)))
}

/// Stores a token for a server.
pub(crate) fn store(server: &str, token: &str) -> anyhow::Result<()> {
    change(|tokens| {
        tokens.insert(key(server), token.to_owned());
    })
}

/// Forgets the token for a server.
pub(crate) fn forget(server: &str) -> anyhow::Result<()> {
    change(|tokens| {
        tokens.remove(&key(server));
    })
}

fn change(change: impl FnOnce(&mut Tokens)) -> anyhow::Result<()> {
    let file = file()?;
    let mut tokens = read(&file)?;
    change(&mut tokens);
    write(&file, &serde_json::to_string_pretty(&tokens)?)
}

fn key(server: &str) -> String {
    server.trim_end_matches('/').to_lowercase()
}

fn read(file: &Path) -> anyhow::Result<Tokens> {
    match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged: delete it and sign in again", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Tokens::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let folder = file.parent().context("a file in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let fresh = file.with_extension("new");
    let mut open = fs::OpenOptions::new();
    let mut handle = open.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    handle.write_all(text.as_bytes())?;
    handle.sync_all()?;
    fs::rename(&fresh, file).with_context(|| format!("cannot write {}", file.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where a user's files are is told by the environment alone"
)]
fn file() -> anyhow::Result<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let folder = folder.context("neither XDG_CONFIG_HOME nor HOME is set: give the token with --token")?;
    Ok(folder.join("voltaire").join("credentials.json"))
}
