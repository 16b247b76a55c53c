//! `cargo xtask tidy`: the invariants of ARCHITECTURE.md, each a rule that names the file, the line and the way out.
//!
//! Every rule is also a test, so `cargo test` is the law.

mod dependencies;
mod documents;
mod layers;
mod migrations;
mod source;
mod store_tests;

use self::source::Tree;
use crate::workspace::Workspace;

/// A rule's name and what it finds wrong.
type Rule = (&'static str, fn(&Tree) -> Vec<String>);

const RULES: [Rule; 13] = [
    ("dependencies point one way", dependencies::direction),
    ("only stores hold SQL", layers::sql),
    ("only adapters know proto types", layers::proto),
    ("only the clock reads the time", layers::clock),
    ("files stay short", layers::length),
    ("migrations pair up", migrations::pairs),
    ("both databases have the same tables", migrations::columns),
    ("every store method is tested", store_tests::every_method),
    ("no file knows this machine", documents::machine_paths),
    ("the readme shows the two commands", documents::readme),
    ("documents name commands that exist", documents::commands),
    ("the architecture lists every crate", documents::architecture),
    (".env.example has what compose reads", documents::environment),
];

/// Checks every rule and fails when one is broken.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let tree = Tree::read(workspace)?;
    let mut broken = 0;
    for (name, rule) in RULES {
        let problems = rule(&tree);
        if !problems.is_empty() {
            println!("{name}:");
            for problem in &problems {
                println!("  {problem}");
            }
            broken += problems.len();
        }
    }
    anyhow::ensure!(broken == 0, "{broken} house rules are broken");
    println!("{} house rules hold over {} files", RULES.len(), tree.files.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(name: &str) {
        let tree = Tree::read(&Workspace::find().unwrap()).unwrap();
        let (_, rule) = RULES
            .iter()
            .find(|(known, _)| *known == name)
            .expect("the rule is in the table");
        let problems = rule(&tree);
        assert!(problems.is_empty(), "{name}:\n  {}", problems.join("\n  "));
    }

    #[test]
    fn dependencies_point_one_way() {
        holds("dependencies point one way");
    }

    #[test]
    fn only_stores_hold_sql() {
        holds("only stores hold SQL");
    }

    #[test]
    fn only_adapters_know_proto_types() {
        holds("only adapters know proto types");
    }

    #[test]
    fn only_the_clock_reads_the_time() {
        holds("only the clock reads the time");
    }

    #[test]
    fn files_stay_short() {
        holds("files stay short");
    }

    #[test]
    fn migrations_pair_up() {
        holds("migrations pair up");
    }

    #[test]
    fn both_databases_have_the_same_tables() {
        holds("both databases have the same tables");
    }

    #[test]
    fn every_store_method_is_tested() {
        holds("every store method is tested");
    }

    #[test]
    fn no_file_knows_this_machine() {
        holds("no file knows this machine");
    }

    #[test]
    fn the_readme_shows_the_two_commands() {
        holds("the readme shows the two commands");
    }

    #[test]
    fn documents_name_commands_that_exist() {
        holds("documents name commands that exist");
    }

    #[test]
    fn the_architecture_lists_every_crate() {
        holds("the architecture lists every crate");
    }

    #[test]
    fn env_example_has_what_compose_reads() {
        holds(".env.example has what compose reads");
    }

    #[test]
    fn every_rule_is_a_test() {
        let tests = include_str!("tidy.rs").matches("        holds(\"").count();
        assert_eq!(tests, RULES.len());
    }
}
