//! A question that would read too many readings one by one is refused before it reads them.

use std::time::Duration;

use voltaire_types::{Interval, Timestamp};

use super::{
    Setting,
    measure::{Meter, amounts},
};
use crate::{error::Error, figures::energy::Figures, store::Store};

const QUARTER: i64 = 900_000_000;
/// Quarter hours that may be cut at no matter what: the edges of a period and of a few prices.
const FEW: usize = 8;
/// How much is counted at a time.
const PORTION: Duration = Duration::from_hours(32 * 24);

/// Checks that figures in these steps do not need too many readings. Whole quarter hours need none; where a step begins or
/// ends within one, its readings are read.
pub(super) async fn affordable(
    store: &Store,
    setting: &Setting,
    meters: &[Meter],
    boundaries: &[Timestamp],
) -> Result<(), Error> {
    let within = |at: &&Timestamp| at.micros().rem_euclid(QUARTER) != 0;
    let mut cut: Vec<_> = boundaries
        .iter()
        .filter(within)
        .map(|at| at.micros().div_euclid(QUARTER))
        .collect();
    cut.dedup();
    let (Some(first), Some(last)) = (cut.first().copied(), cut.last().copied()) else {
        return Ok(());
    };
    if cut.len() <= FEW {
        return Ok(());
    }
    let at = |quarter: i64| Timestamp::from_micros(quarter.saturating_mul(QUARTER)).unwrap_or(Timestamp::MAX);
    let span = Interval::new(at(first), at(last + 1));
    // Steps of hours that begin off the quarter cut few of those quarters that they span.
    let share = cut.len() as f64 / (last - first + 1) as f64;
    count(store, setting, meters, &[span], share).await
}

/// Checks that the readings within these stretches are not too many to read all of them.
pub(super) async fn all_readable(
    store: &Store,
    setting: &Setting,
    meters: &[Meter],
    stretches: &[Interval],
) -> Result<(), Error> {
    count(store, setting, meters, stretches, 1.0).await
}

/// Counts readings in portions, and stops where it is more than allowed.
async fn count(
    store: &Store,
    setting: &Setting,
    meters: &[Meter],
    stretches: &[Interval],
    share: f64,
) -> Result<(), Error> {
    let most = setting.most_readings;
    let seconds: f64 = stretches.iter().map(|it| it.seconds()).sum();
    // Not even a reading a second would be too many.
    if seconds * meters.len() as f64 * share <= most as f64 {
        return Ok(());
    }
    let mut read = 0.0;
    for meter in meters {
        for portion in stretches.iter().flat_map(|it| portions(*it)) {
            let steps = amounts(store, std::slice::from_ref(meter), [portion.start, portion.end].into()).await?;
            read += share * steps.figures().iter().map(Figures::count).sum::<u64>() as f64;
            if read > most as f64 {
                return Err(Error::TooMuchToRead(most));
            }
        }
    }
    Ok(())
}

fn portions(stretch: Interval) -> impl Iterator<Item = Interval> {
    let starts = std::iter::successors(Some(stretch.start), |at| Some(at.plus(PORTION)));
    let starts = starts.take_while(move |at| *at < stretch.end);
    starts.map(move |start| Interval::new(start, start.plus(PORTION).min(stretch.end)))
}
