//! What a question names by itself, whatever it asks: periods, devices, numbers. For a reader that is to say the rest, so
//! that it can neither add to them nor leave one out.

use voltaire_types::Timestamp;

use super::{
    World,
    carry::default_period,
    plan::{Plan, TimeExpr, Unit},
    reading::Reading,
    selection::{Pick, pick},
    timex::{Meaning, Today},
};

/// What is named.
#[derive(Debug)]
pub(crate) struct Said {
    /// The periods, in order.
    pub(crate) periods: Vec<TimeExpr>,
    /// Whether all that says when is a period of its own: not one that has not come, and none that stands on an earlier one.
    pub(crate) plain: bool,
    /// Whose energy.
    pub(crate) who: Pick,
    /// Numbers that belong to no period, numerals and ordinals included.
    pub(crate) numbers: Vec<f64>,
    /// The last unit.
    pub(crate) unit: Option<Unit>,
}

/// What these words name.
pub(crate) fn said(text: &str, world: &World, now: Timestamp) -> Said {
    let today = Today {
        calendar: &world.calendar,
        now,
    };
    let reading = Reading::new(text, world, today);
    let expr = |it: &Meaning| match it {
        Meaning::Expr(expr) => Some(expr.clone()),
        Meaning::Future
        | Meaning::Earlier
        | Meaning::DayBefore(_)
        | Meaning::Some(_)
        | Meaning::Torn
        | Meaning::Shift { .. } => None,
    };
    let periods: Vec<TimeExpr> = reading.meanings().filter_map(expr).collect();
    let numbers = reading.numbers.iter().map(|(value, _)| *value);
    Said {
        plain: periods.len() == reading.times.len(),
        periods,
        who: pick(&reading),
        numbers: numbers.chain(reading.ordinal().map(f64::from)).collect(),
        unit: reading.unit(),
    }
}

/// The plan with the period that it has where none is said.
pub(crate) fn with_default_period(mut plan: Plan) -> Plan {
    if plan.period.is_none() {
        plan.period = default_period(&plan);
    }
    plan
}
