//! Alerts as they come, for those who watch a home.

use async_stream::try_stream;
use futures::Stream;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep, sleep_until},
};
use voltaire_types::{HomeId, Interval, Timestamp, UserId};

use super::Alerting;
use crate::{
    alert::Alert,
    error::Error,
    store::{AlertQuery, Status},
};

/// Alerts that a snapshot has at most.
const SNAPSHOT: u32 = 500;
/// Alerts that are read at a time.
const CHUNK: u32 = 100;

/// Who watches what, and from where on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlertWatch {
    pub(crate) user: UserId,
    pub(crate) home: HomeId,
    /// The revision of the last message that was received; 0: none.
    pub(crate) since: i64,
    /// When the caller's right to watch ends, UTC.
    pub(crate) expires: Timestamp,
}

/// A message to who watches.
#[derive(Clone, Debug)]
pub(crate) struct AlertMessage {
    pub(crate) revision: i64,
    pub(crate) news: AlertNews,
}

/// What a message says.
#[derive(Clone, Debug)]
pub(crate) enum AlertNews {
    /// The open alerts, latest first.
    Snapshot(Vec<Alert>),
    /// Alerts that changed, each as it is now, in the order of the changes.
    Changes(Vec<Alert>),
    /// Nothing new; the server's clock.
    Heartbeat(Timestamp),
}

impl Alerting {
    /// Watches the alerts of a home of the user: a snapshot, or what changed after `since`; then each change as it comes,
    /// and signs of life. Ends with an error when the process drains, the home is deleted or the time is over.
    pub(crate) async fn watch(
        &self,
        watch: AlertWatch,
    ) -> Result<impl Stream<Item = Result<AlertMessage, Error>> + Send + use<>, Error> {
        let told = self.inner.told.subscribe();
        let revision = self.inner.store.alert_revision(watch.user, watch.home).await?;
        let left = watch.expires.since(self.clock().now());
        let until = Instant::now() + left.min(self.inner.settings.lifetime);
        let known = (1..=revision).contains(&watch.since).then_some(watch.since);
        let first = match known {
            Some(_) => None,
            None => Some(self.snapshot(&watch, revision).await?),
        };
        let revision = known.or(first.as_ref().map(|it| it.revision)).unwrap_or(revision);
        Ok(self.clone().messages(
            Reader {
                watch,
                told,
                until,
                revision,
            },
            first,
        ))
    }

    async fn snapshot(&self, watch: &AlertWatch, revision: i64) -> Result<AlertMessage, Error> {
        let query = AlertQuery {
            user: watch.user,
            home: watch.home,
            status: Status::Open,
            rule: None,
            device: None,
            raised: Interval::new(Timestamp::EPOCH, Timestamp::MAX),
            after: None,
            limit: SNAPSHOT,
        };
        let alerts = self.inner.store.alerts(query).await?;
        // A home's changes are committed in the order of their revisions: whoever sees one sees all before it.
        let newest = alerts.iter().map(|it| it.revision).max().unwrap_or(0);
        Ok(AlertMessage {
            revision: revision.max(newest),
            news: AlertNews::Snapshot(alerts),
        })
    }

    fn messages(
        self,
        mut reader: Reader,
        first: Option<AlertMessage>,
    ) -> impl Stream<Item = Result<AlertMessage, Error>> + Send + use<> {
        let (stopping, settings) = (self.inner.mesh.stopping(), self.inner.settings);
        let AlertWatch { user, home, .. } = reader.watch;
        try_stream! {
            if let Some(first) = first {
                yield first;
            }
            let mut spoken = Instant::now();
            loop {
                while self.inner.store.alert_revision(user, home).await? > reader.revision {
                    let changed = self.inner.store.alerts_since((user, home), reader.revision, CHUNK).await?;
                    let Some(last) = changed.last() else {
                        break;
                    };
                    reader.revision = last.revision;
                    spoken = Instant::now();
                    yield AlertMessage { revision: reader.revision, news: AlertNews::Changes(changed) };
                }
                if spoken.elapsed() >= settings.heartbeat {
                    spoken = Instant::now();
                    let news = AlertNews::Heartbeat(self.clock().now());
                    yield AlertMessage { revision: reader.revision, news };
                }
                tokio::select! {
                    biased;
                    () = stopping.cancelled() => Err(Error::Draining),
                    () = sleep_until(reader.until) => Err(Error::StreamExpired),
                    () = told(&mut reader.told, home) => Ok(()),
                    () = sleep(settings.poll.min(settings.heartbeat)) => Ok(()),
                }?;
            }
        }
    }
}

/// One who watches.
struct Reader {
    watch: AlertWatch,
    told: Receiver<HomeId>,
    until: Instant,
    /// The last that was sent.
    revision: i64,
}

/// Waits until alerts of the home have changed, as far as this process knows.
async fn told(told: &mut Receiver<HomeId>, home: HomeId) {
    loop {
        match told.recv().await {
            Ok(it) if it == home => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The tasks are gone, the stream ends soon.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
