//! Rules about silence: a device has sent nothing for long.

use std::time::Duration;

use voltaire_types::Timestamp;

use super::{Active, Amount, Event, Raised, Reason, State, Step};

/// A step of "no data for so long"; `last` is until when the last reading says something.
pub(super) fn step(lasting: Duration, mut state: State, last: Option<Timestamp>, now: Timestamp) -> Step {
    let mut step = Step::new(state, now);
    let since = last.map_or(state.judged, |last| last.max(state.judged));
    if let Some(active) = state.active
        && since > active.since
    {
        step.events.push(Event::Ended(since.min(now)));
        state.active = None;
    }
    if state.active.is_none() {
        state.judged = since.min(now);
        let silent = now.since(since);
        if silent >= lasting {
            state.active = Some(Active {
                reason: Reason::NoData,
                since,
                last: now,
            });
            step.events.push(Event::Raised(Raised {
                reason: Reason::NoData,
                since,
                observed: Amount::Time(silent),
                limit: Amount::Time(lasting),
            }));
        }
    }
    step.due = match state.active {
        Some(_) => now.plus(Duration::from_mins(1)),
        None => since.plus(lasting),
    };
    step.state = state;
    step
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Seen, step as whole_step};
    use super::*;
    use proptest::prelude::*;
    use voltaire_types::DeviceId;

    const TEN: Duration = Duration::from_mins(10);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_parts(1_763_899_200 + minutes * 60, 0).unwrap()
    }

    fn rule() -> Condition {
        Condition::NoData {
            device: DeviceId::new(),
            lasting: TEN,
        }
    }

    /// The alerts of a device that sent at these minutes, looked at every minute: from when to when.
    fn alerts(sent: &[i64], until: i64) -> Vec<(i64, Option<i64>)> {
        let (rule, mut found) = (rule(), Vec::new());
        let mut state = State::begin(&rule, at(0));
        let minutes = |it: Timestamp| (it.micros() - at(0).micros()) / 60_000_000;
        for minute in 0..=until {
            let last = sent.iter().filter(|it| **it <= minute).max().map(|it| at(*it));
            let step = whole_step(&rule, state, &Seen::Latest(last), at(minute));
            for event in step.events {
                match event {
                    Event::Raised(raised) => found.push((minutes(raised.since), None)),
                    Event::Ended(end) => found.last_mut().unwrap().1 = Some(minutes(end)),
                }
            }
            state = step.state;
        }
        found
    }

    #[test]
    fn silence_is_told_once_and_ends_with_the_next_reading() {
        assert_eq!(alerts(&[1, 2, 30, 35], 44), [(2, Some(30))]);
        assert_eq!(alerts(&[1, 2, 30], 60), [(2, Some(30)), (30, None)]);
        assert_eq!(alerts(&[5, 14, 23], 32), []);
    }

    #[test]
    fn a_device_that_never_sent_is_silent_since_the_rule_was_made() {
        assert_eq!(alerts(&[], 25), [(0, None)]);
    }

    proptest! {
        #[test]
        fn alerts_are_the_gaps_that_are_long_enough(mut sent in proptest::collection::vec(0_i64..300, 0..20)) {
            sent.sort_unstable();
            sent.dedup();
            let mut bounds = vec![0];
            bounds.extend(&sent);
            let mut expected: Vec<_> = bounds.windows(2).filter(|it| it[1] - it[0] > 10).map(|it| (it[0], Some(it[1]))).collect();
            let last = bounds.last().copied().unwrap();
            expected.extend((300 - last >= 10).then_some((last, None)));
            let found = alerts(&sent, 300);
            // A gap of exactly ten minutes is over in the minute that it is seen.
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn the_same_again_changes_nothing(last in proptest::option::of(0_i64..100), now in 0_i64..100) {
            let rule = rule();
            let seen = Seen::Latest(last.map(at));
            let first = whole_step(&rule, State::begin(&rule, at(0)), &seen, at(now));
            let again = whole_step(&rule, first.state, &seen, at(now));
            prop_assert_eq!(again.state, first.state);
            prop_assert!(again.events.is_empty());
        }
    }
}
