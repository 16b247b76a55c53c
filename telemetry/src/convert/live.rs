//! Last readings, live messages, and what replicas tell each other.

use prost::Message as _;
use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1 as pb;

use super::reading::{parse, wire_reading};
use crate::{
    live::{Event, Latest, Message, Standing},
    reading::Reading,
};

/// What other replicas are told of readings that have been committed: a batch of them, as it is sent for ingest.
pub(crate) fn notice(readings: impl IntoIterator<Item = Reading>) -> Vec<u8> {
    let readings = readings.into_iter().map(|it| wire_reading(it, String::new())).collect();
    pb::IngestBatchRequest { readings }.encode_to_vec()
}

/// The readings of a notice; none where it has none, or another version made it.
pub(crate) fn noticed(notice: &[u8]) -> Option<Vec<Reading>> {
    let pb::IngestBatchRequest { readings } = pb::IngestBatchRequest::decode(notice).ok()?;
    let readings: Vec<_> = readings.iter().filter_map(|it| parse(it).ok()).collect();
    (!readings.is_empty()).then_some(readings)
}

impl From<&Latest> for pb::LatestReading {
    fn from(Latest { reading, id, stale, on }: &Latest) -> Self {
        Self {
            reading: Some(wire_reading(*reading, id.to_string())),
            stale: *stale,
            on: *on,
        }
    }
}

impl From<&Standing> for pb::GetLatestResponse {
    fn from(Standing { home_power, latest, at }: &Standing) -> Self {
        Self {
            home_power_watts: home_power.map(|it| it.0),
            latest: latest.iter().map(Into::into).collect(),
            server_time: Some(wire::timestamp(*at)),
        }
    }
}

impl From<Message> for pb::WatchLiveResponse {
    fn from(Message { sequence, event }: Message) -> Self {
        use pb::watch_live_response::Event as Wire;
        let event = match event {
            Event::Snapshot(standing) => Wire::Snapshot(pb::LiveSnapshot {
                latest: Some((&*standing).into()),
            }),
            Event::Readings(standing) => Wire::Readings(pb::LiveReadings {
                latest: standing.latest.iter().map(Into::into).collect(),
                home_power_watts: standing.home_power.map(|it| it.0),
            }),
            Event::Heartbeat(now) => Wire::Heartbeat(pb::LiveHeartbeat {
                server_time: Some(wire::timestamp(now)),
            }),
            Event::Missed(messages) => Wire::Missed(pb::LiveMissed { messages }),
        };
        Self {
            sequence,
            event: Some(event),
        }
    }
}
