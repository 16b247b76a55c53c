//! Figures of this process, for Prometheus: docs/metrics.md lists them.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use crate::Mesh;

/// Seconds that buckets of answering times end at.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Seconds that buckets of lags end at, which are of another kind than answering times.
const LAGS: [f64; 10] = [
    1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0, 604_800.0,
];

/// How often old samples are folded up.
const UPKEEP: Duration = Duration::from_secs(5);
/// Readers at once; who comes then waits.
const READERS: usize = 8;
/// A reader has so long to ask and to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process has one recorder, whoever shows it.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to record; the second time in a process, nothing. Where the process has a recorder of another kind already, there
/// is nothing to show.
pub fn record() {
    recorder();
}

fn recorder() -> Option<&'static PrometheusHandle> {
    let install = || {
        let times = Matcher::Suffix("_seconds".into());
        let lags = Matcher::Full("voltaire_ingest_lag_seconds".into());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(times, &SECONDS).ok()?;
        let builder = builder.set_buckets_for_metric(lags, &LAGS).ok()?;
        builder.install_recorder().ok()
    };
    RECORDER.get_or_init(install).as_ref()
}

/// Folds old samples up, until the process drains: without it a process whose figures nobody reads grows.
pub fn keep_up(mesh: &Mesh) {
    let Some(recorder) = recorder() else { return };
    let stopping = mesh.stopping();
    mesh.spawn("metrics", async move {
        while timeout(UPKEEP, stopping.cancelled()).await.is_err() {
            recorder.run_upkeep();
        }
    });
}

/// All figures of this process, as Prometheus reads them.
pub fn answer() -> Response<Full<Bytes>> {
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    let mut response = Response::new(Full::from(text));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Answers `GET /metrics` at an address of its own, and nothing else, until the process drains; the address that it got.
/// Whoever reaches the address may read: keep it to a network of members.
pub async fn listen(address: SocketAddr, mesh: &Mesh) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (stopping, own) = (mesh.stopping(), mesh.clone());
    mesh.spawn("metrics readers", async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = accept(&listener, &own) => {}
        }
    });
    Ok(address)
}

async fn accept(listener: &TcpListener, mesh: &Mesh) {
    let places = Arc::new(Semaphore::new(READERS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => mesh.spawn("metrics reader", async move {
                // One that is too slow is cut off.
                drop(timeout(PATIENCE, serve(stream)).await);
                drop(place);
            }),
            Err(error) => {
                tracing::debug!(%error, "a reader of metrics did not come in");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream) {
    let respond = |request: Request<Incoming>| async move { Ok::<_, io::Error>(respond(&request)) };
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service_fn(respond))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a reader of metrics went away");
    }
}

fn respond<B>(request: &Request<B>) -> Response<Full<Bytes>> {
    let status = match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => return answer(),
        (_, "/metrics") => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::NOT_FOUND,
    };
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_at_one_path_by_one_method() {
        let status = |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).body(());
            respond(&request.expect("a request")).status()
        };
        assert_eq!(status("GET", "/metrics"), StatusCode::OK);
        assert_eq!(status("POST", "/metrics"), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(status("GET", "/"), StatusCode::NOT_FOUND);
    }
}
