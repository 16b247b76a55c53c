//! Corrects misspelt content words; function words only where two letters are swapped. A word that might be two things stays
//! as it is and is named as not understood.

use std::{collections::HashSet, sync::LazyLock};

use super::{
    entities::Catalog,
    lexicon,
    normalise::{Kind, Token, stem},
    timex,
};

const FUNCTION: [&str; 12] = [
    "the", "how", "what", "did", "and", "for", "was", "use", "used", "much", "last", "this",
];

/// Words of everyday English that are near to words of energy and time, and are none of them misspelt: "bath" is not "both".
const EVERYDAY: &str = "arrive baby baking ball bath bathe beat become bell belong bite bless born bowl breakfast bridge butter cat \
catch center chair circle clear clearly coast coat correct dead deal deer depend different dinnertime dog \
early easier east effect electrician excuse fail faster fat father feel fence fever field fight fill flag \
float flower fold fool foot freeze frequent frog gather general goat guest guests hall hat hear heart hole \
hope hosting important invite kids lamb larger lately later law leaf lesson letter lie lift line listen loss \
loud lunchtime mad male man market match matter meal middle might model monkey mouse mouth move must nearly \
neat needle neither nest net noise noisy nose note notice orange page pain paint pair parent pass pencil piece \
plane plate pocket poor position post pot prevent prince print prison prize protect reach really \
receive refuse repair repeat rich ride roof rope round safe science seat seed serve shade shadow shake shame \
shape sharp she shoe shower sick silence slow slower smart snow sock speak speed spread square star step stone \
store stuck talk tall taste teach teenager thin think thread tight tool tour train village visitor wait walk \
waste water weak wide wind wish";

/// The most common English words: the smallest lists of SCOWL.
const ENGLISH: &str = include_str!("words/english.txt");

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| ENGLISH.lines().chain(EVERYDAY.split(' ')).collect());

/// Corrects the tokens in place; the number of corrections.
pub(crate) fn correct(tokens: &mut [Token], catalog: &Catalog) -> u32 {
    let mut fixes = 0;
    for token in tokens.iter_mut().filter(|it| it.kind == Kind::Word) {
        let known = lexicon::COMMANDS.contains(&token.text.as_str())
            || lexicon::knows(&token.text)
            || catalog.knows(token)
            || lexicon::knows(&token.stem)
            || KNOWN.contains(token.text.as_str())
            || KNOWN.contains(token.stem.as_str());
        let wordlike = token.text.chars().all(char::is_alphabetic) && (3..=24).contains(&token.text.chars().count());
        if known
            || !wordlike
            || super::numerals::cardinal(&token.text).is_some()
            || super::numerals::ordinal(&token.text).is_some()
        {
            continue;
        }
        if let Some(right) = swapped(&token.text).or_else(|| nearest(&token.text, catalog)) {
            token.stem = stem(&right);
            token.text = right;
            fixes += 1;
        }
    }
    fixes
}

fn swapped(word: &str) -> Option<String> {
    let is = |function: &&&str| {
        function.len() == word.len() && strsim::osa_distance(word, function) == 1 && sorted(word) == sorted(function)
    };
    FUNCTION.iter().find(is).map(|it| (*it).to_owned())
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

fn nearest(word: &str, catalog: &Catalog) -> Option<String> {
    let length = word.chars().count();
    let most = if length <= 5 { 1 } else { 2 };
    let fits = |target: &&str| {
        let (distance, long) = (strsim::osa_distance(word, target), target.chars().count() >= 4);
        let same_start = word.chars().next() == target.chars().next();
        long && distance <= most && (same_start || distance == 1 && length >= 5)
    };
    // "Wah" is no misspelt washer.
    let short = |target: &&str| length > 3 || timex::knows(target) || lexicon::cue(target).is_some();
    let candidates = lexicon::targets().iter().copied().chain(catalog.words());
    // What this home has not is not what was meant unless it is very near.
    let at_home = |target: &&str| {
        catalog.is_own(target)
            || timex::knows(target)
            || lexicon::cue(target).is_some()
            || strsim::osa_distance(word, target) <= 1
    };
    let near = candidates
        .filter(|it| it.len().abs_diff(word.len()) <= 2)
        .filter(fits)
        .filter(short)
        .filter(at_home);
    let mut ranked: Vec<(usize, usize, &str)> = near
        .map(|it| (strsim::osa_distance(word, it), preference(it, catalog), it))
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    let best = ranked.first()?;
    let rivals = ranked.iter().skip(1).filter(|it| (it.0, it.1) == (best.0, best.1));
    let same_meaning = |other: &str| {
        stem(other) == stem(best.2) || lexicon::cue(other).is_some() && lexicon::cue(other) == lexicon::cue(best.2)
    };
    rivals
        .into_iter()
        .all(|it| same_meaning(it.2))
        .then(|| best.2.to_owned())
}

/// Words of time first, then the home's own words, then the rest.
fn preference(word: &str, catalog: &Catalog) -> usize {
    if timex::knows(word) {
        0
    } else if catalog.is_own(word) {
        1
    } else if catalog.has(word) {
        2
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_words_stay_as_they_are() {
        let catalog = Catalog::new(&[]);
        for word in EVERYDAY.split(' ') {
            let mut tokens = super::super::normalise::tokens(word, false);
            assert_eq!(correct(&mut tokens, &catalog), 0, "{word} became {}", tokens[0].text);
        }
        let mut typed = super::super::normalise::tokens("yestrday electrcity", false);
        assert_eq!(correct(&mut typed, &catalog), 2);
    }
}
