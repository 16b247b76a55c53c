//! Whether the connections of a pool still answer: whatever they are asked, and where one that was idle is asked before it is lent.
//!
//! A connection that was asked and given up is a dead socket: its place in the pool may never come back (sqlx #4349, #4407).

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

/// An idle connection that lives answers sooner.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of a pool's connections.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<State>);

#[derive(Debug)]
struct State {
    answered: Instant,
    broken: bool,
}

/// A question that has no answer yet.
#[derive(Debug)]
pub(super) struct Question {
    pulse: Arc<Pulse>,
    due: Instant,
}

impl Pulse {
    /// Of a new pool.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            answered: Instant::now(),
            broken: false,
        })))
    }

    /// A connection is asked something.
    pub(super) fn ask(self: &Arc<Self>) -> Question {
        self.ask_until(Instant::now() + PATIENCE)
    }

    fn ask_until(self: &Arc<Self>, due: Instant) -> Question {
        Question {
            pulse: Arc::clone(self),
            due,
        }
    }

    /// Whether a connection was given up because it was silent.
    pub(super) fn is_broken(&self) -> bool {
        self.0.lock().broken
    }

    /// A connection has answered.
    pub(super) fn beat(&self) {
        self.0.lock().answered = Instant::now();
    }

    /// How long no connection has answered.
    pub(super) fn silence(&self) -> Duration {
        self.0.lock().answered.elapsed()
    }
}

impl Question {
    /// There is an answer.
    pub(super) fn answered(mut self) {
        self.pulse.beat();
        self.due = Instant::now() + PATIENCE;
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if self.due < Instant::now() {
            self.pulse.0.lock().broken = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late(pulse: &Arc<Pulse>) -> Question {
        let question = pulse.ask_until(Instant::now());
        std::thread::sleep(Duration::from_millis(2));
        question
    }

    #[test]
    fn a_late_answer_is_one() {
        let pulse = Pulse::new();
        let question = late(&pulse);
        assert!(pulse.silence() >= Duration::from_millis(2));
        question.answered();
        assert!(!pulse.is_broken());
    }

    #[test]
    fn who_leaves_early_has_lost_nothing_and_who_gives_up_has() {
        let pulse = Pulse::new();
        drop(pulse.ask());
        assert!(!pulse.is_broken());
        drop(late(&pulse));
        assert!(pulse.is_broken());
    }
}
