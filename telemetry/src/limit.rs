//! How much a token, a home and a caller may do: buckets that fill steadily.
//!
//! Single calls that would take too much are refused with the time to wait; streams are held back.

mod bucket;

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use voltaire_types::{DeviceId, HomeId, Timestamp, TokenId};

use crate::{config::Limits, error::Error, reading::Reading};
use bucket::{AHEAD, Buckets, Rate};

/// Devices whose home is remembered.
const MOST_DEVICES: usize = 200_000;

/// What tokens and homes have taken lately.
#[derive(Debug)]
pub(crate) struct Limiter {
    taken: Mutex<Taken>,
}

#[derive(Debug)]
struct Taken {
    by_token: Buckets<TokenId>,
    by_home: Buckets<HomeId>,
    calls: Buckets<TokenId>,
    /// The homes of devices, as far as their readings have been stored; others count for the token alone.
    homes: HashMap<DeviceId, HomeId>,
}

impl Limiter {
    /// Everybody may do all at first.
    pub(crate) fn new(limits: Limits) -> Self {
        let readings = |rate| Rate::per_second(rate, crate::reading::MAX_BATCH as u32);
        Self {
            taken: Mutex::new(Taken {
                by_token: Buckets::new(readings(limits.readings_per_second_of_token)),
                by_home: Buckets::new(readings(limits.readings_per_second_of_home)),
                calls: Buckets::new(Rate::per_second(limits.queries_per_second_of_token, 1)),
                homes: HashMap::new(),
            }),
        }
    }

    /// Lets a batch in at once, or says when to try again.
    pub(crate) fn batch(&self, token: TokenId, readings: &[Reading], now: Timestamp) -> Result<(), Error> {
        self.take(token, readings, now, Duration::ZERO).map(drop)
    }

    /// How long to hold a batch of a stream back; refused only where that would be longer than [`AHEAD`].
    pub(crate) fn hold(&self, token: TokenId, readings: &[Reading], now: Timestamp) -> Result<Duration, Error> {
        self.take(token, readings, now, AHEAD)
    }

    fn take(
        &self,
        token: TokenId,
        readings: &[Reading],
        now: Timestamp,
        patience: Duration,
    ) -> Result<Duration, Error> {
        let mut state = self.taken.lock();
        let homes = state.count(readings);
        let of_homes = homes.iter().map(|(home, count)| state.by_home.wait(*home, *count, now));
        let wait = of_homes.fold(state.by_token.wait(token, readings.len(), now), Duration::max);
        if wait > patience {
            return Err(too_fast("readings", wait));
        }
        if wait > Duration::ZERO {
            metrics::counter!("voltaire_held_batches_total").increment(1);
        }
        state.by_token.take(token, readings.len(), now);
        for (home, count) in homes {
            state.by_home.take(home, count, now);
        }
        Ok(wait)
    }

    /// Lets a query in, or says when to try again.
    pub(crate) fn query(&self, token: TokenId, now: Timestamp) -> Result<(), Error> {
        let mut state = self.taken.lock();
        let wait = state.calls.wait(token, 1, now);
        if wait > Duration::ZERO {
            return Err(too_fast("queries", wait));
        }
        state.calls.take(token, 1, now);
        Ok(())
    }

    /// These devices are of these homes.
    pub(crate) fn learn(&self, stored: &[(HomeId, Reading)]) {
        let mut taken = self.taken.lock();
        if taken.by_home.rate.is_none() {
            return;
        }
        if taken.homes.len() >= MOST_DEVICES {
            taken.homes.clear();
        }
        let homes = stored.iter().map(|(home, reading)| (reading.device, *home));
        taken.homes.extend(homes);
    }
}

fn too_fast(what: &'static str, wait: Duration) -> Error {
    metrics::counter!("voltaire_limited_total", "what" => what).increment(1);
    Error::TooFast(wait)
}

impl Taken {
    /// How many of the readings are of each home.
    fn count(&self, readings: &[Reading]) -> HashMap<HomeId, usize> {
        let mut counts = HashMap::new();
        if self.by_home.rate.is_some() {
            for home in readings.iter().filter_map(|it| self.homes.get(&it.device)) {
                *counts.entry(*home).or_default() += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltaire_types::Watts;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_763_899_200_000_000 + micros).unwrap()
    }

    fn readings(device: DeviceId, count: usize) -> Vec<Reading> {
        let reading = Reading {
            device,
            at: at(0),
            power: Watts(1.0),
            voltage: None,
            current: None,
            power_factor: None,
            counter: None,
            interval: None,
        };
        vec![reading; count]
    }

    fn limits(token: u32, home: u32) -> Limiter {
        Limiter::new(Limits {
            readings_per_second_of_token: token,
            readings_per_second_of_home: home,
            queries_per_second_of_token: 1,
        })
    }

    #[test]
    fn a_home_has_a_limit_of_its_own_whatever_the_tokens() {
        let limiter = limits(0, 1000);
        let (home, device, other) = (HomeId::new(), DeviceId::new(), DeviceId::new());
        limiter.learn(&[(home, readings(device, 1)[0])]);
        for _ in 0..2 {
            let batch = readings(device, 5000);
            assert!(limiter.batch(TokenId::new(), &batch, at(0)).is_ok());
        }
        let refused = limiter.batch(TokenId::new(), &readings(device, 500), at(0));
        assert!(matches!(refused, Err(Error::TooFast(wait)) if wait == Duration::from_millis(500)));
        assert!(limiter.batch(TokenId::new(), &readings(other, 5000), at(0)).is_ok());
    }

    #[test]
    fn a_stream_is_held_back_up_to_a_bound() {
        let limiter = limits(1000, 0);
        let (token, batch) = (TokenId::new(), readings(DeviceId::new(), 2500));
        let waits: Vec<_> = (0..7).map(|_| limiter.hold(token, &batch, at(0)).ok()).collect();
        let seconds = |it| Some(Duration::from_secs_f64(it));
        let free = [seconds(0.0); 4];
        assert_eq!(waits, [&free[..], &[seconds(2.5), seconds(5.0), None]].concat());
    }

    #[test]
    fn zero_is_no_limit() {
        let limiter = limits(0, 0);
        let (token, batch) = (TokenId::new(), readings(DeviceId::new(), 5000));
        assert!((0..1000).all(|_| limiter.batch(token, &batch, at(0)).is_ok()));
    }

    #[test]
    fn half_a_thousand_devices_each_second_and_years_at_once_pass_by_default() {
        let limiter = Limiter::new(Limits::default());
        let token = TokenId::new();
        let (home, device) = (HomeId::new(), DeviceId::new());
        limiter.learn(&[(home, readings(device, 1)[0])]);
        for second in 0..3600 {
            assert!(
                limiter
                    .batch(token, &readings(device, 500), at(second * 1_000_000))
                    .is_ok()
            );
        }
        let held = (0..1000).map(|_| limiter.hold(TokenId::new(), &readings(device, 1000), at(3_600_000_000)));
        assert!(held.into_iter().all(|it| it.is_ok()), "a million readings of a home");
    }
}
