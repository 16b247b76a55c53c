//! `alert create`: what to tell.

use std::time::Duration;

use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1::{self as pb, alert_rule::Condition};

use super::{Server, device::Devices, refusal::Usage};

/// A new rule.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Create {
    /// When a device draws much for long.
    Power {
        /// The device's name or id.
        device: String,
        /// Above this, W.
        #[arg(long, value_name = "WATTS", allow_negative_numbers = true)]
        above: f64,
        #[command(flatten)]
        lasting: Lasting,
        #[command(flatten)]
        name: Name,
    },
    /// When a device is on for long.
    On {
        /// The device's name or id.
        device: String,
        #[command(flatten)]
        lasting: Lasting,
        #[command(flatten)]
        name: Name,
    },
    /// When a device sends nothing.
    Silence {
        /// The device's name or id.
        device: String,
        #[command(flatten)]
        lasting: Lasting,
        #[command(flatten)]
        name: Name,
    },
    /// When a day, week or month takes more than planned, or is going to.
    Budget(Budget),
    /// When a day is unlike the same weekday of the weeks before.
    Unusual {
        /// Only this device, by name or id; without: the whole home.
        #[arg(long)]
        device: Option<String>,
        /// How far from usual, as a robust z-score, 2 to 10; without: 3.5.
        #[arg(long)]
        score: Option<f64>,
        #[command(flatten)]
        name: Name,
    },
}

/// For how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Lasting {
    /// For so long, as 90s, 30min, 2h or 1d.
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    lasting: Duration,
}

/// What the rule is called.
#[derive(Debug, clap::Args)]
pub(crate) struct Name {
    /// What to call the rule; without: what it does.
    #[arg(long)]
    name: Option<String>,
}

/// A budget.
#[derive(Debug, clap::Args)]
pub(crate) struct Budget {
    /// Of which local period.
    #[arg(value_enum)]
    period: PeriodArg,
    #[command(flatten)]
    limit: LimitArg,
    /// Only this device, by name or id; without: the whole home.
    #[arg(long)]
    device: Option<String>,
    /// Tells only when it is used up, not when it is going to be.
    #[arg(long)]
    not_ahead: bool,
    #[command(flatten)]
    name: Name,
}

/// How much is planned.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct LimitArg {
    /// Energy, kWh.
    #[arg(long)]
    kwh: Option<f64>,
    /// Cost in the home's currency, as 80 or 12.50.
    #[arg(long)]
    cost: Option<String>,
}

/// The period of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PeriodArg {
    /// Each local day.
    Day,
    /// Each week.
    Week,
    /// Each month.
    Month,
}

impl Create {
    /// The rule of the first home, its device found by name.
    pub(crate) async fn rule(self, server: &Server) -> anyhow::Result<pb::AlertRule> {
        let mut devices = Devices::of(server);
        let (name, usual, condition) = match self {
            Self::Power {
                device,
                above,
                lasting,
                name,
            } => {
                let device = devices.find(&device).await?;
                let condition = Condition::PowerAbove(pb::PowerAbove {
                    device_id: device.device_id,
                    power_watts: above,
                    duration: lasting.wire(),
                });
                (name, format!("{} above {above} W", device.name), condition)
            }
            Self::On { device, lasting, name } => {
                let device = devices.find(&device).await?;
                let condition = Condition::OnLonger(pb::OnLonger {
                    device_id: device.device_id,
                    duration: lasting.wire(),
                });
                (name, format!("{} on for long", device.name), condition)
            }
            Self::Silence { device, lasting, name } => {
                let device = devices.find(&device).await?;
                let condition = Condition::NoData(pb::NoData {
                    device_id: device.device_id,
                    duration: lasting.wire(),
                });
                (name, format!("{} silent", device.name), condition)
            }
            Self::Budget(budget) => budget.rule(&mut devices).await?,
            Self::Unusual { device, score, name } => {
                let (device_id, label) = whose(&mut devices, device).await?;
                let condition = Condition::UnusualDay(pb::UnusualEnergy { device_id, score });
                (name, format!("{label}: unusual day"), condition)
            }
        };
        Ok(pb::AlertRule {
            name: name.name.unwrap_or_else(|| usual.chars().take(80).collect()),
            condition: Some(condition),
            ..pb::AlertRule::default()
        })
    }
}

impl Budget {
    async fn rule(self, devices: &mut Devices) -> anyhow::Result<(Name, String, Condition)> {
        let (device_id, label) = whose(devices, self.device).await?;
        let (period, word) = match self.period {
            PeriodArg::Day => (pb::CalendarUnit::Day, "a day"),
            PeriodArg::Week => (pb::CalendarUnit::Week, "a week"),
            PeriodArg::Month => (pb::CalendarUnit::Month, "a month"),
        };
        let (limit, much) = match (self.limit.kwh, self.limit.cost) {
            (Some(kwh), _) => (pb::budget::Limit::EnergyWh(kwh * 1000.0), format!("{kwh} kWh")),
            (None, cost) => {
                let cost = cost.unwrap_or_default();
                (pb::budget::Limit::Cost(cost.clone()), cost)
            }
        };
        let condition = Condition::Budget(pb::Budget {
            device_id,
            period: period.into(),
            limit: Some(limit),
            projected: !self.not_ahead,
        });
        Ok((self.name, format!("{label}: {much} {word}"), condition))
    }
}

impl Lasting {
    #[expect(clippy::unnecessary_wraps, reason = "as the message has it")]
    fn wire(&self) -> Option<prost_types::Duration> {
        Some(wire::duration(self.lasting))
    }
}

/// The device's id and name; without a device nothing and the home.
async fn whose(devices: &mut Devices, device: Option<String>) -> anyhow::Result<(String, String)> {
    match device {
        None => Ok((String::new(), "Home".to_owned())),
        Some(name) => {
            let device = devices.find(&name).await?;
            Ok((device.device_id, device.name))
        }
    }
}

/// Reads a length of time, as `30min`.
fn length(text: &str) -> Result<Duration, Usage> {
    let problem = || Usage(format!("{text} is no length of time: 90s, 30min, 2h and 1d are"));
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u64 = digits.trim().parse().map_err(|_| problem())?;
    let seconds = match text.get(digits.len()..).unwrap_or_default() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(problem()),
    };
    count.checked_mul(seconds).map(Duration::from_secs).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        let seconds = |text| length(text).map(|it| it.as_secs()).ok();
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("30min"), Some(1800));
        assert_eq!((seconds("2h"), seconds("1d")), (Some(7200), Some(86_400)));
        for bad in [
            "",
            "5",
            "h",
            "-1h",
            "1.5h",
            "1 fortnight",
            "99999999999999999999s",
            "18446744073709551615d",
            "5é",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
