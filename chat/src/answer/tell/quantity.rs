//! Values as words and as facts.

use voltaire_types::Timestamp;

use super::Teller;
use crate::{
    answer::{
        event::{Fact, pair},
        selection,
    },
    execute::{amount, model::Summary},
    understand::plan::{Metric, Unit},
};

const HOW_ENERGY: &str = "integral of measured power; nothing across gaps longer than the device's maximum gap";
const HOW_COST: &str = "energy × the price in force at that time";
const HOW_HOME_COST: &str = "energy × the price in force at that time, plus the standing charge";

impl Teller<'_> {
    /// The device, or the home.
    pub(super) fn who(&self, summary: &Summary) -> String {
        match summary.device {
            Some(id) => self.house.name(id).to_owned(),
            None if summary.is_room => summary.label.clone(),
            None if self.plan.selection.is_home() => "Home".to_owned(),
            None if self.plan.selection.except => selection(self.plan, self.house),
            None => selection(self.plan, self.house),
        }
    }

    /// The same within a sentence.
    pub(super) fn name(&self, summary: &Summary) -> String {
        let who = self.who(summary);
        if who == "Home" { "the home".to_owned() } else { who }
    }

    pub(super) fn value(&self, value: f64) -> String {
        match self.plan.metric {
            Metric::Cost => self.format.amount(value),
            _ => self.format.energy(value, self.energy_unit()),
        }
    }

    pub(super) fn energy_unit(&self) -> Option<Unit> {
        self.plan.unit.filter(|it| it.is_energy())
    }

    pub(super) fn figure(&self, summary: &Summary) -> String {
        match self.plan.metric {
            Metric::Cost => self.format.money(summary.cost),
            _ => self.format.energy(summary.energy_wh, self.energy_unit()),
        }
    }

    /// A value of the plan's metric as a fact.
    pub(super) fn quantity(&self, value: f64, label: String, of: &Summary) -> Fact {
        let (value, unit, text) = match self.plan.metric {
            Metric::Cost => (value, self.format.currency().to_owned(), self.format.amount(value)),
            _ if self.plan.unit == Some(Unit::Wh) => (value, "Wh".to_owned(), self.value(value)),
            _ => (value / 1000.0, "kWh".to_owned(), self.value(value)),
        };
        Fact {
            label,
            value: Some(value),
            unit,
            text,
            period: Some(pair(of.interval)),
            coverage: Some(of.coverage),
            device: of.device,
            ..Fact::default()
        }
    }

    pub(super) fn energy_fact(&self, of: &Summary) -> Fact {
        let label = format!("{}, energy, {}", self.who_of(of), self.format.period(of.interval));
        let wh = self.plan.unit == Some(Unit::Wh);
        let (value, unit) = if wh {
            (of.energy_wh, "Wh")
        } else {
            (of.energy_wh / 1000.0, "kWh")
        };
        let text = self.format.energy(of.energy_wh, self.energy_unit());
        Fact {
            label,
            value: Some(value),
            unit: unit.into(),
            text,
            period: Some(pair(of.interval)),
            how: HOW_ENERGY.into(),
            coverage: Some(of.coverage),
            device: of.device,
            ..Fact::default()
        }
    }

    pub(super) fn cost_fact(&self, of: &Summary) -> Fact {
        let label = format!("{}, cost, {}", self.who_of(of), self.format.period(of.interval));
        let how = if of.standing_charge.is_zero() {
            HOW_COST
        } else {
            HOW_HOME_COST
        };
        Fact {
            label,
            value: Some(amount(of.cost)),
            unit: self.format.currency().into(),
            text: self.format.money(of.cost),
            period: Some(pair(of.interval)),
            how: how.into(),
            coverage: Some(of.coverage),
            device: of.device,
            ..Fact::default()
        }
    }

    /// Telemetry's own label where the summary is not what the plan is about, as the home in a share.
    pub(super) fn who_of(&self, of: &Summary) -> String {
        match of.device {
            None if of.label.is_empty() || of.label == self.house.home.name => "Home".to_owned(),
            _ => self.who(of),
        }
    }

    pub(super) fn metric_fact(&self, of: &Summary) -> Fact {
        if self.plan.metric == Metric::Cost {
            self.cost_fact(of)
        } else {
            self.energy_fact(of)
        }
    }

    pub(super) fn power_fact(
        &self,
        watts: f64,
        label: String,
        of: &Summary,
        time: Option<Timestamp>,
        how: &str,
    ) -> Fact {
        let kilo = self.plan.unit == Some(Unit::Kw);
        let (value, unit) = if kilo { (watts / 1000.0, "kW") } else { (watts, "W") };
        Fact {
            label,
            value: Some(value),
            unit: unit.into(),
            text: self.format.power(watts, self.plan.unit),
            period: Some(pair(of.interval)),
            time,
            how: how.into(),
            coverage: Some(of.coverage),
            device: of.device,
            ..Fact::default()
        }
    }

    pub(super) fn time_fact(&self, label: String, text: String, at: Timestamp) -> Fact {
        Fact {
            label,
            text,
            time: Some(at),
            how: format!("local time, {}", self.house.home.calendar.zone_name()),
            ..Fact::default()
        }
    }
}
