//! What is not answered, and why: found before anything is planned.

use super::{
    No, Topic, Understood, World,
    entities::Found,
    frame::Frame,
    harmless::harmless,
    lexicon::Cue,
    plan::Unit,
    reading::{Evidence, Reading},
    selection::pick,
    timex::{self, Meaning},
};

/// Thanks and greetings, when there is nothing else.
pub(crate) fn courtesy(reading: &Reading) -> Option<Understood> {
    let word = |at: usize| reading.tokens.get(at).map_or("", |it| it.text.as_str());
    let times = ["morning", "afternoon", "evening", "night", "day"];
    if word(0) == "good" && times.contains(&word(1)) && ["", "voltaire", "all"].contains(&word(2)) {
        return Some(Understood::Courtesy);
    }
    if reading.tokens.len() == 1 && times[..3].contains(&word(0)) {
        return Some(Understood::Courtesy);
    }
    let polite = reading.any(&[Cue::Polite, Cue::Greeting]);
    let nothing = reading.mentions.is_empty() && reading.times.is_empty() && reading.unknown.is_empty();
    let only = reading
        .evidence
        .iter()
        .all(|it| it.cue.is_empty() || matches!(it.cue, Cue::Greeting | Cue::Pronoun));
    // "You were great this year".
    let praised = word_of(reading, "you")
        && reading.mentions.is_empty()
        && reading.unknown.is_empty()
        && reading.evidence.iter().all(|it| {
            matches!(
                it.cue,
                Cue::Polite | Cue::Filler | Cue::Link | Cue::My | Cue::YesNo | Cue::Greeting | Cue::Pronoun
            )
        });
    (polite && (nothing && only || praised) && reading.numbers.is_empty()).then_some(Understood::Courtesy)
}

fn word_of(reading: &Reading, word: &str) -> bool {
    reading.tokens.iter().any(|it| it.text == word)
}

/// `who was in the house`.
fn is_about_people(reading: &Reading) -> bool {
    let words: Vec<&str> = reading.tokens.iter().map(|it| it.text.as_str()).collect();
    words.windows(3).any(|it| {
        let place = ["in", "at", "home", "inside", "there", "around"].contains(&it[2]);
        it[0] == "who" && ["is", "was", "were"].contains(&it[1]) && place
    })
}

/// `ok off it please`, as they say in Singapore.
fn switches_off(reading: &Reading) -> bool {
    let words = reading.tokens.iter().map(|it| it.text.as_str());
    let mut words =
        words.skip_while(|it| ["ok", "okay", "please", "pls", "then", "now", "just", "can", "you"].contains(it));
    words.next() == Some("off")
        && words
            .next()
            .is_some_and(|it| ["it", "them", "the", "that", "all"].contains(&it))
}

/// The first reason not to answer.
pub(crate) fn refusal(reading: &Reading, world: &World) -> Option<No> {
    if reading.has(Cue::Injection) {
        return Some(No::OffTopic);
    }
    if reading.has(Cue::Private) {
        return Some(No::Private);
    }
    if is_about_people(reading) {
        return Some(No::OffTopic);
    }
    if reading.commands() && !puts_beside(reading) || pays(reading) || switches_off(reading) || sets(reading) {
        return Some(No::Unsupported(Topic::Command));
    }
    if let Some(off) = reading.evidence.iter().find(|it| it.cue == Cue::OffTopic) {
        let words = vec![text(reading, off)];
        return Some(if about_energy(reading) {
            No::NotUnderstood(words)
        } else {
            No::OffTopic
        });
    }
    if broadcast(reading) {
        return Some(No::OffTopic);
    }
    if reading.has(Cue::Definition) && reading.times.is_empty() && reading.mentions.is_empty() {
        return Some(No::OffTopic);
    }
    let of_a_thing = |it: &Evidence| {
        let next = reading.tokens.get(it.range.end).map_or("", |it| it.text.as_str());
        timex::DECORATIONS.contains(&next)
    };
    if let Some(day) = reading.evidence.iter().find(|it| it.cue == Cue::Occasion)
        && (reading.times.is_empty() || of_a_thing(day))
    {
        return Some(No::NotUnderstood(vec![text(reading, day)]));
    }
    if reading.meanings().any(|it| *it == Meaning::Future) {
        return Some(No::Future);
    }
    if reading.meanings().any(|it| *it == Meaning::Torn) {
        return Some(No::Unsupported(Topic::WhichNight));
    }
    if !planned(reading)
        && let Some(topic) = topic(reading)
    {
        return Some(No::Unsupported(topic));
    }
    if let Some(missing) = reading.mentions.iter().find(|it| it.found == Found::Missing) {
        return Some(No::UnknownDevice(missing.words.clone()));
    }
    other_currency(reading, &world.currency).map(No::OtherCurrency)
}

/// `put June next to May`: no order to a device.
fn puts_beside(reading: &Reading) -> bool {
    reading.has(Cue::Compare) && reading.times.len() == 2 && word_of(reading, "put")
}

/// `spa down to 35 degrees`.
fn sets(reading: &Reading) -> bool {
    let degrees = ["degrees", "degree", "celsius", "fahrenheit"]
        .iter()
        .any(|it| word_of(reading, it));
    degrees && !reading.numbers.is_empty() && !reading.mentions.is_empty()
}

/// `pay my bill`.
fn pays(reading: &Reading) -> bool {
    let plain = |it: &&super::normalise::Token| !["please", "can", "you", "could"].contains(&it.text.as_str());
    let words: Vec<&str> = reading.tokens.iter().filter(plain).map(|it| it.text.as_str()).collect();
    matches!(words.as_slice(), ["pay", "my" | "the" | "our" | "this", ..])
}

/// `what is on telly`: of what is shown nothing is known.
fn broadcast(reading: &Reading) -> bool {
    let words: Vec<&str> = reading.tokens.iter().map(|it| it.text.as_str()).collect();
    let shown = |it: &super::entities::Mention| {
        let start = it.range.start;
        let before = words.get(..start).unwrap_or_default();
        let device = matches!(it.found, Found::Devices(_) | Found::Missing);
        device && (before.ends_with(&["what", "is", "on"]) || before.ends_with(&["what", "is", "on", "the"]))
    };
    reading.mentions.iter().any(shown)
}

/// Whether a figure beyond totals is asked for, and every word of it is understood.
fn planned(reading: &Reading) -> bool {
    let pick = pick(reading);
    let frame = Frame::new(reading, &pick);
    let plan = frame.at_peak().or_else(|| frame.special()).or_else(|| frame.habit());
    harmless(reading).len() == reading.unknown.len() && plan.is_some_and(|plan| frame.leftovers(&plan).is_empty())
}

fn topic(reading: &Reading) -> Option<Topic> {
    let metered = reading.any(&[
        Cue::Cost,
        Cue::Energy,
        Cue::Power,
        Cue::In(Unit::Kwh),
        Cue::In(Unit::Wh),
        Cue::In(Unit::Mwh),
    ]);
    let asked_if = |it: &Evidence| {
        let before = it.range.start.checked_sub(1);
        let polite = reading
            .evidence
            .iter()
            .any(|other| Some(other.range.end) == before.map(|at| at + 1) && other.cue == Cue::Polite);
        text(reading, it) == "if" && polite
    };
    let table = [
        (Cue::WhatIf, Topic::WhatIf),
        (Cue::Advice, Topic::Advice),
        (Cue::Carbon, Topic::Carbon),
        (Cue::Solar, Topic::Solar),
        (Cue::Forecast, Topic::Forecast),
        (Cue::Why, Topic::Why),
        (Cue::Unusual, Topic::Unusual),
        (Cue::AlwaysOn, Topic::AlwaysOn),
        (Cue::Electrical, Topic::Electrical),
        (Cue::DataQuality, Topic::DataQuality),
        (Cue::Untracked, Topic::AlwaysOn),
        (Cue::ZeroUse, Topic::Runs),
        (Cue::Above, Topic::Threshold),
        (Cue::Runs, Topic::Runs),
    ];
    let pick = pick(reading);
    let frame = Frame::new(reading, &pick);
    let benign = |it: &Evidence| match it.cue {
        Cue::WhatIf => asked_if(it),
        Cue::Unusual => frame.spikes() || frame.as_usual(),
        Cue::Solar => frame.sunny() && frame.yields() && !reading.any(&[Cue::Cost, Cue::Money]),
        Cue::Runs => metered && ["run", "operate", "operating", "runs", "ran"].contains(&text(reading, it).as_str()),
        _ => false,
    };
    let found = table
        .into_iter()
        .find(|(cue, _)| reading.evidence.iter().any(|it| it.cue == *cue && !benign(it)));
    if let Some((_, topic)) = found {
        return Some(topic);
    }
    // "When did the washer end?" asks for a run, "when was its peak?" for a figure.
    let figure = reading.any(&[Cue::Max, Cue::Min, Cue::DataRange, Cue::Difference]);
    if reading.has(Cue::When) && !reading.mentions.is_empty() && !figure {
        return Some(Topic::Runs);
    }
    let watts = reading.any(&[Cue::In(Unit::W), Cue::In(Unit::Kw)]);
    if watts && !reading.numbers.is_empty() && !reading.has(Cue::Top) {
        return Some(Topic::Threshold);
    }
    // "Check that the oven is not on" asks whether it is.
    let now = frame.named > 0 && frame.live().is_some();
    if reading.has(Cue::Not) && reading.any(&[Cue::Use, Cue::On]) && !now {
        return Some(Topic::Runs);
    }
    let past = !reading.times.is_empty();
    if reading.has(Cue::On) && past && !metered && !reading.any(&[Cue::Now, Cue::MoreLess]) && frame.live().is_none() {
        return Some(Topic::Runs);
    }
    let priced = |it: &Evidence| {
        it.cue == Cue::Price
            && ["kwh", "kilowatt", "tariff", "rate", "unit"]
                .iter()
                .any(|word| text(reading, it).contains(word))
    };
    if past && reading.evidence.iter().any(priced) {
        return Some(Topic::PastPrice);
    }
    let asks = reading.any(&[
        Cue::HowMuch,
        Cue::What,
        Cue::When,
        Cue::Max,
        Cue::Min,
        Cue::Compare,
        Cue::MoreLess,
        Cue::Total,
    ]);
    let yes_no = reading
        .tokens
        .first()
        .is_some_and(|it| ["did", "was", "were", "has", "have", "does", "do"].contains(&it.text.as_str()));
    let other = reading.any(&[Cue::Energy, Cue::Cost]) || frame.sunny() && reading.has(Cue::Solar);
    (yes_no && !asks && past && !other).then_some(Topic::Runs)
}

/// Whether anything in the question is about energy.
pub(crate) fn about_energy(reading: &Reading) -> bool {
    !reading.mentions.is_empty() || reading.evidence.iter().any(|it| it.cue.is_about_energy())
}

/// Unknown words that stand in clauses of their own, away from the question: they are named and left aside.
pub(crate) fn aside(reading: &Reading) -> Vec<String> {
    let clause = |at: usize| reading.tokens.get(at).map(|it| it.clause);
    let means = |of: Option<u32>| {
        let cue = reading.evidence.iter().any(|it| {
            !it.cue.is_empty() && !matches!(it.cue, Cue::Pronoun | Cue::Follow) && clause(it.range.start) == of
        });
        let device = reading.mentions.iter().any(|it| clause(it.range.start) == of);
        cue || device || reading.times.iter().any(|it| clause(it.range.start) == of)
    };
    // A single word after the question may well belong to it.
    let more = |at: usize| at == 0 || reading.tokens.iter().filter(|it| Some(it.clause) == clause(at)).count() > 1;
    let alone = reading
        .unknown
        .iter()
        .filter(|(_, at)| !means(clause(*at)) && more(*at));
    if about_energy(reading) {
        alone.map(|(word, _)| word.clone()).collect()
    } else {
        Vec::new()
    }
}

/// Words that are not understood and not aside.
pub(crate) fn unknown(reading: &Reading, aside: &[String]) -> Option<No> {
    let left: Vec<&(String, usize)> = reading
        .unknown
        .iter()
        .filter(|(word, _)| !aside.contains(word))
        .collect();
    let (_, first) = left.first()?;
    let words: Vec<String> = left.iter().map(|(word, _)| word.clone()).collect();
    if !about_energy(reading) {
        return Some(if reading.times.is_empty() {
            No::OffTopic
        } else {
            No::NotUnderstood(words)
        });
    }
    let before = first
        .checked_sub(1)
        .and_then(|at| reading.tokens.get(at))
        .map_or("", |it| it.text.as_str());
    let noun = ["the", "my", "our", "a", "an", "did", "does", "of", "for", "by", "in"].contains(&before) || *first == 0;
    let few = words.len() <= 3 && reading.mentions.is_empty();
    // "Between" is no device, and neither are words that stand far apart.
    let names = words.iter().all(|it| !is_function(it) && !timex::knows(it));
    let together = left.windows(2).all(|it| it[0].1 + 1 == it[1].1);
    Some(if noun && few && names && together {
        No::UnknownDevice(words.join(" "))
    } else {
        No::NotUnderstood(words)
    })
}

/// Words that join, place, order or stand for others: never the name of a thing.
const FUNCTION: [&str; 72] = [
    "between",
    "before",
    "after",
    "since",
    "until",
    "till",
    "per",
    "while",
    "whilst",
    "because",
    "than",
    "whenever",
    "either",
    "neither",
    "nor",
    "whose",
    "whom",
    "though",
    "although",
    "unless",
    "whereas",
    "whether",
    "beyond",
    "beneath",
    "behind",
    "beside",
    "besides",
    "among",
    "amongst",
    "across",
    "along",
    "amid",
    "despite",
    "except",
    "toward",
    "towards",
    "upon",
    "via",
    "onto",
    "off",
    "out",
    "above",
    "below",
    "under",
    "over",
    "through",
    "throughout",
    "during",
    "within",
    "without",
    "against",
    "around",
    "near",
    "once",
    "twice",
    "always",
    "never",
    "often",
    "sometimes",
    "seldom",
    "rarely",
    "mostly",
    "mainly",
    "almost",
    "nearly",
    "otherwise",
    "else",
    "instead",
    "maybe",
    "perhaps",
    "however",
    "therefore",
];

fn is_function(word: &str) -> bool {
    let made = ["ever", "wards", "theless"].iter().any(|ending| word.ends_with(ending));
    made || FUNCTION.contains(&word)
}

/// The words of a piece of evidence.
pub(crate) fn text(reading: &Reading, evidence: &Evidence) -> String {
    let tokens = reading.tokens.get(evidence.range.clone()).unwrap_or_default();
    tokens.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn other_currency(reading: &Reading, own: &str) -> Option<String> {
    let dollars = ["USD", "AUD", "CAD", "NZD", "SGD", "HKD"];
    let fits = |word: &str| match word {
        "euro" | "euros" | "eur" | "€" => own == "EUR",
        "dollar" | "dollars" | "$" => dollars.contains(&own),
        "pound" | "pounds" | "quid" | "pence" | "£" => own == "GBP",
        "yen" | "¥" => own == "JPY" || own == "CNY",
        "rupees" | "rupee" | "rs" | "₹" => ["INR", "PKR", "NPR", "LKR", "MUR"].contains(&own),
        "francs" => own == "CHF",
        "kronor" => own == "SEK",
        "kroner" | "krone" | "krones" => own == "NOK" || own == "DKK",
        "kr" => ["SEK", "NOK", "DKK", "ISK"].contains(&own),
        "krona" => own == "SEK" || own == "ISK",
        "zloty" | "zlotys" => own == "PLN",
        "reais" => own == "BRL",
        "rand" | "rands" => own == "ZAR",
        "peso" | "pesos" => ["MXN", "ARS", "CLP", "COP", "PHP", "UYU", "DOP"].contains(&own),
        "franc" => own == "CHF" || own == "XAF" || own == "XOF",
        "forint" => own == "HUF",
        "lira" | "liras" => own == "TRY",
        "lei" => own == "RON",
        "baht" => own == "THB",
        "dirham" | "dirhams" => own == "AED" || own == "MAD",
        "shekel" | "shekels" => own == "ILS",
        "taka" => own == "BDT",
        "ringgit" => own == "MYR",
        "rupiah" => own == "IDR",
        "naira" => own == "NGN",
        "koruna" => own == "CZK",
        "shillings" => ["KES", "TZS", "UGX"].contains(&own),
        "paise" => ["INR", "PKR", "NPR"].contains(&own),
        "penny" | "pennies" => ["GBP", "USD", "CAD", "EUR"].contains(&own),
        "bucks" => dollars.contains(&own) || own == "ZAR",
        "money" | "cash" | "cents" => true,
        code => own.eq_ignore_ascii_case(code),
    };
    let money = reading
        .evidence
        .iter()
        .filter(|it| it.cue == Cue::Money)
        .map(|it| text(reading, it));
    money.into_iter().find(|word| !fits(word))
}
