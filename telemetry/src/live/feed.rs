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

/// What the next message needs to read first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// Nothing.
    #[default]
    Nothing,
    /// Devices and last readings: there may be news.
    Reread,
    /// The same, and the message is a snapshot.
    Snapshot,
}

#[derive(Default)]
struct State {
    sequence: u64,
    recent: VecDeque<Message>,
    devices: Vec<Device>,
    last: HashMap<DeviceId, Reading>,
    /// Committed, not sent yet.
    pending: HashMap<DeviceId, Reading>,
    due: Due,
}

impl Feed {
    pub(super) fn new(user: UserId, home: HomeId, settings: config::Live, clock: &Clock) -> Self {
        let sequence = first_number(clock.now());
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
        if self.state.lock().offer(reading) {
            self.wake.notify_one();
        }
    }

    /// Reads the devices anew before the next message, which is a snapshot.
    pub(super) fn reload(&self) {
        self.needs(Due::Snapshot);
    }

    /// Looks for news that nobody told.
    pub(super) fn reread(&self) {
        self.needs(Due::Reread);
    }

    fn needs(&self, due: Due) {
        let mut state = self.state.lock();
        state.due = state.due.max(due);
        self.wake.notify_one();
    }

    /// Reads the devices and their last readings, once.
    pub(super) async fn load(&self, store: &Store) -> Result<(), Error> {
        let load = || async {
            let (devices, last) = self.read(store).await?;
            self.state.lock().begin(devices, last);
            Ok(())
        };
        self.loaded.get_or_try_init(load).await.copied()
    }

    async fn read(&self, store: &Store) -> Result<(Vec<Device>, Vec<Reading>), Error> {
        let homes = store.existing_homes(self.user).await?;
        if !homes.iter().any(|it| it.id == self.home) {
            self.gone.cancel();
            return Err(Error::NoHome);
        }
        let devices = store.devices_of_home(self.user, self.home).await?;
        let ids: Vec<DeviceId> = devices.iter().map(|it| it.id).collect();
        let last = store.latest(&ids).await?;
        Ok((devices, last))
    }

    /// Sends what is pending as one message, or a snapshot where the devices have changed.
    pub(super) async fn publish(&self, store: &Store, now: Timestamp) -> Result<(), Error> {
        self.load(store).await?;
        let mut due = self.state.lock().take_due();
        if due > Due::Nothing {
            let (devices, last) = self.read(store).await.inspect_err(|_| self.needs(due))?;
            let mut state = self.state.lock();
            if state.devices != devices {
                due = Due::Snapshot;
            }
            if due == Due::Snapshot {
                state.begin(devices, last);
            } else {
                for reading in last {
                    state.offer(reading);
                }
            }
        }
        let mut state = self.state.lock();
        let pending = std::mem::take(&mut state.pending);
        state.last.extend(pending.iter());
        if due == Due::Snapshot {
            let standing = Standing::of(&state.devices, &state.last, now);
            self.send(&mut state, Event::Snapshot(Arc::new(standing)));
        } else if !pending.is_empty() {
            let mut standing = Standing::of(&state.devices, &state.last, now);
            standing.latest.retain(|it| pending.contains_key(&it.reading.device));
            standing.latest.shrink_to_fit();
            self.send(&mut state, Event::Readings(Arc::new(standing)));
        }
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

impl State {
    /// Takes a reading that is newer than what is known; whether it is.
    fn offer(&mut self, reading: Reading) -> bool {
        let newer = |known: Option<&Reading>| known.is_none_or(|known| reading.at > known.at);
        let news = newer(self.last.get(&reading.device)) && newer(self.pending.get(&reading.device));
        if news {
            self.pending.insert(reading.device, reading);
        }
        news
    }

    /// What to read before the next message: all, where readings of a device are pending that is not known.
    fn take_due(&mut self) -> Due {
        let known = |id: &DeviceId| self.devices.iter().any(|it| it.id == *id);
        let due = std::mem::take(&mut self.due);
        if self.pending.keys().all(known) {
            due
        } else {
            Due::Snapshot
        }
    }

    /// Begins with what was read; newer readings and those of devices that are still there stay pending.
    fn begin(&mut self, devices: Vec<Device>, last: Vec<Reading>) {
        self.devices = devices;
        self.last = last.into_iter().map(|it| (it.device, it)).collect();
        let Self {
            devices, last, pending, ..
        } = self;
        pending.retain(|id, reading| {
            let newer = last.get(id).is_none_or(|known| reading.at > known.at);
            newer && devices.iter().any(|it| it.id == *id)
        });
    }
}

/// The number before a feed's first. A feed that begins later, here or in another replica, has higher numbers, and two that
/// begin in the same second have none in common but by a chance of one in four thousand million: a number of another feed
/// is never taken for one of its own.
fn first_number(now: Timestamp) -> u64 {
    let (seconds, _) = now.parts();
    (u64::try_from(seconds).unwrap_or(0) << 32) | u64::from(rand::random::<u32>())
}
