//! Volts, amperes and the power factor of each device, as its readings carry them.

use futures::{StreamExt, TryStreamExt, stream};
use voltaire_types::{DeviceId, Interval};

use super::{Findings, Outcome, Run, special::Special};
use crate::{
    error::Result,
    understand::{No, Topic},
};

/// Readings are asked for one by one: so many pages of them at most, of all devices together.
const PAGES: usize = 60;
/// Devices that are asked about at once.
const AT_ONCE: usize = 4;

impl Run<'_> {
    /// None where there is more to read than one answer may take.
    pub(super) async fn electrical(&self, interval: Interval) -> Result<Option<Special>> {
        let devices = self.asked_about();
        let pages = PAGES / devices.len().max(1);
        let metric = self.plan.metric;
        let samples = stream::iter(devices)
            .map(async |id| {
                let samples = self.telemetry.samples(id, interval, (metric, pages)).await?;
                Ok::<_, crate::error::Error>(samples.map(|it| (id, it)))
            })
            .buffered(AT_ONCE);
        let samples: Vec<_> = samples.try_collect().await?;
        let all: Option<Vec<_>> = samples.into_iter().collect();
        Ok(all.map(|of| Special::Electrical { of }))
    }

    pub(super) async fn electrical_now(&self) -> Result<Outcome> {
        if self.plan.selection.except {
            return Ok(Outcome::Refused(No::Unsupported(Topic::Electrical)));
        }
        let asked = self.asked_about();
        let last = self.telemetry.last_samples(self.house, self.plan.metric).await?;
        let of = last.into_iter().filter(|(id, _)| asked.contains(id)).collect();
        Ok(self.plain(Findings::Special(Special::Electrical { of })))
    }

    fn asked_about(&self) -> Vec<DeviceId> {
        let chosen = &self.plan.selection.devices;
        if chosen.is_empty() {
            self.house.devices.iter().map(|it| it.id).collect()
        } else {
            chosen.clone()
        }
    }
}
