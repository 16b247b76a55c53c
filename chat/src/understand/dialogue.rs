//! What an earlier turn said fills in what this one leaves out: "and yesterday?", "in euros", "what about the dryer?"; and the
//! answer to a question back.

use super::{
    Context, No, Pending, Understood, World,
    carry::{default_period, fragment, inherit, joined, leads, names_one, possible, same_hours},
    entities::Found,
    frame::Frame,
    lexicon::Cue,
    measure::{bucket_noun, per},
    plan::{Bucket, Metric, Operation, Plan, Selection, TimeExpr, Want},
    reading::Reading,
    selection::{Pick, pick},
    timex::{Meaning, Today, shift},
};

/// What a turn became.
pub(crate) enum Turn {
    Plan(Plan),
    Clarify(Pending),
    Refuse(No),
}

/// The answer to a question back, when it is one.
pub(crate) fn answered(pending: &Pending, reading: &Reading, world: &World) -> Option<Understood> {
    let elsewhere = !reading.times.is_empty()
        || !reading.unknown.is_empty()
        || reading.any(&[Cue::HowMuch, Cue::Cost, Cue::Energy]);
    if elsewhere {
        return None;
    }
    let mentioned = reading.mentions.iter().flat_map(|it| match &it.found {
        Found::Devices(ids) | Found::Room(ids) => ids.as_slice(),
        Found::Missing => &[],
    });
    let mut fits = pending.options.clone();
    let mut said = false;
    let mentioned: Vec<_> = mentioned.collect();
    if !mentioned.is_empty() {
        fits.retain(|id| mentioned.contains(&id));
        said = true;
    }
    let everyone = reading.any(&[Cue::Both, Cue::Each, Cue::Home]);
    if let Some(place) = reading.ordinal() {
        fits = fits
            .get(place.saturating_sub(1) as usize)
            .copied()
            .into_iter()
            .collect();
        said = true;
    }
    let several = everyone || mentioned.len() > 1 && fits.len() == mentioned.len() && reading.mentions.len() > 1;
    if !(said || everyone) || fits.is_empty() || fits.len() > 1 && !several {
        return None;
    }
    let mut plan = pending.plan.clone();
    plan.selection.each = fits.len() > 1;
    plan.selection.devices.extend(fits);
    let known = world.devices.iter().any(|it| plan.selection.devices.contains(&it.id));
    known.then(|| Understood::Plan {
        plan,
        confidence: 1.0,
        unknown: Vec::new(),
    })
}

/// The plan of this turn.
pub(crate) fn plan(reading: &Reading, context: &Context, today: Today<'_>) -> Turn {
    let pick = pick(reading);
    if let Pick::Missing(words) = pick {
        return Turn::Refuse(No::UnknownDevice(words));
    }
    let frame = Frame::new(reading, &pick);
    let built = match (frame.plan_alone(), context.plans.last()) {
        (Some(plan), last) if !delta_first(&frame, &plan, last) => complete(plan, &frame, context, today),
        (_, Some(last)) => delta(last, &frame, context, today),
        _ => period_alone(&frame, today),
    };
    let Some(mut plan) = built else {
        return Turn::Refuse(not_understood(&frame));
    };
    if plan.period.is_none() {
        plan.period = default_period(&plan);
    }
    match pick {
        Pick::Doubt { options, sure, .. } if plan.operation == Operation::Inventory => {
            plan.selection = sure;
            plan.selection.devices.extend(options);
            Turn::Plan(plan)
        }
        Pick::Doubt { words, options, sure } => {
            plan.selection = sure;
            Turn::Clarify(Pending { plan, options, words })
        }
        _ => Turn::Plan(plan),
    }
}

/// "Last week" and nothing else asks for the home's energy.
fn period_alone(frame: &Frame<'_>, today: Today<'_>) -> Option<Plan> {
    let reading = frame.reading;
    let nothing = reading.mentions.is_empty()
        && reading.numbers.is_empty()
        && reading.evidence.iter().all(|it| {
            matches!(
                it.cue,
                Cue::Filler | Cue::Polite | Cue::Link | Cue::Follow | Cue::Occasion
            )
        });
    let [only] = reading.times.as_slice() else {
        return None;
    };
    let period = anchored(&only.meaning, None, today).filter(|_| nothing)?;
    Some(Plan {
        period: Some(period),
        ..Plan::new(Operation::Total, Metric::Energy)
    })
}

/// "How many kWh is that?" changes the last plan although it would also be one of its own.
fn delta_first(frame: &Frame<'_>, plan: &Plan, last: Option<&Plan>) -> bool {
    let that = frame
        .reading
        .tokens
        .iter()
        .any(|it| ["that", "those"].contains(&it.text.as_str()));
    let bare = frame.times == 0 && frame.named == 0;
    let changed = |last: &Plan| match plan.operation {
        Operation::Total => that && !matches!(last.operation, Operation::Rank | Operation::Breakdown),
        // "When was my highest hour? - And the lowest?"
        Operation::Extreme => {
            let ordered = matches!(last.operation, Operation::Extreme | Operation::Rank);
            leads(frame) && ordered && !frame.measure.power
        }
        _ => false,
    };
    bare && last.is_some_and(changed)
}

fn not_understood(frame: &Frame<'_>) -> No {
    let odd = [
        Cue::Max,
        Cue::Min,
        Cue::Share,
        Cue::Compare,
        Cue::MoreLess,
        Cue::When,
        Cue::Now,
        Cue::Not,
        Cue::Difference,
    ];
    let evidence = frame.reading.evidence.iter().filter(|it| odd.contains(&it.cue));
    let mut words: Vec<String> = evidence.map(|it| super::refuse::text(frame.reading, it)).collect();
    let number = |at: usize| frame.reading.tokens.get(at).map(|it| it.text.clone());
    words.extend(frame.reading.numbers.iter().filter_map(|(_, at)| number(*at)));
    if super::refuse::about_energy(frame.reading) || !frame.reading.times.is_empty() {
        No::NotUnderstood(words)
    } else if frame.reading.evidence.iter().all(|it| it.cue.is_empty()) {
        No::OffTopic
    } else {
        No::NotUnderstood(words)
    }
}

/// Fills a plan of its own with what it leaves to the conversation.
fn complete(mut plan: Plan, frame: &Frame<'_>, context: &Context, today: Today<'_>) -> Option<Plan> {
    let last = context.plans.last();
    let timeless = matches!(
        plan.operation,
        Operation::Live | Operation::Inventory | Operation::Settings | Operation::Help
    );
    let over_all = matches!(
        plan.operation,
        Operation::Rank | Operation::Breakdown | Operation::Inventory | Operation::Settings | Operation::Help
    );
    let pronoun = frame.has(Cue::Pronoun) && frame.named == 0;
    let split = frame.says(&["it", "that", "this", "them", "those"]);
    plan.selection = match frame.pick {
        Pick::Devices(selection) => selection.clone(),
        // "The biggest user? - How many kWh?" asks about the one that was named.
        Pick::Unsaid if frame.times == 0 && !over_all && !frame.has(Cue::My) && last.is_some_and(names_one) => {
            referred(context).unwrap_or_default()
        }
        Pick::Unsaid if fragment(frame) && !over_all => last.map(|it| it.selection.clone()).unwrap_or_default(),
        Pick::Unsaid if pronoun && plan.operation == Operation::Runs => referred(context).unwrap_or_default(),
        Pick::Unsaid if pronoun && !frame.has(Cue::My) && frame.times == 0 => referred(context).unwrap_or_default(),
        Pick::Unsaid
            if frame.times == 0
                && !over_all
                && !frame.has(Cue::My)
                && (leads(frame) || plan.operation != Operation::Live) =>
        {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        // "Split it" after two devices is about these.
        Pick::Unsaid if split && plan.operation == Operation::Breakdown && frame.times == 0 => {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        _ => Selection::default(),
    };
    let mut times = Vec::new();
    for meaning in frame.reading.meanings() {
        times.push(anchored(
            meaning,
            times.last().or(last.and_then(|it| it.period.as_ref())),
            today,
        )?);
    }
    let mut times = times.into_iter();
    plan.period = times.next().or(plan.period);
    plan.compare_to = times.next();
    if plan.operation == Operation::Compare && plan.compare_to.is_some() {
        apart(&mut plan, today)?;
        order(&mut plan, frame, today);
    }
    if plan.period.is_none() && !timeless {
        plan.period = last.and_then(|it| it.period.clone());
    }
    inherit(&mut plan, frame, last);
    (matches!(frame.pick, Pick::Doubt { .. }) || possible(&plan, today)).then_some(plan)
}

/// The devices that "it" stands for.
fn referred(context: &Context) -> Option<Selection> {
    let last = context.plans.last()?;
    if context.focus.is_empty() || !last.selection.is_home() && last.operation != Operation::Rank {
        return Some(last.selection.clone());
    }
    Some(Selection {
        devices: context.focus.clone(),
        ..Selection::default()
    })
}

/// What a period means beside another one.
fn anchored(meaning: &Meaning, anchor: Option<&TimeExpr>, today: Today<'_>) -> Option<TimeExpr> {
    match meaning {
        Meaning::Expr(expr) => Some(expr.clone()),
        Meaning::Future => None,
        Meaning::Earlier => anchor.map(|it| TimeExpr::PreviousOf(Box::new(it.clone()))),
        Meaning::Shift { unit, by, or } => {
            let moved = anchor.and_then(|anchor| shift(anchor, *unit, *by, today));
            let of_its_unit =
                |anchor: &TimeExpr| matches!(anchor, TimeExpr::Rolling(_) | TimeExpr::LastUnits(..)) && *by == 1;
            moved
                .or_else(|| {
                    anchor
                        .filter(|it| of_its_unit(it))
                        .map(|it| TimeExpr::PreviousOf(Box::new(it.clone())))
                })
                .or_else(|| or.clone())
        }
    }
}

/// "This June and last June" are a year apart; nothing is compared with itself.
fn apart(plan: &mut Plan, today: Today<'_>) -> Option<()> {
    let whole = |it: &Option<TimeExpr>| it.as_ref().and_then(|it| super::timex::whole(it, today).ok());
    if whole(&plan.period) == whole(&plan.compare_to) {
        let month = plan
            .compare_to
            .take()
            .filter(|it| matches!(it, TimeExpr::Month(1.., _)))?;
        plan.compare_to = Some(shift(&month, Bucket::Year, 1, today)?);
    }
    Some(())
}

/// The later period first: "last week against this week" compares this week with last week.
fn order(plan: &mut Plan, frame: &Frame<'_>, today: Today<'_>) {
    let start = |expr: &Option<TimeExpr>| {
        expr.as_ref()
            .and_then(|it| super::timex::whole(it, today).ok())
            .map(|it| it.start)
    };
    let than = frame.has(Cue::MoreLess);
    if !than && start(&plan.period) < start(&plan.compare_to) {
        std::mem::swap(&mut plan.period, &mut plan.compare_to);
    }
}

/// The last plan with what this turn changes; none where it changes nothing or says more than that.
fn delta(last: &Plan, frame: &Frame<'_>, context: &Context, today: Today<'_>) -> Option<Plan> {
    if let Some(plan) = gathered(frame, context) {
        return Some(plan);
    }
    let mut plan = last.clone();
    let special = last.topic().is_some();
    let parts = [
        change_time(&mut plan, frame, context, today)?,
        change_selection(&mut plan, frame, context),
        change_measure(&mut plan, frame)?,
        change_step(&mut plan, frame),
        change_order(&mut plan, frame),
    ];
    let told = plan.operation == Operation::Extreme && frame.has(Cue::When);
    let changed = parts.contains(&true) || told;
    // A count of runs has no "per day"; a reason no order.
    let odd = special && (parts[3] || parts[4]);
    (changed && !odd && possible(&plan, today) && frame.leftovers(&plan).is_empty()).then_some(plan)
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
        (None, _) => Some(false),
        (Some(only), None) => {
            let expr = anchored(only, plan.period.as_ref(), today)?;
            let was_compared = plan.compare_to.take().is_some();
            if compared {
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
    let unit = frame.reading.unit();
    if !(measure.energy || measure.cost || measure.power) {
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

fn change_step(plan: &mut Plan, frame: &Frame<'_>) -> bool {
    let asked = per(frame.reading).or_else(|| frame.has(Cue::Average).then_some(Bucket::Day));
    if let Some(bucket) = asked {
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
        return false;
    }
    true
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
    } else if frame.extreme() && matches!(plan.operation, Operation::Rank | Operation::Extreme) && noun.is_none() {
        plan.direction = frame.direction();
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
