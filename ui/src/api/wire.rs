//! One gRPC-Web call, in bytes. The generated clients would compile tonic once for each method; this compiles it once, which is a
//! quarter of what a visitor downloads.

use futures::{FutureExt as _, StreamExt as _, future::LocalBoxFuture, stream::LocalBoxStream};
use prost::{
    Message,
    bytes::{Buf as _, BufMut as _},
};
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
};
use tonic_web_wasm_client::{
    Client,
    options::{Credentials, FetchOptions},
};

use super::{Answer, Answers, Failure};
use crate::browser;

/// The largest answer that is taken, bytes.
const LARGEST: usize = 32 << 20;

/// A request, the method it belongs to, and what is answered.
pub(super) trait Call: Message + Sized {
    /// What is answered; by a stream: what each message is.
    type Answer: Message + Default + 'static;
    /// The service's full name.
    const SERVICE: &'static str;
    /// The method's name.
    const METHOD: &'static str;
}

/// Asks and waits for the one answer.
pub(super) async fn call<C: Call>(request: C) -> Answer<C::Answer> {
    let answer = send(C::SERVICE, C::METHOD, request.encode_to_vec()).await?;
    decode(&answer)
}

/// Asks for a stream of answers; dropping it aborts the call.
pub(super) async fn follow<C: Call>(request: C) -> Answer<Answers<C::Answer>> {
    let answers = open(C::SERVICE, C::METHOD, request.encode_to_vec()).await?;
    Ok(answers.map(|answer| decode(&answer?)).boxed_local())
}

fn decode<T: Message + Default>(answer: &[u8]) -> Answer<T> {
    T::decode(answer).map_err(|_| Failure::incomplete())
}

fn client() -> Grpc<Client> {
    let options = FetchOptions::new().credentials(Credentials::SameOrigin);
    Grpc::new(Client::new_with_options(browser::origin(), options)).max_decoding_message_size(LARGEST)
}

fn path(service: &str, method: &str) -> Answer<PathAndQuery> {
    format!("/{service}/{method}")
        .parse()
        .map_err(|_| Failure::incomplete())
}

fn send(service: &'static str, method: &'static str, body: Vec<u8>) -> LocalBoxFuture<'static, Answer<Vec<u8>>> {
    async move {
        let path = path(service, method)?;
        let mut client = client();
        client.ready().await.map_err(|_| Failure::unreachable())?;
        Ok(client.unary(Request::new(body), path, Bytes).await?.into_inner())
    }
    .boxed_local()
}

type Bodies = LocalBoxStream<'static, Answer<Vec<u8>>>;

fn open(service: &'static str, method: &'static str, body: Vec<u8>) -> LocalBoxFuture<'static, Answer<Bodies>> {
    async move {
        let path = path(service, method)?;
        let mut client = client();
        client.ready().await.map_err(|_| Failure::unreachable())?;
        let answers = client
            .server_streaming(Request::new(body), path, Bytes)
            .await?
            .into_inner();
        Ok(answers.map(|answer| answer.map_err(Failure::from)).boxed_local())
    }
    .boxed_local()
}

/// Leaves messages as they are.
struct Bytes;

impl Codec for Bytes {
    type Decode = Vec<u8>;
    type Decoder = Self;
    type Encode = Vec<u8>;
    type Encoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Error = Status;
    type Item = Vec<u8>;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Error = Status;
    type Item = Vec<u8>;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}
