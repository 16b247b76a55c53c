//! Between the contract and the domain.

mod plan;

pub(crate) use plan::{from_plan, to_plan};
use prost_types::Timestamp as PbTimestamp;
use voltaire_mesh::wire;
use voltaire_proto::chat::v1 as pb;
use voltaire_types::{SessionId, Timestamp};

use crate::{
    answer::event::{Chart, ChartKind, Event, Fact, Proof, Reason},
    store::{Message, Report, Session},
    talk::Kept,
};

/// What the steps of one answer have in common.
pub(crate) struct Envelope {
    /// Empty for a replay.
    pub(crate) session: String,
    /// Empty for a replay.
    pub(crate) message: String,
    pub(crate) time_zone: String,
    pub(crate) milliseconds: f64,
    /// The language model that read the question; none: the rules did.
    pub(crate) model: Option<String>,
}

impl Envelope {
    /// A step as the contract has it.
    pub(crate) fn event(&self, event: Event) -> pb::AnswerEvent {
        use pb::answer_event::Kind;
        let kind = match event {
            Event::Understanding {
                plan,
                text,
                confidence,
                unknown,
            } => Kind::Understanding(pb::Understanding {
                session_id: self.session.clone(),
                plan: plan.as_ref().map(from_plan),
                text,
                confidence,
                unknown_words: unknown,
            }),
            Event::Fact(it) => Kind::Fact(fact(it)),
            Event::Chart(it) => Kind::Chart(self.chart(it)),
            Event::Text(text) => Kind::Text(pb::TextDelta { text }),
            Event::Suggestions(questions) => Kind::Suggestions(pb::Suggestions { questions }),
            Event::Clarification { question, choices } => Kind::Clarification(pb::Clarification { question, choices }),
            Event::Refusal { reason, text } => Kind::Refusal(pb::Refusal {
                reason: self::reason(reason).into(),
                text,
            }),
            Event::Done(proof) => Kind::Done(self.done(proof)),
        };
        pb::AnswerEvent { kind: Some(kind) }
    }

    fn done(&self, proof: Proof) -> pb::Done {
        let (start_time, end_time) = pair(proof.period);
        let stretches = proof.stretches.into_iter().map(|it| {
            let (start_time, end_time) = pair(Some(it));
            pb::Stretch { start_time, end_time }
        });
        pb::Done {
            session_id: self.session.clone(),
            message_id: self.message.clone(),
            text: proof.text,
            time_zone: self.time_zone.clone(),
            start_time,
            end_time,
            coverage: proof.coverage,
            devices: proof.devices,
            definitions: proof.definitions,
            answered_by: self.model.clone().unwrap_or_else(|| "rules".to_owned()),
            milliseconds: self.milliseconds,
            stretches: stretches.collect(),
        }
    }

    fn chart(&self, chart: Chart) -> pb::Chart {
        let (start_time, end_time) = pair(Some(chart.period));
        let kind = match chart.kind {
            ChartKind::Line => pb::ChartKind::Line,
            ChartKind::Bars => pb::ChartKind::Bars,
            ChartKind::RankedBars => pb::ChartKind::RankedBars,
            ChartKind::PairedBars => pb::ChartKind::PairedBars,
        };
        let series = chart.series.into_iter().map(|(label, values)| pb::ChartSeries {
            label,
            device_id: String::new(),
            values: values.into_iter().map(|it| it.unwrap_or(f64::NAN)).collect(),
        });
        pb::Chart {
            title: chart.title,
            kind: kind.into(),
            unit: chart.unit,
            time_zone: self.time_zone.clone(),
            start_time,
            end_time,
            boundaries: chart.boundaries.into_iter().map(wire::timestamp).collect(),
            categories: chart.categories,
            series: series.collect(),
            href: chart.href,
        }
    }
}

fn pair(period: Option<(Timestamp, Timestamp)>) -> (Option<PbTimestamp>, Option<PbTimestamp>) {
    (
        period.map(|it| wire::timestamp(it.0)),
        period.map(|it| wire::timestamp(it.1)),
    )
}

fn fact(fact: Fact) -> pb::Fact {
    let (start_time, end_time) = pair(fact.period);
    pb::Fact {
        id: fact.id,
        label: fact.label,
        value: fact.value,
        unit: fact.unit,
        text: fact.text,
        start_time,
        end_time,
        time: fact.time.map(wire::timestamp),
        how: fact.how,
        coverage: fact.coverage,
        device_id: fact.device.map(|it| it.to_string()).unwrap_or_default(),
    }
}

const fn reason(reason: Reason) -> pb::RefusalReason {
    match reason {
        Reason::NotUnderstood => pb::RefusalReason::NotUnderstood,
        Reason::OffTopic => pb::RefusalReason::OffTopic,
        Reason::UnknownDevice => pb::RefusalReason::UnknownDevice,
        Reason::Future => pb::RefusalReason::Future,
        Reason::NoData => pb::RefusalReason::NoData,
        Reason::NotSupported => pb::RefusalReason::NotSupported,
        Reason::Private => pb::RefusalReason::Private,
    }
}

impl From<Session> for pb::Session {
    fn from(session: Session) -> Self {
        Self {
            session_id: session.id.to_string(),
            title: session.title,
            create_time: Some(wire::timestamp(session.created_at)),
            update_time: Some(wire::timestamp(session.updated_at)),
        }
    }
}

impl From<Report> for pb::Report {
    fn from(report: Report) -> Self {
        let plan = report.plan.and_then(|it| serde_json::from_value(it.0).ok());
        Self {
            message_id: report.message_id.to_string(),
            questions: report.said.0,
            plan: plan.as_ref().map(from_plan),
            answer: report.answer,
            note: report.note,
            create_time: Some(wire::timestamp(report.created_at)),
        }
    }
}

/// A message with the steps of its answer.
pub(crate) fn message(session: SessionId, message: Message) -> pb::Message {
    let kept: Kept = serde_json::from_value(message.metadata.0).unwrap_or_default();
    let envelope = Envelope {
        session: session.to_string(),
        message: message.id.to_string(),
        time_zone: kept.time_zone,
        milliseconds: kept.milliseconds,
        model: kept.model,
    };
    let author = if message.role == "user" {
        pb::Author::User
    } else {
        pb::Author::Assistant
    };
    pb::Message {
        message_id: message.id.to_string(),
        author: author.into(),
        content: message.content,
        create_time: Some(wire::timestamp(message.created_at)),
        events: kept.events.into_iter().map(|it| envelope.event(it)).collect(),
    }
}
