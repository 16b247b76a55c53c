//! What there is: devices, rooms, and since when there are readings.

use super::{
    frame::Frame,
    lexicon::Cue,
    plan::{Metric, Operation, Plan, Want},
};

impl Frame<'_> {
    pub(super) fn inventory(&self) -> Option<Plan> {
        if self.has(Cue::DataRange) {
            return Some(Plan {
                want: Some(Want::Since),
                ..Plan::new(Operation::Inventory, Metric::Energy)
            });
        }
        let ordered = self.extreme() || self.reading.ordinal().is_some();
        let measured = self.measure.energy || self.measure.cost || self.measure.power || ordered;
        let asked = self.reading.any(&[Cue::What, Cue::HowMuch, Cue::Have, Cue::Inventory]);
        if self.has(Cue::Rooms) && asked && !measured && self.named == 0 && self.times == 0 {
            return Some(Plan {
                want: Some(Want::Rooms),
                ..Plan::new(Operation::Inventory, Metric::Runs)
            });
        }
        let active = self
            .reading
            .any(&[Cue::Use, Cue::On, Cue::Now, Cue::Top, Cue::Consumer]);
        let alone = self
            .reading
            .evidence
            .iter()
            .all(|it| it.cue.is_empty() || it.cue == Cue::Device)
            && self.named == 0
            && self.reading.numbers.is_empty();
        let counted = self.phrases(&[
            "number of devices",
            "number of appliances",
            "number of plugs",
            "count of devices",
        ]);
        let listed = self.has(Cue::Inventory)
            || counted
            || self.has(Cue::Device) && alone
            || self.has(Cue::Device) && self.reading.any(&[Cue::Have, Cue::HowMuch, Cue::What])
            || self.phrases(&["what have i in", "what have we in"]) && self.named > 0
            || self.has(Cue::Have) && (self.named > 0 || self.reading.any(&[Cue::HowMuch, Cue::What]));
        let want = if counted || self.has(Cue::HowMuch) {
            Want::Count
        } else {
            Want::Devices
        };
        (listed && !measured && !active && self.times == 0).then(|| Plan {
            want: Some(want),
            ..Plan::new(Operation::Inventory, Metric::Runs)
        })
    }
}
