//! How a load went.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde_json::json;
use tonic::Code;

use super::{Outcome, mix::Kind};
use crate::client::json;

/// The longest that is told, µs.
const LONGEST: u64 = 600_000_000;
/// Which quantiles of times are told.
const QUANTILES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 1.0];

/// What came of all calls.
pub(super) struct Figures {
    /// How long calls were due for.
    planned: Duration,
    /// Until the last one was answered.
    lasted: Duration,
    kinds: BTreeMap<Kind, OfKind>,
    readings: u64,
}

/// What came of the calls of a kind.
struct OfKind {
    /// µs from when a call was due until it was answered, of those that went well.
    times: Histogram<u64>,
    failed: BTreeMap<String, u64>,
}

impl OfKind {
    fn new() -> Self {
        Self {
            times: Histogram::new_with_bounds(1, LONGEST, 3).expect("these bounds are in order"),
            failed: BTreeMap::new(),
        }
    }

    fn due(&self) -> u64 {
        self.times.len() + self.failed.values().sum::<u64>()
    }

    fn milliseconds(&self, quantile: f64) -> f64 {
        self.times.value_at_quantile(quantile) as f64 / 1000.0
    }
}

impl Figures {
    pub(super) fn new(planned: Duration) -> Self {
        Self {
            planned,
            lasted: planned,
            kinds: BTreeMap::new(),
            readings: 0,
        }
    }

    /// Counts a call that has ended.
    pub(super) fn add(&mut self, (kind, took, outcome): (Kind, Duration, Outcome)) {
        let of_kind = self.kinds.entry(kind).or_insert_with(OfKind::new);
        match outcome {
            Ok(readings) => {
                let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
                of_kind.times.saturating_record(micros);
                self.readings += readings;
            }
            Err(code) => of_kind.fail(&name(code)),
        }
    }

    /// Counts a call that could not be sent, as too many were unanswered.
    pub(super) fn not_sent(&mut self, kind: Kind) {
        self.kinds.entry(kind).or_insert_with(OfKind::new).fail("not sent");
    }

    pub(super) fn lasted(&mut self, lasted: Duration) {
        self.lasted = lasted.max(self.planned);
    }

    /// Whether any call went well.
    pub(super) fn any(&self) -> bool {
        self.kinds.values().any(|it| !it.times.is_empty())
    }

    pub(super) fn print(&self, as_json: bool) {
        if as_json {
            json::print(&self.json());
        } else {
            print!("{}", self.text());
        }
    }

    fn text(&self) -> String {
        let seconds = self.lasted.as_secs_f64();
        let mut lines = vec![format!(
            "{:<9}{:>9}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}  failed",
            "", "due/s", "done/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"
        )];
        for (kind, it) in &self.kinds {
            let due = it.due() as f64 / self.planned.as_secs_f64();
            let done = it.times.len() as f64 / seconds;
            let times = QUANTILES.map(|quantile| format!("{:>10.1}", it.milliseconds(quantile)));
            let failed = it.failed.iter().map(|(why, count)| format!("{count} × {why}"));
            let failed = failed.collect::<Vec<_>>().join(", ");
            let failed = if failed.is_empty() { "0" } else { failed.as_str() };
            let times = times.concat();
            lines.push(format!("{:<9}{due:>9.1}{done:>9.1}{times}  {failed}", kind.name()));
        }
        lines.push(format!(
            "{} readings stored, {:.0} a second. Times are from when a call was due.\n",
            self.readings,
            self.readings as f64 / seconds
        ));
        lines.join("\n")
    }

    fn json(&self) -> serde_json::Value {
        let of_kind = |it: &OfKind| {
            json!({
                "due": it.due(), "done": it.times.len(), "failed": it.failed,
                "milliseconds": {
                    "p50": it.milliseconds(0.5), "p90": it.milliseconds(0.9), "p99": it.milliseconds(0.99),
                    "p99_9": it.milliseconds(0.999), "max": it.milliseconds(1.0),
                },
            })
        };
        let kinds: serde_json::Map<_, _> = self
            .kinds
            .iter()
            .map(|(kind, it)| (kind.name().to_owned(), of_kind(it)))
            .collect();
        json!({
            "planned_seconds": self.planned.as_secs_f64(), "seconds": self.lasted.as_secs_f64(),
            "readings": self.readings, "calls": kinds,
        })
    }
}

impl OfKind {
    fn fail(&mut self, why: &str) {
        *self.failed.entry(why.to_owned()).or_default() += 1;
    }
}

fn name(code: Code) -> String {
    format!("{code:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_that_was_due_is_told_once() {
        let mut figures = Figures::new(Duration::from_secs(2));
        for number in 1..=100 {
            figures.add((Kind::Ingest, Duration::from_millis(number), Ok(12)));
        }
        figures.add((Kind::Ingest, Duration::from_secs(9), Err(Code::Unavailable)));
        figures.not_sent(Kind::Ask);
        assert!(figures.any());
        let told = figures.json();
        assert_eq!(told["readings"], 1200);
        let ingest = &told["calls"]["ingest"];
        assert_eq!((&ingest["due"], &ingest["done"]), (&json!(101), &json!(100)));
        assert_eq!(ingest["failed"], json!({"Unavailable": 1}));
        let (p50, p99) = (&ingest["milliseconds"]["p50"], &ingest["milliseconds"]["p99"]);
        assert!((p50.as_f64().unwrap() - 50.0).abs() < 0.1 && (p99.as_f64().unwrap() - 99.0).abs() < 0.1);
        assert_eq!(told["calls"]["ask"]["failed"], json!({"not sent": 1}));
        let text = figures.text();
        assert!(
            text.contains("1 × Unavailable") && text.contains("1200 readings stored, 600 a second"),
            "{text}"
        );
    }
}
