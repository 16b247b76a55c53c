//! Samples as they are handed on.

use std::{
    ops::{Deref, Range},
    sync::Arc,
};

use voltaire_types::{Interval, Timestamp};

use crate::figures::Sample;

/// Samples in time's order: a part of an opened block, which others may look at as well, or some that were read for who asked.
#[derive(Clone, Debug)]
pub(crate) enum Samples {
    /// Of a block.
    Shared(Arc<[Sample]>, Range<usize>),
    /// Read from rows, or put together.
    Own(Vec<Sample>),
}

impl Samples {
    /// Those of a block that are within the interval.
    pub(super) fn within(block: &Arc<[Sample]>, interval: Interval) -> Self {
        let place = |at: Timestamp| block.partition_point(|it| it.at < at);
        Self::Shared(block.clone(), place(interval.start)..place(interval.end))
    }
}

impl Deref for Samples {
    type Target = [Sample];

    fn deref(&self) -> &[Sample] {
        match self {
            Self::Shared(block, range) => block.get(range.clone()).unwrap_or_default(),
            Self::Own(samples) => samples,
        }
    }
}

impl Default for Samples {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl From<Vec<Sample>> for Samples {
    fn from(samples: Vec<Sample>) -> Self {
        Self::Own(samples)
    }
}
