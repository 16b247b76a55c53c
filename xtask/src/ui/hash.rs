//! Content hashes in file names, so that a browser may keep a file forever.
//!
//! Only files whose every mention can be rewritten get one: modules, scripts and styles directly below `assets/` that the compiled module
//! itself does not name.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::files;

/// Renames what can be renamed and rewrites every mention, in an order in which a file is hashed after what it mentions.
pub(super) fn rename(folder: &Path) -> anyhow::Result<()> {
    let assets = folder.join("assets");
    let mut pending = candidates(&assets)?;
    while !pending.is_empty() {
        let names: Vec<String> = pending.keys().cloned().collect();
        let settled = pending
            .iter()
            .find(|(name, content)| !names.iter().any(|other| other != *name && mentions(content, other)))
            .map(|(name, _)| name.clone());
        // Scripts that import each other in a circle keep their names.
        let Some(name) = settled else { break };
        let content = pending.remove(&name).context("found a line above")?;
        let hashed = hashed(&name, &content);
        fs::rename(assets.join(&name), assets.join(&hashed))?;
        for content in pending.values_mut() {
            *content = replace(content, &name, &hashed);
        }
        rewrite(folder, &name, &hashed)?;
    }
    Ok(())
}

fn candidates(assets: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let module = fs::read(assets.join("ui_bg.wasm"))?;
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(assets)? {
        let path = entry?.path();
        let known = path
            .extension()
            .is_some_and(|kind| ["js", "wasm", "css"].iter().any(|known| kind == *known));
        let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|_| known && path.is_file())
        else {
            continue;
        };
        if !mentions(&module, name) {
            found.insert(name.to_owned(), fs::read(&path)?);
        }
    }
    Ok(found)
}

fn hashed(name: &str, content: &[u8]) -> String {
    let mut digest = String::new();
    for byte in Sha256::digest(content).iter().take(8) {
        write!(digest, "{byte:02x}").expect("a string takes all that is written");
    }
    match name.rsplit_once('.') {
        Some((stem, kind)) => format!("{stem}-{digest}.{kind}"),
        None => format!("{name}-{digest}"),
    }
}

fn rewrite(folder: &Path, name: &str, hashed: &str) -> anyhow::Result<()> {
    for file in files(folder)? {
        if file
            .extension()
            .is_some_and(|kind| ["html", "js", "css", "webmanifest"].iter().any(|text| kind == *text))
        {
            let content = fs::read(&file)?;
            if mentions(&content, name) {
                fs::write(&file, replace(&content, name, hashed))?;
            }
        }
    }
    Ok(())
}

/// Where `name` stands as a whole file name: after a slash or a quote.
fn position(content: &[u8], name: &str) -> Option<usize> {
    let name = name.as_bytes();
    content
        .windows(name.len() + 1)
        .position(|window| window.ends_with(name) && matches!(window.first(), Some(b'/' | b'"' | b'\'')))
}

fn mentions(content: &[u8], name: &str) -> bool {
    position(content, name).is_some()
}

fn replace(content: &[u8], name: &str, hashed: &str) -> Vec<u8> {
    let mut rest = content;
    let mut out = Vec::with_capacity(content.len());
    while let Some(at) = position(rest, name) {
        let (before, after) = rest.split_at(at + 1);
        out.extend_from_slice(before);
        out.extend_from_slice(hashed.as_bytes());
        rest = after.get(name.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_replaced_only_where_it_stands_whole() {
        let text = br#"import "./ui.js"; fetch("/assets/ui.js"); "gui.js""#;
        let expected = br#"import "./ui-1.js"; fetch("/assets/ui-1.js"); "gui.js""#;
        assert_eq!(replace(text, "ui.js", "ui-1.js"), expected);
    }

    #[test]
    fn a_name_holds_sixteen_digits_of_its_content() {
        assert_eq!(hashed("main.css", b""), "main-e3b0c44298fc1c14.css");
    }
}
