//! What words mean beside each other: a count of devices that are named, a day said twice, two months as one period.

use super::{
    entities::{Found, Mention},
    lexicon::Cue,
    normalise::Token,
    plan::{Bucket, TimeExpr},
    reading::{Evidence, Reading},
    timex::{self, Filter, Meaning, TimeMention, Today},
};

/// Words after which a number counts what was spoken of: `which of the two was higher`.
const VERBS: [&str; 30] = [
    "added", "summed", "days", "weeks", "months", "periods", "nights", "times", "was", "were", "is", "are", "used",
    "use", "uses", "cost", "costs", "did", "do", "does", "have", "had", "has", "together", "combined", "took",
    "needed", "needs", "ran", "drew",
];
/// What tells two periods apart: then each is meant by itself.
pub(super) const APART: [Cue; 5] = [Cue::Compare, Cue::MoreLess, Cue::Difference, Cue::Or, Cue::Share];

impl Reading {
    /// Gives words their part.
    pub(super) fn settle(&mut self, today: Today<'_>) {
        self.counts();
        self.charges();
        self.replaced();
        self.meant();
        self.supposed();
        self.going_to();
        self.is_it_the_most();
        self.judged();
        self.put_beside();
        self.beside_a_change();
        self.what_is_a_month();
        self.plainly();
        self.named_day();
        self.one_of_it();
        self.negated();
        self.doer();
        self.asked_for();
        self.plugged();
        self.per_use();
        self.bottom();
        self.expenses();
        self.amperes();
        self.users();
        self.plain_verbs();
        self.ended_up();
        self.broken_down();
        self.left_on();
        self.turned_off();
        self.lately();
        self.charged();
        self.counted_steps();
        self.billed();
        self.power_used();
        self.amounts();
        self.among();
        self.placed();
        self.that_day();
        self.more_of_all();
        self.usual_weekday(today);
        self.against_last(today);
        if let Some(months) = self.in_a_row(today) {
            self.times = vec![months];
        }
        // "The geyser yesterday and the washer yesterday."
        if self.mentions.len() > 1 && !self.any(&APART) {
            self.times
                .dedup_by(|it, before| !it.range.is_empty() && it.meaning == before.meaning);
        }
        if let [first, second] = self.times.as_slice() {
            let found = self
                .once(first, second, today)
                .or_else(|| self.union(first, second, today));
            if let Some(one) = found {
                self.times = vec![one];
            }
        }
    }

    /// `the two heaters`, `all three`: a number of things that are named beside it is no other number.
    fn counts(&mut self) {
        let word = |at: Option<usize>| at.and_then(|at| self.tokens.get(at)).map_or("", |it| it.text.as_str());
        let is_count = |(value, at): &(f64, usize)| {
            let led = ["the", "my", "our", "all", "both", "those", "these", "of"].contains(&word(at.checked_sub(1)));
            let named = self.mentions.iter().any(|it| match &it.found {
                Found::Devices(ids) => it.range.start == at + 1 && (ids.len() as f64 - *value).abs() < 0.5,
                _ => false,
            });
            let next = word(Some(at + 1));
            let ends = self
                .tokens
                .get(at + 1)
                .is_none_or(|it| it.sentence != self.tokens[*at].sentence);
            led && (named || ends || VERBS.contains(&next)) && (2.0..=12.0).contains(value)
        };
        let (counts, numbers): (Vec<_>, Vec<_>) = self.numbers.iter().copied().partition(is_count);
        let all = |at: usize| word(at.checked_sub(1)) == "all";
        let evidence: Vec<Evidence> = counts
            .iter()
            .map(|(_, at)| Evidence {
                cue: if all(*at) { Cue::Both } else { Cue::Pronoun },
                range: *at..at + 1,
            })
            .collect();
        self.evidence.extend(evidence);
        self.evidence.sort_by_key(|it| it.range.start);
        self.numbers = numbers;
    }

    /// `per shower`: what each use of the one device took.
    fn per_use(&mut self) {
        let single = |it: &&Mention| matches!(&it.found, Found::Devices(ids) if ids.len() == 1) && !it.plural;
        let starts: Vec<usize> = self.mentions.iter().filter(single).map(|it| it.range.start).collect();
        self.means("per", Cue::PerRun, |next, _| starts.contains(&next));
    }

    /// `the bottom three` are the least; the bottom freezer is a freezer.
    fn bottom(&mut self) {
        let counted = |next: usize, tokens: &[Token]| tokens.get(next).is_some_and(|it| it.whole().is_some());
        self.means("bottom", Cue::Min, counted);
    }

    /// `break January down by device`.
    fn broken_down(&mut self) {
        let apart = self.unknown.iter().any(|(word, _)| word == "break");
        let down = |it: &Evidence| {
            self.tokens
                .get(it.range.clone())
                .is_some_and(|it| it.iter().map(|it| it.text.as_str()).eq(["down"]))
        };
        let Some(at) = self.evidence.iter().position(down).filter(|_| apart) else {
            return;
        };
        if let Some(evidence) = self.evidence.get_mut(at) {
            evidence.cue = Cue::Breakdown;
        }
        self.unknown.retain(|(word, _)| word != "break");
    }

    /// `what ran the most hours`: a number of hours, not one of them.
    fn counted_steps(&mut self) {
        let tokens = &self.tokens;
        let counted = |it: &Evidence| {
            let before = it
                .range
                .start
                .checked_sub(1)
                .and_then(|at| tokens.get(at))
                .map_or("", |it| it.text.as_str());
            let many = ["most", "fewest", "least", "more", "fewer", "less"].contains(&before);
            let noun = tokens
                .get(it.range.start)
                .is_some_and(|it| ["hours", "days", "weeks", "months"].contains(&it.text.as_str()));
            matches!(it.cue, Cue::Hour | Cue::Day | Cue::Week | Cue::Month) && many && noun
        };
        let Some(at) = self.evidence.iter().position(counted) else {
            return;
        };
        let start = self.evidence.remove(at).range.start;
        let word = self.tokens.get(start).map(|it| it.text.clone());
        self.unknown.extend(word.map(|word| (word, start)));
        self.unknown.sort_by_key(|it| it.1);
    }

    /// `lately, say the last 30 days`: beside a time it says nothing more.
    fn lately(&mut self) {
        let dated = !self.times.is_empty();
        self.unknown
            .retain(|(word, _)| !dated || !["lately", "recently", "nowadays"].contains(&word.as_str()));
    }

    /// `has someone left the heater on`.
    fn left_on(&mut self) {
        let on = self.place_of_last(Cue::On);
        self.unknown
            .retain(|(word, at)| word != "left" || on.is_none_or(|on| on < *at));
    }

    /// `did I turn the oven off` asks whether it is.
    fn turned_off(&mut self) {
        let said = |at: usize| self.tokens.get(at).map_or("", |it| it.text.as_str());
        let asked = ["did", "have", "has"].contains(&said(0))
            && ["turn", "turned", "switch", "switched", "shut"].contains(&said(2));
        let ends = self.tokens.last().map_or("", |it| it.text.as_str());
        let on = self.has(Cue::On);
        if asked && on && ["on", "off"].contains(&ends) {
            self.unknown.retain(|(_, at)| *at != 2);
        }
    }

    fn place_of_last(&self, cue: Cue) -> Option<usize> {
        self.evidence.iter().rfind(|it| it.cue == cue).map(|it| it.range.start)
    }

    /// `between the two heaters, which used more`.
    fn among(&mut self) {
        let first = self.mentions.first().map(|it| it.range.start);
        let asked = self.any(&[Cue::MoreLess, Cue::Max, Cue::Min]) && self.has(Cue::What);
        let near = |at: usize| first.is_some_and(|first| first > at && first - at <= 3);
        self.unknown
            .retain(|(word, at)| word != "between" || !asked || !near(*at));
    }

    /// `number two consumer`: a place in an order.
    fn placed(&mut self) {
        let tokens = &self.tokens;
        let is = |at: Option<usize>, words: &[&str]| {
            at.and_then(|at| tokens.get(at))
                .is_some_and(|it| words.contains(&it.text.as_str()))
        };
        let consumer = self.any(&[Cue::Consumer, Cue::Top, Cue::Device]);
        let is_place = |(value, at): &(f64, usize)| {
            let led = is(at.checked_sub(1), &["number", "nr"]);
            led && consumer && (1.0..=50.0).contains(value) && value.fract() == 0.0
        };
        let Some(found) = self.numbers.iter().position(is_place) else {
            return;
        };
        let (value, at) = self.numbers.remove(found);
        self.evidence.push(Evidence {
            cue: Cue::Ordinal(value as u32),
            range: at..at + 1,
        });
        self.evidence.sort_by_key(|it| it.range.start);
    }

    /// `Diwali was on 8 November, how much did we spend that day`: the one that was said.
    fn that_day(&mut self) {
        // Without one it is the day that was spoken of before.
        let said = self.times.first().map_or(0, |it| it.range.end);
        let tokens = &self.tokens;
        let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
        let of = |start: usize| {
            start >= said && ["that", "this"].contains(&word(start)) && ["day", "date"].contains(&word(start + 1))
        };
        let places: Vec<usize> = (0..tokens.len())
            .filter(|at| of(*at))
            .flat_map(|at| [at, at + 1])
            .collect();
        for evidence in &mut self.evidence {
            if evidence.range.len() == 1 && places.contains(&evidence.range.start) {
                evidence.cue = Cue::Filler;
            }
        }
    }

    /// `the machine that consumes more`: more than all others.
    fn more_of_all(&mut self) {
        let words: Vec<&str> = self.tokens.iter().map(|it| it.text.as_str()).collect();
        let of_a_device = self.any(&[Cue::Device, Cue::Consumer]) && !words.contains(&"than");
        let ends = |at: usize| at >= 2 && ["that", "which", "who"].contains(&words[at - 2]);
        let found = self.evidence.iter().position(|it| {
            let more =
                it.cue == Cue::MoreLess && it.range.len() == 1 && ["more", "less"].contains(&words[it.range.start]);
            more && of_a_device && ends(it.range.start)
        });
        let cue = |word: &str| if word == "more" { Cue::Max } else { Cue::Min };
        let cue = found
            .and_then(|at| self.evidence.get(at))
            .map(|it| cue(words[it.range.start]));
        if let Some((evidence, cue)) = found.and_then(|at| self.evidence.get_mut(at)).zip(cue) {
            evidence.cue = cue;
        }
    }

    /// `what was our Sunday like compared to a usual Sunday`: compared to the usual.
    fn usual_weekday(&mut self, today: Today<'_>) {
        const USUAL: [&str; 8] = [
            "usual", "typical", "normal", "average", "regular", "ordinary", "standard", "random",
        ];
        let usual = |it: &TimeMention| {
            let before = it.range.start.checked_sub(1).and_then(|at| self.tokens.get(at));
            let weekday = matches!(it.meaning, Meaning::Expr(TimeExpr::Weekday { .. })) && it.range.len() == 1;
            weekday && before.is_some_and(|it| USUAL.contains(&it.text.as_str()))
        };
        let [first, second] = self.times.as_slice() else {
            return;
        };
        let (usual_at, other) = match (usual(first), usual(second)) {
            (true, false) => (0, second),
            (false, true) => (1, first),
            _ => return,
        };
        let day = |it: &TimeMention| {
            let whole = whole(it, today)?;
            let date = today.calendar.date(whole.start);
            (today.calendar.day(date).start == whole.start && whole.seconds() < 90_000.0).then(|| date.weekday())
        };
        let same = day(other).is_some_and(|it| Some(it) == day(&self.times[usual_at]));
        if same && self.any(&[Cue::Compare, Cue::MoreLess, Cue::Difference]) {
            let range = self.times.remove(usual_at).range;
            let word = range.start - 1;
            self.evidence.retain(|it| !it.range.contains(&word));
            self.unknown.retain(|(_, at)| *at != word);
            self.evidence.push(Evidence {
                cue: Cue::Unusual,
                range: word..word + 1,
            });
            self.evidence.sort_by_key(|it| it.range.start);
        }
    }

    /// `week vs last week`: the one that runs.
    fn against_last(&mut self, today: Today<'_>) {
        let [only] = self.times.as_slice() else { return };
        let unit = match &only.meaning {
            Meaning::Expr(TimeExpr::Calendar { unit, back: 1 }) => *unit,
            // "Are we using less than last April?", asked in April.
            Meaning::Expr(TimeExpr::Month(month, 1..)) if i8::try_from(*month) == Ok(today.date().month()) => {
                Bucket::Month
            }
            _ => return,
        };
        let word = |at: usize| self.tokens.get(at).map_or("", |it| it.text.as_str());
        // "Are we using more than last week?"
        let before = only.range.start.checked_sub(1).map_or("", word);
        let runs = ["are", "is", "am"].contains(&word(0))
            && !["that", "this", "it"].contains(&word(1))
            && ["than", "on", "to", "with", "against"].contains(&before)
            && self.any(&[Cue::MoreLess, Cue::Compare])
            && unit > Bucket::Hour
            && self.mentions.len() < 2;
        if runs {
            let meaning = Meaning::Expr(TimeExpr::calendar(unit, 0));
            self.times.insert(0, TimeMention { meaning, range: 0..0 });
            return;
        }
        let alone = only.range == (2..4) && ["vs", "versus", "against", "v"].contains(&word(1));
        if alone && timex::name_of(unit) == word(0) {
            self.evidence.retain(|it| it.range.start != 0);
            let meaning = Meaning::Expr(TimeExpr::calendar(unit, 0));
            self.times.insert(0, TimeMention { meaning, range: 0..1 });
        }
    }

    /// Makes an unknown word evidence where what comes next says so.
    fn means(&mut self, word: &str, cue: Cue, next: impl Fn(usize, &[Token]) -> bool) {
        let tokens = &self.tokens;
        let known = |(it, at): &(String, usize)| it == word && next(at + 1, tokens);
        let (found, unknown): (Vec<_>, Vec<_>) = self.unknown.drain(..).partition(known);
        self.unknown = unknown;
        let evidence = found.into_iter().map(|(_, at)| Evidence { cue, range: at..at + 1 });
        self.evidence.extend(evidence);
        self.evidence.sort_by_key(|it| it.range.start);
    }

    /// `how much did the car charge` asks for energy, not for a run.
    fn charges(&mut self) {
        let amount = self.has(Cue::HowMuch) && !self.mentions.is_empty();
        let how_many = self
            .tokens
            .windows(2)
            .any(|it| it[0].text == "how" && it[1].text == "many");
        // "How many car charges": sessions, no money.
        let counted = how_many
            || self
                .tokens
                .windows(2)
                .any(|it| ["number", "count"].contains(&it[0].text.as_str()) && it[1].text == "of");
        let after: Vec<usize> = self.mentions.iter().map(|it| it.range.end).collect();
        for evidence in self.evidence.iter_mut().filter(|it| counted && it.cue == Cue::Cost) {
            let charges = self.tokens.get(evidence.range.clone()).unwrap_or_default();
            let many = evidence.range.start.checked_sub(1).and_then(|at| self.tokens.get(at));
            let named = after.contains(&evidence.range.start)
                || many.is_some_and(|it| ["many", "of"].contains(&it.text.as_str()));
            if named && charges.iter().map(|it| it.text.as_str()).eq(["charges"]) {
                evidence.cue = Cue::Runs;
            }
        }
        for evidence in self.evidence.iter_mut().filter(|_| amount && !how_many) {
            let charge = self.tokens.get(evidence.range.clone()).unwrap_or_default();
            if evidence.cue == Cue::Runs && charge.iter().map(|it| it.text.as_str()).eq(["charge"]) {
                evidence.cue = Cue::Use;
            }
        }
    }

    /// `Boxing Day, the 26th`, `yesterday (Tuesday)`: of two periods one of which holds the other, the narrower is meant.
    fn once(&self, first: &TimeMention, second: &TimeMention, today: Today<'_>) -> Option<TimeMention> {
        let (one, other) = (whole(first, today)?, whole(second, today)?);
        let linked = self
            .between(first, second)
            .any(|it| it.cue == Cue::Link && it.text(self) != ",");
        if self.any(&APART) || linked {
            return None;
        }
        let kept = if one.intersection(other) == other {
            second
        } else if one.intersection(other) == one {
            first
        } else {
            return None;
        };
        Some(TimeMention {
            meaning: kept.meaning.clone(),
            range: kept.range.clone(),
        })
    }

    /// `August and September together`: one period, where one ends when the other begins.
    fn union(&self, first: &TimeMention, second: &TimeMention, today: Today<'_>) -> Option<TimeMention> {
        let clause = |at: usize| self.tokens.get(at).map(|it| it.clause);
        let linked = self.between(first, second).any(|it| it.cue == Cue::Link)
            || clause(first.range.start) != clause(second.range.start);
        let (Meaning::Expr(one), Meaning::Expr(other)) = (&first.meaning, &second.meaning) else {
            return None;
        };
        // "Evenings in May and June together": the same days and hours of both.
        let ((one, filter), (other, same)) = (Filter::of(one), Filter::of(other));
        let (one, other) = (timex::whole(one, today).ok()?, timex::whole(other, today).ok()?);
        let calendar = today.calendar;
        let days = calendar.start_of_day(calendar.date(one.start)) == one.start
            && calendar.start_of_day(calendar.date(other.end)) == other.end;
        let total = self.has(Cue::Total) || self.tokens.iter().any(|it| it.text == "total");
        // "Saturday and Sunday, how much": the two days beside each other.
        let day = |it: voltaire_types::Interval| it.seconds() < 90_000.0;
        let both = total || day(one) && day(other) && self.has(Cue::HowMuch) && self.mentions.is_empty();
        let wanted = both && linked && !self.any(&APART) && one.end == other.start && days;
        let last = calendar.date(other.end).yesterday().ok()?;
        (wanted && filter == same).then(|| TimeMention {
            meaning: Meaning::Expr(filter.on(&TimeExpr::Dates(calendar.date(one.start), last))),
            range: first.range.start..second.range.end,
        })
    }

    /// `June, July and August`: three or more months that follow one another are one period.
    fn in_a_row(&self, today: Today<'_>) -> Option<TimeMention> {
        let (first, last) = (self.times.first()?, self.times.last()?);
        let months: Vec<_> = self.times.iter().map(|it| month(it, today)).collect::<Option<_>>()?;
        let follow = months.windows(2).all(|pair| pair[0].end == pair[1].start);
        let (start, end) = (months.first()?.start, months.last()?.end);
        let until = today.calendar.date(end).yesterday().ok()?;
        (months.len() > 2 && follow && !self.any(&APART)).then(|| TimeMention {
            meaning: Meaning::Expr(TimeExpr::Dates(today.calendar.date(start), until)),
            range: first.range.start..last.range.end,
        })
    }

    fn between<'a>(&'a self, first: &'a TimeMention, second: &'a TimeMention) -> impl Iterator<Item = &'a Evidence> {
        let within = |it: &&Evidence| it.range.start >= first.range.end && it.range.end <= second.range.start;
        self.evidence.iter().filter(within)
    }
}

impl Evidence {
    fn text<'a>(&self, reading: &'a Reading) -> &'a str {
        reading.tokens.get(self.range.start).map_or("", |it| it.text.as_str())
    }
}

/// The interval of a month that is named.
fn month(mention: &TimeMention, today: Today<'_>) -> Option<voltaire_types::Interval> {
    let named = matches!(mention.meaning, Meaning::Expr(TimeExpr::Month(1.., _)));
    whole(mention, today).filter(|_| named)
}

fn whole(mention: &TimeMention, today: Today<'_>) -> Option<voltaire_types::Interval> {
    match &mention.meaning {
        Meaning::Expr(expr) => timex::whole(expr, today).ok(),
        _ => None,
    }
}
