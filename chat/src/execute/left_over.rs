//! What no device explains, and the devices that were not used.

use futures::{StreamExt, TryStreamExt, stream};
use voltaire_types::{DeviceId, Interval};

use super::{
    Run,
    model::{Scope, Stretch},
    special::Special,
};
use crate::error::{Error, Result};

/// Devices that are asked about at once.
const AT_ONCE: usize = 8;

impl Run<'_> {
    pub(super) async fn untracked(&self, interval: Interval) -> Result<Special> {
        let stretch = Stretch::Interval(interval);
        let ((rest, _), (home, _)) = tokio::try_join!(
            self.telemetry.summary(self.house, &Scope::Untracked, stretch, false),
            self.telemetry.summary(self.house, &Scope::Home, stretch, false)
        )?;
        let metered = self.house.devices.iter().any(|it| !it.consumes || it.parent.is_some());
        Ok(Special::Untracked { rest, home, metered })
    }

    /// Of what uses energy and meters nothing else; a device without readings is not known to have been off.
    pub(super) async fn unused(&self, interval: Interval) -> Result<Special> {
        let chosen = &self.plan.selection;
        let is_parent = |id: DeviceId| self.house.devices.iter().any(|it| it.parent == Some(id));
        let is_asked = |id: DeviceId| chosen.is_home() || chosen.devices.contains(&id) != chosen.except;
        let devices = self.house.devices.iter().filter(|it| it.consumes && !is_parent(it.id));
        let asked: Vec<DeviceId> = devices.map(|it| it.id).filter(|id| is_asked(*id)).collect();
        let stretch = Stretch::Interval(interval);
        let (_, summaries) = self.telemetry.summary(self.house, &Scope::Home, stretch, true).await?;
        let measured = |id: DeviceId| summaries.iter().any(|it| it.device == Some(id) && !it.is_empty());
        let (known, silent): (Vec<DeviceId>, Vec<DeviceId>) = asked.iter().copied().partition(|id| measured(*id));
        let counts = stream::iter(known)
            .map(async |id| Ok::<_, Error>((id, self.telemetry.run_count(id, interval).await?)))
            .buffered(AT_ONCE);
        let counts: Vec<(DeviceId, u64)> = counts.try_collect().await?;
        Ok(Special::Unused {
            unused: counts.into_iter().filter(|it| it.1 == 0).map(|it| it.0).collect(),
            silent,
            asked: asked.len(),
        })
    }
}
