//! Readings, taken in one batch at a time or as a stream of them.

use std::{pin::Pin, time::Duration};

use async_stream::try_stream;
use futures::{Stream, StreamExt, stream::FuturesOrdered};
use tokio::time::sleep;
use tonic::{Request, Response, Status, Streaming};
use voltaire_mesh::caller;
use voltaire_proto::telemetry::v1::{self as pb, ingest_service_server::IngestService};
use voltaire_types::{TokenId, UserId};

use super::Service;
use crate::{convert, error::Error};

/// Batches of a stream that may wait for their acknowledgement.
const UNACKNOWLEDGED: usize = 32;
/// Readings of a stream that may wait for it.
const WAITING_READINGS: usize = 20_000;

/// Devices of a batch whose rejected readings are counted.
const COUNTED_DEVICES: usize = 100;

/// Who sends readings.
#[derive(Clone, Copy)]
struct Sender {
    user: UserId,
    token: TokenId,
    /// Whether one who sends too fast is held back rather than refused.
    waits: bool,
}

impl Sender {
    fn of<M>(request: &Request<M>, waits: bool) -> Result<Self, Status> {
        let caller = caller(request)?;
        Ok(Self {
            user: caller.user_id,
            token: caller.token_id,
            waits,
        })
    }
}

type Acks = Pin<Box<dyn Stream<Item = Result<pb::IngestResponse, Status>> + Send>>;

#[tonic::async_trait]
impl IngestService for Service {
    type IngestStream = Acks;

    async fn ingest(&self, request: Request<Streaming<pb::IngestRequest>>) -> Result<Response<Acks>, Status> {
        let sender = Sender::of(&request, true)?;
        Ok(Response::new(Box::pin(self.clone().acks(sender, request.into_inner()))))
    }

    async fn ingest_batch(
        &self,
        request: Request<pb::IngestBatchRequest>,
    ) -> Result<Response<pb::IngestBatchResponse>, Status> {
        let sender = Sender::of(&request, false)?;
        let result = self.take_in(sender, request.into_inner().readings).await?;
        Ok(Response::new(pb::IngestBatchResponse { result: Some(result) }))
    }
}

impl Service {
    /// Checks a batch, stores it, and says what became of each reading.
    async fn take_in(&self, sender: Sender, readings: Vec<pb::Reading>) -> Result<pb::IngestResult, Error> {
        let now = self.mesh.clock().now();
        let convert::Checked { batch, rejected } = convert::checked(sender.user, &readings, now)?;
        for (device, count) in convert::rejected_of(&readings, &rejected)
            .into_iter()
            .take(COUNTED_DEVICES)
        {
            self.store.count_rejected(sender.user, device, count).await?;
        }
        drop(readings);
        if sender.waits {
            let wait = self.limiter.hold(sender.token, &batch.readings, now)?;
            if wait > Duration::ZERO {
                sleep(wait).await;
            }
        } else {
            self.limiter.batch(sender.token, &batch.readings, now)?;
        }
        let mut stored = if sender.waits {
            self.ingest.submit(batch).await?
        } else {
            self.ingest.submit_soon(batch).await?
        };
        self.limiter.learn(&stored.last);
        stored.rejected.extend(rejected);
        stored.rejected.sort_by_key(|it| it.index);
        Ok(stored.into())
    }

    /// The acknowledgements of a stream, in its order. While too much waits for them, nothing more is read.
    fn acks(
        self,
        sender: Sender,
        mut batches: Streaming<pb::IngestRequest>,
    ) -> impl Stream<Item = Result<pb::IngestResponse, Status>> + Send {
        let stopping = self.mesh.stopping();
        try_stream! {
            let mut waiting = FuturesOrdered::new();
            let mut readings = 0;
            let mut end = None;
            while end.is_none() || !waiting.is_empty() {
                let may_read = end.is_none() && waiting.len() < UNACKNOWLEDGED && readings < WAITING_READINGS;
                tokio::select! {
                    biased;
                    Some(done) = waiting.next(), if !waiting.is_empty() => {
                        let (count, response): (usize, Result<pb::IngestResponse, Error>) = done;
                        readings -= count;
                        yield response?;
                    }
                    () = stopping.cancelled(), if end.is_none() => end = Some(Err(Error::Draining.into())),
                    batch = batches.message(), if may_read => match batch {
                        Ok(Some(batch)) => {
                            readings += batch.readings.len();
                            waiting.push_back(self.acknowledged(sender, batch));
                        }
                        Ok(None) => end = Some(Ok(())),
                        Err(status) => end = Some(Err(status)),
                    },
                }
            }
            end.unwrap_or(Ok::<(), Status>(()))?;
        }
    }

    async fn acknowledged(
        &self,
        sender: Sender,
        batch: pb::IngestRequest,
    ) -> (usize, Result<pb::IngestResponse, Error>) {
        let pb::IngestRequest { sequence, readings } = batch;
        let count = readings.len();
        let result = self.take_in(sender, readings).await;
        (
            count,
            result.map(|result| pb::IngestResponse {
                sequence,
                result: Some(result),
            }),
        )
    }
}
