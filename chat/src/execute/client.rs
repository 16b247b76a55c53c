//! Asks telemetry, as the user, and reads its answers.

pub(crate) mod analysis;
pub(crate) mod electrical;

use jiff::civil::Weekday;
use voltaire_mesh::{Mesh, Onward, PeerChannel, wire};
use voltaire_proto::telemetry::v1::{
    self as pb, device_service_client::DeviceServiceClient, home_service_client::HomeServiceClient,
    query_service_client::QueryServiceClient,
};
use voltaire_types::{Calendar, CalendarUnit, Decimal, DeviceId, Interval, Timestamp};

use super::model::{Device, Home, House, Latest, Measured, Scope, Steps, Stretch, Summary};
use crate::error::{Error, Result};

/// Telemetry, asked on a caller's behalf.
#[derive(Clone)]
pub(crate) struct Telemetry {
    channel: PeerChannel,
    onward: Onward,
}

/// How a series is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Calendar(CalendarUnit),
    Columns(u32),
}

/// The values of a scope: one list per metric.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Telemetry's name of the scope.
    pub(crate) label: String,
    /// NaN where there is none.
    pub(crate) values: Vec<Vec<f64>>,
}

impl Telemetry {
    pub(crate) fn new(mesh: &Mesh, onward: Onward) -> Self {
        Self {
            channel: mesh.peer("telemetry"),
            onward,
        }
    }

    /// The home (empty id: the first one) and its devices.
    pub(crate) async fn house(&self, home_id: &str) -> Result<House> {
        let mut homes = HomeServiceClient::new(self.channel.clone());
        let mut devices = DeviceServiceClient::new(self.channel.clone());
        let mut types = devices.clone();
        let request = pb::GetHomeRequest {
            home_id: home_id.to_owned(),
        };
        let listed = pb::ListDevicesRequest {
            home_id: home_id.to_owned(),
            page_size: 500,
            ..Default::default()
        };
        let (home, devices, types) = tokio::try_join!(
            homes.get_home(self.onward.request(request)),
            devices.list_devices(self.onward.request(listed)),
            types.list_device_types(self.onward.request(pb::ListDeviceTypesRequest {})),
        )?;
        let types = types.into_inner().device_types;
        let kind = |id: i32| {
            types
                .iter()
                .find(|it| it.device_type_id == id)
                .map(|it| it.key.clone())
                .unwrap_or_default()
        };
        let devices = devices.into_inner().devices.into_iter().map(|it| {
            let kind = kind(it.device_type_id);
            device(it, kind)
        });
        let home = home.into_inner().home.ok_or(Error::Unreadable("no home"))?;
        Ok(House {
            home: self::home(home)?,
            devices: devices.collect::<Result<_>>()?,
        })
    }

    /// Totals of a scope, and of each of its devices.
    pub(crate) async fn summary(
        &self,
        house: &House,
        scope: &Scope,
        stretch: Stretch,
        per_device: bool,
    ) -> Result<(Summary, Vec<Summary>)> {
        let request = pb::SummarizeRequest {
            home_id: house.home.id.to_string(),
            period: Some(period(stretch)),
            scope: Some(self::scope(scope)),
            per_device,
            compare_to: None,
        };
        let mut client = QueryServiceClient::new(self.channel.clone());
        let answer = client.summarize(self.onward.request(request)).await?.into_inner();
        let whole = summary(answer.summary.ok_or(Error::Unreadable("no summary"))?)?;
        Ok((whole, answer.devices.into_iter().map(summary).collect::<Result<_>>()?))
    }

    /// Values per step of a scope.
    pub(crate) async fn steps(
        &self,
        house: &House,
        scope: &Scope,
        interval: Interval,
        cut: Cut,
        metrics: &[Measured],
    ) -> Result<Steps> {
        let scopes = std::slice::from_ref(scope);
        let (boundaries, mut columns) = self.columns(house, scopes, interval, (cut, metrics)).await?;
        Ok(Steps {
            boundaries,
            values: columns.pop().map(|it| it.values).unwrap_or_default(),
        })
    }

    /// Values per step of several scopes, in their order.
    pub(crate) async fn columns(
        &self,
        house: &House,
        scopes: &[Scope],
        interval: Interval,
        (cut, metrics): (Cut, &[Measured]),
    ) -> Result<(Vec<Timestamp>, Vec<Column>)> {
        let kind = match cut {
            Cut::Calendar(unit) => pb::step::Kind::Calendar(calendar_unit(unit).into()),
            Cut::Columns(columns) => pb::step::Kind::Columns(columns),
        };
        let request = pb::QuerySeriesRequest {
            home_id: house.home.id.to_string(),
            period: Some(period(Stretch::Interval(interval))),
            step: Some(pb::Step { kind: Some(kind) }),
            scopes: scopes.iter().map(self::scope).collect(),
            metrics: metrics.iter().map(|it| metric(*it).into()).collect(),
        };
        let mut client = QueryServiceClient::new(self.channel.clone());
        let answer = client.query_series(self.onward.request(request)).await?.into_inner();
        let boundaries = answer.boundaries.iter().map(instant).collect::<Result<_>>()?;
        let mut series = answer.series.into_iter();
        let column = |_: &Scope| {
            let of_one: Vec<pb::Series> = series.by_ref().take(metrics.len()).collect();
            Column {
                label: of_one.first().map(|it| it.label.clone()).unwrap_or_default(),
                values: of_one.into_iter().map(|it| it.values).collect(),
            }
        };
        Ok((boundaries, scopes.iter().map(column).collect()))
    }

    /// The last readings: the home's power now, and each device's.
    pub(crate) async fn latest(&self, house: &House) -> Result<(Option<f64>, Vec<Latest>)> {
        let request = pb::GetLatestRequest {
            home_id: house.home.id.to_string(),
        };
        let mut client = QueryServiceClient::new(self.channel.clone());
        let answer = client.get_latest(self.onward.request(request)).await?.into_inner();
        let read = |it: pb::LatestReading| {
            let reading = it.reading.ok_or(Error::Unreadable("no reading"))?;
            let at = reading.timestamp.as_ref().ok_or(Error::Unreadable("no time"))?;
            Ok(Latest {
                device: id(&reading.device_id)?,
                watts: reading.power_watts,
                at: instant(at)?,
                stale: it.stale,
                on: it.on,
            })
        };
        Ok((
            answer.home_power_watts,
            answer.latest.into_iter().map(read).collect::<Result<_>>()?,
        ))
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Unreadable("not an id"))
}

fn instant(time: &prost_types::Timestamp) -> Result<Timestamp> {
    Ok(wire::parse_timestamp("time", Some(time))?)
}

fn interval(interval: &pb::Interval) -> Result<Interval> {
    let (start, end) = (interval.start_time.as_ref(), interval.end_time.as_ref());
    Ok(Interval::new(
        wire::parse_timestamp("start_time", start)?,
        wire::parse_timestamp("end_time", end)?,
    ))
}

fn home(home: pb::Home) -> Result<Home> {
    let week_start = match home.week_start() {
        pb::Weekday::Unspecified | pb::Weekday::Monday => Weekday::Monday,
        pb::Weekday::Tuesday => Weekday::Tuesday,
        pb::Weekday::Wednesday => Weekday::Wednesday,
        pb::Weekday::Thursday => Weekday::Thursday,
        pb::Weekday::Friday => Weekday::Friday,
        pb::Weekday::Saturday => Weekday::Saturday,
        pb::Weekday::Sunday => Weekday::Sunday,
    };
    let calendar = Calendar::new(&home.time_zone, week_start).map_err(|_| Error::Unreadable("unknown time zone"))?;
    let tariffs = home
        .tariffs
        .into_iter()
        .map(|it| (it.valid_from, it.price_per_kwh, it.standing_charge_per_day));
    Ok(Home {
        id: id(&home.home_id)?,
        name: home.name,
        calendar,
        currency: home.currency_code,
        locale: home.locale,
        tariffs: tariffs.collect(),
    })
}

fn device(device: pb::Device, kind: String) -> Result<Device> {
    let consumes = matches!(device.flow(), pb::Flow::Unspecified | pb::Flow::Consumption);
    let parent = Some(device.parent_device_id.as_str())
        .filter(|it| !it.is_empty())
        .map(id)
        .transpose()?;
    Ok(Device {
        id: id(&device.device_id)?,
        name: device.name,
        aliases: device.aliases,
        room: device.room,
        kind,
        consumes,
        parent,
    })
}

fn period(stretch: Stretch) -> pb::Period {
    let kind = match stretch {
        Stretch::All => pb::period::Kind::All(pb::AllTime {}),
        Stretch::Interval(it) => pb::period::Kind::Interval(pb::Interval {
            start_time: Some(wire::timestamp(it.start)),
            end_time: Some(wire::timestamp(it.end)),
        }),
    };
    pb::Period { kind: Some(kind) }
}

fn scope(scope: &Scope) -> pb::Scope {
    let kind = match scope {
        Scope::Home => pb::scope::Kind::Home(pb::WholeHome {}),
        Scope::Untracked => pb::scope::Kind::Untracked(pb::Untracked::default()),
        Scope::Devices(ids) => match ids.as_slice() {
            [only] => pb::scope::Kind::DeviceId(only.to_string()),
            ids => pb::scope::Kind::Devices(pb::DeviceSet {
                device_ids: ids.iter().map(DeviceId::to_string).collect(),
            }),
        },
    };
    pb::Scope { kind: Some(kind) }
}

fn summary(summary: pb::Summary) -> Result<Summary> {
    let device = match summary.scope.and_then(|it| it.kind) {
        Some(pb::scope::Kind::DeviceId(text)) => Some(id(&text)?),
        _ => None,
    };
    let at = |it: Option<pb::PowerAt>| {
        let read = |it: pb::PowerAt| {
            Ok::<_, Error>((
                it.power_watts,
                instant(it.time.as_ref().ok_or(Error::Unreadable("no time"))?)?,
            ))
        };
        it.map(read).transpose()
    };
    Ok(Summary {
        device,
        is_room: false,
        label: summary.label,
        interval: interval(&summary.interval.ok_or(Error::Unreadable("no interval"))?)?,
        energy_wh: summary.energy_wh,
        cost: money(summary.cost)?,
        standing_charge: money(summary.standing_charge)?,
        paid_wh: summary.paid_wh,
        average_watts: summary.average_power_watts,
        peak: at(summary.peak)?,
        minimum: at(summary.minimum)?,
        coverage: summary.coverage,
        readings: summary.reading_count,
        data_range: summary.data_range.as_ref().map(interval).transpose()?,
    })
}

fn money(money: Option<pb::Money>) -> Result<Decimal> {
    let amount = money.map(|it| it.amount).unwrap_or_default();
    if amount.is_empty() {
        return Ok(Decimal::ZERO);
    }
    amount.parse().map_err(|_| Error::Unreadable("not an amount"))
}

const fn metric(measured: Measured) -> pb::Metric {
    match measured {
        Measured::Energy => pb::Metric::Energy,
        Measured::Cost => pb::Metric::Cost,
        Measured::PowerMax => pb::Metric::PowerMax,
        Measured::PowerMin => pb::Metric::PowerMin,
        Measured::PowerAverage => pb::Metric::PowerAverage,
        Measured::Coverage => pb::Metric::Coverage,
    }
}

const fn calendar_unit(unit: CalendarUnit) -> pb::CalendarUnit {
    match unit {
        CalendarUnit::QuarterHour => pb::CalendarUnit::QuarterHour,
        CalendarUnit::Hour => pb::CalendarUnit::Hour,
        CalendarUnit::Day => pb::CalendarUnit::Day,
        CalendarUnit::Week => pb::CalendarUnit::Week,
        CalendarUnit::Month => pb::CalendarUnit::Month,
        CalendarUnit::Year => pb::CalendarUnit::Year,
    }
}
