//! What would have been with a part more or less, or at another price.

use voltaire_types::{Decimal, Interval};

use super::{Run, amount, model::Summary, special::Special, totals::units, value_of};
use crate::{error::Result, understand::timex};

impl Run<'_> {
    /// Energy, and with it its cost, by the factor, or its cost by the price; the standing charge stays what it is, and so
    /// does not count in.
    pub(super) async fn supposed(&self, interval: Interval) -> Result<Option<Special>> {
        if self.plan.factor.is_none() && self.plan.amount.is_none() {
            return Ok(None);
        }
        let mut whole = self.whole(interval).await?;
        whole.cost -= whole.standing_charge;
        whole.standing_charge = Decimal::ZERO;
        let units = self.plan.bucket.map(|bucket| {
            let unit = timex::unit_of(bucket);
            units(&self.house.home.calendar, unit, interval).max(f64::MIN_POSITIVE)
        });
        let units = units.unwrap_or(1.0);
        let before = value_of(&whole, self.plan.metric) / units;
        let after = match (self.plan.factor, self.plan.amount) {
            (None, Some(price)) => at_price(&whole, price) / units,
            (factor, _) => before * factor.unwrap_or(1.0),
        };
        Ok(Some(Special::Supposed {
            whole,
            before,
            after,
            per: self.plan.bucket,
        }))
    }
}

/// What is paid for, at that price of a kWh.
fn at_price(whole: &Summary, price: Decimal) -> f64 {
    whole.paid_wh / 1000.0 * amount(price)
}
