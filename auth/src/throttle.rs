//! Slows guessing down: per account and network, and per address. Never a lock-out: whoever waits long enough, or comes from
//! another network, gets in. Unknown accounts are counted like known ones.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use parking_lot::Mutex;
use voltaire_types::Timestamp;

use crate::error::Error;

/// Failures of an account from one network that cost nothing.
const FREE: u32 = 5;
/// The longest wait for an account.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// After so long without a failure an account starts afresh.
const MEMORY: Duration = Duration::from_hours(12);
/// The stretch in which attempts of an address are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// The most accounts, and the most addresses, that are remembered.
const CAPACITY: usize = 100_000;

/// Counts failed attempts, in memory.
pub(crate) struct Throttle {
    per_minute: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    accounts: HashMap<(String, IpAddr), Failures>,
    addresses: HashMap<IpAddr, VecDeque<Timestamp>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
    next: Timestamp,
}

/// An attempt that counts as failed until it is known to be none.
#[must_use]
pub(crate) struct Attempt {
    account: Option<(String, IpAddr)>,
    address: IpAddr,
    at: Timestamp,
}

impl Throttle {
    /// A throttle with so many attempts per address and minute.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute: per_minute as usize,
            state: Mutex::default(),
        }
    }

    /// An attempt at an account's password. It counts at once, so that many at the same time are not more than few in turn.
    pub(crate) fn guess(&self, account: &str, address: Option<IpAddr>, now: Timestamp) -> Result<Attempt, Error> {
        let account = (account.to_owned(), network(address));
        let mut state = self.state.lock();
        if let Some(failures) = state.accounts.get(&account)
            && now < failures.next
        {
            return Err(Error::TooManyAttempts(failures.next.since(now)));
        }
        let address = self.count(&mut state, address, now)?;
        make_room(&mut state.accounts, |it| it.last.plus(MEMORY) < now, |it| it.last);
        let fresh = Failures {
            count: 0,
            last: now,
            next: now,
        };
        let failures = state.accounts.entry(account.clone()).or_insert(fresh);
        if failures.last.plus(MEMORY) < now {
            *failures = fresh;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        failures.next = now.plus(wait(failures.count));
        Ok(Attempt {
            account: Some(account),
            address,
            at: now,
        })
    }

    /// An attempt that names no account, such as a registration.
    pub(crate) fn visit(&self, address: Option<IpAddr>, now: Timestamp) -> Result<Attempt, Error> {
        let address = self.count(&mut self.state.lock(), address, now)?;
        Ok(Attempt {
            account: None,
            address,
            at: now,
        })
    }

    /// The attempt was right: the account starts afresh, the address gets it back.
    pub(crate) fn succeeded(&self, attempt: Attempt) {
        let mut state = self.state.lock();
        give_back(&mut state, attempt.address, attempt.at);
        if let Some(account) = attempt.account {
            state.accounts.remove(&account);
        }
    }

    /// The attempt was not judged: as if it had not been.
    pub(crate) fn forgiven(&self, attempt: Attempt) {
        let mut state = self.state.lock();
        give_back(&mut state, attempt.address, attempt.at);
        if let Some(failures) = attempt.account.and_then(|account| state.accounts.get_mut(&account)) {
            failures.count = failures.count.saturating_sub(1);
            failures.next = failures.last.plus(wait(failures.count));
        }
    }

    fn count(&self, state: &mut State, address: Option<IpAddr>, now: Timestamp) -> Result<IpAddr, Error> {
        let address = host(address);
        make_room(
            &mut state.addresses,
            |times| times.back().is_none_or(|last| last.plus(WINDOW) <= now),
            |times| times.back().copied().unwrap_or(Timestamp::MIN),
        );
        let times = state.addresses.entry(address).or_default();
        while times.front().is_some_and(|first| first.plus(WINDOW) <= now) {
            times.pop_front();
        }
        if times.len() >= self.per_minute {
            let first = times.front().copied().unwrap_or(now);
            return Err(Error::TooManyAttempts(first.plus(WINDOW).since(now)));
        }
        times.push_back(now);
        Ok(address)
    }
}

fn give_back(state: &mut State, address: IpAddr, at: Timestamp) {
    if let Some(times) = state.addresses.get_mut(&address)
        && let Some(place) = times.iter().position(|time| *time == at)
    {
        times.remove(place);
    }
}

/// Nothing for the first failures, then 1, 2, 4 … 900 s.
fn wait(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(beyond) => Duration::from_secs(1 << beyond.min(10)).min(LONGEST_WAIT),
    }
}

/// Drops what is over, and the oldest eighth where that is not enough.
fn make_room<K: Hash + Eq + Clone, V>(
    map: &mut HashMap<K, V>,
    over: impl Fn(&V) -> bool,
    last: impl Fn(&V) -> Timestamp,
) {
    if map.len() < CAPACITY {
        return;
    }
    map.retain(|_, value| !over(value));
    if map.len() >= CAPACITY {
        let mut times: Vec<Timestamp> = map.values().map(&last).collect();
        let (_, middle, _) = times.select_nth_unstable(CAPACITY / 8);
        let horizon = *middle;
        map.retain(|_, value| last(value) > horizon);
    }
}

/// The /24 or /64 of an address; all unknown ones are one.
fn network(address: Option<IpAddr>) -> IpAddr {
    match host(address) {
        IpAddr::V4(it) => {
            let [a, b, c, _] = it.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        v6 @ IpAddr::V6(_) => v6,
    }
}

/// What one machine has: an IPv4 address, or an IPv6 /64.
fn host(address: Option<IpAddr>) -> IpAddr {
    match address.map(|it| it.to_canonical()) {
        None => Ipv4Addr::UNSPECIFIED.into(),
        Some(IpAddr::V6(it)) => {
            let [a, b, c, d, ..] = it.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        Some(v4) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_parts(1_800_000_000 + seconds, 0).unwrap()
    }

    #[expect(clippy::unnecessary_wraps, reason = "an address may be unknown")]
    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn waits(result: Result<Attempt, Error>) -> u64 {
        match result {
            Ok(_) => 0,
            Err(Error::TooManyAttempts(wait)) => wait.as_secs(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn after_five_failures_each_next_one_costs_twice_the_wait() {
        let throttle = Throttle::new(1000);
        let mut now = 0;
        for _ in 0..5 {
            assert_eq!(waits(throttle.guess("ada", ip("10.0.0.1"), at(now))), 0);
        }
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(
                waits(throttle.guess("ada", ip("10.0.0.99"), at(now))),
                expected,
                "its network counts"
            );
            now += i64::try_from(expected).unwrap();
            assert_eq!(waits(throttle.guess("ada", ip("10.0.0.1"), at(now))), 0);
        }
        assert_eq!(
            waits(throttle.guess("ada", ip("10.0.1.1"), at(now))),
            0,
            "another network is free"
        );
        assert_eq!(
            waits(throttle.guess("bob", ip("10.0.0.1"), at(now))),
            0,
            "another account is free"
        );
        assert_eq!(waits(throttle.guess("ada", ip("10.0.0.1"), at(now + 13 * 3600))), 0);
        assert_eq!(
            waits(throttle.guess("ada", ip("10.0.0.1"), at(now + 13 * 3600))),
            0,
            "it starts afresh"
        );
    }

    #[test]
    fn a_success_clears_the_account() {
        let throttle = Throttle::new(1000);
        for _ in 0..4 {
            assert_eq!(waits(throttle.guess("ada", None, at(0))), 0);
        }
        let right = throttle.guess("ada", None, at(0)).unwrap();
        assert_eq!(
            waits(throttle.guess("ada", None, at(0))),
            1,
            "many at once are counted before they are judged"
        );
        throttle.succeeded(right);
        assert_eq!(waits(throttle.guess("ada", None, at(0))), 0);
    }

    #[test]
    fn what_was_not_judged_does_not_count() {
        let throttle = Throttle::new(3);
        for _ in 0..50 {
            let attempt = throttle.guess("ada", ip("10.0.0.1"), at(0)).unwrap();
            throttle.forgiven(attempt);
        }
        assert_eq!(waits(throttle.guess("ada", ip("10.0.0.1"), at(0))), 0);
    }

    #[test]
    fn an_address_has_twenty_attempts_in_any_minute() {
        let throttle = Throttle::new(20);
        for n in 0..20 {
            assert_eq!(waits(throttle.guess(&format!("user {n}"), ip("10.0.0.1"), at(50))), 0);
        }
        assert_eq!(
            waits(throttle.visit(ip("10.0.0.1"), at(60))),
            50,
            "a new minute on the clock changes nothing"
        );
        assert_eq!(waits(throttle.visit(ip("::ffff:10.0.0.1"), at(60))), 50);
        assert_eq!(waits(throttle.visit(ip("10.0.0.2"), at(60))), 0);
        assert_eq!(waits(throttle.visit(ip("10.0.0.1"), at(110))), 0);
    }

    #[test]
    fn an_ipv6_network_is_one_machine() {
        let throttle = Throttle::new(2);
        assert_eq!(waits(throttle.visit(ip("2001:db8::1"), at(0))), 0);
        assert_eq!(waits(throttle.visit(ip("2001:db8::2"), at(0))), 0);
        assert_eq!(waits(throttle.visit(ip("2001:db8::3"), at(0))), 60);
        assert_eq!(waits(throttle.visit(ip("2001:db8:0:1::3"), at(0))), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::new(1);
        for n in 0..u32::try_from(CAPACITY).unwrap() + 10_000 {
            let address = IpAddr::V4(Ipv4Addr::from_bits(n << 8));
            let _counted = throttle.guess("ada", Some(address), at(i64::from(n) / 10_000));
        }
        let state = throttle.state.lock();
        assert!(state.accounts.len() <= CAPACITY && state.addresses.len() <= CAPACITY);
        assert!(state.accounts.len() > CAPACITY / 2);
    }
}
