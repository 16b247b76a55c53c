//! The typed plan: what was understood, before anything is looked up. It mirrors `voltaire.chat.v1.QueryPlan`, is stored
//! with the answer, and stays relative: run again next week, "last week" is another week.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use voltaire_types::{Decimal, DeviceId};

use super::Topic;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// A total over a period.
    Total,
    /// A mean: of power, or of energy or cost per bucket.
    Average,
    /// The highest or lowest sample, or bucket, and when it was.
    Extreme,
    /// Devices in order.
    Rank,
    /// The total by device.
    Breakdown,
    /// Values per bucket.
    Series,
    /// Two periods, or devices, against each other.
    Compare,
    /// Which part of the home the selection is.
    Share,
    /// Power now, or whether something is on.
    Live,
    /// Why a period differs from another.
    Explain,
    /// Runs: how many, how long, when.
    Runs,
    /// For how long a value was above or below a bound.
    Duration,
    /// The always-on load.
    Baseload,
    /// The period's end at the present pace.
    Forecast,
    /// Which devices and readings there are.
    Inventory,
    /// Coverage and gaps.
    DataQuality,
    /// Tariff, time zone and other settings.
    Settings,
    /// A simple change.
    WhatIf,
    /// What Voltaire can do.
    Help,
    /// Days, or devices, outside their own usual range.
    Unusual,
    /// What the meters measured and no device explains.
    Untracked,
    /// Devices without a run.
    Unused,
}

/// What is asked of runs, of settings or of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Want {
    /// Runs: whether there was one.
    Whether,
    /// Runs or devices: how many.
    Count,
    /// Runs: how long altogether.
    Duration,
    /// Runs: how long each takes on average.
    AverageDuration,
    /// Runs: the longest one.
    Longest,
    /// Runs: when the first one began.
    First,
    /// Runs: when the last one began and ended.
    Last,
    /// Runs: when the last one ended.
    LastOff,
    /// Runs: the metric, energy or cost, of each on average.
    PerRun,
    /// Inventory: the devices by name.
    Devices,
    /// Inventory, rankings, breakdowns: the rooms.
    Rooms,
    /// Inventory: since when there are readings.
    Since,
    /// Settings: the price.
    Price,
    /// Settings: the currency.
    Currency,
    /// Settings: the time zone.
    Zone,
    /// Settings: the first day of the week.
    WeekStart,
    /// Breakdown: of the quarter hour, or of the bucket, with the period's highest or lowest power, energy or cost of the home.
    AtExtreme,
}

/// What is compared within one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Versus {
    /// Weekdays with weekends, per day.
    WeekdaysWeekends,
    /// 06:00–22:00 with 22:00–06:00.
    DayNight,
    /// The period with the usual: the median of the same weekdays before it.
    Usual,
}

/// A bound on power.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// W.
    pub watts: f64,
    /// Below it, not above.
    pub below: bool,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Energy.
    Energy,
    /// Money.
    Cost,
    /// Active power.
    Power,
    /// Voltage.
    Voltage,
    /// Current.
    Current,
    /// Power factor.
    PowerFactor,
    /// Whether, or how long, something is on.
    Runtime,
    /// How often something was on.
    Runs,
}

/// A step or repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bucket {
    /// Quarter of an hour.
    QuarterHour,
    /// Hour.
    Hour,
    /// Local day.
    Day,
    /// Week.
    Week,
    /// Month.
    Month,
    /// Year.
    Year,
    /// Hour of the day.
    HourOfDay,
    /// Day of the week.
    Weekday,
}

impl Bucket {
    /// Whether it comes again and again: all Mondays together are one.
    pub const fn is_repeated(self) -> bool {
        matches!(self, Self::HourOfDay | Self::Weekday)
    }
}

/// Most or least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Most, highest.
    #[default]
    Most,
    /// Least, lowest.
    Least,
}

/// The unit asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Watt.
    W,
    /// Kilowatt.
    Kw,
    /// Watt-hour.
    Wh,
    /// Kilowatt-hour.
    Kwh,
    /// Megawatt-hour.
    Mwh,
}

impl Unit {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::W => "W",
            Self::Kw => "kW",
            Self::Wh => "Wh",
            Self::Kwh => "kWh",
            Self::Mwh => "MWh",
        }
    }

    /// Whether it measures energy rather than power.
    pub const fn is_energy(self) -> bool {
        matches!(self, Self::Wh | Self::Kwh | Self::Mwh)
    }
}

/// What is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Devices in the order they were named; none: the whole home.
    pub devices: Vec<DeviceId>,
    /// Everything but these devices.
    pub except: bool,
    /// The room that was meant; empty: none.
    pub room: String,
    /// The answer is for each device, not for their sum.
    pub each: bool,
}

impl Selection {
    /// One device.
    pub fn device(id: DeviceId) -> Self {
        Self {
            devices: vec![id],
            ..Self::default()
        }
    }

    /// Whether the whole home is meant.
    pub fn is_home(&self) -> bool {
        self.devices.is_empty()
    }
}

/// When: words that stay relative to the day they are asked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeExpr {
    /// A calendar unit counted back: 0 is the running one.
    Calendar {
        /// Hour, day, week, month or year.
        unit: Bucket,
        /// How many back.
        back: u32,
    },
    /// The last stretch of so many seconds, up to now.
    Rolling(u64),
    /// Local days from the first up to and including the last.
    Dates(Date, Date),
    /// A month (1 to 12; 0: the whole year) of a year (0: the most recent one that has begun).
    Month(u8, i16),
    /// The most recent weekday (1 Monday to 7 Sunday).
    Weekday {
        /// 1 Monday to 7 Sunday.
        weekday: u8,
        /// Strictly before today.
        before_today: bool,
    },
    /// From another one's start up to now.
    Since(Box<TimeExpr>),
    /// A part of a day, or of each of several.
    Clock {
        /// Which day or days.
        base: Box<TimeExpr>,
        /// Minutes after local midnight.
        from: u16,
        /// Minutes after local midnight; at or below `from`: of the next day.
        to: u16,
    },
    /// A weekend that is over, counted back.
    Weekend(u32),
    /// The most recent day on which clocks changed.
    ClockChange,
    /// The period of the same length before another.
    PreviousOf(Box<TimeExpr>),
    /// Everything there is.
    All,
    /// The last so many whole units, the running one not counted.
    LastUnits(Bucket, u32),
    /// A calendar quarter counted back: 0 is the running one.
    Quarter(u32),
    /// Only some weekdays of a period.
    Weekdays {
        /// Of which period.
        base: Box<TimeExpr>,
        /// Which ones: bit 0 is Monday, bit 6 Sunday.
        on: u8,
    },
}

/// Monday to Friday, as [`TimeExpr::Weekdays`] has them.
pub const WORKING_DAYS: u8 = 0b001_1111;
/// Saturday and Sunday.
pub const WEEKEND_DAYS: u8 = 0b110_0000;

impl TimeExpr {
    /// A calendar unit counted back.
    pub const fn calendar(unit: Bucket, back: u32) -> Self {
        Self::Calendar { unit, back }
    }
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What is to be done.
    pub operation: Operation,
    /// What is counted.
    pub metric: Metric,
    /// Of what.
    pub selection: Selection,
    /// When; not set where it does not apply.
    pub period: Option<TimeExpr>,
    /// Against when.
    pub compare_to: Option<TimeExpr>,
    /// By which step.
    pub bucket: Option<Bucket>,
    /// Most or least.
    pub direction: Direction,
    /// How many, for rankings; 0: all.
    pub limit: u32,
    /// Which place; 0: not asked.
    pub rank: u32,
    /// The unit asked for.
    pub unit: Option<Unit>,
    /// More metrics asked for in the same breath.
    pub also: Vec<Metric>,
    /// The bound, for durations.
    #[serde(default)]
    pub threshold: Option<Threshold>,
    /// The whole, for shares; none: the home.
    #[serde(default)]
    pub whole: Option<Selection>,
    /// The factor on the selection's energy, for simple changes.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Money in the home's currency: the price of a kWh that is supposed, or the budget that a forecast is told against.
    #[serde(default)]
    pub amount: Option<Decimal>,
    /// What is asked of runs, settings or the inventory.
    #[serde(default)]
    pub want: Option<Want>,
    /// What is compared within the period.
    #[serde(default)]
    pub versus: Option<Versus>,
}

impl Plan {
    /// The topic of what goes beyond totals, orders and comparisons of readings, for whoever cannot answer it.
    pub fn topic(&self) -> Option<Topic> {
        let electrical = matches!(self.metric, Metric::Voltage | Metric::Current | Metric::PowerFactor);
        Some(match self.operation {
            Operation::Runs | Operation::Unused => Topic::Runs,
            Operation::Duration => Topic::Threshold,
            Operation::Baseload | Operation::Untracked => Topic::AlwaysOn,
            Operation::Forecast => Topic::Forecast,
            Operation::Explain => Topic::Why,
            Operation::Unusual => Topic::Unusual,
            Operation::DataQuality => Topic::DataQuality,
            Operation::WhatIf => Topic::WhatIf,
            _ if self.versus.is_some() => Topic::Unusual,
            _ if electrical => Topic::Electrical,
            _ => return None,
        })
    }

    /// Whether it asks what was drawing power when there was most or least.
    pub fn is_at_extreme(&self) -> bool {
        let counted = matches!(self.metric, Metric::Power | Metric::Energy | Metric::Cost);
        let step = self.bucket.is_none_or(|it| !it.is_repeated());
        let asked = self.operation == Operation::Breakdown && self.want == Some(Want::AtExtreme);
        asked && counted && step && self.selection.is_home()
    }

    /// Whether it asks for means by hour of the day or day of the week.
    pub fn is_habit(&self) -> bool {
        let repeated = self.bucket.is_some_and(Bucket::is_repeated);
        let told = matches!(self.operation, Operation::Extreme | Operation::Series);
        let metric = matches!(self.metric, Metric::Energy | Metric::Cost | Metric::Power);
        repeated && told && metric && self.also.is_empty()
    }

    /// Whether it can be told of parts of several days, as of the evenings of a week.
    pub fn takes_parts(&self) -> bool {
        let within_a_day = matches!(
            self.bucket,
            None | Some(Bucket::QuarterHour | Bucket::Hour | Bucket::Day)
        );
        let electrical = matches!(self.metric, Metric::Voltage | Metric::Current | Metric::PowerFactor);
        let takes = match self.operation {
            Operation::Total
            | Operation::Rank
            | Operation::Breakdown
            | Operation::Share
            | Operation::Duration
            | Operation::Untracked => true,
            Operation::Average | Operation::Extreme | Operation::WhatIf => within_a_day,
            Operation::Series => within_a_day || matches!(self.bucket, Some(Bucket::Week | Bucket::Month)),
            Operation::Compare => self.versus.is_none(),
            Operation::Runs => matches!(self.want, Some(Want::Whether | Want::Count | Want::Duration)),
            _ => false,
        };
        takes && !electrical && !matches!(self.want, Some(Want::AtExtreme | Want::Rooms))
    }

    /// A plan of the whole home without a period.
    pub fn new(operation: Operation, metric: Metric) -> Self {
        Self {
            operation,
            metric,
            selection: Selection::default(),
            period: None,
            compare_to: None,
            bucket: None,
            direction: Direction::Most,
            limit: 0,
            rank: 0,
            unit: None,
            also: Vec::new(),
            threshold: None,
            whole: None,
            factor: None,
            amount: None,
            want: None,
            versus: None,
        }
    }
}
