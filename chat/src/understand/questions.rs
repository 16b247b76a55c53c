//! Several questions in one message: each is read by itself, after the ones before it, and none is lost in another. Where
//! the message is one question after all, as "how much was it, and what did it cost", it stays one.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use voltaire_types::Timestamp;

use super::{
    Context, No, Topic, Understood, World,
    carry::names_one,
    lexicon::Cue,
    normalise::{Token, tokens},
    plan::{Operation, Plan, Want},
    reading::Reading,
    timex::{Meaning, Today},
};

/// Questions of a message that are answered.
const MOST: usize = 8;
/// Words that a question begins with.
const STARTS: [&str; 24] = [
    "how", "what", "whats", "which", "when", "who", "why", "where", "did", "is", "are", "was", "were", "does", "do",
    "has", "have", "show", "tell", "list", "compare", "give", "break", "explain",
];
/// Those that begin one after a comma.
const ASKS: [&str; 5] = ["how", "what", "whats", "which", "when"];
/// Words that may stand before it.
const BEFORE: [&str; 29] = [
    "and", "also", "plus", "then", "so", "now", "please", "hey", "hi", "hello", "ok", "okay", "but", "oh", "can",
    "could", "would", "will", "you", "want", "like", "to", "know", "need", "just", "well", "thanks", "voltaire", "ah",
];
/// Words that join a further question.
const JOINS: [&str; 3] = ["and", "also", "plus"];

/// A question of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its words.
    pub text: String,
    /// What became of it.
    pub understood: Understood,
    /// Whether it is about a device that the answer before it names, and has to be read again when that is known.
    pub follows: bool,
}

/// A question while it is read.
#[expect(clippy::struct_excessive_bools, reason = "each is so or not, independently")]
struct Heard {
    part: Part,
    /// Whether it is a sentence of its own.
    apart: bool,
    asks: bool,
    timed: bool,
    named: bool,
    /// Whether it says whose energy it is about, be it the home's.
    placed: bool,
    /// Whether it begins as a question does.
    begins: bool,
    /// Whether it says nothing but a time or a device, so that what is asked about stands elsewhere.
    bare: bool,
}

/// The questions of a message; none where it is one, or where one reading covers them all.
pub(super) fn several(
    text: &str,
    (world, now): (&World, Timestamp),
    context: &Context,
    whole: &Understood,
) -> Option<Vec<Part>> {
    let never = matches!(
        whole,
        Understood::Refuse(No::Private | No::OffTopic | No::Unsupported(Topic::Command)) | Understood::Courtesy
    );
    if never || context.pending.is_some() {
        return None;
    }
    let text: String = text.nfc().collect();
    let pieces = pieces(&text, world);
    // Each is read by itself: more are not tried.
    if pieces.len() > 2 * MOST {
        return None;
    }
    let pieces: Vec<Piece> = pieces.into_iter().flat_map(|it| listed(it, world)).collect();
    let mut pieces = timed(pieces, (world, now));
    pieces.retain(|it| !announces(&tokens(&it.text, world.month_first)));
    if !(2..=MOST).contains(&pieces.len()) {
        return None;
    }
    let mut heard = hear(&pieces, (world, now), context);
    heard.retain(|it| it.part.understood != Understood::Courtesy);
    let plan = |it: &Heard| matches!(it.part.understood, Understood::Plan { .. });
    share(&mut heard);
    let several = heard.len() > 1;
    let mut heard = once(heard);
    // "Why was it so high, and which device is to blame?"
    if let ([only], true) = (heard.as_slice(), several) {
        let refused = matches!(whole, Understood::Refuse(_));
        return (refused && plan(only)).then(|| vec![only.part.clone()]);
    }

    let asked = heard
        .iter()
        .filter(|it| matches!(it.part.understood, Understood::Clarify(_)))
        .count();
    let refused = |it: &Heard| matches!(it.part.understood, Understood::Refuse(_));
    let many = heard.len() > 1 && heard.iter().all(|it| it.asks) && heard.iter().any(plan) && asked <= 1;
    let covered = |it: &Heard| match (&it.part.understood, whole) {
        (Understood::Plan { plan, .. }, Understood::Plan { plan: whole, .. }) => covers(whole, plan),
        _ => false,
    };
    if !many || heard.iter().all(covered) {
        return None;
    }
    let one_question = matches!(whole, Understood::Plan { .. }) && heard.iter().skip(1).all(|it| !it.begins);
    if one_question && heard.iter().any(|it| it.timed) {
        return None;
    }
    let open = heard.iter().position(refused).unwrap_or(heard.len());
    if heard.iter().skip(open).any(|it| it.bare && plan(it)) {
        return None;
    }
    if heard.iter().any(refused) {
        let understood = matches!(whole, Understood::Plan { .. } | Understood::Clarify(_));
        let apart = heard.iter().skip(1).all(|it| it.apart);
        let supposes = |it: &Token| ["if", "suppose", "imagine", "assuming"].contains(&it.text.as_str());
        let supposes = tokens(&text, world.month_first).iter().any(supposes);
        if pieces.iter().any(|it| it.listed) || supposes || understood && !apart {
            return None;
        }
    }
    Some(heard.drain(..).map(|it| it.part).collect())
}

/// Words of a message that may be a question.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    /// Whether it is a sentence of its own.
    apart: bool,
    /// Whether it is one of several words for which the same is asked.
    listed: bool,
}

/// `three things`: that there are several questions.
fn announces(all: &[Token]) -> bool {
    let noun = all.last().map_or("", |it| it.text.as_str());
    all.len() <= 4
        && ["things", "questions", "thing", "question", "qs"].contains(&noun)
        && !all.iter().any(|it| STARTS.contains(&it.text.as_str()))
}

/// What is the highest, the lowest, the mean, the sum.
const KINDS: [Cue; 4] = [Cue::Max, Cue::Min, Cue::Average, Cue::Total];
const THE: [&str; 4] = ["the", "its", "my", "our"];

fn kind(token: Option<&Token>) -> Option<Cue> {
    let cue = super::lexicon::cue(&token?.text)?;
    KINDS.contains(&cue).then_some(cue)
}

/// Sentences, and what a joining word and a word that asks begin: `and what`, `and the peak`.
fn pieces(text: &str, world: &World) -> Vec<Piece> {
    let all = tokens(text, world.month_first);
    let said = |at: usize| all.get(at).map_or("", |it| it.text.as_str());
    let mut starts: Vec<(usize, bool)> = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let sentence = at > 0 && all[at - 1].sentence != token.sentence;
        let next = at + 1 + usize::from(["also", "then"].contains(&said(at + 1)));
        let noun = THE.contains(&said(next))
            && kind(all.get(next + 1)).is_some()
            && kind(all.get(at.wrapping_sub(1))).is_none();
        let joins = at > 0 && JOINS.contains(&token.text.as_str()) && (STARTS.contains(&said(next)) || noun);
        // "What did we use, what did it cost".
        let clause = at > 0 && all[at - 1].clause != token.clause;
        let asked = |from: usize| (from..at).any(|at| ASKS.contains(&said(at)));
        let led = ["since", "at", "for", "in", "from", "by", "until", "of"].contains(&said(next));
        let joins = joins || at > 0 && JOINS.contains(&token.text.as_str()) && led && ASKS.contains(&said(next + 1));
        let announced = |from: usize| announces(all.get(from..at).unwrap_or_default());
        let joins = joins
            || clause && ASKS.contains(&said(at)) && starts.last().is_some_and(|it| asked(it.0) || announced(it.0));
        if at == 0 || sentence || joins {
            starts.push((at, at == 0 || sentence));
        }
    }
    let ends = starts.iter().skip(1).map(|it| it.0).chain([all.len()]);
    let piece = |((from, apart), to): (&(usize, bool), usize)| Piece {
        text: slice(text, &all, *from..to).to_owned(),
        apart: *apart,
        listed: false,
    };
    starts.iter().zip(ends).map(piece).collect()
}

/// The words of some tokens of a text, as they stand there.
pub(super) fn slice<'a>(text: &'a str, all: &[Token], range: Range<usize>) -> &'a str {
    let of = all.get(range).unwrap_or_default();
    let bytes = of
        .first()
        .zip(of.last())
        .map(|(first, last)| first.span.start..last.span.end);
    bytes.and_then(|it| text.get(it)).unwrap_or_default().trim()
}

/// `highest and lowest power yesterday`: the same question of each.
fn listed(piece: Piece, world: &World) -> Vec<Piece> {
    let all = tokens(&piece.text, world.month_first);
    let the = |at: usize| usize::from(all.get(at).is_some_and(|it| THE.contains(&it.text.as_str())));
    let and = (1..all.len()).find(|at| {
        let pair = (kind(all.get(at - 1)), kind(all.get(at + 1 + the(at + 1))));
        all[*at].text == "and" && pair.0.is_some() && pair.1.is_some() && pair.0 != pair.1
    });
    let Some(and) = and else {
        return vec![piece];
    };
    let mut first = and - 1;
    while first > 0 && kind(all.get(first - 1)).is_some() {
        first -= 1;
    }
    let last = and + 1 + the(and + 1);
    let of = |range: Range<usize>| slice(&piece.text, &all, range);
    let (head, tail) = (of(0..first), of(last + 1..all.len()));
    let one = |at: usize| Piece {
        text: format!("{head} {} {tail}", of(at..at + 1)).trim().to_owned(),
        apart: piece.apart && at == first,
        listed: true,
    };
    (first..and).chain([last]).map(one).collect()
}

/// `What was my total? And my peak? Last week please`: a time that stands alone is that of the questions before it that have
/// none.
fn timed(pieces: Vec<Piece>, (world, now): (&World, Timestamp)) -> Vec<Piece> {
    let today = Today {
        calendar: &world.calendar,
        now,
    };
    let mut out: Vec<(Piece, bool)> = Vec::new();
    for piece in pieces {
        let reading = Reading::new(&piece.text, world, today);
        let timed = !reading.times.is_empty();
        if !is_time(&reading) || out.last().is_none_or(|it| it.1) {
            out.push((piece, timed));
            continue;
        }
        for (before, has_time) in out.iter_mut().rev().take_while(|it| !it.1) {
            before.text = format!("{} {}", before.text, piece.text);
            *has_time = true;
        }
    }
    out.into_iter().map(|it| it.0).collect()
}

/// Whether it says when, and nothing else.
fn is_time(reading: &Reading) -> bool {
    let empty = |cue: Cue| matches!(cue, Cue::Filler | Cue::Polite | Cue::Link | Cue::Follow | Cue::Occasion);
    let nothing = reading.mentions.is_empty() && reading.numbers.is_empty() && reading.unknown.is_empty();
    !reading.times.is_empty() && nothing && reading.evidence.iter().all(|it| empty(it.cue))
}

/// Each question after the ones before it.
fn hear(pieces: &[Piece], (world, now): (&World, Timestamp), context: &Context) -> Vec<Heard> {
    let today = Today {
        calendar: &world.calendar,
        now,
    };
    let mut context = context.clone();
    let mut open = false;
    let mut heard = Vec::new();
    for Piece { text, apart, listed } in pieces {
        let reading = Reading::new(text, world, today);
        let understood = super::one(text, world, &context, now);
        let named = !reading.mentions.is_empty();
        let plain = reading
            .meanings()
            .all(|it| matches!(it, Meaning::Expr(_) | Meaning::Some(_)));
        let goes_on = !heard.is_empty() && is_time(&reading);
        let begins = *listed || asks(&reading, false) || reading.any(&[Cue::HowMuch, Cue::What, Cue::When]);
        let asks = *listed || goes_on || asks(&reading, heard.is_empty()) || stands_alone(text, &reading, (world, now));
        let part = Part {
            text: text.clone(),
            follows: open && !named,
            understood,
        };
        if let Understood::Plan { plan, .. } = &part.understood {
            open = names_one(plan) || matches!(plan.operation, Operation::Rank | Operation::Unused);
            context.focus.clone_from(&plan.selection.devices);
            context.plans.push(plan.clone());
        }
        heard.push(Heard {
            part,
            apart: *apart,
            asks,
            timed: plain && !reading.times.is_empty(),
            named,
            begins,
            bare: !reading
                .evidence
                .iter()
                .any(|it| it.cue.is_about_energy() || it.cue == Cue::HowMuch),
            placed: named || reading.any(&[Cue::My, Cue::Home, Cue::Device, Cue::Consumer, Cue::Pronoun]),
        });
    }
    heard
}

/// Whether it begins as a question does; one that goes on begins with "and".
pub(super) fn asks(reading: &Reading, first: bool) -> bool {
    let word = |at: usize| reading.tokens.get(at).map_or("", |it| it.text.as_str());
    // "I was away" is told, "I want to know how much" asks.
    let wants = |at: usize| ["i", "we"].contains(&word(at)) && ["want", "need", "would"].contains(&word(at + 1));
    let start = (0..reading.tokens.len()).find(|at| !BEFORE.contains(&word(*at)) && !wants(*at));
    start.is_some_and(|at| STARTS.contains(&word(at))) || !first && word(0) == "and"
}

/// Whether it is a question by itself, and not only a time or a device of the one before.
fn stands_alone(text: &str, reading: &Reading, (world, now): (&World, Timestamp)) -> bool {
    let said = !reading.times.is_empty();
    match super::one(text, world, &Context::default(), now) {
        Understood::Plan { plan, .. } if plan.operation == Operation::Total => {
            said && (!reading.mentions.is_empty() || reading.any(&[Cue::Energy, Cue::Cost, Cue::Total]))
        }
        Understood::Plan { .. } => true,
        _ => false,
    }
}

/// A time or a device that only the last of joined questions says is meant by those before it too.
fn share(heard: &mut [Heard]) {
    for at in (1..heard.len()).rev() {
        let (before, after) = heard.split_at_mut(at);
        let (Some(before), Some(after)) = (before.last_mut(), after.first()) else {
            continue;
        };
        let (Understood::Plan { plan, .. }, Understood::Plan { plan: next, .. }) =
            (&mut before.part.understood, &after.part.understood)
        else {
            continue;
        };
        let timeless = matches!(
            plan.operation,
            Operation::Live | Operation::Inventory | Operation::Settings | Operation::Help | Operation::Forecast
        );
        if after.apart || timeless {
            continue;
        }
        if !before.timed && after.timed && next.period.is_some() {
            plan.period.clone_from(&next.period);
            before.timed = true;
        }
        if !before.placed && after.named {
            plan.selection.clone_from(&next.selection);
            before.placed = true;
        }
    }
}

/// What is asked twice, as "the peak, and when was it", is answered once.
fn once(heard: Vec<Heard>) -> Vec<Heard> {
    let mut out: Vec<Heard> = Vec::new();
    for it in heard {
        let known = |other: &Heard| match (&other.part.understood, &it.part.understood) {
            (Understood::Plan { plan: one, .. }, Understood::Plan { plan: other, .. }) => one == other,
            _ => false,
        };
        if !out.iter().any(known) {
            out.push(it);
        }
    }
    out
}

/// Whether an answer to the one plan tells what the other asks for. A comparison of periods tells the total of each.
fn covers(whole: &Plan, part: &Plan) -> bool {
    let metric =
        whole.metric == part.metric || whole.operation == Operation::Total && whole.also.contains(&part.metric);
    let also = part
        .also
        .iter()
        .all(|it| whole.metric == *it || whole.also.contains(it));
    let same = Plan {
        metric: part.metric,
        also: part.also.clone(),
        unit: part.unit,
        ..whole.clone()
    };
    let total = part.operation == Operation::Total
        && whole.operation == Operation::Compare
        && whole.compare_to.is_some()
        && part.selection == whole.selection
        && [&whole.period, &whole.compare_to].contains(&&part.period);
    // "The last run, when and how long" is told at once.
    let run = whole.operation == Operation::Runs
        && part.operation == Operation::Runs
        && part.selection == whole.selection
        && matches!(whole.want, Some(Want::Last | Want::Longest))
        && (part.want == whole.want || part.want == Some(Want::Duration));
    run || metric && also && (total || same == *part)
}
