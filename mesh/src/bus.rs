//! The way to the other replicas of a service: short messages over NATS, at most once. Nobody waits for them, and whoever
//! relies on them reads the truth again from time to time: more often while [`Link::up`] is false, at once when it changes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::{sync::watch, time::Duration};

use crate::{TlsConfig, config::NatsConfig};

/// Messages of a subject that may wait for their reader; more are lost, and [`Link::losses`] says so.
const WAITING: usize = 1024;
/// A server that answers two of these late is taken for gone.
const PING: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The connection cannot be configured.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The URL is malformed.
    #[error("mesh.nats.url must be nats://HOST:PORT or tls://HOST:PORT")]
    Url,
    /// The client refuses the settings.
    #[error("cannot use mesh.nats")]
    Settings(#[from] async_nats::ConnectError),
}

/// How the connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Whether messages come and go.
    pub up: bool,
    /// How often some have been lost: on a lost connection, or by a slow reader.
    pub losses: u64,
}

/// A connection to NATS; clones share it.
#[derive(Clone)]
pub struct Bus {
    client: async_nats::Client,
    link: watch::Receiver<Link>,
    prefix: Arc<str>,
}

impl Bus {
    /// Connects in the background, now and whenever the connection is lost.
    pub(crate) async fn open(config: &NatsConfig, tls: Option<&TlsConfig>) -> Result<Self, BusError> {
        let addresses = config.url.reveal().split(',').map(|it| it.trim().parse());
        let addresses: Vec<async_nats::ServerAddr> = addresses.collect::<Result<_, _>>().map_err(|_| BusError::Url)?;
        let (told, link) = watch::channel(Link::default());
        let teller = Teller {
            link: told,
            warned: AtomicBool::new(false),
        };
        let mut options = async_nats::ConnectOptions::new()
            .name("voltaire")
            .no_echo()
            .retry_on_initial_connect()
            .ping_interval(PING)
            .connection_timeout(LONGEST_PAUSE)
            .subscription_capacity(WAITING)
            .reconnect_delay_callback(pause)
            .event_callback(move |event| {
                teller.tell(&event);
                std::future::ready(())
            });
        if let Some(TlsConfig {
            certificate,
            key,
            authority,
            ..
        }) = tls.filter(|_| addresses.iter().any(async_nats::ServerAddr::tls_required))
        {
            options = options
                .add_root_certificates(authority.clone())
                .add_client_certificate(certificate.clone(), key.clone());
        }
        metrics::gauge!("voltaire_nats_connected").set(0.0);
        Ok(Self {
            client: options.connect(addresses).await?,
            link,
            prefix: config.prefix.as_str().into(),
        })
    }

    /// How the connection is, and each change of it.
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// Hands a message over; waits while the connection does not take any. A message may be lost.
    pub async fn publish(&self, subject: &str, message: Vec<u8>) {
        let subject = format!("{}.{subject}", self.prefix);
        if let Err(error) = self.client.publish(subject, message.into()).await {
            tracing::debug!(%error, "a message to other replicas is lost");
        }
    }

    /// The messages of other replicas with this subject, from about now on.
    pub fn subscribe(&self, subject: &str) -> impl Stream<Item = Bytes> + Send + use<> {
        let subject = format!("{}.{subject}", self.prefix);
        let client = self.client.clone();
        let subscribed = async move { client.subscribe(subject).await };
        futures::stream::once(subscribed)
            .filter_map(async |it| it.ok())
            .flatten()
            .map(|message| message.payload)
    }
}

fn pause(attempt: usize) -> Duration {
    let step = u32::try_from(attempt).unwrap_or(u32::MAX);
    LONGEST_PAUSE.min(Duration::from_millis(50) * step)
}

/// Says how the connection is: to those who rely on it, to the log and to the metrics.
struct Teller {
    link: watch::Sender<Link>,
    /// Whether the log knows that there is no connection.
    warned: AtomicBool,
}

impl Teller {
    fn tell(&self, event: &async_nats::Event) {
        use async_nats::Event;
        match event {
            Event::Connected => {
                tracing::info!("connected to NATS: replicas hear of each other at once");
                self.warned.store(false, Ordering::Relaxed);
                self.link.send_modify(|link| link.up = true);
            }
            Event::Disconnected | Event::Closed => {
                self.warn("the connection is lost");
                self.link.send_modify(|link| *link = lossy(*link, false));
            }
            Event::SlowConsumer(_) => self.link.send_modify(|link| *link = lossy(*link, link.up)),
            Event::LameDuckMode | Event::Draining => {}
            Event::ServerError(error) => tracing::warn!(%error, "NATS refuses"),
            // Also of each attempt to connect that fails.
            Event::ClientError(error) if !self.link.borrow().up => self.warn(&error.to_string()),
            Event::ClientError(error) => tracing::warn!(%error, "NATS"),
        }
        metrics::gauge!("voltaire_nats_connected").set(f64::from(u8::from(self.link.borrow().up)));
    }

    /// Once for each time that the connection is away.
    fn warn(&self, error: &str) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(error, "no NATS: what other replicas tell is late until it is back");
        }
    }
}

fn lossy(link: Link, up: bool) -> Link {
    metrics::counter!("voltaire_nats_losses_total").increment(1);
    Link {
        up,
        losses: link.losses + 1,
    }
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bus({:?})", *self.link.borrow())
    }
}
