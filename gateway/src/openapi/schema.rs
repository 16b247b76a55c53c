//! JSON schemas of messages, in canonical JSON.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::comments::Comments;

/// Schemas of every message that is reachable from a method.
pub(crate) struct Schemas<'a> {
    comments: &'a Comments,
    known: BTreeMap<String, Value>,
}

impl<'a> Schemas<'a> {
    /// None yet.
    pub(crate) fn new(comments: &'a Comments) -> Self {
        Self {
            comments,
            known: BTreeMap::new(),
        }
    }

    /// All that were asked for, and the one of errors.
    pub(crate) fn finish(mut self) -> Value {
        self.known.insert("Error".into(), error());
        serde_json::to_value(self.known).unwrap_or_default()
    }

    /// A reference to a message's schema, which is made if it is new.
    pub(crate) fn reference(&mut self, message: &MessageDescriptor) -> Value {
        if let Some(schema) = well_known(message.full_name()) {
            return schema;
        }
        let name = short(message.full_name());
        if !self.known.contains_key(&name) {
            self.known.insert(name.clone(), Value::Null);
            let schema = self.message(message);
            self.known.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn message(&mut self, message: &MessageDescriptor) -> Value {
        let mut properties = Map::new();
        for field in message.fields() {
            properties.insert(field.json_name().to_owned(), self.field(&field));
        }
        json!({
            "type": "object",
            "description": self.comments.of_message(message),
            "properties": properties,
            "additionalProperties": false,
        })
    }

    /// The schema of a field with its comment.
    pub(crate) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let description = self.comments.of_field(field);
        let mut schema = if field.is_map() {
            match field.kind() {
                Kind::Message(entry) => {
                    let value = self.kind(&entry.map_entry_value_field().kind());
                    json!({"type": "object", "additionalProperties": value})
                }
                _ => json!({"type": "object"}),
            }
        } else if field.is_list() {
            json!({"type": "array", "items": self.kind(&field.kind())})
        } else {
            self.kind(&field.kind())
        };
        if description.starts_with("UUID") && schema["type"] == "string" {
            schema["format"] = "uuid".into();
            schema["examples"] = json!(["0193574e-1f2a-7c3b-8d4e-5f6071829304"]);
        }
        if let Some(group) = field.containing_oneof().filter(|it| !it.is_synthetic()) {
            let note = format!("{description}\n\nAt most one of the group `{}`.", group.name());
            schema["description"] = note.into();
        } else if !description.is_empty() {
            schema["description"] = description.into();
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Double | Kind::Float => json!({
                "oneOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]
            }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "format": "int64", "minimum": 0}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "string", "format": "int64"}),
            Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64"}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Enum(it) => self.enumeration(it),
            Kind::Message(it) => self.reference(it),
        }
    }

    fn enumeration(&mut self, it: &EnumDescriptor) -> Value {
        let name = short(it.full_name());
        if !self.known.contains_key(&name) {
            let names: Vec<_> = it.values().map(|value| value.name().to_owned()).collect();
            let mut description = self.comments.of_enum(it);
            for value in it.values() {
                description = format!(
                    "{description}\n- `{}`: {}",
                    value.name(),
                    self.comments.of_value(&value)
                );
            }
            let schema = json!({"type": "string", "enum": names, "description": description});
            self.known.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

/// `voltaire.auth.v1.User` is `auth.User`.
fn short(name: &str) -> String {
    name.strip_prefix("voltaire.").unwrap_or(name).replace(".v1.", ".")
}

fn well_known(name: &str) -> Option<Value> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00Z"]}),
        "Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$", "examples": ["900s"]}),
        "FieldMask" => json!({"type": "string", "examples": ["name,email"]}),
        "Struct" => json!({"type": "object"}),
        "Value" => json!({}),
        "ListValue" => json!({"type": "array"}),
        "Empty" => json!({"type": "object", "additionalProperties": false}),
        "BoolValue" => json!({"type": ["boolean", "null"]}),
        "StringValue" | "BytesValue" | "Int64Value" | "UInt64Value" => json!({"type": ["string", "null"]}),
        "DoubleValue" | "FloatValue" | "Int32Value" | "UInt32Value" => json!({"type": ["number", "null"]}),
        _ => return None,
    })
}

fn error() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "status", "message", "details"],
            "properties": {
                "code": {"type": "integer", "description": "The HTTP status."},
                "status": {"type": "string", "description": "The gRPC code.", "examples": ["NOT_FOUND"]},
                "message": {"type": "string", "description": "For people; may change."},
                "details": {
                    "type": "array",
                    "description": "`google.rpc.ErrorInfo` with its `reason`, `BadRequest`, `RetryInfo`, …",
                    "items": {
                        "type": "object",
                        "required": ["@type"],
                        "properties": {
                            "@type": {"type": "string"},
                            "reason": {"type": "string", "examples": ["NO_DEVICE"]},
                            "domain": {"type": "string", "examples": ["voltaire.telemetry"]},
                            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
                        },
                    },
                },
            },
        }},
    })
}
