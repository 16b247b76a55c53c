//! Every method of a store is called in a test of its crate, so that each runs on every database.

use super::source::{File, Tree};

/// Finds public store methods that no test calls.
pub(super) fn every_method(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    let stores = tree
        .sources()
        .filter(|file| file.stem() == "store" || file.parts().any(|part| part == "store"));
    for file in stores {
        let tests = tests(tree, file.folder());
        for (line, method) in methods(&file.production()) {
            if !tests.iter().any(|code| calls(code, &method)) {
                let advice = format!("is called in no test of {}; run it in on_each_db", file.folder());
                problems.push(format!("{}:{line}: `{method}` {advice}", file.path));
            }
        }
    }
    problems
}

/// The test code of a crate.
fn tests(tree: &Tree, folder: &str) -> Vec<String> {
    tree.files
        .iter()
        .filter(|file| file.is("rs") && file.folder() == folder)
        .map(File::tests)
        .collect()
}

/// Whether `code` holds `.method(` or `::method`.
fn calls(code: &str, method: &str) -> bool {
    code.contains(&format!(".{method}(")) || code.contains(&format!("::{method}"))
}

fn methods(code: &str) -> Vec<(usize, String)> {
    let name = |line: &str| {
        let line = line.trim_start();
        let rest = line
            .strip_prefix("pub async fn ")
            .or_else(|| line.strip_prefix("pub(crate) async fn "))?;
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .map(str::to_owned)
    };
    code.lines()
        .enumerate()
        .filter_map(|(number, line)| Some((number + 1, name(line)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_no_test_calls_is_found() {
        let file = |path: &str, text: &str| File {
            path: path.into(),
            text: text.into(),
        };
        let files = vec![
            file(
                "auth/src/store/user.rs",
                "impl Store {\n    pub(crate) async fn user(&self) {}\n    pub async fn erase(&self) {}\n}",
            ),
            file("auth/tests/store.rs", "// erase is not tested\nstore.user().await"),
        ];
        let problems = every_method(&Tree { files });
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems
                .iter()
                .all(|problem| problem.starts_with("auth/src/store/user.rs:3: `erase`"))
        );
    }
}
