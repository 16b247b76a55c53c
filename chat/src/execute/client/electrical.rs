//! Asks telemetry for readings one by one, for what no total has: volts, amperes, the power factor.

use std::cmp::Ordering;

use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1::{self as pb, query_service_client::QueryServiceClient};
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    super::model::{House, Stretch},
    Telemetry, id, period,
};
use crate::{error::Result, understand::plan::Metric};

/// Readings in a page.
const PAGE: i32 = 5_000;

/// What readings say of one electrical value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Samples {
    /// Readings with the value.
    pub(crate) count: u64,
    pub(crate) sum: f64,
    /// The earliest of equals.
    pub(crate) highest: Option<(f64, Timestamp)>,
    /// The earliest of equals.
    pub(crate) lowest: Option<(f64, Timestamp)>,
    pub(crate) last: Option<(f64, Timestamp)>,
    /// Readings at all.
    pub(crate) readings: u64,
    /// Whether the last one is too old to be told as now.
    pub(crate) stale: bool,
}

impl Telemetry {
    /// An electrical value of each reading of a device; none where there are more than so many pages of them.
    pub(in crate::execute) async fn samples(
        &self,
        device: DeviceId,
        within: Interval,
        (metric, pages): (Metric, usize),
    ) -> Result<Option<Samples>> {
        let mut client = QueryServiceClient::new(self.channel.clone());
        let (mut samples, mut page_token) = (Samples::default(), String::new());
        for _ in 0..pages {
            let request = pb::ListReadingsRequest {
                device_id: device.to_string(),
                period: Some(period(Stretch::Interval(within))),
                page_size: PAGE,
                page_token,
            };
            let page = client.list_readings(self.onward.request(request)).await?.into_inner();
            for reading in &page.readings {
                samples.take(reading, metric)?;
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(Some(samples));
            }
        }
        Ok(None)
    }

    /// The electrical value of each device's last reading.
    pub(in crate::execute) async fn last_samples(
        &self,
        house: &House,
        metric: Metric,
    ) -> Result<Vec<(DeviceId, Samples)>> {
        let request = pb::GetLatestRequest {
            home_id: house.home.id.to_string(),
        };
        let mut client = QueryServiceClient::new(self.channel.clone());
        let answer = client.get_latest(self.onward.request(request)).await?.into_inner();
        let mut all = Vec::new();
        for it in answer.latest {
            let Some(reading) = it.reading else { continue };
            let mut samples = Samples {
                stale: it.stale,
                ..Samples::default()
            };
            samples.take(&reading, metric)?;
            all.push((id(&reading.device_id)?, samples));
        }
        Ok(all)
    }
}

impl Samples {
    /// The mean over the readings that carry the value.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    fn take(&mut self, reading: &pb::Reading, metric: Metric) -> Result<()> {
        self.readings += 1;
        let value = match metric {
            Metric::Voltage => reading.voltage,
            Metric::Current => reading.current,
            Metric::PowerFactor => reading.power_factor,
            _ => None,
        };
        let Some(value) = value else {
            return Ok(());
        };
        let at = wire::parse_timestamp("time", reading.timestamp.as_ref())?;
        self.count += 1;
        self.sum += value;
        self.highest = better(self.highest, (value, at), Ordering::Greater);
        self.lowest = better(self.lowest, (value, at), Ordering::Less);
        self.last = self.last.filter(|it| it.1 > at).or(Some((value, at)));
        Ok(())
    }
}

/// The one that is so ordered, the earlier of equals.
fn better(known: Option<(f64, Timestamp)>, new: (f64, Timestamp), wanted: Ordering) -> Option<(f64, Timestamp)> {
    let kept = known.filter(|it| match it.0.total_cmp(&new.0) {
        Ordering::Equal => it.1 <= new.1,
        order => order == wanted,
    });
    kept.or(Some(new))
}
