//! What documents and settings promise must exist, on any machine.

use std::collections::BTreeSet;

use clap::CommandFactory as _;

use super::source::{File, Tree, mentions};

/// Folders that exist on somebody's machine only.
const MACHINE: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/opt/volt", "aire-test"),
];

/// Finds paths of the machine that a file was written on.
pub(super) fn machine_paths(tree: &Tree) -> Vec<String> {
    let advice = "a path of one machine; take it from configuration";
    tree.files
        .iter()
        .flat_map(|file| mentions(file, &file.text, &MACHINE, advice))
        .collect()
}

/// Finds a readme whose command blocks lack the two commands.
pub(super) fn readme(tree: &Tree) -> Vec<String> {
    let text = tree.file("README.md").map_or("", |file| file.text.as_str());
    let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    let missing = |command: &&&str| !blocks.iter().any(|block| block.contains(**command));
    let told = |command: &&str| format!("README.md: no command block shows `{command}`");
    ["cargo xtask up", "cargo xtask test"]
        .iter()
        .filter(missing)
        .map(told)
        .collect()
}

/// Finds `cargo xtask NAME` in a document where NAME is no command.
pub(super) fn commands(tree: &Tree) -> Vec<String> {
    let root = crate::Arguments::command();
    let known: BTreeSet<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
    let documents = tree
        .files
        .iter()
        .filter(|file| file.is("md") || file.path.starts_with(".ci/"));
    documents.flat_map(|file| unknown_commands(file, &known)).collect()
}

/// Finds crates that ARCHITECTURE.md does not name as `folder/`.
pub(super) fn architecture(tree: &Tree) -> Vec<String> {
    let text = tree.file("ARCHITECTURE.md").map_or("", |file| file.text.as_str());
    let crates = tree
        .crates()
        .into_iter()
        .map(|(folder, _)| folder)
        .filter(|folder| !folder.is_empty());
    let missing = crates.filter(|folder| !text.contains(&format!("{folder}/")));
    missing
        .map(|folder| format!("ARCHITECTURE.md: does not name `{folder}/`"))
        .collect()
}

/// Finds variables of the compose files that `.env.example` lacks, and the reverse.
pub(super) fn environment(tree: &Tree) -> Vec<String> {
    let example = tree.file(".env.example").map_or("", |file| file.text.as_str());
    let offered: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| Some(line.trim_start_matches(['#', ' ']).split_once('=')?.0))
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    let composes = tree.files.iter().filter(|file| file.path.starts_with("docker-compose"));
    let read: BTreeSet<&str> = composes.flat_map(|file| variables(&file.text)).collect();
    let missing = read
        .difference(&offered)
        .map(|name| format!(".env.example: lacks {name}, which a compose file reads"));
    let extra = offered
        .difference(&read)
        .map(|name| format!(".env.example: no compose file reads {name}"));
    missing.chain(extra).collect()
}

fn unknown_commands(file: &File, known: &BTreeSet<&str>) -> Vec<String> {
    let word = |rest: &str| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '-')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let names = file
        .text
        .match_indices("cargo xtask ")
        .filter_map(|(at, mark)| file.text.get(at + mark.len()..).map(word));
    let unknown = names.filter(|name| !name.is_empty() && !name.starts_with('-') && !known.contains(name.as_str()));
    unknown
        .map(|name| format!("{}: there is no `cargo xtask {name}`", file.path))
        .collect()
}

/// The names in `${NAME}`, `${NAME:-…}` and `${NAME:?…}`.
fn variables(text: &str) -> Vec<&str> {
    let name = |rest: &str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    text.match_indices("${")
        .filter_map(|(at, _)| text.get(at + 2..))
        .filter_map(|rest| rest.get(..name(rest)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_found() {
        let file = File {
            path: "README.md".into(),
            text: "Run `cargo xtask fly` or `cargo xtask test --fast`.".into(),
        };
        assert_eq!(
            unknown_commands(&file, &BTreeSet::from(["test"])),
            ["README.md: there is no `cargo xtask fly`"]
        );
    }

    #[test]
    fn variables_of_a_compose_file_are_read() {
        assert_eq!(
            variables("a: ${PORT:-3000} ${POSTGRES_PASSWORD:?set it}"),
            ["PORT", "POSTGRES_PASSWORD"]
        );
    }
}
