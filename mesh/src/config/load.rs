//! Reads the layers.

use std::{fs, path::PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// Where configuration comes from, the later ones stronger. The environment is handed in, not read.
#[derive(Debug)]
pub struct Sources<'a, E> {
    /// A TOML file, which must exist where it is named.
    pub file: Option<PathBuf>,
    /// The environment. `VOLTAIRE_SECTION__KEY` sets `section.key`, `VOLTAIRE_SECTION__KEY_FILE` sets it to what a file
    /// contains. Other variables count only where an alias names them.
    pub environment: E,
    /// Plain variables that set keys as well, weaker than those with a prefix.
    pub aliases: &'a [Alias<'a>],
    /// What flags say.
    pub flags: Table,
}

/// A plain variable, such as `DATABASE_URL`, and the keys that it sets.
#[derive(Clone, Copy, Debug)]
pub struct Alias<'a> {
    /// The variable; with `_FILE` after its name it names a file.
    pub variable: &'a str,
    /// The keys, as `auth.database.url`.
    pub keys: &'a [&'a str],
}

/// What is wrong with the configuration, and where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{place}: cannot read {}", path.display())]
    File {
        /// What names the file.
        place: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// A key is unknown or a value does not fit.
    #[error("{place}: {problem}")]
    Wrong {
        /// The file, the variable or the flags.
        place: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
}

const PREFIX: &str = "VOLTAIRE_";

/// Loads a configuration whose every key has a default.
pub fn load<T: DeserializeOwned>(
    sources: Sources<'_, impl IntoIterator<Item = (String, String)>>,
) -> Result<T, ConfigError> {
    let mut table = Table::new();
    if let Some(path) = sources.file {
        let place = format!("file {}", path.display());
        let text = read(&place, &path)?;
        table = toml::from_str(&text).map_err(|error| wrong(&place, error.to_string()))?;
        fit::<T>(&table, &place)?;
    }
    let mut variables: Vec<_> = sources.environment.into_iter().collect();
    variables.sort();
    let aliases = variables.iter().filter_map(|(name, value)| {
        let mut aliases = sources.aliases.iter();
        let alias = aliases.find(|it| name == it.variable || name.strip_suffix("_FILE") == Some(it.variable))?;
        Some((name, value, alias))
    });
    for (name, value, alias) in aliases {
        for key in alias.keys {
            let key = if name == alias.variable {
                (*key).to_owned()
            } else {
                format!("{key}_file")
            };
            table = with_variable::<T>(&table, &Variable { name, value, key })?;
        }
    }
    for (name, value) in &variables {
        if let Some(key) = name.strip_prefix(PREFIX).filter(|key| key.contains("__")) {
            let key = key.to_ascii_lowercase().replace("__", ".");
            table = with_variable::<T>(&table, &Variable { name, value, key })?;
        }
    }
    merge(&mut table, sources.flags);
    fit(&table, "flags")
}

struct Variable<'a> {
    name: &'a str,
    value: &'a str,
    key: String,
}

/// The table with a variable's value: as TOML where that fits (`8080`, `true`, `["a"]`), else as a text, else what a file
/// contains. The first that fits is taken, the first problem told.
fn with_variable<T: DeserializeOwned>(table: &Table, variable: &Variable<'_>) -> Result<Table, ConfigError> {
    let place = format!("variable {}", variable.name);
    let text = Value::String(variable.value.to_owned());
    let literal = toml::from_str::<Table>(&format!("it = {}", variable.value));
    let literal = literal.ok().and_then(|mut it| it.remove("it"));
    let mut problem = None;
    for value in [Some(text), literal].into_iter().flatten() {
        let mut next = table.clone();
        let set = set(&mut next, &variable.key, value).ok_or_else(|| wrong(&place, "not a key"));
        match set.and_then(|()| fit::<T>(&next, &place)) {
            Ok(_) => return Ok(next),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    if let Some(key) = variable.key.strip_suffix("_file") {
        let path = PathBuf::from(variable.value);
        let value = read(&place, &path)?;
        let key = key.to_owned();
        let value = value.trim_end_matches(['\r', '\n']);
        let (name, value) = (variable.name, value);
        return with_variable::<T>(table, &Variable { name, value, key });
    }
    Err(problem.unwrap_or_else(|| wrong(&place, "not a value")))
}

fn read(place: &str, path: &PathBuf) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|cause| ConfigError::File {
        place: place.to_owned(),
        path: path.clone(),
        cause,
    })
}

fn fit<T: DeserializeOwned>(table: &Table, place: &str) -> Result<T, ConfigError> {
    table
        .clone()
        .try_into()
        .map_err(|error: toml::de::Error| wrong(place, error.to_string()))
}

fn wrong(place: &str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Wrong {
        place: place.to_owned(),
        problem: problem.into().trim_end().replace('\n', " "),
    }
}

/// Sets `section.key`; nothing where the path leads through a value or an empty name.
fn set(table: &mut Table, path: &str, value: Value) -> Option<()> {
    let (section, rest) = match path.split_once('.') {
        Some((section, rest)) => (section, Some(rest)),
        None => (path, None),
    };
    if section.is_empty() {
        return None;
    }
    let Some(rest) = rest else {
        table.insert(section.to_owned(), value);
        return Some(());
    };
    let inner = table
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()))
        .as_table_mut()?;
    set(inner, rest, value)
}

fn merge(table: &mut Table, stronger: Table) {
    for (key, value) in stronger {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}
