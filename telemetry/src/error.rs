//! What can go wrong, in the words of homes, devices and readings.

use std::{sync::Arc, time::Duration};

use tonic::Code;
use tonic_types::ErrorDetails;
use voltaire_mesh::{Invalid, Refusal, error::database_kind};
use voltaire_types::{DeviceId, Timestamp};

use crate::{alert::MAX_RULES, correction::MAX_CORRECTIONS, device::MAX_DEVICES, home::MAX_HOMES};

/// Why a call was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The caller has no such home.
    #[error("you have no home with this id")]
    NoHome,
    /// The caller has no such device.
    #[error("you have no device with this id")]
    NoDevice,
    /// Another device of the home has the name or one of the aliases, as its name or as an alias.
    #[error("another device of this home has this name or alias: names differ without regard to case")]
    NameTaken,
    /// The caller has as many homes as one may.
    #[error("at most {MAX_HOMES} homes are possible: delete one first")]
    TooManyHomes,
    /// The home has as many devices as it may.
    #[error("at most {MAX_DEVICES} devices are possible in a home: delete one first")]
    TooManyDevices,
    /// The caller has no such alert rule.
    #[error("you have no alert rule with this id")]
    NoAlertRule,
    /// The caller has no such alert.
    #[error("you have no alert with this id")]
    NoAlert,
    /// The home has as many alert rules as it may.
    #[error("at most {MAX_RULES} alert rules are possible in a home: delete one first")]
    TooManyAlertRules,
    /// The name typed once more is not the home's.
    #[error("confirm_name must be exactly the home's name")]
    NameMismatch,
    /// The caller has no such correction.
    #[error("you have no correction with this id")]
    NoCorrection,
    /// Another correction of the device is in force for some of the time.
    #[error("another correction of this device is in force for some of this time: undo it first")]
    CorrectionsOverlap,
    /// As many corrections of the device are in force as may be.
    #[error("at most {MAX_CORRECTIONS} corrections of a device can be in force: undo one first")]
    TooManyCorrections,
    /// Readings of that time have been dropped.
    #[error("readings of some of this time have been dropped: what they gave cannot be changed any more")]
    NotKept,
    /// The meter tree would have a circle.
    #[error("a device cannot be metered by itself or by a device below it")]
    MeterCycle,
    /// A field is missing or wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The question would read more readings one by one than it may.
    #[error(
        "this would read more than {0} readings one by one: ask for a shorter period, for fewer devices, or in steps of \
         whole quarter hours"
    )]
    TooMuchToRead(u64),
    /// The process is going down; another one or the next one takes over.
    #[error("the server is restarting")]
    Draining,
    /// A live stream has run for as long as one may; it goes on where it stopped when opened again.
    #[error("the stream has run for its time: open it again from where it stopped")]
    StreamExpired,
    /// The reader of a live stream has taken nothing for too long; it goes on where it stopped when opened again.
    #[error("nothing has been read for too long: open the stream again from where it stopped")]
    StreamStalled,
    /// Packed data are not what was packed.
    #[error("sealed data of device {device} of {day} are damaged")]
    Damaged {
        /// Whose.
        device: DeviceId,
        /// Of which day of UTC.
        day: Timestamp,
    },
    /// As many watch as may.
    #[error("too many live streams are open: close one first, or try again later")]
    TooManyWatch,
    /// More than a token or a home may send or ask; after so long it may again.
    #[error("more than one token or home may send or ask at once")]
    TooFast(Duration),
    /// As many batches wait to be stored as may.
    #[error("too many readings wait to be stored: try again shortly")]
    Busy,
    /// A group of batches could not be stored; nothing of it was.
    #[error("the readings could not be stored")]
    NotStored(#[source] Arc<sqlx::Error>),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] sqlx::Error),
}

impl Refusal for Error {
    const DOMAIN: &'static str = "voltaire.telemetry";

    fn kind(&self) -> (Code, &'static str) {
        match self {
            Self::NoHome => (Code::NotFound, "NO_HOME"),
            Self::NoDevice => (Code::NotFound, "NO_DEVICE"),
            Self::NameTaken => (Code::AlreadyExists, "NAME_TAKEN"),
            Self::TooManyHomes => (Code::ResourceExhausted, "TOO_MANY_HOMES"),
            Self::TooManyDevices => (Code::ResourceExhausted, "TOO_MANY_DEVICES"),
            Self::NoAlertRule => (Code::NotFound, "NO_ALERT_RULE"),
            Self::NoAlert => (Code::NotFound, "NO_ALERT"),
            Self::TooManyAlertRules => (Code::ResourceExhausted, "TOO_MANY_ALERT_RULES"),
            Self::NameMismatch => (Code::FailedPrecondition, "NAME_MISMATCH"),
            Self::NoCorrection => (Code::NotFound, "NO_CORRECTION"),
            Self::CorrectionsOverlap => (Code::FailedPrecondition, "CORRECTIONS_OVERLAP"),
            Self::TooManyCorrections => (Code::ResourceExhausted, "TOO_MANY_CORRECTIONS"),
            Self::NotKept => (Code::FailedPrecondition, "NOT_KEPT"),
            Self::MeterCycle => (Code::FailedPrecondition, "METER_CYCLE"),
            Self::Invalid(_) => (Code::InvalidArgument, "INVALID_FIELD"),
            Self::TooMuchToRead(_) => (Code::FailedPrecondition, "TOO_MUCH_TO_READ"),
            Self::Draining => (Code::Unavailable, "DRAINING"),
            Self::StreamExpired => (Code::Unavailable, "STREAM_EXPIRED"),
            Self::StreamStalled => (Code::Unavailable, "STREAM_STALLED"),
            Self::TooManyWatch => (Code::ResourceExhausted, "TOO_MANY_WATCH"),
            Self::TooFast(_) => (Code::ResourceExhausted, "TOO_FAST"),
            Self::Busy => (Code::ResourceExhausted, "BUSY"),
            Self::NotStored(error) => match database_kind(error) {
                full @ (Code::ResourceExhausted, _) => full,
                _ => (Code::Unavailable, "NOT_STORED"),
            },
            Self::Damaged { .. } => (Code::DataLoss, "DAMAGED"),
            Self::Store(error) => database_kind(error),
        }
    }

    fn details(&self, details: &mut ErrorDetails) {
        match self {
            Self::Invalid(invalid) => invalid.describe(details),
            Self::TooFast(wait) => {
                details.set_retry_info(Some(*wait));
            }
            Self::Busy => {
                details.set_retry_info(Some(Duration::from_secs(1)));
            }
            Self::NoHome
            | Self::NoDevice
            | Self::NameTaken
            | Self::TooManyHomes
            | Self::TooManyDevices
            | Self::NoAlertRule
            | Self::NoAlert
            | Self::TooManyAlertRules
            | Self::NameMismatch
            | Self::MeterCycle
            | Self::NoCorrection
            | Self::CorrectionsOverlap
            | Self::TooManyCorrections
            | Self::NotKept
            | Self::TooMuchToRead(_)
            | Self::Draining
            | Self::StreamExpired
            | Self::StreamStalled
            | Self::Damaged { .. }
            | Self::TooManyWatch
            | Self::NotStored(_)
            | Self::Store(_) => {}
        }
    }
}
voltaire_mesh::refusal_to_status!(Error);
