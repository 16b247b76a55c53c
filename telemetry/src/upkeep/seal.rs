//! Days that are over become blocks; what is too old to be kept is dropped.

use super::{DEVICES, Upkeep};
use crate::{error::Error, figures::rollup::day_start, store::Edition};

/// Readings that are sealed in one transaction, if a day has no more: few enough that who stores readings need not wait long.
const READINGS: usize = 20_000;
/// Blocks that are opened at a time where nothing is to be sealed.
const BLOCKS: u32 = 50;

impl Upkeep {
    /// Seals days of some devices, or opens some where nothing is to be sealed. Says how many days that were.
    pub(super) async fn seal(&self) -> Result<usize, Error> {
        let Some(after) = self.settings.seal_after else {
            return self.store.unseal(BLOCKS).await;
        };
        let before = day_start(self.clock.now().minus(after));
        let devices = self.store.devices_to_seal(before, DEVICES).await?;
        let mut sealed = 0;
        for progress in self.store.progress(&devices).await? {
            let until = progress.sealable(before);
            let sealing = self.store.begin_seal(progress, until, READINGS).await?;
            sealed += self.store.finish_seal(sealing).await?;
        }
        metrics::counter!("voltaire_sealed_days_total").increment(sealed as u64);
        if sealed > 0 {
            self.store.drop_empty_chunks(before).await?;
        }
        Ok(sealed)
    }

    /// Where days are not sealed, lets TimescaleDB compress its chunks if its edition can, and says in the log what comes of it.
    pub(super) async fn choose_compression(&self) -> Result<(), Error> {
        let wanted = self.settings.seal_after.is_none();
        match self.store.timescale_edition().await? {
            Edition::None => return Ok(()),
            Edition::Apache if wanted => {
                tracing::info!("this edition of TimescaleDB has no compression: readings stay as they are stored");
            }
            Edition::Apache => {
                tracing::info!("readings are sealed by day; this edition of TimescaleDB has no compression");
            }
            Edition::Community if wanted => tracing::info!("TimescaleDB compresses readings after a week"),
            Edition::Community => tracing::info!("readings are sealed by day; TimescaleDB compresses none"),
        }
        self.store.compress_chunks(wanted).await.map(drop)
    }

    /// Drops readings that are too old to be kept. Says of how many devices.
    pub(super) async fn drop_old(&self) -> Result<usize, Error> {
        let Some(keep) = self.settings.keep else {
            return Ok(0);
        };
        let before = day_start(self.clock.now().minus(keep));
        self.store.drop_readings(before, DEVICES).await
    }
}
