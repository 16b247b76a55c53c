//! Understanding: a question becomes a typed plan, a question back, or an honest no. Pure and deterministic: no I/O, no
//! proto types, no clock of its own.
//!
//! `normalise` makes tokens, `entities` finds devices, `timex` finds and resolves periods, `lexicon` says which other words
//! are evidence of what, `frame` turns evidence into an operation (there is no default one), `dialogue` fills in what an
//! earlier turn said. Every content word must be consumed by a rule that fired; one that is left over is named.

mod alike;
mod allowed;
mod around;
mod asides;
mod asked_for;
mod beside;
mod carry;
mod concepts;
mod delta;
mod dialogue;
mod draw;
mod entities;
mod frame;
mod habit;
mod harmless;
mod inventory;
mod leftovers;
mod lexicon;
mod live;
mod meant;
mod measure;
mod money;
mod naming;
mod normalise;
mod numerals;
pub mod plan;
mod questions;
mod reading;
mod refuse;
mod rooms;
mod runs;
pub(crate) mod said;
mod selection;
mod senses;
mod settle;
mod signs;
mod special;
mod spelling;
#[cfg(test)]
mod tests;
mod then;
pub mod timex;

use serde::{Deserialize, Serialize};
use voltaire_types::{Calendar, DeviceId, Timestamp};

pub use entities::Named;
use plan::Plan;
pub use questions::Part;
use reading::Reading;
pub(crate) use selection::Pick;
use timex::Today;

/// The home a question is about.
#[derive(Clone, Debug)]
pub struct World {
    /// Its calendar.
    pub calendar: Calendar,
    /// Its devices.
    pub devices: Vec<Named>,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// Whether `10/11` is the 11th of October.
    pub month_first: bool,
}

/// What earlier turns of the conversation said.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Plans that were answered, the latest last.
    pub plans: Vec<Plan>,
    /// The devices that the latest answer named: "it".
    pub focus: Vec<DeviceId>,
    /// A question back that waits for its answer.
    pub pending: Option<Pending>,
    /// Whether the latest question was not understood: what goes on from it is not read as going on from the ones before.
    pub missed: bool,
}

/// A question back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The plan without the devices in doubt.
    pub plan: Plan,
    /// Who may be meant.
    pub options: Vec<DeviceId>,
    /// The words in doubt.
    pub words: String,
}

/// What a question is recognised as, but cannot be answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The always-on load.
    AlwaysOn,
    /// Runs, their number and length, when something was on.
    Runs,
    /// What is unusual or usual.
    Unusual,
    /// Why something differs.
    Why,
    /// What will be.
    Forecast,
    /// What would be.
    WhatIf,
    /// How long a value was above a bound.
    Threshold,
    /// Gaps in the readings.
    DataQuality,
    /// Volts and amperes.
    Electrical,
    /// Sun, battery, export.
    Solar,
    /// Carbon dioxide.
    Carbon,
    /// Prices of the past.
    PastPrice,
    /// Parts of several days, for what is not told of them.
    SeveralDays,
    /// The night before some weekdays, or the one after them.
    WhichNight,
    /// What to do.
    Advice,
    /// An order to do something.
    Command,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq)]
pub enum No {
    /// These words were not understood; none: the question as a whole.
    NotUnderstood(Vec<String>),
    /// Not about the home's energy.
    OffTopic,
    /// There is no such device.
    UnknownDevice(String),
    /// It has not come yet.
    Future,
    /// Understood, but not supported.
    Unsupported(Topic),
    /// About someone else.
    Private,
    /// Another currency than the home's.
    OtherCurrency(String),
    /// Money is asked for, and the home has no price: known only when the plan is run.
    NoTariff,
}

impl No {
    /// Whether something was asked about the home's energy that nobody knows any more.
    pub const fn is_missed(&self) -> bool {
        matches!(
            self,
            Self::NotUnderstood(_) | Self::UnknownDevice(_) | Self::Unsupported(_)
        )
    }
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Understood {
    /// A plan to run.
    Plan {
        /// The plan.
        plan: Plan,
        /// 0 to 1.
        confidence: f64,
        /// Words that were left aside.
        unknown: Vec<String>,
    },
    /// Who is meant?
    Clarify(Pending),
    /// An honest no.
    Refuse(No),
    /// A greeting or thanks.
    Courtesy,
    /// Several questions in one message, in order.
    Several(Vec<Part>),
}

/// The most bytes a question has.
pub const MAX_QUESTION: usize = 4096;

/// Reads a message: a question, or several. Its time is linear in the message's length.
pub fn understand(text: &str, world: &World, context: &Context, now: Timestamp) -> Understood {
    let whole = one(text, world, context, now);
    match questions::several(text, (world, now), context, &whole) {
        Some(mut parts) if parts.len() == 1 => parts.remove(0).understood,
        Some(parts) => Understood::Several(parts),
        // One that is understood apart from what stands beside it is not mixed with that.
        None => asides::question(text, (world, now), context, &whole).unwrap_or(whole),
    }
}

/// Reads a message as one question.
fn one(text: &str, world: &World, context: &Context, now: Timestamp) -> Understood {
    let today = Today {
        calendar: &world.calendar,
        now,
    };
    let mut reading = Reading::new(text, world, today);
    reading.alike(world, context);
    reading.of_the_sun = reading.mentions.is_empty() && last_of_the_sun(world, context);
    let answered = context
        .pending
        .as_ref()
        .and_then(|it| dialogue::answered(it, &reading, world));
    if let Some(answered) = answered {
        return answered;
    }
    if let Some(courtesy) = refuse::courtesy(&reading) {
        return courtesy;
    }
    if let Some(plan) = then::of_then(&reading, context) {
        return finish(plan, 1.0, Vec::new(), today);
    }
    // "What if only 20 %?" goes on from what was supposed before.
    let last = context.plans.last().filter(|_| !context.missed);
    let last = last.filter(|_| !reading.numbers.is_empty() && reading.mentions.is_empty());
    // "Above 3 kW? - And more than 5 kW."
    let goes_on = |no: &No| match last.map(|it| it.operation) {
        Some(plan::Operation::WhatIf) => *no == No::Unsupported(Topic::WhatIf),
        Some(plan::Operation::Duration) => *no == No::Unsupported(Topic::Threshold),
        _ => false,
    };
    if let Some(no) = refuse::refusal(&reading, world).filter(|no| !goes_on(no)) {
        return Understood::Refuse(to_come(no, &reading, today));
    }
    let mut aside = refuse::aside(&reading);
    aside.extend(
        harmless::harmless(&reading)
            .into_iter()
            .filter(|it| !aside.contains(it))
            .collect::<Vec<_>>(),
    );
    if let Some(no) = refuse::unknown(&reading, &aside) {
        return Understood::Refuse(no);
    }
    let confidence = (1.0 - 0.08 * f64::from(reading.fixes) - 0.2 * f64::from(u8::from(!aside.is_empty()))).max(0.5);
    match dialogue::plan(&reading, context, today) {
        dialogue::Turn::Plan(plan) => finish(plan, confidence, aside, today),
        dialogue::Turn::Clarify(pending) => Understood::Clarify(pending),
        dialogue::Turn::Refuse(no) => Understood::Refuse(no),
    }
}

/// "How much will we use on 1 April?": of a day that is named without its year, the next one is meant.
fn to_come(no: No, reading: &Reading, today: Today<'_>) -> No {
    let will = reading
        .tokens
        .iter()
        .any(|it| ["will", "gonna"].contains(&it.text.as_str()));
    let [only] = reading.times.as_slice() else {
        return no;
    };
    let over = match &only.meaning {
        timex::Meaning::Expr(expr) => timex::whole(expr, today).is_ok_and(|it| it.end <= today.now),
        _ => false,
    };
    if will && over && no == No::Unsupported(Topic::Forecast) {
        No::Future
    } else {
        no
    }
}

/// Whether the last question was about devices that make energy of the sun.
fn last_of_the_sun(world: &World, context: &Context) -> bool {
    let last = context
        .plans
        .last()
        .filter(|it| !context.missed && !it.selection.except);
    let sunny = |id: &DeviceId| world.devices.iter().any(|it| it.id == *id && it.kind.contains("solar"));
    last.is_some_and(|it| !it.selection.is_home() && it.selection.devices.iter().all(sunny))
}

/// A plan whose time has not come, or cannot be told, is none.
fn finish(plan: Plan, confidence: f64, unknown: Vec<String>, today: Today<'_>) -> Understood {
    for expr in plan.period.iter().chain(&plan.compare_to) {
        match timex::resolve(expr, today.calendar, today.now) {
            Ok(_) if !plan.takes_parts() && has_parts(expr, today) => {
                return Understood::Refuse(No::Unsupported(Topic::SeveralDays));
            }
            Ok(_) => {}
            Err(timex::TimeProblem::Future) => return Understood::Refuse(No::Future),
            Err(timex::TimeProblem::SeveralDays) => return Understood::Refuse(No::Unsupported(Topic::SeveralDays)),
            Err(timex::TimeProblem::Unclear) => return Understood::Refuse(No::NotUnderstood(Vec::new())),
        }
    }
    Understood::Plan {
        plan,
        confidence,
        unknown,
    }
}

/// Whether a period is made of several stretches.
fn has_parts(expr: &plan::TimeExpr, today: Today<'_>) -> bool {
    timex::stretches(expr, today.calendar, today.now).is_ok_and(|it| it.is_some_and(|it| it.each.len() > 1))
}
