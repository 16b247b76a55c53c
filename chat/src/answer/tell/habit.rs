//! At which hour of the day, or on which day of the week, most or least is used.

use super::Teller;
use crate::{
    answer::{
        Telling,
        event::{Fact, pair},
    },
    execute::client::analysis::{Habit, HabitTime},
    understand::plan::{Bucket, Direction, Metric},
};

const WEEKDAYS: [&str; 7] = [
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
];

impl Habit {
    /// The time with the highest and the one with the lowest mean, each the first of equals.
    fn ends(&self, metric: Metric) -> Option<(HabitTime, HabitTime)> {
        let first = *self.times.first()?;
        let pick = |better: fn(f64, f64) -> bool| {
            let is_better = |it: &HabitTime, best: &HabitTime| better(it.value(metric), best.value(metric));
            let choose = |best: HabitTime, it: &HabitTime| if is_better(it, &best) { *it } else { best };
            self.times.iter().fold(first, choose)
        };
        Some((pick(|a, b| a > b), pick(|a, b| a < b)))
    }
}

/// What the times of a habit are called: `18:00–19:00`, `Mondays`.
pub(crate) fn name(bucket: Option<Bucket>, number: u32) -> String {
    if bucket == Some(Bucket::Weekday) {
        let at = number.checked_sub(1).and_then(|it| WEEKDAYS.get(it as usize));
        return at.copied().unwrap_or_default().to_owned();
    }
    format!("{number:02}:00–{:02}:00", (number + 1) % 24)
}

impl Teller<'_> {
    pub(super) fn habit(&self, out: &mut Telling, it: &Habit) {
        let (who, when) = (self.subject(), self.format.period(it.interval));
        let Some((most, least)) = it.ends(self.plan.metric) else {
            out.say(format!("Nothing was measured, {when}."));
            return;
        };
        if self.is_cost() && most.cost.is_none() {
            out.say("No tariff is set, so I cannot tell what it cost: set one in the settings.");
            return;
        }
        let asked = self.plan.direction;
        let (this, other) = match asked {
            Direction::Most => (most, least),
            Direction::Least => (least, most),
        };
        for time in [this, other] {
            out.fact(self.habit_fact((&who, &when), it, time));
        }
        let word = |direction| if direction == Direction::Most { "most" } else { "least" };
        let against = match asked {
            Direction::Most => Direction::Least,
            Direction::Least => Direction::Most,
        };
        out.say(format!(
            "{who} {} {} {}: {} on average, over {} ({when}).",
            if self.is_cost() { "cost" } else { "used" },
            word(asked),
            self.at(this),
            self.size(this),
            days(this.days),
        ));
        if this != other {
            out.say(format!(
                "The {} was {}: {}.",
                word(against),
                self.at(other),
                self.size(other)
            ));
        }
        let whole = if self.plan.bucket == Some(Bucket::Weekday) {
            7
        } else {
            24
        };
        if it.times.len() < whole {
            out.say(format!("Only {} of {whole} were measured.", it.times.len()));
        }
    }

    /// `on Mondays`, `between 18:00 and 19:00`.
    fn at(&self, time: HabitTime) -> String {
        if self.plan.bucket == Some(Bucket::Weekday) {
            format!("on {}", name(self.plan.bucket, time.number))
        } else {
            format!("between {:02}:00 and {:02}:00", time.number, (time.number + 1) % 24)
        }
    }

    fn is_cost(&self) -> bool {
        self.plan.metric == Metric::Cost
    }

    fn is_power(&self) -> bool {
        self.plan.metric == Metric::Power || !self.is_cost() && self.plan.bucket == Some(Bucket::HourOfDay)
    }

    /// An hour's mean as power, a weekday's as the energy of a day; money of an hour or a day.
    fn size(&self, time: HabitTime) -> String {
        if let Some(cost) = time.cost.filter(|_| self.is_cost()) {
            let unit = if self.plan.bucket == Some(Bucket::Weekday) {
                "a day"
            } else {
                "an hour"
            };
            format!("{} {unit}", self.format.money(cost))
        } else if self.is_power() {
            self.format
                .power(time.watts, self.plan.unit.filter(|it| !it.is_energy()))
        } else {
            format!("{} a day", self.energy(time.wh))
        }
    }

    fn habit_fact(&self, (who, when): (&str, &str), it: &Habit, time: HabitTime) -> Fact {
        let label = format!("{who}, mean {}, {when}", self.at(time));
        let what = if self.is_cost() { "cost" } else { "energy" };
        let how = format!("{what} / measured time, over {}", days(time.days));
        let fact = if self.is_cost() {
            Fact {
                value: Some(time.value(Metric::Cost)),
                unit: self.format.currency().into(),
                text: self.size(time),
                period: Some(pair(it.interval)),
                ..Fact::default()
            }
        } else if self.is_power() {
            Fact {
                value: Some(time.watts),
                unit: "W".into(),
                text: self.size(time),
                period: Some(pair(it.interval)),
                ..Fact::default()
            }
        } else {
            self.energy_of((String::new(), time.wh), it.interval, "")
        };
        Fact { label, how, ..fact }
    }
}

fn days(count: u32) -> String {
    if count == 1 {
        "1 day".to_owned()
    } else {
        format!("{count} days")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_names() {
        assert_eq!(name(Some(Bucket::HourOfDay), 0), "00:00–01:00");
        assert_eq!(name(Some(Bucket::HourOfDay), 23), "23:00–00:00");
        assert_eq!(name(Some(Bucket::Weekday), 1), "Mondays");
        assert_eq!(name(Some(Bucket::Weekday), 7), "Sundays");
    }
}
