//! What is known of the powers in a stretch of time before its readings are looked at.

use voltaire_types::Interval;

use crate::figures::{
    PowerAt,
    energy::Figures,
    rollup::{Rollup, hull},
};

/// What is known of the devices in a stretch of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Together no more than this, W.
    pub(super) high: f64,
    /// Together no less, W.
    pub(super) low: f64,
    /// In how much of it any is covered, µs; none: not known without looking closer.
    pub(super) measured: Option<i64>,
}

impl Bounds {
    pub(super) const UNKNOWN: Self = Self {
        high: f64::INFINITY,
        low: f64::NEG_INFINITY,
        measured: None,
    };
}

/// A stretch of time that may be searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) interval: Interval,
    pub(super) bounds: Bounds,
    /// Whether quarters of it can be looked at one by one.
    pub(super) is_day: bool,
}

/// Which extreme is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Highest,
    Lowest,
}

impl Side {
    /// What the best power in the cell may be; larger is better.
    pub(super) fn promise(self, cell: &Cell) -> f64 {
        match self {
            Self::Highest => cell.bounds.high,
            Self::Lowest => -cell.bounds.low,
        }
    }

    pub(super) fn of(self, figures: &Figures) -> Option<PowerAt> {
        let (highest, lowest) = figures.observed();
        match self {
            Self::Highest => highest,
            Self::Lowest => lowest,
        }
    }

    pub(super) fn worth(self, power: PowerAt) -> f64 {
        match self {
            Self::Highest => power.power.0,
            Self::Lowest => -power.power.0,
        }
    }
}

/// Whether nothing in the cell can be better than the best so far, nor as good and earlier.
pub(super) fn is_worse(side: Side, cell: &Cell, best: PowerAt) -> bool {
    // Sums of many bounds and of many curves differ by their rounding.
    let slack = 1e-6 + side.worth(best).abs() * 1e-9;
    match side.promise(cell) + slack {
        promise if promise < side.worth(best) => true,
        _ => side.promise(cell) <= side.worth(best) && cell.interval.start > best.at,
    }
}

/// The least and the most that a device may draw; nothing where it may be in a gap.
pub(super) fn powers(here: &Rollup, near: &[Rollup], covered: bool) -> (f64, f64) {
    let all = std::iter::once(here).chain(near).filter_map(|it| it.extremes);
    let Some((least, most)) = hull(all.map(|it| (it.lowest.power.0, it.highest.power.0))) else {
        return (0.0, 0.0);
    };
    if covered {
        (least, most)
    } else {
        (least.min(0.0), most.max(0.0))
    }
}
