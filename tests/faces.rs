//! One number everywhere: gRPC, gRPC-Web, JSON, the command line and chat give the same figure.

mod common;

use std::time::Duration;

use common::{on_each_shape, user::User};
use prost::Message;
use serde_json::{Value, json};
use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1 as telemetry;
use voltaire_types::{Clock, Timestamp};

/// A device with two hours of readings that end a minute ago; the energy is no round number.
async fn measured(user: &User) -> String {
    let device = user.device("Fridge").await;
    let end = Clock::system().now().minus(Duration::from_secs(60));
    let readings = (0..120_u64).map(|minute| telemetry::Reading {
        device_id: device.clone(),
        timestamp: Some(wire::timestamp(end.minus(Duration::from_secs(minute * 60)))),
        power_watts: 80.0 + (minute % 7) as f64 * 3.3,
        ..telemetry::Reading::default()
    });
    let request = telemetry::IngestBatchRequest {
        readings: readings.collect(),
    };
    let result = user
        .ingest()
        .ingest_batch(user.request(request))
        .await
        .expect("stored")
        .into_inner()
        .result;
    assert_eq!(result.map(|it| it.accepted), Some(120));
    device
}

#[tokio::test]
async fn every_face_gives_the_same_energy() {
    on_each_shape(async |server| {
        let user = User::register(server, "gus").await;
        user.login();
        measured(&user).await;
        let (start, end) = hours();
        let interval = telemetry::Interval {
            start_time: Some(wire::timestamp(start)),
            end_time: Some(wire::timestamp(end)),
        };
        let request = telemetry::SummarizeRequest {
            period: Some(telemetry::Period {
                kind: Some(telemetry::period::Kind::Interval(interval)),
            }),
            ..telemetry::SummarizeRequest::default()
        };
        let grpc = user
            .query()
            .summarize(user.request(request.clone()))
            .await
            .expect("an answer")
            .into_inner();
        let expected = grpc.summary.expect("a summary").energy_wh;
        assert!(expected > 100.0);

        let body = json!({ "period": { "interval": { "startTime": start.to_string(), "endTime": end.to_string() } } });
        let (status, answer) = user.json("POST", "/v1/summary:query", Some(body)).await;
        assert_eq!(
            (status, answer["summary"]["energyWh"].as_f64()),
            (200, Some(expected)),
            "{answer:#}"
        );

        assert_eq!(grpc_web(&user, server, &request).await.to_bits(), expected.to_bits());

        let printed: Value = serde_json::from_str(&user.run(&[
            "ask",
            "--json",
            "how much did the fridge use in the last 6 hours in Wh?",
        ]))
        .expect("JSON");
        let facts = printed["facts"].as_array().expect("facts");
        let close = |it: &Value| {
            it["value"].as_f64().is_some_and(|value| {
                (value - expected).abs() < 1e-6 * expected || (value * 1000.0 - expected).abs() < 1e-6 * expected
            })
        };
        assert!(facts.iter().any(close), "{expected}: {printed:#}");
    })
    .await;
}

fn hours() -> (Timestamp, Timestamp) {
    let now = Clock::system().now();
    (now.minus(Duration::from_secs(6 * 3600)), now)
}

/// A unary gRPC-Web call by hand: a frame in, a frame out.
/// What is not known is no nought.
#[tokio::test]
async fn without_a_tariff_no_cost_is_told() {
    use voltaire_proto::chat::v1::answer_event::Kind;

    let server = common::Server::up_with(&["--no-demo"]).await;
    let user = User::register(&server, "nell").await;
    measured(&user).await;
    let told = async |question: &str| {
        let (mut text, mut facts) = (String::new(), Vec::new());
        for event in user.ask(question).await {
            match event {
                Kind::Text(it) => text += &it.text,
                Kind::Refusal(it) => text += &it.text,
                Kind::Fact(it) => facts.push(it.unit),
                _ => {}
            }
        }
        (text, facts)
    };
    for question in [
        "what did the last 6 hours cost?",
        "which device cost the most in the last 6 hours?",
        "what would I have saved in the last 6 hours if the fridge used 20% less?",
    ] {
        let (text, facts) = told(question).await;
        assert!(text.contains("No tariff is set"), "{question}: {text}");
        assert_eq!(facts, Vec::<String>::new(), "{question}");
    }
    let (text, facts) = told("how much did I use in the last 6 hours, and what did it cost?").await;
    assert!(text.contains("You used") && text.contains("No tariff is set"), "{text}");
    assert!(
        facts.iter().all(|unit| unit != "EUR" && unit != "USD") && !facts.is_empty(),
        "{facts:?}"
    );
    server.stop();
}

async fn grpc_web(user: &User, server: &common::Server, request: &telemetry::SummarizeRequest) -> f64 {
    let message = request.encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).expect("short").to_be_bytes());
    frame.extend(message);
    let answer = reqwest::Client::new()
        .post(format!("{}/voltaire.telemetry.v1.QueryService/Summarize", server.url))
        .header("content-type", "application/grpc-web+proto")
        .bearer_auth(&user.token)
        .body(frame)
        .send()
        .await
        .expect("an answer");
    let bytes = answer.bytes().await.expect("its body");
    let length = u32::from_be_bytes(bytes[1..5].try_into().expect("four bytes")) as usize;
    let answer = telemetry::SummarizeResponse::decode(&bytes[5..5 + length]).expect("a message");
    answer.summary.expect("a summary").energy_wh
}

#[tokio::test]
async fn an_alert_is_made_told_and_acknowledged_on_every_face() {
    on_each_shape(async |server| {
        let user = User::register(server, "ned").await;
        user.login();
        measured(&user).await;
        let rule = user.run(&["alert", "create", "budget", "month", "--kwh", "0.001", "--not-ahead"]);
        let rule = rule.trim();
        let listed = async || {
            for _ in 0..200 {
                let listed: Value = serde_json::from_str(&user.run(&["alert", "list", "--json"])).expect("JSON");
                if listed["alerts"].as_array().is_some_and(|it| !it.is_empty()) {
                    return listed["alerts"][0].clone();
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("no alert in 20 s");
        };
        let alert = listed().await;
        assert_eq!(alert["alertRuleId"], rule);
        assert_eq!(alert["reason"], "ALERT_REASON_BUDGET_EXCEEDED");
        let path = format!("/v1/alerts?status=ALERT_STATUS_ACTIVE&alertRuleId={rule}");
        let (status, answer) = user.json("GET", &path, None).await;
        assert_eq!((status, &answer["alerts"][0]), (200, &alert), "{answer:#}");

        let path = format!("/v1/alerts/{}:acknowledge", alert["alertId"].as_str().expect("an id"));
        let (status, answer) = user.json("POST", &path, Some(json!({}))).await;
        assert_eq!(
            (status, &answer["alert"]["acknowledgedBy"]),
            (200, &json!(user.id)),
            "{answer:#}"
        );
        assert_eq!(user.run(&["alert", "acknowledge", "--all"]).trim(), "Acknowledged 0.");
        assert_eq!(user.run(&["alert", "pause", rule]).trim(), "Paused.");
        assert_eq!(user.run(&["alert", "list"]).trim(), "No alerts.");
        let all = user.run(&["alert", "list", "--status", "all"]);
        assert!(all.contains("Home has used") && all.contains("over"), "{all}");
    })
    .await;
}
