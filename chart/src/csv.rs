//! What a chart shows as a file for a spreadsheet: times with their offset, numbers with a point, an empty field where nothing is known.

use jiff_bare::{Timestamp, tz::TimeZone};

use crate::day;

/// A named column of values; NaN where there is none.
pub type Column<'a> = (&'a str, &'a [f64]);

/// The file; `unit` stands in the heading of every column. Rows begin at `boundaries`, the last of which only ends one (RFC 4180).
pub fn over_time(boundaries: &[i64], columns: &[Column<'_>], unit: &str, zone: &TimeZone) -> String {
    let row = |pair: &[i64]| format!("{},{}", iso(pair[0], zone), iso(pair[1], zone));
    rows("start,end", boundaries.windows(2).map(row), columns, unit)
}

/// The same for values by name.
pub fn by_name(names: &[String], columns: &[Column<'_>], unit: &str) -> String {
    rows("name", names.iter().map(|name| field(name)), columns, unit)
}

fn rows(head: &str, begins: impl Iterator<Item = String>, columns: &[Column<'_>], unit: &str) -> String {
    let mut file = String::from(head);
    for (name, _) in columns {
        file.push(',');
        file.push_str(&field(&format!("{name} [{unit}]")));
    }
    file.push_str("\r\n");
    for (step, begin) in begins.enumerate() {
        file.push_str(&begin);
        for (_, values) in columns {
            file.push(',');
            if let Some(value) = values.get(step).filter(|value| value.is_finite()) {
                file.push_str(&value.to_string());
            }
        }
        file.push_str("\r\n");
    }
    file
}

/// A text as a field: quoted where it must be, and never read as a formula.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// An instant as ISO 8601 with the zone's offset; beyond the calendar nothing.
pub fn iso(at: i64, zone: &TimeZone) -> String {
    let Ok(time) = Timestamp::from_millisecond(at) else {
        return String::new();
    };
    let local = time.to_zoned(zone.clone());
    format!(
        "{}T{:02}:{:02}:{:02}{}",
        day::iso(local.date()),
        local.hour(),
        local.minute(),
        local.second(),
        offset(local.offset().seconds())
    )
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_clocks_repeat_is_told_apart() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let start = "2026-10-25T00:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let steps = [start, start + 3_600_000, start + 7_200_000];
        let file = over_time(
            &steps,
            &[("Fridge, old", &[88.5, f64::NAN]), ("=EV", &[0.0])],
            "Wh",
            &zone,
        );
        assert_eq!(
            file,
            "start,end,\"Fridge, old [Wh]\",'=EV [Wh]\r\n\
             2026-10-25T02:00:00+02:00,2026-10-25T02:00:00+01:00,88.5,0\r\n\
             2026-10-25T02:00:00+01:00,2026-10-25T03:00:00+01:00,,\r\n"
        );
    }
    #[test]
    fn values_by_name_begin_with_it() {
        let names = ["18:00–19:00".to_owned(), "Fridge, old".to_owned()];
        let file = by_name(&names, &[("Mean power", &[812.5, f64::NAN])], "W");
        assert_eq!(file, "name,Mean power [W]\r\n18:00–19:00,812.5\r\n\"Fridge, old\",\r\n");
    }
}
