//! CSV with a header line: a timestamp and power or energy per row, in any order of columns.

use std::{io::Read, time::Duration};

use voltaire_types::{Calendar, Timestamp, WattHours, Watts};

use super::{BrokenFile, Imported};

/// How rows are meant where the file does not say it.
#[derive(Clone, Debug)]
pub(crate) struct Meaning {
    /// Whose local time timestamps without an offset are.
    pub(crate) calendar: Calendar,
    /// The stretch that each row's energy or mean power covers; needed for columns of energy.
    pub(crate) interval: Option<Duration>,
}

/// The columns that are understood, by their names in lower case.
const COLUMNS: [(&str, Column); 22] = [
    ("timestamp", Column::Time),
    ("time", Column::Time),
    ("date", Column::Time),
    ("datetime", Column::Time),
    ("start", Column::Time),
    ("device", Column::Device),
    ("name", Column::Device),
    ("power_watts", Column::Power),
    ("power_w", Column::Power),
    ("power", Column::Power),
    ("watts", Column::Power),
    ("w", Column::Power),
    ("energy_wh", Column::EnergyWh),
    ("wh", Column::EnergyWh),
    ("energy_kwh", Column::EnergyKwh),
    ("kwh", Column::EnergyKwh),
    ("usage", Column::EnergyKwh),
    ("energy_total_wh", Column::Counter),
    ("voltage", Column::Voltage),
    ("current", Column::Current),
    ("power_factor", Column::PowerFactor),
    ("interval_seconds", Column::Interval),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Device,
    Power,
    EnergyWh,
    EnergyKwh,
    Counter,
    Voltage,
    Current,
    PowerFactor,
    Interval,
}

/// Reads all rows of a file.
pub(crate) fn parse(file: impl Read, meaning: &Meaning) -> Result<Vec<Imported>, BrokenFile> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let columns = columns(reader.headers().map_err(|error| broken(&error))?)?;
    let mut readings = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        readings.push(
            Row {
                columns: &columns,
                record: &record,
                line,
            }
            .reading(meaning)?,
        );
    }
    if readings.is_empty() {
        return Err(BrokenFile::new(1, "no rows below the header"));
    }
    Ok(readings)
}

fn broken(error: &csv::Error) -> BrokenFile {
    BrokenFile::new(
        error.position().map_or(1, |position| position.line() as usize),
        error.to_string(),
    )
}

fn columns(header: &csv::StringRecord) -> Result<Vec<Option<Column>>, BrokenFile> {
    let known = |name: &str| {
        COLUMNS
            .iter()
            .find(|(word, _)| *word == name)
            .map(|(_, column)| *column)
    };
    let columns: Vec<_> = header
        .iter()
        .map(|name| {
            known(
                &name
                    .trim_start_matches('\u{feff}')
                    .to_lowercase()
                    .replace([' ', '-'], "_"),
            )
        })
        .collect();
    let has = |wanted: Column| columns.contains(&Some(wanted));
    if !has(Column::Time) {
        return Err(BrokenFile::new(1, "no column of times: call it `timestamp`"));
    }
    if !(has(Column::Power) || has(Column::EnergyWh) || has(Column::EnergyKwh)) {
        return Err(BrokenFile::new(
            1,
            "no column of values: call it `power_watts`, `energy_wh` or `energy_kwh`",
        ));
    }
    Ok(columns)
}

struct Row<'a> {
    columns: &'a [Option<Column>],
    record: &'a csv::StringRecord,
    line: usize,
}

impl Row<'_> {
    fn reading(&self, meaning: &Meaning) -> Result<Imported, BrokenFile> {
        let interval = match self.number(Column::Interval)? {
            Some(seconds) => {
                Some(Duration::try_from_secs_f64(seconds).map_err(|_| self.broken("interval_seconds", "negative"))?)
            }
            None => meaning.interval,
        };
        Ok(Imported {
            line: self.line,
            device: self.text(Column::Device).map(str::to_owned),
            at: self.time(&meaning.calendar)?,
            power: self.power(interval)?,
            interval,
            voltage: self.number(Column::Voltage)?,
            current: self.number(Column::Current)?,
            power_factor: self.number(Column::PowerFactor)?,
            counter: self.number(Column::Counter)?,
        })
    }

    fn power(&self, interval: Option<Duration>) -> Result<Watts, BrokenFile> {
        if let Some(watts) = self.number(Column::Power)? {
            return Ok(Watts(watts));
        }
        let energy = match self.number(Column::EnergyWh)? {
            Some(energy) => Some(energy),
            None => self.number(Column::EnergyKwh)?.map(|energy| energy * 1000.0),
        };
        let energy = WattHours(energy.ok_or_else(|| self.broken("value", "empty"))?);
        let over = interval
            .ok_or_else(|| self.broken("energy", "for an unknown stretch: say it with --interval, as 15m or 1h"))?;
        energy.mean_over(over).ok_or_else(|| self.broken("interval", "empty"))
    }

    fn time(&self, calendar: &Calendar) -> Result<Timestamp, BrokenFile> {
        let text = self
            .text(Column::Time)
            .ok_or_else(|| self.broken("timestamp", "empty"))?;
        let local = || {
            let civil: jiff::civil::DateTime = text.replace('/', "-").parse().ok()?;
            civil
                .to_zoned(calendar.zone().clone())
                .ok()?
                .timestamp()
                .try_into()
                .ok()
        };
        let unix = || Timestamp::from_parts(text.parse().ok()?, 0).ok();
        text.parse().ok().or_else(unix).or_else(local).ok_or_else(|| {
            self.broken(
                "timestamp",
                "neither as 2026-11-23T14:20:00Z, nor 2026-11-23 14:20 (local time), nor seconds since 1970",
            )
        })
    }

    fn text(&self, column: Column) -> Option<&str> {
        let at = self.columns.iter().position(|it| *it == Some(column))?;
        self.record.get(at).filter(|text| !text.is_empty())
    }

    fn number(&self, column: Column) -> Result<Option<f64>, BrokenFile> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| {
            self.broken(
                &format!("{column:?}").to_lowercase(),
                &format!("not a number: {text:.40}"),
            )
        })
    }

    fn broken(&self, what: &str, problem: &str) -> BrokenFile {
        BrokenFile::new(self.line, format!("{what} is {problem}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, interval: Option<u64>) -> Result<Vec<Imported>, BrokenFile> {
        let calendar = Calendar::new("Europe/Berlin", jiff::civil::Weekday::Monday).unwrap();
        parse(
            text.as_bytes(),
            &Meaning {
                calendar,
                interval: interval.map(Duration::from_secs),
            },
        )
    }

    #[test]
    fn power_and_energy_and_three_ways_to_tell_the_time_are_read() {
        let rows = read(
            "Time,Power W,device\n2026-07-01T10:00:00Z,88,Fridge\n2026-07-01 12:00,90.5,\n1782900000,1,x\n",
            None,
        )
        .unwrap();
        assert_eq!(rows[0].at, rows[1].at);
        assert_eq!(
            (rows[0].power, rows[0].device.as_deref(), rows[1].device.as_deref()),
            (Watts(88.0), Some("Fridge"), None)
        );
        assert_eq!(rows[2].at.to_string(), "2026-07-01T10:00:00Z");
        assert_eq!(
            read("timestamp,kwh\n2026-07-01T10:00:00Z,0.25\n", Some(900)).unwrap()[0].power,
            Watts(1000.0)
        );
    }

    #[test]
    fn a_broken_file_names_line_and_cause() {
        let problem = |text| read(text, None).unwrap_err().to_string();
        assert!(problem("a,b\n1,2\n").starts_with("line 1: no column of times"));
        assert!(
            problem("timestamp,power_watts\n2026-07-01T10:00:00Z,1\nyesterday,2\n")
                .starts_with("line 3: timestamp is neither")
        );
        assert_eq!(
            problem("timestamp,power_watts\n2026-07-01T10:00:00Z,NaN\n"),
            "line 2: power is not a number: NaN"
        );
        assert!(problem("timestamp,kwh\n2026-07-01T10:00:00Z,1\n").contains("--interval"));
        assert!(problem("timestamp,power_watts\n1,2,3\n").starts_with("line 2"));
    }
}
