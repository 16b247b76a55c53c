//! Corrections.

use voltaire_mesh::{Invalid, parse, wire};
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::{CorrectionId, Interval, Timestamp, UserId, Watts};

use super::query::interval_out;
use crate::correction::{Correction, check};
use crate::error::Error;

impl From<Correction> for pb::Correction {
    fn from(correction: Correction) -> Self {
        let Correction {
            id,
            device,
            interval,
            estimate,
            reason,
            author,
            created_at,
            undone_at,
        } = correction;
        Self {
            correction_id: id.to_string(),
            device_id: device.to_string(),
            interval: Some(interval_out(interval)),
            estimate_watts: estimate.map(|it| it.0),
            reason,
            author_id: author.to_string(),
            create_time: Some(wire::timestamp(created_at)),
            undo_time: undone_at.map(wire::timestamp),
        }
    }
}

/// Reads a new correction of a user.
pub(crate) fn new_correction(
    request: &pb::CreateCorrectionRequest,
    author: UserId,
    now: Timestamp,
) -> Result<Correction, Error> {
    let device = parse("device_id", &request.device_id)?;
    let interval = request
        .interval
        .as_ref()
        .ok_or_else(|| Invalid::new("interval", "must be set"))?;
    let instant = |field: &str, at: &Option<prost_types::Timestamp>| wire::parse_timestamp(field, at.as_ref());
    let correction = Correction {
        id: CorrectionId::new(),
        device,
        interval: Interval::new(
            instant("interval.start_time", &interval.start_time)?,
            instant("interval.end_time", &interval.end_time)?,
        ),
        estimate: request.estimate_watts.map(Watts),
        reason: request.reason.trim().to_owned(),
        author,
        created_at: now,
        undone_at: None,
    };
    check(&correction)?;
    Ok(correction)
}
