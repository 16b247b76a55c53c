//! What carries over from the question before, and what a plan must have in the end.

use super::{
    frame::Frame,
    lexicon::Cue,
    plan::{Bucket, Metric, Operation, Plan, Selection, TimeExpr, Versus, Want},
    timex::{Filter, Today},
};

/// Whether it begins as what goes on: "and", "what about".
pub(crate) fn leads(frame: &Frame<'_>) -> bool {
    frame
        .reading
        .evidence
        .iter()
        .find(|it| !matches!(it.cue, Cue::Polite | Cue::Filler))
        .is_some_and(|it| matches!(it.cue, Cue::Link | Cue::Follow))
}

/// Whether its answer is one device by name.
pub(crate) fn names_one(plan: &Plan) -> bool {
    plan.operation == Operation::Rank && (plan.limit == 1 || plan.rank > 0)
}

/// "Max today": two words that can only go on with what was asked before.
pub(crate) fn fragment(frame: &Frame<'_>) -> bool {
    let words = frame
        .reading
        .tokens
        .iter()
        .filter(|it| it.text.chars().any(char::is_alphanumeric));
    frame.times == 1 && words.count() == 2
}

/// What a short question takes from the one before beside devices and period.
pub(crate) fn inherit(plan: &mut Plan, frame: &Frame<'_>, last: Option<&Plan>) {
    let forecast = plan.operation == Operation::Forecast;
    let bare = (frame.times == 0 || forecast) && frame.named == 0;
    let measured = frame.measure.energy || frame.measure.cost || frame.measure.power;
    let Some(last) = last.filter(|_| bare && !measured) else {
        return;
    };
    let per_run = plan.want == Some(Want::PerRun);
    let ranked = plan.operation == Operation::Rank && !frame.has(Cue::Use);
    let same = matches!(plan.operation, Operation::Explain | Operation::Forecast) || plan.versus == Some(Versus::Usual);
    if (per_run || ranked || same) && last.metric == Metric::Cost {
        plan.metric = Metric::Cost;
    }
    if plan.operation == Operation::Explain && last.operation == Operation::Compare {
        plan.compare_to.clone_from(&last.compare_to);
    }
}

/// Whether there is what the plan needs: runs of some device, a period to explain, one that still runs to project.
pub(crate) fn possible(plan: &Plan, today: Today<'_>) -> bool {
    let runs = |expr: &TimeExpr| super::timex::whole(expr, today).is_ok_and(|it| it.end > today.now);
    match plan.operation {
        Operation::Runs => !plan.selection.is_home(),
        Operation::Explain => plan.period.is_some(),
        Operation::Compare if plan.versus == Some(Versus::Usual) => plan.period.is_some(),
        Operation::Forecast => plan.period.as_ref().is_some_and(runs),
        // A day has no highest day.
        Operation::Extreme => {
            let own = |it: &TimeExpr| {
                plan.bucket
                    .is_some_and(|bucket| !bucket.is_repeated() && is_one(it, bucket))
            };
            !plan.period.as_ref().is_some_and(own)
        }
        _ => true,
    }
}

/// "And today?" after "yesterday from 6 to 9 pm" asks for the same hours of another day, "and the month before?" after
/// "Saturdays last month" for the same days.
pub(crate) fn same_hours(expr: TimeExpr, last: Option<&TimeExpr>, frame: &Frame<'_>) -> TimeExpr {
    let several = |expr: &TimeExpr| match expr {
        TimeExpr::Calendar { unit, .. } => *unit > Bucket::Day,
        TimeExpr::Dates(first, last) => first < last,
        TimeExpr::Rolling(seconds) => *seconds > 86_400,
        TimeExpr::Month(..) | TimeExpr::LastUnits(..) | TimeExpr::Quarter(_) | TimeExpr::Since(_) => true,
        _ => false,
    };
    let day = match &expr {
        TimeExpr::Calendar { unit, .. } => *unit == Bucket::Day,
        TimeExpr::Dates(first, last) => first == last,
        TimeExpr::Weekday { .. } => true,
        _ => false,
    };
    let Some((base, filter)) = last.filter(|_| leads(frame)).map(Filter::of) else {
        return expr;
    };
    // Days of the week go from one longer period to another only.
    let fits = several(base) == several(&expr) && (day || several(&expr));
    if fits && filter != Filter::default() {
        filter.on(&expr)
    } else {
        expr
    }
}

/// "Plus the TV box" adds to what was selected.
pub(crate) fn joined(mut selection: Selection, plan: &Plan, frame: &Frame<'_>) -> Selection {
    let first = frame.reading.tokens.first().map_or("", |it| it.text.as_str());
    let more = first == "plus" && !selection.except && !plan.selection.except;
    if more && !selection.is_home() {
        let mut devices = plan.selection.devices.clone();
        selection.devices.retain(|id| !devices.contains(id));
        devices.append(&mut selection.devices);
        selection.devices = devices;
    }
    selection
}

/// Where no period is said: the answer says which one was taken.
pub(crate) fn default_period(plan: &Plan) -> Option<TimeExpr> {
    let days = |count: u64| Some(TimeExpr::Rolling(count * 86_400));
    match plan.operation {
        Operation::Total if plan.metric == Metric::Cost => Some(TimeExpr::calendar(Bucket::Month, 0)),
        // Four weeks: a habit of a year ago may be none any more.
        Operation::Extreme | Operation::Series if plan.is_habit() => days(28),
        Operation::Extreme if plan.bucket.is_some() => Some(TimeExpr::All),
        Operation::Total | Operation::Extreme | Operation::Duration => Some(TimeExpr::calendar(Bucket::Day, 0)),

        Operation::Average
        | Operation::Series
        | Operation::Baseload
        | Operation::DataQuality
        | Operation::Unusual
        | Operation::Untracked => days(7),
        Operation::Breakdown if plan.is_at_extreme() => Some(TimeExpr::calendar(Bucket::Day, 0)),
        Operation::Rank
        | Operation::Breakdown
        | Operation::Share
        | Operation::Compare
        | Operation::Runs
        | Operation::Unused
        | Operation::WhatIf => days(30),
        _ => None,
    }
}

/// Whether it is one such unit of the calendar.
pub(super) fn is_one(expr: &TimeExpr, unit: Bucket) -> bool {
    match expr {
        TimeExpr::Calendar { unit: own, .. } | TimeExpr::LastUnits(own, 1) => *own == unit,
        TimeExpr::Month(0, _) => unit == Bucket::Year,
        TimeExpr::Month(..) => unit == Bucket::Month,
        TimeExpr::Dates(first, last) => first == last && unit == Bucket::Day,
        TimeExpr::Weekday { .. } => unit == Bucket::Day,
        _ => false,
    }
}
