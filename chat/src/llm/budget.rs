//! How much a model may be asked: one question of a user at a time, a few at once, so many tokens of a user a day.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::civil::Date;
use parking_lot::Mutex;
use voltaire_types::{Timestamp, UserId};

/// What is at work and what was used today, in UTC. Shared by clones.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    daily_tokens: u64,
    concurrency: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    day: Option<Date>,
    used: HashMap<UserId, u64>,
    busy: HashSet<UserId>,
}

/// The right to ask one question; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    budget: Budget,
    user: UserId,
}

impl Budget {
    pub(super) fn new(daily_tokens: u64, concurrency: usize) -> Self {
        Self {
            daily_tokens,
            concurrency,
            state: Arc::default(),
        }
    }

    /// A turn; none while another of the user's questions is at the model, too many are, or the day's tokens are used up.
    pub(super) fn turn(&self, user: UserId, now: Timestamp) -> Option<Turn> {
        let today = now.jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut state = self.state.lock();
        if state.day != Some(today) {
            state.day = Some(today);
            state.used.clear();
        }
        let left = state.used.get(&user).is_none_or(|it| *it < self.daily_tokens);
        let free = state.busy.len() < self.concurrency && !state.busy.contains(&user);
        (left && free).then(|| {
            state.busy.insert(user);
            Turn {
                budget: self.clone(),
                user,
            }
        })
    }
}

impl Turn {
    /// Counts tokens of this question.
    pub(super) fn used(&self, tokens: u64) {
        let mut state = self.budget.state.lock();
        let used = state.used.entry(self.user).or_default();
        *used = used.saturating_add(tokens);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.budget.state.lock().busy.remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_user_has_one_turn_at_a_time_and_so_many_tokens_a_day() {
        let budget = Budget::new(100, 2);
        let (anna, ben, cleo) = (UserId::new(), UserId::new(), UserId::new());
        let morning = at("2026-11-26T08:00:00Z");
        let turn = budget.turn(anna, morning).unwrap();
        assert!(budget.turn(anna, morning).is_none(), "one at a time");
        let other = budget.turn(ben, morning).unwrap();
        assert!(budget.turn(cleo, morning).is_none(), "two at once");
        drop(other);
        turn.used(99);
        drop(turn);
        let turn = budget.turn(anna, morning).unwrap();
        turn.used(99);
        drop(turn);
        assert!(budget.turn(anna, at("2026-11-26T23:59:59Z")).is_none(), "used up");
        assert!(budget.turn(ben, morning).is_some(), "another user's");
        assert!(budget.turn(anna, at("2026-11-27T00:00:00Z")).is_some(), "another day");
    }
}
