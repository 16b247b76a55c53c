//! Fills a request message from body, path and query, naming the field at fault.

use prost_reflect::{
    DeserializeOptions, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _,
    Value,
};
use serde_json::Value as Json;
use voltaire_mesh::Invalid;

/// Reads a message from canonical JSON; unknown fields are refused.
pub(crate) fn message(descriptor: &MessageDescriptor, json: &Json) -> Result<DynamicMessage, Invalid> {
    read(descriptor, json.clone())
        .map_err(|problem| culprit(descriptor, json, "").unwrap_or_else(|| Invalid::new("body", problem)))
}

/// Sets the field at a dotted path from text, as a path variable or a query parameter gives it.
pub(crate) fn assign(message: &mut DynamicMessage, path: &str, text: &str) -> Result<(), Invalid> {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    let descriptor = message.descriptor();
    let field = find(&descriptor, first).ok_or_else(|| Invalid::new(path, "unknown field"))?;
    one_of(message, &field).map_err(|problem| Invalid::new(path, problem))?;
    let Some(rest) = rest else {
        return set(message, &field, text).map_err(|problem| Invalid::new(path, problem));
    };
    if field.is_list() || field.is_map() {
        return Err(Invalid::new(path, "unknown field"));
    }
    let Some(inner) = message.get_field_mut(&field).as_message_mut() else {
        return Err(Invalid::new(path, "unknown field"));
    };
    assign(inner, rest, text).map_err(|Invalid { problem, .. }| Invalid::new(path, problem))
}

/// Forgets the field at a dotted path, so that the path's value takes its place.
pub(crate) fn clear(message: &mut DynamicMessage, path: &str) {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(field) = find(&message.descriptor(), first) else {
        return;
    };
    match rest {
        None => message.clear_field(&field),
        Some(rest) if message.has_field(&field) => {
            if let Some(inner) = message.get_field_mut(&field).as_message_mut() {
                clear(inner, rest);
            }
        }
        Some(_) => {}
    }
}

/// A field by its name in the contract or in JSON.
pub(crate) fn find(descriptor: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    descriptor
        .get_field_by_name(name)
        .or_else(|| descriptor.get_field_by_json_name(name))
}

fn read(descriptor: &MessageDescriptor, json: Json) -> Result<DynamicMessage, String> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    DynamicMessage::deserialize_with_options(descriptor.clone(), json, &options).map_err(|error| error.to_string())
}

/// The first field that cannot be read, found by reading each alone.
fn culprit(descriptor: &MessageDescriptor, json: &Json, parent: &str) -> Option<Invalid> {
    for (name, value) in json.as_object()? {
        let Some(field) = find(descriptor, name) else {
            return Some(Invalid::new(join(parent, name), "unknown field"));
        };
        let alone = Json::Object([(name.clone(), value.clone())].into_iter().collect());
        let Err(problem) = read(descriptor, alone) else {
            continue;
        };
        let path = join(parent, field.name());
        let inside = match (field.kind(), value) {
            (Kind::Message(inner), Json::Array(items)) if field.is_list() => {
                let broken = items.iter().position(|item| read(&inner, item.clone()).is_err());
                broken.and_then(|at| culprit(&inner, items.get(at)?, &format!("{path}[{at}]")))
            }
            (Kind::Message(inner), Json::Object(_)) if !field.is_map() => culprit(&inner, value, &path),
            _ => None,
        };
        return Some(inside.unwrap_or_else(|| Invalid::new(path, problem)));
    }
    None
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

fn one_of(message: &DynamicMessage, field: &FieldDescriptor) -> Result<(), String> {
    let Some(group) = field.containing_oneof() else {
        return Ok(());
    };
    match group.fields().find(|other| other != field && message.has_field(other)) {
        Some(other) => Err(format!("cannot be given together with {}", other.name())),
        None => Ok(()),
    }
}

fn set(message: &mut DynamicMessage, field: &FieldDescriptor, text: &str) -> Result<(), String> {
    if field.is_map() {
        return Err("cannot be given here; send it in a body".into());
    }
    let value = scalar(&field.kind(), text)?;
    if field.is_list() {
        if let Some(list) = message.get_field_mut(field).as_list_mut() {
            list.push(value);
        }
    } else if message.has_field(field) {
        return Err("given more than once".into());
    } else {
        message.set_field(field, value);
    }
    Ok(())
}

fn scalar(kind: &Kind, text: &str) -> Result<Value, String> {
    let number = |_| "not a number in range".to_owned();
    Ok(match kind {
        Kind::String => Value::String(text.to_owned()),
        Kind::Bool => Value::Bool(text.parse().map_err(|_| "must be true or false".to_owned())?),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(text.parse().map_err(number)?),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(text.parse().map_err(number)?),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(text.parse().map_err(number)?),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(text.parse().map_err(number)?),
        Kind::Double => Value::F64(text.parse().map_err(|_| "not a number".to_owned())?),
        Kind::Float => Value::F32(text.parse().map_err(|_| "not a number".to_owned())?),
        Kind::Enum(descriptor) => Value::EnumNumber(enumerated(descriptor, text)?),
        Kind::Message(descriptor) if descriptor.full_name().starts_with("google.protobuf.") => {
            Value::Message(read(descriptor, Json::String(text.to_owned()))?)
        }
        Kind::Bytes | Kind::Message(_) => return Err("cannot be given here; send it in a body".into()),
    })
}

fn enumerated(descriptor: &EnumDescriptor, text: &str) -> Result<i32, String> {
    let by_name = descriptor.get_value_by_name(text);
    let value = by_name.or_else(|| descriptor.get_value(text.parse().ok()?));
    value.map(|it| it.number()).ok_or_else(|| {
        let names: Vec<_> = descriptor.values().skip(1).map(|it| it.name().to_owned()).collect();
        format!("not one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::DescriptorPool;
    use serde_json::json;

    fn descriptor(name: &str) -> MessageDescriptor {
        let pool = DescriptorPool::decode(voltaire_proto::DESCRIPTORS).unwrap();
        pool.get_message_by_name(name).unwrap()
    }

    fn query(name: &str, pairs: &[(&str, &str)]) -> Result<Json, Invalid> {
        let mut message = DynamicMessage::new(descriptor(name));
        for (path, text) in pairs {
            assign(&mut message, path, text)?;
        }
        Ok(serde_json::to_value(&message).unwrap())
    }

    #[test]
    fn a_query_reaches_nested_enums_times_and_lists() {
        let pairs = [
            ("device_id", "d"),
            ("period.calendar.unit", "CALENDAR_UNIT_DAY"),
            ("pageSize", "5"),
        ];
        let read = query("voltaire.telemetry.v1.ListReadingsRequest", &pairs).unwrap();
        assert_eq!(read["deviceId"], "d");
        assert_eq!(read["pageSize"], 5);
        assert_eq!(read["period"]["calendar"]["unit"], "CALENDAR_UNIT_DAY");
        let scopes = query(
            "voltaire.auth.v1.CreateApiTokenRequest",
            &[
                ("scopes", "read"),
                ("scopes", "mcp"),
                ("expireTime", "2026-01-01T00:00:00Z"),
            ],
        );
        assert_eq!(
            scopes.unwrap(),
            json!({"scopes": ["read", "mcp"], "expireTime": "2026-01-01T00:00:00Z"})
        );
    }

    #[test]
    fn a_bad_parameter_is_named() {
        let name = "voltaire.telemetry.v1.ListReadingsRequest";
        for (pairs, field) in [
            (vec![("nope", "1")], "nope"),
            (vec![("period.nope", "1")], "period.nope"),
            (vec![("pageSize", "many")], "pageSize"),
            (vec![("page_size", "1"), ("pageSize", "2")], "pageSize"),
            (vec![("period.calendar.unit", "EPOCH")], "period.calendar.unit"),
            (vec![("period", "today")], "period"),
            (vec![("device_id.x", "1")], "device_id.x"),
        ] {
            assert_eq!(query(name, &pairs).unwrap_err().field, field);
        }
    }

    #[test]
    fn a_bad_body_field_is_named_with_its_path() {
        let device = descriptor("voltaire.auth.v1.UpdateMeRequest");
        for (body, field) in [
            (json!({"nope": 1}), "nope"),
            (json!({"user": {"nope": 1}}), "user.nope"),
            (json!({"user": {"disabled": "x"}}), "user.disabled"),
            (json!({"user": {"createTime": "yesterday"}}), "user.create_time"),
            (json!([]), "body"),
        ] {
            assert_eq!(message(&device, &body).unwrap_err().field, field, "{body}");
        }
        let batch = descriptor("voltaire.auth.v1.GetJwksResponse");
        let bad = json!({"keys": [{"kid": "1"}, {"kid": 2}]});
        assert_eq!(message(&batch, &bad).unwrap_err().field, "keys[1].kid");
    }
}
