//! Questions and their answers.

use voltaire_mesh::{Invalid, parse, wire};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{CalendarUnit, Currency, Decimal, Interval};

use super::{optional_id, told};
use crate::{
    figures::{PowerAt, step::Step},
    query::{
        Period, Scope, Setting,
        runs::Run,
        series::{Metric, Series, SeriesAnswer, SeriesQuery},
        summary::{Summary, SummaryAnswer, SummaryQuery},
    },
};

const MAX_DEVICES: usize = 500;

/// Reads which series are asked for.
pub(crate) fn series_query(request: &pb::QuerySeriesRequest) -> Result<SeriesQuery, Invalid> {
    let scope = |(index, it): (usize, &pb::Scope)| scope(&format!("scopes[{index}]"), Some(it));
    let scopes = request
        .scopes
        .iter()
        .enumerate()
        .map(scope)
        .collect::<Result<Vec<_>, _>>()?;
    let metrics = request
        .metrics
        .iter()
        .enumerate()
        .map(metric)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SeriesQuery {
        period: period("period", request.period.as_ref())?,
        step: step(request.step.as_ref())?,
        scopes: if scopes.is_empty() { vec![Scope::Home] } else { scopes },
        metrics: if metrics.is_empty() {
            vec![Metric::Energy]
        } else {
            metrics
        },
    })
}

/// Reads which totals are asked for.
pub(crate) fn summary_query(request: &pb::SummarizeRequest) -> Result<SummaryQuery, Invalid> {
    let compare_to = request.compare_to.as_ref().map(|it| period("compare_to", Some(it)));
    Ok(SummaryQuery {
        period: period("period", request.period.as_ref())?,
        scope: scope("scope", request.scope.as_ref())?,
        per_device: request.per_device,
        compare_to: compare_to.transpose()?,
    })
}

/// Reads which time is meant; not set: today so far.
pub(crate) fn period(field: &str, period: Option<&pb::Period>) -> Result<Period, Invalid> {
    use pb::period::Kind;
    Ok(match period.and_then(|it| it.kind.as_ref()) {
        None => Period::default(),
        Some(Kind::Interval(it)) => Period::Interval(Interval {
            start: wire::parse_timestamp(&format!("{field}.interval.start_time"), it.start_time.as_ref())?,
            end: wire::parse_timestamp(&format!("{field}.interval.end_time"), it.end_time.as_ref())?,
        }),
        Some(Kind::Calendar(it)) => Period::Calendar {
            unit: unit(&format!("{field}.calendar.unit"), it.unit)?,
            back: it.back,
        },
        Some(Kind::Last(it)) => Period::Last(wire::parse_duration(&format!("{field}.last"), it)?),
        Some(Kind::All(pb::AllTime {})) => Period::All,
    })
}

/// Reads a unit of the calendar.
pub(super) fn unit(field: &str, number: i32) -> Result<CalendarUnit, Invalid> {
    match pb::CalendarUnit::try_from(number) {
        Ok(pb::CalendarUnit::QuarterHour) => Ok(CalendarUnit::QuarterHour),
        Ok(pb::CalendarUnit::Hour) => Ok(CalendarUnit::Hour),
        Ok(pb::CalendarUnit::Day) => Ok(CalendarUnit::Day),
        Ok(pb::CalendarUnit::Week) => Ok(CalendarUnit::Week),
        Ok(pb::CalendarUnit::Month) => Ok(CalendarUnit::Month),
        Ok(pb::CalendarUnit::Year) => Ok(CalendarUnit::Year),
        Ok(pb::CalendarUnit::Unspecified) | Err(_) => Err(Invalid::new(field, "must be a unit of the calendar")),
    }
}

/// Reads how a period is cut; not set: into about 300 columns.
pub(super) fn step(step: Option<&pb::Step>) -> Result<Step, Invalid> {
    use pb::step::Kind;
    Ok(match step.and_then(|it| it.kind.as_ref()) {
        None => Step::default(),
        Some(Kind::Calendar(number)) => Step::Calendar(unit("step.calendar", *number)?),
        Some(Kind::Fixed(length)) => Step::Fixed(wire::parse_duration("step.fixed", length)?),
        Some(Kind::Columns(columns)) => Step::Columns(*columns),
    })
}

/// Reads what a total is about; not set: the whole home.
pub(super) fn scope(field: &str, scope: Option<&pb::Scope>) -> Result<Scope, Invalid> {
    use pb::scope::Kind;
    Ok(match scope.and_then(|it| it.kind.as_ref()) {
        None | Some(Kind::Home(pb::WholeHome {})) => Scope::Home,
        Some(Kind::DeviceId(id)) => Scope::Device(parse(&format!("{field}.device_id"), id)?),
        Some(Kind::Devices(set)) => {
            let field = format!("{field}.devices.device_ids");
            if set.device_ids.is_empty() || set.device_ids.len() > MAX_DEVICES {
                return Err(Invalid::new(field, format!("must have 1 to {MAX_DEVICES} entries")));
            }
            let id = |(index, id): (usize, &String)| parse(&format!("{field}[{index}]"), id);
            Scope::Devices(set.device_ids.iter().enumerate().map(id).collect::<Result<_, _>>()?)
        }
        Some(Kind::Room(room)) => Scope::Room(wire::text(&format!("{field}.room"), room, 1, 60)?),
        Some(Kind::DeviceTypeId(kind)) => Scope::Kind(*kind),
        Some(Kind::Untracked(pb::Untracked { device_id })) => {
            Scope::Untracked(optional_id(&format!("{field}.untracked.device_id"), device_id)?)
        }
    })
}

fn metric((index, number): (usize, &i32)) -> Result<Metric, Invalid> {
    match pb::Metric::try_from(*number) {
        Ok(pb::Metric::Energy) => Ok(Metric::Energy),
        Ok(pb::Metric::Cost) => Ok(Metric::Cost),
        Ok(pb::Metric::PowerAverage) => Ok(Metric::PowerAverage),
        Ok(pb::Metric::PowerMax) => Ok(Metric::PowerMax),
        Ok(pb::Metric::PowerMin) => Ok(Metric::PowerMin),
        Ok(pb::Metric::Coverage) => Ok(Metric::Coverage),
        Ok(pb::Metric::Import) => Ok(Metric::Import),
        Ok(pb::Metric::Export) => Ok(Metric::Export),
        Ok(pb::Metric::Estimated) => Ok(Metric::Estimated),
        Ok(pb::Metric::StandingCharge) => Ok(Metric::StandingCharge),
        Ok(pb::Metric::Unspecified) | Err(_) => Err(Invalid::new(format!("metrics[{index}]"), "must be a metric")),
    }
}

/// The answer of series in the words of the home.
pub(crate) fn series_answer(setting: &Setting, answer: SeriesAnswer) -> pb::QuerySeriesResponse {
    let SeriesAnswer {
        interval,
        boundaries,
        series,
    } = answer;
    pb::QuerySeriesResponse {
        interval: Some(interval_out(interval)),
        time_zone: setting.home.calendar.zone_name().to_owned(),
        boundaries: boundaries.into_iter().map(wire::timestamp).collect(),
        series: series
            .into_iter()
            .map(|it| one_series(it, setting.home.currency))
            .collect(),
    }
}

fn one_series(series: Series, currency: Currency) -> pb::Series {
    let Series {
        scope,
        metric,
        label,
        values,
    } = series;
    let (metric, unit) = match metric {
        Metric::Energy => (pb::Metric::Energy, "Wh"),
        Metric::Cost => (pb::Metric::Cost, currency.code()),
        Metric::PowerAverage => (pb::Metric::PowerAverage, "W"),
        Metric::PowerMax => (pb::Metric::PowerMax, "W"),
        Metric::PowerMin => (pb::Metric::PowerMin, "W"),
        Metric::Coverage => (pb::Metric::Coverage, "1"),
        Metric::Import => (pb::Metric::Import, "Wh"),
        Metric::Export => (pb::Metric::Export, "Wh"),
        Metric::Estimated => (pb::Metric::Estimated, "Wh"),
        Metric::StandingCharge => (pb::Metric::StandingCharge, currency.code()),
    };
    pb::Series {
        scope: Some(scope.into()),
        metric: metric.into(),
        unit: unit.to_owned(),
        label,
        values: values.into_iter().map(told).collect(),
    }
}

/// The answer of totals in the words of the home.
pub(crate) fn summary_answer(setting: &Setting, answer: SummaryAnswer) -> pb::SummarizeResponse {
    let currency = setting.home.currency;
    let (change_wh, change_ratio) = (answer.change().map(|it| it.0), answer.ratio());
    let change_cost = answer.cost_change().map(|it| money(it.normalize(), currency));
    let SummaryAnswer {
        summary,
        devices,
        compared,
        compared_devices,
        compared_whole,
    } = answer;
    let out = |it| one_summary(it, currency);
    pb::SummarizeResponse {
        time_zone: setting.home.calendar.zone_name().to_owned(),
        summary: Some(out(summary)),
        devices: devices.into_iter().map(out).collect(),
        compared: compared.map(out),
        compared_devices: compared_devices.into_iter().map(out).collect(),
        compared_whole: compared_whole.map(out),
        change_wh,
        change_ratio,
        change_cost,
    }
}

fn one_summary(summary: Summary, currency: Currency) -> pb::Summary {
    let money = |amount: Decimal| money(amount, currency);
    pb::Summary {
        scope: Some(summary.scope.into()),
        label: summary.label,
        interval: Some(interval_out(summary.interval)),
        energy_wh: told(summary.energy.0),
        cost: summary.cost.map(money),
        standing_charge: summary.standing_charge.map(money),
        average_power_watts: summary.average.map(|it| told(it.0)),
        peak: summary.peak.map(Into::into),
        minimum: summary.minimum.map(Into::into),
        coverage: summary.coverage,
        covered_seconds: summary.coverage * summary.interval.seconds(),
        reading_count: summary.readings,
        data_range: summary.data_range.map(interval_out),
        flow: summary.flow.map_or(pb::Flow::Unspecified, Into::into).into(),
        meters_others: summary.meters_others,
        estimated_wh: told(summary.estimated.0),
        estimated_share: summary.estimated_share,
        paid_wh: summary.paid.0,
    }
}

/// Runs in the words of the home.
pub(crate) fn runs(setting: &Setting, runs: Vec<Run>) -> Vec<pb::Run> {
    let out = |Run {
                   interval,
                   energy,
                   cost,
                   peak,
                   running,
               }| pb::Run {
        interval: Some(interval_out(interval)),
        energy_wh: energy.0,
        cost: cost.map(|amount| money(amount, setting.home.currency)),
        peak: peak.map(Into::into),
        running,
    };
    runs.into_iter().map(out).collect()
}

/// An amount in a home's currency.
pub(super) fn money(amount: Decimal, currency: Currency) -> pb::Money {
    pb::Money {
        amount: amount.to_string(),
        currency_code: currency.to_string(),
    }
}

/// A stretch of time.
pub(super) fn interval_out(interval: Interval) -> pb::Interval {
    pb::Interval {
        start_time: Some(wire::timestamp(interval.start)),
        end_time: Some(wire::timestamp(interval.end)),
    }
}

impl From<PowerAt> for pb::PowerAt {
    fn from(PowerAt { power, at }: PowerAt) -> Self {
        Self {
            power_watts: power.0,
            time: Some(wire::timestamp(at)),
        }
    }
}

impl From<Scope> for pb::Scope {
    fn from(scope: Scope) -> Self {
        use pb::scope::Kind;
        let kind = match scope {
            Scope::Home => Kind::Home(pb::WholeHome {}),
            Scope::Device(id) => Kind::DeviceId(id.to_string()),
            Scope::Devices(ids) => Kind::Devices(pb::DeviceSet {
                device_ids: ids.iter().map(ToString::to_string).collect(),
            }),
            Scope::Room(room) => Kind::Room(room),
            Scope::Kind(kind) => Kind::DeviceTypeId(kind),
            Scope::Untracked(device) => Kind::Untracked(pb::Untracked {
                device_id: device.map(|id| id.to_string()).unwrap_or_default(),
            }),
        };
        Self { kind: Some(kind) }
    }
}
