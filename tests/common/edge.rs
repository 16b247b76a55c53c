//! A client of the way in: gRPC, gRPC-Web and JSON over one TLS connection.

use std::path::Path;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use prost::Message;
use serde_json::Value;
use tonic::{
    body::Body,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use tower::ServiceExt;

/// The public side of Envoy.
#[derive(Clone)]
pub(crate) struct Edge {
    /// Its port.
    pub(crate) port: u16,
    authority: Vec<u8>,
    channel: Channel,
}

/// An answer: its headers and its whole body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default()
    }
}

impl Edge {
    /// The one at a port, whose authority's certificate is in a file.
    pub(crate) fn new(port: u16, authority: &Path) -> Self {
        let authority = std::fs::read(authority).expect("the authority's certificate");
        Self {
            port,
            channel: connect(port, &authority),
            authority,
        }
    }

    /// `https://…`.
    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The channel that all share.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A connection of its own.
    pub(crate) fn another(&self) -> Channel {
        connect(self.port, &self.authority)
    }

    /// A request as it is.
    pub(crate) async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Answer, String> {
        let request = request
            .body(Body::new(Full::new(body)))
            .map_err(|error| error.to_string())?;
        let answer = self
            .channel
            .clone()
            .oneshot(request)
            .await
            .map_err(|error| format!("{error:?}"))?;
        let (head, body) = answer.into_parts();
        let collected = body.collect().await.map_err(|error| error.to_string())?;
        let mut headers = head.headers;
        headers.extend(collected.trailers().cloned().unwrap_or_default());
        Ok(Answer {
            status: head.status,
            headers,
            body: collected.to_bytes(),
        })
    }

    /// A GET without a token.
    pub(crate) async fn get(&self, path: &str) -> Result<(StatusCode, Value), String> {
        let answer = self.send(Request::get(path), Bytes::new()).await?;
        Ok((answer.status, answer.json()))
    }

    /// A JSON call with these headers.
    pub(crate) async fn json(&self, verb: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(verb).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            body.to_string().into()
        };
        self.send(request, body).await.expect("an answer")
    }

    /// A gRPC-Web call with these headers: the message and `grpc-status`.
    pub(crate) async fn grpc_web<M: Message + Default>(
        &self,
        method: &str,
        headers: &[(&str, &str)],
        message: &impl Message,
    ) -> (Option<M>, String) {
        let mut request = Request::post(method)
            .header(header::CONTENT_TYPE, "application/grpc-web+proto")
            .header("x-grpc-web", "1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut frame = BytesMut::new();
        frame.put_u8(0);
        frame.put_u32(message.encoded_len() as u32);
        message.encode(&mut frame).expect("there is room");
        let answer = self.send(request, frame.freeze()).await.expect("an answer");
        read_web(&answer)
    }
}

/// The frames of a gRPC-Web answer: a message, and the trailers as text.
fn read_web<M: Message + Default>(answer: &Answer) -> (Option<M>, String) {
    let (mut message, mut status) = (None, answer.header("grpc-status").to_owned());
    let mut rest = answer.body.as_ref();
    while let Some((head, more)) = rest.split_at_checked(5) {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let (frame, more) = more.split_at_checked(length).expect("a whole frame");
        if head[0] & 0x80 == 0 {
            message = Some(M::decode(frame).expect("a message"));
        } else {
            let trailers = String::from_utf8_lossy(frame);
            let line = trailers.lines().find_map(|line| line.strip_prefix("grpc-status:"));
            line.unwrap_or_default().trim().clone_into(&mut status);
        }
        rest = more;
    }
    (message, status)
}

fn connect(port: u16, authority: &[u8]) -> Channel {
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    Endpoint::from_shared(format!("https://127.0.0.1:{port}"))
        .expect("a valid address")
        .tls_config(tls)
        .expect("a good certificate")
        .connect_lazy()
}
