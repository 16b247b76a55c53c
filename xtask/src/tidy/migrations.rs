//! Migrations pair up: what SQLite has, PostgreSQL has, with a way back, and the same tables and columns come out.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{File, Tree};

const DATABASES: [&str; 2] = ["sqlite", "postgres"];
/// What begins a line of a table that is no column.
const CONSTRAINTS: [&str; 7] = ["primary", "foreign", "unique", "check", "constraint", "exclude", "like"];

/// Finds files without their counterpart for the other database or direction, and wrong names.
pub(super) fn pairs(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (folder, files) in folders(tree) {
        let names: BTreeSet<&str> = files.iter().map(|(_, name, _)| *name).collect();
        for name in names {
            let stem = name.trim_end_matches(".up.sql").trim_end_matches(".down.sql");
            let numbered = stem
                .split_once('_')
                .is_some_and(|(number, _)| number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()));
            if !numbered || stem == name {
                problems.push(format!(
                    "{folder}/*/{name}: call it NNNN_name.up.sql or NNNN_name.down.sql"
                ));
                continue;
            }
            for database in DATABASES {
                for direction in ["up", "down"] {
                    let wanted = format!("{stem}.{direction}.sql");
                    if !files
                        .iter()
                        .any(|(known, name, _)| *known == database && *name == wanted)
                    {
                        problems.push(format!("{folder}/{database}/{wanted} is missing, {name} exists"));
                    }
                }
            }
        }
        problems.extend(numbers_once(&folder, &files));
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Finds tables and columns that one database has and the other has not, by migration.
pub(super) fn columns(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (folder, files) in folders(tree) {
        let ups = files
            .iter()
            .filter(|(database, name, _)| *database == "sqlite" && name.ends_with(".up.sql"));
        for (_, name, sqlite) in ups {
            let Some((.., postgres)) = files
                .iter()
                .find(|(database, other, _)| *database == "postgres" && other == name)
            else {
                continue;
            };
            let (sqlite, postgres) = (schema(&sqlite.text), schema(&postgres.text));
            for column in sqlite.symmetric_difference(&postgres) {
                let has = if sqlite.contains(column) { "sqlite" } else { "postgres" };
                problems.push(format!("{folder}/*/{name}: {column} exists for {has} only"));
            }
        }
    }
    problems
}

type Migration<'a> = (&'a str, &'a str, &'a File);

/// Each `migrations` folder with its files: database, name, file.
fn folders(tree: &Tree) -> BTreeMap<String, Vec<Migration<'_>>> {
    let mut folders: BTreeMap<String, Vec<Migration>> = BTreeMap::new();
    for file in &tree.files {
        let Some((before, after)) = file.path.split_once("migrations/") else {
            continue;
        };
        if let Some((database, name)) = after.split_once('/').filter(|_| file.is("sql")) {
            folders
                .entry(format!("{before}migrations"))
                .or_default()
                .push((database, name, file));
        }
    }
    folders
}

fn numbers_once(folder: &str, files: &[Migration]) -> Vec<String> {
    let mut stems: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, name, _) in files {
        if let Some((number, rest)) = name.split_once('_') {
            stems
                .entry(number)
                .or_default()
                .insert(rest.split('.').next().unwrap_or(rest));
        }
    }
    let twice = stems.into_iter().filter(|(_, names)| names.len() > 1);
    twice
        .map(|(number, names)| format!("{folder}: number {number} is used for {names:?}"))
        .collect()
}

/// Every `table.column` that a migration makes, in lower case.
fn schema(sql: &str) -> BTreeSet<String> {
    let plain: String = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    let mut found = BTreeSet::new();
    for (at, create) in plain.match_indices("create table ") {
        let rest = plain
            .get(at + create.len()..)
            .unwrap_or_default()
            .trim_start()
            .trim_start_matches("if not exists ");
        let Some((table, body)) = rest.split_once('(') else {
            continue;
        };
        // `PARTITION OF` and `AS SELECT` name no columns.
        if table.split_whitespace().count() == 1 {
            found.extend(column_names(body).map(|column| format!("{}.{column}", table.trim())));
        }
    }
    for (at, alter) in plain.match_indices("alter table ") {
        let words: Vec<&str> = plain
            .get(at + alter.len()..)
            .unwrap_or_default()
            .split([' ', '\n', ';'])
            .filter(|w| !w.is_empty())
            .collect();
        if let [table, "add", "column", column, ..] = words.as_slice() {
            found.insert(format!("{table}.{column}"));
        }
    }
    found
}

/// The first word of every entry up to the bracket that closes the table.
fn column_names(body: &str) -> impl Iterator<Item = String> {
    let mut depth = 0_usize;
    let mut entries = vec![String::new()];
    for c in body.chars() {
        match c {
            ')' if depth == 0 => break,
            ',' if depth == 0 => entries.push(String::new()),
            _ => {
                depth = if c == '(' {
                    depth + 1
                } else if c == ')' {
                    depth - 1
                } else {
                    depth
                };
                if let Some(entry) = entries.last_mut() {
                    entry.push(c);
                }
            }
        }
    }
    let first = |entry: String| {
        Some(
            entry
                .split(|c: char| c.is_whitespace() || c == '(')
                .find(|word| !word.is_empty())?
                .replace('"', ""),
        )
    };
    entries
        .into_iter()
        .filter_map(first)
        .filter(|word| !CONSTRAINTS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_table_are_read() {
        let sql = "CREATE TABLE users ( -- people\n id UUID PRIMARY KEY,\n price NUMERIC(10, 2) CHECK (price > 0),\n UNIQUE (id, price)\n) STRICT;
            ALTER TABLE users ADD COLUMN name TEXT;";
        let columns: Vec<String> = schema(sql).into_iter().collect();
        assert_eq!(columns, ["users.id", "users.name", "users.price"]);
    }

    #[test]
    fn a_migration_without_its_counterpart_is_found() {
        let file = |path: &str| File {
            path: path.into(),
            text: "CREATE TABLE a (b INTEGER)".into(),
        };
        let files = vec![
            file("auth/migrations/sqlite/0001_a.up.sql"),
            file("auth/migrations/sqlite/0001_a.down.sql"),
            file("auth/migrations/postgres/0001_a.up.sql"),
        ];
        let problems = pairs(&Tree { files });
        assert!(
            problems
                .iter()
                .all(|problem| problem.starts_with("auth/migrations/postgres/0001_a.down.sql is missing")),
            "{problems:?}"
        );
        assert!(!problems.is_empty());
    }
}
