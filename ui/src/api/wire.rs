//! One gRPC-Web call over the browser's own fetch. A general client with its HTTP types would be a tenth of what a visitor downloads.

use futures::{
    StreamExt as _,
    future::LocalBoxFuture,
    stream::{self, LocalBoxStream},
};
use js_sys::{Function, Reflect, Uint8Array};
use prost::Message;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, Request, RequestCredentials, RequestInit, Response,
};

use super::{
    Answer, Answers, Failure, again,
    frame::{self, End, Frame},
    kept,
};
use crate::browser;

/// A request, the method it belongs to, and what is answered.
pub(crate) trait Call: Message + Sized {
    /// What is answered; by a stream: what each message is.
    type Answer: Message + Default + 'static;
    /// The service's full name.
    const SERVICE: &'static str;
    /// The method's name.
    const METHOD: &'static str;
}

// The request is encoded at once: what waits for the answer is then the same for all kinds of requests, and small.

/// Asks and waits for the one answer.
#[expect(clippy::needless_pass_by_value, reason = "asking spends the request")]
pub(super) fn call<C: Call>(request: C) -> impl Future<Output = Answer<C::Answer>> + use<C> {
    let answer = only(C::SERVICE, C::METHOD, request.encode_to_vec());
    async move { decode(&answer.await?) }
}

/// Asks for a stream of answers; dropping it aborts the call.
#[expect(clippy::needless_pass_by_value, reason = "asking spends the request")]
pub(super) fn follow<C: Call>(request: C) -> impl Future<Output = Answer<Answers<C::Answer>>> + use<C> {
    let answers = all(C::SERVICE, C::METHOD, request.encode_to_vec());
    async move { Ok(answers.await?.map(|answer| decode(&answer?)).boxed_local()) }
}

fn decode<T: Message + Default>(answer: &[u8]) -> Answer<T> {
    T::decode(answer).map_err(|_| Failure::incomplete())
}

/// The bytes of the only answer, or of the one that is kept while the server is away.
fn only(service: &'static str, method: &'static str, body: Vec<u8>) -> LocalBoxFuture<'static, Answer<Vec<u8>>> {
    Box::pin(async move {
        let held = again::held();
        let mut answer = read(service, method, &body).await;
        if let Err(failure) = &answer
            && again::renewed(held, method, failure).await
        {
            answer = read(service, method, &body).await;
        }
        kept::or_kept(method, &body, answer)
    })
}

async fn read(service: &str, method: &str, body: &[u8]) -> Answer<Vec<u8>> {
    let mut reading = open(service, method, body).await?;
    let answer = reading.next().await?.ok_or_else(Failure::incomplete)?;
    // Without the trailers nobody knows that it is whole.
    match reading.next().await? {
        None => Ok(answer),
        Some(_) => Err(Failure::incomplete()),
    }
}

type Bodies = LocalBoxStream<'static, Answer<Vec<u8>>>;

/// The bytes of each answer.
fn all(service: &'static str, method: &'static str, body: Vec<u8>) -> LocalBoxFuture<'static, Answer<Bodies>> {
    Box::pin(async move {
        let held = again::held();
        let reading = match open(service, method, &body).await {
            Err(failure) if again::renewed(held, method, &failure).await => open(service, method, &body).await?,
            opened => opened?,
        };
        let next = async |mut reading: Reading| Ok(reading.next().await?.map(|message| (message, reading)));
        Ok(stream::try_unfold(reading, next).boxed_local())
    })
}

/// An answer that is coming in; dropping it aborts the call.
struct Reading {
    reader: ReadableStreamDefaultReader,
    arrived: Vec<u8>,
    _abort: Abort,
}

impl Reading {
    /// The next message; `None` after the last one of a call that went well.
    async fn next(&mut self) -> Answer<Option<Vec<u8>>> {
        loop {
            match frame::take(&mut self.arrived) {
                Some(Frame::Message(message)) => return Ok(Some(message)),
                Some(Frame::End(end)) => return finish(&end).map(|()| None),
                Some(Frame::Broken) => return Err(Failure::incomplete()),
                None => self.wait().await?,
            }
        }
    }

    /// Waits for more bytes; an answer that breaks off has no status.
    async fn wait(&mut self) -> Answer<()> {
        let chunk = JsFuture::from(self.reader.read()).await.map_err(unreachable)?;
        let bytes = Reflect::get(&chunk, &JsValue::from_str("value")).map_err(unreachable)?;
        let bytes: Uint8Array = bytes.dyn_into().map_err(unreachable)?;
        self.arrived.extend(bytes.to_vec());
        Ok(())
    }
}

/// Aborts its call when nobody waits for it any more, or when the page is left: a page that the browser keeps for going back
/// would keep its stream too, and a server is given six connections.
struct Abort {
    controller: AbortController,
    leave: Function,
}

impl Abort {
    fn new() -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let abort: Function = Reflect::get(&controller, &JsValue::from_str("abort"))?.dyn_into()?;
        let leave = abort.bind0(&controller);
        if let Some(window) = web_sys::window() {
            window.add_event_listener_with_callback("pagehide", &leave)?;
        }
        Ok(Self { controller, leave })
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let _ = window.remove_event_listener_with_callback("pagehide", &self.leave);
        }
        self.controller.abort();
    }
}

async fn open(service: &str, method: &str, body: &[u8]) -> Answer<Reading> {
    let abort = Abort::new().map_err(unreachable)?;
    let request = request(service, method, body, &abort).map_err(unreachable)?;
    let window = web_sys::window().ok_or_else(Failure::unreachable)?;
    let response = JsFuture::from(window.fetch_with_request(&request))
        .await
        .map_err(unreachable)?;
    let response: Response = response.dyn_into().map_err(unreachable)?;
    if !response.ok() {
        return Err(Failure::http(response.status()));
    }
    // A call that failed at once has its status among the headers and no body.
    let header = |name: &str| response.headers().get(name).ok().flatten();
    if let Some(code) = header("grpc-status") {
        finish(&End {
            code: code.parse().ok(),
            details: header("grpc-status-details-bin").unwrap_or_default(),
        })?;
    }
    let body = response.body().ok_or_else(Failure::incomplete)?;
    Ok(Reading {
        reader: body.get_reader().dyn_into().map_err(unreachable)?,
        arrived: Vec::new(),
        _abort: abort,
    })
}

fn request(service: &str, method: &str, body: &[u8], abort: &Abort) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/grpc-web+proto")?;
    headers.set("x-grpc-web", "1")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_headers(&headers);
    init.set_signal(Some(&abort.controller.signal()));
    init.set_body(&Uint8Array::from(frame::frame(body).as_slice()));
    Request::new_with_str_and_init(&format!("/{service}/{method}"), &init)
}

fn finish(end: &End) -> Answer<()> {
    match end.code {
        Some(0) => Ok(()),
        Some(code) => Err(Failure::status(
            code,
            &browser::base64(&end.details).unwrap_or_default(),
        )),
        None => Err(Failure::incomplete()),
    }
}

fn unreachable<T>(_: T) -> Failure {
    Failure::unreachable()
}
