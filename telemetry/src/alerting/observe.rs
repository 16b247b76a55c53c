//! What a rule looks at, read from the store and made into figures.

use std::time::Duration;

use futures::TryStreamExt;
use jiff::ToSpan;
use voltaire_types::{CalendarUnit, Decimal, DeviceId, Interval, Timestamp, UserId, WattHours, Watts};

use crate::{
    alert::{Amount, BudgetPeriod, Condition, Curved, History, Limit, Seen, Spent, Stretches, is_told, window},
    error::Error,
    figures::{Sample, curve::Curve, curve::Piece, latest::is_stale, rollup::quarter_start, runs::Runs},
    query::{
        Period, Scope, Setting,
        forecast::forecast,
        summary::{SummaryQuery, summarize},
        unusual::day,
    },
    store::{Check, Store},
};

/// A day is judged so long after its end, as readings may be late.
const GRACE: Duration = Duration::from_hours(1);
/// Digits after the point of money that is forecast.
const DIGITS: u32 = 6;

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
            device,
            period,
            limit,
            projected: ahead,
        } => {
            let setting = Setting::open(store, rule.user, Some(rule.home), now).await?;
            let scope = scope(device);
            let plan = Plan {
                scope,
                period,
                limit,
                ahead,
            };
            spent(store, setting, plan).await
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
        for sample in portion.iter() {
            curve.push(sample, &mut pieces);
            last = Some(*sample);
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

/// What a budget is about.
struct Plan {
    scope: Scope,
    period: BudgetPeriod,
    limit: Limit,
    /// Whether to look ahead.
    ahead: bool,
}

async fn spent(store: &Store, setting: Setting, plan: Plan) -> Result<Seen, Error> {
    let (now, unit) = (setting.now, CalendarUnit::from(plan.period));
    let period = setting.home.calendar.unit(unit, now, 0);
    let so_far = Interval::new(period.start, now);
    if so_far.is_empty() {
        return Ok(Seen::Nothing);
    }
    let query = SummaryQuery {
        period: Period::Interval(so_far),
        scope: plan.scope.clone(),
        per_device: false,
        compare_to: None,
    };
    let summary = summarize(store, &setting, query).await?.summary;
    let currency = setting.home.currency;
    let amount = |energy: WattHours, cost: Option<Decimal>| match plan.limit {
        Limit::Energy(_) => Some(Amount::Energy(energy)),
        Limit::Cost(_) => Some(Amount::Cost(cost?, currency)),
    };
    let Some(used) = amount(summary.energy, summary.cost) else {
        return Ok(Seen::Nothing);
    };
    let mut projected = None;
    if plan.ahead && is_told(period, now) {
        // From a whole quarter hour on, so that the weeks before need not be measured again.
        let setting = Setting {
            now: quarter_start(now),
            ..setting
        };
        let ahead = forecast(store, &setting, (unit, plan.scope)).await?;
        let cost = ahead.cost.and_then(|it| Decimal::try_from(it.expected).ok());
        let cost = cost.map(|it| it.round_dp(DIGITS));
        projected = ahead.energy.and_then(|it| amount(WattHours(it.expected), cost));
    }
    Ok(Seen::Spent(Spent {
        period,
        used,
        projected,
    }))
}

async fn history(store: &Store, setting: &Setting, (scope, judged): (Scope, Timestamp)) -> Result<Seen, Error> {
    let calendar = &setting.home.calendar;
    let today = calendar.date(setting.now.minus(GRACE));
    let interval = calendar.day(today.saturating_sub(1.day()));
    let day = if interval.end <= judged {
        None
    } else {
        day(store, setting, (interval, scope)).await?
    };
    Ok(Seen::History(History {
        interval,
        day,
        next: calendar.start_of_day(today.saturating_add(1.day())).plus(GRACE),
    }))
}
