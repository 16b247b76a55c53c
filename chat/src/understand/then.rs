//! `what was on then?` after a peak, and `what was running at the peak yesterday?`: who drew power when there was most.

use super::{
    frame::Frame,
    lexicon::Cue,
    plan::{Metric, Operation, Plan, Want},
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

impl Frame<'_> {
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
