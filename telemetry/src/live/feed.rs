//! The live values of one home.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::sync::{Notify, OnceCell, broadcast};
use tokio_util::sync::CancellationToken;
use voltaire_types::{Clock, DeviceId, HomeId, Timestamp, UserId};

use super::{Event, Message, Standing};
use crate::{config, device::Device, error::Error, reading::Reading, store::Store};

/// A feed that begins anew, in another process or later, begins with a higher number than any that went before: no feed
/// sends so many messages a second.
const NUMBERS_PER_SECOND: u64 = 64;

/// The live values of one home.
pub(super) struct Feed {
    user: UserId,
    pub(super) home: HomeId,
    /// Fires when the home is deleted.
    pub(super) gone: CancellationToken,
    settings: config::Live,
    loaded: OnceCell<()>,
    state: Mutex<State>,
    wake: Notify,
    messages: broadcast::Sender<Message>,
}

#[derive(Default)]
struct State {
    sequence: u64,
    recent: VecDeque<Message>,
    devices: Vec<Device>,
    last: HashMap<DeviceId, Reading>,
    /// Committed, not sent yet.
    pending: HashMap<DeviceId, Reading>,
    reload: bool,
}

impl Feed {
    pub(super) fn new(user: UserId, home: HomeId, settings: config::Live, clock: &Clock) -> Self {
        let (seconds, _) = clock.now().parts();
        let sequence = u64::try_from(seconds).unwrap_or(0) * NUMBERS_PER_SECOND;
        Self {
            user,
            home,
            gone: CancellationToken::new(),
            settings,
            loaded: OnceCell::new(),
            state: Mutex::new(State {
                sequence,
                ..State::default()
            }),
            wake: Notify::new(),
            messages: broadcast::Sender::new(settings.backlog),
        }
    }

    /// A receiver of the messages from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Message> {
        self.messages.subscribe()
    }

    pub(super) fn is_watched(&self) -> bool {
        self.messages.receiver_count() > 0
    }

    /// Waits until there is something to publish.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Takes a committed reading if it is newer than what is known.
    pub(super) fn offer(&self, reading: Reading) {
        let mut state = self.state.lock();
        let newer = |known: Option<&Reading>| known.is_none_or(|known| reading.at > known.at);
        if newer(state.last.get(&reading.device)) && newer(state.pending.get(&reading.device)) {
            state.pending.insert(reading.device, reading);
            self.wake.notify_one();
        }
    }

    /// Reads the devices anew before the next message, which is a snapshot.
    pub(super) fn reload(&self) {
        self.state.lock().reload = true;
        self.wake.notify_one();
    }

    /// Reads the devices and their last readings, once.
    pub(super) async fn load(&self, store: &Store) -> Result<(), Error> {
        self.loaded.get_or_try_init(|| self.read(store)).await.copied()
    }

    async fn read(&self, store: &Store) -> Result<(), Error> {
        let devices = store.devices_of_home(self.user, self.home).await?;
        let ids: Vec<DeviceId> = devices.iter().map(|it| it.id).collect();
        let last = store.latest(&ids).await?;
        let mut state = self.state.lock();
        state.last = last.into_iter().map(|it| (it.device, it)).collect();
        state.devices = devices;
        let State { last, pending, .. } = &mut *state;
        pending.retain(|id, reading| last.get(id).is_none_or(|known| reading.at > known.at));
        Ok(())
    }

    /// Sends what is pending as one message, or a snapshot where the devices have changed.
    pub(super) async fn publish(&self, store: &Store, now: Timestamp) -> Result<(), Error> {
        self.load(store).await?;
        let reload = {
            let mut state = self.state.lock();
            let unknown = state
                .pending
                .keys()
                .any(|id| !state.devices.iter().any(|it| it.id == *id));
            std::mem::take(&mut state.reload) || unknown
        };
        if reload {
            self.read(store).await?;
        }
        let mut state = self.state.lock();
        let pending = std::mem::take(&mut state.pending);
        if pending.is_empty() && !reload {
            return Ok(());
        }
        state.last.extend(pending.iter());
        let mut standing = Standing::of(&state.devices, &state.last, now);
        let event = if reload {
            Event::Snapshot(Arc::new(standing))
        } else {
            standing.latest.retain(|it| pending.contains_key(&it.reading.device));
            Event::Readings(Arc::new(standing))
        };
        self.send(&mut state, event);
        Ok(())
    }

    fn send(&self, state: &mut State, event: Event) {
        state.sequence += 1;
        let message = Message {
            sequence: state.sequence,
            event,
        };
        if state.recent.len() >= self.settings.backlog {
            state.recent.pop_front();
        }
        state.recent.push_back(message.clone());
        // Nobody may be watching just now.
        drop(self.messages.send(message));
    }

    /// Where the home stands now, with the number of the last message.
    pub(super) fn snapshot(&self, now: Timestamp) -> Message {
        let state = self.state.lock();
        let standing = Standing::of(&state.devices, &state.last, now);
        Message {
            sequence: state.sequence,
            event: Event::Snapshot(Arc::new(standing)),
        }
    }

    /// The messages after this one where all of them are still there, else a snapshot.
    pub(super) fn since(&self, sequence: u64, now: Timestamp) -> Vec<Message> {
        {
            let state = self.state.lock();
            let oldest = state.recent.front().map_or(state.sequence + 1, |it| it.sequence);
            if sequence + 1 >= oldest && sequence <= state.sequence {
                return state
                    .recent
                    .iter()
                    .filter(|it| it.sequence > sequence)
                    .cloned()
                    .collect();
            }
        }
        vec![self.snapshot(now)]
    }
}
