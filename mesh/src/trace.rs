//! The trace a call belongs to: W3C Trace Context, taken from the caller or begun here.

use std::fmt;

use rand::Rng;

use crate::spans;

/// Which trace a call belongs to, and which span of it this process's part is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    parent: Option<u64>,
    flags: u8,
}

tokio::task_local! {
    static CURRENT: TraceContext;
}

impl TraceContext {
    /// The name of the header that tells of it.
    pub const HEADER: &str = "traceparent";

    /// A trace that begins here.
    pub fn begin() -> Self {
        let trace = rand::rng().random_range(1..=u128::MAX);
        Self {
            trace,
            span: rand::rng().random_range(1..=u64::MAX),
            parent: None,
            flags: u8::from(spans::is_chosen(trace)),
        }
    }

    /// The caller's trace, by its `traceparent` header, with a new span for this process; begun here where there is none
    /// or it is malformed.
    pub fn continue_from(header: Option<&str>) -> Self {
        match header.and_then(parse) {
            Some((trace, parent, flags)) => Self {
                trace,
                parent: Some(parent),
                flags,
                ..Self::begin()
            },
            None => Self::begin(),
        }
    }

    /// The trace that this task's call belongs to.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|it| *it).ok()
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
    pub fn id(self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The id of this process's span, 16 hexadecimal digits.
    pub(crate) fn span_id(self) -> String {
        format!("{:016x}", self.span)
    }

    /// The ids of the trace and of this process's span of it.
    pub(crate) fn ids(self) -> (u128, u64) {
        (self.trace, self.span)
    }

    /// The caller's span; none where the trace begins here.
    pub(crate) fn parent(self) -> Option<u64> {
        self.parent
    }

    /// Whether spans of the trace are recorded.
    pub(crate) fn is_recorded(self) -> bool {
        self.flags & 1 == 1
    }

    /// The value of the `traceparent` header for calls that are part of this one.
    pub fn header(self) -> String {
        self.to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_callers_trace_is_continued_with_a_span_of_our_own() {
        let it = TraceContext::continue_from(Some(GIVEN));
        assert_eq!(it.id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(it.parent(), Some(0xb7ad_6b71_6920_3331));
        assert!(it.is_recorded());
        let unrecorded = TraceContext::continue_from(Some(&GIVEN.replace("31-01", "31-00")));
        assert!(!unrecorded.is_recorded() && unrecorded.header().ends_with("-00"));
        assert!(it.header().starts_with("00-0af7651916cd43dd8448eb211c80319c-") && it.header() != GIVEN);
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
            assert_ne!(
                TraceContext::continue_from(Some(header)).id(),
                "0af7651916cd43dd8448eb211c80319c",
                "{header}"
            );
        }
    }
}
