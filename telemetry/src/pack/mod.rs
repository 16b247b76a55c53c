//! Many numbers in few bytes: the readings of a day, and the figures of its quarter hours. No I/O.
//!
//! Both are columns (`column`) behind a checksum (`seal`) that also covers whose they are and when, so that bytes that were
//! damaged, or belong to another device or day, are an error and never a number.

mod column;
pub(crate) mod quarters;
pub(crate) mod readings;
mod seal;

use voltaire_types::{DeviceId, Timestamp};

/// Packed bytes are not what was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("packed data are damaged")]
pub(crate) struct Damaged;

/// Whose bytes these are, and of which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The device.
    pub device: DeviceId,
    /// When the day begins, UTC.
    pub start: Timestamp,
}
