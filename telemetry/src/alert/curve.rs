//! Rules about the power curve: above a threshold for long, on for long.

use std::time::Duration;

use voltaire_types::{Interval, Timestamp, Watts};

use super::{Active, Amount, Event, Raised, Reason, State, Step};

/// Pauses shorter than this do not end what goes on: as with runs.
const PAUSE: Duration = Duration::from_mins(5);
/// Readings that come later than this raise nothing any more.
const LATE: Duration = Duration::from_hours(24);
/// How often to look where nothing is expected, so that late readings are seen.
const IDLE: Duration = Duration::from_mins(10);
/// How often to look whether an alert is over.
const BUSY: Duration = Duration::from_secs(30);

/// A time that the power was above the threshold without a break.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) interval: Interval,
    /// The highest power in it.
    pub(crate) peak: Watts,
}

/// What is seen of a power curve.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curved {
    /// Where it is above the threshold, in time's order.
    pub(crate) stretches: Vec<Stretch>,
    /// Up to where it is known; none: nothing is.
    pub(crate) known_until: Option<Timestamp>,
    /// Whether the last reading is too old to say anything about now.
    pub(crate) stale: bool,
}

impl Curved {
    /// Whether the power has been at or below the threshold, or unknown, for so long since `end` that it is over.
    fn is_over(&self, end: Timestamp, now: Timestamp) -> bool {
        let quiet = end.plus(PAUSE);
        self.known_until.is_some_and(|until| until >= quiet) || (self.stale && now >= quiet)
    }
}

/// Joins pieces that touch into stretches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stretches(Vec<Stretch>);

impl Stretches {
    /// Adds what comes next.
    pub(crate) fn push(&mut self, interval: Interval, peak: Watts) {
        if interval.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if interval.start <= last.interval.end => {
                last.interval.end = last.interval.end.max(interval.end);
                last.peak = higher(last.peak, peak);
            }
            _ => self.0.push(Stretch { interval, peak }),
        }
    }

    /// All of them.
    pub(crate) fn found(self) -> Vec<Stretch> {
        self.0
    }
}

fn higher(a: Watts, b: Watts) -> Watts {
    if b > a { b } else { a }
}

pub(super) fn window(lasting: Duration, state: &State, now: Timestamp) -> Interval {
    let start = match state.active {
        Some(active) => active.last.minus(PAUSE),
        None => state.judged.max(now.minus(LATE + lasting)),
    };
    Interval::new(start.min(now), now)
}

/// A step of "above a threshold for so long".
pub(super) fn power_above(
    (threshold, lasting): (Watts, Duration),
    state: State,
    curved: &Curved,
    now: Timestamp,
) -> Step {
    let rule = CurveRule {
        lasting,
        pauses: false,
        raised: |long: &Stretch| Raised {
            reason: Reason::PowerAbove,
            since: long.interval.start,
            observed: Amount::Power(long.peak),
            limit: Amount::Power(threshold),
        },
    };
    rule.step(state, curved, now)
}

/// A step of "on for longer".
pub(super) fn on_longer(lasting: Duration, state: State, curved: &Curved, now: Timestamp) -> Step {
    let rule = CurveRule {
        lasting,
        pauses: true,
        raised: |long: &Stretch| Raised {
            reason: Reason::OnLonger,
            since: long.interval.start,
            observed: Amount::Time(long.interval.duration()),
            limit: Amount::Time(lasting),
        },
    };
    rule.step(state, curved, now)
}

/// What both rules have in common.
struct CurveRule<F> {
    lasting: Duration,
    /// Whether pauses of less than five minutes count in.
    pauses: bool,
    raised: F,
}

/// Stretches less than five minutes apart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Episode {
    whole: Stretch,
    /// What must last: the whole of it, or its last stretch.
    current: Stretch,
    /// The first that lasted long enough.
    long: Option<Stretch>,
}

impl<F: Fn(&Stretch) -> Raised> CurveRule<F> {
    fn step(&self, mut state: State, curved: &Curved, now: Timestamp) -> Step {
        let mut step = Step::new(state, now.plus(IDLE));
        let mut rest = curved.stretches.as_slice();
        if let Some(mut active) = state.active {
            rest = go_on(&mut active, rest);
            if !curved.is_over(active.last, now) {
                step.state.active = Some(active);
                step.due = now.plus(BUSY);
                return step;
            }
            step.events.push(Event::Ended(active.last));
            state.judged = active.last;
            state.active = None;
        }
        state.running = None;
        for episode in self.episodes(rest, state.judged) {
            let Interval { start, end } = episode.whole.interval;
            let over = curved.is_over(end, now);
            match episode.long {
                Some(long) => {
                    let raised = (self.raised)(&long);
                    step.events.push(Event::Raised(raised));
                    if over {
                        step.events.push(Event::Ended(end));
                        state.judged = end;
                    } else {
                        let (reason, since) = (raised.reason, raised.since);
                        state.active = Some(Active {
                            reason,
                            since,
                            last: end,
                        });
                        step.due = now.plus(BUSY);
                    }
                }
                None if over => {}
                None => {
                    state.running = Some(start);
                    let earliest = episode.current.interval.start.plus(self.lasting);
                    step.due = step.due.min(earliest).max(now.plus(Duration::from_secs(1)));
                }
            }
        }
        step.state = state;
        step
    }

    fn episodes(&self, stretches: &[Stretch], judged: Timestamp) -> Vec<Episode> {
        let mut episodes: Vec<Episode> = Vec::new();
        for stretch in stretches.iter().filter_map(|it| it.after(judged)) {
            let interval = stretch.interval;
            match episodes.last_mut() {
                Some(last) if interval.start.since(last.whole.interval.end) < PAUSE => {
                    last.whole.interval.end = interval.end;
                    last.whole.peak = higher(last.whole.peak, stretch.peak);
                    last.current = stretch;
                }
                _ => episodes.push(Episode {
                    whole: stretch,
                    current: stretch,
                    long: None,
                }),
            }
            if let Some(last) = episodes.last_mut() {
                self.judge(last);
            }
        }
        episodes
    }

    fn judge(&self, episode: &mut Episode) {
        if self.pauses {
            episode.current = episode.whole;
        }
        let long = episode.current.interval.duration() >= self.lasting;
        if long && (self.pauses || episode.long.is_none()) {
            episode.long = Some(episode.current);
        }
    }
}

impl Stretch {
    /// What of it is later than this.
    fn after(&self, judged: Timestamp) -> Option<Self> {
        let interval = Interval::new(self.interval.start.max(judged), self.interval.end);
        (!interval.is_empty()).then_some(Self { interval, ..*self })
    }
}

/// Follows what goes on as far as it does, and gives what comes after it.
fn go_on<'a>(active: &mut Active, stretches: &'a [Stretch]) -> &'a [Stretch] {
    let mut rest = stretches;
    while let Some((next, after)) = rest.split_first() {
        if next.interval.start.since(active.last) >= PAUSE {
            break;
        }
        active.last = active.last.max(next.interval.end);
        rest = after;
    }
    rest
}
