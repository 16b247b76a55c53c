//! The trace a call belongs to: W3C Trace Context, taken from the caller or begun here.

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::TraceState;
use rand::Rng;

use crate::spans;

/// More of what others say of a trace is not passed on, bytes: what the standard asks of everyone.
const LONGEST_STATE: usize = 512;

/// Which trace a call belongs to, and which span of it this process's part is.
#[derive(Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    parent: Option<u64>,
    flags: u8,
    /// What others on the way say of it: passed on as it came.
    state: Option<Arc<TraceState>>,
}

tokio::task_local! {
    static CURRENT: TraceContext;
}

impl TraceContext {
    /// The name of the header that tells of it.
    pub const HEADER: &str = "traceparent";
    /// The name of the header by which others say more of it.
    pub const STATE_HEADER: &str = "tracestate";

    /// A trace that begins here.
    pub fn begin() -> Self {
        let trace = rand::rng().random_range(1..=u128::MAX);
        Self {
            trace,
            span: rand::rng().random_range(1..=u64::MAX),
            parent: None,
            flags: u8::from(spans::is_chosen(trace)),
            state: None,
        }
    }

    /// The caller's trace, by the headers of its call, with a new span for this process; begun here where there is none or it
    /// is malformed.
    pub fn continue_from(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(Self::HEADER).iter();
        let (Some(header), None) = (given.next(), given.next()) else {
            return Self::begin();
        };
        match header.to_str().ok().and_then(parse) {
            Some((trace, parent, flags)) => Self {
                trace,
                parent: Some(parent),
                flags,
                state: state(headers),
                ..Self::begin()
            },
            None => Self::begin(),
        }
    }

    /// Makes a call with these headers a part of this one.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let header = HeaderValue::try_from(self.to_string()).expect("a trace is hexadecimal digits and hyphens");
        headers.insert(Self::HEADER, header);
        match self.state.as_ref().map(|it| HeaderValue::try_from(it.header())) {
            Some(Ok(state)) => headers.insert(Self::STATE_HEADER, state),
            _ => headers.remove(Self::STATE_HEADER),
        };
    }

    /// The trace that this task's call belongs to.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs work as part of this trace.
    pub fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// Runs a step of work as part of this trace.
    pub(crate) fn sync_scope<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// The trace's id, 32 hexadecimal digits.
    pub fn id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The id of this process's span, 16 hexadecimal digits.
    pub(crate) fn span_id(&self) -> String {
        format!("{:016x}", self.span)
    }

    /// The ids of the trace and of this process's span of it.
    pub(crate) fn ids(&self) -> (u128, u64) {
        (self.trace, self.span)
    }

    /// The caller's span; none where the trace begins here.
    pub(crate) fn parent(&self) -> Option<u64> {
        self.parent
    }

    /// Whether spans of the trace are recorded.
    pub(crate) fn is_recorded(&self) -> bool {
        self.flags & 1 == 1
    }

    /// What others say of the trace.
    pub(crate) fn state(&self) -> TraceState {
        self.state.as_deref().cloned().unwrap_or_default()
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn parse(header: &str) -> Option<(u128, u64, u8)> {
    let hex = |part: &str, length| {
        let lower = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        (part.len() == length && part.bytes().all(lower)).then(|| u128::from_str_radix(part, 16).ok())?
    };
    let mut parts = header.split('-');
    let version = hex(parts.next()?, 2)?;
    let trace = hex(parts.next()?, 32)?;
    let span = hex(parts.next()?, 16)?;
    let flags = hex(parts.next()?, 2)?;
    let more = parts.next().is_some();
    if version == 255 || trace == 0 || span == 0 || (version == 0 && more) {
        return None;
    }
    Some((trace, span as u64, (flags & 1) as u8))
}

/// What others say of the trace, newest first; nothing where it is malformed, as the standard says.
fn state(headers: &HeaderMap) -> Option<Arc<TraceState>> {
    let given = headers.get_all(TraceContext::STATE_HEADER).iter();
    let all = given.map(|it| it.to_str().ok()).collect::<Option<Vec<_>>>()?.join(",");
    let mut kept = all.as_str();
    while kept.len() > LONGEST_STATE {
        kept = kept.rsplit_once(',')?.0;
    }
    let state: TraceState = kept.parse().ok()?;
    (state != TraceState::NONE).then(|| Arc::new(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn told(context: &TraceContext) -> (String, Option<String>) {
        let mut headers = headers(&[("tracestate", "of=another")]);
        context.tell(&mut headers);
        let text = |name| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
        (text("traceparent").unwrap(), text("tracestate"))
    }

    #[test]
    fn a_callers_trace_is_continued_with_a_span_of_our_own() {
        let it = TraceContext::continue_from(&headers(&[("traceparent", GIVEN)]));
        assert_eq!(it.id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(it.parent(), Some(0xb7ad_6b71_6920_3331));
        assert!(it.is_recorded());
        let unrecorded = headers(&[("traceparent", &GIVEN.replace("31-01", "31-00"))]);
        let unrecorded = TraceContext::continue_from(&unrecorded);
        assert!(!unrecorded.is_recorded() && told(&unrecorded).0.ends_with("-00"));
        let (header, state) = told(&it);
        assert!(header.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && header != GIVEN);
        assert_eq!(state, None);
    }

    #[test]
    fn a_malformed_header_begins_a_new_trace() {
        for header in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333é-01",
        ] {
            let it = TraceContext::continue_from(&headers(&[("traceparent", header), ("tracestate", "a=1")]));
            assert_ne!(it.id(), "0af7651916cd43dd8448eb211c80319c", "{header}");
            assert_eq!(told(&it).1, None, "what is said of another trace is no use");
        }
        let twice = headers(&[("traceparent", GIVEN), ("traceparent", GIVEN)]);
        assert_eq!(TraceContext::continue_from(&twice).parent(), None);
    }

    #[test]
    fn what_others_say_of_a_trace_is_passed_on() {
        let state = |all: &[&str]| {
            let mut given = vec![("traceparent", GIVEN)];
            given.extend(all.iter().map(|it| ("tracestate", *it)));
            told(&TraceContext::continue_from(&headers(&given))).1
        };
        assert_eq!(
            state(&["rojo=00f067aa0ba902b7"]).as_deref(),
            Some("rojo=00f067aa0ba902b7")
        );
        assert_eq!(state(&["a=1, b@c=2 ", "d=3"]).as_deref(), Some("a=1,b@c=2,d=3"));
        for malformed in ["", " ", "nothing", "A=1", "a=1=2", "a=é"] {
            assert_eq!(state(&[malformed]), None, "{malformed}");
        }
        let long = |name: char| format!("{name}={}", "x".repeat(250));
        let kept = state(&[&long('a'), &long('b'), &long('c')]).unwrap();
        assert_eq!(kept, format!("{},{}", long('a'), long('b')));
    }
}
