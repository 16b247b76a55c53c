//! The steps of an answer, as they are streamed and kept.

use serde::{Deserialize, Serialize};
use voltaire_types::{DeviceId, Interval, Timestamp};

use crate::understand::plan::Plan;

/// One step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    Understanding {
        plan: Option<Plan>,
        text: String,
        confidence: f64,
        unknown: Vec<String>,
    },
    Fact(Fact),
    Chart(Chart),
    Text(String),
    Suggestions(Vec<String>),
    Clarification {
        question: String,
        choices: Vec<String>,
    },
    Refusal {
        reason: Reason,
        text: String,
    },
    Done(Proof),
}

/// A figure.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fact {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) value: Option<f64>,
    pub(crate) unit: String,
    pub(crate) text: String,
    /// From and to, µs.
    pub(crate) period: Option<(Timestamp, Timestamp)>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) how: String,
    pub(crate) coverage: Option<f64>,
    pub(crate) device: Option<DeviceId>,
}

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChartKind {
    Line,
    Bars,
    RankedBars,
    PairedBars,
}

/// A chart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) kind: ChartKind,
    pub(crate) unit: String,
    pub(crate) period: (Timestamp, Timestamp),
    pub(crate) boundaries: Vec<Timestamp>,
    pub(crate) categories: Vec<String>,
    /// Label and values; none where nothing was measured.
    pub(crate) series: Vec<(String, Vec<Option<f64>>)>,
    pub(crate) href: String,
}

/// Why there is no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reason {
    NotUnderstood,
    OffTopic,
    UnknownDevice,
    Future,
    NoData,
    NotSupported,
    Private,
}

/// The proof of an answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Proof {
    pub(crate) text: String,
    /// From the first stretch to the last, where there are several.
    pub(crate) period: Option<(Timestamp, Timestamp)>,
    /// The stretches that count in, where there are several.
    #[serde(default)]
    pub(crate) stretches: Vec<(Timestamp, Timestamp)>,
    pub(crate) coverage: Option<f64>,
    pub(crate) devices: Vec<String>,
    pub(crate) definitions: Vec<String>,
}

/// An interval as it is kept.
pub(crate) fn pair(interval: Interval) -> (Timestamp, Timestamp) {
    (interval.start, interval.end)
}
