//! Every call ends: at the caller's `grpc-timeout` or at the contract's limit, whichever is earlier, and when the
//! server ends.

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, body::Body};

use super::{Next, Step, body::Until, call, refuse};
use crate::{
    access::{self, Rule},
    deadline::{self, Deadline},
    error::{Invalid, Refused},
    peer,
};

/// A stream ends so long before its caller's deadline, and a tenth of it at most: proxies on the way keep the deadline too, and
/// would break the stream off before its end has said why.
const LAST_WORD: Duration = Duration::from_millis(250);

/// Gives each call its deadline, and cuts it there.
pub(super) struct PerMethod {
    /// Ends every stream.
    pub(super) cut: CancellationToken,
}

/// How long a call may take, and who says so.
struct Limit {
    time: Duration,
    by_caller: bool,
}

impl Step for PerMethod {
    async fn handle<N: Next>(self: Arc<Self>, mut request: Request<Body>, next: N) -> Response<Body> {
        let Some(rule) = access::rule_of(request.uri().path()) else {
            return refuse(Refused::new(
                Code::Unimplemented,
                "NO_METHOD",
                "there is no such method here",
            ));
        };
        let limit = match limit(rule, &request) {
            Ok(limit) => limit,
            Err(invalid) => return refuse(invalid),
        };
        let end = limit.as_ref().map(|limit| Instant::now() + limit.time);
        if let Some(end) = end {
            request.extensions_mut().insert(Deadline(end));
        }
        let response = match end {
            Some(end) => match timeout_at(end, call(next, request)).await {
                Ok(response) => response,
                Err(_) => return refuse(deadline::exceeded()),
            },
            None => call(next, request).await,
        };
        let response = told_as_deadline(response);
        if !rule.streaming {
            return response;
        }
        let cut = self.cut.clone();
        let early = limit
            .as_ref()
            .filter(|it| it.by_caller)
            .map(|it| LAST_WORD.min(it.time / 10));
        let end = end.map(|end| end.checked_sub(early.unwrap_or_default()).unwrap_or(end));
        let aged = limit.is_some_and(|limit| !limit.by_caller) && rule.method == "WatchLive";
        response.map(|inner| Until::body(inner, ended(end, aged, cut)))
    }
}

fn limit(rule: &Rule, request: &Request<Body>) -> Result<Option<Limit>, Invalid> {
    let asked = request.headers().get("grpc-timeout").map(|header| {
        deadline::parse(header.as_bytes())
            .ok_or_else(|| Invalid::new("grpc-timeout", "must be 1 to 8 digits and one of H, M, S, m, u, n"))
    });
    Ok(match (asked.transpose()?, rule.limit) {
        (Some(asked), most) if most.is_none_or(|most| asked <= most) => Some(Limit {
            // Far enough for anyone, near enough for every clock.
            time: asked.min(Duration::from_hours(365 * 24)),
            by_caller: true,
        }),
        (_, Some(time)) => Some(Limit { time, by_caller: false }),
        (_, None) => None,
    })
}

/// How a stream ends that does not end by itself.
async fn ended(end: Option<Instant>, aged: bool, cut: CancellationToken) -> Status {
    let over = async {
        match end {
            Some(end) => tokio::time::sleep_until(end).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = cut.cancelled() => draining().into(),
        () = over => if aged {
            let message = "the stream has been open for long: open it again where it ended";
            Refused::new(Code::Unavailable, "STREAM_AGED", message).retry_after(Duration::ZERO).into()
        } else {
            deadline::exceeded().into()
        },
    }
}

/// The refusal of work while the server ends.
fn draining() -> Refused {
    let refused = Refused::new(Code::Unavailable, "DRAINING", "the server is restarting: try again");
    refused.retry_after(Duration::from_secs(1))
}

/// A method that gives on what tonic said of a call of its own: tonic calls a deadline "cancelled".
fn told_as_deadline(response: Response<Body>) -> Response<Body> {
    let cancelled = response.headers().get("grpc-status").is_some_and(|it| it == "1");
    match cancelled.then(|| Status::from_header_map(response.headers())).flatten() {
        Some(status) if peer::is_deadline(&status) => refuse(deadline::exceeded()),
        _ => response,
    }
}
