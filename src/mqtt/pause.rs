//! How long to wait before the next attempt: longer each time.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// The pause before the next attempt.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Pause {
    /// The pause, after which the next one is longer; `asked` is how long the other side wants to be left alone.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let pause = asked.unwrap_or(self.0).min(LONGEST);
        self.0 = (self.0 * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let mut pause = Pause::default();
        let seconds: Vec<_> = (0..7).map(|_| pause.next(None).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(pause.next(Some(Duration::from_secs(3))).as_secs(), 3);
        assert_eq!(pause.next(Some(Duration::from_secs(3000))).as_secs(), 30);
    }
}
