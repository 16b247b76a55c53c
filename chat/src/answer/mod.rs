//! Findings to words: the first sentence answers, the next ones give context, the last one the caveat. Numbers come from the
//! findings and are written by one formatter.

mod chart;
pub(crate) mod event;
pub(crate) mod format;
pub(crate) mod refusal;
pub(crate) mod several;
mod tell;

use voltaire_types::{Decimal, DeviceId, Interval};

use crate::{
    execute::{
        Found, Outcome,
        model::{House, Summary},
    },
    understand::{
        plan::{Bucket, Metric, Operation, Plan, TimeExpr, Versus},
        timex::{self, Stretches},
    },
};
use event::{Event, Fact, Proof, Reason, pair};
use format::Format;

/// An answer, ready to be streamed.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) events: Vec<Event>,
    pub(crate) proof: Proof,
    pub(crate) focus: Vec<DeviceId>,
}

/// What was said so far about one answer.
#[derive(Debug, Default)]
pub(super) struct Telling {
    pub(super) facts: Vec<Fact>,
    pub(super) sentences: Vec<String>,
    pub(super) coverage: Option<f64>,
}

impl Telling {
    /// Says a sentence; nothing where it is empty.
    pub(super) fn say(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !sentence.is_empty() {
            self.sentences.push(sentence);
        }
    }

    pub(super) fn fact(&mut self, fact: Fact) {
        let id = format!("f{}", self.facts.len() + 1);
        self.facts.push(Fact { id, ..fact });
    }

    /// Remembers the least coverage of what counts in.
    pub(super) fn covers(&mut self, summary: &Summary) {
        self.coverage = Some(self.coverage.map_or(summary.coverage, |it| it.min(summary.coverage)));
    }
}

/// How the numbers of a home are written.
pub(crate) fn format(house: &House) -> Format {
    Format::new(&house.home.calendar, &house.home.currency, &house.home.locale)
}

/// The plan in words: `Fridge · cost · 9–15 Nov 2026`.
pub(crate) fn describe(plan: &Plan, house: &House, when: Option<&Stretches>) -> String {
    let operation = match plan.operation {
        Operation::Total => "total",
        Operation::Average => "average",
        Operation::Extreme => {
            if plan.direction == crate::understand::plan::Direction::Least {
                "lowest"
            } else {
                "highest"
            }
        }
        Operation::Rank => "ranking",
        Operation::Breakdown if plan.is_at_extreme() => {
            if plan.direction == crate::understand::plan::Direction::Least {
                "what was on at the lowest"
            } else {
                "what was on at the peak"
            }
        }
        Operation::Breakdown => "by device",
        Operation::Series => "over time",
        Operation::Compare => "comparison",
        Operation::Share => "share",
        Operation::Live => "now",
        Operation::Inventory => "devices and readings",
        Operation::Settings => "settings",
        Operation::Help => "help",
        Operation::Explain => "why",
        Operation::Runs => "runs",
        Operation::Duration => "time beyond a bound",
        Operation::Baseload => "always on",
        Operation::Forecast => "forecast",
        Operation::DataQuality => "completeness of the readings",
        Operation::Unusual => "unusual days",
        Operation::WhatIf => "what if",
        Operation::Untracked => "not explained by a device",
        Operation::Unused => "not used",
    };
    let metric = match (plan.operation, plan.metric) {
        (
            Operation::Inventory
            | Operation::Settings
            | Operation::Help
            | Operation::DataQuality
            | Operation::Baseload
            | Operation::Duration
            | Operation::Unusual
            | Operation::Unused,
            _,
        )
        | (Operation::Runs, Metric::Runs) => "",
        (_, Metric::Cost) => "cost",
        (_, Metric::Energy) => "energy",
        (_, Metric::Runtime) => "on or off",
        (_, Metric::Voltage) => "voltage",
        (_, Metric::Current) => "current",
        (_, Metric::PowerFactor) => "power factor",
        _ => "power",
    };
    let bucket = plan
        .bucket
        .map(|it| match it {
            Bucket::HourOfDay => "by hour of the day".to_owned(),
            Bucket::Weekday => "by day of the week".to_owned(),
            it => format!("per {}", timex::name_of(it)),
        })
        .unwrap_or_default();
    let format = format(house);
    let period = when
        .map(|it| format.clone().with(std::slice::from_ref(it)).period(it.hull()))
        .or_else(|| plan.period.as_ref().map(timex::words))
        .unwrap_or_default();
    let against = plan
        .compare_to
        .as_ref()
        .map(|it| format!("against {}", timex::words(it)))
        .or_else(|| plan.versus.map(|it| versus(it).to_owned()))
        .or_else(|| plan.factor.map(|it| format!("× {}", format.fixed(it, 2))))
        .or_else(|| plan.amount.map(|it| supposed(plan, it, &format)))
        .unwrap_or_default();
    let parts = [
        selection(plan, house),
        operation.to_owned(),
        metric.to_owned(),
        bucket,
        period,
        against,
    ];
    parts
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Money that the question names.
fn supposed(plan: &Plan, amount: Decimal, format: &Format) -> String {
    match plan.operation {
        Operation::WhatIf => format!("at {}", format.price(&amount.to_string())),
        _ => format!("budget {}", format.money(amount)),
    }
}

const fn versus(it: Versus) -> &'static str {
    match it {
        Versus::WeekdaysWeekends => "weekdays against weekends",
        Versus::DayNight => "day against night",
        Versus::Usual => "against the usual",
    }
}

/// Whom the plan is about, in words.
pub(super) fn selection(plan: &Plan, house: &House) -> String {
    let names: Vec<String> = plan
        .selection
        .devices
        .iter()
        .map(|id| house.name(*id).to_owned())
        .collect();
    match (names.is_empty(), plan.selection.except) {
        (true, _) => "Home".to_owned(),
        (false, true) => format!("Everything except {}", refusal::list(&names)),
        (false, false) => refusal::list(&names),
    }
}

/// The answer to a plan's outcome.
pub(crate) fn answer(plan: &Plan, house: &House, outcome: &Outcome, notes: &[String]) -> Answer {
    match outcome {
        Outcome::Found(found) => told(plan, house, found, notes),
        Outcome::NoData {
            who,
            interval,
            stretches,
            range,
        } => {
            let format = format(house).with(stretches);
            let text = no_data((house, &format), who, *interval, *range);
            refused(Reason::NoData, text, plan, house)
        }
        Outcome::Refused(no) => {
            let names: Vec<String> = house.devices.iter().map(|it| it.name.clone()).collect();
            let (reason, text) = refusal::refusal(no, &names);
            refused(reason, text, plan, house)
        }
    }
}

fn refused(reason: Reason, text: String, plan: &Plan, house: &House) -> Answer {
    let devices = plan
        .selection
        .devices
        .iter()
        .map(|id| house.name(*id).to_owned())
        .collect();
    let proof = Proof {
        text: text.clone(),
        devices,
        ..Proof::default()
    };
    Answer {
        events: vec![Event::Refusal { reason, text }],
        proof,
        focus: Vec::new(),
    }
}

fn no_data((house, format): (&House, &Format), who: &str, interval: Interval, range: Option<Interval>) -> String {
    let when = if interval.is_empty() {
        String::new()
    } else {
        format!(" for {}", format.period(interval))
    };
    let known = match range {
        None => " There are none at all yet.".to_owned(),
        Some(it) => {
            let date = |at| Format::day(house.home.calendar.date(at));
            format!(" Its readings go from {} to {}.", date(it.start), date(it.end))
        }
    };
    format!("There are no readings of {who}{when}.{known}")
}

fn told(plan: &Plan, house: &House, found: &Found, notes: &[String]) -> Answer {
    let format = format(house).with(&found.stretches);
    let mut telling = Telling::default();
    tell::Teller {
        plan,
        house,
        found,
        format: &format,
    }
    .tell(&mut telling);
    if found.to_date && plan.operation != Operation::Forecast {
        telling.say("The period is not over: this is so far.");
    }
    if let Some(coverage) = telling.coverage.filter(|it| *it < 0.95) {
        telling.say(format!(
            "Based on {} of the period: for the rest there are no readings.",
            format.share(coverage)
        ));
    }
    for note in notes {
        telling.say(note.clone());
    }
    let text = telling.sentences.join(" ");
    let mut events: Vec<Event> = telling.facts.into_iter().map(Event::Fact).collect();
    events.extend(chart::chart(plan, house, found, &format).map(Event::Chart));
    events.extend(
        telling
            .sentences
            .iter()
            .enumerate()
            .map(|(at, it)| Event::Text(if at == 0 { it.clone() } else { format!(" {it}") })),
    );
    events.push(Event::Suggestions(suggestions(plan, house)));
    let devices: Vec<String> = plan
        .selection
        .devices
        .iter()
        .map(|id| house.name(*id).to_owned())
        .collect();
    let proof = Proof {
        text,
        period: found.interval.map(pair),
        stretches: found
            .stretches
            .first()
            .filter(|it| it.each.len() > 1)
            .map(|it| it.each.iter().map(|it| pair(it.interval)).collect())
            .unwrap_or_default(),
        coverage: telling.coverage,
        devices,
        definitions: definitions(plan),
    };
    Answer {
        events,
        proof,
        focus: found.focus.clone(),
    }
}

fn definitions(plan: &Plan) -> Vec<String> {
    let headings: &[&str] = match plan.operation {
        Operation::Inventory | Operation::Settings | Operation::Help => &[],
        Operation::Total | Operation::Breakdown | Operation::Rank | Operation::Share if plan.metric != Metric::Cost => {
            &["Time", "Energy"]
        }
        Operation::Compare if plan.versus == Some(Versus::Usual) => &["Time", "Energy", "Words"],
        Operation::Unused => &["Time", "Figures", "Words"],
        _ => &["Time", "Energy", "Figures"],
    };
    headings.iter().map(|it| (*it).to_owned()).collect()
}

/// Questions that would work next.
pub(crate) fn suggestions(plan: &Plan, house: &House) -> Vec<String> {
    let device = plan.selection.devices.first().map(|id| house.name(*id).to_owned());
    let period = match &plan.period {
        Some(it @ (TimeExpr::Calendar { .. } | TimeExpr::Rolling(_) | TimeExpr::Weekend(_))) => timex::words(it),
        Some(it @ TimeExpr::Month(..)) => format!("in {}", timex::words(it)),
        _ => "last week".to_owned(),
    };
    let all: Vec<String> = match (plan.operation, device) {
        (Operation::Total, Some(name)) => vec![
            format!("What did {name} cost {period}?"),
            format!("Peak power of {name} {period}"),
            "Which device used the most last week?".into(),
        ],
        (Operation::Total | Operation::Compare, None) => vec![
            format!("Which device used the most {period}?"),
            format!("Break down {period} by device"),
            "Compare this month with last month".into(),
        ],
        (Operation::Live, _) => vec!["How much did I use today?".into(), "What was my peak today?".into()],
        (Operation::Rank | Operation::Breakdown, _) => vec![
            format!("How much did I use {period}?"),
            "Compare last week with the week before".into(),
        ],
        (Operation::Runs, Some(name)) => vec![
            format!("How much did {name} use last week?"),
            format!("How long was {name} on last week?"),
            format!("When was {name} last on?"),
        ],
        (Operation::Forecast, _) => vec![
            "How much did I use this month?".into(),
            "Compare this month with last month".into(),
            "Which device used the most this month?".into(),
        ],
        (Operation::Explain | Operation::Unusual, _) => vec![
            "Break down last week by device".into(),
            "Compare last week with the week before".into(),
            "What was my peak last week?".into(),
        ],
        (Operation::Compare, Some(name)) if plan.versus.is_some() => vec![
            format!("How much did {name} use {period}?"),
            format!("Peak power of {name} {period}"),
            format!("Why did {name} use more {period}?"),
        ],
        (Operation::WhatIf, Some(name)) => vec![
            format!("What did {name} cost {period}?"),
            format!("How much did {name} use {period}?"),
            "Which device cost the most last month?".into(),
        ],
        (Operation::Untracked | Operation::Unused | Operation::Baseload, _) => vec![
            "What is my always-on load?".into(),
            format!("Break down {period} by device"),
            format!("How much did I use {period}?"),
        ],
        _ => vec![
            "How much did I use yesterday?".into(),
            "What did electricity cost this month?".into(),
            "Which device used the most last week?".into(),
        ],
    };
    all.into_iter().take(3).collect()
}
