//! Instants, stretches of time, and the clock as a parameter.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// An instant, UTC, to the microsecond: what both databases can hold exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "jiff::Timestamp", into = "jiff::Timestamp")]
pub struct Timestamp(i64);

/// The instant is outside the years −9999 to 9999, or the text is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an instant: RFC 3339 such as 2026-11-23T14:20:00Z is")]
pub struct InvalidTimestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The first instant that can be told.
    pub const MIN: Self = Self(-377_705_023_201 * MICROS_PER_SECOND);
    /// The last instant that can be told.
    pub const MAX: Self = Self(253_402_207_200 * MICROS_PER_SECOND + 999_999);

    /// The instant so many microseconds after 1970, if it can be told.
    pub fn from_micros(micros: i64) -> Result<Self, InvalidTimestamp> {
        let it = Self(micros);
        if (Self::MIN..=Self::MAX).contains(&it) {
            Ok(it)
        } else {
            Err(InvalidTimestamp)
        }
    }

    /// The instant so many seconds and nanoseconds after 1970, cut to the microsecond.
    pub fn from_parts(seconds: i64, nanos: i32) -> Result<Self, InvalidTimestamp> {
        if !(0..1_000_000_000).contains(&nanos) {
            return Err(InvalidTimestamp);
        }
        let micros = seconds
            .checked_mul(MICROS_PER_SECOND)
            .and_then(|whole| whole.checked_add(i64::from(nanos / 1000)));
        Self::from_micros(micros.ok_or(InvalidTimestamp)?)
    }

    /// Microseconds after 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds after 1970, and nanoseconds from 0 to 999,999,000.
    pub fn parts(self) -> (i64, i32) {
        (
            self.0.div_euclid(MICROS_PER_SECOND),
            (self.0.rem_euclid(MICROS_PER_SECOND) * 1000) as i32,
        )
    }

    /// As jiff has it.
    pub fn jiff(self) -> jiff::Timestamp {
        let (seconds, nanos) = self.parts();
        jiff::Timestamp::new(seconds, nanos).expect("a timestamp is within jiff's range")
    }

    /// Seconds from `earlier` to this; negative when it is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / MICROS_PER_SECOND as f64
    }

    /// The time from `earlier` to this; none when it is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// This instant and so much more, at most [`Self::MAX`].
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros)).min(Self::MAX)
    }

    /// This instant less so much, at least [`Self::MIN`].
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros)).max(Self::MIN)
    }
}

impl TryFrom<jiff::Timestamp> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(instant: jiff::Timestamp) -> Result<Self, InvalidTimestamp> {
        Self::from_micros(instant.as_microsecond())
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(instant: Timestamp) -> Self {
        instant.jiff()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.jiff().fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        text.parse::<jiff::Timestamp>()
            .map_err(|_| InvalidTimestamp)?
            .try_into()
    }
}

/// A half-open stretch of time: `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The first instant that belongs to it.
    pub start: Timestamp,
    /// The first instant that no longer does.
    pub end: Timestamp,
}

impl Interval {
    /// From one instant to another; one that ends before it starts is empty.
    pub fn new(start: Timestamp, end: Timestamp) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// How long it is.
    pub fn duration(self) -> Duration {
        self.end.since(self.start)
    }

    /// How long it is, s.
    pub fn seconds(self) -> f64 {
        self.end.seconds_since(self.start)
    }

    /// Whether nothing belongs to it.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether the instant belongs to it.
    pub fn contains(self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// What belongs to both; empty when nothing does.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The shortest one that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// Where the time comes from: the system, or a test's own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn system() -> Self {
        Self(Arc::new(|| {
            jiff::Timestamp::now()
                .try_into()
                .expect("the system's clock is within jiff's range")
        }))
    }

    /// A clock that stands still.
    pub fn fixed(instant: Timestamp) -> Self {
        Self(Arc::new(move || instant))
    }

    /// A clock that a function tells.
    pub fn from_fn(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Now, to the microsecond.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bounds_are_those_of_jiff() {
        assert_eq!(
            Timestamp::try_from(jiff::Timestamp::MAX).map(|it| it.parts().0),
            Ok(Timestamp::MAX.parts().0)
        );
        assert!(jiff::Timestamp::MIN.as_microsecond() <= Timestamp::MIN.micros());
        assert!(Timestamp::from_micros(i64::MAX).is_err() && Timestamp::from_micros(i64::MIN).is_err());
        assert!(Timestamp::from_parts(i64::MAX, 0).is_err() && Timestamp::from_parts(0, -1).is_err());
    }

    #[test]
    fn the_bounds_can_be_told() {
        for bound in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(bound.to_string().parse(), Ok(bound));
        }
    }

    #[test]
    fn an_interval_is_half_open() {
        let at = |seconds| Timestamp::from_parts(seconds, 0).unwrap();
        let it = Interval::new(at(10), at(20));
        assert!(it.contains(at(10)) && !it.contains(at(20)));
        assert!(it.intersection(Interval::new(at(20), at(30))).is_empty());
        assert!(Interval::new(at(20), at(10)).is_empty());
    }

    proptest! {
        #[test]
        fn parts_and_text_come_back(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
            let it = Timestamp::from_micros(micros).unwrap();
            let (seconds, nanos) = it.parts();
            prop_assert_eq!(Timestamp::from_parts(seconds, nanos), Ok(it));
            prop_assert_eq!(it.to_string().parse(), Ok(it));
        }
    }
}
