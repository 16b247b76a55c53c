//! Days that are not as usual: hours against the same weekday and hour of the weeks before.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Interval, Timestamp};

use super::quantile::Usual;

/// Weeks that say what is usual.
pub(crate) const WEEKS: i64 = 8;
/// Values that it takes at least.
pub(crate) const LEAST_VALUES: usize = 4;
/// From this score on a day is unusual.
pub(crate) const DAY_SCORE: f64 = 3.5;
/// From this score on an hour is.
const HOUR_SCORE: f64 = 5.0;
/// So many unusual hours make a day unusual.
const LEAST_HOURS: usize = 4;
/// Hours that a day needs to be judged as a whole.
const WHOLE_DAY: usize = 20;
/// They do only where the day's own score is at least this: what the rest of the day makes up for is not unusual.
const LEAST_DAY_SCORE: f64 = 1.0;
/// A deviation is taken to be at least this share of what is usual.
const LEAST_DEVIATION: f64 = 0.1;

/// A whole local hour that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HourValue {
    /// When it begins.
    pub at: Timestamp,
    /// The local day.
    pub date: Date,
    /// The local hour.
    pub hour: i8,
    /// Energy, Wh.
    pub energy: f64,
}

/// An hour that was not as usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct UnusualHour {
    /// When it begins.
    pub at: Timestamp,
    /// The local hour.
    pub hour: i8,
    /// What was expected, Wh.
    pub expected: f64,
    /// What happened, Wh.
    pub happened: f64,
    /// How far that is from usual.
    pub score: f64,
}

/// A day that was not as usual.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UnusualDay {
    /// The local day.
    pub date: Date,
    /// What was expected in its judged hours, Wh.
    pub expected: f64,
    /// What happened in them, Wh.
    pub happened: f64,
    /// How far that is from usual.
    pub score: f64,
    /// Whether enough of its hours are known to judge its total, and that lies beyond all that it is compared with.
    pub beyond: bool,
    /// Its unusual hours.
    pub hours: Vec<UnusualHour>,
}

impl UnusualDay {
    /// Whether its total is so far from usual.
    pub(crate) fn is_far(&self, score: f64) -> bool {
        self.beyond && self.score.abs() >= score
    }

    fn is_unusual(&self) -> bool {
        self.is_far(DAY_SCORE) || self.hours.len() >= LEAST_HOURS && self.score.abs() >= LEAST_DAY_SCORE
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Unusual days, those with the highest scores first.
    pub days: Vec<UnusualDay>,
    /// Days that could be judged.
    pub judged: u32,
}

/// Judges the days of a period by hours in time's order that begin [`WEEKS`] before it.
pub(crate) fn find(hours: &[HourValue], period: Interval) -> Found {
    let mut found = Found::default();
    for day in judged(hours, period) {
        found.judged += 1;
        found.days.extend(Some(day).filter(UnusualDay::is_unusual));
    }
    found.days.sort_by(|a, b| b.score.abs().total_cmp(&a.score.abs()));
    found
}

/// Those days of a period that can be judged, unusual or not, by the same hours.
pub(crate) fn judged(hours: &[HourValue], period: Interval) -> Vec<UnusualDay> {
    let known = known(hours);
    let inside: Vec<_> = hours.iter().filter(|it| period.contains(it.at)).collect();
    let days = inside.chunk_by(|a, b| a.date == b.date);
    days.filter_map(|day| judge(day, &known)).collect()
}

type Known = HashMap<(Date, i8), f64>;

/// The hours by day and hour; of an hour that clocks repeat the mean.
fn known(hours: &[HourValue]) -> Known {
    let mut known = Known::with_capacity(hours.len());
    for it in hours {
        let energy = known.entry((it.date, it.hour)).or_insert(it.energy);
        *energy = energy.midpoint(it.energy);
    }
    known
}

/// The same weekday in the weeks before.
fn weeks_before(date: Date) -> impl Iterator<Item = Date> {
    (1..=WEEKS).filter_map(move |week| date.checked_sub(week.weeks()).ok())
}

fn judge(hours: &[&HourValue], known: &Known) -> Option<UnusualDay> {
    let date = hours.first()?.date;
    let usual = |it: &HourValue| {
        let values: Vec<_> = weeks_before(date)
            .filter_map(|day| known.get(&(day, it.hour)).copied())
            .collect();
        (values.len() >= LEAST_VALUES).then(|| Usual::of(&values)).flatten()
    };
    let judged: Vec<_> = hours.iter().filter_map(|it| Some((**it, usual(it)?))).collect();
    let mean = judged.iter().map(|(_, usual)| usual.mean.abs()).sum::<f64>() / judged.len().max(1) as f64;
    let unusual: Vec<_> = judged
        .iter()
        .filter_map(|(it, usual)| unusual_hour(it, usual, mean))
        .collect();
    let all = |day: Date| {
        let energies = judged.iter().map(|(it, _)| known.get(&(day, it.hour)).copied());
        energies.sum::<Option<f64>>()
    };
    let totals: Vec<_> = weeks_before(date).filter_map(all).collect();
    let whole = Usual::of(&totals).filter(|_| totals.len() >= LEAST_VALUES && !judged.is_empty())?;
    let happened: f64 = judged.iter().map(|(it, _)| it.energy).sum();
    let score = whole.score(happened, (LEAST_DEVIATION, whole.mean.abs()));
    Some(UnusualDay {
        date,
        expected: whole.median,
        happened,
        score,
        beyond: judged.len() >= WHOLE_DAY && whole.is_outside(happened),
        hours: unusual,
    })
}

fn unusual_hour(it: &HourValue, usual: &Usual, mean: f64) -> Option<UnusualHour> {
    let score = usual.score(it.energy, (LEAST_DEVIATION, mean));
    let found = UnusualHour {
        at: it.at,
        hour: it.hour,
        expected: usual.median,
        happened: it.energy,
        score,
    };
    (score.abs() >= HOUR_SCORE && usual.is_outside(it.energy)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;
    use voltaire_types::{Calendar, CalendarUnit};

    fn calendar() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    /// Hours of the eight weeks before a Monday and of a week from it on.
    fn hours(energy: impl Fn(Date, i8) -> Option<f64>) -> (Vec<HourValue>, Interval) {
        let (first, monday) = (date(2026, 9, 7), date(2026, 11, 2));
        let steps = calendar().steps(CalendarUnit::Hour, calendar().days(first, date(2026, 11, 8)), 10_000);
        let value = |at: &Timestamp| {
            let local = calendar().local(*at);
            Some(HourValue {
                at: *at,
                date: local.date(),
                hour: local.hour(),
                energy: energy(local.date(), local.hour())?,
            })
        };
        let hours = steps[..steps.len() - 1].iter().filter_map(value).collect();
        (hours, calendar().days(monday, date(2026, 11, 8)))
    }

    /// The same every week, but a little different.
    fn ordinary(day: Date, hour: i8) -> f64 {
        let wobble = f64::from((i32::from(day.day()) * 7 + i32::from(hour) * 3) % 11) / 11.0;
        100.0 + f64::from(hour) * 20.0 + f64::from(day.weekday().to_monday_one_offset()) * 10.0 + wobble * 20.0
    }

    #[test]
    fn an_ordinary_week_has_no_unusual_day() {
        let (hours, week) = hours(|day, hour| Some(ordinary(day, hour)));
        assert_eq!(
            find(&hours, week),
            Found {
                days: vec![],
                judged: 7
            }
        );
    }

    #[test]
    fn a_heater_left_on_at_night_is_found_with_its_hours() {
        let night = date(2026, 11, 4);
        let (hours, week) = hours(|day, hour| {
            let heater = if day == night && hour < 6 { 800.0 } else { 0.0 };
            Some(ordinary(day, hour) + heater)
        });
        let found = find(&hours, week);
        assert_eq!((found.days.len(), found.days[0].date), (1, night));
        let it: Vec<_> = found.days[0].hours.iter().map(|it| it.hour).collect();
        assert_eq!(it, [0, 1, 2, 3, 4, 5]);
        assert!((found.days[0].happened - found.days[0].expected - 4_800.0).abs() < 500.0);
    }

    #[test]
    fn a_day_away_is_less_than_expected() {
        let away = date(2026, 11, 7);
        let (hours, week) = hours(|day, hour| Some(ordinary(day, hour) * if day == away { 0.3 } else { 1.0 }));
        let found = find(&hours, week);
        assert!(found.days.len() == 1 && found.days[0].date == away && found.days[0].score < -3.5);
    }

    #[test]
    fn a_washing_machine_at_another_hour_is_not_unusual() {
        // Every other day a load of two hours, each time at another hour; on the Thursday four at once.
        let load = |day: Date, hour: i8| {
            let starts = (i32::from(day.day()) * 5) % 17;
            let on = day.day() % 2 == 0 && (starts..starts + 2).contains(&i32::from(hour));
            let many = day == date(2026, 11, 5) && (8..16).contains(&hour);
            if on || many { 450.0 } else { 1.0 }
        };
        let (hours, week) = hours(|day, hour| Some(load(day, hour)));
        let found = find(&hours, week);
        assert_eq!(
            found.days.iter().map(|day| day.date).collect::<Vec<_>>(),
            [date(2026, 11, 5)]
        );
        assert!(found.days[0].score > 3.5 && found.days[0].score.is_finite());
    }

    #[test]
    fn little_history_judges_nothing() {
        let (hours, week) = hours(|day, hour| (day >= date(2026, 10, 12)).then(|| ordinary(day, hour)));
        assert_eq!(find(&hours, week), Found::default());
    }

    proptest! {
        #[test]
        fn the_scale_of_energy_does_not_matter(scale in 0.01..1_000.0_f64) {
            let odd = |day: Date, hour: i8| ordinary(day, hour) * if day == date(2026, 11, 5) { 3.0 } else { 1.0 };
            let (plain, week) = hours(|day, hour| Some(odd(day, hour)));
            let (scaled, _) = hours(|day, hour| Some(odd(day, hour) * scale));
            let dates = |found: Found| found.days.iter().map(|day| (day.date, day.hours.len())).collect::<Vec<_>>();
            prop_assert_eq!(dates(find(&plain, week)), dates(find(&scaled, week)));
        }
    }
}
