//! Where the home's power goes: what devices explain, and what they do not.

/// Which way a device's energy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Uses energy.
    Consumption,
    /// Meters the connection to the grid.
    Grid,
    /// Produces energy.
    Production,
    /// Stores energy: positive is charging.
    Storage,
}

/// A device's power now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Which way its energy goes.
    pub flow: Flow,
    /// W; `None` when not known or stale.
    pub watts: Option<f64>,
    /// Whether another consumer meters it as well.
    pub nested: bool,
}

/// What devices leave unexplained, W: positive is power that no device meters, negative that devices say more than the meter.
/// `None` without a grid meter that is fresh.
pub fn untracked(loads: &[Load]) -> Option<f64> {
    let sum = |flow: Flow| {
        let of_flow = loads.iter().filter(move |load| load.flow == flow && !load.nested);
        of_flow
            .filter_map(|load| load.watts)
            .fold(None, |sum: Option<f64>, watts| Some(sum.unwrap_or(0.0) + watts))
    };
    let used = sum(Flow::Grid)? + sum(Flow::Production).unwrap_or(0.0) - sum(Flow::Storage).unwrap_or(0.0);
    Some(used - sum(Flow::Consumption).unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(flow: Flow, watts: f64, nested: bool) -> Load {
        Load {
            flow,
            watts: Some(watts),
            nested,
        }
    }

    #[test]
    fn what_no_device_explains_is_left() {
        let loads = [
            load(Flow::Grid, 1410.0, false),
            load(Flow::Production, 900.0, false),
            load(Flow::Consumption, 1000.0, false),
            load(Flow::Consumption, 620.0, false),
            load(Flow::Consumption, 600.0, true),
        ];
        assert!((untracked(&loads).unwrap() - 690.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_meter_nothing_is_known_of_the_rest() {
        assert_eq!(untracked(&[load(Flow::Consumption, 1.0, false)]), None);
        assert_eq!(
            untracked(&[Load {
                flow: Flow::Grid,
                watts: None,
                nested: false
            }]),
            None
        );
    }
}
