//! What analyses found.

use voltaire_types::{Decimal, Interval, Timestamp};

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
        format::Format,
        refusal::list,
    },
    execute::{
        amount,
        client::analysis::{Above, AlwaysOn, Analysis, Change, Forecast, Part, Quality, Unusual},
        model::Summary,
    },
    understand::plan::Metric,
};

/// Parts that are named at most, and how much of a change they explain together.
const DRIVERS: usize = 3;
const EXPLAINED: f64 = 0.8;
/// A change below this share is no news.
const SAME: f64 = 0.05;
/// Runs, days and devices that are listed by themselves.
const LISTED: usize = 5;
/// Devices covered at least so much have no gap worth a word.
const COMPLETE: f64 = 0.9995;

impl Teller<'_> {
    pub(super) fn analysis(&self, out: &mut Telling, whole: Option<&Summary>, analysis: &Analysis) {
        if let Some(whole) = whole {
            out.covers(whole);
        }
        match analysis {
            Analysis::Change(it) => self.explained(out, it),
            Analysis::Runs(it) => self.runs(out, it),
            Analysis::Above(it) => self.above(out, whole, it),
            Analysis::AlwaysOn(it) => self.always_on(out, it),
            Analysis::Forecast(it) => self.forecast(out, it),
            Analysis::Quality(it) => self.quality(out, it),
            Analysis::Unusual(it) => self.unusual(out, it),
            Analysis::Habit(it) => self.habit(out, it),
        }
    }

    pub(super) fn subject(&self) -> String {
        crate::answer::selection(self.plan, self.house)
    }

    pub(super) fn energy(&self, wh: f64) -> String {
        self.format.energy(wh, self.energy_unit())
    }

    /// An energy, Wh, as a fact.
    pub(super) fn energy_of(&self, (label, wh): (String, f64), interval: Interval, how: &str) -> Fact {
        Fact {
            label,
            value: Some(wh / 1000.0),
            unit: "kWh".into(),
            text: self.energy(wh),
            period: Some(pair(interval)),
            how: how.into(),
            ..Fact::default()
        }
    }

    fn explained(&self, out: &mut Telling, it: &Change) {
        out.coverage = Some(it.coverage);
        let (now, before) = (self.format.period(it.interval), self.format.period(it.compared));
        let who = self.subject();
        for (when, wh, interval) in [(&now, it.now_wh, it.interval), (&before, it.before_wh, it.compared)] {
            let label = format!("{who}, energy, {when}");
            out.fact(self.energy_of((label, wh), interval, "integral of measured power"));
        }
        let how = "the later less the earlier";
        out.fact(self.energy_of(("Change".into(), it.more_wh), it.interval, how));
        let more = |more: bool| if more { "more" } else { "less" };
        let cost = it.more_cost.map(|cost| {
            out.fact(Fact {
                label: "Change of the cost".into(),
                value: Some(amount(cost)),
                unit: self.format.currency().into(),
                text: self.format.money(cost),
                how: how.into(),
                ..Fact::default()
            });
            let (size, word) = (self.format.money(cost.abs()), more(!cost.is_sign_negative()));
            format!("It cost {size} {word} ({now}, against {before}).")
        });
        out.say(cost.filter(|_| self.plan.metric == Metric::Cost).unwrap_or_default());
        out.say(format!(
            "{who}: {} ({now}) against {} ({before}), that is {} {}.",
            self.energy(it.now_wh),
            self.energy(it.before_wh),
            self.energy(it.more_wh.abs()),
            more(it.more_wh >= 0.0)
        ));
        if it.more_wh.abs() < SAME * it.before_wh.abs() {
            out.say("That is about the same, so there is little to explain.");
        }
        self.drivers(out, it);
        if it.length_wh != 0.0 {
            out.say(format!(
                "{} of it comes from the periods' different lengths.",
                self.signed(it.length_wh)
            ));
        }
    }

    /// The parts and hours that a change comes from.
    fn drivers(&self, out: &mut Telling, it: &Change) {
        let drivers = drivers(&it.parts, it.more_wh);
        let name = |part: &Part| {
            let label = part.device.map_or(part.label.as_str(), |id| self.house.name(id));
            label.to_owned()
        };
        for part in &drivers {
            let label = format!("{}, part of the change", name(part));
            out.fact(Fact {
                device: part.device,
                ..self.energy_of(
                    (label, part.change_wh),
                    it.interval,
                    "exact: all parts add up to the change",
                )
            });
        }
        let explained: f64 = drivers.iter().map(|part| part.change_wh.abs()).sum();
        let most = if explained >= EXPLAINED * it.more_wh.abs() {
            "Most of it"
        } else {
            "The largest parts"
        };
        let named = drivers
            .iter()
            .map(|part| format!("{} {}", name(part), self.signed(part.change_wh)));
        let named: Vec<String> = named.collect();
        if !named.is_empty() && it.parts.len() > 1 {
            out.say(format!("{most}: {}.", list(&named)));
        }
        let hours = same_way(&it.hours, it.more_wh).take(DRIVERS);
        let hours = hours.filter_map(|part| Some(format!("{:02}:00 ({})", part.hour?, self.signed(part.change_wh))));
        let hours: Vec<String> = hours.collect();
        if !hours.is_empty() {
            out.say(format!("The hours with the largest part: {}.", list(&hours)));
        }
    }

    fn signed(&self, wh: f64) -> String {
        let sign = if wh > 0.0 { "+" } else { "" };
        format!("{sign}{}", self.energy(wh))
    }

    fn above(&self, out: &mut Telling, whole: Option<&Summary>, it: &Above) {
        let (Some(bound), Some(whole)) = (self.plan.threshold, whole) else {
            return;
        };
        let (seconds, word) = if bound.below {
            (it.measured_seconds - it.above_seconds, "at or below")
        } else {
            (it.above_seconds, "above")
        };
        let (limit, when) = (
            self.format.power(bound.watts, self.plan.unit),
            self.format.period(whole.interval),
        );
        let label = format!("{}, time {word} {limit}, {when}", self.who(whole));
        out.fact(Fact {
            device: whole.device,
            coverage: Some(whole.coverage),
            ..self.length_fact(label, seconds, whole.interval)
        });
        let share = self.format.share(seconds / it.measured_seconds.max(1.0));
        out.say(format!(
            "{} was {word} {limit} for {}, {when}: {share} of the time that was measured.",
            self.who(whole),
            self.format.length(seconds)
        ));
    }

    fn always_on(&self, out: &mut Telling, it: &AlwaysOn) {
        let (who, when) = (self.subject(), self.format.period(it.interval));
        let Some(watts) = it.watts else {
            out.say(format!(
                "No night was measured, {when}, so I cannot tell what is always on. Ask for a longer period."
            ));
            return;
        };
        let power = self.format.power(watts, self.plan.unit);
        out.fact(Fact {
            label: format!("{who}, always-on load, {when}"),
            value: Some(watts),
            unit: "W".into(),
            text: power.clone(),
            period: Some(pair(it.interval)),
            how: "5th percentile of the power by minutes, 02:00 to 05:00, over the nights".into(),
            ..Fact::default()
        });
        let yearly = it.yearly_wh.map(|wh| {
            out.fact(self.energy_of(
                (format!("{who}, always-on energy in a year"), wh),
                it.interval,
                "the load × 365 days",
            ));
            self.energy(wh)
        });
        let cost = it.yearly_cost.map(|cost| {
            out.fact(Fact {
                label: format!("{who}, always-on cost in a year"),
                value: Some(amount(cost)),
                unit: self.format.currency().into(),
                text: self.format.money(cost),
                how: "365 days of it at the price in force".into(),
                ..Fact::default()
            });
            self.format.money(cost)
        });
        let nights = if it.nights == 1 {
            "1 night".to_owned()
        } else {
            format!("{} nights", it.nights)
        };
        let load = format!("{who}: {power} is always on, by {nights}, {when}.");
        let as_power = self.plan.metric == Metric::Power;
        let subject = if as_power {
            "In a year that is".to_owned()
        } else {
            format!("{who}: what is always on takes, in a year,")
        };
        let yearly = match (yearly, cost) {
            (Some(energy), Some(cost)) => format!("{subject} {energy}, {cost} at the price in force."),
            (Some(energy), None) => format!("{subject} {energy}."),
            _ => String::new(),
        };
        for sentence in if as_power { [load, yearly] } else { [yearly, load] } {
            out.say(sentence);
        }
        if let Some(share) = it.share {
            out.say(format!("It is {} of all that was used.", self.format.share(share)));
        }
    }

    fn forecast(&self, out: &mut Telling, it: &Forecast) {
        out.coverage = Some(it.coverage);
        let (who, when) = (self.subject(), self.format.period(it.interval));
        let how = if it.usual {
            "so far, and the rest as the same weekdays of the 8 weeks before"
        } else {
            "so far, and the rest at the same rate: there is too little history for more"
        };
        let Some((wh, between)) = it.energy else {
            out.say("Nothing is measured yet that I could tell a forecast from.");
            return;
        };
        out.fact(self.energy_of((format!("{who}, forecast, {when}"), wh), it.interval, how));
        out.fact(self.energy_of(
            (format!("{who}, so far, {when}"), it.so_far_wh),
            it.interval,
            "integral of measured power",
        ));
        let energies =
            between.map(|(low, high)| format!(", most likely {} to {}", self.energy(low), self.energy(high)));
        let energy = format!("{}{}", self.energy(wh), energies.unwrap_or_default());
        let cost = it.cost.map(|(cost, between)| {
            out.fact(Fact {
                label: format!("{who}, forecast of the cost, {when}"),
                value: Some(amount(cost)),
                unit: self.format.currency().into(),
                text: self.format.money(cost),
                period: Some(pair(it.interval)),
                how: how.into(),
                ..Fact::default()
            });
            let between = between.map(|(low, high)| {
                format!(
                    ", most likely {} to {}",
                    self.format.money(low),
                    self.format.money(high)
                )
            });
            format!("{}{}", self.format.money(cost), between.unwrap_or_default())
        });
        match (self.plan.metric, cost) {
            (Metric::Cost, Some(cost)) => {
                let told = it.cost.zip(self.plan.amount);
                let budget = told
                    .map(|(cost, budget)| self.beside_budget(budget, cost))
                    .unwrap_or_default();
                out.say(format!("{budget}{who} is going to cost {cost}, {when}: {energy}."));
            }
            (Metric::Cost, None) => {
                out.say("No tariff is set, so I cannot tell what it will cost: set one in the settings.");
            }
            (_, cost) => {
                out.say(format!("{who} is going to use {energy}, {when}."));
                if let Some(cost) = cost {
                    out.say(format!("That would cost {cost}."));
                }
            }
        }
        let so_far = self.energy(it.so_far_wh);
        let so_far = match it.so_far_cost {
            Some(cost) => format!("{so_far}, {}", self.format.money(cost)),
            None => so_far,
        };
        out.say(format!(
            "So far: {so_far}. This is an estimate from {} days: {how}.",
            it.days
        ));
    }

    /// Whether a budget is kept, by what is most likely.
    fn beside_budget(&self, budget: Decimal, (cost, between): (Decimal, Option<(Decimal, Decimal)>)) -> String {
        let (low, high) = between.unwrap_or((cost, cost));
        let word = if high <= budget {
            "Most likely within"
        } else if low > budget {
            "Most likely more than"
        } else {
            "It is close to"
        };
        format!("{word} {}: ", self.format.money(budget))
    }

    fn quality(&self, out: &mut Telling, all: &[Quality]) {
        let when = self.found.interval.map(|it| self.format.period(it)).unwrap_or_default();
        for it in all {
            let name = self.house.name(it.device);
            out.fact(Fact {
                label: format!("{name}, coverage, {when}"),
                value: Some(it.coverage * 100.0),
                unit: "%".into(),
                text: self.format.share(it.coverage),
                period: self.found.interval.map(pair),
                how: "time covered by readings / the period".into(),
                coverage: Some(it.coverage),
                device: Some(it.device),
                ..Fact::default()
            });
        }
        let lacking: Vec<&Quality> = all
            .iter()
            .filter(|it| it.coverage < COMPLETE || it.gap_count > 0)
            .collect();
        let who = if all.len() == 1 {
            "The readings are"
        } else {
            "The readings of all devices are"
        };
        if lacking.is_empty() {
            out.say(match all.len() {
                0 => "There are no devices yet.".to_owned(),
                _ => format!("{who} complete, {when}."),
            });
        } else {
            let devices = if lacking.len() == 1 {
                "1 device".to_owned()
            } else {
                format!("{} devices", lacking.len())
            };
            out.say(format!("There are gaps in the readings of {devices}, {when}."));
        }
        for it in lacking.iter().take(LISTED) {
            out.say(self.gaps(it));
        }
        let rejected: u64 = all.iter().map(|it| it.rejected).sum();
        if rejected > 0 {
            out.say(format!("{rejected} readings were rejected."));
        }
    }

    fn gaps(&self, it: &Quality) -> String {
        let name = self.house.name(it.device);
        if it.readings == 0 {
            return format!("{name}: nothing was received.");
        }
        let longest = it.gaps.first().map(|gap| {
            let (from, to) = (self.format.moment(gap.start), self.same_day(*gap));
            format!(
                ", the longest from {from} to {to} ({})",
                self.format.length(gap.seconds())
            )
        });
        let gaps = if it.gap_count == 1 {
            "1 gap".to_owned()
        } else {
            format!("{} gaps", it.gap_count)
        };
        format!(
            "{name}: {} covered, {gaps}{}.",
            self.format.share(it.coverage),
            longest.unwrap_or_default()
        )
    }

    fn unusual(&self, out: &mut Telling, it: &Unusual) {
        let (who, when) = (self.subject(), self.format.period(it.interval));
        out.fact(Fact {
            label: format!("{who}, unusual days, {when}"),
            value: Some(it.days.len() as f64),
            unit: "count".into(),
            text: it.days.len().to_string(),
            period: Some(pair(it.interval)),
            how: "hours and days against the same weekday of the 8 weeks before".into(),
            ..Fact::default()
        });
        if it.judged == 0 {
            out.say(format!(
                "I cannot tell what is usual for {when}: that takes at least four weeks of readings before it."
            ));
            return;
        }
        let judged = if it.judged == 1 {
            "1 day".to_owned()
        } else {
            format!("{} days", it.judged)
        };
        if it.days.is_empty() {
            out.say(format!("{who}: nothing unusual, {when}; {judged} could be judged."));
            return;
        }
        let days = it.days.iter().take(LISTED).map(|day| {
            let word = if day.happened_wh > day.expected_wh {
                "more"
            } else {
                "less"
            };
            let start: Timestamp = self.house.home.calendar.start_of_day(day.date);
            out.fact(Fact {
                time: Some(start),
                ..self.energy_of(
                    (format!("{who}, {}", Format::day(day.date)), day.happened_wh),
                    self.house.home.calendar.day(day.date),
                    "energy of the judged hours",
                )
            });
            let (happened, expected) = (self.energy(day.happened_wh), self.energy(day.expected_wh));
            format!(
                "{}: {word} than usual, {happened} where {expected} is usual",
                Format::day(day.date)
            )
        });
        let days: Vec<String> = days.collect();
        let count = if it.days.len() == 1 {
            "1 unusual day".to_owned()
        } else {
            format!("{} unusual days", it.days.len())
        };
        out.say(format!("{who}: {count} of {judged}, {when}."));
        out.say(format!("{}.", days.join("; ")));
    }
}

/// The fewest parts, largest first, that explain most of a change; not too many.
fn drivers(parts: &[Part], change: f64) -> Vec<&Part> {
    let mut sum = 0.0;
    let enough = |it: &&Part| {
        let goes_on = sum < EXPLAINED * change.abs();
        sum += it.change_wh.abs();
        goes_on
    };
    same_way(parts, change).take_while(enough).take(DRIVERS).collect()
}

/// The parts that changed as the whole did.
fn same_way(parts: &[Part], change: f64) -> impl Iterator<Item = &Part> {
    parts.iter().filter(move |it| it.change_wh * change > 0.0)
}
