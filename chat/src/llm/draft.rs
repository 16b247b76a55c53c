//! A model's reply becomes a plan only as far as the question bears it out: operations and ids out of the schema, periods in
//! the question's own words, devices and numbers that the rules find in it as well. What differs is dropped, not mended.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use voltaire_types::DeviceId;

use super::{Asked, Failure};
use crate::understand::{
    Pending, Pick, Understood,
    plan::{Bucket, Direction, Metric, Operation, Plan, Selection, Threshold, TimeExpr, Want},
    said::{Said, said, with_default_period},
    timex,
};

/// How sure a model's reading is: it is answered, and said to be a model's.
const CONFIDENCE: f64 = 0.7;

/// A plan as the schema has it, in the order in which it is best thought of: what, whose, when, how.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Draft {
    pub(super) operation: String,
    pub(super) metric: String,
    pub(super) devices: Vec<String>,
    pub(super) except: bool,
    pub(super) when: String,
    pub(super) compare_to: String,
    pub(super) step: String,
    pub(super) order: String,
    pub(super) limit: u32,
    pub(super) place: u32,
    pub(super) bound: String,
    pub(super) want: String,
}

impl Draft {
    /// An operation on the whole home's energy, and nothing more.
    pub(super) fn nothing(operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            metric: "energy".to_owned(),
            step: "none".to_owned(),
            order: "most".to_owned(),
            want: "none".to_owned(),
            ..Self::default()
        }
    }

    /// As a model writes it.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }
}

/// The reading of a reply. `said` is what the rules find in the question, `devices` what was shown to the model.
pub(super) fn read(
    reply: &Value,
    (asked, said): (&Asked<'_>, &Said),
    devices: &[DeviceId],
) -> Result<Understood, Failure> {
    let draft: Draft = serde_json::from_value(reply.clone()).map_err(|_| Failure::NoPlan)?;
    let mut plan = plan(&draft)?;
    periods(&mut plan, &draft, (asked, said))?;
    numbers(&mut plan, &draft, (asked, said))?;
    let pending = whom(&mut plan, &draft, (asked, said), devices)?;
    plan.unit = said.unit;
    plan = fit(with_default_period(plan))?;
    for expr in plan.period.iter().chain(&plan.compare_to) {
        timex::resolve(expr, &asked.world.calendar, asked.now).map_err(|_| Failure::Disagrees)?;
    }
    if let Some((options, words)) = pending {
        return Ok(Understood::Clarify(Pending { plan, options, words }));
    }
    Ok(Understood::Plan {
        plan,
        confidence: CONFIDENCE,
        unknown: Vec::new(),
    })
}

fn plan(draft: &Draft) -> Result<Plan, Failure> {
    use Operation as Op;
    let direction = match (draft.operation.as_str(), draft.order.as_str()) {
        ("lowest", _) | (_, "least") => Direction::Least,
        (_, "most" | "") => Direction::Most,
        _ => return Err(Failure::NoPlan),
    };
    let operation = match draft.operation.as_str() {
        "total" => Op::Total,
        "average" => Op::Average,
        "highest" | "lowest" => Op::Extreme,
        "ranking" => Op::Rank,
        "breakdown" => Op::Breakdown,
        "over_time" => Op::Series,
        "compare" => Op::Compare,
        "share" => Op::Share,
        "now" => Op::Live,
        "why" => Op::Explain,
        "runs" => Op::Runs,
        "time_above" => Op::Duration,
        "always_on" => Op::Baseload,
        "forecast" => Op::Forecast,
        "devices" => Op::Inventory,
        "settings" => Op::Settings,
        "gaps" => Op::DataQuality,
        "unusual_days" => Op::Unusual,
        "none" => return Err(Failure::None),
        _ => return Err(Failure::NoPlan),
    };
    let metric = match draft.metric.as_str() {
        "energy" => Metric::Energy,
        "cost" => Metric::Cost,
        "power" => Metric::Power,
        _ => return Err(Failure::NoPlan),
    };
    let bucket = match draft.step.as_str() {
        "none" | "" => None,
        "hour" => Some(Bucket::Hour),
        "day" => Some(Bucket::Day),
        "week" => Some(Bucket::Week),
        "month" => Some(Bucket::Month),
        _ => return Err(Failure::NoPlan),
    };
    Ok(Plan {
        direction,
        bucket,
        want: want(&draft.want)?,
        ..Plan::new(operation, metric)
    })
}

fn want(word: &str) -> Result<Option<Want>, Failure> {
    Ok(Some(match word {
        "none" | "" => return Ok(None),
        "whether" => Want::Whether,
        "count" => Want::Count,
        "duration" => Want::Duration,
        "average_duration" => Want::AverageDuration,
        "longest" => Want::Longest,
        "first" => Want::First,
        "last" => Want::Last,
        "per_run" => Want::PerRun,
        "price" => Want::Price,
        "currency" => Want::Currency,
        "zone" => Want::Zone,
        _ => return Err(Failure::NoPlan),
    }))
}

/// Exactly the periods that the rules find in the question, each in words of the question.
fn periods(plan: &mut Plan, draft: &Draft, (asked, said): (&Asked<'_>, &Said)) -> Result<(), Failure> {
    plan.period = period(&draft.when, asked)?;
    // Small models repeat themselves; a period is not compared with itself.
    let repeated = draft.compare_to == draft.when;
    plan.compare_to = if repeated {
        None
    } else {
        period(&draft.compare_to, asked)?
    };
    let named = |expr: &&TimeExpr| !said.periods.contains(expr);
    let both: Vec<&TimeExpr> = plan.period.iter().chain(&plan.compare_to).collect();
    let same = said.plain && both.len() == said.periods.len() && both.iter().find(|it| named(it)).is_none();
    if same { Ok(()) } else { Err(Failure::Disagrees) }
}

/// Words that a model may put before a period.
const LEADING: [&str; 4] = ["in", "on", "for", "during"];

fn period(words: &str, asked: &Asked<'_>) -> Result<Option<TimeExpr>, Failure> {
    if words.trim().is_empty() {
        return Ok(None);
    }
    let bare = words
        .trim()
        .split_once(' ')
        .filter(|(first, _)| LEADING.contains(first));
    let bare = bare.map_or("", |(_, rest)| rest);
    let words = [words, bare]
        .into_iter()
        .find(|it| is_said(it, asked.text))
        .ok_or(Failure::Invented)?;
    let mut found = self::said(words, asked.world, asked.now).periods;
    match (found.pop(), found.is_empty()) {
        (Some(expr), true) => Ok(Some(expr)),
        _ => Err(Failure::Disagrees),
    }
}

/// Whether these words stand in the question, as whole words, letter by letter but for their size.
fn is_said(words: &str, question: &str) -> bool {
    let spaced = |text: &str| {
        let small = text.to_lowercase();
        let parts = small.split(|it: char| !(it.is_alphanumeric() || "'’-:/.,".contains(it)));
        let parts = parts
            .map(|it| it.trim_matches(['.', ',', ':', '\'', '’']))
            .filter(|it| !it.is_empty());
        format!(" {} ", parts.collect::<Vec<_>>().join(" "))
    };
    let words = spaced(words);
    !words.trim().is_empty() && spaced(question).contains(&words)
}

/// Exactly the numbers of the question, none of the model's own.
fn numbers(plan: &mut Plan, draft: &Draft, (asked, said): (&Asked<'_>, &Said)) -> Result<(), Failure> {
    let mut left = said.numbers.clone();
    let mut take = |value: f64| {
        let at = left.iter().position(|it| (it - value).abs() < 1e-9)?;
        Some(left.swap_remove(at))
    };
    for (count, field) in [(draft.limit, &mut plan.limit), (draft.place, &mut plan.rank)] {
        if count == 0 {
            continue;
        }
        // "The biggest" and "which one" have no number, and mean one.
        if take(count.into()).is_none() && count != 1 {
            return Err(Failure::Invented);
        }
        *field = count;
    }
    if !draft.bound.trim().is_empty() {
        if !is_said(&draft.bound, asked.text) {
            return Err(Failure::Invented);
        }
        let bound = self::said(&draft.bound, asked.world, asked.now);
        let [value] = bound.numbers.as_slice() else {
            return Err(Failure::Disagrees);
        };
        take(*value).ok_or(Failure::Invented)?;
        plan.threshold = Some(threshold(*value, &draft.bound)?);
    }
    if left.is_empty() {
        Ok(())
    } else {
        Err(Failure::Disagrees)
    }
}

fn threshold(value: f64, words: &str) -> Result<Threshold, Failure> {
    let words = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|it| words.contains(it));
    let kilo = says(&["kw", "kilowatt"]);
    if !kilo && !says(&["w", "watt"]) {
        return Err(Failure::Disagrees);
    }
    let (below, above) = (
        says(&["below", "under", "less", "<"]),
        says(&["above", "over", "more", "exceed", ">"]),
    );
    if below == above {
        return Err(Failure::Disagrees);
    }
    Ok(Threshold {
        watts: if kilo { value * 1000.0 } else { value },
        below,
    })
}

/// Who may be meant, and the words in doubt.
type Doubt = Option<(Vec<DeviceId>, String)>;

/// Exactly the devices that the rules find; where the question names none, those of the answer before.
fn whom(
    plan: &mut Plan,
    draft: &Draft,
    (asked, said): (&Asked<'_>, &Said),
    devices: &[DeviceId],
) -> Result<Doubt, Failure> {
    let id = |id: &String| {
        let at: usize = id.strip_prefix('d')?.parse().ok()?;
        devices.get(at.checked_sub(1)?).copied()
    };
    let ids: Option<Vec<DeviceId>> = draft.devices.iter().map(id).collect();
    let ids = ids.ok_or(Failure::NoPlan)?;
    let same = |a: &[DeviceId], b: &[DeviceId]| a.len() == b.len() && a.iter().all(|it| b.contains(it));
    match &said.who {
        Pick::Devices(selection) if same(&ids, &selection.devices) && draft.except == selection.except => {
            plan.selection.clone_from(selection);
        }
        // The choice is the user's, not the model's.
        Pick::Doubt { words, options, sure } => {
            plan.selection.clone_from(sure);
            return Ok(Some((options.clone(), words.clone())));
        }
        // All of them are the home.
        Pick::Home | Pick::Unsaid if !draft.except && (ids.is_empty() || same(&ids, devices)) => {}
        Pick::Unsaid if !draft.except && same(&ids, &asked.context.focus) => {
            plan.selection = Selection {
                devices: asked.context.focus.clone(),
                ..Selection::default()
            };
        }
        Pick::Devices(_) | Pick::Home | Pick::Unsaid | Pick::Missing(_) => return Err(Failure::Disagrees),
    }
    Ok(None)
}

/// The plan, where its parts belong together.
fn fit(mut plan: Plan) -> Result<Plan, Failure> {
    use Operation as Op;
    let (devices, periods) = (plan.selection.devices.len(), usize::from(plan.compare_to.is_some()));
    let fits = match plan.operation {
        Op::Average => {
            if plan.metric != Metric::Power {
                plan.bucket = plan.bucket.or(Some(Bucket::Day));
            }
            true
        }
        Op::Extreme => plan.bucket.is_some() != (plan.metric == Metric::Power),
        Op::Compare => periods == 1 || devices >= 2,
        Op::Share => devices >= 1,
        Op::Runs => devices == 1 && !matches!(plan.want, Some(Want::Price | Want::Currency | Want::Zone)),
        Op::Duration => plan.threshold.is_some(),
        Op::Settings => matches!(plan.want, Some(Want::Price | Want::Currency | Want::Zone)),
        Op::Forecast => {
            plan.period = plan.period.or(Some(TimeExpr::calendar(Bucket::Month, 0)));
            true
        }
        _ => true,
    };
    let (compares, bounds) = (
        matches!(plan.operation, Op::Compare | Op::Explain),
        plan.operation == Op::Duration,
    );
    let timeless = matches!(plan.operation, Op::Live | Op::Inventory | Op::Settings);
    let nothing_left = (periods == 0 || compares)
        && (plan.threshold.is_none() || bounds)
        && (plan.period.is_none() || !timeless)
        && (plan.operation == Op::Rank || plan.operation == Op::Live || plan.limit == 0 && plan.rank == 0);
    if !matches!(plan.operation, Op::Runs | Op::Settings) {
        plan.want = None;
    }
    if plan.operation == Op::Runs {
        let want = plan.want.unwrap_or(Want::Count);
        plan.want = Some(want);
        plan.metric = match want {
            Want::PerRun => plan.metric,
            Want::Duration | Want::AverageDuration | Want::Longest => Metric::Runtime,
            _ => Metric::Runs,
        };
    }
    if fits && nothing_left {
        Ok(plan)
    } else {
        Err(Failure::Disagrees)
    }
}
