//! How many calls are at work at once, so that under any load those that are let in end in time.
//!
//! A call that finds no place waits a moment for one, then is refused: early, with when to try again. How many places there
//! are follows from how long calls take: as long as they end soon there are more and more, and when they take long, since
//! all work at once, there are fewer. So what is offered beyond what can be done costs next to nothing, and what can be done
//! is done.
//!
//! A call that waits for something with a queue of its own, as readings for their commit, is not at work: [`wait_elsewhere`]
//! gives its place back, so that a slow disk takes no places from those who only read.

use std::{cell::RefCell, sync::Arc, time::Duration};

use http::{Request, Response};
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};
use tonic::{Code, body::Body};

use super::{Next, Step, call, refuse};
use crate::{access, error::Refused};

/// How long a call waits for a place.
const PATIENCE: Duration = Duration::from_millis(500);
/// A call that takes longer says that there are too many.
const SOON: Duration = Duration::from_secs(1);
/// There are never fewer places, so that a few slow calls stop no others.
const LEAST: usize = 16;
/// Places at the start.
const FIRST: usize = 128;
/// So many may wait for each place; more are refused at once.
const QUEUE: usize = 4;

tokio::task_local! {
    static CALL: RefCell<Call>;
}

/// Where a call is that was let in.
enum Call {
    AtWork(Place),
    Elsewhere(#[expect(dead_code, reason = "counts while it is there")] Elsewhere),
}

/// From now on this call waits for what has a queue of its own: its place is for others, and how long it takes says nothing
/// of how much there is to do. False where as many wait so as may be at work at once: then it is to be refused.
#[must_use]
pub fn wait_elsewhere() -> bool {
    let moved = CALL.try_with(|call| {
        let mut call = call.borrow_mut();
        if let Call::AtWork(place) = &*call {
            let limit = Arc::clone(&place.limit);
            let Some(elsewhere) = Elsewhere::begin(&limit) else {
                return false;
            };
            *call = Call::Elsewhere(elsewhere);
        }
        true
    });
    // A stream, or a call inside a test, has no place.
    moved.unwrap_or(true)
}

/// The places for calls at work, over all connections.
pub(crate) struct Limit {
    places: Arc<Semaphore>,
    /// No more places than this.
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    places: usize,
    /// Places that are to go as soon as they are free.
    excess: usize,
    waiting: usize,
    /// Calls that were at work and wait elsewhere.
    elsewhere: usize,
    /// Calls that ended soon while most places were taken, since there were more places.
    good: usize,
    /// When there were fewer.
    lowered: Option<Instant>,
    /// When it was logged that calls are refused.
    told: Option<Instant>,
}

impl Limit {
    pub(crate) fn new(most: usize) -> Self {
        let places = most.min(FIRST);
        Self {
            places: Arc::new(Semaphore::new(places)),
            most,
            state: Mutex::new(State {
                places,
                excess: 0,
                waiting: 0,
                elsewhere: 0,
                good: 0,
                lowered: None,
                told: None,
            }),
        }
    }

    /// A place for a call; none where it would have to wait too long.
    async fn place(self: &Arc<Self>) -> Option<Place> {
        let places = || Arc::clone(&self.places);
        if let Ok(permit) = places().try_acquire_owned() {
            return Some(Place::new(self, permit));
        }
        let _wait = Wait::begin(self)?;
        let permit = timeout(PATIENCE, places().acquire_owned()).await.ok()?.ok()?;
        Some(Place::new(self, permit))
    }

    /// A call has ended: what that says of the number of places.
    fn ended(&self, permit: OwnedSemaphorePermit, soon: bool) {
        let mut state = self.state.lock();
        let full = self.places.available_permits() <= state.places / 4;
        if !soon {
            state.fewer();
            let free = self.places.forget_permits(state.excess);
            state.excess -= free;
        } else if full && state.more(self.most) {
            self.places.add_permits(1);
        }
        if state.excess > 0 {
            state.excess -= 1;
            permit.forget();
        }
    }

    fn refused(&self) -> Response<Body> {
        metrics::counter!("voltaire_overloaded_total").increment(1);
        let mut state = self.state.lock();
        if state.told.is_none_or(|it| it.elapsed() > SOON) {
            state.told = Some(Instant::now());
            tracing::warn!(
                places = state.places,
                waiting = state.waiting,
                elsewhere = state.elsewhere,
                "too much to do: calls are refused"
            );
        }
        let refused = Refused::new(Code::ResourceExhausted, "OVERLOADED", "too busy: try again shortly");
        refuse(refused.retry_after(Duration::from_secs(1)))
    }
}

impl State {
    /// A quarter fewer, once for all that were at work together.
    fn fewer(&mut self) {
        if self.lowered.is_some_and(|it| it.elapsed() < SOON) {
            return;
        }
        let fewer = (self.places * 3 / 4).max(LEAST.min(self.places));
        self.excess += self.places - fewer;
        (self.places, self.good, self.lowered) = (fewer, 0, Some(Instant::now()));
    }

    /// One more, when as many calls as there are places have ended soon. Whether a place is to be added.
    fn more(&mut self, most: usize) -> bool {
        self.good += 1;
        if self.good < self.places || self.places >= most {
            return false;
        }
        (self.places, self.good) = (self.places + 1, 0);
        if self.excess > 0 {
            self.excess -= 1;
            return false;
        }
        true
    }
}

/// Who waits for a place.
struct Wait<'a>(&'a Limit);

impl<'a> Wait<'a> {
    fn begin(limit: &'a Limit) -> Option<Self> {
        let mut state = limit.state.lock();
        let room = state.waiting < state.places * QUEUE;
        state.waiting += usize::from(room);
        room.then(|| Self(limit))
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.state.lock().waiting -= 1;
    }
}

/// A call at work; given back however it ends, also when its caller goes away.
struct Place {
    limit: Arc<Limit>,
    permit: Option<OwnedSemaphorePermit>,
    begun: Instant,
}

impl Place {
    fn new(limit: &Arc<Limit>, permit: OwnedSemaphorePermit) -> Self {
        Self {
            limit: Arc::clone(limit),
            permit: Some(permit),
            begun: Instant::now(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.limit.ended(permit, self.begun.elapsed() <= SOON);
        }
    }
}

/// A call that waits elsewhere: however many there are, they are counted, as each keeps what it was sent.
struct Elsewhere(Arc<Limit>);

impl Elsewhere {
    fn begin(limit: &Arc<Limit>) -> Option<Self> {
        let mut state = limit.state.lock();
        let room = state.elsewhere < limit.most;
        state.elsewhere += usize::from(room);
        room.then(|| Self(Arc::clone(limit)))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.0.state.lock().elsewhere -= 1;
    }
}

impl Step for Limit {
    async fn handle<N: Next>(self: Arc<Self>, request: Request<Body>, next: N) -> Response<Body> {
        // Streams live long; connections and their streams are limited instead. Health is asked when it matters most.
        let rule = access::rule_of(request.uri().path());
        if rule.is_some_and(|rule| rule.streaming || rule.service.starts_with("grpc.health.")) {
            return call(next, request).await;
        }
        match self.place().await {
            Some(place) => {
                let at_work = RefCell::new(Call::AtWork(place));
                CALL.scope(at_work, call(next, request)).await
            }
            None => self.refused(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use tokio::time::sleep;

    use super::*;

    /// What became of calls that came so often for so long: in time, too late, refused.
    #[derive(Debug, Default)]
    struct Told {
        good: usize,
        late: usize,
        refused: usize,
        longest_refusal: Duration,
    }

    /// Two cores that need so long for a call; callers wait ten seconds.
    async fn offered(limit: &Arc<Limit>, (every, work, calls): (Duration, Duration, u32)) -> Told {
        let cores = Semaphore::new(2);
        let one = async |number: u32| {
            sleep(every * number).await;
            let begun = Instant::now();
            let done = timeout(Duration::from_secs(10), async {
                let place = limit.place().await?;
                let core = cores.acquire().await.ok()?;
                sleep(work).await;
                drop((core, place));
                Some(())
            });
            (done.await, begun.elapsed())
        };
        let mut told = Told::default();
        for (done, took) in join_all((0..calls).map(one)).await {
            match done {
                Ok(Some(())) => told.good += 1,
                Ok(None) => {
                    told.refused += 1;
                    told.longest_refusal = told.longest_refusal.max(took);
                }
                Err(_) => told.late += 1,
            }
        }
        told
    }

    #[tokio::test(start_paused = true)]
    async fn under_four_times_what_can_be_done_most_of_that_is_done_and_the_rest_refused_early() {
        for work in [20, 200, 700].map(Duration::from_millis) {
            let limit = Arc::new(Limit::new(1024));
            let calls = 120_000 / u32::try_from(work.as_millis()).unwrap();
            let told = offered(&limit, (work / 8, work, calls)).await;
            let possible = calls as usize / 4;
            assert!(
                told.good * 10 >= possible * 8,
                "{work:?}: {told:?}, {possible} possible"
            );
            assert!(told.refused > told.good, "{work:?}: {told:?}");
            assert!(told.longest_refusal <= PATIENCE + Duration::from_millis(1), "{told:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_be_done_is_never_refused() {
        let limit = Arc::new(Limit::new(1024));
        let work = Duration::from_millis(100);
        let told = offered(&limit, (work * 6 / 10, work, 2_000)).await;
        assert_eq!((told.good, told.refused, told.late), (2_000, 0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_slow_calls_stop_no_others() {
        let limit = Arc::new(Limit::new(1024));
        for _ in 0..60 {
            let slow: Vec<_> = join_all((0..LEAST - 1).map(|_| limit.place())).await;
            sleep(SOON * 3).await;
            assert!(limit.place().await.is_some(), "there is a place beside the slow ones");
            drop(slow);
        }
        assert_eq!(limit.state.lock().places, LEAST);
        // Then all is soon again: there are more, but not without end.
        for _ in 0..3_000 {
            let places = limit.state.lock().places;
            let all: Vec<_> = join_all((0..places).map(|_| limit.place())).await;
            drop(all);
        }
        let places = limit.state.lock().places;
        assert!(places > FIRST && places <= 1024, "{places}");
        assert_eq!(limit.places.available_permits(), places);
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_can_wait_are_refused_at_once() {
        let limit = Arc::new(Limit::new(1));
        let _place = limit.place().await.expect("a place");
        let begun = Instant::now();
        let waiting = join_all((0..=QUEUE).map(|_| async { (limit.place().await.is_some(), begun.elapsed()) })).await;
        let at_once = waiting.iter().filter(|(_, took)| took.is_zero()).count();
        assert_eq!((at_once, waiting.iter().filter(|(got, _)| *got).count()), (1, 0));
        assert_eq!(limit.state.lock().waiting, 0);
    }

    /// A call that waits elsewhere for so long; whether it was let in, and let go there.
    async fn elsewhere(limit: &Arc<Limit>, wait: Duration) -> (bool, bool) {
        let Some(place) = limit.place().await else {
            return (false, false);
        };
        let call = async {
            let moved = wait_elsewhere() && wait_elsewhere();
            if moved {
                sleep(wait).await;
            }
            moved
        };
        (true, CALL.scope(RefCell::new(Call::AtWork(place)), call).await)
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_elsewhere_takes_no_place_and_says_nothing_of_the_others() {
        let limit = Arc::new(Limit::new(1024));
        for _ in 0..20 {
            let waiting = join_all((0..500).map(|_| elsewhere(&limit, SOON * 3)));
            let reading = async {
                sleep(SOON).await;
                let all = join_all((0..FIRST).map(|_| limit.place())).await;
                all.iter().filter(|it| it.is_some()).count()
            };
            let (told, places) = tokio::join!(waiting, reading);
            assert!(told.iter().all(|it| *it == (true, true)), "{told:?}");
            assert_eq!(places, FIRST, "those who wait elsewhere take none");
        }
        let state = limit.state.lock();
        assert!(state.places >= FIRST && state.elsewhere == 0, "{state:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn not_more_wait_elsewhere_than_may_be_at_work() {
        let limit = Arc::new(Limit::new(4));
        let told = join_all((0..10).map(|_| elsewhere(&limit, SOON))).await;
        assert!(told.iter().all(|(let_in, _)| *let_in), "{told:?}");
        assert_eq!(told.iter().filter(|(_, moved)| *moved).count(), 4, "{told:?}");
        assert_eq!(elsewhere(&limit, SOON).await, (true, true), "then there is room again");
        assert!(wait_elsewhere(), "who has no place has none to give back");
    }
}
