//! How long a call may take: the caller's `grpc-timeout`, within what the contract allows.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;

use crate::error::Refused;

/// When a call is over, put into the extensions of its request. Monotonic time.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// The time left; zero when it is over.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// The refusal of work whose time is over.
pub(crate) fn exceeded() -> Refused {
    Refused::new(
        Code::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        "it took longer than the call may take",
    )
}

/// The value of a `grpc-timeout` header: one to eight digits and a unit.
pub(crate) fn parse(header: &[u8]) -> Option<Duration> {
    let (unit, digits) = header.split_last()?;
    if !(1..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(match unit {
        b'H' => Duration::from_secs(count * 3600),
        b'M' => Duration::from_secs(count * 60),
        b'S' => Duration::from_secs(count),
        b'm' => Duration::from_millis(count),
        b'u' => Duration::from_micros(count),
        b'n' => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        assert_eq!(parse(b"300m"), Some(Duration::from_millis(300)));
        assert_eq!(parse(b"1n"), Some(Duration::from_nanos(1)));
        assert_eq!(parse(b"99999999H"), Some(Duration::from_hours(99_999_999)));
        for bad in ["", "m", "abc", "-1S", "1", "1s", "123456789S", "1 S", "+1S"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
