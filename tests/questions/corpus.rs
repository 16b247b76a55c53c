//! The corpus as it is needed here: what is said, and the meaning of the last turn.

use std::path::PathBuf;

use serde_json::Value;

/// A conversation.
pub(crate) struct Conversation(Value);

impl Conversation {
    /// What is said.
    pub(crate) fn said(&self) -> Vec<&str> {
        let turns = self.0["turns"].as_array().unwrap();
        turns.iter().map(|it| it["say"].as_str().unwrap()).collect()
    }

    /// What the last turn may mean, with the period.
    pub(crate) fn meanings(&self) -> Vec<(&Value, &Value)> {
        let gold = &self.0["turns"].as_array().unwrap().last().unwrap()["gold"];
        let alone = std::slice::from_ref(gold);
        let all = gold.as_array().map_or(alone, Vec::as_slice).iter();
        all.flat_map(|it| it["when"].as_array().into_iter().flatten().map(move |when| (it, when)))
            .collect()
    }
}

/// The conversations of a home that begin at a local time.
pub(crate) fn conversations(home: &str, now: &str) -> Vec<Conversation> {
    let files = (1..).map_while(|it| std::fs::read_to_string(folder().join(format!("batch-{it:02}.jsonl"))).ok());
    let lines: Vec<Value> = files
        .flat_map(|it| {
            it.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect::<Vec<_>>()
        })
        .collect();
    lines
        .into_iter()
        .filter(|it| it["home"] == home && it["now"] == now)
        .map(Conversation)
        .collect()
}

/// A home of `homes.toml`.
pub(crate) fn home(name: &str) -> toml::Value {
    let text = std::fs::read_to_string(folder().join("homes.toml")).unwrap();
    let homes: toml::Value = toml::from_str(&text).unwrap();
    homes["home"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"].as_str() == Some(name))
        .unwrap()
        .clone()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("chat/corpus")
}
