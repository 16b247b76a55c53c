//! How xtask speaks: headlines, times, sizes.

use std::time::Duration;

/// A numbered headline.
pub(crate) fn step(number: usize, of: usize, what: &str) {
    println!("\n== [{number}/{of}] {what}");
}

/// A time span as a person says it.
pub(crate) fn duration(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", span.as_secs() / 60, span.as_secs() % 60)
    }
}

/// A number of bytes in kB.
pub(crate) fn kilobytes(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_told_in_minutes() {
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(duration(Duration::from_millis(2340)), "2.3 s");
    }
}
