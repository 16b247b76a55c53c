//! The verified caller of every call, and the end of streams whose caller is no longer welcome.

use std::sync::Arc;

use http::{HeaderMap, Request, Response, header};
use tonic::{Code, Status, body::Body};

use super::{Next, Step, body::Until, call, refuse};
use crate::{
    access::{self, Rule},
    error::Refused,
    identity::Role,
    jwt::{self, Verified},
    tls::Caller,
    verifier::{self, Verifier},
};

/// Lets in whom the contract lets in.
pub(super) struct Admission {
    pub(super) verifier: Verifier,
}

impl Step for Admission {
    async fn handle<N: Next>(self: Arc<Self>, mut request: Request<Body>, next: N) -> Response<Body> {
        let Some(rule) = access::rule_of(request.uri().path()) else {
            return refuse(Refused::new(
                Code::Unimplemented,
                "NO_METHOD",
                "there is no such method here",
            ));
        };
        // Every connection says who calls; without one nobody does.
        let caller = request.extensions().get().cloned().unwrap_or(Caller::Unknown);
        if let Err(refused) = permitted(rule, &caller) {
            return refuse(refused);
        }
        let admitted = match bearer(request.headers()) {
            Ok(token) => self.verifier.admit(rule, token, &caller).await,
            Err(refused) => Err(refused),
        };
        let verified = match admitted {
            Ok(Some(verified)) => verified,
            Ok(None) => return call(next, request).await,
            Err(refused) => return refuse(refused),
        };
        let span = tracing::Span::current();
        span.record("user.id", tracing::field::display(verified.identity.user_id));
        request.extensions_mut().insert(verified.identity.clone());
        let response = call(next, request).await;
        if !rule.streaming {
            return response;
        }
        let unwelcome = unwelcome(self.verifier.clone(), verified);
        response.map(|inner| Until::body(inner, unwelcome))
    }
}

/// Whether a member may call the method at all: a service that was taken over cannot do the others' work.
fn permitted(rule: &'static Rule, caller: &Caller) -> Result<(), Refused> {
    let Caller::Member { member, .. } = caller else {
        return Ok(());
    };
    if rule.admits(member.name()) {
        return Ok(());
    }
    let peer = member.name().to_owned();
    tracing::warn!(
        peer.service = peer,
        rpc.method = rule.method,
        "a member calls what it may not"
    );
    metrics::counter!("voltaire_peer_refused_total", "peer" => peer, "grpc_method" => rule.method.as_str())
        .increment(1);
    Err(Refused::new(
        Code::PermissionDenied,
        "CALLER_NOT_ALLOWED",
        "this member of the mesh may not call this",
    ))
}

/// Ends when the caller's token has expired or is revoked. A service's token opens a stream and need not outlive it.
async fn unwelcome(verifier: Verifier, admitted: Verified) -> Status {
    if admitted.identity.role == Role::Service {
        return std::future::pending().await;
    }
    let left = admitted.identity.expires.since(verifier.clock.now());
    tokio::select! {
        () = verifier.revocations.revoked(admitted.identity, admitted.version) => verifier::revoked().into(),
        () = tokio::time::sleep(left) => jwt::expired().into(),
    }
}

/// The one bearer token; none where there is no header. Two headers, or another scheme, are refused.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(jwt::invalid());
    }
    let value = value.to_str().map_err(|_| jwt::invalid())?;
    let (scheme, token) = value.split_once(' ').ok_or_else(jwt::invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(jwt::invalid());
    }
    Ok(Some(token))
}
