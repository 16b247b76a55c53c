//! The pictures of analyses, and of what goes beyond one figure.

use voltaire_types::{CalendarUnit, Interval, Timestamp};

use super::{
    super::{
        event::{Chart, ChartKind, pair},
        format::Format,
        selection,
        tell::habit,
    },
    href,
};
use crate::{
    execute::{
        amount,
        client::analysis::{Analysis, Change, Forecast, Habit, HabitTime, Part, Runs, Unusual, UnusualDay},
        fitting,
        model::{House, Summary},
        special::{Side, Special},
        value_of,
    },
    understand::plan::{Bucket, Metric, Plan},
};

/// Parts of a change that are drawn by themselves.
const PARTS: usize = 6;
/// Bars over time that are drawn at most.
const STEPS: usize = 400;

/// What a picture is drawn of.
pub(super) struct Drawer<'a> {
    pub(super) plan: &'a Plan,
    pub(super) house: &'a House,
    pub(super) format: &'a Format,
}

/// Bars by name.
type Named = Vec<(String, f64)>;

impl Drawer<'_> {
    pub(super) fn analysis(&self, analysis: &Analysis) -> Option<Chart> {
        match analysis {
            Analysis::Change(it) => Some(self.change(it)),
            Analysis::Runs(it) => self.runs(it),
            Analysis::Forecast(it) => self.forecast(it),
            Analysis::Unusual(it) => self.unusual(it),
            Analysis::Habit(it) => Some(self.habit(it)),
            Analysis::Above(_) | Analysis::AlwaysOn(_) | Analysis::Quality(_) => None,
        }
    }

    pub(super) fn special(&self, special: &Special, interval: Interval) -> Option<Chart> {
        match special {
            Special::Sides { whole, sides } => {
                let mean = |it: &Side| (it.units > 0.0).then(|| it.total / it.units);
                let bars = sides.iter().filter_map(|it| Some((it.name.to_owned(), mean(it)?)));
                Some(self.metered(whole.interval, bars.collect()))
            }
            Special::Usual {
                whole,
                happened,
                expected,
            } => {
                let bars = vec![
                    ("usual".to_owned(), (*expected)?),
                    (self.format.period(whole.interval), *happened),
                ];
                Some(self.metered(whole.interval, bars))
            }
            Special::Supposed {
                whole, before, after, ..
            } => {
                let bars = vec![("as it was".to_owned(), *before), ("what if".to_owned(), *after)];
                Some(self.metered(whole.interval, bars))
            }
            Special::Untracked {
                rest,
                home,
                metered: true,
            } => {
                let value = |it: &Summary| value_of(it, self.plan.metric);
                let bars = vec![
                    ("devices".to_owned(), value(home) - value(rest)),
                    ("not explained".to_owned(), value(rest)),
                ];
                Some(self.metered(interval, bars))
            }
            Special::AtExtreme { home, devices, .. } => {
                let name = |it: &Summary| {
                    it.device
                        .map_or_else(|| it.label.clone(), |id| self.house.name(id).to_owned())
                };
                let bars = devices.iter().filter_map(|it| Some((name(it), it.average_watts?)));
                Some(self.bars(home.interval, ("W", "Mean power"), bars.collect()))
            }
            Special::Untracked { .. } | Special::Electrical { .. } | Special::Unused { .. } => None,
        }
    }

    /// From what it was, by its largest parts and all others, to what it is.
    fn change(&self, it: &Change) -> Chart {
        let name = |part: &Part| {
            part.device
                .map_or_else(|| part.label.clone(), |id| self.house.name(id).to_owned())
        };
        let (shown, others) = it.parts.split_at(it.parts.len().min(PARTS));
        let mut bars = vec![(self.format.period(it.compared), it.before_wh)];
        bars.extend(shown.iter().map(|part| (name(part), part.change_wh)));
        if !others.is_empty() {
            bars.push(("others".to_owned(), others.iter().map(|part| part.change_wh).sum()));
        }
        bars.push((self.format.period(it.interval), it.now_wh));
        let bars = bars.into_iter().map(|(name, wh)| (name, wh / 1000.0)).collect();
        self.bars(it.interval, ("kWh", "Energy"), bars)
    }

    /// How long it was on in each hour or day; none where not every run is known.
    fn runs(&self, it: &Runs) -> Option<Chart> {
        if it.each.is_empty() || it.each.len() as u64 != it.count {
            return None;
        }
        let boundaries = self.house.home.calendar.steps(fitting(it.interval), it.interval, STEPS);
        let on = |step: Interval| {
            let within = it.each.iter().map(|run| run.interval.intersection(step).seconds());
            Some(within.sum::<f64>() / 3600.0)
        };
        let values = steps(&boundaries).map(on).collect();
        Some(self.over_time(
            it.interval,
            ("h", ChartKind::Bars),
            boundaries,
            vec![("On".into(), values)],
        ))
    }

    /// So far, what is expected, and the range of it.
    fn forecast(&self, it: &Forecast) -> Option<Chart> {
        let range = |low: f64, expected: f64, high: f64| {
            [
                ("at least, most likely", low),
                ("expected", expected),
                ("at most, most likely", high),
            ]
        };
        if self.plan.metric == Metric::Cost {
            let (cost, between) = it.cost?;
            let (low, high) = between.unwrap_or((cost, cost));
            let bars = named(
                amount(it.so_far_cost?),
                range(amount(low), amount(cost), amount(high)),
                between.is_some(),
            );
            return Some(self.bars(it.interval, (self.format.currency(), "Cost"), bars));
        }
        let (wh, between) = it.energy?;
        let (low, high) = between.unwrap_or((wh, wh));
        let bars = named(
            it.so_far_wh / 1000.0,
            range(low / 1000.0, wh / 1000.0, high / 1000.0),
            between.is_some(),
        );
        Some(self.bars(it.interval, ("kWh", "Energy"), bars))
    }

    /// The unusual days, each beside what was expected of it.
    fn unusual(&self, it: &Unusual) -> Option<Chart> {
        if it.days.is_empty() {
            return None;
        }
        let calendar = &self.house.home.calendar;
        let boundaries = calendar.steps(CalendarUnit::Day, it.interval, STEPS);
        let of = |value: fn(&UnusualDay) -> f64| {
            let at = |step: Interval| {
                let date = calendar.date(step.start);
                let day = it.days.iter().find(|day| day.date == date)?;
                Some(value(day) / 1000.0)
            };
            steps(&boundaries).map(at).collect::<Vec<_>>()
        };
        let series = vec![
            ("Happened".to_owned(), of(|it| it.happened_wh)),
            ("Usual".to_owned(), of(|it| it.expected_wh)),
        ];
        Some(self.over_time(it.interval, ("kWh", ChartKind::PairedBars), boundaries, series))
    }

    /// A bar for each hour of the day, W, or day of the week, kWh; money where that is asked for.
    fn habit(&self, it: &Habit) -> Chart {
        let bucket = self.plan.bucket;
        let as_power = self.plan.metric == Metric::Power || bucket == Some(Bucket::HourOfDay);
        let as_cost = self.plan.metric == Metric::Cost;
        let bar = |time: &HabitTime| {
            let value = match (as_cost, as_power) {
                (true, _) => time.value(Metric::Cost),
                (false, true) => time.watts,
                (false, false) => time.wh / 1000.0,
            };
            (habit::name(bucket, time.number), value)
        };
        let about = match (as_cost, as_power) {
            (true, _) if bucket == Some(Bucket::HourOfDay) => (self.format.currency(), "Cost of an hour"),
            (true, _) => (self.format.currency(), "Cost of a day"),
            (false, true) => ("W", "Mean power"),
            (false, false) => ("kWh", "Energy of a day"),
        };
        Chart {
            kind: ChartKind::Bars,
            ..self.bars(it.interval, about, it.times.iter().map(bar).collect())
        }
    }

    /// Wh or money, by name.
    fn metered(&self, interval: Interval, bars: Named) -> Chart {
        if self.plan.metric == Metric::Cost {
            return self.bars(interval, (self.format.currency(), "Cost"), bars);
        }
        let bars = bars.into_iter().map(|(name, wh)| (name, wh / 1000.0)).collect();
        self.bars(interval, ("kWh", "Energy"), bars)
    }

    fn bars(&self, interval: Interval, (unit, label): (&str, &str), bars: Named) -> Chart {
        let (categories, values) = bars.into_iter().map(|(name, value)| (name, Some(value))).unzip();
        Chart {
            categories,
            boundaries: Vec::new(),
            ..self.over_time(
                interval,
                (unit, ChartKind::RankedBars),
                Vec::new(),
                vec![(label.to_owned(), values)],
            )
        }
    }

    fn over_time(
        &self,
        interval: Interval,
        (unit, kind): (&str, ChartKind),
        boundaries: Vec<Timestamp>,
        series: Vec<(String, Vec<Option<f64>>)>,
    ) -> Chart {
        let who = selection(self.plan, self.house);
        Chart {
            title: format!("{who}, {}", self.format.period(interval)),
            kind,
            unit: unit.to_owned(),
            period: pair(interval),
            boundaries,
            categories: Vec::new(),
            series,
            href: href(self.house, interval),
        }
    }
}

fn named(so_far: f64, range: [(&str, f64); 3], ranged: bool) -> Named {
    let range = range.into_iter().filter(|it| ranged || it.0 == "expected");
    let bars = std::iter::once(("so far", so_far)).chain(range);
    bars.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn steps(boundaries: &[Timestamp]) -> impl Iterator<Item = Interval> {
    boundaries.windows(2).filter_map(|pair| match pair {
        [from, to] => Some(Interval::new(*from, *to)),
        _ => None,
    })
}
