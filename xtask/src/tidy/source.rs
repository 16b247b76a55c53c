//! The project's own text files, and Rust source as rules want to see it: without comments, without tests.

use std::{fs, path::Path};

use crate::workspace::Workspace;

/// Folders that are not the project's own.
const FOREIGN: [&str; 5] = [".git", "target", "data", "node_modules", "proto/google"];

/// Every text file of the project.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// One text file.
pub(super) struct File {
    /// From the root, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    pub(super) fn read(workspace: &Workspace) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        collect(workspace, &workspace.root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The file at `path` from the root.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The workspace's crates: folder (empty for the root) and manifest.
    pub(super) fn crates(&self) -> Vec<(String, toml::Table)> {
        let folder = |path: &str| path.trim_end_matches("Cargo.toml").trim_end_matches('/').to_owned();
        let manifests = self
            .files
            .iter()
            .filter(|file| file.parts().last() == Some("Cargo.toml"));
        manifests
            .filter_map(|file| Some((folder(&file.path), file.text.parse().ok()?)))
            .collect()
    }

    /// Rust files that are built into a product: neither tests nor xtask itself.
    pub(super) fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| {
            file.is("rs") && file.parts().any(|part| part == "src") && !file.is_test() && file.folder() != "xtask"
        })
    }
}

impl File {
    /// The crate's folder: the first part of the path, or nothing for the root package.
    pub(super) fn folder(&self) -> &str {
        match self.path.split_once('/') {
            Some((first, _)) if first != "src" && first != "tests" => first,
            _ => "",
        }
    }

    /// Whether the name ends in `.kind`.
    pub(super) fn is(&self, kind: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == kind)
    }

    /// Whether the whole file is test code.
    pub(super) fn is_test(&self) -> bool {
        self.is("rs")
            && self
                .parts()
                .any(|part| ["tests", "benches", "examples", "tests.rs", "test.rs"].contains(&part))
    }

    /// Folders and file name.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.path.split('/')
    }

    /// The file's name without `.rs`.
    pub(super) fn stem(&self) -> &str {
        self.parts().last().unwrap_or_default().trim_end_matches(".rs")
    }

    /// The code before the test module, comments blanked out; lines keep their numbers.
    pub(super) fn production(&self) -> String {
        let code = without_comments(&self.text);
        code.get(..tests_begin(&code)).unwrap_or_default().to_owned()
    }

    /// The test code: all of a test file, else what stands in its test module.
    pub(super) fn tests(&self) -> String {
        let code = without_comments(&self.text);
        let begin = if self.is_test() { 0 } else { tests_begin(&code) };
        code.get(begin..).unwrap_or_default().to_owned()
    }
}

/// One line per place where `code` holds one of `words`, ending in the advice.
pub(super) fn mentions(file: &File, code: &str, words: &[&str], advice: &str) -> Vec<String> {
    let found = |line: &str| words.iter().find(|word| line.contains(**word)).copied();
    let lines = code
        .lines()
        .enumerate()
        .filter_map(|(number, line)| Some((number + 1, found(line)?)));
    lines
        .map(|(number, word)| format!("{}:{number}: `{}`: {advice}", file.path, word.trim()))
        .collect()
}

/// Where the test module at the foot of a file begins.
fn tests_begin(code: &str) -> usize {
    code.match_indices("#[cfg(test)]")
        .find(|(at, mark)| {
            code.get(at + mark.len()..)
                .is_some_and(|rest| rest.trim_start().starts_with("mod "))
        })
        .map_or(code.len(), |(at, _)| at)
}

fn collect(workspace: &Workspace, folder: &Path, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let shown = path.strip_prefix(&workspace.root)?.to_string_lossy().replace('\\', "/");
        if path.is_symlink() || FOREIGN.contains(&shown.as_str()) || path == workspace.target {
            continue;
        }
        if path.is_dir() {
            collect(workspace, &path, files)?;
        } else if shown != "Cargo.lock"
            && let Ok(text) = fs::read_to_string(&path)
        {
            files.push(File { path: shown, text });
        }
    }
    Ok(())
}

/// Blanks comments and keeps everything else in place; knows strings, raw strings and characters.
pub(super) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, keep) = token(rest, first, out.chars().next_back());
        let (head, tail) = rest.split_at(taken);
        if keep {
            out.push_str(head);
        } else {
            out.extend(head.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = tail;
    }
    out
}

/// The length of what starts here, and whether it is code.
fn token(rest: &str, first: char, before: Option<char>) -> (usize, bool) {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |end| end + 2), false);
    }
    if first == 'r' && !in_word {
        let hashes = rest.chars().skip(1).take_while(|c| *c == '#').count();
        if rest.get(1 + hashes..).is_some_and(|tail| tail.starts_with('"')) {
            let close = format!("\"{}", "#".repeat(hashes));
            let begin = hashes + 2;
            return (
                rest.get(begin..)
                    .and_then(|tail| tail.find(&close))
                    .map_or(rest.len(), |end| begin + end + close.len()),
                true,
            );
        }
    }
    match first {
        '"' => (string_length(rest), true),
        '\'' if rest.starts_with("'\"'") => (3, true),
        '\'' if rest.starts_with("'\\") => (
            rest.get(3..)
                .and_then(|tail| tail.find('\''))
                .map_or(rest.len(), |end| end + 4),
            true,
        ),
        _ => (first.len_utf8(), true),
    }
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        let code = "a(\"http://x\"); // b\nlet q = '\"'; /* c\n*/ r#\"//\"#; '\\''; // d";
        let plain = without_comments(code);
        assert_eq!(
            plain.trim_end(),
            "a(\"http://x\");     \nlet q = '\"';     \n   r#\"//\"#; '\\'';"
        );
        assert_eq!(plain.len(), code.len());
    }

    #[test]
    fn the_test_module_is_no_production_code() {
        let file = File {
            path: "auth/src/key.rs".into(),
            text: "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }".into(),
        };
        assert_eq!(file.production(), "fn a() {}\n");
        assert!(file.tests().contains("fn b"));
    }
}
