//! How much a token, a home and a caller may do: buckets that fill steadily.
//!
//! A bucket holds a burst and fills at a rate; what is taken is paid for in advance, as time until the bucket is full again
//! (the generic cell rate algorithm). A full bucket needs no memory, so only those who have taken something lately are
//! remembered, and never more than [`MOST`] of them.

use std::{collections::HashMap, hash::Hash, time::Duration};

use parking_lot::Mutex;
use voltaire_types::{DeviceId, HomeId, Timestamp, TokenId};

use crate::{config::Limits, error::Error, reading::Reading};

/// Buckets that are remembered; beyond that those nearest to full are taken for full.
const MOST: usize = 50_000;
/// Devices whose home is remembered.
const MOST_DEVICES: usize = 200_000;
/// Seconds for which a bucket holds what flows into it.
const BURST_SECONDS: f64 = 10.0;
/// The longest that a stream is held back before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// How fast buckets fill and what they hold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate {
    /// The time that one unit takes to flow in, µs.
    each: f64,
    /// The time that an empty bucket takes to be full, µs.
    full: f64,
}

impl Rate {
    /// So many a second, and a burst of ten times that, at least `least`; none: no limit.
    fn per_second(rate: u32, least: u32) -> Option<Self> {
        let each = 1e6 / f64::from(rate);
        let burst = (f64::from(rate) * BURST_SECONDS).max(f64::from(least));
        (rate > 0).then_some(Self {
            each,
            full: each * burst,
        })
    }
}

/// A bucket for each key.
#[derive(Debug)]
struct Buckets<K> {
    rate: Option<Rate>,
    /// When each bucket is full again, µs since 1970.
    full_at: HashMap<K, f64>,
    /// At so many the full ones are forgotten.
    prune_at: usize,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn new(rate: Option<Rate>) -> Self {
        Self {
            rate,
            full_at: HashMap::new(),
            prune_at: 1024,
        }
    }

    /// How long to wait until the bucket has so many units; zero: it has. More than a bucket holds counts as all of it.
    fn wait(&self, key: K, units: usize, now: Timestamp) -> Duration {
        let Some(rate) = self.rate else {
            return Duration::ZERO;
        };
        let now = now.micros() as f64;
        let wait = self.after(rate, key, units, now) - rate.full - now;
        Duration::from_micros(wait.max(0.0).ceil() as u64)
    }

    /// Takes so many units, also before they are there.
    fn take(&mut self, key: K, units: usize, now: Timestamp) {
        let Some(rate) = self.rate else { return };
        let now = now.micros() as f64;
        let after = self.after(rate, key, units, now);
        if self.full_at.len() >= self.prune_at && !self.full_at.contains_key(&key) {
            self.prune(now);
        }
        self.full_at.insert(key, after);
    }

    /// When the bucket would be full again if so many were taken now.
    fn after(&self, rate: Rate, key: K, units: usize, now: f64) -> f64 {
        let cost = (units as f64 * rate.each).min(rate.full);
        // A clock that was set back must not shut anyone out: nobody waits for longer than for an empty bucket and what
        // streams may take in advance.
        let latest = now + rate.full + PATIENCE.as_micros() as f64;
        let known = self.full_at.get(&key).copied().unwrap_or(now);
        known.clamp(now, latest) + cost
    }

    fn prune(&mut self, now: f64) {
        self.full_at.retain(|_, full| *full > now);
        if self.full_at.len() >= MOST {
            let mut times: Vec<f64> = self.full_at.values().copied().collect();
            let (_, middle, _) = times.select_nth_unstable_by(MOST / 2, f64::total_cmp);
            let middle = *middle;
            self.full_at.retain(|_, full| *full > middle);
        }
        self.prune_at = (self.full_at.len() * 2).clamp(1024, MOST);
    }
}

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

    /// How long to hold a batch of a stream back; refused only where that would take too long.
    pub(crate) fn hold(&self, token: TokenId, readings: &[Reading], now: Timestamp) -> Result<Duration, Error> {
        self.take(token, readings, now, PATIENCE)
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
    use proptest::prelude::*;
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

    proptest! {
        /// Whatever comes when: within any stretch no more passes than a burst and what flows in meanwhile, and one who
        /// waits as long as told is let in.
        #[test]
        fn no_more_passes_than_a_burst_and_the_rate(
            rate in 1_u32..5000,
            steps in prop::collection::vec((0_i64..3_000_000, 1_usize..3000), 1..80),
        ) {
            let rates = Rate::per_second(rate, 1).unwrap();
            let burst = rates.full / rates.each;
            let mut buckets = Buckets::new(Some(rates));
            let (mut now, mut passed) = (0, Vec::new());
            for (pause, units) in steps {
                now += pause;
                let wait = buckets.wait(7, units, at(now));
                if wait == Duration::ZERO {
                    buckets.take(7, units, at(now));
                    passed.push((now, (units as f64).min(burst)));
                } else {
                    let later = at(now).plus(wait).plus(Duration::from_micros(1));
                    prop_assert_eq!(buckets.wait(7, units, later), Duration::ZERO);
                }
            }
            for (index, (start, _)) in passed.iter().enumerate() {
                let mut sum = 0.0;
                for (end, units) in &passed[index..] {
                    sum += units;
                    let may = burst + f64::from(rate) * (end - start) as f64 / 1e6;
                    prop_assert!(sum <= may + 0.01 * passed.len() as f64, "{sum} of {may} within {} us", end - start);
                }
            }
        }

        /// A clock that jumps shuts nobody out for longer than a bucket takes to fill.
        #[test]
        fn a_clock_that_jumps_shuts_nobody_out(jumps in prop::collection::vec(-4_000_000_000_000_i64..4_000_000_000_000, 1..20)) {
            let rate = Rate::per_second(100, 1).unwrap();
            let mut buckets = Buckets::new(Some(rate));
            for jump in jumps {
                buckets.take(1, 1_000_000, at(jump));
                let most = Duration::from_micros(rate.full as u64) * 2 + PATIENCE;
                prop_assert!(buckets.wait(1, 1_000_000, at(jump)) <= most);
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_whoever_took_most_is_remembered() {
        let mut buckets = Buckets::new(Rate::per_second(10, 1));
        buckets.take(u32::MAX, 90, at(0));
        for key in 0..3 * MOST as u32 {
            buckets.take(key, 1, at(0));
            assert!(buckets.full_at.len() <= MOST);
        }
        assert!(buckets.wait(u32::MAX, 100, at(0)) > Duration::ZERO);
        buckets.prune(at(100_000_000).micros() as f64);
        assert!(buckets.full_at.is_empty(), "a full bucket needs no memory");
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
