//! One reading of the question: which words are devices, which say when, which are evidence of what, and which are none of
//! these.

use std::{collections::HashMap, ops::Range};

use super::{
    World,
    entities::{Catalog, Mention},
    lexicon::{self, COMMANDS, Cue},
    normalise::{Kind, Token, tokens},
    numerals,
    plan::Unit,
    signs, spelling,
    timex::{self, Meaning, TimeMention, Today},
};

/// A phrase that is evidence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence {
    pub(crate) cue: Cue,
    pub(crate) range: Range<usize>,
}

/// What the words are.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) tokens: Vec<Token>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) times: Vec<TimeMention>,
    pub(crate) evidence: Vec<Evidence>,
    /// Numbers that belong to no time, with their places.
    pub(crate) numbers: Vec<(f64, usize)>,
    /// Words that are none of these.
    pub(crate) unknown: Vec<(String, usize)>,
    /// Places of unknown words that stand in a name of a device or a room.
    pub(crate) own: Vec<usize>,
    pub(crate) fixes: u32,
    /// Whether it goes on from a question about what makes energy of the sun.
    pub(crate) of_the_sun: bool,
}

impl Reading {
    pub(crate) fn new(text: &str, world: &World, today: Today<'_>) -> Self {
        let mut tokens = tokens(text, world.month_first);
        signs::own_money(&mut tokens, &world.currency);
        signs::sunshine(&mut tokens);
        day_and_night(&mut tokens);
        weekend_and_week(&mut tokens);
        let catalog = Catalog::new(&world.devices);
        let fixes = spelling::correct(&mut tokens, &catalog);
        let mentions = catalog.find(&tokens);
        let mut taken = vec![false; tokens.len()];
        claim(&mut taken, mentions.iter().map(|it| &it.range));
        let times = timex::find(&tokens, &taken, today);
        claim(&mut taken, times.iter().map(|it| &it.range));
        let mut reading = Self {
            tokens,
            mentions,
            times,
            evidence: Vec::new(),
            numbers: Vec::new(),
            unknown: Vec::new(),
            own: Vec::new(),
            fixes,
            of_the_sun: false,
        };
        reading.scan(&taken);
        let own = reading.unknown.iter().filter(|(word, _)| catalog.is_own(word));
        reading.own = own.map(|(_, at)| *at).collect();
        reading
            .times
            .retain(|it| !matches!(it.meaning, Meaning::Shift { by: 0, or: None, .. }));
        reading.settle(today);
        reading
    }

    pub(crate) fn has(&self, cue: Cue) -> bool {
        self.evidence.iter().any(|it| it.cue == cue)
    }

    pub(crate) fn any(&self, cues: &[Cue]) -> bool {
        cues.iter().any(|cue| self.has(*cue))
    }

    /// Where the cue first stands.
    pub(crate) fn place(&self, cue: Cue) -> Option<usize> {
        self.evidence.iter().find(|it| it.cue == cue).map(|it| it.range.start)
    }

    /// The last unit asked for.
    pub(crate) fn unit(&self) -> Option<Unit> {
        self.evidence
            .iter()
            .rev()
            .find_map(|it| if let Cue::In(unit) = it.cue { Some(unit) } else { None })
    }

    /// Which place in an order was asked for.
    pub(crate) fn ordinal(&self) -> Option<u32> {
        self.evidence.iter().find_map(|it| {
            if let Cue::Ordinal(place) = it.cue {
                Some(place)
            } else {
                None
            }
        })
    }

    /// The periods that were said.
    pub(crate) fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        self.times.iter().map(|it| &it.meaning)
    }

    /// Whether a sentence begins with a verb of command.
    pub(crate) fn commands(&self) -> bool {
        let polite = |at: usize| {
            self.evidence
                .iter()
                .any(|it| it.range.contains(&at) && matches!(it.cue, Cue::Polite | Cue::Filler | Cue::Link))
        };
        let mut seen: HashMap<u32, bool> = HashMap::new();
        for (at, token) in self.tokens.iter().enumerate() {
            if seen.get(&token.sentence).copied().unwrap_or(false)
                || polite(at) && !COMMANDS.contains(&token.text.as_str())
            {
                continue;
            }
            seen.insert(token.sentence, true);
            if COMMANDS.contains(&token.text.as_str()) && !self.is_energy_noun(at) || self.switches_off(at) {
                return true;
            }
        }
        false
    }

    /// "Off the motor" as it is said in India.
    fn switches_off(&self, at: usize) -> bool {
        let word = |at: usize| self.tokens.get(at).map_or("", |it| it.text.as_str());
        let next = at + 1 + usize::from(["the", "my", "our", "that", "this"].contains(&word(at + 1)));
        word(at) == "off" && self.mentions.iter().any(|it| it.range.start == next)
    }

    /// "run time last week" and "charge cost yesterday" begin with nouns.
    fn is_energy_noun(&self, at: usize) -> bool {
        let mentioned = self.mentions.iter().any(|it| it.range.contains(&at));
        let longer = self
            .evidence
            .iter()
            .any(|it| it.range.contains(&at) && it.range.len() > 1 && !matches!(it.cue, Cue::Runs | Cue::On));
        let next = self.tokens.get(at + 1).map_or("", |it| it.text.as_str());
        mentioned || longer || ["in", "of", "from", "than"].contains(&next)
    }

    fn scan(&mut self, taken: &[bool]) {
        let mut at = 0;
        while at < self.tokens.len() {
            if taken[at] {
                at += 1;
                continue;
            }
            let free = taken[at..].iter().take(lexicon::LONGEST).take_while(|it| !**it).count();
            let found = (1..=free)
                .rev()
                .find_map(|length| self.phrase(at, length).map(|cue| (length, cue)));
            if let Some((length, cue)) = found {
                let cue = if self.tokens[at].text == "on" || self.tokens[at].text == "off" {
                    self.on(at, length, cue)
                } else {
                    cue
                };
                self.evidence.push(Evidence {
                    cue,
                    range: at..at + length,
                });
                at += length;
            } else {
                self.other(at);
                at += 1;
            }
        }
    }

    fn phrase(&self, at: usize, length: usize) -> Option<Cue> {
        let slice = &self.tokens[at..at + length];
        let joined = |of: fn(&Token) -> &str| slice.iter().map(of).collect::<Vec<_>>().join(" ");
        let text = lexicon::cue(&joined(|it| &it.text));
        if length > 1 {
            return text.filter(|_| slice.windows(2).all(|pair| pair[0].sentence == pair[1].sentence));
        }
        let ordinal = match slice[0].kind {
            Kind::Ordinal(place) => Some(place),
            Kind::Word => numerals::ordinal(&slice[0].text),
            _ => None,
        };
        if let Some(place) = ordinal {
            return Some(Cue::Ordinal(place));
        }
        if at == 0 && text == Some(Cue::Now) && self.tokens.len() > 1 && slice[0].text == "now" {
            // "Now everything together" goes on; it does not ask for this moment.
            return Some(Cue::Follow);
        }
        if at == 0 && self.tokens.len() > 1 && slice[0].text == "no" {
            // "No, the TV box" corrects what was said before.
            return Some(Cue::Follow);
        }
        text.or_else(|| lexicon::cue(&slice[0].stem))
    }

    fn other(&mut self, at: usize) {
        let token = &self.tokens[at];
        match token.kind {
            Kind::Email => self.evidence.push(Evidence {
                cue: Cue::Private,
                range: at..at + 1,
            }),
            Kind::Symbol => {}
            _ => match token.number() {
                Some(value) => self.numbers.push((value, at)),
                None => self.unknown.push((token.text.clone(), at)),
            },
        }
    }

    /// `on` at the end of what it belongs to means "switched on".
    fn on(&self, at: usize, length: usize, cue: Cue) -> Cue {
        if length > 1 {
            return cue;
        }
        let next = self.tokens.get(at + 1).filter(|it| it.clause == self.tokens[at].clause);
        let ends = next.is_none_or(|it| {
            [
                "now",
                "rn",
                "atm",
                "right",
                "at",
                "or",
                "currently",
                "still",
                "yesterday",
                "today",
                "last",
                "this",
                "and",
                "between",
                "for",
                "all",
                "overnight",
                "during",
                "in",
                "since",
                "only",
                "again",
                "please",
                "then",
                "yet",
                "too",
                "already",
                "lol",
                "man",
                "there",
            ]
            .contains(&it.text.as_str())
        });
        let before = at.checked_sub(1).map_or("", |at| self.tokens[at].text.as_str());
        let stands = !["based", "going", "depending", "working", "relying"].contains(&before);
        if ends && at > 0 && stands { Cue::On } else { cue }
    }
}

/// `Day versus night` compares parts of days; no day is meant by it.
fn day_and_night(tokens: &mut Vec<Token>) {
    const DAY: [&str; 4] = ["day", "days", "daytime", "daytimes"];
    const NIGHT: [&str; 4] = ["night", "nights", "nighttime", "nighttimes"];
    const BETWEEN: [&str; 15] = [
        "versus", "vs", "v", "against", "compared", "to", "with", "and", "or", "than", "at", "by", "the", "during",
        "in",
    ];
    let is = |token: &Token, words: &[&str]| words.contains(&token.text.as_str());
    for at in 0..tokens.len() {
        let (first, other) = match &tokens[at] {
            it if is(it, &DAY) => ("daytime", &NIGHT),
            it if is(it, &NIGHT) => ("nighttime", &DAY),
            _ => continue,
        };
        let joins = tokens[at + 1..]
            .iter()
            .take(4)
            .take_while(|it| is(it, &BETWEEN))
            .count();
        let end = at + 1 + joins;
        let led = at > 0
            && is(
                &tokens[at - 1],
                &["last", "this", "a", "per", "of", "each", "every", "that", "one"],
            );
        if joins == 0 || led || !tokens.get(end).is_some_and(|it| is(it, other)) {
            continue;
        }
        let says = |words: &[&str]| tokens[at + 1..end].iter().any(|it| is(it, words));
        let join = if says(&["versus", "vs", "v", "against", "compared", "than"]) {
            "versus"
        } else if joins == 1 && says(&["and"]) {
            "and"
        } else if says(&["or"]) {
            "or"
        } else {
            continue;
        };
        let second = if first == "daytime" { "nighttime" } else { "daytime" };
        for (place, text) in [(at, first), (at + 1, join), (end, second)] {
            text.clone_into(&mut tokens[place].text);
            text.clone_into(&mut tokens[place].stem);
        }
        tokens.drain(at + 2..end);
        return;
    }
}

/// `At the weekend than during the week` compares weekends with the other days.
fn weekend_and_week(tokens: &mut Vec<Token>) {
    const BETWEEN: [&str; 26] = [
        "cost", "costs", "us", "more", "less", "use", "used", "dearer", "cheaper", "higher", "versus", "vs", "v",
        "against", "compared", "to", "with", "or", "than", "on", "in", "at", "the", "during", "we", "do",
    ];
    let word = |tokens: &[Token], at: usize| tokens.get(at).map_or(String::new(), |it| it.text.clone());
    let is_weekend = |it: &str| ["weekend", "weekends"].contains(&it);
    let is_weekday = |it: &str| ["weekday", "weekdays"].contains(&it);
    let first = (0..tokens.len()).find(|at| {
        let led = ["in", "during"].contains(&word(tokens, at.wrapping_sub(2)).as_str())
            && word(tokens, at.wrapping_sub(1)) == "the";
        let it = word(tokens, *at);
        is_weekend(&it) || is_weekday(&it) || it == "week" && led
    });
    let Some(first) = first else { return };
    let joins = tokens[first + 1..]
        .iter()
        .take(6)
        .take_while(|it| BETWEEN.contains(&it.text.as_str()))
        .count();
    let second = first + 1 + joins;
    let (one, other) = (word(tokens, first), word(tokens, second));
    let between = |words: &[&str]| {
        tokens[first + 1..second]
            .iter()
            .any(|it| words.contains(&it.text.as_str()))
    };
    let pair = is_weekend(&one) && (other == "week" && between(&["during", "in"]) || is_weekday(&other))
        || (one == "week" || is_weekday(&one)) && is_weekend(&other);
    // "This weekend than last week" are two periods.
    let dated = ["this", "last", "that", "past", "previous"].contains(&word(tokens, first.wrapping_sub(1)).as_str());
    if !pair || dated || !between(&["versus", "vs", "v", "against", "compared", "than", "or"]) {
        return;
    }
    // What is counted stays said.
    let counted = |it: &&Token| ["cost", "costs", "use", "used"].contains(&it.text.as_str());
    let kept: Vec<Token> = tokens[first + 1..second].iter().filter(counted).cloned().collect();
    for (place, text) in [(first, "weekends"), (first + 1, "versus"), (second, "weekdays")] {
        text.clone_into(&mut tokens[place].text);
        text.clone_into(&mut tokens[place].stem);
    }
    tokens.splice(first + 2..second, []);
    tokens.splice(first..first, kept);
}

fn claim<'a>(taken: &mut [bool], ranges: impl Iterator<Item = &'a Range<usize>>) {
    for range in ranges {
        taken.get_mut(range.clone()).unwrap_or_default().fill(true);
    }
}
