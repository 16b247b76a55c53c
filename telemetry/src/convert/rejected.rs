//! Whose readings were rejected.

use std::collections::HashMap;

use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::DeviceId;

use crate::reading::Rejected;

/// How many readings of each device were rejected; of those whose device cannot be read, nothing is said.
pub(crate) fn rejected_of(readings: &[pb::Reading], rejected: &[Rejected]) -> HashMap<DeviceId, u32> {
    let mut counts = HashMap::new();
    let readings = rejected.iter().filter_map(|it| readings.get(it.index as usize));
    for device in readings.filter_map(|it| it.device_id.parse().ok()) {
        *counts.entry(device).or_default() += 1;
    }
    counts
}
