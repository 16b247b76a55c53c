//! Where the energy of a home comes from and goes to: grid, production, storage, consumption.

use super::energy::Figures;

/// Energy that goes both ways through a meter, Wh.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct BothWays {
    /// What was taken.
    pub taken: f64,
    /// What was taken less what was given.
    pub net: f64,
}

impl From<&Figures> for BothWays {
    /// What a meter saw that counts with what it takes.
    fn from(figures: &Figures) -> Self {
        Self {
            taken: figures.paid().0,
            net: figures.energy().0,
        }
    }
}

impl BothWays {
    /// What was given, Wh.
    pub(crate) fn given(self) -> f64 {
        self.taken - self.net
    }

    /// Adds what another meter saw.
    pub(crate) fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.net += other.net;
    }
}

/// Energies of a home, Wh; import + production + discharged = export + charged + consumption.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Flows {
    /// Taken from the grid.
    pub import: f64,
    /// Given to the grid.
    pub export: f64,
    /// Produced at home.
    pub production: f64,
    /// Taken by storage.
    pub charged: f64,
    /// Given by storage.
    pub discharged: f64,
    /// Used at home.
    pub consumption: f64,
}

impl Flows {
    /// The balance of a home whose connection to the grid is metered: what is used is what remains.
    pub(crate) fn metered(grid: BothWays, production: f64, storage: BothWays) -> Self {
        Self {
            import: grid.taken,
            export: grid.given(),
            production,
            charged: storage.taken,
            discharged: storage.given(),
            consumption: grid.net + production - storage.net,
        }
    }

    /// The balance of a home without a grid meter: what is missing came from the grid, what is too much went there.
    pub(crate) fn estimated(consumption: f64, production: f64, storage: BothWays) -> Self {
        let missing = consumption + storage.net - production;
        Self {
            import: missing.max(0.0),
            export: (-missing).max(0.0),
            production,
            charged: storage.taken,
            discharged: storage.given(),
            consumption,
        }
    }

    /// Adds another time.
    pub(crate) fn add(&mut self, other: &Self) {
        self.import += other.import;
        self.export += other.export;
        self.production += other.production;
        self.charged += other.charged;
        self.discharged += other.discharged;
        self.consumption += other.consumption;
    }

    /// What was produced and not given to the grid, Wh.
    pub(crate) fn self_consumption(&self) -> f64 {
        (self.production - self.export).max(0.0)
    }

    /// Self-consumption by production; none where nothing was produced.
    pub(crate) fn self_consumption_share(&self) -> Option<f64> {
        (self.production > 0.0).then(|| self.self_consumption() / self.production)
    }

    /// The share of consumption that did not come from the grid; none where nothing was used.
    pub(crate) fn self_sufficiency(&self) -> Option<f64> {
        (self.consumption > 0.0).then(|| (1.0 - self.import / self.consumption).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(taken: f64, given: f64) -> BothWays {
        BothWays {
            taken,
            net: taken - given,
        }
    }

    #[test]
    fn a_sunny_day_with_a_battery() {
        let it = Flows::metered(both(2_000.0, 5_000.0), 12_000.0, both(4_000.0, 3_000.0));
        assert_eq!((it.consumption, it.self_consumption()), (8_000.0, 7_000.0));
        assert_eq!(it.self_consumption_share(), Some(7.0 / 12.0));
        assert_eq!(it.self_sufficiency(), Some(0.75));
    }

    #[test]
    fn nothing_has_no_shares() {
        let nothing = Flows::default();
        assert_eq!(
            (nothing.self_consumption_share(), nothing.self_sufficiency()),
            (None, None)
        );
    }

    #[test]
    fn without_a_grid_meter_what_is_missing_is_import() {
        let it = Flows::estimated(300.0, 1_000.0, both(200.0, 0.0));
        assert_eq!((it.import, it.export), (0.0, 500.0));
        assert_eq!(Flows::estimated(300.0, 0.0, both(0.0, 100.0)).import, 200.0);
    }

    proptest! {
        #[test]
        fn what_comes_in_goes_out(values in prop::array::uniform5(0.0..1e6_f64), metered: bool) {
            let [a, b, production, charged, discharged] = values;
            let storage = both(charged, discharged);
            let it = if metered { Flows::metered(both(a, b), production, storage) } else { Flows::estimated(a, production, storage) };
            prop_assert!((it.import + it.production + it.discharged - it.export - it.charged - it.consumption).abs() < 1e-6);
            for share in [it.self_consumption_share(), it.self_sufficiency()].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }
    }
}
