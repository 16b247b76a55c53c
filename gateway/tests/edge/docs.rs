use std::collections::HashSet;

use serde_json::Value;

use crate::support::Edge;

async fn document() -> Value {
    let edge = Edge::start().await;
    edge.client
        .get(edge.url("/openapi.json"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

fn references<'a>(value: &'a Value, found: &mut HashSet<&'a str>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value.as_str() {
                    Some(target) if name == "$ref" => drop(found.insert(target)),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_describes_every_open_call() {
    let api = document().await;
    assert_eq!(api["openapi"], "3.1.0");
    let paths = api["paths"].as_object().unwrap();
    for path in [
        "/v1/login",
        "/v1/users/{user_id}:disable",
        "/v1/devices/{device.device_id}",
        "/v1/live",
        "/session",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let mut ids = HashSet::new();
    for (path, item) in paths {
        for (verb, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path} {verb}");
            assert!(
                operation["responses"]["default"].is_object() && !operation["summary"].as_str().unwrap().is_empty()
            );
            let declared: HashSet<_> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|it| it["in"] == "path")
                .filter_map(|it| it["name"].as_str())
                .collect();
            let named: HashSet<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
            assert_eq!(declared, named, "{path}");
        }
    }
    assert_eq!(paths["/v1/login"]["post"]["security"], serde_json::json!([]));
    assert!(paths["/v1/me"]["get"].get("security").is_none());
}

#[tokio::test]
async fn every_reference_of_the_document_has_a_target() {
    let api = document().await;
    let mut targets = HashSet::new();
    references(&api, &mut targets);
    assert!(targets.len() > 20);
    for target in targets {
        assert!(
            api.pointer(target.trim_start_matches('#'))
                .is_some_and(Value::is_object),
            "{target}"
        );
    }
}

#[tokio::test]
async fn schemas_are_canonical_json_with_the_contracts_comments() {
    let api = document().await;
    let user = &api["components"]["schemas"]["auth.User"];
    assert_eq!(user["description"], "An account.");
    assert_eq!(user["properties"]["createTime"]["format"], "date-time");
    assert_eq!(user["properties"]["userId"]["format"], "uuid");
    assert!(
        api["components"]["schemas"]["auth.Role"]["enum"]
            .as_array()
            .unwrap()
            .contains(&"ROLE_ADMIN".into())
    );
}

#[tokio::test]
async fn the_page_works_offline_and_within_the_policy() {
    let edge = Edge::start().await;
    let page = edge
        .client
        .get(edge.url("/api-docs"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        !page.contains("://") && !page.contains("<script>") && !page.contains("style="),
        "{page}"
    );
    for part in page.split('"').filter(|it| it.starts_with("/api-docs/")) {
        let answer = edge.client.get(edge.url(part)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{part}");
    }
    let set = edge
        .client
        .get(edge.url("/api-docs/voltaire.binpb"))
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(set.as_ref(), voltaire_proto::DESCRIPTORS);
}
