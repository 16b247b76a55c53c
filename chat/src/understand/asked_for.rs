//! Who asks: "my wife wants to know", "amma is asking", "the kids keep saying": words that ask nothing themselves.

use super::{harmless::is_person, reading::Reading};

const ASKS: [&str; 22] = [
    "wants",
    "want",
    "wanted",
    "asks",
    "asked",
    "asking",
    "ask",
    "wonders",
    "wondering",
    "wondered",
    "thinks",
    "reckons",
    "reckon",
    "says",
    "said",
    "say",
    "saying",
    "tells",
    "told",
    "insists",
    "claims",
    "swears",
];
const BETWEEN: [&str; 11] = [
    "is", "was", "keeps", "keep", "just", "always", "really", "has", "been", "are", "also",
];
const AFTER: [&str; 6] = ["to", "know", "if", "that", "me", "us"];

impl Reading {
    /// Takes off what only says who asks.
    pub(super) fn asked_for(&mut self) {
        let said = |at: usize| self.tokens.get(at).map_or("", |it| it.text.as_str());
        let mut spent = Vec::new();
        for (_, at) in self.unknown.iter().filter(|(word, _)| is_person(word)) {
            let mut end = at + 1;
            while BETWEEN.contains(&said(end)) {
                end += 1;
            }
            if !ASKS.contains(&said(end)) {
                continue;
            }
            end += 1;
            while AFTER.contains(&said(end)) {
                end += 1;
            }
            spent.extend(*at..end);
        }
        self.unknown.retain(|(_, at)| !spent.contains(at));
    }
}
