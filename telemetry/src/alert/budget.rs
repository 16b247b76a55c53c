//! Rules about budgets: a local day, week or month takes more than planned, or is going to.

use std::time::Duration;

use voltaire_types::{Decimal, Interval, Timestamp, WattHours};

use super::{Active, Amount, Event, Limit, Raised, Reason, State, Step};

/// How often to look.
const EVERY: Duration = Duration::from_mins(5);
/// A projection that has come down to this share of the limit, in hundredths, is no longer an alert.
const CLEAR: i64 = 95;

/// Nothing is told of a period ahead before this,
const LEAST: Duration = Duration::from_hours(6);
/// nor before this share of it, in hundredths.
const LEAST_SHARE: u32 = 10;

/// Whether enough of the period is over to tell what it is going to take.
pub(crate) fn is_told(period: Interval, now: Timestamp) -> bool {
    now.since(period.start) >= LEAST.max(period.duration() * LEAST_SHARE / 100)
}

/// What the running period has taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spent {
    /// The whole period.
    pub(crate) period: Interval,
    /// So far.
    pub(crate) used: Amount,
    /// What the forecast says of all of it; none where that is not asked for or cannot be told yet.
    pub(crate) projected: Option<Amount>,
}

/// A step of a budget. The projection is told once a period, that the budget is used up once more.
pub(super) fn step((limit, ahead): (Limit, bool), mut state: State, spent: &Spent, now: Timestamp) -> Step {
    let mut step = Step::new(state, now.plus(EVERY).min(spent.period.end));
    let start = spent.period.start;
    if state.running != Some(start) {
        state.running = None;
    }
    if state.active.is_some_and(|active| active.since < start) {
        end(&mut state, &mut step, start);
    }
    let reason = state.active.map(|active| active.reason);
    if limit.is_reached(spent.used) {
        if reason != Some(Reason::BudgetExceeded) {
            if reason.is_some() {
                end(&mut state, &mut step, now);
            }
            raise(
                &mut state,
                &mut step,
                limit.raised(Reason::BudgetExceeded, spent.used, now),
            );
        }
    } else if let (true, Some(projected)) = (ahead, spent.projected) {
        let told = state.running.is_some();
        if limit.is_reached(projected) && reason.is_none() && !told {
            raise(
                &mut state,
                &mut step,
                limit.raised(Reason::BudgetProjected, projected, now),
            );
            state.running = Some(start);
        } else if reason == Some(Reason::BudgetProjected) && !limit.share(CLEAR).is_reached(projected) {
            end(&mut state, &mut step, now);
        }
    }
    step.state = state;
    step
}

fn raise(state: &mut State, step: &mut Step, raised: Raised) {
    state.active = Some(Active {
        reason: raised.reason,
        since: raised.since,
        last: raised.since,
    });
    step.events.push(Event::Raised(raised));
}

fn end(state: &mut State, step: &mut Step, at: Timestamp) {
    state.active = None;
    step.events.push(Event::Ended(at));
}

impl Limit {
    fn is_reached(&self, amount: Amount) -> bool {
        match (self, amount) {
            (Self::Energy(limit), Amount::Energy(used)) => used.0 >= limit.0,
            (Self::Cost(limit), Amount::Cost(used, _)) => used >= *limit,
            _ => false,
        }
    }

    /// So many hundredths of it.
    fn share(&self, hundredths: i64) -> Self {
        match self {
            Self::Energy(limit) => Self::Energy(WattHours(limit.0 * hundredths as f64 / 100.0)),
            Self::Cost(limit) => Self::Cost(*limit * Decimal::new(hundredths, 2)),
        }
    }

    fn raised(&self, reason: Reason, observed: Amount, now: Timestamp) -> Raised {
        let limit = match (self, observed) {
            (Self::Cost(limit), Amount::Cost(_, currency)) => Amount::Cost(*limit, currency),
            (Self::Energy(limit), _) => Amount::Energy(*limit),
            (Self::Cost(_), other) => other,
        };
        Raised {
            reason,
            since: now,
            observed,
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use voltaire_types::Currency;

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_parts(1_763_856_000 + seconds, 0).unwrap()
    }

    fn spent(day: i64, used: f64, projected: f64) -> Spent {
        Spent {
            period: Interval::new(at(day * DAY), at((day + 1) * DAY)),
            used: Amount::Energy(WattHours(used)),
            projected: Some(Amount::Energy(WattHours(projected))),
        }
    }

    fn begin() -> State {
        State {
            judged: at(0),
            active: None,
            running: None,
        }
    }

    const LIMIT: (Limit, bool) = (Limit::Energy(WattHours(100.0)), true);

    /// The reasons of what is raised, and `None` for each end.
    fn follow(days: &[Spent]) -> Vec<Option<Reason>> {
        let (mut state, mut events) = (begin(), Vec::new());
        for (hour, it) in (1..).zip(days) {
            let now = it.period.start.plus(Duration::from_secs(hour * 60));
            let step = step(LIMIT, state, it, now);
            state = step.state;
            events.extend(step.events.iter().map(|event| match event {
                Event::Raised(raised) => Some(raised.reason),
                Event::Ended(_) => None,
            }));
        }
        events
    }

    #[test]
    fn a_budget_is_told_as_projected_then_as_exceeded_and_ends_with_its_period() {
        let days = [
            spent(0, 10.0, 90.0),
            spent(0, 40.0, 120.0),
            spent(0, 60.0, 130.0),
            spent(0, 100.0, 140.0),
            spent(0, 120.0, 130.0),
            spent(1, 0.0, 0.0),
            spent(1, 30.0, 150.0),
        ];
        let (projected, exceeded) = (Some(Reason::BudgetProjected), Some(Reason::BudgetExceeded));
        assert_eq!(follow(&days), [projected, None, exceeded, None, projected]);
    }

    #[test]
    fn a_projection_ends_below_95_percent_and_is_not_told_twice_a_period() {
        let projected = |it| spent(0, 10.0, it);
        let days = [projected(100.0), projected(96.0), projected(94.0), projected(130.0)];
        assert_eq!(follow(&days), [Some(Reason::BudgetProjected), None]);
    }

    #[test]
    fn nothing_is_told_too_early() {
        let hours = |hours: i64| at(hours * 3600);
        let (day, week) = (Interval::new(at(0), at(DAY)), Interval::new(at(0), at(7 * DAY)));
        assert_eq!([5, 6].map(|it| is_told(day, hours(it))), [false, true]);
        assert_eq!([16, 17].map(|it| is_told(week, hours(it))), [false, true]);
        assert!(!is_told(day, hours(-1)));
    }

    #[test]
    fn money_is_compared_exactly() {
        let money = |text: &str| Amount::Cost(text.parse().unwrap(), Currency::EUR);
        let limit = Limit::Cost("12.50".parse().unwrap());
        let at_cost = |used| Spent {
            used: money(used),
            projected: None,
            ..spent(0, 0.0, 0.0)
        };
        assert!(
            step((limit, true), begin(), &at_cost("12.4999999"), at(60))
                .events
                .is_empty()
        );
        let raised = step((limit, true), begin(), &at_cost("12.5"), at(60)).events;
        let [Event::Raised(raised)] = raised.as_slice() else {
            panic!("not raised but {raised:?}")
        };
        assert_eq!(raised.limit, money("12.50"));
    }

    proptest! {
        #[test]
        fn whatever_is_spent_each_alert_is_told_at_most_once_a_period(used in proptest::collection::vec((0_i64..3, 0.0..150.0_f64, 0.0..150.0_f64), 0..60)) {
            let mut days: Vec<_> = used.into_iter().map(|(day, used, projected)| spent(day, used, projected)).collect();
            days.sort_by_key(|it| it.period.start);
            let (mut state, mut told, mut active) = (begin(), Vec::new(), 0);
            for (minute, it) in (1..).zip(&days) {
                let now = it.period.start.plus(Duration::from_secs(minute * 60));
                let first = step(LIMIT, state, it, now);
                prop_assert!(step(LIMIT, first.state, it, now).events.is_empty());
                for event in first.events {
                    match event {
                        Event::Raised(raised) => { told.push((it.period.start, raised.reason)); active += 1 }
                        Event::Ended(_) => active -= 1,
                    }
                    prop_assert!((0..=1).contains(&active));
                }
                state = first.state;
            }
            let all = told.len();
            told.sort_by_key(|(start, reason)| (*start, *reason == Reason::BudgetExceeded));
            told.dedup();
            prop_assert_eq!(told.len(), all);
        }
    }
}
