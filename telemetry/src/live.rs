//! Live values: the last reading of every device of a home that is watched, and each new one as it is committed.
//!
//! A home is followed while someone watches it. Its feed holds the last readings, merges what is committed within a
//! tenth of a second into one message, numbers the messages and keeps the recent ones for readers who come back. A
//! reader who is too slow misses messages, is told so and starts again from a snapshot; nobody waits for a reader. What
//! is committed at another replica arrives by [`fanout`].

mod fanout;
mod feed;
mod seats;
mod standing;

use std::{collections::HashMap, sync::Arc};

use async_stream::try_stream;
use futures::Stream;
use parking_lot::Mutex;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Duration, Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use voltaire_mesh::{Bus, Mesh};
use voltaire_types::{Clock, HomeId, Timestamp, UserId};

use crate::{config, error::Error, reading::Reading, store::Store};
use fanout::Outbox;
use feed::Feed;
use seats::{Seat, Seats};
pub(crate) use standing::{Latest, Standing};

/// Between attempts to read a database that does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// A message of a home.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Grows by one with every message that carries readings.
    pub(crate) sequence: u64,
    pub(crate) event: Event,
}

/// What a message says.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// Where everything stands.
    Snapshot(Arc<Standing>),
    /// New readings, and the home's power with them.
    Readings(Arc<Standing>),
    /// Nothing new; the server's clock.
    Heartbeat(Timestamp),
    /// So many messages were missed.
    Missed(u64),
}

/// Who watches what, and from where on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    pub(crate) user: UserId,
    pub(crate) home: HomeId,
    /// The last message that was received; 0: none.
    pub(crate) since: u64,
    /// When the caller's right to watch ends, UTC.
    pub(crate) expires: Timestamp,
}

/// The feeds of the homes that are watched; clones share them.
#[derive(Clone)]
pub(crate) struct Live {
    store: Store,
    mesh: Mesh,
    settings: config::Live,
    feeds: Arc<Mutex<HashMap<HomeId, Arc<Feed>>>>,
    /// To other replicas, where there are some.
    bus: Option<Bus>,
    outbox: Arc<Outbox>,
    seats: Seats,
}

impl Live {
    /// Nothing is watched yet. With a bus, other replicas are told what is committed here.
    pub(crate) fn new(store: Store, settings: config::Live, (mesh, bus): (&Mesh, Option<Bus>)) -> Self {
        let live = Self {
            store,
            mesh: mesh.clone(),
            settings,
            feeds: Arc::default(),
            bus,
            outbox: Arc::default(),
            seats: Seats::new(settings.watchers),
        };
        if let Some(bus) = live.bus.clone() {
            let (outbox, stopping) = (live.outbox.clone(), mesh.stopping());
            mesh.spawn("live outbox", async move { outbox.tell(&bus, stopping).await });
        }
        live
    }

    /// These readings have been committed: what is newer than what is known goes to those who watch.
    pub(crate) fn committed(&self, readings: &[(HomeId, Reading)]) {
        if self.bus.is_some() {
            self.outbox.committed(readings);
        }
        let feeds = self.feeds.lock();
        if feeds.is_empty() {
            return;
        }
        for (home, reading) in readings {
            if let Some(feed) = feeds.get(home) {
                feed.offer(*reading);
            }
        }
    }

    /// Devices of the home have been made, changed or deleted: those who watch get a snapshot.
    pub(crate) fn devices_changed(&self, home: HomeId) {
        if self.bus.is_some() {
            self.outbox.changed(home);
        }
        if let Some(feed) = self.feeds.lock().get(&home) {
            feed.reload();
        }
    }

    /// The home is gone: streams of it end.
    pub(crate) fn forget(&self, home: HomeId) {
        if self.bus.is_some() {
            self.outbox.changed(home);
        }
        if let Some(feed) = self.feeds.lock().remove(&home) {
            feed.gone.cancel();
        }
    }

    /// Watches a home of the user: a snapshot, or what came after `since`; then each message as it comes, and signs of
    /// life. Ends with an error when the process drains, the home is deleted or the time is over; at once where too many watch.
    pub(crate) async fn watch(
        &self,
        watch: Watch,
    ) -> Result<impl Stream<Item = Result<Message, Error>> + Send + use<>, Error> {
        let seat = self.seats.take(watch.user)?;
        let (feed, receiver) = self.feed(&watch);
        feed.load(&self.store).await?;
        let reader = Reader {
            feed,
            receiver,
            clock: self.mesh.clock().clone(),
            settings: self.settings,
            stopping: self.mesh.stopping(),
            seat,
        };
        let left = watch.expires.since(self.mesh.clock().now());
        Ok(reader.messages(watch.since, Instant::now() + left.min(self.settings.lifetime)))
    }

    /// The home's feed, and a receiver of it that keeps it alive.
    fn feed(&self, watch: &Watch) -> (Arc<Feed>, broadcast::Receiver<Message>) {
        let mut feeds = self.feeds.lock();
        let feed = feeds.entry(watch.home).or_insert_with(|| {
            let feed = Arc::new(Feed::new(watch.user, watch.home, self.settings, self.mesh.clock()));
            self.mesh.spawn("live", self.clone().follow(feed.clone()));
            feed
        });
        (feed.clone(), feed.subscribe())
    }

    /// Keeps the feed going until nobody has watched for a while, or the home is gone.
    async fn follow(self, feed: Arc<Feed>) {
        let stopping = self.mesh.stopping();
        tokio::select! {
            () = feed.gone.cancelled() => {}
            () = stopping.cancelled() => {}
            () = self.publish(&feed) => {}
            () = fanout::listen(&feed, self.bus.as_ref(), self.settings) => {}
        }
        let mut feeds = self.feeds.lock();
        if feeds.get(&feed.home).is_some_and(|it| Arc::ptr_eq(it, &feed)) {
            feeds.remove(&feed.home);
        }
    }

    /// Publishes what is offered to the feed until nobody has watched for a while.
    async fn publish(&self, feed: &Feed) {
        let mut watched = Instant::now();
        loop {
            let woken = timeout(self.settings.linger, feed.woken()).await.is_ok();
            let begun = Instant::now();
            if feed.is_watched() {
                watched = begun;
            } else if begun - watched >= self.settings.linger {
                let mut feeds = self.feeds.lock();
                // Whoever came just now has been given this feed.
                if !feed.is_watched() {
                    feeds.remove(&feed.home);
                    return;
                }
            }
            if woken && let Err(error) = feed.publish(&self.store, self.mesh.clock().now()).await {
                if feed.gone.is_cancelled() {
                    return;
                }
                tracing::warn!(%error, "live values are late: the database does not answer");
                feed.reread();
                sleep(PAUSE).await;
            }
            sleep_until(begun + self.settings.merge).await;
        }
    }
}

/// One who watches.
struct Reader {
    feed: Arc<Feed>,
    receiver: broadcast::Receiver<Message>,
    clock: Clock,
    settings: config::Live,
    stopping: CancellationToken,
    seat: Seat,
}

impl Reader {
    fn messages(mut self, since: u64, until: Instant) -> impl Stream<Item = Result<Message, Error>> + Send + use<> {
        try_stream! {
            // Free again when the stream is dropped.
            let _seat = self.seat;
            let mut sent = since;
            for message in self.feed.since(since, self.clock.now()) {
                sent = message.sequence;
                yield message;
            }
            loop {
                let received = tokio::select! {
                    biased;
                    () = self.stopping.cancelled() => Err(Error::Draining),
                    () = self.feed.gone.cancelled() => Err(Error::NoHome),
                    () = sleep_until(until) => Err(Error::StreamExpired),
                    received = timeout(self.settings.heartbeat, self.receiver.recv()) => Ok(received),
                }?;
                match received {
                    // What the first messages covered already.
                    Ok(Ok(message)) if message.sequence <= sent => {}
                    Ok(Ok(message)) => {
                        sent = message.sequence;
                        yield message;
                    }
                    Ok(Err(RecvError::Lagged(_))) => {
                        self.receiver = self.receiver.resubscribe();
                        let snapshot = self.feed.snapshot(self.clock.now());
                        yield Message { sequence: sent, event: Event::Missed(snapshot.sequence - sent) };
                        sent = snapshot.sequence;
                        yield snapshot;
                    }
                    Ok(Err(RecvError::Closed)) => Err(Error::NoHome)?,
                    Err(_) => yield Message { sequence: sent, event: Event::Heartbeat(self.clock.now()) },
                }
            }
        }
    }
}
