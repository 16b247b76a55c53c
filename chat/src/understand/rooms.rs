//! Rooms against each other: which of them used the most, and how much each did.

use super::{
    frame::Frame,
    lexicon::Cue,
    plan::{Operation, Plan, Want},
};

impl Frame<'_> {
    /// `energy by room`, `which room cost the most`, `top 3 rooms`.
    pub(crate) fn by_room(&self) -> Option<Plan> {
        let used = self.has(Cue::Use) || self.measure.energy || self.measure.cost;
        let split = self.has(Cue::Breakdown) || self.phrases(&["by room", "per room", "each room", "every room"]);
        let ranking = self.says(&["rank", "ranked", "ranking"]);
        let ordered = self.extreme() || ranking || self.has(Cue::Top) || self.reading.ordinal().is_some();
        let asked =
            self.has(Cue::Rooms) && (used && (self.has(Cue::What) || self.has(Cue::HowMuch)) || split || ordered);
        if !asked || self.named > 0 || self.has(Cue::Now) || self.times > 1 {
            return None;
        }
        let operation = if ordered { Operation::Rank } else { Operation::Breakdown };
        let rank = self.reading.ordinal().unwrap_or(0);
        let number = self.reading.numbers.first().map(|(value, _)| *value as u32);
        let usual = match (ranking, self.says(&["rooms"])) {
            (true, _) => 0,
            (false, true) => 3,
            (false, false) => 1,
        };
        Some(Plan {
            want: Some(Want::Rooms),
            limit: if ordered && rank == 0 {
                number.unwrap_or(usual)
            } else {
                0
            },
            rank,
            unit: self.energy_unit(),
            ..self.counted(operation)
        })
    }
}
