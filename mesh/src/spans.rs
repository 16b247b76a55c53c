//! Spans of calls, for a collector of OpenTelemetry, by OTLP. They go in batches and beside the calls: a collector that is
//! slow or away costs spans, never a call. A span's ids are those of [`TraceContext`], so that traces, logs and headers agree.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    InstrumentationScope, KeyValue, Value,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId},
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanExporter as _, SpanLinks, SpanProcessor},
};
use tonic::Code;
use voltaire_types::{Clock, Timestamp};

use crate::trace::TraceContext;

/// The section `[mesh.trace]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TraceConfig {
    /// Where spans are sent by OTLP over gRPC, as `http://collector:4317`. Empty: nowhere.
    pub endpoint: String,
    /// How many of the traces that begin here are recorded: from 0, none, to 1, all. Who continues a caller's trace does
    /// as the caller says.
    pub share: f64,
}

impl Default for TraceConfig {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            share: 1.0,
        }
    }
}

/// Spans cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SpansError {
    /// The endpoint is no address.
    #[error("mesh.trace.endpoint: must be an address as http://collector:4317")]
    Endpoint(#[from] ExporterBuildError),
    /// The share is no part of one.
    #[error("mesh.trace.share: {0} is not from 0 to 1")]
    Share(f64),
    /// A process sends them once.
    #[error("spans are sent already")]
    Twice,
}

struct Sending {
    processor: BatchSpanProcessor,
    share: f64,
}

/// How long the collector has for a batch.
const PATIENCE: Duration = Duration::from_secs(3);

/// A process has one, or none.
static SENDING: OnceLock<Sending> = OnceLock::new();

/// Begins to send spans of this process, if there is an endpoint; `member` says whose they are, as `telemetry`. Within a runtime.
pub fn init(config: &TraceConfig, member: &str) -> Result<(), SpansError> {
    if !(0.0..=1.0).contains(&config.share) {
        return Err(SpansError::Share(config.share));
    }
    if config.endpoint.is_empty() {
        return Ok(());
    }
    let exporter = SpanExporter::builder().with_tonic().with_timeout(PATIENCE);
    let mut exporter = exporter.with_endpoint(&config.endpoint).build()?;
    let resource = Resource::builder_empty().with_attributes([
        KeyValue::new("service.name", member.to_owned()),
        KeyValue::new("service.namespace", "voltaire"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()),
    ]);
    exporter.set_resource(&resource.build());
    let sending = Sending {
        processor: BatchSpanProcessor::builder(exporter).build(),
        share: config.share,
    };
    SENDING.set(sending).map_err(|_| SpansError::Twice)
}

/// Sends what waits to be sent. Waits for the collector for some seconds at most.
pub async fn flush() {
    let flushed = tokio::task::spawn_blocking(|| SENDING.get().map(|it| it.processor.shutdown_with_timeout(PATIENCE)));
    if let Ok(Some(Err(error))) = flushed.await {
        tracing::warn!(%error, "the last spans could not be sent");
    }
}

/// Whether a trace that begins here is recorded, by its id, so that all who ask of one say the same.
pub(crate) fn is_chosen(trace: u128) -> bool {
    let share = SENDING.get().map_or(1.0, |it| it.share);
    // The lower half is random in every version of the standard.
    let place = (trace as u64 >> 11) as f64 / (1_u64 << 53) as f64;
    place < share
}

/// A call that is at work, as the side sees it that serves it or the one that makes it: becomes a span when it has ended.
#[derive(Debug)]
pub struct CallSpan {
    context: TraceContext,
    kind: SpanKind,
    begun: Timestamp,
    attributes: Vec<KeyValue>,
}

impl CallSpan {
    /// A call that is served begins now; none where spans of the trace are not recorded.
    pub fn begin(context: &TraceContext) -> Option<Self> {
        Self::of(context, SpanKind::Server)
    }

    /// The same of a call that is made of another service.
    pub(crate) fn begin_made(context: &TraceContext) -> Option<Self> {
        Self::of(context, SpanKind::Client)
    }

    fn of(context: &TraceContext, kind: SpanKind) -> Option<Self> {
        let recorded = SENDING.get().is_some() && context.is_recorded();
        recorded.then(|| Self {
            context: context.clone(),
            kind,
            begun: Clock::system().now(),
            attributes: Vec::new(),
        })
    }

    /// Says which method was called and what came of it.
    pub(crate) fn say_rpc(&mut self, (service, method): (&'static str, &'static str), code: Code) {
        self.say("rpc.system", "grpc");
        self.say("rpc.service", service);
        self.say("rpc.method", method);
        self.say("rpc.grpc.status_code", code as i64);
    }

    /// Says something about it, by a name of OpenTelemetry's conventions.
    pub fn say(&mut self, name: &'static str, value: impl Into<Value>) {
        self.attributes.push(KeyValue::new(name, value));
    }

    /// Ends it now, under a name of few values; `failed` through the fault of who served it.
    pub fn end(self, name: String, failed: bool) {
        let Some(sending) = SENDING.get() else {
            return;
        };
        let parent = self.context.parent();
        let (trace, span) = self.context.ids();
        let status = if failed { Status::error("") } else { Status::Unset };
        sending.processor.on_end(SpanData {
            span_context: SpanContext::new(
                TraceId::from(trace),
                SpanId::from(span),
                TraceFlags::SAMPLED,
                false,
                self.context.state(),
            ),
            parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote: parent.is_some(),
            span_kind: self.kind,
            name: name.into(),
            start_time: system(self.begun),
            end_time: system(Clock::system().now()),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: InstrumentationScope::builder("voltaire").build(),
        });
    }
}

fn system(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + at.since(Timestamp::EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_are_told() {
        let share = |share| TraceConfig {
            share,
            ..TraceConfig::default()
        };
        assert!(matches!(init(&share(1.5), "it"), Err(SpansError::Share(_))));
        assert!(matches!(init(&share(f64::NAN), "it"), Err(SpansError::Share(_))));
        assert!(init(&share(0.0), "it").is_ok());
    }
}
