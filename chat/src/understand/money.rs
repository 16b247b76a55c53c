//! Money that a question names: a price that is supposed, a budget to keep.

use voltaire_types::Decimal;

use super::{
    frame::Frame,
    lexicon::Cue,
    measure::per,
    plan::{Metric, Operation, Plan},
    refuse::text,
};

/// Hundredths of a currency.
const CENTS: [&str; 13] = [
    "cent", "cents", "pence", "penny", "pennies", "p", "ct", "cts", "paise", "ore", "öre", "øre", "sen",
];
/// Words of a bound that is to be kept.
const BOUND: [&str; 17] = [
    "enough", "aside", "hit", "reach", "pass", "budget", "max", "maximum", "limit", "cap", "target", "only", "under",
    "below", "within", "over", "exceed",
];
/// What never was.
const NEVER: [&str; 14] = [
    "never ran",
    "never run",
    "had never run",
    "had not run",
    "has not run",
    "did not run",
    "not run at all",
    "never used",
    "never been used",
    "not been used",
    "did not exist",
    "never existed",
    "was never on",
    "never on",
];

impl Frame<'_> {
    fn word_at(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.reading.tokens.get(at))
            .map_or("", |it| it.text.as_str())
    }

    /// The only number, in the home's currency; and whether a word of money stands beside it.
    fn amount(&self) -> Option<(Decimal, bool)> {
        let [(value, at)] = self.reading.numbers.as_slice() else {
            return None;
        };
        let money = |at: usize| {
            self.reading
                .evidence
                .iter()
                .any(|it| it.cue == Cue::Money && it.range.contains(&at))
        };
        let beside = money(at + 1) || at.checked_sub(1).is_some_and(money);
        let cents = CENTS.contains(&self.word_at(Some(at + 1)));
        let amount = Decimal::try_from(*value).ok().filter(|it| *it > Decimal::ZERO)?;
        let amount = if cents { amount / Decimal::ONE_HUNDRED } else { amount };
        let other = self.reading.unit().is_some() && self.word_at(Some(at + 1)) != "a" && !beside && !cents;
        (!other).then_some((amount.normalize(), beside || cents))
    }

    /// `what would the year have cost at 0.25 a kWh`.
    pub(super) fn price_supposed(&self) -> Option<Plan> {
        let (amount, _) = self.amount()?;
        let per_kwh = |it: &super::reading::Evidence| {
            let words = text(self.reading, it);
            it.cue == Cue::Price && ["kwh", "kilowatt", "unit"].iter().any(|word| words.contains(word))
        };
        let set =
            self.says(&["price", "tariff", "rate"]) && self.says(&["was", "were", "been", "went", "is", "of", "at"]);
        let each = ["a", "per", "each", "every"].iter().any(|it| {
            let unit = ["kwh", "kilowatt", "unit"];
            unit.iter().any(|unit| self.phrase(&format!("{it} {unit}")))
        });
        let priced = self.reading.evidence.iter().any(per_kwh) || set || each;
        let supposed = self.has(Cue::WhatIf) || self.says(&["would"]);
        let plain = !self.extreme() && !self.says(&["%", "percent"]);
        (priced && supposed && plain).then(|| Plan {
            amount: Some(amount),
            bucket: per(self.reading),
            ..Plan::new(Operation::WhatIf, Metric::Cost)
        })
    }

    /// `are we going to stay under 120`: what is not to be passed.
    pub(super) fn budget(&self) -> Option<Decimal> {
        let (amount, money) = self.amount()?;
        let bound = self.says(&BOUND) || self.phrases(&["more than", "less than", "at most", "no more"]);
        (bound && (money || self.measure.cost)).then_some(amount)
    }

    /// Whether something is supposed never to have run.
    pub(super) fn never(&self) -> bool {
        self.named > 0 && self.has(Cue::WhatIf) && self.phrases(&NEVER)
    }
}
