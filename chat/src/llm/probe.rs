//! What an endpoint can, found out once: by a question whose answer only a schema can bring about.

use std::time::Duration;

use serde_json::{json, value::to_raw_value};

use super::{
    Failure,
    client::{Client, Dialect, Form, Prompt},
    decode::object,
};

/// Asks until the endpoint takes the wording; then sees whether it keeps to a schema.
pub(super) async fn probe(client: &Client, left: Duration) -> Result<Dialect, Failure> {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["answer"],
        "properties": { "answer": { "type": "string", "enum": ["by the schema"] } },
    });
    let schema = to_raw_value(&schema).map_err(|_| Failure::NoPlan)?;
    let messages = json!([{ "role": "user", "content": "Reply with the JSON object {\"answer\": \"as asked\"}." }]);
    let prompt = Prompt {
        messages: &messages,
        schema: &schema,
        most_tokens: 40,
    };
    let mut dialect = Dialect::FIRST;
    loop {
        match client.ask(&prompt, dialect, left).await {
            Ok(reply) => {
                let kept = object(&reply.text).is_some_and(|it| it["answer"] == "by the schema");
                // A server that ignores the schema is told it in words.
                return Ok(if dialect.form == Form::Schema && !kept {
                    Dialect {
                        form: Form::Asked,
                        ..dialect
                    }
                } else {
                    dialect
                });
            }
            // It speaks, if not to the point: that is for the answers to show.
            Err(Failure::Empty | Failure::TooLong) if dialect.form != Form::Schema => return Ok(dialect),
            Err(Failure::Wording(wording)) => {
                dialect = dialect.without(wording).ok_or(Failure::Wording(wording))?;
            }
            Err(Failure::Empty | Failure::TooLong | Failure::InStream) => {
                dialect = Dialect {
                    form: Form::Asked,
                    ..dialect
                };
            }
            Err(failure) => return Err(failure),
        }
    }
}
