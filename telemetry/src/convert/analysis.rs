//! Questions to what figures say together, and their answers.

use voltaire_mesh::{Invalid, page, wire};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{CalendarUnit, Decimal, Interval};

use super::query::{interval_out, money, period, scope, step, unit};
use crate::{
    figures::{
        activity::ActiveDay,
        flows::Flows,
        forecast::Range,
        profile::Cell,
        unusual::{UnusualDay, UnusualHour},
    },
    query::{
        Period, Scope, Setting,
        activity::Activity,
        always_on::AlwaysOn,
        duration::{DurationAnswer, DurationQuery},
        flows::{FlowsAnswer, FlowsQuery},
        forecast::{Forecast, Method},
        profile::ProfileAnswer,
        quality::{Quality, QualityQuery},
        unusual::Unusual,
    },
};

/// Reads which flows are asked for.
pub(crate) fn flows_query(request: &pb::GetFlowsRequest) -> Result<FlowsQuery, Invalid> {
    let asked = request.step.as_ref().map(|it| step(Some(it)));
    Ok(FlowsQuery {
        period: period("period", request.period.as_ref())?,
        step: asked.transpose()?,
    })
}

/// Reads a period and a scope.
pub(crate) fn about(about: Option<&pb::Period>, of: Option<&pb::Scope>) -> Result<(Period, Scope), Invalid> {
    Ok((period("period", about)?, scope("scope", of)?))
}

/// Reads which thresholds are asked for.
pub(crate) fn duration_query(request: pb::GetDurationCurveRequest) -> Result<DurationQuery, Invalid> {
    Ok(DurationQuery {
        period: period("period", request.period.as_ref())?,
        scope: scope("scope", request.scope.as_ref())?,
        thresholds: request.threshold_watts,
        points: request.points,
    })
}

/// Reads which unit is to be forecast.
pub(crate) fn forecast_query(request: &pb::GetForecastRequest) -> Result<(CalendarUnit, Scope), Invalid> {
    let unit = match pb::CalendarUnit::try_from(request.unit) {
        Ok(pb::CalendarUnit::Unspecified) => CalendarUnit::Month,
        _ => unit("unit", request.unit)?,
    };
    Ok((unit, scope("scope", request.scope.as_ref())?))
}

/// Reads whose data are in question.
pub(crate) fn quality_query(request: &pb::GetDataQualityRequest) -> Result<QualityQuery, Invalid> {
    Ok(QualityQuery {
        period: period("period", request.period.as_ref())?,
        scope: scope("scope", request.scope.as_ref())?,
        gaps: page::size("gap_limit", request.gap_limit, 10, 1000)? as usize,
    })
}

fn zone(setting: &Setting) -> String {
    setting.home.calendar.zone_name().to_owned()
}

/// Flows in the words of the home.
pub(crate) fn flows_answer(setting: &Setting, answer: FlowsAnswer) -> pb::GetFlowsResponse {
    pb::GetFlowsResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        total: Some(answer.total.into()),
        boundaries: answer.boundaries.into_iter().map(wire::timestamp).collect(),
        steps: answer.steps.into_iter().map(Into::into).collect(),
        grid_estimated: answer.estimated,
        coverage: answer.coverage,
    }
}

impl From<Flows> for pb::Flows {
    fn from(flows: Flows) -> Self {
        Self {
            import_wh: flows.import,
            export_wh: flows.export,
            production_wh: flows.production,
            charged_wh: flows.charged,
            discharged_wh: flows.discharged,
            consumption_wh: flows.consumption,
            self_consumption_wh: flows.self_consumption(),
            self_consumption_share: flows.self_consumption_share(),
            self_sufficiency: flows.self_sufficiency(),
        }
    }
}

/// The always-on load in the words of the home.
pub(crate) fn always_on_answer(setting: &Setting, answer: AlwaysOn) -> pb::GetAlwaysOnResponse {
    pb::GetAlwaysOnResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        label: answer.label,
        power_watts: answer.power.map(|it| it.0),
        nights: answer.nights,
        minutes: answer.minutes,
        coverage: answer.coverage,
        yearly_wh: answer.yearly.map(|it| it.0),
        yearly_cost: answer.yearly_cost.map(|it| money(it, setting.home.currency)),
        share: answer.share,
    }
}

/// Time above thresholds in the words of the home.
pub(crate) fn duration_answer(setting: &Setting, answer: DurationAnswer) -> pb::GetDurationCurveResponse {
    let above = |(threshold_watts, seconds): &(f64, f64)| pb::TimeAbove {
        threshold_watts: *threshold_watts,
        seconds: *seconds,
    };
    let points = |it: crate::figures::duration::Point| pb::DurationPoint {
        share: it.share,
        power_watts: it.power,
    };
    pb::GetDurationCurveResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        label: answer.label,
        measured_seconds: answer.curve.measured(),
        times: answer.curve.above().iter().map(above).collect(),
        curve: answer.curve.curve(answer.points).into_iter().map(points).collect(),
    }
}

/// A profile in the words of the home.
pub(crate) fn profile_answer(setting: &Setting, answer: &ProfileAnswer) -> pb::GetProfileResponse {
    let priced = setting.prices().known();
    let cost = |cell: &Cell, hours: u32| {
        let cost = cell.hourly_cost().filter(|_| priced)?;
        Some(money(cost * Decimal::from(hours), setting.home.currency))
    };
    let hour = |weekday: u32, hour: u32, cell: &Cell| pb::ProfileHour {
        weekday,
        hour,
        power_watts: cell.power().unwrap_or(f64::NAN),
        days: cell.days,
        measured_hours: cell.seconds / 3600.0,
        hour_cost: cost(cell, 1),
    };
    let weekday = |(weekday, cell): (u32, Cell)| {
        let power_watts = cell.power().unwrap_or(f64::NAN);
        pb::ProfileWeekday {
            weekday,
            power_watts,
            day_wh: power_watts * 24.0,
            days: cell.days,
            measured_hours: cell.seconds / 3600.0,
            day_cost: cost(&cell, 24),
        }
    };
    let profile = &answer.profile;
    let hours = profile.cells().map(|(weekday, at, cell)| hour(weekday, at, cell));
    pb::GetProfileResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        label: answer.label.clone(),
        hours: hours.collect(),
        by_hour: profile.hours().map(|(at, cell)| hour(0, at, &cell)).collect(),
        by_weekday: profile.weekdays().map(weekday).collect(),
    }
}

/// When a device was on, in the words of the home.
pub(crate) fn activity_answer(setting: &Setting, answer: Activity) -> pb::GetActivityResponse {
    let day = |it: ActiveDay| pb::ActivityDay {
        date: it.date.to_string(),
        first_on_time: Some(wire::timestamp(it.span.start)),
        last_on_time: Some(wire::timestamp(it.span.end)),
        on_seconds: it.on_seconds,
        run_count: it.runs,
    };
    pb::GetActivityResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        days: answer.days.into_iter().map(day).collect(),
        run_count: answer.runs as u64,
        on_seconds: answer.on_seconds,
        longest_run: answer.longest.map(interval_out),
    }
}

/// Unusual days in the words of the home.
pub(crate) fn unusual_answer(setting: &Setting, answer: Unusual, limit: u32) -> pb::ListUnusualDaysResponse {
    let days = answer.found.days.into_iter().take(limit as usize);
    pb::ListUnusualDaysResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        label: answer.label,
        days: days.map(Into::into).collect(),
        judged_days: answer.found.judged,
    }
}

impl From<UnusualDay> for pb::UnusualDay {
    fn from(day: UnusualDay) -> Self {
        Self {
            date: day.date.to_string(),
            weekday: u32::from(day.date.weekday().to_monday_one_offset().unsigned_abs()),
            expected_wh: day.expected,
            happened_wh: day.happened,
            score: day.score,
            hours: day.hours.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<UnusualHour> for pb::UnusualHour {
    fn from(hour: UnusualHour) -> Self {
        Self {
            start_time: Some(wire::timestamp(hour.at)),
            hour: u32::from(hour.hour.unsigned_abs()),
            expected_wh: hour.expected,
            happened_wh: hour.happened,
            score: hour.score,
        }
    }
}

/// A forecast in the words of the home.
pub(crate) fn forecast_answer(setting: &Setting, answer: Forecast) -> pb::GetForecastResponse {
    let amount = |amount: Decimal| money(amount, setting.home.currency);
    let digits = u32::from(setting.home.currency.minor_digits());
    // An estimate has no more digits than people write.
    let estimate = |value: f64| Decimal::try_from(value).ok().map(|it| amount(it.round_dp(digits)));
    let cost = |range: Range| pb::MoneyRange {
        expected: estimate(range.expected),
        low: range.between.and_then(|(low, _)| estimate(low)),
        high: range.between.and_then(|(_, high)| estimate(high)),
    };
    let energy = |range: Range| pb::EnergyRange {
        expected_wh: range.expected,
        low_wh: range.between.map(|it| it.0),
        high_wh: range.between.map(|it| it.1),
    };
    let method = match answer.method {
        Method::Unknown => pb::ForecastMethod::Unspecified,
        Method::Usual => pb::ForecastMethod::Usual,
        Method::SameRate => pb::ForecastMethod::SameRate,
    };
    pb::GetForecastResponse {
        interval: Some(interval_out(answer.interval)),
        time_zone: zone(setting),
        label: answer.label,
        forecast_time: Some(wire::timestamp(answer.from)),
        method: method.into(),
        history_days: answer.history as u32,
        so_far_wh: answer.so_far.0,
        so_far_cost: answer.so_far_cost.map(amount),
        coverage: answer.coverage,
        energy: answer.energy.map(energy),
        cost: answer.cost.map(cost),
    }
}

/// How good data are, in the words of the home.
pub(crate) fn quality_answer(setting: &Setting, interval: Interval, found: Vec<Quality>) -> pb::GetDataQualityResponse {
    let one = |it: Quality| pb::DataQuality {
        device_id: it.device.to_string(),
        label: it.label,
        coverage: it.coverage,
        reading_count: it.readings,
        sampling_interval: it.apart.map(wire::duration),
        gaps: it.gaps.into_iter().map(interval_out).collect(),
        gap_count: it.gap_count as u64,
        rejected_count: it.rejected,
        data_range: it.data_range.map(interval_out),
    };
    pb::GetDataQualityResponse {
        interval: Some(interval_out(interval)),
        time_zone: zone(setting),
        devices: found.into_iter().map(one).collect(),
    }
}
