//! Arithmetic on local days, in a few lines: the general kind would cost every visitor a download.

use jiff_bare::civil::Date;

/// The day `days` later; negative: earlier. Stays at the edges of the calendar.
pub fn plus(day: Date, days: i32) -> Date {
    from_number(number(day).saturating_add(i64::from(days))).unwrap_or(day)
}

/// The first of the month `months` later; negative: earlier. Stays at the edges of the calendar.
pub fn plus_months(day: Date, months: i32) -> Date {
    let month = (i32::from(day.year()) * 12 + i32::from(day.month()) - 1).saturating_add(months);
    new(i64::from(month.div_euclid(12)), i64::from(month.rem_euclid(12) + 1), 1).unwrap_or(day)
}

/// `YYYY-MM-DD`.
pub fn iso(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

/// From `YYYY-MM-DD`; `None` when it is no such date.
pub fn parse(text: &str) -> Option<Date> {
    let mut parts = text
        .split('-')
        .map(|part| part.parse::<i64>().ok().filter(|_| part.len() == 2 || part.len() == 4));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        None
    } else {
        new(year, month, day)
    }
}

fn new(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// The UTC midnight a date begins at, seconds since 1970; `None` when it is no date.
pub fn seconds(year: i64, month: i64, day: i64) -> Option<i64> {
    Some(number(new(year, month, day)?) * 86_400)
}

/// Days since 1970-01-01 (Hinnant's algorithm: years begin in March, so that a leap day is the last).
pub(crate) fn number(day: Date) -> i64 {
    let month = i64::from(day.month());
    let year = i64::from(day.year()) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(day.day()) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn from_number(number: i64) -> Option<Date> {
    let shifted = number.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12 + 1;
    new(year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use jiff_bare::ToSpan as _;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn days_are_those_of_the_calendar(number in -700_000i32..2_900_000, step in -20_000i32..20_000) {
            let day = plus(Date::constant(1970, 1, 1), number);
            prop_assert_eq!(super::number(day), i64::from(number));
            prop_assert_eq!(plus(day, step), day.saturating_add(step.days()));
            prop_assert_eq!(parse(&iso(day)).filter(|_| day.year() >= 0), Some(day).filter(|_| day.year() >= 0));
        }

        #[test]
        fn months_are_those_of_the_calendar(months in -12_000i32..12_000) {
            let day = Date::constant(2026, 11, 1);
            prop_assert_eq!(plus_months(day, months), day.saturating_add(months.months()));
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "2026-02-30", "2026-11", "2026-11-23-1", "yesterday", "2026-1-1x"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
