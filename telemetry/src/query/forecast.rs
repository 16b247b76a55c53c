//! What a running unit of the calendar will come to.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use voltaire_mesh::Invalid;
use voltaire_types::{CalendarUnit, Decimal, Interval, Timestamp, WattHours};

use super::{
    Scope, Setting,
    portion::{Costed, Used, each_step, total},
    scope::Chosen,
};
use crate::{
    error::Error,
    figures::{
        always_on::hour_of,
        forecast::{self, Range},
        unusual::{LEAST_VALUES, WEEKS},
    },
    store::Store,
};

/// Days of history that are covered less are left out.
const LEAST_COVERED: f64 = 0.9;

/// How a forecast was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Nothing is known yet.
    Unknown,
    /// The rest as days like these usually are.
    Usual,
    /// The rest at the same rate.
    SameRate,
}

/// What a running unit of the calendar will come to.
#[derive(Clone, Debug)]
pub(crate) struct Forecast {
    /// The whole unit.
    pub interval: Interval,
    /// What a person would call the scope.
    pub label: String,
    /// From when on it is a forecast.
    pub from: Timestamp,
    /// How it was made.
    pub method: Method,
    /// Whole days that stand behind it.
    pub history: usize,
    /// Energy so far.
    pub so_far: WattHours,
    /// Cost so far; none without a tariff.
    pub so_far_cost: Option<Decimal>,
    /// Covered share of the time so far.
    pub coverage: f64,
    /// Energy at the end, Wh; none where nothing is known.
    pub energy: Option<Range>,
    /// Cost at the end; none without a tariff or where nothing is known.
    pub cost: Option<Range>,
}

/// What the running unit will come to.
pub(crate) async fn forecast(
    store: &Store,
    setting: &Setting,
    (unit, scope): (CalendarUnit, Scope),
) -> Result<Forecast, Error> {
    if matches!(unit, CalendarUnit::QuarterHour | CalendarUnit::Hour) {
        return Err(Invalid::new("unit", "must be day, week, month or year").into());
    }
    let chosen = setting.choose(scope, "scope")?;
    let (now, prices) = (setting.now, setting.prices());
    let interval = setting.home.calendar.unit(unit, now, 0);
    let so_far = Interval::new(interval.start, now);
    let Costed { used, cost, .. } = total(store, setting, &chosen, so_far).await?;
    let standing = |it| {
        if chosen.scope == Scope::Home {
            prices.standing_charge(it)
        } else {
            Decimal::ZERO
        }
    };
    let history = History::read(store, setting, &chosen).await?;
    let ahead = Ahead::new(setting, interval.end);
    let (method, energy, money) = history.ahead(setting, &ahead);
    let known = |range: Range, value: f64| (method != Method::Unknown).then(|| range.plus(value));
    let whole_cost = float(cost + standing(interval));
    Ok(Forecast {
        interval,
        from: now,
        method,
        history: history.days.len(),
        so_far: WattHours(used.energy),
        so_far_cost: prices.known().then(|| (cost + standing(so_far)).normalize()),
        coverage: chosen.coverage(used.covered, so_far.seconds()),
        energy: known(energy, used.energy),
        cost: known(money, whole_cost).filter(|_| prices.known()),
        label: chosen.label,
    })
}

fn float(amount: Decimal) -> f64 {
    f64::try_from(amount).unwrap_or(f64::NAN)
}

/// The local days that are still to come, the running one first.
struct Ahead {
    days: Vec<Date>,
    rest: Interval,
    /// When prices change.
    changes: Vec<Timestamp>,
}

impl Ahead {
    fn new(setting: &Setting, end: Timestamp) -> Self {
        let calendar = &setting.home.calendar;
        let today = calendar.date(setting.now);
        let dates = std::iter::successors(Some(today), |date| date.checked_add(1.day()).ok());
        let rest = Interval::new(setting.now, end);
        Self {
            days: dates.take_while(|date| calendar.start_of_day(*date) < end).collect(),
            changes: setting.prices().changes(rest),
            rest,
        }
    }

    /// Which prices are in force on a day: how many have begun when it does, and when it ends.
    fn prices(&self, setting: &Setting, day: Date) -> [usize; 2] {
        let Interval { start, end } = setting.home.calendar.day(day);
        [
            self.changes.partition_point(|at| *at <= start),
            self.changes.partition_point(|at| *at < end),
        ]
    }
}

/// An hour of a day of history.
struct PastHour {
    hour: i8,
    /// Whether it is later in its day than it is now today.
    is_later: bool,
    energy: f64,
    paid: WattHours,
}

/// A measured day of history.
struct PastDay {
    date: Date,
    hours: Vec<PastHour>,
}

impl PastDay {
    /// What a day ahead that is like this one comes to: energy, and cost at the prices of its own time.
    fn like(&self, setting: &Setting, day: Date, rest_only: bool) -> (f64, f64) {
        let hours = self.hours.iter().filter(|it| !rest_only || it.is_later);
        let cost = |it: &PastHour| {
            setting
                .prices()
                .cost(it.paid, hour_of(&setting.home.calendar, day, it.hour))
        };
        let sum = |(energy, money): (f64, Decimal), it: &PastHour| (energy + it.energy, money + cost(it));
        let (energy, money) = hours.fold((0.0, Decimal::ZERO), sum);
        (energy, float(money))
    }
}

/// What was so before: whole days of the last weeks, and all of that time together.
struct History {
    days: Vec<PastDay>,
    recent: Used,
    recent_paid: f64,
}

impl History {
    async fn read(store: &Store, setting: &Setting, chosen: &Chosen) -> Result<Self, Error> {
        let calendar = &setting.home.calendar;
        let today = calendar.date(setting.now);
        let time_of_day = calendar.local(setting.now).time();
        let first = today.saturating_sub(WEEKS.weeks());
        let read = Interval::new(calendar.start_of_day(first), setting.now);
        let mut steps = calendar.steps(CalendarUnit::Hour, read, usize::MAX - 1);
        let dates = std::iter::successors(Some(first), |date| date.checked_add(1.day()).ok());
        let cuts = dates.take_while(|date| *date < today).filter_map(|date| {
            let cut = date.to_datetime(time_of_day).to_zoned(calendar.zone().clone()).ok()?;
            Timestamp::try_from(cut.timestamp()).ok()
        });
        steps.extend(cuts);
        steps.sort_unstable();
        steps.dedup();
        let mut hours: Vec<(Date, PastHour, f64)> = Vec::with_capacity(steps.len());
        let (mut recent, mut recent_paid) = (Used::default(), 0.0);
        each_step(store, &chosen.meters, &steps, |step, used| {
            let local = calendar.local(step.start);
            let paid = chosen.paid(used);
            recent.then(used);
            recent_paid += paid.0;
            let hour = PastHour {
                hour: local.hour(),
                is_later: local.time() >= time_of_day,
                energy: used.energy,
                paid,
            };
            let covered = chosen.coverage(used.covered, step.seconds()) * step.seconds();
            hours.push((local.date(), hour, covered));
        })
        .await?;
        hours.retain(|(date, ..)| *date < today);
        Ok(Self {
            days: whole_days(setting, hours),
            recent,
            recent_paid,
        })
    }

    /// What the time ahead will come to: energy and cost.
    fn ahead(&self, setting: &Setting, ahead: &Ahead) -> (Method, Range, Range) {
        let mut energies = Vec::with_capacity(ahead.days.len());
        let mut costs = Vec::with_capacity(ahead.days.len());
        let mut known = HashMap::new();
        for (number, day) in ahead.days.iter().enumerate() {
            let rest_only = number == 0;
            // Days of one weekday at the same prices are alike.
            let like: &(Vec<f64>, Vec<f64>) = known
                .entry((day.weekday(), rest_only, ahead.prices(setting, *day)))
                .or_insert_with(|| self.like(setting, *day, rest_only));
            if like.0.len() < LEAST_VALUES {
                return self.same_rate(setting, ahead);
            }
            energies.push(like.0.clone());
            costs.push(like.1.clone());
        }
        (Method::Usual, forecast::usual(&energies), forecast::usual(&costs))
    }

    /// Energies and costs of a day ahead, as days like it had them.
    fn like(&self, setting: &Setting, day: Date, rest_only: bool) -> (Vec<f64>, Vec<f64>) {
        let like = self.days.iter().filter(|past| past.date.weekday() == day.weekday());
        like.map(|past| past.like(setting, day, rest_only)).unzip()
    }

    fn same_rate(&self, setting: &Setting, ahead: &Ahead) -> (Method, Range, Range) {
        let seconds = self.recent.measured;
        if seconds <= 0.0 {
            return (Method::Unknown, Range::default(), Range::default());
        }
        let calendar = &setting.home.calendar;
        let costs = ahead.days.iter().map(|day| {
            let time = calendar.day(*day).intersection(ahead.rest);
            let energy = WattHours(self.recent_paid * time.seconds() / seconds);
            setting.prices().cost(energy, calendar.start_of_day(*day))
        });
        let cost = float(costs.sum());
        let energy = self.recent.within * ahead.rest.seconds() / seconds;
        let today = calendar.date(setting.now);
        let days = self.days.iter().map(|past| past.like(setting, today, false));
        let (energies, moneys): (Vec<_>, Vec<_>) = days.unzip();
        let length = ahead.rest.seconds() / 86_400.0;
        (
            Method::SameRate,
            forecast::same_rate(energy, length, &energies),
            forecast::same_rate(cost, length, &moneys),
        )
    }
}

/// The days that are covered well enough.
fn whole_days(setting: &Setting, hours: Vec<(Date, PastHour, f64)>) -> Vec<PastDay> {
    let mut days: Vec<(PastDay, f64)> = Vec::new();
    for (date, hour, covered) in hours {
        match days.last_mut() {
            Some((day, seconds)) if day.date == date => {
                day.hours.push(hour);
                *seconds += covered;
            }
            _ => days.push((
                PastDay {
                    date,
                    hours: vec![hour],
                },
                covered,
            )),
        }
    }
    let length = |date| setting.home.calendar.day(date).seconds();
    days.retain(|(day, covered)| *covered >= LEAST_COVERED * length(day.date));
    days.into_iter().map(|(day, _)| day).collect()
}
