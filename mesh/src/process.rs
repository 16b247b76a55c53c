//! What a process of the mesh has.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use rand::RngCore;
use tokio::sync::OnceCell;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, service::Routes};
use tracing::Instrument;
use voltaire_types::Clock;

use crate::{
    Certificates, Db, Revocations, TlsConfig,
    address::Network,
    bus::{Bus, BusError},
    config::{MeshConfig, NatsConfig},
    keys::Keys,
    onward::add_trace,
    peer::{self, Channels, Incoming, PeerChannel, PeerError},
    service_key::ServiceKey,
    tls::TlsError,
    trace::TraceContext,
    verifier::{Remembered, Verifier},
    watcher,
};

/// A service that is ready to be served: what every service's `open` returns.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its short name: `auth`, `telemetry`, `chat`.
    pub name: &'static str,
    /// Its gRPC services.
    pub routes: Routes,
    /// Its database, whose health is its own.
    pub db: Db,
}

/// The services of the mesh, and the demo home that `up` offers in its own process.
pub const SERVICES: [&str; 4] = ["auth", "telemetry", "chat", "demo"];

/// The time of a call for nobody.
const TIMEOUT: Duration = Duration::from_secs(10);
/// After being cancelled, tasks have so long to end.
const LAST_STEP: Duration = Duration::from_secs(1);

/// What a process has, shared by clones: the clock, channels to other services, its tasks, revocations.
#[derive(Clone)]
pub struct Mesh {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    peers: HashMap<&'static str, Channels>,
    nats: NatsConfig,
    tls: Option<TlsConfig>,
    certificates: Option<Certificates>,
    bus: OnceCell<Bus>,
    incoming: Mutex<HashMap<&'static str, Incoming>>,
    verifier: Verifier,
    stopping: CancellationToken,
    /// Cancels tasks that have not ended by themselves.
    cut: CancellationToken,
    tasks: TaskTracker,
    limits: Limits,
    trusted_proxies: Arc<[Network]>,
}

/// How much at once, and how long the end may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Unary calls at work at once.
    pub concurrency: usize,
    /// Between saying `NOT_SERVING` and letting nobody new in: so that balancers notice.
    pub notice: Duration,
    /// For calls at work and tasks to end by themselves.
    pub drain: Duration,
}

/// The mesh's configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeshError {
    /// A peer's URL or certificates.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Other processes are named, and there is no secret to know them by.
    #[error("mesh.secret must have at least 32 characters where services run in several processes")]
    Secret,
}

impl Mesh {
    /// The mesh of this process. `name` is what others know it by. The service of this name, and those without a URL in the
    /// configuration, are of this process: [`Mesh::listen`] is where they are served.
    pub fn new(name: &str, clock: Clock, config: &MeshConfig) -> Result<Self, MeshError> {
        let certificates = config
            .tls
            .as_ref()
            .map(|files| Certificates::read(files)?.of(name))
            .transpose()?;
        let (mut peers, mut incoming) = (HashMap::new(), HashMap::new());
        for service in SERVICES {
            // What this process is itself is here, wherever others find it.
            let elsewhere = config.peers.url(service).filter(|_| service != name);
            let channel = if let Some(url) = elsewhere {
                peer::over_network(service, url, certificates.as_ref())?
            } else {
                let (channel, server) = peer::in_memory(service);
                incoming.insert(service, server);
                channel
            };
            peers.insert(service, channel);
        }
        let alone = incoming.len() == SERVICES.len();
        let verifier = Verifier {
            clock,
            keys: Keys::new(
                peers["auth"].calls.clone(),
                std::time::Duration::from_hours(config.keys_hours.into()),
            ),
            revocations: Revocations::default(),
            service_key: service_key(config.secret.reveal(), alone)?,
            session_life: i64::from(config.session_hours) * 3600,
            remembered: Remembered::default(),
        };
        let mesh = Self {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                peers,
                nats: config.nats.clone(),
                tls: config.tls.clone(),
                certificates,
                bus: OnceCell::new(),
                incoming: Mutex::new(incoming),
                verifier,
                stopping: CancellationToken::new(),
                cut: CancellationToken::new(),
                tasks: TaskTracker::new(),
                limits: config.limits(),
                trusted_proxies: config.trusted_proxies.clone().into(),
            }),
        };
        if let Some(certificates) = mesh.certificates() {
            mesh.spawn("certificates", certificates.follow(mesh.stopping()));
        }
        Ok(mesh)
    }

    /// The certificates by which members know this process, where there are any.
    pub fn certificates(&self) -> Option<Certificates> {
        self.inner.certificates.clone()
    }

    /// Begins to follow `auth`'s revocations and keys, until the process drains. Once a process.
    pub fn follow_auth(&self) {
        self.spawn("follow auth", watcher::watch(self.clone()));
    }

    /// Where the calls arrive that this process makes to a service of its own; once for each.
    pub fn listen(&self, service: &str) -> Option<Incoming> {
        self.inner.incoming.lock().remove(service)
    }

    /// The clock of this process.
    pub fn clock(&self) -> &Clock {
        &self.inner.verifier.clock
    }

    /// A channel to a service of the mesh by name: `auth`, `telemetry` or `chat`. It connects at the first call. Calls of
    /// a name that there is not fail with `UNAVAILABLE`.
    pub fn peer(&self, service: &str) -> PeerChannel {
        self.channels(service).calls
    }

    /// The same for streams, which live long and whose readers may be slow: on a connection of their own.
    pub fn streams(&self, service: &str) -> PeerChannel {
        self.channels(service).streams
    }

    fn channels(&self, service: &str) -> Channels {
        match self.inner.peers.get(service) {
            Some(channels) => channels.clone(),
            None => peer::in_memory("unknown").0,
        }
    }

    /// The way to the other replicas of this process's services; none where no NATS server is configured. Connects in the
    /// background: a server that is away is no error.
    pub async fn bus(&self) -> Result<Option<Bus>, BusError> {
        if self.inner.nats.url.is_empty() {
            return Ok(None);
        }
        let open = || Bus::open(&self.inner.nats, self.inner.tls.as_ref());
        Ok(Some(self.inner.bus.get_or_try_init(open).await?.clone()))
    }

    /// A request of this service for nobody: with a short-lived service token, a deadline of 10 s and the trace context.
    pub fn service_request<M>(&self, message: M) -> Request<M> {
        let mut request = self.endless_request(message);
        request.set_timeout(TIMEOUT);
        request
    }

    /// The same without a deadline, for streams.
    pub(crate) fn endless_request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let verifier = &self.inner.verifier;
        let token = verifier.service_key.token(&self.inner.name, verifier.clock.now());
        let mut token: tonic::metadata::AsciiMetadataValue = format!("Bearer {token}")
            .parse()
            .expect("a token is base64url and dots");
        token.set_sensitive(true);
        request.metadata_mut().insert("authorization", token);
        add_trace(request.metadata_mut(), TraceContext::current());
        request
    }

    /// Spawns a task that keeps its span and is waited for when the process drains. It should end when
    /// [`Mesh::stopping`] fires; what has not ended after the grace is cancelled.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let cut = self.inner.cut.clone();
        let work = async move {
            tokio::select! {
                () = cut.cancelled() => tracing::warn!("cut short"),
                () = work => {}
            }
        };
        let task = work.instrument(tracing::info_span!("task", name));
        drop(tokio::spawn(self.inner.tasks.track_future(task)));
    }

    /// Fires when the process drains: long streams end themselves with `UNAVAILABLE` (`DRAINING`) then.
    pub fn stopping(&self) -> CancellationToken {
        self.inner.stopping.clone()
    }

    /// Ends the tasks of this process: asks, waits for the grace, cancels. Returns within grace + 1 s. The last thing
    /// before databases are closed.
    pub async fn drain(&self) {
        self.inner.stopping.cancel();
        self.inner.tasks.close();
        if tokio::time::timeout(self.inner.limits.drain, self.inner.tasks.wait())
            .await
            .is_err()
        {
            self.inner.cut.cancel();
            let left = tokio::time::timeout(LAST_STEP, self.inner.tasks.wait()).await;
            if left.is_err() {
                tracing::error!(tasks = self.inner.tasks.len(), "left behind");
            }
        }
    }

    /// The revocations in force: tells this process's identity layers at once.
    pub fn revocations(&self) -> &Revocations {
        &self.inner.verifier.revocations
    }

    /// How much at once, and how long the end may take.
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// The networks whose word about a caller's address is taken.
    pub fn trusted_proxies(&self) -> Arc<[Network]> {
        Arc::clone(&self.inner.trusted_proxies)
    }

    pub(crate) fn verifier(&self) -> Verifier {
        self.inner.verifier.clone()
    }
}

/// A process that is `alone` may do with a random secret.
fn service_key(secret: &str, alone: bool) -> Result<ServiceKey, MeshError> {
    match secret {
        "" if alone => {
            let mut random = [0; 32];
            rand::rng().fill_bytes(&mut random);
            Ok(ServiceKey::new(&random))
        }
        secret if secret.len() >= 32 => Ok(ServiceKey::new(secret.as_bytes())),
        _ => Err(MeshError::Secret),
    }
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mesh({})", self.inner.name)
    }
}
