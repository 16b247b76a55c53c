//! What a chart shows, as an address says it: the page's address, an answer's link to it and a question about it are the same words.

use jiff_bare::{civil::Date, tz::TimeZone};

use crate::{
    day,
    period::{self, Period, Span},
    window::Window,
};

/// Which time a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// A unit of the home's calendar.
    Calendar(Period),
    /// Exactly from one instant to another.
    Exact(Window),
}

/// How values are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Not at all.
    #[default]
    Total,
    /// Into devices.
    Device,
}

/// What is shown of each step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Energy.
    #[default]
    Energy,
    /// Cost.
    Cost,
    /// Power.
    Power,
}

/// What it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    /// Nothing.
    #[default]
    None,
    /// The period before.
    Previous,
    /// The same period a year before.
    LastYear,
}

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which time.
    pub range: Range,
    /// How values are split.
    pub by: By,
    /// What is shown of each step.
    pub unit: Unit,
    /// What it is compared with.
    pub compare: Compare,
}

/// A spec as the parts of an address; an empty part is what it is by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// `z`: `day`, `week`, `month`, `year` or `exact`.
    pub zoom: String,
    /// `r`: a local day as `2026-11-23`; exact: two instants as seconds UTC joined by `~`.
    pub range: String,
    /// `by`: `total` or `device`.
    pub by: String,
    /// `u`: `kwh`, `cost` or `w`.
    pub unit: String,
    /// `cmp`: `prev` or `year`.
    pub compare: String,
}

const EXACT: &str = "exact";

impl Spec {
    /// From an address; what is missing or makes no sense is as it is by default, on the home's local day `today`.
    pub fn read(address: &Address, today: Date, week_start: i8) -> Self {
        let exact = Some(&address.range).filter(|_| address.zoom == EXACT);
        let range = match exact.and_then(|range| instants(range)) {
            Some(window) => Range::Exact(window),
            None => Range::Calendar(Period::parse(
                Span::from_key(&address.zoom),
                &address.range,
                today,
                week_start,
            )),
        };
        Self {
            range,
            by: if address.by == "device" { By::Device } else { By::Total },
            unit: match address.unit.as_str() {
                "cost" => Unit::Cost,
                "w" => Unit::Power,
                _ => Unit::Energy,
            },
            compare: match address.compare.as_str() {
                "prev" => Compare::Previous,
                "year" => Compare::LastYear,
                _ => Compare::None,
            },
        }
    }

    /// As an address.
    pub fn address(&self) -> Address {
        let (zoom, range) = match self.range {
            Range::Calendar(period) => (period.span.key(), day::iso(period.first)),
            Range::Exact(Window { start, end }) => (EXACT, format!("{}~{}", start / 1000, end / 1000)),
        };
        Address {
            zoom: zoom.to_owned(),
            range,
            by: match self.by {
                By::Total => "total",
                By::Device => "device",
            }
            .to_owned(),
            unit: match self.unit {
                Unit::Energy => "kwh",
                Unit::Cost => "cost",
                Unit::Power => "w",
            }
            .to_owned(),
            compare: match self.compare {
                Compare::None => "",
                Compare::Previous => "prev",
                Compare::LastYear => "year",
            }
            .to_owned(),
        }
    }

    /// First and end instant, milliseconds UTC; `None` beyond the calendar.
    pub fn bounds(&self, zone: &TimeZone) -> Option<(i64, i64)> {
        match self.range {
            Range::Calendar(period) => period.bounds(zone),
            Range::Exact(Window { start, end }) => Some((start, end)),
        }
    }

    /// First and end instant of what it is compared with, milliseconds UTC; `None` when nothing is.
    pub fn compared(&self, zone: &TimeZone) -> Option<(i64, i64)> {
        let years_before = |day: Date| day::plus_months(day.first_of_month(), -12).with_day(day.day());
        match (self.compare, self.range) {
            (Compare::None, _) => None,
            (Compare::Previous, Range::Calendar(period)) => period.moved(-1).bounds(zone),
            (Compare::Previous, Range::Exact(window)) => {
                let Window { start, end } = window.previous();
                Some((start, end))
            }
            // The same weekdays, 52 weeks before; months and years by the calendar.
            (Compare::LastYear, Range::Calendar(period)) => match period.span {
                Span::Day => period.moved(-364).bounds(zone),
                Span::Week => period.moved(-52).bounds(zone),
                Span::Month => period.moved(-12).bounds(zone),
                Span::Year => period.moved(-1).bounds(zone),
            },
            (Compare::LastYear, Range::Exact(Window { start, end })) => {
                let back = |at: i64| {
                    let first = period::day_of(at, zone)?;
                    let then = years_before(first)?;
                    Some(period::midnight(then, zone)? + (at - period::midnight(first, zone)?))
                };
                Some((back(start)?, back(end)?))
            }
        }
    }
}

trait WithDay {
    fn with_day(self, day: i8) -> Option<Date>;
}

impl WithDay for Date {
    /// The same month's day, or its last one.
    fn with_day(self, day: i8) -> Option<Date> {
        Some(day::plus(self, i32::from(day.min(self.days_in_month())) - 1))
    }
}

fn instants(text: &str) -> Option<Window> {
    let (start, end) = text.split_once('~')?;
    let millis = |text: &str| text.parse::<i64>().ok()?.checked_mul(1000);
    let (start, end) = (millis(start)?, millis(end)?);
    Some(Window { start, end })
        .filter(|window| start < end && (crate::window::SHORTEST..=crate::window::LONGEST).contains(&window.length()))
}

#[cfg(test)]
mod tests {
    use jiff_bare::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::window::{LONGEST, SHORTEST};

    const TODAY: Date = Date::constant(2026, 11, 23);

    fn range() -> impl Strategy<Value = Range> {
        let calendar = (0usize..4, -20_000i32..20_000, 1i8..=7).prop_map(|(span, days, start)| {
            Range::Calendar(Period::around(Span::ALL[span], day::plus(TODAY, days), start))
        });
        let exact = (0i64..4_000_000_000, SHORTEST / 1000..LONGEST / 1000).prop_map(|(start, length)| {
            Range::Exact(Window {
                start: start * 1000,
                end: (start + length) * 1000,
            })
        });
        prop_oneof![calendar, exact]
    }

    fn spec() -> impl Strategy<Value = Spec> {
        let by = prop_oneof![Just(By::Total), Just(By::Device)];
        let unit = prop_oneof![Just(Unit::Energy), Just(Unit::Cost), Just(Unit::Power)];
        let compare = prop_oneof![Just(Compare::None), Just(Compare::Previous), Just(Compare::LastYear)];
        (range(), by, unit, compare).prop_map(|(range, by, unit, compare)| Spec {
            range,
            by,
            unit,
            compare,
        })
    }

    proptest! {
        #[test]
        fn an_address_says_all_of_it(spec in spec(), week_start in 1i8..=7) {
            // A week is named by its first day, which depends on the home.
            let spec = match spec.range {
                Range::Calendar(period) => Spec { range: Range::Calendar(Period::around(period.span, period.first, week_start)), ..spec },
                Range::Exact(_) => spec,
            };
            prop_assert_eq!(Spec::read(&spec.address(), TODAY, week_start), spec);
        }

        #[test]
        fn any_address_is_read(zoom in ".{0,8}", range in ".{0,24}", by in ".{0,8}", unit in ".{0,8}", compare in ".{0,8}") {
            let spec = Spec::read(&Address { zoom, range, by, unit, compare }, TODAY, 1);
            prop_assert!(spec.bounds(&TimeZone::UTC).is_some());
        }

        #[test]
        fn what_is_compared_is_as_long_and_earlier(range in range()) {
            for compare in [Compare::Previous, Compare::LastYear] {
                let spec = Spec { range, by: By::Total, unit: Unit::Energy, compare };
                let (start, end) = spec.bounds(&TimeZone::UTC).unwrap();
                let (before, until) = spec.compared(&TimeZone::UTC).unwrap();
                prop_assert!(before < start && before < until);
                if let Range::Calendar(Period { span: Span::Day | Span::Week, .. }) = range {
                    prop_assert_eq!(until - before, end - start);
                    prop_assert_eq!((start - before) % (7 * 86_400_000) == 0, compare == Compare::LastYear || matches!(range, Range::Calendar(Period { span: Span::Week, .. })));
                }
            }
        }
    }

    #[test]
    fn the_address_of_an_answer_opens_the_same_chart() {
        let answer = Address {
            zoom: "month".to_owned(),
            range: "2026-11-01".to_owned(),
            ..Address::default()
        };
        let spec = Spec::read(&answer, TODAY, 1);
        assert_eq!(
            spec.range,
            Range::Calendar(Period::around(Span::Month, date(2026, 11, 1), 1))
        );
        assert_eq!(spec.compared(&TimeZone::UTC), None);
    }

    #[test]
    fn a_day_of_23_hours_is_compared_with_the_whole_day_before() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let spec = Spec {
            range: Range::Calendar(Period::around(Span::Day, date(2026, 3, 29), 1)),
            by: By::Total,
            unit: Unit::Energy,
            compare: Compare::Previous,
        };
        let hours = |(start, end): (i64, i64)| (end - start) / 3_600_000;
        assert_eq!(spec.bounds(&zone).map(hours), Some(23));
        assert_eq!(spec.compared(&zone).map(hours), Some(24));
    }
}
