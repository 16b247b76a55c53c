//! Rules about days unlike others: by the same judgement that lists unusual days, of the day's total.

use voltaire_types::{Interval, Timestamp, WattHours};

use super::{Amount, Event, Raised, Reason, State, Step};
use crate::figures::unusual::UnusualDay;

/// A difference below this, Wh, is not worth an alert.
const SMALLEST: f64 = 50.0;

/// A day that is over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) interval: Interval,
    /// Against the same weekday of the weeks before; none where too little is known.
    pub(crate) day: Option<UnusualDay>,
    /// When the next day can be judged.
    pub(crate) next: Timestamp,
}

/// A step of "an unusual day": each day is judged once.
pub(super) fn step(score: f64, mut state: State, history: &History) -> Step {
    let mut step = Step::new(state, history.next);
    let Interval { start, end } = history.interval;
    if end <= state.judged {
        return step;
    }
    state.judged = end;
    step.state = state;
    let matters = |day: &&UnusualDay| day.is_far(score) && (day.happened - day.expected).abs() >= SMALLEST;
    if let Some(day) = history.day.as_ref().filter(matters) {
        let reason = if day.score > 0.0 {
            Reason::UnusuallyHigh
        } else {
            Reason::UnusuallyLow
        };
        step.events.push(Event::Raised(Raised {
            reason,
            since: start,
            observed: Amount::Energy(WattHours(day.happened)),
            limit: Amount::Energy(WattHours(day.expected)),
        }));
        step.events.push(Event::Ended(end));
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_parts(1_763_856_000 + day * 86_400, 0).unwrap()
    }

    fn day(expected: f64, happened: f64, score: f64) -> UnusualDay {
        UnusualDay {
            date: jiff::civil::date(2025, 11, 23),
            expected,
            happened,
            score,
            beyond: true,
            hours: Vec::new(),
        }
    }

    fn reason(day: Option<UnusualDay>) -> Option<Reason> {
        let history = History {
            interval: Interval::new(at(0), at(1)),
            day,
            next: at(2),
        };
        let state = State {
            judged: at(0),
            active: None,
            running: None,
        };
        let first = step(3.5, state, &history);
        assert!(step(3.5, first.state, &history).events.is_empty());
        first.events.first().map(|event| match event {
            Event::Raised(raised) => raised.reason,
            Event::Ended(_) => panic!("ended before it was raised"),
        })
    }

    #[test]
    fn as_far_as_the_rule_says_is_told_once() {
        assert_eq!(reason(Some(day(10_000.0, 16_000.0, 3.5))), Some(Reason::UnusuallyHigh));
        assert_eq!(reason(Some(day(10_000.0, 5_000.0, -4.0))), Some(Reason::UnusuallyLow));
        assert_eq!(reason(Some(day(10_000.0, 10_800.0, 3.4))), None);
    }

    #[test]
    fn what_is_not_known_not_beyond_all_or_next_to_nothing_is_not_told() {
        assert_eq!(reason(None), None);
        let within = UnusualDay {
            beyond: false,
            ..day(10_000.0, 16_000.0, 9.0)
        };
        assert_eq!(reason(Some(within)), None);
        assert_eq!(reason(Some(day(1.0, 3.0, 20.0))), None);
    }
}
