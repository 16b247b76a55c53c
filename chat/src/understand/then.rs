//! What is asked of the answer that was told last: `what was on then?` after a peak, `since when?`, and `what was running at the peak yesterday?`: who drew power when there was most.

use super::{
    Context,
    frame::Frame,
    lexicon::Cue,
    plan::{Metric, Operation, Plan, Selection, TimeExpr, Want},
    reading::Reading,
    selection::pick,
};

/// What a turn may say that asks of the time that was just told, and nothing else.
const WORDS: [&str; 58] = [
    "a",
    "actually",
    "all",
    "and",
    "appliance",
    "appliances",
    "at",
    "back",
    "behind",
    "by",
    "causing",
    "caused",
    "device",
    "devices",
    "doing",
    "down",
    "drawing",
    "drew",
    "during",
    "else",
    "exactly",
    "for",
    "going",
    "hey",
    "i",
    "in",
    "is",
    "it",
    "moment",
    "of",
    "ok",
    "on",
    "point",
    "power",
    "pulling",
    "responsible",
    "running",
    "so",
    "stuff",
    "that",
    "the",
    "then",
    "there",
    "thing",
    "things",
    "this",
    "time",
    "to",
    "was",
    "we",
    "were",
    "what",
    "whats",
    "which",
    "who",
    "using",
    "up",
    "s",
];
/// One of these asks who it was.
const ACTIVE: [&str; 9] = [
    "on", "running", "drawing", "drew", "pulling", "using", "causing", "caused", "behind",
];
const ASKED: [&str; 5] = ["what", "whats", "which", "who", "what's"];

/// What is asked of the answer that was told last: who drew power at its peak, which of its runs, whose doing it was.
pub(crate) fn of_then(reading: &Reading, context: &Context) -> Option<Plan> {
    if context.missed {
        return None;
    }
    let pick = pick(reading);
    let last = context.plans.last()?;
    let frame = Frame::new(reading, &pick);
    let at_extreme = || Plan {
        operation: Operation::Breakdown,
        want: Some(Want::AtExtreme),
        ..last.clone()
    };
    let bare = frame.named + frame.times == 0;
    // "How much are we using now? - What is using it?", "what is running? - How much is that in total?"
    if bare && last.operation == Operation::Live {
        let whose = frame.has(Cue::What)
            && frame.phrases(&[
                "using it",
                "taking it",
                "drawing it",
                "pulling it",
                "using that",
                "using all that",
            ]);
        let all = frame.phrases(&["how much is that", "how much are they", "how much is it"]) && frame.has(Cue::Total);
        let most = frame.extreme()
            && frame.has(Cue::Device)
            && frame.phrases(&["is taking", "is using", "is drawing", "is pulling", "is consuming"]);
        if whose || all || most {
            return Some(Plan {
                limit: u32::from(most),
                direction: frame.direction(),
                ..Plan::new(Operation::Live, Metric::Power)
            });
        }
    }
    // "What is using power now? - Is the pump part of it?"
    let part = frame.phrases(&[
        "part of it",
        "part of that",
        "among them",
        "one of them",
        "one of those",
    ]);
    if last.operation == Operation::Live && frame.named == 1 && frame.times == 0 && part {
        return Some(frame.of_one(Plan::new(Operation::Live, Metric::Runtime)));
    }
    // "Which thing takes the most of that?"
    let of_that = last.operation == Operation::Live && frame.extreme() && frame.phrases(&["of that", "of it"]);
    if bare && of_that && frame.has(Cue::What) {
        return Some(Plan {
            limit: 1,
            direction: frame.direction(),
            ..Plan::new(Operation::Live, Metric::Power)
        });
    }
    // "Is the car charging? - Since when?"
    let since = frame.phrases(&["since when", "how long for", "for how long", "since what time"]);
    if bare && since && last.operation == Operation::Live && last.selection.devices.len() == 1 {
        return Some(Plan {
            want: Some(Want::Last),
            period: Some(TimeExpr::All),
            selection: last.selection.clone(),
            ..Plan::new(Operation::Runs, Metric::Runs)
        });
    }
    // "List my devices. - How many is that?"
    let listed = last.operation == Operation::Inventory && last.want == Some(Want::Devices);
    if bare && listed && frame.phrase("how many") && reading.tokens.len() <= 6 {
        return Some(Plan {
            want: Some(Want::Count),
            ..last.clone()
        });
    }
    if let Some(plan) = more_of_it(&frame, last, context).filter(|_| bare) {
        return Some(plan);
    }
    if let Some(plan) = between_both(&frame, context) {
        return Some(plan);
    }
    // "Why was it higher? - Which device is to blame?": the reasons name the devices.
    let blames = last.operation == Operation::Explain
        && frame.phrases(&["to blame", "responsible", "at fault", "the culprit", "main reason"])
        && frame.named + frame.times == 0;
    if blames {
        return Some(last.clone());
    }
    let of_runs = || frame.of_those_runs(last);
    frame.asks_of_then(last).then(at_extreme).or_else(of_runs)
}

/// What asks for a share of what was told.
const PERCENT: [&str; 7] = [
    "how many percent",
    "what percent",
    "in percent",
    "what percentage",
    "as a percentage",
    "percentage was that",
    "how many %",
];
/// What asks for the time of a peak.
const WHEN: [&str; 6] = [
    "what day was that",
    "which day was that",
    "when was that",
    "what date was that",
    "which date was that",
    "what time was that",
];

/// What a few words ask of the figure that was told.
fn more_of_it(frame: &Frame<'_>, last: &Plan, context: &Context) -> Option<Plan> {
    let short = frame.reading.tokens.len() <= 9 && frame.reading.numbers.is_empty();
    let of = |want| Plan {
        want: Some(want),
        ..last.clone()
    };
    match last.operation {
        _ if !short => None,
        // "By how many percent?"
        Operation::Compare if frame.phrases(&PERCENT) => Some(last.clone()),
        // "Which used most? - What percentage was that?"
        Operation::Rank if frame.phrases(&PERCENT) && context.focus.len() == 1 && last.selection.is_home() => {
            Some(Plan {
                selection: Selection::device(*context.focus.first()?),
                period: last.period.clone(),
                ..Plan::new(Operation::Share, last.metric)
            })
        }
        Operation::Extreme if frame.phrases(&WHEN) => Some(last.clone()),
        // "The cheapest day in August? - How much was it on that day?"
        Operation::Extreme
            if last.bucket.is_some()
                && (frame.phrases(&["that day", "that week", "that month", "that hour"])
                    || frame.reading.tokens.len() <= 5)
                && frame.phrases(&[
                    "how much was",
                    "how much did",
                    "what was it",
                    "what did it",
                    "what did we",
                ]) =>
        {
            Some(last.clone())
        }
        // "Did it run today? - Until when?"
        Operation::Runs if frame.phrases(&["until when", "till when", "until what time", "till what time"]) => {
            Some(of(Want::LastOff))
        }
        // "How many units was that? - What fraction of the total?"
        Operation::Total
            if !last.selection.is_home()
                && !last.selection.except
                && frame.phrases(&[
                    "what fraction",
                    "what share",
                    "what part",
                    "which part",
                    "what proportion",
                ]) =>
        {
            Some(Plan {
                selection: last.selection.clone(),
                period: last.period.clone(),
                ..Plan::new(Operation::Share, last.metric)
            })
        }
        // "How many devices are there? - Name them."
        Operation::Inventory
            if frame.phrases(&[
                "name them",
                "list them",
                "which are they",
                "what are they",
                "which ones",
            ]) =>
        {
            Some(of(Want::Devices))
        }
        // "How many kWh? - What was most of that?"
        Operation::Total
            if last.selection.is_home() && frame.has(Cue::What) && frame.phrases(&["most of that", "most of it"]) =>
        {
            Some(Plan {
                limit: 1,
                period: last.period.clone(),
                ..Plan::new(Operation::Rank, last.metric)
            })
        }
        // "kWh for the telly. - I meant in hours."
        Operation::Total
            if last.selection.devices.len() == 1
                && (frame.phrases(&["in hours", "how many hours"])
                    || frame.reading.tokens.len() <= 2 && frame.says(&["hours"])) =>
        {
            Some(Plan {
                want: Some(Want::Duration),
                period: last.period.clone(),
                selection: last.selection.clone(),
                ..Plan::new(Operation::Runs, Metric::Runs)
            })
        }
        _ => None,
    }
}

/// "Last week? - The week before that? - Why the difference?": of the two that were told.
fn between_both(frame: &Frame<'_>, context: &Context) -> Option<Plan> {
    let [.., before, last] = context.plans.as_slice() else {
        return None;
    };
    let bare = frame.named + frame.times == 0;
    let asked = bare && frame.has(Cue::Why) && frame.has(Cue::Difference);
    // "Which of these two days cost more?"
    let which = bare
        && frame.has(Cue::What)
        && frame.reading.any(&[Cue::MoreLess, Cue::Max])
        && frame.phrases(&[
            "of these two",
            "of those two",
            "of the two",
            "of these",
            "of those",
            "of them",
        ]);
    let alike = before.operation == Operation::Total && last.operation == before.operation;
    let apart = before.selection == last.selection && before.period != last.period && last.compare_to.is_none();
    // The earlier one stands in relation to the other.
    let (period, compare_to) = (before.period.clone(), last.period.clone());
    let operation = if asked { Operation::Explain } else { Operation::Compare };
    ((asked || which) && alike && apart).then(|| Plan {
        period,
        compare_to,
        selection: last.selection.clone(),
        ..Plan::new(operation, last.metric)
    })
}

impl Frame<'_> {
    /// The plan, of the devices that are named.
    fn of_one(&self, plan: Plan) -> Plan {
        let selection = match self.pick {
            super::Pick::Devices(selection) => selection.clone(),
            _ => Selection::default(),
        };
        Plan { selection, ..plan }
    }

    /// Whether it asks who drew power at the time of the highest or lowest that the last answer told.
    pub(crate) fn asks_of_then(&self, last: &Plan) -> bool {
        let peak = last.operation == Operation::Extreme && last.want.is_none() && last.rank == 0;
        let asked = Plan {
            operation: Operation::Breakdown,
            want: Some(Want::AtExtreme),
            ..last.clone()
        };
        let tokens = &self.reading.tokens;
        let known = tokens.iter().all(|it| {
            let text = it.text.as_str();
            WORDS.contains(&text) || ASKED.contains(&text) || !text.chars().any(char::is_alphanumeric)
        });
        let active = self.says(&ACTIVE) || self.phrases(&["down to", "going on", "responsible for"]);
        // "What is on?" is about now.
        let past =
            self.says(&["was", "were", "drew", "caused", "behind"]) || self.phrases(&["down to", "responsible for"]);
        // "What used the most on that day?"
        let step = ["that hour", "that day", "that night", "that week", "that month"];
        let stepped = peak && last.bucket.is_some() && self.phrases(&step) && self.reading.times.is_empty();
        if stepped
            && asked.is_at_extreme()
            && self.reading.mentions.is_empty()
            && self.has(Cue::What)
            && self.has(Cue::Use)
        {
            return true;
        }
        peak && asked.is_at_extreme()
            && self.reading.mentions.is_empty()
            && known
            && self.says(&ASKED)
            && active
            && past
    }

    /// The same in one question.
    pub(crate) fn at_peak(&self) -> Option<Plan> {
        let phrases = [
            "what was on",
            "what was running",
            "what was drawing",
            "what was using",
            "what was pulling",
            "what were we running",
            "what was going on",
            "which devices were on",
            "which devices were running",
            "which appliances were on",
            "which appliances were running",
            "what devices were on",
            "what devices were running",
            "what appliances were on",
            "what appliances were running",
        ];
        let peak = self.says(&["peak", "peaks"]) || self.phrases(&["highest power", "highest load"]);
        let other = self.measure.cost || self.named > 0 || self.times > 1 || self.has(Cue::Min);
        (self.phrases(&phrases) && peak && !other).then(|| Plan {
            want: Some(Want::AtExtreme),
            ..Plan::new(Operation::Breakdown, Metric::Power)
        })
    }
}
