//! Buckets that fill steadily.
//!
//! A bucket holds a burst and fills at a rate; what is taken is paid for in advance, as time until the bucket is full again
//! (the generic cell rate algorithm). A full bucket needs no memory, so only those who have taken something lately are
//! remembered, and never more than [`MOST`] of them.

use std::{collections::HashMap, hash::Hash, time::Duration};

use voltaire_types::Timestamp;

/// Buckets that are remembered; beyond that those nearest to full are taken for full.
const MOST: usize = 50_000;
/// Seconds for which a bucket holds what flows into it.
const BURST_SECONDS: f64 = 10.0;
/// What may be taken before it is there, as the time that it takes to flow in.
pub(super) const AHEAD: Duration = Duration::from_secs(5);

/// How fast buckets fill and what they hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// The time that one unit takes to flow in, µs.
    each: f64,
    /// The time that an empty bucket takes to be full, µs.
    full: f64,
}

impl Rate {
    /// So many a second, and a burst of ten times that, at least `least`; none: no limit.
    pub(super) fn per_second(rate: u32, least: u32) -> Option<Self> {
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
pub(super) struct Buckets<K> {
    pub(super) rate: Option<Rate>,
    /// When each bucket is full again, µs since 1970.
    full_at: HashMap<K, f64>,
    /// At so many the full ones are forgotten.
    prune_at: usize,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    pub(super) fn new(rate: Option<Rate>) -> Self {
        Self {
            rate,
            full_at: HashMap::new(),
            prune_at: 1024,
        }
    }

    /// How long to wait until the bucket has so many units; zero: it has. More than a bucket holds counts as all of it.
    pub(super) fn wait(&self, key: K, units: usize, now: Timestamp) -> Duration {
        let Some(rate) = self.rate else {
            return Duration::ZERO;
        };
        let now = now.micros() as f64;
        let wait = self.after(rate, key, units, now) - rate.full - now;
        Duration::from_micros(wait.max(0.0).ceil() as u64)
    }

    /// Takes so many units, also before they are there.
    pub(super) fn take(&mut self, key: K, units: usize, now: Timestamp) {
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
        let latest = now + rate.full + AHEAD.as_micros() as f64;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_763_899_200_000_000 + micros).unwrap()
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
                let most = Duration::from_micros(rate.full as u64) * 2 + AHEAD;
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
}
