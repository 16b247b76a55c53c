use serde_json::json;

use crate::support::{Edge, reason};

#[tokio::test]
async fn a_get_maps_path_and_query_to_fields() {
    let edge = Edge::start().await;
    let path = "/v1/devices/a%2Fb/readings?period.calendar.unit=CALENDAR_UNIT_DAY&period.calendar.back=2&pageSize=7";
    let (status, answer) = edge.get(path).await;
    assert_eq!(status, 200, "{answer}");
    let shown = answer["nextPageToken"].as_str().unwrap();
    for part in ["device_id: \"a/b\"", "unit: Day", "back: 2", "page_size: 7"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let (status, answer) = edge.get("/v1/devices/x/readings?period.last=3600s").await;
    assert_eq!(
        (
            status,
            answer["nextPageToken"].as_str().unwrap().contains("seconds: 3600")
        ),
        (200, true)
    );
}

#[tokio::test]
async fn a_bad_parameter_is_refused_by_name() {
    let edge = Edge::start().await;
    for (path, field) in [
        ("/v1/devices/x/readings?nope=1", "nope"),
        ("/v1/devices/x/readings?page_size=many", "page_size"),
        ("/v1/devices/x/readings?device_id=y", "device_id"),
        (
            "/v1/devices/x/readings?period.calendar.unit=EPOCH",
            "period.calendar.unit",
        ),
        ("/v1/devices/x/readings?period.last=1s&period.all=1", "period.all"),
    ] {
        let (status, error) = edge.get(path).await;
        assert_eq!(status, 400, "{path}: {error}");
        assert_eq!(
            error["error"]["details"][1]["fieldViolations"][0]["field"], field,
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_body_is_read_and_the_path_wins() {
    let edge = Edge::start().await;
    let body = json!({"device": {"name": "Oven", "deviceId": "other"}});
    let (status, answer) = edge.send("PATCH", "/v1/devices/d-1", &body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (answer["device"]["deviceId"].as_str(), answer["device"]["name"].as_str()),
        (Some("d-1"), Some("Oven"))
    );
}

#[tokio::test]
async fn a_bad_body_is_refused_by_name() {
    let edge = Edge::start().await;
    let (status, error) = edge
        .send("PATCH", "/v1/me", &json!({"user": {"createTime": "soon"}}))
        .await;
    assert_eq!((status, reason(&error)), (400, "INVALID_FIELD"));
    assert_eq!(
        error["error"]["details"][1]["fieldViolations"][0]["field"],
        "user.create_time"
    );
    let post = |body: &'static str, kind: &'static str| {
        let request = edge
            .client
            .post(edge.url("/v1/login"))
            .header("content-type", kind)
            .body(body);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(post("{", "application/json").await, 400);
    assert_eq!(post("{}", "text/plain").await, 415);
    assert_eq!(post("{}", "application/x-www-form-urlencoded").await, 415);
    let large = edge
        .client
        .post(edge.url("/v1/login"))
        .header("content-type", "application/json");
    let large = large.body(" ".repeat(4 * 1024 * 1024 + 1)).send().await.unwrap();
    assert_eq!(large.status(), 413);
}

#[tokio::test]
async fn a_services_refusal_keeps_code_reason_and_details() {
    let edge = Edge::start().await;
    let url = edge.url("/v1/tokens/t-1");
    let answer = edge.client.delete(url).bearer_auth(edge.token()).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let error: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(
        error,
        json!({"error": {
            "code": 404, "status": "NOT_FOUND", "message": "no such token: ü",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "NO_TOKEN", "domain": "voltaire.auth",
                    "metadata": {"token_id": "t-1"}},
                {"@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [{"field": "token_id", "description": "unknown"}]},
            ],
        }})
    );
}

#[tokio::test]
async fn a_throttled_caller_is_told_when_to_come_back() {
    let edge = Edge::start().await;
    let body = json!({"email": "busy", "password": "x"});
    let answer = edge
        .client
        .post(edge.url("/v1/login"))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "2")
    );
    let error: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(error["error"]["details"][1]["retryDelay"], "1.5s");
}

#[tokio::test]
async fn without_a_token_a_call_is_unauthenticated() {
    let edge = Edge::start().await;
    let answer = edge.client.get(edge.url("/v1/me")).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    assert_eq!(reason(&answer.json().await.unwrap()), "TOKEN_MISSING");
    let (status, _) = edge.get("/v1/users").await;
    assert_eq!(status, 403, "an admin's method");
}

#[tokio::test]
async fn wrong_verbs_and_addresses_are_told_apart() {
    let edge = Edge::start().await;
    let answer = edge.client.get(edge.url("/v1/login")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()),
        (405, "POST")
    );
    for path in [
        "/v1/nothing",
        "/v1/me:nothing",
        "/v1/login/",
        "/v1//login",
        "/V1/login.x",
    ] {
        assert_eq!(edge.raw_status(path).await, 404, "{path}");
    }
}

#[tokio::test]
async fn a_stream_comes_as_lines_or_as_events() {
    let edge = Edge::start().await;
    let ask = || edge.client.get(edge.url("/v1/live")).bearer_auth(edge.token());
    let lines = ask().send().await.unwrap();
    assert_eq!(lines.headers()["content-type"], "application/x-ndjson");
    let lines = lines.text().await.unwrap();
    let lines: Vec<serde_json::Value> = lines.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[0].clone(), reason(&lines[2])), (json!({}), "DRAINING"));
    let events = ask().header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let events = events.text().await.unwrap();
    assert!(
        events.starts_with("data: {}\n\ndata: {}\n\nevent: error\ndata: {\"error\":"),
        "{events}"
    );
}

#[tokio::test]
async fn the_keys_are_a_plain_key_set() {
    let edge = Edge::start().await;
    let answer = edge
        .client
        .get(edge.url("/.well-known/jwks.json"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
    let keys: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(keys, json!({"keys": [{"kty": "OKP", "use": "sig"}]}));
}

#[tokio::test]
async fn a_call_for_services_has_no_address() {
    let edge = Edge::start().await;
    let path = "/voltaire.auth.v1.AuthService/WatchRevocations";
    let answer = edge.client.post(edge.url(path)).json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 415);
    let api: serde_json::Value = edge
        .client
        .get(edge.url("/openapi.json"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(!api.to_string().contains("WatchRevocations"));
}
