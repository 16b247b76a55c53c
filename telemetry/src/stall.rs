//! Streams whose reader takes nothing any more are ended.
//!
//! Whoever stops reading lets HTTP/2's window run full, and from then on the stream is not asked for anything: it cannot end
//! itself, and would hold its place and its queue for ever. So someone else looks: a stream that has given something, or has
//! something to give, and is not asked for so long is stalled, and is dropped with all that it holds. Should the reader come
//! back, the stream says why it ended.

use std::{
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use futures::Stream;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};
use voltaire_mesh::Mesh;

use crate::error::Error;

/// The streams that are looked after; clones share them.
#[derive(Clone)]
pub(crate) struct Stalls {
    streams: Arc<Mutex<Vec<Weak<dyn Held>>>>,
}

impl Stalls {
    /// Starts to look for streams that have been stalled for so long.
    pub(crate) fn start(limit: Duration, mesh: &Mesh) -> Self {
        let it = Self {
            streams: Arc::default(),
        };
        let (streams, stopping) = (it.streams.clone(), mesh.stopping());
        mesh.spawn("stalled streams", async move {
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    () = sleep(limit / 4) => {}
                }
                let stalled = Instant::now().checked_sub(limit);
                streams.lock().retain(|it| match (it.upgrade(), stalled) {
                    (Some(stream), Some(stalled)) => stream.is_kept(stalled),
                    (stream, _) => stream.is_some(),
                });
            }
        });
        it
    }

    /// The stream, ended with an error when its reader stalls.
    pub(crate) fn attend<S, T>(&self, stream: S) -> Attended<S>
    where
        S: Stream<Item = Result<T, Error>> + Send + 'static,
    {
        let shared = Arc::new(Shared {
            stream: Mutex::new(Some(Box::pin(stream))),
            signal: Arc::default(),
        });
        let held: Weak<dyn Held> = Arc::downgrade(&(shared.clone() as Arc<dyn Held>));
        self.streams.lock().push(held);
        let waker = Waker::from(shared.signal.clone());
        Attended { shared, waker }
    }
}

/// What a stalled reader leaves behind.
trait Held: Send + Sync {
    /// Whether the stream goes on; it is dropped if it has not been asked since before the instant, though it had reason to be.
    fn is_kept(&self, stalled: Instant) -> bool;
}

struct Shared<S> {
    stream: Mutex<Option<Pin<Box<S>>>>,
    signal: Arc<Signal>,
}

impl<S: Send> Held for Shared<S> {
    fn is_kept(&self, stalled: Instant) -> bool {
        let mut stream = self.stream.lock();
        if self.signal.due.lock().is_some_and(|due| due <= stalled) {
            *stream = None;
        }
        stream.is_some()
    }
}

/// Wakes the reader of a stream, and knows since when it should have asked.
#[derive(Default)]
struct Signal {
    due: Mutex<Option<Instant>>,
    reader: Mutex<Option<Waker>>,
}

impl Signal {
    fn is_due(&self) {
        self.due.lock().get_or_insert_with(Instant::now);
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.is_due();
        let reader = self.reader.lock().clone();
        reader.iter().for_each(Waker::wake_by_ref);
    }
}

/// A stream that ends when its reader stalls.
pub(crate) struct Attended<S> {
    shared: Arc<Shared<S>>,
    waker: Waker,
}

impl<S, T> Stream for Attended<S>
where
    S: Stream<Item = Result<T, Error>>,
{
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Shared { stream, signal } = &*self.shared;
        let mut stream = stream.lock();
        let was_due = signal.due.lock().take().is_some();
        let Some(inner) = stream.as_mut() else {
            // Told once.
            return Poll::Ready(was_due.then_some(Err(Error::StreamStalled)));
        };
        signal
            .reader
            .lock()
            .get_or_insert_with(|| context.waker().clone())
            .clone_from(context.waker());
        let polled = inner.as_mut().poll_next(&mut Context::from_waker(&self.waker));
        match &polled {
            Poll::Ready(Some(_)) => signal.is_due(),
            Poll::Ready(None) => {
                *stream = None;
                signal.due.lock().take();
            }
            Poll::Pending => {}
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};
    use voltaire_mesh::test::TestMesh;
    use voltaire_types::{Clock, Timestamp};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(20);

    fn stalls(limit: Duration) -> (TestMesh, Stalls) {
        let mesh = TestMesh::new(Clock::fixed(Timestamp::EPOCH));
        let stalls = Stalls::start(limit, &mesh.mesh);
        (mesh, stalls)
    }

    #[tokio::test]
    async fn what_a_reader_leaves_is_dropped_and_told_when_it_comes_back() {
        let (_mesh, stalls) = stalls(LIMIT);
        let held = Arc::new(());
        let holds = held.clone();
        let numbers = stream::iter(0..).map(move |it| Ok((it, Arc::strong_count(&holds))));
        let mut stream = stalls.attend(numbers);
        assert!(matches!(stream.next().await, Some(Ok((0, 2)))));
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
        assert!(stalls.streams.lock().is_empty(), "nobody looks after it any more");
        assert!(matches!(stream.next().await, Some(Err(Error::StreamStalled))));
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn who_has_been_woken_and_does_not_ask_is_stalled() {
        let (_mesh, stalls) = stalls(LIMIT);
        let (news, told) = tokio::sync::mpsc::channel::<Result<i32, Error>>(1);
        let mut stream = stalls.attend(tokio_stream::wrappers::ReceiverStream::new(told));
        assert!(futures::poll!(stream.next()).is_pending());
        news.send(Ok(1)).await.unwrap();
        // Its end of the channel is dropped.
        news.closed().await;
        assert!(matches!(stream.next().await, Some(Err(Error::StreamStalled))));
    }

    #[tokio::test]
    async fn a_reader_that_waits_for_news_is_not_stalled_and_an_end_is_an_end() {
        let (_mesh, stalls) = stalls(Duration::from_hours(1));
        let (news, told) = tokio::sync::mpsc::channel::<Result<i32, Error>>(1);
        let mut stream = stalls.attend(tokio_stream::wrappers::ReceiverStream::new(told));
        let later = Instant::now() + Duration::from_hours(9);
        assert!(futures::poll!(stream.next()).is_pending());
        assert!(stream.shared.is_kept(later));
        news.send(Ok(1)).await.unwrap();
        assert!(matches!(stream.next().await, Some(Ok(1))));
        drop(news);
        assert!(stream.next().await.is_none() && stream.next().await.is_none());
    }
}
