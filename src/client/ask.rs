//! `ask`: a question in plain language, answered with figures and their proof.

use std::io::Write;

use anyhow::Context;
use serde_json::{Value, json};
use voltaire_proto::chat::v1::{self as pb, answer_event::Kind, chat_service_client::ChatServiceClient};

use super::{Connection, json};

/// Asks a question about your home.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  voltaire ask \"how much did I use yesterday?\"\n  voltaire ask --session ID \"and the day before?\"\n  voltaire ask --plan \"top 3 devices last month\""
)]
pub(crate) struct Ask {
    /// The question.
    question: String,
    /// Goes on with an earlier conversation.
    #[arg(long, default_value = "", value_name = "ID")]
    session: String,
    /// Also prints the proof: what was understood, as JSON, the period with its time zone, devices, definitions, coverage.
    #[arg(long)]
    plan: bool,
}

/// A whole answer.
#[derive(Debug, Default)]
struct Answer {
    session_id: String,
    /// What was understood of each question, in order.
    understood: Vec<pb::Understanding>,
    text: String,
    facts: Vec<pb::Fact>,
    choices: Vec<String>,
    suggestions: Vec<String>,
    done: pb::Done,
}

impl Ask {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let mut chat = ChatServiceClient::with_interceptor(server.channel, server.bearer);
        let request = pb::AskRequest {
            session_id: self.session,
            text: self.question,
            home_id: String::new(),
        };
        let mut events = chat.ask(request).await?.into_inner();
        let mut answer = Answer::default();
        while let Some(message) = events.message().await? {
            let kind = message
                .event
                .and_then(|event| event.kind)
                .context("a step of no kind")?;
            if let (Kind::Text(delta), false) = (&kind, connection.json) {
                print!("{}", delta.text);
                std::io::stdout().flush()?;
            }
            answer.take(kind);
        }
        if connection.json {
            json::print(&answer.json()?);
        } else {
            answer.print(self.plan)?;
        }
        Ok(())
    }
}

impl Answer {
    fn take(&mut self, kind: Kind) {
        match kind {
            Kind::Understanding(it) => {
                self.session_id.clone_from(&it.session_id);
                self.understood.push(it);
            }
            Kind::Fact(fact) => self.facts.push(fact),
            Kind::Text(delta) => self.text.push_str(&delta.text),
            Kind::Suggestions(it) => self.suggestions = it.questions,
            Kind::Clarification(it) => {
                self.text = it.question;
                self.choices = it.choices;
            }
            Kind::Refusal(it) => self.text = it.text,
            Kind::Done(done) => {
                self.session_id.clone_from(&done.session_id);
                if !done.text.is_empty() {
                    self.text.clone_from(&done.text);
                }
                self.done = done;
            }
            Kind::Chart(_) => {}
        }
    }

    /// What was understood of each question: its plan and that in words.
    fn parts(&self) -> anyhow::Result<Vec<Value>> {
        let part = |it: &pb::Understanding| Ok(json!({ "understood": it.text, "plan": plan(it)? }));
        self.understood.iter().map(part).collect()
    }

    /// The plan of the last question.
    fn plan(&self) -> anyhow::Result<Value> {
        self.understood.last().map_or(Ok(Value::Null), plan)
    }

    fn json(&self) -> anyhow::Result<Value> {
        let facts: Vec<_> = self.facts.iter().map(fact).collect();
        Ok(json!({
            "session_id": self.session_id,
            "text": self.text,
            "facts": facts,
            "plan": self.plan()?,
            "understood": self.understood.last().map_or("", |it| &it.text),
            "parts": self.parts()?,
            "choices": self.choices,
            "suggestions": self.suggestions,
            "message_id": self.done.message_id,
            "proof": self.proof(),
        }))
    }

    /// What the figures stand on.
    fn proof(&self) -> Value {
        let done = &self.done;
        json!({
            "time_zone": done.time_zone,
            "start_time": instant(done.start_time.as_ref()),
            "end_time": instant(done.end_time.as_ref()),
            "devices": done.devices,
            "definitions": done.definitions,
            "coverage": done.coverage,
            "answered_by": done.answered_by,
        })
    }

    fn print(&self, plan: bool) -> anyhow::Result<()> {
        println!();
        if self.facts.is_empty() && !self.text.is_empty() {
            println!("{}", self.text);
        }
        for choice in &self.choices {
            println!("  - {choice}");
        }
        for understood in self.understood.iter().filter(|it| !it.text.is_empty()) {
            println!("({})", understood.text);
        }
        if plan && self.understood.len() > 1 {
            println!("{:#}", json!({ "parts": self.parts()?, "proof": self.proof() }));
        } else if plan {
            println!("{:#}", json!({ "plan": self.plan()?, "proof": self.proof() }));
        }
        println!("session {}", self.session_id);
        Ok(())
    }
}

/// The plan of a question; null where there is none.
fn plan(understood: &pb::Understanding) -> anyhow::Result<Value> {
    let plan = understood.plan.as_ref();
    plan.map_or(Ok(Value::Null), |plan| {
        json::message("voltaire.chat.v1.QueryPlan", plan)
    })
}

/// A fact for scripts: facts that are words or times have them as their value.
fn fact(fact: &pb::Fact) -> Value {
    let value = fact.value.map_or_else(|| Value::from(fact.text.clone()), Value::from);
    let time = instant(fact.time.as_ref());
    json!({
        "label": fact.label, "value": value, "unit": fact.unit, "text": fact.text, "time": time,
        "coverage": fact.coverage, "how": fact.how,
    })
}

/// A moment in UTC, as text; none where there is none.
fn instant(time: Option<&prost_types::Timestamp>) -> Option<String> {
    let read = voltaire_mesh::wire::parse_timestamp("time", Some(time?));
    read.ok().map(|it| it.to_string())
}
