//! One trace through all: every part tells its own step, by its log and by its spans.

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};

use crate::common::{
    collector::{above, calls, hex, tree},
    user::User,
    whole::WholeMesh,
};

/// A question of a browser's session: edge, gateway, proxy, chat, proxy, telemetry; and its sign-in, which asks auth.
pub(crate) async fn one_trace(mesh: &WholeMesh, user: &User) {
    let trace = uuid::Uuid::now_v7().simple().to_string();
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let (bearer, cookie) = (
        format!("Bearer {}", user.token),
        format!("__Host-session={}", user.token),
    );
    let own = [
        ("traceparent", parent.as_str()),
        ("tracestate", "vendor=of-the-caller"),
        ("sec-fetch-site", "same-origin"),
    ];
    let with = |header| own.into_iter().chain([header]).collect::<Vec<(&str, &str)>>();
    let session = mesh
        .edge
        .json("POST", "/session", &with(("authorization", &bearer)), &Value::Null)
        .await;
    assert_eq!(session.status.as_u16(), 204);
    assert!(session.header("set-cookie").starts_with("__Host-session="));
    let ask = json!({"text": "how much did I use today?"});
    let answer = mesh
        .edge
        .json("POST", "/v1/ask", &with(("cookie", &cookie)), &ask)
        .await;
    assert_eq!(answer.status.as_u16(), 200);
    let mut steps = Vec::new();
    mesh.eventually("every part has told of the trace", async || {
        let lines = mesh.lines().into_iter().filter(|(_, line)| line.contains(&trace));
        steps = lines.filter_map(|(name, line)| step(name, &line)).collect();
        let has = |part: &str| steps.iter().any(|step| step.contains(part));
        [
            "edge    → gateway",
            "gateway → auth",
            "gateway → chat",
            "chat    → telemetry",
            "auth      GetMe",
            "chat      Ask",
            "telemetry ",
        ]
        .iter()
        .all(|part| has(part))
    })
    .await;
    println!("trace {trace}, as logs tell it\n  {}", steps.join("\n  "));
    let ways = [("gateway", "auth"), ("gateway", "chat"), ("chat", "telemetry")];
    let spans = whole(mesh, || Some(trace.clone()), ("00f067aa0ba902b7", &ways)).await;
    for (service, span) in &spans {
        assert_eq!(span.trace_state, "vendor=of-the-caller", "{service}: {}", span.name);
    }
    println!("and as spans\n{}", tree(&spans));
}

/// What the page did last: asked a question, in a trace that began at the edge.
pub(crate) async fn of_the_page(mesh: &WholeMesh) {
    let asked = || {
        let mut traces = mesh.collector.traces().into_iter();
        traces.find(|id| {
            let spans = mesh.collector.trace(id);
            let has = |service: &str, name: &str| spans.iter().any(|(it, span)| it == service && span.name == name);
            has("gateway", "POST grpc-web") && has("chat", "voltaire.chat.v1.ChatService/Ask")
        })
    };
    // It begins at the edge, which nobody has called.
    let spans = whole(mesh, asked, ("", &[("gateway", "chat"), ("chat", "telemetry")])).await;
    let roots: Vec<_> = spans
        .iter()
        .filter(|(_, span)| above(&spans, span).is_empty())
        .collect();
    let [(service, root)] = roots.as_slice() else {
        panic!("{} beginnings:\n{}", roots.len(), tree(&spans));
    };
    let begun = (service.as_str(), root.name.as_str(), root.parent_span_id.len());
    assert_eq!(begun, ("envoy", "edge to gateway", 0), "it begins at the edge");
    println!("the question of the page\n{}", tree(&spans));
}

/// A trace that every part has told of: each call between services by who made it, by Envoy, and by who served it; these
/// ways among them, and no span whose parent is still on its way to the collector: all begin at this one.
async fn whole(
    mesh: &WholeMesh,
    id: impl Fn() -> Option<String>,
    (beginning, ways): (&str, &[(&str, &str)]),
) -> Vec<(String, Span)> {
    let mut spans = Vec::new();
    mesh.eventually("every part has sent its spans, and those of its calls", async || {
        spans = id().map(|id| mesh.collector.trace(&id)).unwrap_or_default();
        let told = calls(&spans, Some("envoy")).unwrap_or_default();
        let mut ways = ways.iter();
        let begin = || spans.iter().all(|it| hex(called_by(&spans, it)) == beginning);
        !spans.is_empty() && begin() && ways.all(|(by, to)| told.contains(&((*by).to_owned(), (*to).to_owned())))
    })
    .await;
    spans
}

/// The id of what called the topmost span above this one that is known.
fn called_by<'a>(spans: &'a [(String, Span)], (_, span): &'a (String, Span)) -> &'a [u8] {
    let above = above(spans, span);
    &above.last().map_or(span, |(_, it)| it).parent_span_id
}

/// A line of a log as a step of a trace; none for lines that tell of something else.
fn step(name: &str, line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    if name == "envoy" {
        let member = line["member"]
            .as_str()
            .and_then(|it| it.rsplit('/').next())
            .unwrap_or("edge");
        let (service, rpc) = (line["service"].as_str()?, line["path"].as_str()?);
        return Some(format!(
            "envoy     {member:<7} → {service} {rpc} {} ms",
            line["milliseconds"]
        ));
    }
    let method = line["span"]["rpc.method"].as_str()?;
    let done = line["message"] == "handled";
    done.then(|| format!("{name:<9} {method} {}", line["code"].as_str().unwrap_or_default()))
}
