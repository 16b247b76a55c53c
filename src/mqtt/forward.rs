//! Brings readings to the server, and holds them until the server has acknowledged them: they are on disk then.

use std::{collections::VecDeque, time::Duration};

use rumqttc::Publish;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use voltaire_proto::telemetry::v1::{self as pb, ingest_service_client::IngestServiceClient};

use super::pause::Pause;
use crate::client::Server;

/// A batch takes no more messages once it has so many readings.
const BATCH: usize = 1000;
/// So many batches may be unacknowledged.
const WINDOW: usize = 16;
/// An acknowledgement that takes longer will not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The readings of one message.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) readings: Vec<pb::Reading>,
    /// The message, where the broker waits to hear that it was taken.
    pub(crate) receipt: Option<Receipt>,
    /// The readings' places among those that may be held at once.
    pub(crate) places: OwnedSemaphorePermit,
}

/// A message that the broker keeps until it is acknowledged.
#[derive(Debug)]
pub(crate) struct Receipt {
    pub(crate) message: Publish,
    /// The connection that it came by: another would take its number for that of another message.
    pub(crate) connection: u64,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A batch is on disk, apart from what was refused of it, with the reasons.
    Stored(&'a pb::IngestResult, Vec<(String, String)>),
    /// The message of a stored batch.
    Receipt(Receipt),
    /// The server is there, and nothing waits for it.
    Back,
    /// It does not, and is asked again after a pause.
    Away(&'a Status, Duration),
}

#[derive(Debug, Default)]
struct Batch {
    readings: Vec<pb::Reading>,
    receipts: Vec<Receipt>,
    /// Given back when the batch is dropped.
    places: Vec<OwnedSemaphorePermit>,
}

/// Readings on their way.
pub(crate) struct Forward {
    server: Server,
    parcels: mpsc::UnboundedReceiver<Parcel>,
    /// No more parcels come.
    is_closed: bool,
    /// Not acknowledged, in the order in which they are sent.
    held: VecDeque<Batch>,
}

impl Forward {
    pub(crate) fn new(server: Server, parcels: mpsc::UnboundedReceiver<Parcel>) -> Self {
        Self {
            server,
            parcels,
            is_closed: false,
            held: VecDeque::new(),
        }
    }

    /// Sends until no more parcels come and all are acknowledged. A server that is away is asked again and again; one that does
    /// not let us in ends it.
    pub(crate) async fn run(mut self, mut tell: impl FnMut(Event<'_>) + Send) -> Result<(), Status> {
        let mut pause = Pause::default();
        loop {
            let before = self.held.len();
            let Err(status) = self.attempt(&mut tell).await else {
                return Ok(());
            };
            match status.code() {
                Code::Unauthenticated | Code::PermissionDenied => return Err(status),
                // It will be no better the next time.
                Code::InvalidArgument | Code::OutOfRange => self.give_up_first(&status, &mut tell),
                _ => {}
            }
            if self.held.len() < before {
                pause = Pause::default();
            }
            let asked = status.get_error_details().retry_info().and_then(|it| it.retry_delay);
            let wait = pause.next(asked);
            tell(Event::Away(&status, wait));
            tokio::time::sleep(wait).await;
        }
    }

    /// One stream, from the first batch that is not acknowledged.
    async fn attempt(&mut self, tell: &mut (impl FnMut(Event<'_>) + Send)) -> Result<(), Status> {
        let (send, receive) = mpsc::channel(WINDOW);
        let mut client = IngestServiceClient::with_interceptor(self.server.channel.clone(), self.server.bearer.clone());
        let mut acks = client.ingest(ReceiverStream::new(receive)).await?.into_inner();
        // With readings to send it has to take them first.
        if self.held.is_empty() {
            tell(Event::Back);
        }
        let (mut sequence, mut waiting) = (0, 0);
        loop {
            while let Some(batch) = self.held.get(waiting) {
                sequence += 1;
                let readings = batch.readings.clone();
                if send.send(pb::IngestRequest { sequence, readings }).await.is_err() {
                    // Its status says why.
                    acks.message().await?;
                    return Err(Status::unavailable("the server ended the stream"));
                }
                waiting += 1;
            }
            if self.is_closed && self.held.is_empty() {
                return Ok(());
            }
            tokio::select! {
                parcel = self.parcels.recv(), if !self.is_closed && self.held.len() < WINDOW => match parcel {
                    Some(parcel) => self.pack(parcel),
                    None => self.is_closed = true,
                },
                ack = timeout(PATIENCE, acks.message()), if waiting > 0 => {
                    let ack = ack.map_err(|_| Status::deadline_exceeded("the server does not acknowledge"))??;
                    let ack = ack.ok_or_else(|| Status::unavailable("the server ended the stream"))?;
                    if ack.sequence != sequence + 1 - waiting as u64 {
                        return Err(Status::data_loss("acknowledgements out of order"));
                    }
                    waiting -= 1;
                    self.stored(&ack.result.unwrap_or_default(), tell);
                }
            }
        }
    }

    /// Puts what has come meanwhile into one batch.
    fn pack(&mut self, first: Parcel) {
        let mut batch = Batch::default();
        batch.add(first);
        while batch.readings.len() < BATCH
            && let Ok(parcel) = self.parcels.try_recv()
        {
            batch.add(parcel);
        }
        self.held.push_back(batch);
    }

    fn stored(&mut self, result: &pb::IngestResult, tell: &mut impl FnMut(Event<'_>)) {
        let Some(batch) = self.held.pop_front() else {
            return;
        };
        let refused = result.rejected.iter().map(|it| {
            let reading = batch.readings.get(it.index as usize);
            let device = reading.map(|it| it.device_id.clone()).unwrap_or_default();
            (device, it.message.clone())
        });
        tell(Event::Stored(result, refused.collect()));
        for receipt in batch.receipts {
            tell(Event::Receipt(receipt));
        }
    }

    fn give_up_first(&mut self, status: &Status, tell: &mut impl FnMut(Event<'_>)) {
        let Some(batch) = self.held.front() else { return };
        tracing::error!(
            readings = batch.readings.len(),
            why = status.message(),
            "the server will not take a batch: it is given up"
        );
        let rejected = (0..batch.readings.len()).map(|index| pb::RejectedReading {
            index: index as u32,
            message: status.message().to_owned(),
            ..pb::RejectedReading::default()
        });
        let result = pb::IngestResult {
            rejected: rejected.collect(),
            ..pb::IngestResult::default()
        };
        self.stored(&result, tell);
    }
}

impl Batch {
    fn add(&mut self, parcel: Parcel) {
        self.readings.extend(parcel.readings);
        self.receipts.extend(parcel.receipt);
        self.places.push(parcel.places);
    }
}
