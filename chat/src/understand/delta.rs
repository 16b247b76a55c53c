//! What a short turn changes in the last plan: its time, its devices, what is counted, its step, its order.

use jiff::civil::Date;
use voltaire_types::Decimal;

use super::{
    Context,
    carry::{joined, possible, same_hours},
    dialogue::{anchored, order},
    frame::Frame,
    lexicon::Cue,
    measure::{bucket_noun, per},
    plan::{Bucket, Direction, Metric, Operation, Plan, Selection, TimeExpr, Unit, Want},
    selection::Pick,
    timex::{self, Today},
};

/// The last plan with what this turn changes; none where it changes nothing or says more than that.
pub(super) fn delta(last: &Plan, frame: &Frame<'_>, context: &Context, today: Today<'_>) -> Option<Plan> {
    if let Some(plan) = gathered(frame, context) {
        return Some(plan);
    }
    let mut plan = last.clone();
    let special = last.topic().is_some();
    let parts = [
        change_time(&mut plan, frame, context, today)?,
        change_selection(&mut plan, frame, context),
        change_measure(&mut plan, frame)?,
        change_step(&mut plan, frame, today)?,
        change_order(&mut plan, frame),
        change_run(&mut plan, frame),
        change_factor(&mut plan, frame),
    ];
    if plan.operation != Operation::Breakdown && plan.want == Some(Want::AtExtreme) {
        plan.want = None;
        if plan.operation == Operation::Total {
            plan.metric = Metric::Energy;
        }
    }
    let told = plan.operation == Operation::Extreme && frame.has(Cue::When);
    let changed = parts.contains(&true) || told;
    // A count of runs has no "per day"; a reason no order.
    let odd = special && (parts[3] || parts[4]);
    let asked_back = matches!(frame.pick, Pick::Doubt { .. });
    let sound = asked_back || possible(&plan, today);
    (changed && !odd && sound && frame.leftovers(&plan).is_empty()).then_some(plan)
}

/// "Both?", "all three", "together": of the devices that were asked about one after the other.
fn gathered(frame: &Frame<'_>, context: &Context) -> Option<Plan> {
    let reading = frame.reading;
    let asked = reading.any(&[Cue::Both, Cue::Total])
        && reading.times.is_empty()
        && reading.mentions.is_empty()
        && reading.numbers.is_empty()
        && reading
            .evidence
            .iter()
            .all(|it| it.cue.is_empty() || matches!(it.cue, Cue::Both | Cue::Total | Cue::Pronoun | Cue::Follow));
    let last = context.plans.last().filter(|_| asked)?;
    let alike = |it: &&Plan| {
        let shape = |plan: &Plan| {
            (
                plan.operation,
                plan.metric,
                plan.period.clone(),
                plan.compare_to.clone(),
            )
        };
        shape(it) == shape(last) && it.selection.devices.len() == 1 && !it.selection.except
    };
    let count = ["both", "two", "three", "four"]
        .iter()
        .position(|word| frame.says(&[word]));
    let count = count.map(|it| it.max(1) + 1);
    let mut devices = Vec::new();
    for plan in context.plans.iter().rev().take_while(alike) {
        for id in &plan.selection.devices {
            if !devices.contains(id) {
                devices.push(*id);
            }
        }
    }
    devices.truncate(count.unwrap_or(devices.len()));
    devices.reverse();
    let enough = devices.len() >= 2 && count.is_none_or(|it| it == devices.len());
    (enough && last.operation == Operation::Total).then(|| Plan {
        selection: Selection {
            devices,
            each: !reading.has(Cue::Total),
            ..Selection::default()
        },
        ..last.clone()
    })
}

fn change_time(plan: &mut Plan, frame: &Frame<'_>, context: &Context, today: Today<'_>) -> Option<bool> {
    let compared = frame.reading.any(&[Cue::Compare, Cue::Difference, Cue::MoreLess]);
    let mut times = frame.reading.meanings();
    match (times.next(), times.next()) {
        (None, _) if compared && frame.has(Cue::What) && plan.selection.devices.len() > 1 => {
            (plan.operation, plan.compare_to) = (Operation::Compare, None);
            Some(true)
        }
        (None, _) if matches!(plan.operation, Operation::WhatIf | Operation::Duration) => Some(false),
        (None, _) if compared && frame.named == 0 => {
            if plan.compare_to.is_none() && plan.operation != Operation::Compare {
                let before = context
                    .plans
                    .len()
                    .checked_sub(2)
                    .and_then(|at| context.plans.get(at))?;
                let whole = |it: &Plan| it.selection.is_home() || it.selection.except;
                if before.selection == plan.selection && before.period != plan.period {
                    plan.compare_to.clone_from(&before.period);
                    plan.operation = Operation::Compare;
                    order(plan, frame, today);
                } else if before.period == plan.period && frame.named == 0 && !whole(before) && !whole(plan) {
                    let mut devices = before.selection.devices.clone();
                    let more = plan
                        .selection
                        .devices
                        .iter()
                        .filter(|id| !before.selection.devices.contains(id));
                    devices.extend(more);
                    plan.selection = Selection {
                        devices,
                        ..Selection::default()
                    };
                    plan.operation = Operation::Compare;
                } else {
                    return None;
                }
            }
            Some(true)
        }
        (None, _) => {
            let Some(date) = other_day(plan, frame, today) else {
                return Some(false);
            };
            plan.period = Some(TimeExpr::Dates(date, date));
            Some(true)
        }
        (Some(only), None) => {
            let expr = anchored(only, plan.period.as_ref(), today)?;
            let same = frame.phrases(&[
                "same days",
                "same day",
                "same date",
                "same dates",
                "same time",
                "same point",
                "same stretch",
            ]);
            let expr = plan
                .period
                .as_ref()
                .filter(|_| same)
                .and_then(|running| equal_part(&expr, running, today))
                .unwrap_or(expr);
            at_that_time(plan, frame);
            let was_compared = plan.compare_to.take().is_some();
            if compared {
                // A peak is not compared by energy.
                if plan.operation == Operation::Extreme && plan.bucket.is_none() {
                    return None;
                }
                plan.compare_to = Some(expr);
                plan.operation = Operation::Compare;
                plan.bucket = None;
                plan.metric = if plan.metric == Metric::Cost {
                    Metric::Cost
                } else {
                    Metric::Energy
                };
            } else {
                plan.period = Some(same_hours(expr, plan.period.as_ref(), frame));
                if was_compared {
                    plan.operation = Operation::Total;
                }
            }
            Some(true)
        }
        (Some(first), Some(second)) => {
            let first = anchored(first, plan.period.as_ref(), today)?;
            plan.compare_to = Some(anchored(second, Some(&first), today)?);
            plan.period = Some(first);
            plan.operation = Operation::Compare;
            order(plan, frame, today);
            Some(true)
        }
    }
}

/// "Is it on? - And yesterday?": whether it was; what is drawn now is no figure of another day.
fn at_that_time(plan: &mut Plan, frame: &Frame<'_>) {
    if plan.operation != Operation::Live {
        return;
    }
    let (operation, metric, want) = if frame.has(Cue::Average) || frame.measure.power {
        (Operation::Average, Metric::Power, None)
    } else if plan.metric == Metric::Runtime && !plan.selection.is_home() {
        (Operation::Runs, Metric::Runs, Some(Want::Whether))
    } else {
        (Operation::Total, Metric::Energy, None)
    };
    (plan.operation, plan.metric, plan.want) = (operation, metric, want);
    (plan.limit, plan.rank, plan.unit) = (0, 0, None);
}

/// "So far this month. - And the same days last month?": as many days of the other as of the one that runs.
fn equal_part(other: &TimeExpr, running: &TimeExpr, today: Today<'_>) -> Option<TimeExpr> {
    let is_running = |it: &&TimeExpr| match it {
        TimeExpr::Calendar { unit, back } => *back == 0 && *unit > Bucket::Day,
        it => timex::whole(it, today).is_ok_and(|it| it.end >= today.now),
    };
    let start = |it: &TimeExpr| Some(today.calendar.date(timex::whole(it, today).ok()?.start));
    let gone = start(Some(running).filter(is_running)?)?.until(today.date()).ok()?;
    let first = start(other)?;
    Some(TimeExpr::Dates(first, first.checked_add(gone).ok()?))
}

/// "On the 20th. - No, I meant 21."
fn other_day(plan: &Plan, frame: &Frame<'_>, today: Today<'_>) -> Option<Date> {
    let day = frame.corrected_day()?;
    match plan.period.as_ref()? {
        TimeExpr::Dates(first, last) if first == last => {
            let date = Date::new(first.year(), first.month(), day).ok()?;
            (date <= today.date()).then_some(date)
        }
        _ => None,
    }
}

fn change_selection(plan: &mut Plan, frame: &Frame<'_>, context: &Context) -> bool {
    let selection = match frame.pick {
        Pick::Devices(selection) => selection.clone(),
        Pick::Doubt { sure, .. } => sure.clone(),
        // "As a share of everything" names the whole, not what is asked about.
        Pick::Home if frame.has(Cue::Share) && !plan.selection.is_home() => return false,
        Pick::Home => Selection::default(),
        Pick::Unsaid | Pick::Missing(_) => {
            let named = matches!(plan.operation, Operation::Rank | Operation::Breakdown) && frame.has(Cue::Pronoun);
            if !named || context.focus.is_empty() {
                return false;
            }
            Selection {
                devices: context.focus.clone(),
                ..Selection::default()
            }
        }
    };
    let selection = joined(selection, plan, frame);
    let home = selection.is_home();
    // "Compared with the freezer?" puts it beside the one before.
    let beside = frame.reading.any(&[Cue::Compare, Cue::Difference, Cue::MoreLess]) && frame.times == 0;
    let known = |id: &voltaire_types::DeviceId| plan.selection.devices.contains(id);
    let apart = !home && !plan.selection.is_home() && !selection.devices.iter().any(known);
    if beside && apart && !selection.except && !plan.selection.except && plan.operation == Operation::Total {
        let mut devices = plan.selection.devices.clone();
        devices.extend(&selection.devices);
        (plan.selection.devices, plan.selection.each) = (devices, false);
        plan.operation = Operation::Compare;
        return true;
    }
    let by_devices = plan.operation == Operation::Compare && plan.compare_to.is_none();
    if !home && matches!(plan.operation, Operation::Rank | Operation::Breakdown)
        || by_devices && selection.devices.len() < 2
        || home && plan.operation == Operation::Share
    {
        plan.operation = Operation::Total;
        (plan.rank, plan.limit) = (0, 0);
    }
    plan.selection = selection;
    true
}

fn change_measure(plan: &mut Plan, frame: &Frame<'_>) -> Option<bool> {
    let measure = frame.measure;
    // "How much power did that use" asks for energy.
    let used = frame.has(Cue::HowMuch) && frame.has(Cue::Use) && frame.reading.unit().is_none();
    let measure = super::measure::Measure {
        energy: measure.energy || measure.power && used && plan.operation == Operation::Runs,
        ..measure
    };
    let unit = frame.reading.unit();
    // Of a bound the unit is one of power.
    let bound = plan.operation == Operation::Duration && !measure.energy && !measure.cost;
    if bound || !(measure.energy || measure.cost || measure.power) {
        return Some(false);
    }
    let instant = plan.operation == Operation::Extreme && plan.bucket.is_none();
    match plan.operation {
        Operation::Runs if measure.cost || measure.energy => {
            let each = frame.has(Cue::Each) || plan.want == Some(Want::PerRun);
            plan.want = each.then_some(Want::PerRun);
            plan.operation = if each { Operation::Runs } else { Operation::Total };
        }
        Operation::Explain | Operation::Forecast | Operation::Baseload if !measure.power => {}
        _ if plan.topic().is_some() => return None,
        _ => {}
    }
    if instant && (measure.energy || measure.cost) || plan.operation == Operation::Live {
        return None;
    }
    plan.also.clear();
    plan.unit = unit;
    if measure.cost {
        plan.metric = Metric::Cost;
        plan.unit = None;
    } else if measure.energy {
        plan.metric = Metric::Energy;
    } else if !instant {
        if !matches!(plan.operation, Operation::Total | Operation::Average) || unit.is_none() {
            return None;
        }
        (plan.operation, plan.metric, plan.bucket) = (Operation::Average, Metric::Power, None);
    }
    if plan.operation == Operation::Average && plan.bucket.is_none() && plan.metric != Metric::Power {
        plan.operation = Operation::Total;
    }
    Some(true)
}

/// None: a mean of steps longer than the period, which would be a guess.
fn change_step(plan: &mut Plan, frame: &Frame<'_>, today: Today<'_>) -> Option<bool> {
    let asked = per(frame.reading).or_else(|| frame.has(Cue::Average).then_some(Bucket::Day));
    if plan.operation == Operation::Baseload {
        plan.bucket = asked.or(plan.bucket);
        return Some(false);
    }
    if let Some(bucket) = asked {
        let length = plan
            .period
            .as_ref()
            .and_then(|it| timex::whole(it, today).ok())
            .map(voltaire_types::Interval::seconds);
        if bucket == Bucket::Year && length.is_some_and(|it| it < 180.0 * 86_400.0) {
            return None;
        }
        let stepwise = frame.stepwise(false) && plan.metric != Metric::Power;
        plan.operation = if stepwise {
            Operation::Series
        } else {
            Operation::Average
        };
        plan.bucket = (plan.metric != Metric::Power).then_some(bucket);
    } else if frame.has(Cue::Breakdown) {
        plan.operation = Operation::Breakdown;
    } else if frame.has(Cue::Share) && !plan.selection.is_home() && plan.operation == Operation::Total {
        plan.operation = Operation::Share;
    } else if frame.has(Cue::Chart) && plan.operation == Operation::Total {
        plan.operation = Operation::Series;
    } else {
        return Some(false);
    }
    Some(true)
}

/// "If it had used 10 % less? - And 25 % less?"
fn change_factor(plan: &mut Plan, frame: &Frame<'_>) -> bool {
    // "And 30?": as much of it as before, the same way.
    let same_way = || match (plan.factor, frame.reading.numbers.as_slice()) {
        (Some(before), [(percent, _)]) if (1.0..100.0).contains(percent) => {
            Some(1.0 + (before - 1.0).signum() * percent / 100.0)
        }
        _ => None,
    };
    // "And with 0.48?", "above 3 kW? - And over 6?"
    if let [(value, _)] = frame.reading.numbers.as_slice() {
        if plan.amount.is_some() {
            let amount = Decimal::try_from(*value).ok().filter(|it| *it > Decimal::ZERO);
            plan.amount = amount.map(|it| it.normalize()).or(plan.amount);
            return amount.is_some();
        }
        if let Some(bound) = plan.threshold.as_mut() {
            let kilo = match frame.reading.unit() {
                Some(Unit::Kw) => true,
                Some(_) => false,
                None => bound.watts >= 1000.0 && *value < 100.0,
            };
            bound.watts = if kilo { value * 1000.0 } else { *value };
            return true;
        }
    }
    let supposed = plan.operation == Operation::WhatIf;
    let factor = supposed.then(|| frame.factor().or_else(same_way)).flatten();
    plan.factor = factor.or(plan.factor);
    factor.is_some()
}

/// "How often was it on? - When was the first one?"
fn change_run(plan: &mut Plan, frame: &Frame<'_>) -> bool {
    let asked = frame.has(Cue::When) && plan.operation == Operation::Runs;
    let want = match (frame.says(&["first"]), frame.says(&["last"])) {
        (true, false) => Want::First,
        (false, true) => Want::Last,
        _ => return false,
    };
    if asked {
        plan.want = Some(want);
    }
    asked
}

fn change_order(plan: &mut Plan, frame: &Frame<'_>) -> bool {
    let noun = bucket_noun(frame.reading);
    if let Some(place) = frame.reading.ordinal().filter(|_| plan.operation == Operation::Rank) {
        (plan.rank, plan.limit) = (place, 0);
    } else if let (Operation::Rank, [(count, _)]) = (plan.operation, frame.reading.numbers.as_slice()) {
        (plan.rank, plan.limit) = (0, *count as u32);
        if frame.extreme() {
            plan.direction = frame.direction();
        }
    } else if frame.extreme() && plan.operation == Operation::Series && noun.is_none() {
        // "By day. - The worst one?"
        plan.operation = Operation::Extreme;
        plan.direction = frame.direction();
    } else if frame.extreme() && matches!(plan.operation, Operation::Rank | Operation::Extreme) && noun.is_none() {
        // Which way is "worst" depends on what it is said of: not the way that was asked before.
        let turned = frame.says(&["best", "worst"]) && frame.direction() == plan.direction;
        plan.direction = match frame.direction() {
            Direction::Most if turned => Direction::Least,
            Direction::Least if turned => Direction::Most,
            asked => asked,
        };
    } else if frame.extreme() && noun.is_some() {
        plan.operation = Operation::Extreme;
        plan.direction = frame.direction();
        plan.bucket = noun;
        plan.metric = if plan.metric == Metric::Power {
            Metric::Energy
        } else {
            plan.metric
        };
    } else {
        return false;
    }
    true
}
