//! The words around a name: what says that it is several, a room, or what a thing does.

use super::{
    entities::{Mention, VERBS},
    lexicon,
    normalise::{Kind, Token},
};

/// How many are spoken of: "both", "the two", "all three".
pub(super) fn count_before(tokens: &[Token], at: usize) -> Option<usize> {
    let before = tokens.get(at.checked_sub(1)?)?;
    match before.text.as_str() {
        "both" => Some(2),
        _ => before.whole().filter(|it| (2..=12).contains(it)).map(|it| it as usize),
    }
}

/// `in the …`.
pub(super) fn is_within(tokens: &[Token], at: usize) -> bool {
    let word = |back: usize| {
        at.checked_sub(back)
            .and_then(|at| tokens.get(at))
            .map_or("", |it| it.text.as_str())
    };
    word(1) == "in" || ["the", "my", "our"].contains(&word(1)) && word(2) == "in"
}

pub(super) fn is_plural(token: &Token) -> bool {
    token.kind == Kind::Word && token.text != token.stem && token.text.ends_with('s')
}

/// Whether things are named one beside the other, each for itself.
pub(super) fn has_link(tokens: &[Token]) -> bool {
    let link = |it: &Token| ["and", "plus", "or", "vs", "versus"].contains(&it.text.as_str());
    tokens.iter().any(link)
}

/// "Heating the hall floor", "is the spa heating", "heating (heat pump)": what a named device does is no other device.
pub(super) fn is_verb(mention: &Mention, tokens: &[Token]) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    let clause = |at: usize| tokens.get(at).map(|it| it.clause);
    let end = mention.range.end;
    let object = ["the", "my", "our", "up"].contains(&word(end));
    let asked = ["is", "was", "are", "were"].contains(&word(0));
    let apart =
        end < tokens.len() && clause(end) != clause(end - 1) && tokens.get(end).is_some_and(|it| it.kind == Kind::Word);
    VERBS.contains(&mention.words.as_str()) && (object || asked || apart)
}

/// Whether a longer phrase of the vocabulary covers these tokens, as "data range" does "range".
pub(super) fn in_longer_phrase(tokens: &[Token], at: usize, length: usize) -> bool {
    let starts = at.saturating_sub(lexicon::LONGEST - 1)..=at;
    // "A wash" is of the machine, and one of its runs.
    if length == 1 && tokens[at].stem == "wash" {
        return false;
    }
    starts.into_iter().any(|start| {
        let ends = (at + length).max(start + length + 1)..=(start + lexicon::LONGEST).min(tokens.len());
        ends.into_iter().any(|end| {
            let phrase: Vec<&str> = tokens[start..end].iter().map(|it| it.text.as_str()).collect();
            lexicon::cue(&phrase.join(" ")).is_some_and(|cue| !cue.is_empty())
        })
    })
}
