//! A time zone from the offsets that a browser tells: its own database serves, so that none has to be downloaded.

use jiff_bare::tz::TimeZone;

/// Changes of the offset are looked for between these instants, seconds UTC: the years 2000 to 2037. Outside of them the nearest offset
/// counts.
const FIRST: i64 = 946_684_800;
const LAST: i64 = 2_145_916_800;
/// Closer together than this no two changes are (the shortest summer time there was had five weeks), seconds.
const STRIDE: i64 = 20 * 86_400;
/// Changes happen at whole quarter hours.
const GRAIN: i64 = 900;

/// The zone whose offset from UTC, in seconds, at an instant in seconds UTC is `offset_at`; `None` when the offsets make no zone.
pub fn from_offsets(name: &str, offset_at: impl Fn(i64) -> i32) -> Option<TimeZone> {
    let mut changes = Vec::new();
    let first = offset_at(FIRST);
    let (mut at, mut offset) = (FIRST, first);
    while at < LAST {
        let next = at + STRIDE;
        let then = offset_at(next);
        if then != offset {
            changes.push((change(at, next, offset, &offset_at), then));
        }
        (at, offset) = (next, then);
    }
    TimeZone::tzif(name, &encode(first, &changes)?).ok()
}

/// The first instant in `(before, after]` whose offset is no longer `offset`.
fn change(mut before: i64, mut after: i64, offset: i32, offset_at: &impl Fn(i64) -> i32) -> i64 {
    while after - before > GRAIN {
        let middle = (before + (after - before) / 2).div_euclid(GRAIN) * GRAIN;
        if offset_at(middle) == offset {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

/// The zone as `TZif` version 2 (RFC 9636).
fn encode(first: i32, changes: &[(i64, i32)]) -> Option<Vec<u8>> {
    let mut kinds = vec![first];
    for (_, offset) in changes {
        if !kinds.contains(offset) {
            kinds.push(*offset);
        }
    }
    // Version 1 is there for form's sake and holds one kind of time.
    let mut data = header(0, 1);
    data.extend([0; 6]);
    data.extend(b"LOC\0");
    data.extend(header(
        u32::try_from(changes.len()).ok()?,
        u32::try_from(kinds.len()).ok()?,
    ));
    data.extend(changes.iter().flat_map(|(at, _)| at.to_be_bytes()));
    for (_, offset) in changes {
        data.push(u8::try_from(kinds.iter().position(|kind| kind == offset)?).ok()?);
    }
    for kind in kinds {
        data.extend(kind.to_be_bytes());
        data.extend([0, 0]);
    }
    data.extend(b"LOC\0\n\n");
    Some(data)
}

fn header(changes: u32, kinds: u32) -> Vec<u8> {
    let mut header = b"TZif2".to_vec();
    header.extend([0; 15]);
    header.extend([0, 0, 0, changes, kinds, 4].into_iter().flat_map(u32::to_be_bytes));
    header
}

#[cfg(test)]
mod tests {
    use jiff_bare::Timestamp;

    use super::*;

    fn offset(zone: &TimeZone, at: i64) -> i32 {
        zone.to_offset(Timestamp::from_second(at).unwrap()).seconds()
    }

    #[test]
    fn every_hour_has_the_offset_of_the_database() {
        for name in [
            "Europe/Berlin",
            "America/Los_Angeles",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "UTC",
        ] {
            let known = TimeZone::get(name).unwrap();
            let rebuilt = from_offsets(name, |at| offset(&known, at)).unwrap();
            for at in (FIRST..LAST).step_by(3600) {
                assert_eq!(offset(&rebuilt, at), offset(&known, at), "{name} at {at}");
            }
        }
    }
}
