//! What is so now: whether a last reading is stale, whether a device is on, and the home's power.

use std::{collections::HashMap, time::Duration};

use voltaire_types::{DeviceId, Timestamp, Watts};

use super::{
    Sample,
    total::{self, Node},
};

/// Whether a last reading says nothing about now: it is older than the device's maximum gap, and an interval reading older
/// than two intervals.
pub(crate) fn is_stale(last: &Sample, max_gap: Duration, now: Timestamp) -> bool {
    now.since(last.at) > last.interval.map_or(max_gap, |interval| interval.saturating_mul(2))
}

/// The home's power by the readings that are not stale; none where all are, or where all of its grid meters' are.
pub(crate) fn home_power(nodes: &[Node], fresh: &HashMap<DeviceId, Watts>) -> Option<Watts> {
    let parts = total::home(nodes);
    let known = |id| fresh.get(id).copied();
    parts.iter().find(|(id, weight)| weight.covers && known(id).is_some())?;
    Some(
        parts
            .iter()
            .filter_map(|(id, weight)| Some(known(id)? * weight.factor))
            .sum(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, interval, point};
    use super::*;
    use crate::device::Flow;

    #[test]
    fn a_sample_is_stale_after_the_maximum_gap_and_an_interval_reading_after_two_intervals() {
        let gap = Duration::from_mins(5);
        assert!(!is_stale(&point(0, 1.0), gap, at(300)));
        assert!(is_stale(&point(0, 1.0), gap, at(301)));
        assert!(!is_stale(&interval(0, 3600, 1.0), gap, at(7200)));
        assert!(is_stale(&interval(0, 3600, 1.0), gap, at(7201)));
        assert!(!is_stale(&point(60, 1.0), gap, at(0)));
    }

    #[test]
    fn the_homes_power_needs_its_grid_meter() {
        let id = |number| DeviceId::from_uuid(uuid::Uuid::from_u128(number));
        let node = |number, flow| Node {
            id: id(number),
            parent: None,
            flow,
            measured: true,
        };
        let nodes = [
            node(1, Flow::Grid),
            node(2, Flow::Production),
            node(3, Flow::Consumption),
            node(4, Flow::Storage),
        ];
        let power = |known: &[(u128, f64)]| {
            let fresh = known
                .iter()
                .map(|(number, watts)| (id(*number), Watts(*watts)))
                .collect();
            home_power(&nodes, &fresh)
        };
        assert_eq!(
            power(&[(1, -200.0), (2, 900.0), (3, 50.0), (4, 100.0)]),
            Some(Watts(600.0))
        );
        assert_eq!(power(&[(1, 300.0)]), Some(Watts(300.0)));
        assert_eq!(power(&[(2, 900.0)]), None);
        assert_eq!(power(&[]), None);
    }
}
