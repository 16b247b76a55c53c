//! What an earlier turn said fills in what this one leaves out: "and yesterday?", "in euros", "what about the dryer?"; and the
//! answer to a question back.

use jiff::ToSpan;
use voltaire_types::DeviceId;

use super::{
    Context, No, Pending, Understood, World,
    carry::{default_period, fragment, inherit, leads, names_one, possible},
    delta::delta,
    entities::Found,
    frame::Frame,
    lexicon::Cue,
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
    let described = described(pending, reading, world);
    // "The one by my bed, in the bedroom."
    let placed = reading
        .mentions
        .iter()
        .flat_map(ids_of)
        .filter(|id| pending.options.contains(id));
    let placed = placed.count() == 1;
    let elsewhere = !reading.times.is_empty()
        || !reading.unknown.is_empty() && described.is_none() && !placed
        || reading.any(&[Cue::HowMuch, Cue::Cost, Cue::Energy]);
    if elsewhere {
        return None;
    }
    let mentioned = reading.mentions.iter().flat_map(ids_of);
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
    if let Some(id) = described {
        fits = vec![id];
        said = true;
    }
    let several = everyone || mentioned.len() > 1 && fits.len() == mentioned.len() && reading.mentions.len() > 1;
    if !(said || everyone) || fits.is_empty() || fits.len() > 1 && !several {
        return None;
    }
    let mut plan = pending.plan.clone();
    plan.selection.each = fits.len() > 1 && !reading.has(Cue::Total);
    plan.selection.devices.extend(fits);
    let known = world.devices.iter().any(|it| plan.selection.devices.contains(&it.id));
    known.then(|| Understood::Plan {
        plan,
        confidence: 1.0,
        unknown: Vec::new(),
    })
}

fn ids_of(it: &super::entities::Mention) -> &[DeviceId] {
    match &it.found {
        Found::Devices(ids) | Found::Room(ids) => ids,
        Found::Missing | Found::Doing => &[],
    }
}

/// "The kids' one": the only one in question whose name or room has the words that are no others.
fn described(pending: &Pending, reading: &Reading, world: &World) -> Option<DeviceId> {
    let words: Vec<String> = reading
        .unknown
        .iter()
        .filter_map(|(_, at)| reading.tokens.get(*at).map(|it| it.stem.clone()))
        .collect();
    let has = |id: &&DeviceId| {
        let device = world.devices.iter().find(|it| it.id == **id);
        device.is_some_and(|it| {
            let known: Vec<String> = it.words().collect();
            words.iter().all(|word| known.contains(word))
        })
    };
    let mut fit = pending.options.iter().filter(has);
    let only = fit.next().filter(|_| fit.next().is_none() && !words.is_empty());
    only.copied()
}

/// The plan of this turn.
pub(crate) fn plan(reading: &Reading, context: &Context, today: Today<'_>) -> Turn {
    let pick = narrowed(pick(reading), reading, context);
    if let Pick::Missing(words) = pick {
        return Turn::Refuse(No::UnknownDevice(words));
    }
    let frame = Frame::new(reading, &pick);

    let built = match (frame.plan_alone(), context.plans.last()) {
        (Some(_), _) if context.missed && goes_on(&frame) => None,
        (Some(plan), _) if context.missed => complete(plan, &frame, &Context::default(), today),
        (None, _) if context.missed => None,
        (Some(plan), last) if !delta_first(&frame, &plan, last) => complete(plan, &frame, context, today),
        (_, Some(last)) => delta(last, &frame, context, today),
        _ => period_alone(&frame, today),
    };
    // "That day" is one that was spoken of.
    let that = ["that day", "that date"].iter().any(|it| frame.phrase(it)) && frame.times == 0;
    let known = context.plans.last().is_some_and(|it| it.period.is_some()) && !context.missed;
    let Some(mut plan) = built.filter(|_| !that || known) else {
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

/// "The studio in October? - Only the fridge": of two that fit, the one that was asked about.
fn narrowed(pick: Pick, reading: &Reading, context: &Context) -> Pick {
    let last = context
        .plans
        .last()
        .filter(|_| !context.missed && reading.times.is_empty());
    match (&pick, last) {
        (Pick::Doubt { options, sure, .. }, Some(last)) if sure.devices.is_empty() && !last.selection.except => {
            let asked = &last.selection.devices;
            let mut known = options.iter().filter(|id| asked.contains(id));
            match (known.next(), known.next()) {
                (Some(only), None) if asked.len() > 1 => Pick::Devices(Selection::device(*only)),
                _ => pick,
            }
        }
        _ => pick,
    }
}

/// Whether it says too little to be a question of its own: "how much did it use", "the second biggest?".
fn goes_on(frame: &Frame<'_>) -> bool {
    let bare = frame.times == 0 && frame.reading.tokens.len() <= 3;
    let points = frame.has(Cue::Pronoun) || frame.says(&["it", "its", "them", "those"]);
    frame.named == 0 && (points || bare)
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
    // "What is our base load, and what does it cost per year?"
    if bare && frame.has(Cue::Pronoun) && last.is_some_and(|it| it.operation == Operation::Baseload) {
        return true;
    }
    // "The peak yesterday? - The same for the wallbox, yesterday."
    let same = frame.phrases(&["same for", "same with", "same but for"]);
    if same && plan.operation == Operation::Total && !frame.measure.energy && !frame.measure.cost && last.is_some() {
        return true;
    }
    // "The boiler on Monday, cost? - And last week in total?"
    let bare_words = !(frame.measure.energy || frame.measure.cost || frame.measure.power || frame.has(Cue::Use));
    let same = last.is_some_and(|it| it.operation == Operation::Total && !it.selection.is_home());
    if leads(frame) && frame.has(Cue::Total) && bare_words && frame.named == 0 && frame.times == 1 && same {
        return true;
    }
    // "Projected kWh for August. - Which would cost how much?"
    let supposed = frame.says(&["would", "will"]) && last.is_some_and(|it| it.operation == Operation::Forecast);
    if bare && supposed {
        return true;
    }
    // "What will we spend this month? - And how many kilowatt hours?"
    let forecast = last.is_some_and(|it| it.operation == Operation::Forecast);
    if bare && forecast && leads(frame) && plan.operation == Operation::Total {
        return true;
    }
    let changed = |last: &Plan| match plan.operation {
        Operation::Total => that && !matches!(last.operation, Operation::Rank | Operation::Breakdown),
        // "When was my highest hour? - And the lowest?"
        Operation::Extreme => {
            let ordered = matches!(last.operation, Operation::Extreme | Operation::Rank);
            let stepped = last.operation == Operation::Series && last.bucket.is_some();
            let short = frame.reading.tokens.len() <= 3;
            ((leads(frame) || short) && ordered || stepped) && !frame.measure.power
        }
        _ => false,
    };
    bare && last.is_some_and(changed)
}

fn not_understood(frame: &Frame<'_>) -> No {
    let coming = frame.says(&["will", "gonna", "might"]) || frame.phrases(&["going to"]);
    let measured = frame.has(Cue::Use) || frame.measure.energy || frame.measure.cost;
    if coming && measured && frame.times == 1 && frame.has(Cue::Forecast) {
        return No::Future;
    }
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
    plan.selection = selected(&plan, frame, context);
    let mut times = Vec::new();
    for meaning in frame.reading.meanings() {
        times.push(anchored(
            meaning,
            times.last().or(last.and_then(|it| it.period.as_ref())),
            today,
        )?);
    }
    let mut times = times.into_iter();
    let known = last.and_then(|it| it.period.clone());
    if plan.operation == Operation::Explain && times.len() == 1 && frame.has(Cue::Compare) && known.is_some() {
        // "Why so high compared to Monday?"
        plan.period = known;
    } else {
        plan.period = times.next().or(plan.period);
    }
    plan.compare_to = times.next();
    if timeless {
        (plan.period, plan.compare_to) = (None, None);
    }
    if plan.operation == Operation::Compare && plan.compare_to.is_some() {
        as_long(&mut plan, today);
        apart(&mut plan, today)?;
        order(&mut plan, frame, today);
    }
    if plan.period.is_none() && !timeless {
        // "When did it last run? - And what did that cost?" asks for that run, not for all of them.
        let whenever =
            |it: &&Plan| matches!(it.want, Some(Want::Last | Want::LastOff)) && it.period == Some(TimeExpr::All);
        if plan.operation == Operation::Total && last.as_ref().is_some_and(whenever) {
            return None;
        }
        plan.period = last.and_then(|it| it.period.clone());
        // "When did it come on?" of a day that was spoken of asks for the first time on it.
        if plan.want == Some(Want::Last) && plan.period.is_some() && !frame.has(Cue::Last) {
            plan.want = Some(Want::First);
        }
    }
    inherit(&mut plan, frame, last);
    (matches!(frame.pick, Pick::Doubt { .. }) || possible(&plan, today)).then_some(plan)
}

/// Whose energy a plan is about that may leave that to the conversation.
fn selected(plan: &Plan, frame: &Frame<'_>, context: &Context) -> Selection {
    let last = context.plans.last();
    let over_all = matches!(
        plan.operation,
        Operation::Rank | Operation::Breakdown | Operation::Inventory | Operation::Settings | Operation::Help
    );
    let pronoun = frame.has(Cue::Pronoun) && frame.named == 0;
    let split = frame.says(&["it", "that", "this", "them", "those"]);
    let selection = match frame.pick {
        Pick::Devices(selection) => selection.clone(),
        // "The biggest user? - How many kWh?" asks about the one that was named.
        Pick::Unsaid if frame.times == 0 && !over_all && !frame.has(Cue::My) && last.is_some_and(names_one) => {
            referred(context).unwrap_or_default()
        }
        // "Solar yesterday? - Total for June?"; the total of the same time is the home's.
        Pick::Unsaid
            if frame.has(Cue::Total)
                && frame.reading.tokens.len() <= 4
                && !over_all
                && !last.is_some_and(|it| same_time(frame, it)) =>
        {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        Pick::Unsaid if fragment(frame) && !over_all => last.map(|it| it.selection.clone()).unwrap_or_default(),
        Pick::Unsaid if pronoun && plan.operation == Operation::Runs => referred(context).unwrap_or_default(),
        // "How many times did we charge" after what it cost: runs are of some device.
        Pick::Unsaid if plan.operation == Operation::Runs && last.is_some_and(|it| !it.selection.is_home()) => {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        Pick::Unsaid if pronoun && !frame.has(Cue::My) && frame.times == 0 => referred(context).unwrap_or_default(),
        Pick::Unsaid
            if frame.times == 0
                && !over_all
                && !frame.has(Cue::My)
                && (leads(frame) || plan.operation != Operation::Live) =>
        {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        // "The charger in January? - And the cost for the whole month?"
        Pick::Unsaid if leads(frame) && !over_all && frame.whole_again() && !frame.has(Cue::My) => {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        // "Is the microwave on? - How much did it use today?"
        Pick::Unsaid if subject(frame) && !over_all && last.is_some_and(|it| !it.selection.is_home()) => {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        // "And the max they have done today?"
        Pick::Unsaid if leads(frame) && !over_all && frame.says(&["they", "them", "their"]) && !frame.has(Cue::My) => {
            referred(context).unwrap_or_default()
        }
        // "Split it" after two devices is about these.
        Pick::Unsaid if split && plan.operation == Operation::Breakdown && frame.times == 0 => {
            last.map(|it| it.selection.clone()).unwrap_or_default()
        }
        _ => Selection::default(),
    };
    // "Was the oven on? - What took the most of it?": of one device there is no order.
    let single = over_all && matches!(frame.pick, Pick::Unsaid) && selection.devices.len() == 1;
    if single && !selection.except {
        Selection::default()
    } else {
        selection
    }
}

/// Whether the time that is said is the one of the last plan.
fn same_time(frame: &Frame<'_>, last: &Plan) -> bool {
    let mut said = frame.reading.meanings();
    said.any(|it| matches!(it, Meaning::Expr(expr) if last.period.as_ref() == Some(expr)))
}

/// Whether "it" is what uses or costs something: `how much did it use`.
fn subject(frame: &Frame<'_>) -> bool {
    let asked = [
        "did it",
        "does it",
        "has it",
        "was it using",
        "do they",
        "did they",
        "have they",
        "pay for it",
        "paid for it",
        "spend on it",
        "spent on it",
    ];
    frame.phrases(&asked) && (frame.has(Cue::Use) || frame.measure.cost)
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
pub(super) fn anchored(meaning: &Meaning, anchor: Option<&TimeExpr>, today: Today<'_>) -> Option<TimeExpr> {
    match meaning {
        Meaning::Expr(expr) => Some(expr.clone()),
        Meaning::Future | Meaning::Torn => None,
        Meaning::Some(filter) => Some(filter.anchored(anchor, today)),
        Meaning::Earlier => anchor.map(|it| TimeExpr::PreviousOf(Box::new(it.clone()))),
        Meaning::DayBefore(weekday) => anchor.and_then(|it| day_before(it, *weekday, today)),
        // "And the cost for the whole month?" after one of its own is that month.
        Meaning::Shift { unit, by: 0, or } => anchor
            .filter(|it| super::carry::is_one(it, *unit))
            .cloned()
            .or_else(|| or.clone()),
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

/// "The Friday before that."
fn day_before(anchor: &TimeExpr, weekday: u8, today: Today<'_>) -> Option<TimeExpr> {
    let start = today.calendar.date(super::timex::whole(anchor, today).ok()?.start);
    let days = (1_i64..=7).map(|back| start.saturating_sub(back.days()));
    let is_it = |day: &jiff::civil::Date| u8::try_from(day.weekday().to_monday_one_offset()) == Ok(weekday);
    days.into_iter().find(is_it).map(|day| TimeExpr::Dates(day, day))
}

/// "Is this week lower than last week until now?": as much of it as has gone by of this one.
fn as_long(plan: &mut Plan, today: Today<'_>) {
    let Some(running @ TimeExpr::Calendar { back: 0, .. }) = &plan.period else {
        return;
    };
    let Ok(whole) = super::timex::whole(running, today) else {
        return;
    };
    let start = today.calendar.date(whole.start);
    plan.compare_to = match plan.compare_to.take() {
        Some(TimeExpr::Since(from)) => Some(*from),
        Some(TimeExpr::Dates(first, last)) if first < start && start <= last => {
            Some(TimeExpr::Dates(first, start.saturating_sub(1.day())))
        }
        other => other,
    };
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
pub(super) fn order(plan: &mut Plan, frame: &Frame<'_>, today: Today<'_>) {
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
