//! A question among words that ask nothing: "my sister was here and the house was full, so how much did the heater use?". The
//! words beside it are left aside, and the answer names them; what they say of a device or a time is kept where the question
//! points back to it, and where they might change the question there is no plan.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use voltaire_types::Timestamp;

use super::{
    Context, No, Understood, World,
    entities::Found,
    harmless::is_person,
    lexicon::Cue,
    normalise::{Token, tokens},
    plan::{Operation, TimeExpr, Unit},
    questions::{asks, slice},
    reading::Reading,
    refuse::{about_energy, text},
    timex::{self, Meaning, Today},
};

/// Places at which a message is cut, at most.
const MOST: usize = 12;
/// Words that make what they stand in a condition, an exception or an order.
const BINDING: [&str; 16] = [
    "if",
    "suppose",
    "supposing",
    "assuming",
    "imagine",
    "unless",
    "without",
    "except",
    "excluding",
    "ignore",
    "pretend",
    "not",
    "instead",
    "versus",
    "vs",
    "compare",
];
/// Cues that would change a question that they stand beside.
const CHANGING: [Cue; 23] = [
    Cue::Except,
    Cue::WhatIf,
    Cue::Compare,
    Cue::Average,
    Cue::PerHour,
    Cue::PerDay,
    Cue::PerWeek,
    Cue::PerMonth,
    Cue::PerYear,
    Cue::Breakdown,
    Cue::Share,
    Cue::Each,
    Cue::Both,
    Cue::Total,
    Cue::Money,
    Cue::Cost,
    Cue::Min,
    Cue::Max,
    Cue::Top,
    Cue::MoreLess,
    Cue::In(Unit::Kwh),
    Cue::In(Unit::Mwh),
    Cue::Including,
];
/// Words that something told begins with, after a question.
const TOLD: [&str; 32] = [
    "or",
    "kinda",
    "pretty",
    "super",
    "bit",
    "im",
    "you",
    "so",
    "i",
    "we",
    "it",
    "he",
    "she",
    "they",
    "my",
    "our",
    "the",
    "there",
    "nobody",
    "everyone",
    "everybody",
    "someone",
    "this",
    "that",
    "because",
    "cause",
    "cos",
    "since",
    "as",
    "just",
    "been",
    "sorry",
];
/// Times that "that" points back to.
const BACK: [&str; 16] = [
    "days",
    "nights",
    "weeks",
    "evenings",
    "mornings",
    "time",
    "period",
    "stretch",
    "day",
    "night",
    "evening",
    "morning",
    "afternoon",
    "week",
    "weekend",
    "month",
];

/// The question of a message that is not understood as a whole.
pub(super) fn question(
    text: &str,
    (world, now): (&World, Timestamp),
    context: &Context,
    whole: &Understood,
) -> Option<Understood> {
    let left_aside = matches!(whole, Understood::Plan { unknown, .. } if !unknown.is_empty());
    let refused = match whole {
        Understood::Refuse(no) => !matches!(no, No::Future | No::OtherCurrency(_) | No::NoTariff),
        _ => false,
    };
    if !left_aside && !refused {
        return None;
    }
    let text: String = text.nfc().collect();
    let message = Message::new(&text, (world, now));
    let all = message.all.len();
    let starts = message.cuts.iter().map(|at| (*at, all));
    let ends = message.cuts.iter().rev().map(|at| (0, *at));
    let both = message.cuts.iter().flat_map(|from| {
        let later = message.cuts.iter().rev().filter(move |to| *to > from);
        later.map(|to| (*from, *to))
    });
    let ways: Vec<_> = starts.chain(ends).chain(both).take(3 * MOST).collect();
    // What begins as a question does comes first.
    let mut strict = [true, false]
        .into_iter()
        .flat_map(|strict| ways.iter().map(move |way| (strict, way)));
    strict.find_map(|(strict, (from, to))| message.read((*from..*to, strict), context))
}

/// Whether it only speaks of people next door, and not of their accounts.
fn neighbourly(reading: &Reading) -> bool {
    let mut private = reading.evidence.iter().filter(|it| it.cue == Cue::Private);
    private.all(|it| {
        let words = text(reading, it);
        words.starts_with("neighb") || ["someone else", "somebody else", "everyone else"].contains(&words.as_str())
    })
}

fn is_measured(reading: &Reading) -> bool {
    reading.any(&[Cue::Use, Cue::Energy, Cue::Cost, Cue::Power, Cue::In(Unit::Kwh)])
}

/// Whether it tells something: by its first word, by who it is about, or by a subject of its own with its verb.
fn tells(reading: &Reading) -> bool {
    let Some(first) = reading.tokens.first().map(|it| it.text.as_str()) else {
        return false;
    };
    let unknown = reading.unknown.first().is_some_and(|(_, at)| *at == 0);
    let verb = |it: &Token| {
        [
            "is", "are", "was", "were", "has", "have", "had", "keeps", "comes", "came",
        ]
        .contains(&it.text.as_str())
    };
    let subject = unknown && reading.tokens.iter().skip(1).any(verb);
    TOLD.contains(&first) || is_person(first) || subject
}

/// Whether somebody says it of himself or others: `we had the lights on`.
fn is_said_by_someone(reading: &Reading) -> bool {
    let word = |at: usize| reading.tokens.get(at).map_or("", |it| it.text.as_str());
    let verb = [
        "had", "have", "was", "were", "am", "are", "is", "got", "left", "think", "thought", "know", "bought", "saw",
        "heard",
    ];
    [
        "i",
        "we",
        "he",
        "she",
        "they",
        "you",
        "nobody",
        "everyone",
        "everybody",
        "someone",
    ]
    .contains(&word(0))
        && verb.contains(&word(1))
}

/// Whether a number counts what has nothing to do with energy: `we had 14 people over`.
fn counts_others(reading: &Reading, at: usize) -> bool {
    reading.unknown.iter().any(|(_, next)| *next == at + 1)
}

struct Message<'a> {
    text: &'a str,
    all: Vec<Token>,
    /// Where a clause begins.
    cuts: Vec<usize>,
    world: &'a World,
    now: Timestamp,
}

impl<'a> Message<'a> {
    fn new(text: &'a str, (world, now): (&'a World, Timestamp)) -> Self {
        let all = tokens(text, world.month_first);
        let begins = |at: &usize| {
            let before = &all[at - 1];
            let apart = before.clause != all[*at].clause || before.text == "-";
            let next = all.get(at + 1).map_or("", |it| it.text.as_str());
            let or = all[*at].text == "or" && ["did", "was", "is", "were", "has", "have", "does"].contains(&next);
            apart || or || ["so", "but"].contains(&all[*at].text.as_str())
        };
        let cuts = (1..all.len()).filter(begins).take(MOST).collect();
        Self {
            text,
            all,
            cuts,
            world,
            now,
        }
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        slice(self.text, &self.all, range)
    }

    fn reading(&self, text: &str) -> Reading {
        let today = Today {
            calendar: &self.world.calendar,
            now: self.now,
        };
        Reading::new(text, self.world, today)
    }

    /// The question that stands in these tokens, where the others only surround it.
    fn read(&self, (range, strict): (Range<usize>, bool), context: &Context) -> Option<Understood> {
        let (before, asked, after) = (
            self.slice(0..range.start),
            self.slice(range.clone()),
            self.slice(range.end..self.all.len()),
        );
        let question = self.reading(asked);
        let asides: Vec<&str> = [before, after].into_iter().filter(|it| !it.is_empty()).collect();
        let placed = !question.mentions.is_empty() || !question.times.is_empty();
        let counts = placed && question.any(&[Cue::Cost, Cue::Energy, Cue::Total]);
        let loosely = question.any(&[Cue::HowMuch, Cue::What, Cue::When]) || counts;
        let asking = asks(&question, true) || !strict && loosely;
        let lone = before.is_empty() || asking;
        // "And in francs, I need it for the tax".
        let money = before.is_empty() && question.has(Cue::Money) || question.has(Cue::Why);
        if !lone
            || !(about_energy(&question) || money || self.is_about_it(&question, before))
            || !self.surrounds(before, false)
            || !self.surrounds(after, true)
        {
            return None;
        }
        let filled = self.filled(asked, &question, before)?;
        match super::one(&filled, self.world, context, self.now) {
            Understood::Plan {
                plan,
                confidence,
                unknown,
            } => Some(Understood::Plan {
                plan,
                confidence: (confidence - 0.2).max(0.5),
                unknown: asides.into_iter().map(str::to_owned).chain(unknown).collect(),
            }),
            clarify @ Understood::Clarify(_) => Some(clarify),
            _ => None,
        }
    }

    /// Whether words only stand around a question. After it they may say nothing of time, devices or figures.
    fn surrounds(&self, words: &str, after: bool) -> bool {
        if words.is_empty() {
            return true;
        }
        let reading = self.reading(words);
        // "Something that I could not answer" denies nothing that is asked about.
        let about = about_energy(&reading) || !reading.times.is_empty();
        let binding = |it: &Token| BINDING.contains(&it.text.as_str()) && (about || it.text != "not");
        let binds = reading.tokens.iter().any(binding) || reading.has(Cue::WhatIf);
        let private = reading.has(Cue::Private) && (!neighbourly(&reading) || is_measured(&reading));
        let hostile = private || reading.has(Cue::Injection) || reading.commands();
        let future = reading.meanings().any(|it| *it == Meaning::Future);
        let changes = reading.any(&CHANGING)
            || reading.numbers.iter().any(|(_, at)| !counts_others(&reading, *at))
            || !reading.times.is_empty()
            || !reading.mentions.is_empty() && !is_said_by_someone(&reading);
        // "5 pm yesterday, how much": a time by itself is part of the question.
        let known = reading.unknown.iter().all(|(word, _)| timex::knows(word));
        let bare = !reading.times.is_empty() && known && reading.evidence.iter().all(|it| it.cue.is_empty());
        let limits = |it: &Token| ["only", "excluded", "included"].contains(&it.text.as_str());
        let told = !after || tells(&reading) && !reading.tokens.iter().any(limits);
        // Another question is not left aside.
        if self.asks_too(words) {
            return false;
        }
        !binds && !hostile && !future && !bare && told && !(after && (changes || reading.unknown.is_empty()))
    }

    /// "The well pump has been quiet, when did it last run?": of what was told before.
    fn is_about_it(&self, question: &Reading, before: &str) -> bool {
        let it = question
            .tokens
            .iter()
            .any(|it| ["it", "they", "them"].contains(&it.text.as_str()));
        let told = || !self.reading(before).mentions.is_empty();
        question.has(Cue::DataQuality) || it && question.any(&[Cue::Last, Cue::When, Cue::On, Cue::Runs]) && told()
    }

    /// Whether a clause among these words asks something of the home's energy by itself.
    fn asks_too(&self, words: &str) -> bool {
        let all = tokens(words, self.world.month_first);
        let ends = (1..=all.len()).filter(|at| all.get(*at).is_none_or(|it| it.clause != all[at - 1].clause));
        let mut start = 0;
        let clauses: Vec<_> = ends.map(|end| std::mem::replace(&mut start, end)..end).collect();
        clauses.into_iter().any(|range| {
            let reading = self.reading(slice(words, &all, range));
            asks(&reading, true) && is_measured(&reading) && reading.any(&[Cue::HowMuch, Cue::What, Cue::When])
        })
    }

    /// The question with the device and the time of the words before it, where it points back to them.
    fn filled(&self, asked: &str, question: &Reading, before: &str) -> Option<String> {
        let aside = self.reading(before);
        let words = |range: &Range<usize>| slice(before, &aside.tokens, range.clone());
        let mut filled = asked.to_owned();
        let single = |found: &Found| matches!(found, Found::Devices(_));
        let named: Vec<_> = aside.mentions.iter().filter(|it| single(&it.found)).collect();
        // "A dryer costs nothing, so how much did ours use": there is none.
        let whose = |it: &Token| ["ours", "mine"].contains(&it.text.as_str());
        if named.is_empty() && question.mentions.is_empty() && question.tokens.iter().any(whose) {
            return None;
        }
        if question.mentions.is_empty() && !named.is_empty() {
            let word = |at: usize| question.tokens.get(at).map_or("", |it| it.text.as_str());
            let stands = |at: usize| {
                ["it", "them", "those", "they", "that", "ours", "mine"].contains(&word(at))
                    && !BACK.contains(&word(at + 1))
            };
            let places: Vec<usize> = (0..question.tokens.len()).filter(|at| stands(*at)).collect();
            let own = question.any(&[Cue::My, Cue::Home, Cue::Device, Cue::Consumer]);
            // "When did our load peak, and how high was it": the load.
            let ours = question
                .tokens
                .iter()
                .any(|it| ["my", "our"].contains(&it.text.as_str()))
                || question.any(&[Cue::Home, Cue::Device, Cue::Consumer]);
            match named.as_slice() {
                [only] if !places.is_empty() && !ours => {
                    filled = format!("{filled} {}", words(&only.range));
                }
                _ if (own || question.has(Cue::DataQuality)) && places.is_empty() => {}
                _ => return None,
            }
        }
        // "Someone offered me 1.05 per kWh. What would July have cost at that price?"
        let that_price = question.tokens.iter().any(|it| it.text == "would")
            && ["at that price", "at that rate", "at that tariff", "at that"]
                .iter()
                .any(|it| question.says_phrase(it));
        if let ([(_, at)], true) = (aside.numbers.as_slice(), that_price) {
            let kwh = aside
                .tokens
                .iter()
                .position(|it| ["kwh", "kilowatt"].contains(&it.text.as_str()));
            let end = kwh.filter(|end| end > at && end - at <= 4)?;
            filled = format!("{filled} {}", words(&(*at..end + 1)));
        }
        // "The bill for June was brutal, why was it so high": the bill.
        let measured = question.any(&[Cue::Energy, Cue::Cost, Cue::Money, Cue::Power, Cue::Use]);
        if question.has(Cue::Why) && !measured && aside.has(Cue::Cost) {
            filled.push_str(" cost");
        }
        let dated = ["today", "yesterday", "tonight", "this", "last"];
        let hours = |it: &timex::TimeMention| matches!(&it.meaning, Meaning::Expr(TimeExpr::Clock { base, .. }) if matches!(**base, TimeExpr::Calendar { .. }));
        let undated = question.times.first().is_some_and(hours)
            && !question.tokens.iter().any(|it| dated.contains(&it.text.as_str()));
        let times: Vec<_> = aside.times.iter().filter(|it| !it.range.is_empty()).collect();
        let timeless = |text: &str| match super::one(text, self.world, &Context::default(), self.now) {
            Understood::Plan { plan, .. } => {
                matches!(
                    plan.operation,
                    Operation::Live
                        | Operation::Settings
                        | Operation::Inventory
                        | Operation::Help
                        | Operation::Forecast
                )
            }
            _ => false,
        };
        // What is added stands behind the question, whose words stay in their places.
        let pointed = question.tokens.windows(2).find_map(|it| {
            let [that, time] = it else { return None };
            let back = ["that", "those"].contains(&that.text.as_str()) && BACK.contains(&time.text.as_str());
            // "That evening" is the evening of the day that was told.
            let part = ["night", "evening", "morning", "afternoon"].contains(&time.text.as_str());
            back.then_some((that.span.start, time, part))
        });
        let complete =
            |only: &timex::TimeMention, time: &Token, part: bool| !part || words(&only.range).ends_with(&time.text);
        match (pointed, times.as_slice()) {
            (Some((start, time, part)), [only]) => {
                let end = if complete(only, time, part) {
                    time.span.end
                } else {
                    time.span.start
                };
                let rest = filled.get(end..).unwrap_or_default();
                filled = format!(
                    "{} {} {rest}",
                    filled.get(..start).unwrap_or_default(),
                    words(&only.range)
                );
            }
            (None, []) => {}
            (None, _) if !question.times.is_empty() && !undated || timeless(&filled) => {}
            (None, [only]) => filled = format!("{filled} {}", words(&only.range)),
            _ => return None,
        }
        Some(filled)
    }
}
