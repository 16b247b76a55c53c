//! Calls made on a caller's behalf: as the caller, within the caller's time, as part of the caller's trace.

use std::time::Duration;

use tonic::{
    Request, Status,
    metadata::{AsciiMetadataValue, MetadataMap},
};

use crate::{deadline::Deadline, error::Refused, trace::TraceContext};

/// How long a call may take that is made within a call without an end, such as a live stream.
const DEFAULT: Duration = Duration::from_secs(10);
/// What is left for a call that begins after the deadline: the other side then says so itself.
const LEAST: Duration = Duration::from_millis(1);

/// The caller's token, remaining time and trace context, for calls made on the caller's behalf.
#[derive(Clone)]
pub struct Onward {
    token: AsciiMetadataValue,
    deadline: Option<Deadline>,
    trace: Option<TraceContext>,
}

impl Onward {
    /// What is to be passed on of a request. `UNAUTHENTICATED` (`TOKEN_MISSING`) without a token.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let token = request
            .metadata()
            .get("authorization")
            .ok_or_else(Refused::token_missing)?;
        let mut token = token.clone();
        token.set_sensitive(true);
        Ok(Self {
            token,
            deadline: request.extensions().get().copied(),
            trace: request.extensions().get().cloned(),
        })
    }

    /// A request on the caller's behalf, with the time that is left.
    pub fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let left = self.deadline.map_or(DEFAULT, Deadline::remaining);
        request.set_timeout(left.max(LEAST));
        request.metadata_mut().insert("authorization", self.token.clone());
        add_trace(request.metadata_mut(), self.trace.clone());
        request
    }

    /// The time that is left; none for a call without an end.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(Deadline::remaining)
    }
}

/// Makes a request part of a trace.
pub(crate) fn add_trace(metadata: &mut MetadataMap, trace: Option<TraceContext>) {
    let mut headers = std::mem::take(metadata).into_headers();
    trace.unwrap_or_else(TraceContext::begin).tell(&mut headers);
    *metadata = MetadataMap::from_headers(headers);
}
