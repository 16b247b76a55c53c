//! What stands before every method of every service, once: guard, panic, trace, deadline, identity, from the outside in.

mod body;
mod deadline;
mod guard;
mod identity;
mod limit;
mod panic;
mod trace;

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body, service::Routes};
use tower::{Layer, Service, ServiceBuilder, util::BoxCloneSyncService};

use crate::verifier::Verifier;
pub(crate) use limit::Limit;
pub use limit::wait_elsewhere;

/// What comes after a step.
pub(crate) trait Next:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Next for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// One step before a method.
pub(crate) trait Step: Send + Sync + 'static {
    /// Answers the request, by itself or by the next step.
    fn handle<N: Next>(self: Arc<Self>, request: Request<Body>, next: N)
    -> impl Future<Output = Response<Body>> + Send;
}

/// Puts a step before a service.
pub(crate) struct StepLayer<T>(Arc<T>);

impl<T> Clone for StepLayer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T, N: Next> Layer<N> for StepLayer<T> {
    type Service = StepService<T, N>;

    fn layer(&self, next: N) -> Self::Service {
        let step = Arc::clone(&self.0);
        StepService { step, next }
    }
}

/// A service with a step before it.
pub(crate) struct StepService<T, N> {
    step: Arc<T>,
    next: N,
}

impl<T, N: Clone> Clone for StepService<T, N> {
    fn clone(&self) -> Self {
        let step = Arc::clone(&self.step);
        let next = self.next.clone();
        Self { step, next }
    }
}

impl<T: Step, N: Next> Service<Request<Body>> for StepService<T, N> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.next.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let spare = self.next.clone();
        let ready = std::mem::replace(&mut self.next, spare);
        let step = Arc::clone(&self.step);
        Box::pin(async move { Ok(step.handle(request, ready).await) })
    }
}

/// The answer of what comes next.
pub(crate) async fn call<N: Next>(mut next: N, request: Request<Body>) -> Response<Body> {
    match next.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// An answer that is only a status.
pub(crate) fn refuse(status: impl Into<Status>) -> Response<Body> {
    status.into().into_http()
}

/// The methods of services with everything that stands before them.
pub(crate) type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// What the steps need.
pub(crate) struct Before {
    pub(crate) verifier: Verifier,
    /// Ends every stream with `UNAVAILABLE` (`DRAINING`).
    pub(crate) cut: CancellationToken,
    /// How many calls may be at work at once.
    pub(crate) concurrency: usize,
}

/// Puts all steps before the methods.
pub(crate) fn stack(routes: Routes, before: Before) -> Stack {
    fn layer<T>(step: T) -> StepLayer<T> {
        StepLayer(Arc::new(step))
    }
    let stack = ServiceBuilder::new()
        .layer(layer(guard::Guard))
        .layer(layer(panic::Panic))
        .layer(layer(trace::Trace))
        .layer(layer(Limit::new(before.concurrency)))
        .layer(layer(deadline::PerMethod { cut: before.cut }))
        .layer(layer(identity::Admission {
            verifier: before.verifier,
        }))
        .service(routes.prepare());
    BoxCloneSyncService::new(stack)
}
