//! What the corpus says: conversations and their meanings.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// A frozen batch.
pub(crate) struct Batch {
    pub(crate) number: u32,
    pub(crate) conversations: Vec<Conversation>,
}

/// A line of a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversation {
    pub(crate) kind: String,
    pub(crate) home: String,
    pub(crate) now: String,
    pub(crate) turns: Vec<Turn>,
}

/// What is said, and what it means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turn {
    pub(crate) say: String,
    /// One meaning, or a list of those on which people differ.
    pub(crate) gold: Value,
    /// Devices that the answer named.
    #[serde(default)]
    pub(crate) names: Vec<String>,
}

impl Turn {
    /// The meanings.
    pub(crate) fn meanings(&self) -> Vec<Gold> {
        let one = |it: &Value| {
            serde_json::from_value(it.clone()).unwrap_or_else(|_| panic!("“{}”: not a meaning: {it}", self.say))
        };
        match &self.gold {
            Value::Array(more) => more.iter().map(one).collect(),
            alone => vec![one(alone)],
        }
    }
}

/// A meaning.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Gold {
    Refuse(Refuse),
    Ask(Ask),
    Courtesy(Courtesy),
    Plan(Box<Meaning>),
}

/// An honest no, for one of these reasons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refuse {
    pub(crate) refuse: Vec<String>,
}

/// A question back with these choices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    pub(crate) ask: Vec<String>,
}

/// Thanks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Courtesy {
    pub(crate) courtesy: bool,
}

/// A plan by meaning; the README says what the fields are.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Meaning {
    pub(crate) op: String,
    pub(crate) metric: Vec<String>,
    pub(crate) want: Option<String>,
    pub(crate) of: Vec<String>,
    pub(crate) except: bool,
    pub(crate) each: bool,
    pub(crate) sum: bool,
    pub(crate) when: Option<Vec<Period>>,
    pub(crate) versus: Option<Vec<Period>>,
    /// From and to on each day of `when`.
    pub(crate) daily: Option<(String, String)>,
    pub(crate) per: Option<String>,
    pub(crate) dir: Option<String>,
    pub(crate) limit: u32,
    pub(crate) rank: u32,
    pub(crate) bound: Option<(String, f64)>,
    pub(crate) factor: Option<f64>,
    pub(crate) unit: Option<String>,
    pub(crate) on: Option<String>,
}

/// A period: local `[start, end)`, or `all`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Period {
    Span(String, String),
    All(AllTime),
}

/// Everything there is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AllTime {
    All,
}

/// How many may fail.
#[derive(Debug, Deserialize)]
pub(crate) struct Gate {
    pub(crate) reached: Shares,
}

/// Shares of all turns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shares {
    pub(crate) silently_wrong: f64,
    pub(crate) handled: f64,
}

impl Gate {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(folder().join("gate.toml")).expect("the gate is there");
        toml::from_str(&text).expect("gate.toml has two shares")
    }
}

impl Batch {
    /// All batches, in order.
    pub(crate) fn all() -> Vec<Self> {
        let read = |number| {
            let text = std::fs::read_to_string(folder().join(format!("batch-{number:02}.jsonl"))).ok()?;
            let line = |(at, line): (usize, &str)| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("batch {number}, line {}: {error}", at + 1))
            };
            Some(Self {
                number,
                conversations: text.lines().enumerate().map(line).collect(),
            })
        };
        (1..).map_while(read).collect()
    }
}

/// Where the corpus is.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}
