//! `docs/trouble.md` says what the source, the metrics, the alerts and the tests say.

use std::{collections::BTreeSet, fs};

use crate::{documents, files, metrics, project};

/// What stands in quotes of a kind within a cell.
fn quoted(cell: &str, quote: char) -> Vec<&str> {
    cell.split(quote).skip(1).step_by(2).collect()
}

/// `RESOURCE_EXHAUSTED` is `ResourceExhausted`.
fn camel(code: &str) -> String {
    let word = |it: &str| it[..1].to_owned() + &it[1..].to_lowercase();
    code.split('_').map(word).collect()
}

#[test]
fn the_table_of_troubles_is_true() {
    let text = fs::read_to_string(project("docs/trouble.md")).expect("docs/trouble.md");
    let rows = text.lines().filter(|it| it.starts_with("| ")).skip(1);
    let source: String = ["mesh", "auth", "telemetry", "chat", "gateway", "src", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .map(|file| fs::read_to_string(file).expect("a text"))
        .collect();
    // However long its lines are.
    let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let rules = documents(&project("deploy/observability/rules.yml"))
        .remove(0)
        .to_string();
    let known: BTreeSet<String> = metrics::documented().keys().cloned().collect();
    let mut seen = 0;
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [what, told, metric, alert, log, _, tests] = cells.as_slice() else {
            panic!("{} cells: {row}", cells.len());
        };
        if let [code, reason, ..] = quoted(told, '`').as_slice() {
            let pair = format!("Code::{}, \"{reason}\"", camel(code));
            assert!(source.contains(&pair), "{what}: {pair}");
        }
        for metric in quoted(metric, '`') {
            assert!(metric == "up" || known.contains(metric), "{what}: {metric}");
        }
        for alert in quoted(alert, '*') {
            assert!(rules.contains(&format!("\"alert\":\"{alert}\"")), "{what}: {alert}");
        }
        for line in quoted(log, '"') {
            assert!(source.contains(line), "{what}: {line}");
        }
        let tests = quoted(tests, '`');
        assert!(!tests.is_empty(), "{what}");
        for test in tests {
            assert!(source.contains(&format!("fn {test}(")), "{what}: {test}");
        }
        seen += 1;
    }
    assert!(seen > 10, "{seen} rows");
}
