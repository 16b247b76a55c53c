//! An optional language model that reads questions which the rules are unsure of. Off by default.
//!
//! One call gives a plan under a JSON schema; it never gives a figure and never writes a sentence that is shown. The plan
//! counts only as far as the question bears it out (`draft`): periods in the question's own words, resolved by the rules;
//! devices and numbers that the rules find in it too. Else, and where the endpoint is slow, away, wrong or used up, the
//! rules' own reading stands. Questions and keys are never logged.

mod budget;
mod client;
mod config;
mod decode;
mod draft;
mod probe;
mod prompt;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;
use voltaire_types::{DeviceId, Timestamp, UserId};

pub use config::{LlmConfig, Mode};

use crate::understand::{Context, No, Understood, World, said::said};
use budget::Budget;
use client::{Client, Dialect, Form, Prompt, Wording};

/// After an endpoint failed, it is left alone for so long.
const REST: Duration = Duration::from_secs(30);
/// What is left of a call's time for telemetry to answer.
const RESERVE: Duration = Duration::from_secs(2);
/// Below this the rules are unsure.
const SURE: f64 = 0.8;
/// Bytes a token has, where a server does not count.
const TOKEN: u64 = 3;

/// A question for the model.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) user: UserId,
    pub(crate) text: &'a str,
    pub(crate) world: &'a World,
    pub(crate) context: &'a Context,
    pub(crate) now: Timestamp,
}

/// Why a model's reading does not count. Nothing of the question or the reply is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot be reached")]
    Unreachable,
    #[error("answered with status {0}")]
    Refused(u16),
    #[error("does not take the request: {0:?}")]
    Wording(Wording),
    #[error("took too long")]
    Slow,
    #[error("broke off")]
    Broken,
    #[error("sent an error in its reply")]
    InStream,
    #[error("sent what cannot be read")]
    Unreadable,
    #[error("sent too much")]
    TooLong,
    #[error("sent nothing")]
    Empty,
    #[error("sent no plan of the schema")]
    NoPlan,
    #[error("found no plan for it")]
    None,
    #[error("used words or numbers that are not in the question")]
    Invented,
    #[error("differs from what the question names")]
    Disagrees,
}

impl Failure {
    /// Whether the endpoint is to be left alone for a while.
    const fn is_of_endpoint(self) -> bool {
        match self {
            Self::Unreachable
            | Self::Refused(_)
            | Self::Wording(_)
            | Self::Slow
            | Self::Broken
            | Self::InStream
            | Self::Unreadable => true,
            Self::TooLong | Self::Empty | Self::NoPlan | Self::None | Self::Invented | Self::Disagrees => false,
        }
    }
}

/// The model, ready to be asked. Shared by clones.
#[derive(Clone, Debug)]
pub(crate) struct Llm {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    mode: Mode,
    name: String,
    budget: Budget,
    state: Mutex<State>,
}

/// What is known of the endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    dialect: Option<Dialect>,
    rests_until: Option<Instant>,
}

impl Llm {
    /// The model of this configuration; none where it is off.
    pub(crate) fn new(config: &LlmConfig) -> anyhow::Result<Option<Self>> {
        if config.mode == Mode::Off {
            return Ok(None);
        }
        anyhow::ensure!(
            !config.model.is_empty(),
            "chat.llm.model (CHAT_MODEL) must be set, or chat.llm.mode (CHAT_LLM) be off"
        );
        let inner = Inner {
            client: Client::new(config)?,
            mode: config.mode,
            name: config.model.clone(),
            budget: Budget::new(config.daily_tokens, config.concurrency),
            state: Mutex::default(),
        };
        Ok(Some(Self { inner: Arc::new(inner) }))
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.inner.name
    }

    /// Finds out what the endpoint can, and says so in the log: at the start, so that no question waits for it.
    pub(crate) async fn probe(&self) {
        match self.dialect(Duration::MAX).await {
            Ok(dialect) => tracing::info!(model = self.name(), form = ?dialect.form, "the language model answers"),
            Err(failure) => self.failed(failure),
        }
    }

    /// Whether a question that the rules read so is for the model.
    pub(crate) fn is_for(&self, understood: &Understood) -> bool {
        let always = self.inner.mode == Mode::Always;
        match understood {
            Understood::Plan { confidence, .. } => always || *confidence < SURE,
            Understood::Refuse(No::NotUnderstood(_)) => true,
            Understood::Refuse(No::OffTopic) => always,
            Understood::Refuse(_) | Understood::Clarify(_) | Understood::Courtesy | Understood::Several(_) => false,
        }
    }

    /// The model's reading, as far as it counts; none: the rules' own stands. `left` is the time of the whole call.
    pub(crate) async fn read(&self, asked: &Asked<'_>, left: Option<Duration>) -> Option<Understood> {
        let left = left.unwrap_or(Duration::MAX).checked_sub(RESERVE)?;
        let resting = self
            .inner
            .state
            .lock()
            .rests_until
            .is_some_and(|it| Instant::now() < it);
        let turn = self.inner.budget.turn(asked.user, asked.now).filter(|_| !resting);
        let Some(turn) = turn else {
            count("not_asked");
            return None;
        };
        let begun = Instant::now();
        let read = self.ask(asked, &turn, left).await;
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        match read {
            Ok(understood) => {
                count("read");
                tracing::info!(model = self.name(), milliseconds, "a language model read a question");
                Some(understood)
            }
            Err(failure) => {
                self.failed(failure);
                None
            }
        }
    }

    async fn ask(&self, asked: &Asked<'_>, turn: &budget::Turn, left: Duration) -> Result<Understood, Failure> {
        let said = said(asked.text, asked.world, asked.now);
        let devices = prompt::devices(asked.world, &said);
        let reply = self.reply((asked, &devices), turn, left).await?;
        let plan = decode::object(&reply).ok_or(Failure::NoPlan)?;
        draft::read(&plan, (asked, &said), &devices)
    }

    /// What the model says of the question.
    async fn reply(
        &self,
        (asked, devices): (&Asked<'_>, &[DeviceId]),
        turn: &budget::Turn,
        left: Duration,
    ) -> Result<String, Failure> {
        let dialect = self.dialect(left).await?;
        let schema = prompt::schema(devices.len());
        let in_words = (dialect.form != Form::Schema).then_some(&*schema);
        let messages = prompt::messages(asked, devices, in_words);
        let prompt = Prompt {
            messages: &messages,
            schema: &schema,
            most_tokens: prompt::MOST_TOKENS,
        };
        let sent = messages.to_string().len() as u64;
        let reply = self.inner.client.ask(&prompt, dialect, left).await;
        let got = reply.as_ref().map_or(0, |it| it.text.len() as u64);
        let counted = reply.as_ref().ok().and_then(|it| it.tokens);
        turn.used(counted.unwrap_or((sent + got) / TOKEN));
        Ok(reply?.text)
    }

    async fn dialect(&self, left: Duration) -> Result<Dialect, Failure> {
        let known = self.inner.state.lock().dialect;
        if let Some(dialect) = known {
            return Ok(dialect);
        }
        let dialect = probe::probe(&self.inner.client, left).await?;
        self.inner.state.lock().dialect = Some(dialect);
        Ok(dialect)
    }

    fn failed(&self, failure: Failure) {
        count(match failure {
            Failure::None => "no_plan",
            failure if failure.is_of_endpoint() => "failed",
            _ => "rejected",
        });
        tracing::info!(model = self.name(), %failure, "the language model's reading does not count");
        if failure.is_of_endpoint() {
            let mut state = self.inner.state.lock();
            state.rests_until = Some(Instant::now() + REST);
            // Another model may be there when it is back.
            state.dialect = None;
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("voltaire_chat_model_questions_total", "outcome" => outcome).increment(1);
}
