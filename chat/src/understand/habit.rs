//! `at what time of day do we use most`, `which weekday`: means over all days, by the hour or by the weekday.

use super::{
    frame::Frame,
    lexicon::Cue,
    measure::per,
    plan::{Bucket, Metric, Operation, Plan},
    refuse::text,
};

/// Stretches of a day, a week, a month or a year that are not told yet.
const PARTS: [&str; 7] = [
    "part of day",
    "part of the day",
    "parts of the day",
    "part of the week",
    "part of the month",
    "part of the year",
    "season",
];
const HOURS: [&str; 11] = [
    "time of day",
    "times of day",
    "time of the day",
    "times of the day",
    "hour of day",
    "hours of day",
    "hour of the day",
    "hours of the day",
    "hour of a day",
    "time in the day",
    "hour in the day",
];
const WEEKDAYS: [&str; 10] = [
    "day of the week",
    "days of the week",
    "day of week",
    "which weekday",
    "what weekday",
    "which weekdays",
    "by weekday",
    "per weekday",
    "each weekday",
    "weekday by weekday",
];
/// One value for each of them.
const BY: [&str; 11] = [
    "by weekday",
    "per weekday",
    "each weekday",
    "by day of the week",
    "by day of week",
    "by time of day",
    "by hour of day",
    "by hour of the day",
    "by the hour of the day",
    "each hour of the day",
    "each day of the week",
];

impl Frame<'_> {
    /// Whether it is about what comes again every day, week or year.
    pub(crate) fn is_repeated(&self) -> bool {
        self.phrases(&PARTS) || self.repeated().is_some()
    }

    fn repeated(&self) -> Option<Bucket> {
        if self.phrases(&PARTS) {
            return None;
        }
        let usual = self.says(&["usually", "typically", "generally", "normally", "tend"]);
        let clock =
            self.has(Cue::When) || self.phrases(&["what time", "which hour", "what hour", "which hours", "what hours"]);
        if self.phrases(&WEEKDAYS) {
            Some(Bucket::Weekday)
        } else if self.phrases(&HOURS) || usual && clock && self.extreme() {
            Some(Bucket::HourOfDay)
        } else {
            None
        }
    }

    /// Whether it is about runs: "which hours" alone is not.
    fn names_runs(&self) -> bool {
        let said = self.reading.evidence.iter().filter(|it| it.cue == Cue::Runs);
        said.map(|it| text(self.reading, it))
            .any(|it| !(["hours", "hours of"].contains(&it.as_str()) || it == "run" && self.extreme()))
    }

    pub(crate) fn habit(&self) -> Option<Plan> {
        let bucket = self.repeated()?;
        if self.measure.both || self.has(Cue::Device) || self.names_runs() || self.named > 1 || self.times > 1 {
            return None;
        }
        // What energy costs at which hour is the tariff's.
        let of_day = bucket == Bucket::HourOfDay;
        if of_day && self.measure.cost && !self.reading.any(&[Cue::Cost, Cue::Money]) {
            return None;
        }
        let power = self.measure.power && !self.measure.energy;
        // Of one day it is an hour of the calendar.
        let (bucket, metric) = match bucket {
            Bucket::HourOfDay if self.one_day() && self.extreme() => (Bucket::Hour, self.measure.metric()),
            Bucket::Weekday if self.one_day() => return None,
            bucket if self.measure.cost => (bucket, Metric::Cost),
            bucket if power => (bucket, Metric::Power),
            bucket => (bucket, Metric::Energy),
        };
        let operation = if self.extreme() {
            Operation::Extreme
        } else if self.phrases(&BY) || self.has(Cue::Chart) || per(self.reading).is_some() || self.has(Cue::Average) {
            Operation::Series
        } else {
            return None;
        };
        Some(Plan {
            bucket: Some(bucket),
            unit: self.reading.unit(),
            direction: self.direction(),
            ..Plan::new(operation, metric)
        })
    }
}
