//! A trace through all services, as a collector of OpenTelemetry is told of it: who served each call and who made it.

mod common;

use std::time::{Duration, Instant};

use common::{
    Server,
    collector::{Collector, above, calls, hex, said, tree},
    user::User,
};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use serde_json::{Value, json};

/// Longer than batches of spans wait, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);
const CALLER: &str = "00f067aa0ba902b7";
const STATE: &str = "vendor=of-the-caller,other@own=2";

/// A call within a trace, and its spans when there are as many calls between services as this.
async fn traced(
    (server, collector): (&Server, &Collector),
    user: &User,
    (verb, path, body): (&str, &str, Option<Value>),
    ways: &[(&str, &str)],
) -> Vec<(String, Span)> {
    let trace = uuid::Uuid::now_v7().simple().to_string();
    let mut request = reqwest::Client::new()
        .request(verb.parse().expect("a verb"), format!("{}{path}", server.url))
        .bearer_auth(&user.token)
        .header("traceparent", format!("00-{trace}-{CALLER}-01"))
        .header("tracestate", STATE);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.expect("an answer");
    answer.text().await.expect("its end");
    let begun = Instant::now();
    loop {
        let spans = collector.trace(&trace);
        let told = calls(&spans, None).unwrap_or_default();
        let has = |(by, to): &(&str, &str)| told.contains(&((*by).to_owned(), (*to).to_owned()));
        if ways.iter().all(has) {
            println!("{verb} {path}\n{}", tree(&spans));
            return spans;
        }
        assert!(begun.elapsed() < PATIENCE, "{verb} {path}\n{}", tree(&spans));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_between_services_are_spans_of_who_makes_them_too() {
    let collector = Collector::start().await;
    let endpoint = format!("[mesh.trace]\nendpoint = \"http://127.0.0.1:{}\"\n", collector.port);
    let server = Server::mesh_with(&endpoint).await;
    let user = User::register(&server, "ida").await;
    let to = (&server, &collector);

    let ask = ("POST", "/v1/ask", Some(json!({"text": "how much did I use today?"})));
    let spans = traced(to, &user, ask, &[("gateway", "chat"), ("chat", "telemetry")]).await;
    for (service, span) in &spans {
        let above = above(&spans, span);
        let top = above.last().map_or(span, |(_, it)| it);
        assert_eq!(hex(&top.parent_span_id), CALLER, "{service}: {}", span.name);
        assert_eq!(span.trace_state, STATE, "{service}: {}", span.name);
        let own = above.first().filter(|(it, _)| it == service).map(|(_, it)| it);
        let within = own.is_none_or(|it| {
            it.start_time_unix_nano <= span.start_time_unix_nano && it.end_time_unix_nano >= span.end_time_unix_nano
        });
        assert!(within, "{service}: {} is not within what it was made for", span.name);
        let failed = span.status.as_ref().is_some_and(|it| it.code() == StatusCode::Error);
        assert!(!failed, "{service}: {}", span.name);
    }
    for (service, made) in spans.iter().filter(|(_, it)| it.kind() == SpanKind::Client) {
        let peer = said(made, "peer.service").expect("whom it was made of");
        let (_, address) = server.roles.iter().find(|(role, _)| *role == peer).expect("a role");
        let told = ["server.address", "server.port"].map(|name| said(made, name).unwrap_or_default());
        assert_eq!(told.join(":"), *address, "{service}");
        let rpc = ["rpc.service", "rpc.method"].map(|name| said(made, name).unwrap_or_default());
        assert_eq!(rpc.join("/"), made.name);
        assert_eq!(said(made, "rpc.grpc.status_code").as_deref(), Some("0"));
    }

    let nobody = ("GET", "/v1/devices/00000000-0000-4000-8000-000000000000", None);
    let spans = traced(to, &user, nobody, &[("gateway", "telemetry")]).await;
    let fault = |kind, service: &str| {
        let mut of = spans.iter().filter(|(it, span)| it == service && span.kind() == kind);
        let (_, span) = of.next().expect("its span");
        let failed = span.status.as_ref().is_some_and(|it| it.code() == StatusCode::Error);
        (failed, said(span, "rpc.grpc.status_code"))
    };
    let not_found = Some("5".to_owned());
    assert_eq!(
        fault(SpanKind::Client, "gateway"),
        (true, not_found.clone()),
        "to who calls"
    );
    assert_eq!(
        fault(SpanKind::Server, "telemetry"),
        (false, not_found),
        "not to who serves"
    );
    server.stop();
}
