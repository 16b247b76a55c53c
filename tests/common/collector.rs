//! A collector of spans, in this process.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value,
    trace::v1::{Span, span::SpanKind},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// Keeps what it is sent.
pub(crate) struct Collector {
    /// Where it listens, at this machine.
    pub(crate) port: u16,
    spans: Spans,
    serving: JoinHandle<()>,
}

/// Spans with the names of their services.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(String, Span)>>>);

#[tonic::async_trait]
impl TraceService for Spans {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut kept = self.0.lock().expect("no other has panicked");
        for from in request.into_inner().resource_spans {
            let attributes = from.resource.unwrap_or_default().attributes;
            let named = attributes.into_iter().find(|it| it.key == "service.name");
            let service = match named.and_then(|it| it.value?.value) {
                Some(any_value::Value::StringValue(name)) => name,
                _ => String::new(),
            };
            let spans = from.scope_spans.into_iter().flat_map(|it| it.spans);
            kept.extend(spans.map(|span| (service.clone(), span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Listens at a port of its own.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let spans = Spans::default();
        let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(spans.clone()));
        let serving = tokio::spawn(async move {
            server
                .serve_with_incoming(TcpIncoming::from(listener))
                .await
                .expect("it serves");
        });
        Self { port, spans, serving }
    }

    /// The spans of a trace, by the hexadecimal digits of its id, with the names of their services.
    pub(crate) fn trace(&self, id: &str) -> Vec<(String, Span)> {
        let all = self.spans.0.lock().expect("no other has panicked");
        let of_trace = all.iter().filter(|(_, span)| hex(&span.trace_id) == id);
        of_trace.cloned().collect()
    }

    /// The ids of all traces, those that were told last first.
    pub(crate) fn traces(&self) -> Vec<String> {
        let all = self.spans.0.lock().expect("no other has panicked");
        let mut ids = Vec::new();
        for id in all.iter().rev().map(|(_, span)| hex(&span.trace_id)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

/// What a span says under a name, as text.
pub(crate) fn said(span: &Span, name: &str) -> Option<String> {
    let value = span.attributes.iter().find(|it| it.key == name)?.value.clone()?.value?;
    Some(match value {
        any_value::Value::StringValue(text) => text,
        any_value::Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

/// Those who called a span, nearest first.
pub(crate) fn above<'a>(spans: &'a [(String, Span)], span: &Span) -> Vec<&'a (String, Span)> {
    let mut above = Vec::new();
    let mut parent = span.parent_span_id.clone();
    while let Some(it) = spans.iter().find(|(_, it)| it.span_id == parent) {
        parent.clone_from(&it.1.parent_span_id);
        above.push(it);
    }
    above
}

/// Of every call between services: who made it, and who served it; where the ways of all of them are whole, each from the
/// span of who served to that of who made it, past proxies, which it names.
pub(crate) fn calls(spans: &[(String, Span)], proxy: Option<&str>) -> Option<Vec<(String, String)>> {
    let mut calls = Vec::new();
    for (made_by, made) in spans.iter().filter(|(_, it)| it.kind() == SpanKind::Client) {
        let to = said(made, "peer.service")?;
        let served = spans.iter().find(|(service, span)| {
            let between = above(spans, span);
            let own = between.iter().position(|(_, it)| it.span_id == made.span_id);
            let way = own.map(|own| between[..own].iter().map(|(service, _)| service.as_str()));
            *service == to && way.is_some_and(|way| way.eq(proxy))
        });
        served?;
        calls.push((made_by.clone(), to));
    }
    Some(calls)
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Spans as a tree, each below who called it, with how long it took.
pub(crate) fn tree(spans: &[(String, Span)]) -> String {
    let mut below: HashMap<&[u8], Vec<&(String, Span)>> = HashMap::new();
    let known: Vec<&[u8]> = spans.iter().map(|(_, it)| it.span_id.as_slice()).collect();
    for it in spans {
        let parent = it.1.parent_span_id.as_slice();
        let parent = if known.contains(&parent) { parent } else { &[] };
        below.entry(parent).or_default().push(it);
    }
    let mut text = String::new();
    write_below(&mut text, &below, (&[], 1));
    text
}

fn write_below(text: &mut String, below: &HashMap<&[u8], Vec<&(String, Span)>>, (parent, depth): (&[u8], usize)) {
    let mut spans = below.get(parent).cloned().unwrap_or_default();
    spans.sort_by_key(|(_, it)| it.start_time_unix_nano);
    for (service, span) in spans {
        let took = span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano) as f64 / 1e6;
        let _ = writeln!(
            text,
            "{:depth$}{service}: {}{} {took:.1} ms",
            "",
            if span.kind() == SpanKind::Client { "→ " } else { "" },
            span.name,
            depth = 2 * depth
        );
        write_below(text, below, (&span.span_id, depth + 1));
    }
}

/// As digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
