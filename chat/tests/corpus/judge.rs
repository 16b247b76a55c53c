//! Whether what was understood is what was meant: compared by meaning, periods as the instants they resolve to.

use std::collections::BTreeSet;

use voltaire_chat::understand::{
    Understood,
    plan::{Direction, Metric, Operation, Plan, Selection, TimeExpr, Want},
    timex,
};
use voltaire_types::{DeviceId, Timestamp};

use super::{
    gold::{Gold, Meaning, Period},
    home::Home,
};

/// How a turn ended, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// The plan that was meant, or thanks.
    Right,
    /// Asked back where that was due, with the right choices.
    AskedRightly,
    /// Refused where that was due, with the right sort of reason.
    RefusedRightly,
    /// The figure that was meant, without everything that was asked about it: a unit, a second metric, a limit.
    Partly,
    /// Asked back where it was clear, or with other choices.
    AskedNeedlessly,
    /// Refused what can be answered, or for a wrong reason.
    RefusedWrongly,
    /// A figure that was not meant.
    SilentlyWrong,
}

impl Verdict {
    /// All, best first.
    pub(crate) const ALL: [Self; 7] = [
        Self::Right,
        Self::AskedRightly,
        Self::RefusedRightly,
        Self::Partly,
        Self::AskedNeedlessly,
        Self::RefusedWrongly,
        Self::SilentlyWrong,
    ];

    /// Right, or asked or refused rightly.
    pub(crate) fn is_handled(self) -> bool {
        self <= Self::RefusedRightly
    }
}

/// Where and when it was asked.
pub(crate) struct Asked<'a> {
    pub(crate) home: &'a Home,
    pub(crate) now: Timestamp,
}

/// Whether a meaning names devices that there are, and periods that begin before they end, and before now.
pub(crate) fn is_well_formed(gold: &Gold, home: &Home, now: Timestamp) -> bool {
    let Gold::Plan(meaning) = gold else {
        return true;
    };
    let ids = home.ids(&meaning.of);
    let begun = |period: &Period| match period {
        Period::All(_) => true,
        Period::Span(start, end) => {
            let end = if end == "now" { now } else { home.instant(end) };
            home.instant(start) < end && end <= now
        }
    };
    let mut periods = [&meaning.when, &meaning.versus].into_iter().flatten().flatten();
    ids.len() == meaning.of.len() && !meaning.op.is_empty() && periods.all(begun)
}

/// The best verdict over all meanings; of several questions that of the worst.
pub(crate) fn judge(understood: &Understood, gold: &[Gold], asked: &Asked<'_>) -> Verdict {
    if let Understood::Several(parts) = understood {
        let each = parts.iter().map(|it| judge(&it.understood, gold, asked));
        return each.max().expect("there are several");
    }
    let verdicts = gold.iter().map(|it| one(understood, it, asked));
    verdicts.min().expect("a turn has a meaning")
}

fn one(understood: &Understood, gold: &Gold, asked: &Asked<'_>) -> Verdict {
    match (understood, gold) {
        (Understood::Plan { plan, .. }, Gold::Plan(meaning)) => compare(plan, meaning, asked),
        (Understood::Plan { plan, .. }, Gold::Refuse(_)) if no_such_time(plan, asked) => Verdict::RefusedRightly,
        (Understood::Plan { .. }, _) => Verdict::SilentlyWrong,
        (Understood::Clarify(pending), Gold::Ask(it)) => {
            let offered: BTreeSet<DeviceId> = pending.options.iter().copied().collect();
            let due = asked.home.ids(&it.ask).into_iter().collect();
            if offered.is_superset(&due) {
                Verdict::AskedRightly
            } else {
                Verdict::AskedNeedlessly
            }
        }
        (Understood::Clarify(_), _) => Verdict::AskedNeedlessly,
        (Understood::Refuse(no), Gold::Refuse(it)) => {
            let reason = reason(&format!("{no:?}"));
            if it.refuse.iter().any(|due| reason.contains(&due.as_str())) {
                Verdict::RefusedRightly
            } else {
                Verdict::RefusedWrongly
            }
        }
        (Understood::Courtesy, Gold::Courtesy(it)) if it.courtesy => Verdict::Right,
        (Understood::Refuse(_) | Understood::Courtesy | Understood::Several(_), _) => Verdict::RefusedWrongly,
    }
}

/// Whether the plan's period is none: it will be refused when it is run.
fn no_such_time(plan: &Plan, asked: &Asked<'_>) -> bool {
    let resolves = |expr: &TimeExpr| timex::resolve(expr, &asked.home.calendar(), asked.now).is_ok();
    !plan.period.as_ref().is_none_or(resolves)
}

/// The corpus's words for a reason.
fn reason(no: &str) -> &'static [&'static str] {
    let head = no.split(['(', ' ', '{']).next().unwrap_or_default();
    match head {
        "NotUnderstood" => &["unclear"],
        "OffTopic" => &["topic"],
        "UnknownDevice" => &["device"],
        "Future" => &["future"],
        "Private" => &["private"],
        "OtherCurrency" => &["currency"],
        _ if no.contains("Command") => &["command"],
        _ => &["support"],
    }
}

fn compare(plan: &Plan, meaning: &Meaning, asked: &Asked<'_>) -> Verdict {
    let same = does(plan, meaning)
        && selected(plan, meaning, asked.home)
        && counted(plan, meaning)
        && stepped(plan, meaning)
        && ordered(plan, meaning)
        && bounded(plan, meaning)
        && wanted(plan, meaning).is_some()
        && timed(plan, meaning, asked);
    if !same {
        return Verdict::SilentlyWrong;
    }
    if whole(plan, meaning) {
        Verdict::Right
    } else {
        Verdict::Partly
    }
}

/// All devices in order, the most first, is the same as the total by device.
fn does(plan: &Plan, meaning: &Meaning) -> bool {
    let all = |limit: u32, rank: u32, most: bool| limit == 0 && rank == 0 && most;
    match (plan.operation, meaning.op.as_str()) {
        (Operation::Breakdown, "rank") => all(meaning.limit, meaning.rank, meaning.dir.is_none()),
        (Operation::Rank, "breakdown") => all(plan.limit, plan.rank, plan.direction == Direction::Most),
        (operation, wanted) => name(operation) == wanted,
    }
}

/// The name of a value of the plan, as the corpus has it: `DataQuality` is `data_quality`.
fn name(value: impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{value:?}").chars().take_while(|it| it.is_alphanumeric()) {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

fn selected(plan: &Plan, meaning: &Meaning, home: &Home) -> bool {
    let devices: BTreeSet<DeviceId> = plan.selection.devices.iter().copied().collect();
    let wanted = home.ids(&meaning.of).into_iter().collect();
    let together = !(meaning.each && !plan.selection.each || meaning.sum && plan.selection.each);
    devices == wanted && plan.selection.except == meaning.except && together
}

/// At least one of the metrics; [`whole`] asks for all.
fn counted(plan: &Plan, meaning: &Meaning) -> bool {
    let mut metrics = std::iter::once(plan.metric).chain(plan.also.iter().copied());
    meaning.metric.is_empty() || metrics.any(|it| meaning.metric.contains(&name(it)))
}

fn stepped(plan: &Plan, meaning: &Meaning) -> bool {
    let bucket = plan.bucket.map(name);
    match meaning.op.as_str() {
        "series" | "average" | "extreme" => bucket == meaning.per,
        "rank" | "breakdown" if meaning.per.as_deref() == Some("room") => plan.want == Some(Want::Rooms),
        _ => meaning.per.is_none() || bucket == meaning.per,
    }
}

fn ordered(plan: &Plan, meaning: &Meaning) -> bool {
    let direction = meaning.dir.as_deref().unwrap_or("most");
    match meaning.op.as_str() {
        "rank" => name(plan.direction) == direction && plan.rank == meaning.rank,
        "extreme" => name(plan.direction) == direction,
        _ => true,
    }
}

/// The bound, the factor, the split and the whole.
fn bounded(plan: &Plan, meaning: &Meaning) -> bool {
    let bound = plan.threshold.map(|it| (if it.below { "<" } else { ">" }, it.watts));
    let bound = bound == meaning.bound.as_ref().map(|(sign, watts)| (sign.as_str(), *watts));
    let factor = match (plan.factor, meaning.factor) {
        (Some(had), Some(wanted)) => (had - wanted).abs() < 1e-9,
        (had, wanted) => had.is_none() && wanted.is_none(),
    };
    bound && factor && plan.versus.map(name) == meaning.on && plan.whole.as_ref().is_none_or(Selection::is_home)
}

/// What of runs, settings or the inventory: whether it is exactly that; none where it is something else.
fn wanted(plan: &Plan, meaning: &Meaning) -> Option<bool> {
    let Some(wanted) = &meaning.want else {
        return Some(true);
    };
    let had = match (plan.want, plan.metric) {
        (Some(Want::PerRun), Metric::Cost) => "cost_per_run".to_owned(),
        (Some(Want::PerRun), _) => "energy_per_run".to_owned(),
        (Some(Want::WeekStart), _) => "week".to_owned(),
        (None, _) if plan.operation == Operation::Settings => "all".to_owned(),
        (None, _) if plan.operation == Operation::Inventory => "devices".to_owned(),
        (want, _) => want.map(name).unwrap_or_default(),
    };
    match (had.as_str(), wanted.as_str()) {
        (had, wanted) if had == wanted => Some(true),
        // The list tells how many there are, the last run when it ended, and the settings these three.
        ("devices", "count") | ("last", "last_off") | ("all", "price" | "zone" | "currency") => Some(true),
        ("count", "devices") => Some(false),
        _ => None,
    }
}

fn timed(plan: &Plan, meaning: &Meaning, asked: &Asked<'_>) -> bool {
    let fits = |expr: Option<&TimeExpr>, wanted: Option<&[Period]>| match (expr, wanted) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(expr), Some(wanted)) => wanted.iter().any(|it| is(expr, it, asked)),
    };
    let (when, versus) = (meaning.when.as_deref(), meaning.versus.as_deref());
    let (first, second) = (plan.period.as_ref(), plan.compare_to.as_ref());
    let first = match (&meaning.daily, first) {
        (None, first) => first,
        (
            Some((from, to)),
            Some(TimeExpr::Clock {
                base,
                from: start,
                to: end,
            }),
        ) if (*start, *end) == (minute(from), minute(to)) => Some(&**base),
        (Some(_), _) => return false,
    };
    let straight = fits(first, when) && fits(second, versus);
    let turned = meaning.op == "compare" && fits(first, versus) && fits(second, when);
    straight || turned && versus.is_some()
}

/// Minutes after midnight of `15:00`.
fn minute(clock: &str) -> u16 {
    let time: jiff::civil::Time = clock.parse().expect("a time of day");
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).expect("less than a day")
}

fn is(expr: &TimeExpr, wanted: &Period, asked: &Asked<'_>) -> bool {
    let Ok(span) = timex::resolve(expr, &asked.home.calendar(), asked.now) else {
        return false;
    };
    match wanted {
        Period::All(_) => span.all,
        Period::Span(start, end) => {
            let end = if end == "now" {
                asked.now
            } else {
                asked.home.instant(end)
            };
            !span.all && span.interval.start == asked.home.instant(start) && span.interval.end == end
        }
    }
}

/// Whether everything was answered that was asked about the figure.
fn whole(plan: &Plan, meaning: &Meaning) -> bool {
    let has = |wanted: &String| name(plan.metric) == *wanted || plan.also.iter().any(|it| name(*it) == *wanted);
    let metrics = meaning.metric.len() < 2 || meaning.metric.iter().all(has);
    let limit = meaning.limit == 0 || plan.limit == meaning.limit;
    let unit = meaning.unit.is_none() || plan.unit.map(|it| it.sign().to_owned()) == meaning.unit;
    metrics && limit && unit && wanted(plan, meaning) == Some(true)
}
