//! Who may know what inside a crate: SQL, proto types, the time; and how long a file may be.

use super::source::{File, Tree, mentions};

/// What only a store may write.
const SQL: [&str; 8] = [
    "sqlx::query",
    "sqlx::raw_sql",
    "query_as(",
    "QueryBuilder",
    "SELECT ",
    "INSERT INTO ",
    "DELETE FROM ",
    "CREATE TABLE ",
];
/// Crates whose work is with the contracts themselves, or who stand on the client's side.
const PROTO_CRATES: [&str; 5] = ["", "proto", "mesh", "gateway", "ui"];
/// Reading the time of day; measuring a span with `Instant` is something else.
const NOW: [&str; 3] = ["Timestamp::now(", "Zoned::now(", "SystemTime::now("];
/// The most lines a Rust file may have.
const LINES: usize = 500;

/// Finds SQL outside `store.rs`, `store/` and mesh's own database modules.
pub(super) fn sql(tree: &Tree) -> Vec<String> {
    let allowed = |file: &File| {
        let inside = |name: &str| file.stem() == name || file.parts().any(|part| part == name);
        inside("store") || file.folder() == "mesh" && ["db", "migrate"].iter().any(|name| inside(name))
    };
    check(tree, |file| !allowed(file), &SQL, "only store.rs and store/ hold SQL")
}

/// Finds proto types outside the adapters of a service.
pub(super) fn proto(tree: &Tree) -> Vec<String> {
    let adapter = |file: &File| {
        let names = ["service", "convert", "client"];
        PROTO_CRATES.contains(&file.folder())
            || file.parts().any(|part| {
                names
                    .iter()
                    .any(|name| part.trim_end_matches(".rs").split('_').any(|word| word == *name))
            })
    };
    let advice = "only service, convert and client modules know proto types; give the domain its own";
    check(tree, |file| !adapter(file), &["voltaire_proto"], advice)
}

/// Finds code that reads the time instead of being given it.
pub(super) fn clock(tree: &Tree) -> Vec<String> {
    let clock = |file: &File| file.folder() == "types" && ["time", "clock"].contains(&file.stem());
    check(tree, |file| !clock(file), &NOW, "take the time from the Clock")
}

/// Finds files that nobody reads in one go.
pub(super) fn length(tree: &Tree) -> Vec<String> {
    let long = |file: &&File| file.is("rs") && file.text.lines().count() > LINES;
    let told = |file: &File| {
        format!(
            "{}: {} lines; split it by topic, {LINES} is the limit",
            file.path,
            file.text.lines().count()
        )
    };
    tree.files.iter().filter(long).map(told).collect()
}

fn check(tree: &Tree, applies: impl Fn(&File) -> bool, words: &[&str], advice: &str) -> Vec<String> {
    tree.sources()
        .filter(|file| applies(file))
        .flat_map(|file| mentions(file, &file.production(), words, advice))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, text: &str) -> Tree {
        Tree {
            files: vec![File {
                path: path.into(),
                text: text.into(),
            }],
        }
    }

    #[test]
    fn sql_outside_a_store_is_found() {
        let text = "fn a() {\n    sqlx::query(\"SELECT 1\");\n}";
        assert_eq!(sql(&tree("auth/src/domain.rs", text)).len(), 1);
        assert!(sql(&tree("auth/src/store/user.rs", text)).is_empty());
        assert!(sql(&tree("mesh/src/db.rs", text)).is_empty());
    }

    #[test]
    fn proto_types_in_a_domain_module_are_found() {
        let text = "use voltaire_proto::auth::v1 as pb;";
        assert_eq!(proto(&tree("auth/src/token.rs", text)).len(), 1);
        assert!(proto(&tree("auth/src/token_service.rs", text)).is_empty());
        assert!(proto(&tree("gateway/src/rest.rs", text)).is_empty());
    }

    #[test]
    fn the_time_is_read_in_one_place() {
        let text = "let now = jiff::Timestamp::now();";
        assert_eq!(clock(&tree("chat/src/plan.rs", text)).len(), 1);
        assert!(clock(&tree("types/src/time.rs", text)).is_empty());
    }
}
