//! Sends readings through the ingest stream: batches, at most so many unacknowledged, counts of what became of them.

use std::collections::VecDeque;

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use voltaire_proto::telemetry::v1::{self as pb, ingest_service_client::IngestServiceClient};

use crate::client::Server;

const BATCH: usize = 1000;
const WINDOW: usize = 16;

/// What became of the readings that were passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Outcome {
    /// New, and on disk.
    pub(crate) accepted: u64,
    /// Known already.
    pub(crate) duplicates: u64,
    /// Refused by the server.
    pub(crate) rejected: u64,
}

impl Outcome {
    fn add(&mut self, result: &pb::IngestResult) {
        self.accepted += u64::from(result.accepted);
        self.duplicates += u64::from(result.duplicates);
        self.rejected += result.rejected.len() as u64;
    }

    /// All that were acknowledged.
    pub(crate) fn total(&self) -> u64 {
        self.accepted + self.duplicates + self.rejected
    }
}

/// Sends all readings and waits until the last one is acknowledged. `progress` hears of every acknowledgement,
/// `rejected` of every reading that the server refused, by its place in the sequence.
pub(crate) async fn upload(
    server: &Server,
    readings: impl Iterator<Item = pb::Reading> + Send,
    mut progress: impl FnMut(&Outcome) + Send,
    mut rejected: impl FnMut(u64, &str) + Send,
) -> anyhow::Result<Outcome> {
    let (send, receive) = mpsc::channel(WINDOW);
    let mut client = IngestServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
    let mut acks = client.ingest(ReceiverStream::new(receive)).await?.into_inner();
    let mut outcome = Outcome::default();
    let mut waiting: VecDeque<(u64, u64)> = VecDeque::new();
    let (mut number, mut passed) = (0_u64, 0_u64);
    let mut readings = readings.peekable();
    loop {
        if readings.peek().is_some() && waiting.len() < WINDOW {
            let batch: Vec<_> = readings.by_ref().take(BATCH).collect();
            let first = passed;
            passed += batch.len() as u64;
            number += 1;
            waiting.push_back((number, first));
            if send
                .send(pb::IngestRequest {
                    sequence: number,
                    readings: batch,
                })
                .await
                .is_err()
            {
                // The server has ended the stream: its status says why.
                acks.message().await?;
                bail!("the server ended the stream");
            }
            continue;
        }
        let Some((expected, first)) = waiting.pop_front() else {
            break;
        };
        let ack = acks
            .message()
            .await?
            .context("the server ended the stream before acknowledging everything")?;
        let result = ack.result.context("an acknowledgement without a result")?;
        anyhow::ensure!(ack.sequence == expected, "acknowledgements out of order");
        for refused in &result.rejected {
            rejected(first + u64::from(refused.index), &refused.message);
        }
        outcome.add(&result);
        progress(&outcome);
    }
    Ok(outcome)
}
