//! What holds for rules about the power curve whenever they are looked at.

use std::time::Duration;

use proptest::prelude::*;
use voltaire_types::{DeviceId, Interval, Timestamp, Watts};

use super::{Condition, Curved, Event, Seen, State, Stretch, Stretches, step, window};

const LASTING: i64 = 10;
const PAUSE: i64 = 5;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_parts(1_763_899_200 + minutes * 60, 0).unwrap()
}

fn minutes(it: Timestamp) -> i64 {
    (it.micros() - at(0).micros()) / 60_000_000
}

fn power_above() -> Condition {
    Condition::PowerAbove {
        device: DeviceId::new(),
        threshold: Watts(100.0),
        lasting: Duration::from_secs(LASTING as u64 * 60),
    }
}

fn on_longer() -> Condition {
    Condition::OnLonger {
        device: DeviceId::new(),
        lasting: Duration::from_secs(LASTING as u64 * 60),
    }
}

/// Minutes above the threshold: from each first to the second.
type Above = Vec<(i64, i64)>;

/// From gaps and lengths.
fn above() -> impl Strategy<Value = Above> {
    proptest::collection::vec((1_i64..12, 1_i64..25), 0..12).prop_map(|parts| {
        let mut end = 0;
        let stretch = |(gap, length): (i64, i64)| {
            let start = end + gap;
            end = start + length;
            (start, end)
        };
        parts.into_iter().map(stretch).collect()
    })
}

/// What is seen of it within the window.
fn curved(above: &[(i64, i64)], window: Interval) -> Curved {
    let mut stretches = Stretches::default();
    for (start, end) in above {
        stretches.push(Interval::new(at(*start), at(*end)).intersection(window), Watts(200.0));
    }
    Curved {
        stretches: stretches.found(),
        known_until: Some(window.end),
        stale: false,
    }
}

/// A rule that is looked at now and then; it is stored and read in between.
struct Watch {
    rule: Condition,
    state: State,
    alerts: Vec<(i64, Option<i64>)>,
}

impl Watch {
    fn new(rule: Condition) -> Self {
        Self {
            rule,
            state: State::begin(&rule, at(0)),
            alerts: Vec::new(),
        }
    }

    fn look(&mut self, above: &[(i64, i64)], now: i64) {
        let seen = Seen::Curve(curved(above, window(&self.rule, &self.state, at(now))));
        let done = step(&self.rule, self.state, &seen, at(now));
        for event in &done.events {
            match event {
                Event::Raised(raised) => self.alerts.push((minutes(raised.since), None)),
                Event::Ended(end) => self.alerts.last_mut().unwrap().1 = Some(minutes(*end)),
            }
        }
        let stored = serde_json::to_string(&done.state).unwrap();
        self.state = serde_json::from_str(&stored).unwrap();
        assert_eq!(self.state, done.state);
        assert!(done.due > at(now));
    }
}

/// The same by definition, from everything at once.
fn expected(above: &[(i64, i64)], now: i64, pauses: bool) -> Vec<(i64, Option<i64>)> {
    let mut groups: Vec<Above> = Vec::new();
    let known = above.iter().filter(|it| it.0 < now).map(|it| (it.0, it.1.min(now)));
    for stretch in known {
        match groups.last_mut() {
            Some(group) if stretch.0 - group.last().unwrap().1 < PAUSE => group.push(stretch),
            _ => groups.push(vec![stretch]),
        }
    }
    let alert = |group: &Above| {
        let (first, last) = (group.first().unwrap().0, group.last().unwrap().1);
        let since = if pauses {
            (last - first >= LASTING).then_some(first)
        } else {
            group.iter().find(|it| it.1 - it.0 >= LASTING).map(|it| it.0)
        };
        Some((since?, (now >= last + PAUSE).then_some(last)))
    };
    groups.iter().filter_map(alert).collect()
}

proptest! {
    #[test]
    fn whenever_one_looks_the_alerts_are_those_of_the_whole_curve(above in above(), looks in proptest::collection::vec(1_i64..60, 1..40)) {
        for (rule, pauses) in [(power_above(), false), (on_longer(), true)] {
            let mut watch = Watch::new(rule);
            let mut now = 0;
            for later in &looks {
                now += later;
                watch.look(&above, now);
                prop_assert_eq!(&watch.alerts, &expected(&above, now, pauses));
                watch.look(&above, now);
                prop_assert_eq!(&watch.alerts, &expected(&above, now, pauses), "looked at twice");
            }
        }
    }

    #[test]
    fn late_readings_tell_nothing_twice(above in above(), looks in proptest::collection::vec((1_i64..60, any::<u16>()), 1..20)) {
        for rule in [power_above(), on_longer()] {
            let mut watch = Watch::new(rule);
            let mut now = 0;
            for (later, known) in &looks {
                now += later;
                let known: Above = above.iter().enumerate().filter(|(index, _)| known & (1 << index) > 0).map(|(_, it)| *it).collect();
                watch.look(&known, now);
            }
            let (all, last) = (watch.alerts.len(), watch.alerts.last().copied());
            prop_assert!(watch.alerts.windows(2).all(|pair| pair[0].1.is_some_and(|end| end <= pair[1].0)));
            // Everything arrives at last: nothing that was told is told again.
            watch.look(&above, now);
            prop_assert!(watch.alerts.iter().skip(all).all(|it| last.is_none_or(|last| last.1.is_some_and(|end| end <= it.0))));
        }
    }
}

#[test]
fn what_goes_on_when_a_rule_is_made_counts_and_what_was_before_does_not() {
    let mut watch = Watch::new(on_longer());
    watch.look(&[(-200, -100), (-30, 2)], 1);
    assert_eq!(watch.alerts, [(-10, None)]);
}

#[test]
fn the_peak_is_that_of_what_was_long_enough() {
    let mut stretches = Stretches::default();
    for (start, end, peak) in [(0, 3, 900.0), (4, 10, 150.0), (10, 20, 300.0)] {
        stretches.push(Interval::new(at(start), at(end)), Watts(peak));
    }
    let found = stretches.found();
    let whole = Stretch {
        interval: Interval::new(at(4), at(20)),
        peak: Watts(300.0),
    };
    assert_eq!(found.get(1), Some(&whole));
}

#[test]
fn a_silent_device_ends_what_went_on_only_when_it_is_stale() {
    let (rule, now) = (on_longer(), at(30));
    let mut seen = curved(&[(0, 20)], Interval::new(at(-10), now));
    seen.known_until = Some(at(20));
    let first = step(&rule, State::begin(&rule, at(0)), &Seen::Curve(seen.clone()), now);
    assert_eq!(first.events.len(), 1);
    seen.stale = true;
    let then = step(&rule, first.state, &Seen::Curve(seen), now);
    assert_eq!(then.events, [Event::Ended(at(20))]);
}
