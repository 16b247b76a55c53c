//! Asks telemetry for analyses, as the user, and reads what they found.

use jiff::civil::Date;
use voltaire_proto::telemetry::v1::{
    self as pb, analysis_service_client::AnalysisServiceClient, query_service_client::QueryServiceClient,
};
use voltaire_types::{CalendarUnit, Decimal, DeviceId, Interval};

use super::{
    super::model::{House, Scope, Stretch},
    Telemetry, calendar_unit, id, interval, money, period, scope,
};
use crate::{
    error::{Error, Result},
    execute::amount,
    understand::plan::Metric,
};

/// Runs that are read at a time.
const RUNS: i32 = 500;
/// Gaps of each device that are read.
const GAPS: i32 = 3;

/// What an analysis found.
#[derive(Clone, Debug)]
pub(crate) enum Analysis {
    Change(Change),
    Runs(Runs),
    Above(Above),
    AlwaysOn(AlwaysOn),
    Forecast(Forecast),
    Quality(Vec<Quality>),
    Unusual(Unusual),
    Habit(Habit),
}

/// Mean power and cost by the hour of the day or the day of the week.
#[derive(Clone, Debug)]
pub(crate) struct Habit {
    pub(crate) interval: Interval,
    /// Those with measured time, in their order.
    pub(crate) times: Vec<HabitTime>,
}

/// An hour of the day, from 0, or a day of the week, from Monday as 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HabitTime {
    pub(crate) number: u32,
    /// Energy by measured time, W.
    pub(crate) watts: f64,
    /// What all of it comes to, Wh: one hour, or a day.
    pub(crate) wh: f64,
    /// What all of it costs, without standing charge; none without a tariff.
    pub(crate) cost: Option<Decimal>,
    /// Local days that stand behind it.
    pub(crate) days: u32,
}

impl HabitTime {
    /// What times are put in order by.
    pub(crate) fn value(&self, metric: Metric) -> f64 {
        match (metric, self.cost) {
            (Metric::Cost, Some(cost)) => amount(cost),
            _ => self.watts,
        }
    }
}

/// Why two periods differ. Energies in Wh.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) interval: Interval,
    pub(crate) compared: Interval,
    pub(crate) now_wh: f64,
    pub(crate) before_wh: f64,
    pub(crate) more_wh: f64,
    pub(crate) more_cost: Option<Decimal>,
    /// What comes from the periods' different lengths.
    pub(crate) length_wh: f64,
    /// The lesser of both.
    pub(crate) coverage: f64,
    /// Largest first.
    pub(crate) parts: Vec<Part>,
    /// Largest first.
    pub(crate) hours: Vec<Part>,
}

/// A part of a change.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) label: String,
    pub(crate) device: Option<DeviceId>,
    /// Local hour of the day.
    pub(crate) hour: Option<u32>,
    pub(crate) change_wh: f64,
}

/// When a device was on.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    pub(crate) device: DeviceId,
    pub(crate) interval: Interval,
    /// How many, and for how long together.
    pub(crate) count: u64,
    pub(crate) on_seconds: f64,
    pub(crate) longest: Option<Interval>,
    /// Each by itself, oldest first; the first ones where all were not asked for.
    pub(crate) each: Vec<Run>,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) interval: Interval,
    pub(crate) energy_wh: f64,
    pub(crate) cost: Option<Decimal>,
    /// Whether it still goes on.
    pub(crate) running: bool,
}

/// For how long the power was above a value.
#[derive(Clone, Debug)]
pub(crate) struct Above {
    pub(crate) above_seconds: f64,
    pub(crate) measured_seconds: f64,
}

/// The load that never ends.
#[derive(Clone, Debug)]
pub(crate) struct AlwaysOn {
    pub(crate) interval: Interval,
    pub(crate) watts: Option<f64>,
    pub(crate) nights: u32,
    pub(crate) yearly_wh: Option<f64>,
    pub(crate) yearly_cost: Option<Decimal>,
    pub(crate) share: Option<f64>,
}

/// What a running unit of the calendar will come to. Energies in Wh.
#[derive(Clone, Debug)]
pub(crate) struct Forecast {
    pub(crate) interval: Interval,
    /// As days usually are; else at the same rate.
    pub(crate) usual: bool,
    pub(crate) days: u32,
    pub(crate) so_far_wh: f64,
    pub(crate) so_far_cost: Option<Decimal>,
    pub(crate) coverage: f64,
    /// Expected, and the range that holds four times in five.
    pub(crate) energy: Option<(f64, Option<(f64, f64)>)>,
    pub(crate) cost: Option<(Decimal, Option<(Decimal, Decimal)>)>,
}

/// How good the data of a device are.
#[derive(Clone, Debug)]
pub(crate) struct Quality {
    pub(crate) device: DeviceId,
    pub(crate) coverage: f64,
    pub(crate) readings: u64,
    /// The longest ones.
    pub(crate) gaps: Vec<Interval>,
    pub(crate) gap_count: u64,
    pub(crate) rejected: u64,
}

/// Days that were not as usual, most unusual first.
#[derive(Clone, Debug)]
pub(crate) struct Unusual {
    pub(crate) interval: Interval,
    pub(crate) days: Vec<UnusualDay>,
    /// Days that could be judged.
    pub(crate) judged: u32,
}

/// A day that was not as usual. Energies in Wh.
#[derive(Clone, Debug)]
pub(crate) struct UnusualDay {
    pub(crate) date: Date,
    pub(crate) expected_wh: f64,
    pub(crate) happened_wh: f64,
}

/// What is asked about.
pub(in crate::execute) struct About<'a> {
    pub(in crate::execute) house: &'a House,
    pub(in crate::execute) scope: &'a Scope,
    pub(in crate::execute) interval: Interval,
}

impl About<'_> {
    fn home_id(&self) -> String {
        self.house.home.id.to_string()
    }

    fn period(&self) -> pb::Period {
        period(Stretch::Interval(self.interval))
    }

    fn scope(&self) -> pb::Scope {
        scope(self.scope)
    }
}

fn optional(amount: Option<pb::Money>) -> Result<Option<Decimal>> {
    amount.map(|it| money(Some(it))).transpose()
}

fn needed(it: Option<pb::Interval>) -> Result<Interval> {
    interval(&it.ok_or(Error::Unreadable("no interval"))?)
}

impl Telemetry {
    fn analysis(&self) -> AnalysisServiceClient<voltaire_mesh::PeerChannel> {
        AnalysisServiceClient::new(self.channel.clone())
    }

    pub(in crate::execute) async fn change(&self, about: &About<'_>, compared: Interval) -> Result<Change> {
        let request = pb::ExplainChangeRequest {
            home_id: about.home_id(),
            period: Some(about.period()),
            compare_to: Some(period(Stretch::Interval(compared))),
            scope: Some(about.scope()),
        };
        let mut client = QueryServiceClient::new(self.channel.clone());
        let it = client.explain_change(self.onward.request(request)).await?.into_inner();
        let parts = |all: Vec<pb::Contribution>| all.into_iter().map(part).collect::<Result<Vec<_>>>();
        Ok(Change {
            interval: needed(it.interval)?,
            compared: needed(it.compared_interval)?,
            now_wh: it.energy_wh,
            before_wh: it.compared_wh,
            more_wh: it.change_wh,
            more_cost: optional(it.change_cost)?,
            length_wh: it.length_wh,
            coverage: it.coverage.min(it.compared_coverage),
            parts: parts(it.parts)?,
            hours: parts(it.hours)?,
        })
    }

    /// The runs of a device: the sums of all, and each of `all` or of the first ones.
    pub(in crate::execute) async fn runs(&self, about: &About<'_>, device: DeviceId, all: bool) -> Result<Runs> {
        let activity = pb::GetActivityRequest {
            device_id: device.to_string(),
            period: Some(about.period()),
        };
        let mut listed = pb::ListRunsRequest {
            device_id: device.to_string(),
            period: Some(about.period()),
            page_size: RUNS,
            page_token: String::new(),
        };
        let mut client = QueryServiceClient::new(self.channel.clone());
        let activity = self.analysis().get_activity(self.onward.request(activity)).await?;
        let activity = activity.into_inner();
        let mut each = Vec::new();
        loop {
            let page = client
                .list_runs(self.onward.request(listed.clone()))
                .await?
                .into_inner();
            for it in page.runs {
                each.push(run(it)?);
            }
            listed.page_token = page.next_page_token;
            if !all || listed.page_token.is_empty() {
                break;
            }
        }
        Ok(Runs {
            device,
            interval: needed(activity.interval)?,
            count: activity.run_count,
            on_seconds: activity.on_seconds,
            longest: activity.longest_run.as_ref().map(interval).transpose()?,
            each,
        })
    }

    /// How often a device was on.
    pub(in crate::execute) async fn run_count(&self, device: DeviceId, within: Interval) -> Result<u64> {
        let request = pb::GetActivityRequest {
            device_id: device.to_string(),
            period: Some(period(Stretch::Interval(within))),
        };
        let answer = self.analysis().get_activity(self.onward.request(request)).await?;
        Ok(answer.into_inner().run_count)
    }

    pub(in crate::execute) async fn above(&self, about: &About<'_>, watts: f64) -> Result<Above> {
        let request = pb::GetDurationCurveRequest {
            home_id: about.home_id(),
            period: Some(about.period()),
            scope: Some(about.scope()),
            threshold_watts: vec![watts],
            points: 2,
        };
        let it = self.analysis().get_duration_curve(self.onward.request(request)).await?;
        let it = it.into_inner();
        Ok(Above {
            above_seconds: it.times.first().ok_or(Error::Unreadable("no time"))?.seconds,
            measured_seconds: it.measured_seconds,
        })
    }

    pub(in crate::execute) async fn always_on(&self, about: &About<'_>) -> Result<AlwaysOn> {
        let request = pb::GetAlwaysOnRequest {
            home_id: about.home_id(),
            period: Some(about.period()),
            scope: Some(about.scope()),
        };
        let it = self.analysis().get_always_on(self.onward.request(request)).await?;
        let it = it.into_inner();
        Ok(AlwaysOn {
            interval: needed(it.interval)?,
            watts: it.power_watts,
            nights: it.nights,
            yearly_wh: it.yearly_wh,
            yearly_cost: optional(it.yearly_cost)?,
            share: it.share,
        })
    }

    pub(in crate::execute) async fn forecast(&self, about: &About<'_>, unit: CalendarUnit) -> Result<Forecast> {
        let request = pb::GetForecastRequest {
            home_id: about.home_id(),
            unit: calendar_unit(unit).into(),
            scope: Some(about.scope()),
        };
        let it = self.analysis().get_forecast(self.onward.request(request)).await?;
        let it = it.into_inner();
        let usual = it.method() == pb::ForecastMethod::Usual;
        let energy = it.energy.map(|it| (it.expected_wh, it.low_wh.zip(it.high_wh)));
        let range = |it: pb::MoneyRange| {
            let between = optional(it.low)?.zip(optional(it.high)?);
            Ok::<_, Error>((money(it.expected)?, between))
        };
        Ok(Forecast {
            interval: needed(it.interval)?,
            usual,
            days: it.history_days,
            so_far_wh: it.so_far_wh,
            so_far_cost: optional(it.so_far_cost)?,
            coverage: it.coverage,
            energy,
            cost: it.cost.map(range).transpose()?,
        })
    }

    pub(in crate::execute) async fn habit(&self, about: &About<'_>, weekdays: bool) -> Result<Habit> {
        let request = pb::GetProfileRequest {
            home_id: about.home_id(),
            period: Some(about.period()),
            scope: Some(about.scope()),
        };
        let it = self.analysis().get_profile(self.onward.request(request)).await?;
        let it = it.into_inner();
        let hour = |it: pb::ProfileHour| {
            Ok(HabitTime {
                number: it.hour,
                watts: it.power_watts,
                wh: it.power_watts,
                cost: optional(it.hour_cost)?,
                days: it.days,
            })
        };
        let weekday = |it: pb::ProfileWeekday| {
            Ok(HabitTime {
                number: it.weekday,
                watts: it.power_watts,
                wh: it.day_wh,
                cost: optional(it.day_cost)?,
                days: it.days,
            })
        };
        Ok(Habit {
            interval: needed(it.interval)?,
            times: if weekdays {
                it.by_weekday.into_iter().map(weekday).collect::<Result<_>>()?
            } else {
                it.by_hour.into_iter().map(hour).collect::<Result<_>>()?
            },
        })
    }

    pub(in crate::execute) async fn quality(&self, about: &About<'_>) -> Result<Vec<Quality>> {
        let request = pb::GetDataQualityRequest {
            home_id: about.home_id(),
            period: Some(about.period()),
            scope: (*about.scope != Scope::Home).then(|| scope(about.scope)),
            gap_limit: GAPS,
        };
        let it = self.analysis().get_data_quality(self.onward.request(request)).await?;
        let quality = |it: pb::DataQuality| {
            Ok(Quality {
                device: id(&it.device_id)?,
                coverage: it.coverage,
                readings: it.reading_count,
                gaps: it.gaps.iter().map(interval).collect::<Result<_>>()?,
                gap_count: it.gap_count,
                rejected: it.rejected_count,
            })
        };
        it.into_inner().devices.into_iter().map(quality).collect()
    }

    pub(in crate::execute) async fn unusual(&self, about: &About<'_>) -> Result<Unusual> {
        let request = pb::ListUnusualDaysRequest {
            home_id: about.home_id(),
            period: Some(about.period()),
            scope: Some(about.scope()),
            limit: 0,
        };
        let it = self.analysis().list_unusual_days(self.onward.request(request)).await?;
        let it = it.into_inner();
        let day = |it: pb::UnusualDay| {
            Ok(UnusualDay {
                date: it.date.parse().map_err(|_| Error::Unreadable("not a date"))?,
                expected_wh: it.expected_wh,
                happened_wh: it.happened_wh,
            })
        };
        Ok(Unusual {
            interval: needed(it.interval)?,
            days: it.days.into_iter().map(day).collect::<Result<_>>()?,
            judged: it.judged_days,
        })
    }
}

fn part(it: pb::Contribution) -> Result<Part> {
    let device = match it.scope.and_then(|it| it.kind) {
        Some(pb::scope::Kind::DeviceId(text)) => Some(id(&text)?),
        _ => None,
    };
    Ok(Part {
        label: it.label,
        device,
        hour: it.hour,
        change_wh: it.change_wh,
    })
}

fn run(it: pb::Run) -> Result<Run> {
    Ok(Run {
        interval: needed(it.interval)?,
        energy_wh: it.energy_wh,
        cost: optional(it.cost)?,
        running: it.running,
    })
}
