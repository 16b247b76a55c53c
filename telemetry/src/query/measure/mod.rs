//! Readings become figures: from rollups where they are kept, from readings where they are not.
//!
//! Amounts (energy, what is paid, covered time, counts) of several devices are the sums of each one's, whole days and whole
//! quarters from their rollups. What is left, as the quarter that still runs, is measured (`raw`). Powers of several
//! devices together are no sums: `shape` finds them.

mod cell;
mod kept;
pub(crate) mod raw;
mod shape;
mod stretches;

pub(crate) use stretches::Stretches;

use std::{sync::Arc, time::Duration};

use voltaire_types::{DeviceId, Timestamp};

use crate::{
    error::Error,
    figures::energy::{Steps, Weight},
    pack::quarters::Depth,
    store::Store,
};

/// A device and how it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    /// Which.
    pub id: DeviceId,
    /// Longest gap that still counts as covered.
    pub max_gap: Duration,
    /// How it counts.
    pub weight: Weight,
    /// Whether its early readings are dropped, so that of them only quarter hours say something.
    pub drops: bool,
}

impl Meter {
    /// Whether a total of these is about one device only, so that its powers are that device's.
    pub(crate) fn stands_alone(meters: &[Self]) -> bool {
        matches!(meters, [one] if one.weight.factor.total_cmp(&1.0).is_eq())
    }
}

/// The figures of the devices together, in steps from each boundary to the next.
pub(crate) async fn measure(store: &Store, meters: &[Meter], boundaries: Arc<[Timestamp]>) -> Result<Steps, Error> {
    let mut steps = kept::add_up(store, meters, boundaries, Depth::Everything).await?;
    if !Meter::stands_alone(meters) {
        shape::find(store, meters, &mut steps).await?;
    }
    Ok(steps)
}

/// The same without powers: neither average nor highest nor lowest ones are right, nor the measured time.
pub(crate) async fn amounts(store: &Store, meters: &[Meter], boundaries: Arc<[Timestamp]>) -> Result<Steps, Error> {
    kept::add_up(store, meters, boundaries, Depth::Amounts).await
}

/// The same of each device by itself, all read together; the measured time of each is right.
pub(crate) async fn amounts_of_each(
    store: &Store,
    meters: &[Meter],
    boundaries: Arc<[Timestamp]>,
) -> Result<Vec<Steps>, Error> {
    kept::add_up_each(store, meters, boundaries, Depth::Amounts).await
}

/// The figures of each device as its own meter shows them, all read together, powers among them.
pub(crate) async fn measure_each(
    store: &Store,
    meters: &[Meter],
    boundaries: Arc<[Timestamp]>,
) -> Result<Vec<Steps>, Error> {
    let as_metered = |meter: &Meter| Meter {
        weight: Weight::METER,
        ..*meter
    };
    let meters: Vec<_> = meters.iter().map(as_metered).collect();
    kept::add_up_each(store, &meters, boundaries, Depth::Everything).await
}
