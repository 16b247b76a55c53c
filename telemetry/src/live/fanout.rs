//! What is committed here, told to the other replicas, and what they tell.
//!
//! A notice of a home is the readings that have been committed, or empty: then something else has changed, and whoever
//! watches the home reads it again. Notices may be lost, so watched homes are read again from time to time as well: every
//! few seconds while the connection is down. Live values are late then, not wrong.

use std::{collections::HashMap, pin::pin, time::Duration};

use futures::StreamExt;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use voltaire_mesh::Bus;
use voltaire_types::{DeviceId, HomeId};

use super::feed::Feed;
use crate::{config, convert, reading::Reading};

/// Readings that wait to be told; a home with more is told to be read again.
const MOST_READINGS: usize = 50_000;
/// Homes that wait to be told; what happens in more is found by reading again.
const MOST_HOMES: usize = 50_000;
/// A draining process commits its last readings within this time.
const LAST_CALL: Duration = Duration::from_secs(1);

/// What other replicas have not been told yet: of each device the newest.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    homes: HashMap<HomeId, News>,
    readings: usize,
}

/// What is new in a home.
#[derive(Debug, Default, PartialEq)]
struct News {
    readings: HashMap<DeviceId, Reading>,
    /// Something else than readings, or too many of them.
    changed: bool,
}

impl Waiting {
    fn home(&mut self, home: HomeId) -> Option<&mut News> {
        if self.homes.len() >= MOST_HOMES && !self.homes.contains_key(&home) {
            metrics::counter!("voltaire_live_untold_total").increment(1);
            return None;
        }
        Some(self.homes.entry(home).or_default())
    }

    fn committed(&mut self, home: HomeId, reading: Reading) {
        let full = self.readings >= MOST_READINGS;
        let Some(news) = self.home(home) else { return };
        match news.readings.get_mut(&reading.device) {
            Some(known) if known.at < reading.at => *known = reading,
            Some(_) => {}
            None if full => news.changed = true,
            None => {
                news.readings.insert(reading.device, reading);
                self.readings += 1;
            }
        }
    }
}

impl Outbox {
    /// Adds readings that have been committed.
    pub(super) fn committed(&self, readings: &[(HomeId, Reading)]) {
        {
            let mut waiting = self.waiting.lock();
            for (home, reading) in readings {
                waiting.committed(*home, *reading);
            }
        }
        self.wake.notify_one();
    }

    /// Something else has changed in the home.
    pub(super) fn changed(&self, home: HomeId) {
        if let Some(news) = self.waiting.lock().home(home) {
            news.changed = true;
        }
        self.wake.notify_one();
    }

    /// Tells the others, until the process drains. While nobody can be told, the newest wait.
    pub(super) async fn tell(&self, bus: &Bus, stopping: CancellationToken) {
        let mut link = bus.link();
        let each = async {
            loop {
                self.wake.notified().await;
                if link.wait_for(|link| link.up).await.is_err() {
                    return;
                }
                self.flush(bus).await;
            }
        };
        tokio::select! {
            () = each => {}
            () = async { stopping.cancelled().await; sleep(LAST_CALL).await } => {}
        }
    }

    async fn flush(&self, bus: &Bus) {
        let homes = std::mem::take(&mut *self.waiting.lock()).homes;
        for (home, news) in homes {
            let subject = subject(home);
            if news.changed {
                bus.publish(&subject, Vec::new()).await;
            }
            if !news.readings.is_empty() {
                bus.publish(&subject, convert::notice(news.readings.into_values()))
                    .await;
            }
        }
    }
}

/// Takes what other replicas tell of the home, and has it read again where something may have been missed. Never ends.
pub(super) async fn listen(feed: &Feed, bus: Option<&Bus>, settings: config::Live) {
    let Some(bus) = bus else {
        return std::future::pending().await;
    };
    let mut link = bus.link();
    let mut notices = pin!(bus.subscribe(&subject(feed.home)));
    // What was committed while the subscription was on its way is found by the first reading.
    let mut again = Instant::now() + spread(feed.home, settings.reread_alone);
    loop {
        tokio::select! {
            Some(notice) = notices.next() => match convert::noticed(&notice) {
                Some(readings) => readings.into_iter().for_each(|it| feed.offer(it)),
                None => feed.reread(),
            },
            Ok(()) = link.changed() => again = Instant::now() + spread(feed.home, settings.reread_alone),
            () = sleep_until(again) => {
                feed.reread();
                let up = link.borrow().up;
                again = Instant::now() + if up { settings.reread } else { settings.reread_alone };
            }
        }
    }
}

/// Of many homes not all are read at the same moment.
fn spread(home: HomeId, within: Duration) -> Duration {
    within.mul_f64(f64::from(home.uuid().as_u128() as u16) / f64::from(u16::MAX))
}

fn subject(home: HomeId) -> String {
    format!("live.{}", home.uuid().simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltaire_types::{Timestamp, Watts};

    fn reading(device: DeviceId, at: i64) -> Reading {
        Reading {
            device,
            at: Timestamp::from_parts(at, 0).unwrap(),
            power: Watts(1.0),
            voltage: None,
            current: None,
            power_factor: None,
            counter: None,
            interval: None,
        }
    }

    #[test]
    fn of_each_device_the_newest_waits() {
        let (home, device) = (HomeId::new(), DeviceId::new());
        let outbox = Outbox::default();
        for at in [5, 9, 7] {
            outbox.committed(&[(home, reading(device, at))]);
        }
        let waiting = outbox.waiting.lock();
        assert_eq!(waiting.readings, 1);
        assert_eq!(waiting.homes[&home].readings[&device].at, reading(device, 9).at);
    }

    #[test]
    fn however_long_nobody_can_be_told_what_waits_is_bounded_and_nothing_is_forgotten() {
        let mut waiting = Waiting::default();
        let home = HomeId::new();
        for _ in 0..MOST_READINGS + 10 {
            waiting.committed(home, reading(DeviceId::new(), 1));
        }
        let other = HomeId::new();
        waiting.committed(other, reading(DeviceId::new(), 1));
        assert_eq!(waiting.readings, MOST_READINGS);
        assert!(waiting.homes[&home].changed && waiting.homes[&other].changed);
        for _ in 0..MOST_HOMES + 10 {
            waiting.home(HomeId::new());
        }
        assert_eq!(waiting.homes.len(), MOST_HOMES);
    }

    #[test]
    fn a_notice_comes_back_and_an_empty_one_says_read_again() {
        let readings = vec![reading(DeviceId::new(), 1), reading(DeviceId::new(), 2)];
        assert_eq!(convert::noticed(&convert::notice(readings.clone())), Some(readings));
        assert_eq!(convert::noticed(&[]), None);
        assert_eq!(
            convert::noticed(b"\x0a\xff not ours"),
            None,
            "whoever sent it knows of something new"
        );
    }
}
