//! One call of `/v1/chat/completions`: streamed, bounded in time and size, cancelled by being dropped.

use std::time::Duration;

use futures::StreamExt;
use reqwest::{StatusCode, header::CONTENT_TYPE, redirect};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use tokio::time::{Instant, timeout_at};
use voltaire_mesh::config::Secret;

use super::{
    Failure,
    config::LlmConfig,
    decode::{Decoder, Reply},
};

/// The longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of a refusal that are looked at.
const REFUSAL: usize = 4096;

/// The endpoint.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    key: Secret,
    model: String,
    first_byte: Duration,
    total: Duration,
}

/// How the endpoint wants to be asked; found out by asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) form: Form,
    /// `max_completion_tokens` instead of `max_tokens`.
    pub(super) completion_tokens: bool,
    /// The temperature may be set.
    pub(super) temperature: bool,
}

/// How an answer's form is made sure of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By a JSON schema.
    Schema,
    /// It is some JSON object.
    Object,
    /// By asking for it.
    Asked,
}

/// What is asked.
pub(super) struct Prompt<'a> {
    pub(super) messages: &'a Value,
    /// As text, because the order of its fields is the order in which a model thinks.
    pub(super) schema: &'a RawValue,
    pub(super) most_tokens: u32,
}

/// A request as it is sent.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a Value,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    JsonSchema { json_schema: Named<'a> },
    JsonObject,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a RawValue,
}

impl Client {
    pub(super) fn new(config: &LlmConfig) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            // A key is for this endpoint alone, and nothing but configuration decides where a question goes.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            url: format!("{}/chat/completions", config.base()?),
            key: config.api_key.clone(),
            model: config.model.clone(),
            first_byte: Duration::from_secs(config.first_byte_seconds.into()),
            total: Duration::from_secs(config.total_seconds.into()),
        })
    }

    /// The reply, within this time and the configured one.
    pub(super) async fn ask(&self, prompt: &Prompt<'_>, dialect: Dialect, left: Duration) -> Result<Reply, Failure> {
        let begun = Instant::now();
        let end = begun + self.total.min(left);
        let first = end.min(begun + self.first_byte);
        let mut request = self.http.post(&self.url).json(&self.body(prompt, dialect));
        if !self.key.is_empty() {
            request = request.bearer_auth(self.key.reveal());
        }
        let response = timeout_at(first, request.send()).await.map_err(|_| Failure::Slow)?;
        let response = response.map_err(|_| Failure::Unreachable)?;
        let status = response.status();
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let mut decoder = Decoder::new(content_type.unwrap_or_default());
        let mut body = response.bytes_stream();
        if !status.is_success() {
            let mut said = Vec::new();
            while let Ok(Some(Ok(bytes))) = timeout_at(first, body.next()).await {
                said.extend_from_slice(&bytes);
                if said.len() > REFUSAL {
                    break;
                }
            }
            return Err(refused(status, &String::from_utf8_lossy(&said)));
        }
        while !decoder.is_over() {
            let until = if decoder.has_begun() { end } else { first };
            match timeout_at(until, body.next()).await.map_err(|_| Failure::Slow)? {
                Some(bytes) => decoder.take(&bytes.map_err(|_| Failure::Broken)?)?,
                None => break,
            }
        }
        decoder.finish()
    }

    fn body<'a>(&'a self, prompt: &Prompt<'a>, dialect: Dialect) -> Body<'a> {
        let most = Some(prompt.most_tokens);
        Body {
            model: &self.model,
            messages: prompt.messages,
            stream: true,
            max_tokens: most.filter(|_| !dialect.completion_tokens),
            max_completion_tokens: most.filter(|_| dialect.completion_tokens),
            temperature: dialect.temperature.then_some(0),
            response_format: match dialect.form {
                Form::Schema => Some(Format::JsonSchema {
                    json_schema: Named {
                        name: "plan",
                        strict: true,
                        schema: prompt.schema,
                    },
                }),
                Form::Object => Some(Format::JsonObject),
                Form::Asked => None,
            },
        }
    }
}

/// What a refusal says about how to ask. Its text may hold the question: it is looked at and dropped.
fn refused(status: StatusCode, said: &str) -> Failure {
    let wording = [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&status)
        || status == StatusCode::INTERNAL_SERVER_ERROR && said.contains("grammar");
    match () {
        () if !wording => Failure::Refused(status.as_u16()),
        () if said.contains("max_completion_tokens") => Failure::Wording(Wording::Tokens),
        () if said.contains("temperature") => Failure::Wording(Wording::Temperature),
        () => Failure::Wording(Wording::Form),
    }
}

/// What of a request an endpoint does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    Tokens,
    Temperature,
    Form,
}

impl Dialect {
    /// What most endpoints take.
    pub(super) const FIRST: Self = Self {
        form: Form::Schema,
        completion_tokens: false,
        temperature: true,
    };

    /// Another one, after a refusal of this; none when there is nothing left to try.
    pub(super) fn without(self, wording: Wording) -> Option<Self> {
        match (wording, self.form) {
            (Wording::Tokens, _) if !self.completion_tokens => Some(Self {
                completion_tokens: true,
                ..self
            }),
            (Wording::Temperature, _) if self.temperature => Some(Self {
                temperature: false,
                ..self
            }),
            (_, Form::Schema) => Some(Self {
                form: Form::Object,
                ..self
            }),
            (_, Form::Object) => Some(Self {
                form: Form::Asked,
                ..self
            }),
            (_, Form::Asked) => None,
        }
    }
}
