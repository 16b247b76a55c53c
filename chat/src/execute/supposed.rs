//! What would have been with a part more or less.

use voltaire_types::{Decimal, Interval};

use super::{Run, special::Special, totals::units, value_of};
use crate::{error::Result, understand::timex};

impl Run<'_> {
    /// Energy, and with it its cost, by the factor; the standing charge stays what it is, and so does not count in.
    pub(super) async fn supposed(&self, interval: Interval) -> Result<Option<Special>> {
        let Some(factor) = self.plan.factor else {
            return Ok(None);
        };
        let mut whole = self.whole(interval).await?;
        whole.cost -= whole.standing_charge;
        whole.standing_charge = Decimal::ZERO;
        let units = self.plan.bucket.map(|bucket| {
            let unit = timex::unit_of(bucket);
            units(&self.house.home.calendar, unit, interval).max(f64::MIN_POSITIVE)
        });
        let before = value_of(&whole, self.plan.metric) / units.unwrap_or(1.0);
        Ok(Some(Special::Supposed {
            whole,
            before,
            after: before * factor,
            per: self.plan.bucket,
        }))
    }
}
