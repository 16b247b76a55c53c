//! Values of the contracts, proto ⇄ types: times, durations, texts, field masks.

use std::time::Duration;

use prost_types::FieldMask;
use voltaire_types::Timestamp;

use crate::error::Invalid;

/// A time, UTC.
pub fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = time.parts();
    prost_types::Timestamp { seconds, nanos }
}

/// A time that must be set and that can be told; cut to the microsecond.
pub fn parse_timestamp(field: &str, time: Option<&prost_types::Timestamp>) -> Result<Timestamp, Invalid> {
    let time = time.ok_or_else(|| Invalid::new(field, "must be set"))?;
    Timestamp::from_parts(time.seconds, time.nanos)
        .map_err(|_| Invalid::new(field, "not a time between the years -9999 and 9999"))
}

/// A length of time.
pub fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: duration.subsec_nanos().cast_signed(),
    }
}

/// A length of time that is not negative.
pub fn parse_duration(field: &str, duration: &prost_types::Duration) -> Result<Duration, Invalid> {
    let (Ok(seconds), Ok(nanos @ 0..1_000_000_000)) = (u64::try_from(duration.seconds), u32::try_from(duration.nanos))
    else {
        return Err(Invalid::new(field, "must be a length of time that is not negative"));
    };
    Ok(Duration::new(seconds, nanos))
}

/// A text without control characters, trimmed, of `min` to `max` characters.
pub fn text(field: &str, text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    let length = text.chars().count();
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "must not contain control characters"));
    }
    if text.is_empty() && min > 0 {
        return Err(Invalid::new(field, "must be set"));
    }
    if !(min..=max).contains(&length) {
        return Err(Invalid::new(field, format!("must have {min} to {max} characters")));
    }
    Ok(text.to_owned())
}

/// Which fields an update changes: those of its mask, or with an empty mask all that are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(Vec<String>);

impl Mask {
    /// The paths of a mask, each of which must be one of `allowed` (or `*`, all of them). The field is `update_mask`.
    pub fn parse(mask: Option<FieldMask>, allowed: &[&str]) -> Result<Self, Invalid> {
        let paths = mask.map(|mask| mask.paths).unwrap_or_default();
        if paths.iter().any(|path| path == "*") {
            return Ok(Self(allowed.iter().map(|&path| path.to_owned()).collect()));
        }
        match paths.iter().find(|path| !allowed.contains(&path.as_str())) {
            Some(_) => Err(Invalid::new("update_mask", format!("may name: {}", allowed.join(", ")))),
            None => Ok(Self(paths)),
        }
    }

    /// Whether the field is to be changed, given whether it is set.
    pub fn has(&self, field: &str, set: bool) -> bool {
        if self.0.is_empty() {
            set
        } else {
            self.0.iter().any(|path| path == field)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_and_nonsense_is_refused() {
        let time = Timestamp::from_micros(1_700_000_000_123_456).unwrap();
        assert_eq!(parse_timestamp("at", Some(&timestamp(time))), Ok(time));
        assert!(parse_timestamp("at", None).is_err());
        let never = prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: -1,
        };
        assert_eq!(parse_timestamp("at", Some(&never)).unwrap_err().field, "at");
    }

    #[test]
    fn a_duration_comes_back_and_a_negative_one_is_refused() {
        let it = Duration::new(5, 7);
        assert_eq!(parse_duration("step", &duration(it)), Ok(it));
        for (seconds, nanos) in [(-1, 0), (0, -1), (0, 1_000_000_000)] {
            assert!(parse_duration("step", &prost_types::Duration { seconds, nanos }).is_err());
        }
    }

    #[test]
    fn a_text_is_trimmed_and_measured_in_characters() {
        assert_eq!(text("name", " Küche ", 1, 5), Ok("Küche".into()));
        assert_eq!(text("name", "  ", 1, 5).unwrap_err().problem, "must be set");
        assert!(text("name", "123456", 1, 5).is_err());
        assert!(text("name", "a\u{1b}b", 1, 5).is_err());
        assert_eq!(text("note", "", 0, 5), Ok(String::new()));
    }

    #[test]
    fn a_mask_names_known_fields_or_means_what_is_set() {
        let of = |paths: &[&str]| {
            let paths = paths.iter().map(|&path| path.to_owned()).collect();
            Mask::parse(Some(FieldMask { paths }), &["name", "room"])
        };
        assert!(of(&["name"]).unwrap().has("name", false));
        assert!(!of(&["name"]).unwrap().has("room", true));
        assert!(of(&[]).unwrap().has("room", true));
        assert!(!of(&[]).unwrap().has("room", false));
        assert!(of(&["*"]).unwrap().has("room", false));
        assert!(of(&["id"]).is_err());
    }
}
