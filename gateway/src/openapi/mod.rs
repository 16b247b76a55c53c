//! The OpenAPI 3.1 document, made from the contract: comments are descriptions, so that it cannot drift.

mod comments;
mod schema;

use prost_reflect::{Kind, MessageDescriptor, MethodDescriptor};
use serde_json::{Map, Value, json};

use voltaire_mesh::access::{Access, rule_of};

use crate::contract::{Contract, HttpRule, path};
use comments::Comments;
use schema::Schemas;

/// Makes the document.
pub(crate) fn document(contract: &Contract, server: Option<&str>) -> anyhow::Result<Value> {
    let comments = Comments::of(&contract.pool);
    let mut schemas = Schemas::new(&comments);
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    for method in contract.open_methods().filter(|it| !it.is_client_streaming()) {
        let service = method.parent_service();
        for (index, rule) in contract.http_rules(&method)?.iter().enumerate() {
            let mut operation = operation(&comments, &mut schemas, &method, rule);
            if index > 0 {
                operation["operationId"] = format!("{}_{}_{index}", service.name(), method.name()).into();
            }
            let item = paths
                .entry(rule.template.replace("=*}", "}"))
                .or_insert_with(|| json!({}));
            item[rule.verb.as_str().to_ascii_lowercase()] = operation;
        }
        if tags.iter().all(|tag| tag["name"] != service.name()) {
            tags.push(json!({"name": service.name(), "description": comments.of_service(service)}));
        }
    }
    paths.insert("/session".into(), session());
    tags.push(json!({"name": "Browser", "description": "For pages of this server."}));
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Voltaire",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Energy of homes, in JSON. The same methods speak gRPC and gRPC-Web on this port. \
                Times are RFC 3339 in UTC; 64-bit integers are strings; fields with default values are left out.",
        },
        "servers": [{"url": server.unwrap_or("/")}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": {"Error": {
                "description": "What went wrong: branch on `details[].reason`, never on the message.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            }},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "A session token (from `POST /v1/login`) or an API token."},
                "session": {"type": "apiKey", "in": "cookie", "name": "voltaire-session",
                    "description": "A browser's session; `__Host-session` by https. Only for pages of this server."},
            },
        },
    }))
}

fn operation(comments: &Comments, schemas: &mut Schemas<'_>, method: &MethodDescriptor, rule: &HttpRule) -> Value {
    let rule_of_access = rule_of(&path(method));
    let access = rule_of_access.map_or(Access::User, |it| it.access);
    let scopes = rule_of_access.map_or(&[][..], |it| &it.scopes);
    let text = comments.of_method(method);
    let mut description = text.clone();
    if access == Access::Admin {
        description.push_str("\n\nNeeds the role `admin`.");
    }
    if !scopes.is_empty() {
        let scopes: Vec<_> = scopes.iter().map(|it| format!("`{it}`")).collect();
        description = format!(
            "{description}\n\nAPI tokens with a scope of {} may call it.",
            scopes.join(", ")
        );
    }
    let output = schemas.reference(&method.output());
    let content = if method.is_server_streaming() {
        json!({
            "application/x-ndjson": {"schema": output, "x-streaming": "one message a line"},
            "text/event-stream": {"schema": output},
        })
    } else {
        json!({"application/json": {"schema": output}})
    };
    let mut operation = json!({
        "operationId": format!("{}_{}", method.parent_service().name(), method.name()),
        "tags": [method.parent_service().name()],
        "summary": first_sentence(&text),
        "description": description,
        "responses": {
            "200": {"description": comments.of_message(&method.output()), "content": content},
            "default": {"$ref": "#/components/responses/Error"},
        },
    });
    if access == Access::Public {
        operation["security"] = json!([]);
    }
    let parameters = parameters(schemas, method, rule);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if !rule.body.is_empty() {
        let schema = match method.input().get_field_by_name(&rule.body) {
            Some(field) => schemas.field(&field),
            None => schemas.reference(&method.input()),
        };
        operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

fn parameters(schemas: &mut Schemas<'_>, method: &MethodDescriptor, rule: &HttpRule) -> Vec<Value> {
    let input = method.input();
    let mut list = Vec::new();
    let mut bound = Vec::new();
    for part in rule.template.split(['{', '}']).skip(1).step_by(2) {
        let name = part.trim_end_matches("=*");
        bound.push(name.to_owned());
        let schema = leaf(&input, name).map(|field| schemas.field(&field));
        let schema = schema.unwrap_or_else(|| json!({"type": "string"}));
        let mut parameter = json!({"name": name, "in": "path", "required": true});
        describe(&mut parameter, schema);
        list.push(parameter);
    }
    if rule.body == "*" {
        return list;
    }
    let mut names = Vec::new();
    leaves(&input, "", &mut names, 0);
    for (name, field) in names {
        let first = name.split('.').next().unwrap_or_default();
        if bound.contains(&name) || first == rule.body {
            continue;
        }
        let mut parameter = json!({"name": name, "in": "query"});
        describe(&mut parameter, schemas.field(&field));
        list.push(parameter);
    }
    list
}

fn describe(parameter: &mut Value, mut schema: Value) {
    if let Some(text) = schema.as_object_mut().and_then(|it| it.remove("description")) {
        parameter["description"] = text;
    }
    parameter["schema"] = schema;
}

fn leaf(message: &MessageDescriptor, path: &str) -> Option<prost_reflect::FieldDescriptor> {
    match path.split_once('.') {
        None => message.get_field_by_name(path),
        Some((first, rest)) => match message.get_field_by_name(first)?.kind() {
            Kind::Message(inner) => leaf(&inner, rest),
            _ => None,
        },
    }
}

/// Every field that a query parameter can set, as dotted paths.
fn leaves(
    message: &MessageDescriptor,
    parent: &str,
    found: &mut Vec<(String, prost_reflect::FieldDescriptor)>,
    depth: usize,
) {
    for field in message.fields() {
        let path = if parent.is_empty() {
            field.name().to_owned()
        } else {
            format!("{parent}.{}", field.name())
        };
        match field.kind() {
            Kind::Message(inner) if !inner.full_name().starts_with("google.protobuf.") => {
                if !field.is_list() && !field.is_map() && depth < 4 {
                    leaves(&inner, &path, found, depth + 1);
                }
            }
            Kind::Bytes => {}
            _ if field.is_map() => {}
            _ => found.push((path, field)),
        }
    }
}

fn session() -> Value {
    let none = json!({"description": "Done; the answer sets the cookie."});
    let error = json!({"$ref": "#/components/responses/Error"});
    json!({
        "post": {
            "operationId": "Browser_KeepSession", "tags": ["Browser"], "summary": "Keeps the session token in a cookie.",
            "description": "The cookie cannot be read by scripts, and counts for this server's own pages only.",
            "security": [{"bearer": []}], "responses": {"204": none, "default": error},
        },
        "delete": {
            "operationId": "Browser_ForgetSession", "tags": ["Browser"], "summary": "Forgets the cookie.",
            "description": "Call `POST /v1/logout` before, so that the token ends as well.",
            "security": [], "responses": {"204": none, "default": error},
        },
    })
}

fn first_sentence(text: &str) -> &str {
    let end = text
        .find(". ")
        .or_else(|| text.find(".\n"))
        .map_or(text.len(), |at| at + 1);
    text.get(..end).unwrap_or(text)
}
