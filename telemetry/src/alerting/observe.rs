//! What a rule looks at, read from the store and made into figures.

use std::time::Duration;

use futures::TryStreamExt;
use jiff::ToSpan;
use voltaire_types::{CalendarUnit, DeviceId, Interval, Timestamp, UserId, WattHours, Watts};

use crate::{
    alert::{Amount, BudgetPeriod, Condition, Curved, Day, History, Limit, Seen, Spent, Stretches, window},
    error::Error,
    figures::{Sample, curve::Curve, curve::Piece, latest::is_stale, rate::Elapsed, runs::Runs, step::Step},
    query::{
        Period, Scope, Setting,
        series::{Metric, SeriesQuery, series},
        summary::{SummaryQuery, summarize},
    },
    store::{Check, Store},
};

/// A day is judged so long after its end, as readings may be late.
const GRACE: Duration = Duration::from_hours(1);
/// Weeks that say what is usual.
const WEEKS: i64 = 8;

/// What the rule looks at, now.
pub(super) async fn observe(store: &Store, check: &Check, now: Timestamp) -> Result<Seen, Error> {
    let rule = &check.rule;
    let within = window(&rule.condition, &check.state, now);
    match rule.condition {
        Condition::PowerAbove { device, threshold, .. } => {
            curved(store, (rule.user, device), Above { threshold, within }).await
        }
        Condition::OnLonger { device, .. } => {
            let threshold = check.on_threshold;
            curved(store, (rule.user, device), Above { threshold, within }).await
        }
        Condition::NoData { device, .. } => {
            let last = store.latest(&[device]).await?;
            Ok(Seen::Latest(last.first().map(|it| until(&it.sample()))))
        }
        Condition::Budget {
            device, period, limit, ..
        } => {
            let setting = Setting::open(store, rule.user, Some(rule.home), now).await?;
            spent(store, &setting, (scope(device), period, limit)).await
        }
        Condition::UnusualDay { device, .. } => {
            let setting = Setting::open(store, rule.user, Some(rule.home), now).await?;
            history(store, &setting, (scope(device), check.state.judged)).await
        }
    }
}

fn scope(device: Option<DeviceId>) -> Scope {
    device.map_or(Scope::Home, Scope::Device)
}

/// Until when a reading says something.
fn until(sample: &Sample) -> Timestamp {
    sample.at.plus(sample.interval.unwrap_or_default())
}

/// Which part of a power curve is looked for.
struct Above {
    threshold: Watts,
    within: Interval,
}

async fn curved(store: &Store, (user, device): (UserId, DeviceId), above: Above) -> Result<Seen, Error> {
    let device = store.device(user, device).await?;
    let Above { threshold, within } = above;
    let runs = Runs::new(threshold, within);
    let mut stretches = Stretches::default();
    let mut take = |pieces: &mut Vec<Piece>| {
        for piece in pieces.drain(..) {
            if let Some(part) = runs.above(&piece) {
                stretches.push(part.intersection(within), Watts(piece.first.max(piece.last)));
            }
        }
    };
    let (mut curve, mut pieces, mut last) = (Curve::new(device.max_gap()), Vec::new(), None);
    let samples = store.sample_chunks(device.id, within, device.max_gap());
    let mut samples = std::pin::pin!(samples);
    while let Some(portion) = samples.try_next().await? {
        for sample in portion {
            curve.push(&sample, &mut pieces);
            last = Some(sample);
        }
        take(&mut pieces);
    }
    curve.settle(within.end, &mut pieces);
    take(&mut pieces);
    Ok(Seen::Curve(Curved {
        stretches: stretches.found(),
        known_until: last.map(|it| until(&it).min(within.end)),
        stale: last.is_none_or(|it| is_stale(&it, device.max_gap(), within.end)),
    }))
}

async fn spent(
    store: &Store,
    setting: &Setting,
    (scope, period, limit): (Scope, BudgetPeriod, Limit),
) -> Result<Seen, Error> {
    let now = setting.now;
    let period = setting.home.calendar.unit(period.into(), now, 0);
    let so_far = Interval::new(period.start, now);
    if so_far.is_empty() {
        return Ok(Seen::Nothing);
    }
    let query = SummaryQuery {
        period: Period::Interval(so_far),
        scope,
        per_device: false,
        compare_to: None,
    };
    let summary = summarize(store, setting, query).await?.summary;
    let elapsed = Elapsed::at(now, period);
    let (used, projected) = match (limit, summary.cost) {
        (Limit::Energy(_), _) => (
            Amount::Energy(summary.energy),
            elapsed.map(|it| Amount::Energy(it.energy(summary.energy))),
        ),
        (Limit::Cost(_), Some(cost)) => {
            let money = |cost| Amount::Cost(cost, setting.home.currency);
            (money(cost), elapsed.map(|it| money(it.cost(cost))))
        }
        (Limit::Cost(_), None) => return Ok(Seen::Nothing),
    };
    Ok(Seen::Spent(Spent {
        period,
        used,
        projected,
    }))
}

async fn history(store: &Store, setting: &Setting, (scope, judged): (Scope, Timestamp)) -> Result<Seen, Error> {
    let calendar = &setting.home.calendar;
    let today = calendar.date(setting.now.minus(GRACE));
    let date = today.saturating_sub(1.day());
    let mut history = History {
        interval: calendar.day(date),
        day: Day {
            energy: WattHours(0.0),
            coverage: 0.0,
        },
        before: Vec::new(),
        next: calendar.start_of_day(today.saturating_add(1.day())).plus(GRACE),
    };
    if history.interval.end <= judged {
        return Ok(Seen::History(history));
    }
    let first = date.saturating_sub(WEEKS.weeks());
    let query = SeriesQuery {
        period: Period::Interval(calendar.days(first, date)),
        step: Step::Calendar(CalendarUnit::Day),
        scopes: vec![scope],
        metrics: vec![Metric::Energy, Metric::Coverage],
    };
    let answer = series(store, setting, query).await?;
    let [energy, coverage] = answer.series.as_slice() else {
        return Ok(Seen::Nothing);
    };
    let days = energy
        .values
        .iter()
        .zip(&coverage.values)
        .map(|(energy, coverage)| Day {
            energy: WattHours(*energy),
            coverage: *coverage,
        });
    let mut same_weekday: Vec<Day> = days.step_by(7).collect();
    if let Some(day) = same_weekday.pop() {
        history.day = day;
    }
    history.before = same_weekday;
    Ok(Seen::History(history))
}
