//! From evidence to an operation, the most specific first. There is no default operation: without positive evidence there is
//! no plan.

use super::{
    lexicon::Cue,
    measure::{Measure, bucket_noun, per},
    plan::{Bucket, Direction, Metric, Operation, Plan, TimeExpr, Unit, Want},
    reading::Reading,
    refuse::text,
    selection::Pick,
    timex::Meaning,
};

/// The price itself, whatever verb stands beside it.
const STRONG: [&str; 8] = [
    "price per unit",
    "rate per unit",
    "per unit rate",
    "per unit price",
    "price per kwh",
    "rate per kwh",
    "unit price",
    "unit rate",
];

/// Everything that the rules look at.
pub(crate) struct Frame<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) pick: &'a Pick,
    pub(crate) measure: Measure,
    pub(crate) named: usize,
    pub(crate) times: usize,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(reading: &'a Reading, pick: &'a Pick) -> Self {
        let named = match pick {
            Pick::Devices(selection) if !selection.except => selection.devices.len(),
            Pick::Doubt { sure, .. } => sure.devices.len() + 1,
            _ => 0,
        };
        Self {
            reading,
            pick,
            measure: Measure::of(reading),
            named,
            times: reading.times.len(),
        }
    }

    pub(crate) fn has(&self, cue: Cue) -> bool {
        self.reading.has(cue)
    }

    /// Whether "the whole month" is said.
    pub(crate) fn whole_again(&self) -> bool {
        self.reading
            .meanings()
            .any(|it| matches!(it, Meaning::Shift { by: 0, .. }))
    }

    pub(crate) fn extreme(&self) -> bool {
        self.reading.any(&[Cue::Max, Cue::Min])
    }

    /// The number of a day that corrects another one, where nothing else is said.
    pub(crate) fn corrected_day(&self) -> Option<i8> {
        let [(day, _)] = self.reading.numbers.as_slice() else {
            return None;
        };
        let alone = self.has(Cue::Follow) && self.times == 0 && self.named == 0;
        (alone && day.fract() == 0.0 && (1.0..=31.0).contains(day)).then_some(*day as i8)
    }

    pub(crate) fn direction(&self) -> Direction {
        // The best day of a solar panel is not its lowest.
        let least = self.has(Cue::Min) && !(self.sunny() && self.says(&["best"]));
        if least || self.sunny() && self.says(&["worst"]) || self.begins_low() {
            Direction::Least
        } else {
            Direction::Most
        }
    }

    pub(crate) fn plan(&self, operation: Operation, metric: Metric) -> Plan {
        Plan {
            unit: self.reading.unit(),
            direction: self.direction(),
            ..Plan::new(operation, metric)
        }
    }

    pub(crate) fn counted(&self, operation: Operation) -> Plan {
        Plan {
            also: self.measure.also(),
            ..self.plan(operation, self.measure.metric())
        }
    }

    /// The plan that the question's own words make: without devices and period.
    pub(crate) fn plan_alone(&self) -> Option<Plan> {
        let rules: [fn(&Self) -> Option<Plan>; 15] = [
            Self::at_peak,
            Self::special,
            Self::habit,
            Self::settings,
            Self::inventory,
            Self::live,
            Self::share,
            Self::compare,
            Self::rank,
            Self::extreme_bucket,
            Self::breakdown,
            Self::average,
            Self::extreme_instant,
            Self::series,
            Self::total,
        ];
        rules
            .iter()
            .find_map(|rule| rule(self))
            .filter(|plan| self.leftovers(plan).is_empty())
    }

    fn settings(&self) -> Option<Plan> {
        if self.has(Cue::Help) && !self.has(Cue::Price) && self.times == 0 && self.named == 0 {
            return Some(Plan::new(Operation::Help, Metric::Energy));
        }
        let price = self.has(Cue::Price);
        let any = price || self.reading.any(&[Cue::Zone, Cue::Currency]);
        let metric = if price { Metric::Cost } else { Metric::Energy };
        let plain = self.has(Cue::Zone) || !self.has(Cue::Use) || self.phrases(&STRONG);
        (any && self.times == 0 && self.named == 0 && plain).then(|| Plan {
            want: Some(match (price, self.has(Cue::Zone)) {
                (true, _) => Want::Price,
                (false, true) => Want::Zone,
                (false, false) => Want::Currency,
            }),
            ..Plan::new(Operation::Settings, metric)
        })
    }

    fn share(&self) -> Option<Plan> {
        let wanted = self.has(Cue::Share)
            && !self.reading.any(&[Cue::Compare, Cue::Difference, Cue::MoreLess])
            && self.times < 2;
        (wanted && self.named > 0).then(|| self.counted(Operation::Share))
    }

    fn compare(&self) -> Option<Plan> {
        let said = self.reading.any(&[Cue::Compare, Cue::Difference, Cue::MoreLess]);
        let linked = self.linked_times();
        // "In July and August" are two periods for the devices to be compared in, or one whole: that is not told here.
        if linked && (self.named >= 2 || self.has(Cue::Total) || self.says(&["total"])) {
            return None;
        }
        if self.times == 2 && !self.extreme() && (said || linked) {
            return Some(self.counted(Operation::Compare));
        }
        (self.named >= 2 && said && self.times < 2).then(|| self.counted(Operation::Compare))
    }

    /// Two periods with "and" or "or" between them: both are asked for.
    fn linked_times(&self) -> bool {
        let [first, second, ..] = self.reading.times.as_slice() else {
            return false;
        };
        let between =
            |it: &super::reading::Evidence| it.range.start >= first.range.end && it.range.end <= second.range.start;
        self.reading
            .evidence
            .iter()
            .any(|it| matches!(it.cue, Cue::Link | Cue::Or) && between(it))
    }

    fn rank(&self) -> Option<Plan> {
        let thing = self.reading.any(&[Cue::Device, Cue::Consumer]);
        let used = self.has(Cue::Use) || self.measure.cost || self.measure.energy;
        // "What was my peak" asks for no device.
        let who = self.has(Cue::What)
            && bucket_noun(self.reading).is_none()
            && used
            && !self.says(&["peak", "peaks"])
            && !self.amount_of_power()
            // "What was the house pulling at its highest": by it, not by what.
            && !(self.draws() && self.has(Cue::Home));
        // "The most we have ever drawn" is no device.
        let who = who && !(self.draws() && self.phrases(&["most we", "most i", "most the house", "most the home"]));
        let among = self.named >= 2;
        let ordered = self.extreme() || self.reading.ordinal().is_some();
        // "The fourth biggest", "the 3 lowest": a place or a number is of devices where it is of nothing else.
        let counted = self.reading.ordinal().is_some() || self.reading.numbers.len() == 1;
        let places = self.extreme() && counted && self.named == 0 && (!self.measure.power || self.has(Cue::Use));
        let ranking = self.says(&[
            "rank", "ranked", "ranking", "rankings", "order", "sorted", "ordered", "sort",
        ]) || self.is_sorted();
        let wanted = self.has(Cue::Consumer)
            || ranking && self.named != 1
            || self.has(Cue::Top) && (self.named == 0)
            || ordered && (thing || who && self.named != 1 || among)
            || places;
        if !wanted || self.budget().is_some() || self.times > 1 || bucket_noun(self.reading).is_some() && !thing {
            return None;
        }
        let limit = self.reading.numbers.first().map(|(value, _)| *value as u32);
        let rank = self.reading.ordinal().unwrap_or(0);
        let several =
            self.reading.tokens.iter().any(|it| {
                ["devices", "appliances", "consumers", "hogs", "things", "users"].contains(&it.text.as_str())
            });
        let limit = limit.unwrap_or(match (ranking, several) {
            (true, _) => 0,
            (_, true) => 3,
            _ => 1,
        });
        let power = self.measure.power
            && !self.measure.energy
            && !self.has(Cue::Use)
            && !self.has(Cue::Consumer)
            && self.has(Cue::Power);
        let rank = if power && self.reading.unit().is_some() {
            return None;
        } else {
            rank
        };
        // "Number one" is the first of them.
        let (limit, rank) = match rank {
            1 => (1, 0),
            2.. => (0, rank),
            0 => (limit, 0),
        };
        Some(Plan {
            limit,
            rank,
            unit: self.energy_unit(),
            ..self.counted(Operation::Rank)
        })
    }

    /// `from cheapest to dearest`, `highest first`.
    fn is_sorted(&self) -> bool {
        let mut top = self.reading.evidence.iter().filter(|it| it.cue == Cue::Top);
        top.any(|it| {
            let words = text(self.reading, it);
            words.contains(" to ") || words.ends_with(" first")
        })
    }

    /// Whether such an order begins at the low end.
    fn begins_low(&self) -> bool {
        let mut top = self.reading.evidence.iter().filter(|it| it.cue == Cue::Top);
        top.any(|it| {
            let words = text(self.reading, it);
            let words = words.strip_prefix("from ").unwrap_or(&words);
            ["cheapest", "lowest", "least", "smallest"]
                .iter()
                .any(|it| words.starts_with(it))
        })
    }

    pub(crate) fn energy_unit(&self) -> Option<Unit> {
        self.reading.unit().filter(|it| it.is_energy())
    }

    fn extreme_bucket(&self) -> Option<Plan> {
        // "How much, what did it cost, and what was the peak" are questions of their own.
        if self.is_repeated() || self.measure.both && self.says(&["peak", "peaks"]) {
            return None;
        }
        let mean = bucket_noun(self.reading) == Some(Bucket::QuarterHour)
            || per(self.reading) == Some(Bucket::Hour)
            || self.uses_power();
        if self.measure.power && !self.measure.energy && !self.measure.cost && !mean {
            return None;
        }
        // "The highest monthly bill" is the bill of a month.
        let adverb = per(self.reading).filter(|_| self.extreme() && self.stepwise(true));
        let bucket = bucket_noun(self.reading).or(adverb).or_else(|| {
            // "When did I use the most" asks for a stretch of time, "the most it ever drew" for power.
            let often = self.reading.evidence.iter().any(|it| {
                matches!(it.cue, Cue::Max | Cue::Min) && ["most", "least"].contains(&text(self.reading, it).as_str())
            });
            let used = self.has(Cue::Use) && (often && !self.draws() || self.has(Cue::When));
            let when = self.extreme() && (used || self.measure.energy || self.measure.cost) && !self.measure.power;
            when.then(|| if self.one_day() { Bucket::Hour } else { Bucket::Day })
        })?;
        (self.extreme() && self.times < 2).then(|| Plan {
            bucket: Some(bucket),
            unit: self.energy_unit(),
            ..self.counted(Operation::Extreme)
        })
    }

    /// Whether what is asked about makes energy.
    pub(crate) fn sunny(&self) -> bool {
        if self.reading.of_the_sun {
            return true;
        }
        let sun = |it: &super::entities::Mention| {
            let named = matches!(it.found, super::entities::Found::Devices(_));
            named && ["solar", "pv", "panel"].iter().any(|word| it.words.contains(word))
        };
        self.reading.mentions.iter().any(sun)
    }

    pub(crate) fn one_day(&self) -> bool {
        self.reading
            .meanings()
            .any(|it| matches!(it, Meaning::Expr(expr) if is_one_day(expr)))
    }

    fn breakdown(&self) -> Option<Plan> {
        let shared = self.has(Cue::Share) && self.has(Cue::Device);
        let each = self.has(Cue::Device)
            && (self.has(Cue::Use) || self.measure.cost || self.measure.energy)
            && !self.extreme()
            && self.has(Cue::What);
        let went = self.says(&["where"])
            && self.says(&["go", "went", "going"])
            && (self.measure.cost || self.measure.energy || self.measure.power);
        let wanted = self.has(Cue::Breakdown) || shared || each || went || self.what_uses() && self.times == 1;
        (wanted && self.times < 2).then(|| self.counted(Operation::Breakdown))
    }

    fn average(&self) -> Option<Plan> {
        let per = per(self.reading);
        let average = self.has(Cue::Average);
        if self.times > 1 || self.extreme() || !(average || per.is_some()) {
            return None;
        }
        let totals = self.has(Cue::Total) && per.is_some();
        // "Daily average last month", "last week by day".
        let steps = per.is_some() && self.times == 1 && (self.stepwise(false) || self.says(&["average", "mean"]));
        let used = self.has(Cue::Use) || self.named > 0 || totals || steps;
        let measured = self.measure.energy || self.measure.cost || self.measure.power || used;
        let plain = !self.measure.energy && !self.measure.cost;
        if plain && per.is_none() && self.draws() {
            return Some(self.plan(Operation::Average, Metric::Power));
        }
        if self.measure.power && per.is_none() && !self.measure.energy && !self.measure.cost {
            return Some(self.plan(Operation::Average, Metric::Power));
        }
        if self.measure.power && per.is_some() && self.reading.unit().is_some_and(|it| !it.is_energy()) {
            return None;
        }
        let same_unit = self.reading.meanings().any(|it| matches!(it, Meaning::Expr(TimeExpr::Calendar { unit, .. }) | Meaning::Shift { unit, .. } if Some(*unit) == per));
        if measured && same_unit && !average {
            return Some(self.counted(Operation::Total));
        }
        if let Some(bucket) = per.filter(|_| measured && self.stepwise(!average && !self.has(Cue::HowMuch))) {
            return Some(Plan {
                bucket: Some(bucket),
                unit: self.energy_unit(),
                ..self.counted(Operation::Series)
            });
        }
        // "In an average month": of all that there are.
        let of_all = ["average", "typical", "normal", "usual"]
            .iter()
            .any(|it| self.phrases(&[&format!("{it} month"), &format!("{it} year"), &format!("{it} week")]));
        measured.then(|| Plan {
            bucket: Some(per.unwrap_or(Bucket::Day)),
            period: of_all.then_some(TimeExpr::All),
            ..self.counted(Operation::Average)
        })
    }

    /// `by the hour`, and, where no mean is asked for, `hourly`: one value for each step.
    pub(crate) fn stepwise(&self, plain: bool) -> bool {
        let steps = [Cue::PerHour, Cue::PerDay, Cue::PerWeek, Cue::PerMonth, Cue::PerYear];
        let said = self.reading.evidence.iter().filter(|it| steps.contains(&it.cue));
        said.map(|it| text(self.reading, it)).any(|words| {
            let each =
                words.contains("by ") || words.contains("into ") || words.ends_with("wise") || self.each_of(&words);
            let adverb = ["hourly", "daily", "weekly", "monthly", "yearly"].contains(&words.as_str());
            each || plain && (adverb || self.has(Cue::Chart))
        })
    }

    /// `each day of last week`, `every day last week separately`.
    fn each_of(&self, words: &str) -> bool {
        let each = (words.contains("each ") || words.contains("every ")) && !self.has(Cue::Average);
        // "Show me each day last week": nothing but a wish to be told stands before it.
        let wish = self
            .reading
            .evidence
            .iter()
            .take_while(|it| text(self.reading, it) != words);
        let wished = wish
            .into_iter()
            .all(|it| it.cue.is_empty() || matches!(it.cue, Cue::Chart | Cue::Inventory));
        let led = self
            .reading
            .tokens
            .first()
            .is_some_and(|it| !words.starts_with(&it.text))
            && wished
            || (words.starts_with("for each ") || words.starts_with("for every ")) && !self.has(Cue::HowMuch);
        let of = ["of", "in", "from"].map(|it| format!("{words} {it}"));
        let of = of.iter().any(|it| self.phrases(&[it])) || words.starts_with("of ") || words.ends_with(" s");
        each && self.times == 1 && (of || led || self.has(Cue::Each) || self.has(Cue::Chart))
    }

    fn extreme_instant(&self) -> Option<Plan> {
        let other = self.is_repeated()
            || self.measure.energy
            || self.measure.cost
            || self.has(Cue::Device)
            || self.sunny() && self.says(&["best", "worst"]);
        (self.extreme() && self.times < 2 && !other && self.named < 2)
            .then(|| self.plan(Operation::Extreme, Metric::Power))
    }

    fn series(&self) -> Option<Plan> {
        let explicit = self
            .reading
            .evidence
            .iter()
            .any(|it| it.cue == Cue::Chart && !["show", "history"].contains(&text(self.reading, it).as_str()));
        let measured = self.measure.energy || self.measure.cost || self.named > 0 || self.has(Cue::Use);
        (explicit && measured && self.times == 1 && !self.extreme()).then(|| self.counted(Operation::Series))
    }

    fn total(&self) -> Option<Plan> {
        let Measure {
            energy, cost, power, ..
        } = self.measure;
        let measured = energy || cost || power;
        let placed = self.times > 0
            || self.named > 0
            || self.reading.any(&[Cue::Home, Cue::Total, Cue::My])
            || matches!(self.pick, Pick::Devices(_));
        let amount = self
            .reading
            .evidence
            .iter()
            .any(|it| it.cue == Cue::HowMuch && text(self.reading, it) == "how much");
        let asked = self.has(Cue::HowMuch) && (self.has(Cue::Use) || measured) || amount && self.times == 1;
        let noun = measured && placed;
        let named =
            (self.named > 0 || matches!(self.pick, Pick::Devices(_)) || self.reading.any(&[Cue::Home, Cue::Total]))
                && self.times == 1;
        let whose = self.named > 0 || self.has(Cue::My) && self.times == 1;
        let what = self.has(Cue::What) && self.has(Cue::Use) && placed && whose;
        // "Did the panels make anything today?"
        let made = self.has(Cue::Solar) && self.says(&["did", "has", "have"]) && self.named > 0 && self.times == 1;
        // "Used this year so far".
        let first = self.reading.evidence.first().filter(|it| it.range.start == 0);
        let short = first.is_some_and(|it| it.cue == Cue::Use) && self.times == 1 && self.named == 0;
        let comes = self.phrases(&["come to", "came to", "comes to", "amount to", "amounted to"]) && self.times == 1;
        // "What would July have cost at that price?"
        if self.says(&["would"]) && self.phrases(&["at that price", "at that rate", "at that tariff", "at that"]) {
            return None;
        }
        if self.times > 1
            || !(asked || noun || named || what || short || comes || made)
            || self.per_run()
            || self.says(&["where"]) && !self.says(&["at", "stand", "stands"])
        {
            return None;
        }
        // "What did June come to?"
        if comes && !energy && !power {
            return Some(self.plan(Operation::Total, Metric::Cost));
        }
        let watts = self.reading.unit().is_some_and(|it| !it.is_energy());
        if watts && !energy && !cost {
            return Some(self.plan(Operation::Average, Metric::Power));
        }
        Some(self.counted(Operation::Total))
    }
}

/// Whether a period is a day or a part of one.
fn is_one_day(expr: &TimeExpr) -> bool {
    match expr {
        TimeExpr::Calendar { unit, .. } => *unit <= Bucket::Day,
        TimeExpr::Dates(first, last) => first == last,
        TimeExpr::Weekday { .. } | TimeExpr::ClockChange => true,
        TimeExpr::Clock { base, .. } => is_one_day(base),
        TimeExpr::Rolling(seconds) => *seconds <= 86_400,
        _ => false,
    }
}
