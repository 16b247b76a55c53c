//! What Envoy does with replicas that answer their health checks and still fail, or take all they are given: stand-ins in place
//! of telemetry, with its certificates, behind the configuration that `voltaire envoy` makes.

use std::{
    convert::Infallible,
    fs,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinSet, time::Instant};
use tonic::{
    Code, Status,
    body::Body,
    server::NamedService,
    transport::{Certificate, Channel, Identity, Server, ServerTlsConfig},
};
use tower::Service;
use voltaire_proto::telemetry::v1::{ListDevicesRequest, device_service_client::DeviceServiceClient};

use crate::{
    common::{
        certs, free_port,
        process::Process,
        tool,
        whole::{PATIENCE, envoy, plain},
    },
    overhead::member,
};

/// Calls that one service may have at work, by the settings of this test.
const AT_ONCE: usize = 8;

/// What a stand-in does with a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answers,
    Fails,
    Waits,
}

/// In place of a replica of telemetry.
#[derive(Clone)]
struct StandIn {
    port: u16,
    manner: Arc<watch::Sender<Manner>>,
    calls: Arc<AtomicUsize>,
}

impl NamedService for StandIn {
    const NAME: &'static str = "voltaire.telemetry.v1.DeviceService";
}

impl Service<Request<Body>> for StandIn {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut manner = self.manner.subscribe();
        Box::pin(async move {
            let settled = manner.wait_for(|it| *it != Manner::Waits).await.map(|it| *it);
            let status = match settled {
                Ok(Manner::Answers) => Status::not_found("a stand-in"),
                _ => Status::unavailable("a stand-in that fails"),
            };
            Ok(status.into_http())
        })
    }
}

impl StandIn {
    fn start(folder: &TempDir) -> Self {
        let read = |file: &str| fs::read(folder.path().join(file)).expect("a certificate");
        let tls = ServerTlsConfig::new()
            .identity(Identity::from_pem(read("telemetry/tls.crt"), read("telemetry/tls.key")))
            .client_ca_root(Certificate::from_pem(read("ca.crt")));
        let it = Self {
            port: free_port(),
            manner: Arc::new(watch::Sender::new(Manner::Answers)),
            calls: Arc::default(),
        };
        let (health, checks) = tonic_health::server::health_reporter();
        let server = Server::builder().tls_config(tls).expect("good certificates");
        let address = ([127, 0, 0, 1], it.port).into();
        let service = it.clone();
        #[expect(clippy::disallowed_methods, reason = "a stand-in has no process to be drained with")]
        tokio::spawn(async move {
            health
                .set_service_status("telemetry", tonic_health::ServingStatus::Serving)
                .await;
            let mut server = server;
            let end = server.add_service(checks).add_service(service).serve(address).await;
            end.expect("it serves until the test ends");
        });
        it
    }

    fn is(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Envoy before two stand-ins.
struct Proxy {
    folder: TempDir,
    telemetry: [StandIn; 2],
    process: Process,
    mesh: u16,
    figures: u16,
    admin: u16,
}

impl Proxy {
    async fn start() -> Option<Self> {
        tool::path("VOLTAIRE_TEST_ENVOY")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        certs::write(folder.path());
        let telemetry = [StandIn::start(&folder), StandIn::start(&folder)];
        let [edge, mesh, figures, admin] = [(); 4].map(|()| free_port());
        let [first, second] = [telemetry[0].port, telemetry[1].port];
        let at = folder.path().display();
        let settings = format!(
            "[envoy]\nlisten = \"127.0.0.1:{edge}\"\nmesh_listen = \"127.0.0.1:{mesh}\"\n\
             figures_listen = \"127.0.0.1:{figures}\"\nadmin_port = {admin}\nfolder = \"{at}/proxy\"\n\
             certificates = \"{at}/envoy\"\nedge_certificates = \"{at}/edge\"\n\
             telemetry = [\"127.0.0.1:{first}\", \"127.0.0.1:{second}\"]\n\
             auth = [\"127.0.0.1:9\"]\nchat = [\"127.0.0.1:9\"]\ngateway = [\"127.0.0.1:9\"]\n\
             [envoy.limits]\ncalls_at_once = {AT_ONCE}\n"
        );
        fs::write(folder.path().join("voltaire.toml"), settings).expect("written");
        let process = envoy(folder.path());
        let it = Self {
            folder,
            telemetry,
            process,
            mesh,
            figures,
            admin,
        };
        for replica in &it.telemetry {
            it.becomes(replica, "healthy").await;
        }
        Some(it)
    }

    /// Waits until Envoy says this of a replica's health.
    async fn becomes(&self, replica: &StandIn, flags: &str) {
        let line = format!("telemetry::127.0.0.1:{}::health_flags::{flags}", replica.port);
        let begun = Instant::now();
        while !plain(self.admin, "/clusters").await.lines().any(|it| it == line) {
            assert!(
                begun.elapsed() < PATIENCE,
                "in vain until {line}:\n{}",
                self.process.log()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn channel(&self) -> DeviceServiceClient<Channel> {
        DeviceServiceClient::new(member(self.folder.path(), self.mesh).await)
    }

    /// What Prometheus is told of telemetry.
    async fn figure(&self, name: &str) -> f64 {
        let text = plain(self.figures, "/stats/prometheus").await;
        let mut lines = text
            .lines()
            .filter(|it| it.starts_with(&format!("{name}{{")) && it.contains(r#"envoy_cluster_name="telemetry""#));
        let value = lines.next().and_then(|it| it.rsplit(' ').next());
        value
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("{name} is told"))
    }
}

/// Whether a stand-in has answered.
fn answered(result: Result<tonic::Response<voltaire_proto::telemetry::v1::ListDevicesResponse>, Status>) -> bool {
    match result {
        Err(status) => status.code() == Code::NotFound,
        Ok(_) => false,
    }
}

/// One that says that it is well and fails what it is asked is left out for a while, and callers see nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_fails_is_left_out_and_comes_back() {
    let Some(proxy) = Proxy::start().await else {
        return;
    };
    let mut client = proxy.channel().await;
    let [_, bad] = &proxy.telemetry;
    bad.is(Manner::Fails);
    for _ in 0..80 {
        assert!(answered(client.list_devices(ListDevicesRequest::default()).await));
    }
    proxy.becomes(bad, "/failed_outlier_check").await;
    assert!(proxy.figure("envoy_cluster_outlier_detection_ejections_active").await > 0.5);
    // Envoy tells its threads of it within a second.
    let (mut asked, mut others) = (bad.calls(), 0);
    while others < 20 {
        assert!(answered(client.list_devices(ListDevicesRequest::default()).await));
        others = if bad.calls() == asked { others + 1 } else { 0 };
        asked = bad.calls();
    }
    let checks = proxy.figure("envoy_cluster_health_check_success").await;
    while proxy.figure("envoy_cluster_health_check_success").await < checks + 3.0 {
        assert!(answered(client.list_devices(ListDevicesRequest::default()).await));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(bad.calls(), asked, "that it says it is well does not bring it back");
    bad.is(Manner::Answers);
    proxy.becomes(bad, "healthy").await;
    for _ in 0..80 {
        assert!(answered(client.list_devices(ListDevicesRequest::default()).await));
    }
    assert!(bad.calls() > asked, "it is asked again");
}

/// What is more than a service may have at work is refused at once, with a time to come again; the rest is not disturbed.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_what_a_service_may_have_at_work_calls_are_refused_at_once() {
    let Some(proxy) = Proxy::start().await else {
        return;
    };
    let mut client = proxy.channel().await;
    for replica in &proxy.telemetry {
        replica.is(Manner::Waits);
    }
    let begin = |calls: &mut JoinSet<_>| {
        let mut client = client.clone();
        calls.spawn(async move { client.list_devices(ListDevicesRequest::default()).await });
    };
    let mut calls = JoinSet::new();
    for _ in 0..5 * AT_ONCE {
        begin(&mut calls);
    }
    let mut refused = 0;
    while refused < 4 * AT_ONCE {
        let status = calls
            .join_next()
            .await
            .expect("more")
            .expect("it ends")
            .expect_err("refused");
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        let hint = status
            .metadata()
            .get("retry-after")
            .map(tonic::metadata::MetadataValue::as_bytes);
        assert_eq!(hint, Some(&b"1"[..]), "{status:?}");
        refused += 1;
    }
    // What was let through is on its way: on a busy machine it arrives later than the refusals of the others.
    let at_work = || proxy.telemetry.iter().map(StandIn::calls).sum::<usize>();
    let arrived = async {
        while at_work() < AT_ONCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), arrived)
        .await
        .expect("as many as may be at work arrive");
    assert_eq!(at_work(), AT_ONCE);
    assert_eq!(
        proxy.figure("envoy_cluster_upstream_rq_active_overflow").await as usize,
        4 * AT_ONCE
    );
    for replica in &proxy.telemetry {
        replica.is(Manner::Answers);
    }
    while let Some(call) = calls.join_next().await {
        assert!(answered(call.expect("it ends")), "what was at work is answered");
    }
    assert!(answered(client.list_devices(ListDevicesRequest::default()).await));
}
