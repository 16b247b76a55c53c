//! Text to tokens: Unicode NFC, small letters, contractions spelt out, numbers, dates and clock times as one token each,
//! emoji kept. Spans are bytes of the NFC text.

use std::ops::Range;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::{numerals, signs::SPELT};

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A word, or a sign that stands for one.
    Word,
    /// A number.
    Number(f64),
    /// `28th`.
    Ordinal(u32),
    /// `18:30`, in minutes after midnight.
    Clock(u16),
    /// A whole date.
    Date(Date),
    /// A day and a month without a year.
    DayMonth(i8, i8),
    /// An e-mail address.
    Email,
    /// An emoji or another sign.
    Symbol,
}

/// A token of the question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    /// In small letters, spelling corrected.
    pub(crate) text: String,
    /// Without plural and possessive.
    pub(crate) stem: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it stands, in bytes of the NFC text.
    pub(crate) span: Range<usize>,
    /// Counts up at commas, full stops and the like.
    pub(crate) clause: u32,
    /// Counts up at full stops, question marks and the like.
    pub(crate) sentence: u32,
}

impl Token {
    /// The number that it is, numerals in words included.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(value) => Some(value),
            Kind::Word => numerals::cardinal(&self.text).map(f64::from),
            _ => None,
        }
    }

    /// The small whole number that it is.
    pub(crate) fn whole(&self) -> Option<u32> {
        self.number()
            .filter(|it| it.fract() == 0.0 && (0.0..100_000.0).contains(it))
            .map(|it| it as u32)
    }
}

/// The tokens of a text. `month_first`: whether `10/11` is the 11th of October.
pub(crate) fn tokens(text: &str, month_first: bool) -> Vec<Token> {
    let text: String = text.nfc().collect();
    let mut scan = Scan {
        text: &text,
        at: 0,
        clause: 0,
        sentence: 0,
        month_first,
        tokens: Vec::new(),
    };
    while let Some(next) = scan.rest().chars().next() {
        scan.step(next);
    }
    scan.tokens
}

/// A word without its plural ending.
pub(crate) fn stem(word: &str) -> String {
    let cut = |ending: &str, with: &str| word.strip_suffix(ending).map(|base| format!("{base}{with}"));
    if word.len() < 3 || !word.is_ascii() {
        return word.to_owned();
    }
    if word.len() > 4 && word.ends_with("ies") {
        return cut("ies", "y").unwrap_or_default();
    }
    if ["ches", "shes", "sses", "xes"]
        .iter()
        .any(|ending| word.ends_with(ending))
    {
        return cut("es", "").unwrap_or_default();
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    cut("s", "").unwrap_or_else(|| word.to_owned())
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    clause: u32,
    sentence: u32,
    month_first: bool,
    tokens: Vec<Token>,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self, next: char) {
        if let Some(length) = email(self.rest()) {
            self.push(length, Kind::Email);
        } else if let Some((short, plain)) = self.digit_word() {
            self.spoken(plain, short.len());
        } else if next.is_ascii_digit() {
            self.number();
        } else if next.is_alphanumeric() {
            self.word();
        } else {
            self.sign(next);
        }
    }

    /// `2day`: a word that begins with a digit.
    fn digit_word(&self) -> Option<(&'static str, &'static str)> {
        let rest = self.rest();
        let end = rest.find(|it: char| !it.is_alphanumeric()).unwrap_or(rest.len());
        let word = rest
            .get(..end)
            .filter(|it| it.starts_with(|c: char| c.is_ascii_digit()))?;
        SPELT.into_iter().find(|(short, _)| short.eq_ignore_ascii_case(word))
    }

    fn push(&mut self, length: usize, kind: Kind) {
        let span = self.at..self.at + length;
        let text = self.text.get(span.clone()).unwrap_or_default().to_lowercase();
        self.put(text, kind, span);
        self.at += length;
    }

    fn put(&mut self, text: String, kind: Kind, span: Range<usize>) {
        let stem = numerals::cardinal(&text).map_or_else(|| stem(&text), |value| value.to_string());
        self.tokens.push(Token {
            stem,
            text,
            kind,
            span,
            clause: self.clause,
            sentence: self.sentence,
        });
    }

    fn number(&mut self) {
        let (length, kind) = numerals::scan(self.rest(), self.month_first);
        self.push(length, kind);
    }

    fn word(&mut self) {
        let rest = self.rest();
        for (dotted, plain) in DOTTED {
            let alone = |tail: &str| dotted.contains('m') || !tail.starts_with(char::is_alphanumeric);
            if rest
                .get(..dotted.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(dotted))
                && rest.get(dotted.len()..).is_some_and(alone)
            {
                self.put(plain.to_owned(), Kind::Word, self.at..self.at + dotted.len());
                self.at += dotted.len();
                return;
            }
        }
        if let Some(length) = numero(rest) {
            return self.spoken("number", length);
        }
        let apostrophe = |c| matches!(c, '\'' | '’' | 'ʼ' | '`');
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && !apostrophe(c))
            .unwrap_or(rest.len());
        let raw = rest.get(..length).unwrap_or_default().trim_end_matches(apostrophe);
        if let Some((sign, code)) = DOLLARS
            .iter()
            .find(|(sign, _)| rest.get(..sign.len()).is_some_and(|it| it.eq_ignore_ascii_case(sign)))
        {
            return self.spoken(code, sign.len());
        }
        if let Some(length) = super::signs::before_number(raw) {
            return self.push(length, Kind::Word);
        }
        let span = self.at..self.at + raw.len();
        let word: String = raw
            .to_lowercase()
            .chars()
            .map(|c| if apostrophe(c) { '\'' } else { c })
            .collect();
        // "At the mo" is now, "last mo" a month.
        let moment = word == "mo" && self.tokens.last().is_some_and(|it| it.text == "the");
        let word = if moment { "moment".to_owned() } else { word };
        for part in spell_out(&word) {
            self.put(part, Kind::Word, span.clone());
        }
        self.at += length.max(1);
    }

    fn sign(&mut self, next: char) {
        let length = next.len_utf8();
        match next {
            '%' | '€' | '$' | '£' | '¥' | '₹' | '₩' | '₺' => self.push(length, Kind::Word),
            '/' if self.per() => self.spoken("per", length),
            '+' => self.spoken("plus", length),
            '#' if self.rest().chars().nth(1).is_some_and(|it| it.is_ascii_digit()) => self.spoken("number", length),
            '&' => self.spoken("and", length),
            '-' | '–' | '—' if self.within_word() && !self.between_days() => self.at += length,
            '-' | '–' | '—' => self.spoken("-", length),
            '.' | '?' | '!' | '\n' | ';' => {
                self.sentence += 1;
                self.clause += 1;
                self.at += length;
            }
            ',' | ':' | '(' | ')' | '"' | '…' => {
                self.clause += 1;
                self.at += length;
            }
            _ if next.is_whitespace() || next.is_ascii() || next.is_control() => self.at += length,
            '\u{200D}' | '\u{FE0F}' | '\u{FE0E}' | '\u{200B}' | '’' | '‘' | '“' | '”' | '¿' | '¡' => {
                self.at += length;
            }
            _ => self.push(length, Kind::Symbol),
        }
    }

    /// `watt-hours`: letters on both sides.
    fn within_word(&self) -> bool {
        let before = self.text.get(..self.at).and_then(|it| it.chars().next_back());
        let after = self.rest().chars().nth(1);
        before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic)
    }

    /// `kWh/day`, `$/month`.
    fn per(&self) -> bool {
        let rest = self.rest().trim_start_matches('/').trim_start();
        let length = rest.find(|it: char| !it.is_alphabetic()).unwrap_or(rest.len());
        let next = rest.get(..length).unwrap_or_default().to_lowercase();
        [
            "day", "week", "wk", "month", "mo", "mth", "hour", "hr", "year", "yr", "night",
        ]
        .contains(&next.as_str())
    }

    /// `Mon-Fri`, `Jan-Mar`: a range.
    fn between_days(&self) -> bool {
        let rest = self.rest().trim_start_matches(['-', '–', '—']);
        let length = rest.find(|it: char| !it.is_alphabetic()).unwrap_or(rest.len());
        let next = rest.get(..length).unwrap_or_default().to_lowercase();
        let before = self.tokens.last().map_or("", |it| it.text.as_str());
        super::timex::is_day_or_month(before) && super::timex::is_day_or_month(&next)
    }

    fn spoken(&mut self, word: &str, length: usize) {
        self.put(word.to_owned(), Kind::Word, self.at..self.at + length);
        self.at += length;
    }
}

/// The length of an e-mail address at the start.
fn email(rest: &str) -> Option<usize> {
    let end = rest.find(|c: char| {
        c.is_whitespace() || matches!(c, ',' | '?' | '!' | '(' | ')' | '<' | '>' | '\'' | '’' | ';' | ':')
    });
    let run = rest
        .get(..end.unwrap_or(rest.len()).min(320))
        .or(rest.get(..end.unwrap_or(rest.len())))?;
    let (name, host) = run.split_once('@')?;
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "._-+@".contains(c));
    (plain(name) && plain(host) && host.contains('.')).then(|| run.trim_end_matches('.').len())
}

/// The length of `no.` at the start, where it stands for a number: `no. of`, `no. 2`.
fn numero(rest: &str) -> Option<usize> {
    let head = rest.get(..3).filter(|it| it.eq_ignore_ascii_case("no."))?;
    let tail = rest.get(head.len()..)?.trim_start_matches(' ');
    (tail.starts_with("of ") || tail.starts_with(|it: char| it.is_ascii_digit())).then_some(head.len())
}

/// Letters before a dollar sign say whose it is.
const DOLLARS: [(&str, &str); 9] = [
    ("R$", "brl"),
    ("US$", "usd"),
    ("AU$", "aud"),
    ("A$", "aud"),
    ("CA$", "cad"),
    ("C$", "cad"),
    ("NZ$", "nzd"),
    ("HK$", "hkd"),
    ("S$", "sgd"),
];

/// Abbreviations whose full stops end no sentence.
const DOTTED: [(&str, &str); 14] = [
    ("w/o", "without"),
    ("b/w", "between"),
    ("a.m.", "am"),
    ("p.m.", "pm"),
    ("a.m", "am"),
    ("p.m", "pm"),
    ("i.e.", "namely"),
    ("i.e", "namely"),
    ("e.g.", "namely"),
    ("incl.", "including"),
    ("excl.", "excluding"),
    ("approx.", "approx"),
    ("vs.", "vs"),
    ("etc.", "etc"),
];

/// Contractions and abbreviations of messages.
fn spell_out(word: &str) -> Vec<String> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    let whole = SPELT.iter().find(|(short, _)| *short == word).map_or("", |it| it.1);
    if !whole.is_empty() {
        return words(whole);
    }
    // "Decembers bill"; "Mondays" are several.
    if let Some(month) = word.strip_suffix('s').filter(|it| super::timex::is_month(it)) {
        return vec![month.to_owned()];
    }
    let Some((base, ending)) = word.split_once('\'') else {
        return vec![word.to_owned()];
    };
    let verb = match ending {
        "re" => "are",
        "m" => "am",
        "ve" => "have",
        "ll" => "will",
        "d" if ["what", "how", "where", "who", "when", "why"].contains(&base) => "did",
        "d" => "would",
        "s" if [
            "what",
            "how",
            "where",
            "who",
            "it",
            "that",
            "there",
            "when",
            "which",
            "here",
            "nobody",
            "everyone",
            "everybody",
            "somebody",
            "someone",
            "anyone",
            "anybody",
        ]
        .contains(&base) =>
        {
            "is"
        }
        "t" if base.ends_with('n') => return vec![base.trim_end_matches('n').to_owned(), "not".to_owned()],
        "s" => return vec![base.to_owned()],
        _ => return vec![format!("{base}{}", ending.replace('\'', ""))],
    };
    vec![base.to_owned(), verb.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text, false).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn contractions_are_spelt_out_and_possessives_dropped() {
        assert_eq!(
            words("What's the fridge’s usage? Don't guess"),
            ["what", "is", "the", "fridge", "usage", "do", "not", "guess"]
        );
        assert_eq!(words("6 p.m. wasn't 7am"), ["6", "pm", "was", "not", "7", "am"]);
    }

    #[test]
    fn numbers_dates_and_times_are_one_token() {
        let kinds = |text| tokens(text, false).into_iter().map(|it| it.kind).collect::<Vec<_>>();
        assert_eq!(kinds("2026-10-28"), [Kind::Date(jiff::civil::date(2026, 10, 28))]);
        assert_eq!(kinds("18:30"), [Kind::Clock(1110)]);
        assert_eq!(kinds("1,000.5kWh"), [Kind::Number(1000.5), Kind::Word]);
        assert_eq!(kinds("28th"), [Kind::Ordinal(28)]);
        assert_eq!(kinds("28.10.2026"), [Kind::Date(jiff::civil::date(2026, 10, 28))]);
        assert_eq!(tokens("10/28", true)[0].kind, Kind::DayMonth(28, 10));
        assert_eq!(kinds("bob@example.com"), [Kind::Email]);
    }

    #[test]
    fn spans_point_into_the_text() {
        let text = "🐠 Aquarium, y'day";
        for token in tokens(text, false) {
            assert!(text.get(token.span.clone()).is_some(), "{token:?}");
        }
        assert_eq!(words(text)[..2], ["🐠", "aquarium"]);
    }
}
