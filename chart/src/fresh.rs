//! How fresh a live value is, in one word: never a guess, always with an age.

/// What is known of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made.
    #[default]
    Connecting,
    /// The stream is open.
    Open,
    /// The stream was lost and is being made again.
    Reconnecting,
    /// The browser says that there is no network.
    Offline,
}

/// How fresh the values on screen are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing is known yet.
    Waiting,
    /// The stream is open and no reading has ever come.
    Never,
    /// Fresh; so many milliseconds old.
    Live(i64),
    /// The stream is open but silent; so many milliseconds old.
    Stale(i64),
    /// The stream is being made again; the instant of the last reading.
    Reconnecting(Option<i64>),
    /// No network; the instant of the last reading.
    Offline(Option<i64>),
}

impl Freshness {
    /// The stable name that tests look for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "loading",
            Self::Never => "empty",
            Self::Live(_) => "live",
            Self::Stale(_) => "stale",
            Self::Reconnecting(_) => "reconnecting",
            Self::Offline(_) => "offline",
        }
    }
}

/// Judges by the connection, the instant of the last reading, now, and the age that still counts as fresh (milliseconds).
pub fn judge(link: Link, last: Option<i64>, now: i64, stale_after: i64) -> Freshness {
    match (link, last) {
        (Link::Offline, last) => Freshness::Offline(last),
        (Link::Reconnecting, last) => Freshness::Reconnecting(last),
        (Link::Connecting, None) => Freshness::Waiting,
        (Link::Open, None) => Freshness::Never,
        (Link::Connecting | Link::Open, Some(last)) => {
            let age = (now - last).max(0);
            if age <= stale_after {
                Freshness::Live(age)
            } else {
                Freshness::Stale(age)
            }
        }
    }
}

/// How long to wait before the next attempt to connect, milliseconds: 1, 2, 4 … 30 s, spread by `jitter` (0 to 1).
pub fn backoff(attempt: u32, jitter: f64) -> u32 {
    let base = 1000 * 2u32.pow(attempt.min(5)).min(30);
    base / 2 + (f64::from(base) / 2.0 * jitter.clamp(0.0, 1.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_stale_and_never_zero() {
        assert_eq!(judge(Link::Open, Some(0), 9_000, 10_000), Freshness::Live(9_000));
        assert_eq!(judge(Link::Open, Some(0), 24_000, 10_000), Freshness::Stale(24_000));
        assert_eq!(judge(Link::Open, None, 24_000, 10_000), Freshness::Never);
        assert_eq!(
            judge(Link::Open, Some(500), 0, 10_000),
            Freshness::Live(0),
            "a clock that is behind"
        );
    }

    #[test]
    fn a_lost_stream_says_up_to_when() {
        assert_eq!(judge(Link::Reconnecting, Some(7), 9, 10).name(), "reconnecting");
        assert_eq!(judge(Link::Offline, Some(7), 9, 10), Freshness::Offline(Some(7)));
    }

    #[test]
    fn waits_grow_and_are_bounded() {
        assert_eq!(backoff(0, 1.0), 1000);
        assert_eq!(backoff(2, 0.0), 2000);
        assert_eq!(backoff(40, 1.0), 30_000);
    }
}
