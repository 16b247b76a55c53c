//! A JSON request becomes a call, its answer JSON again; a stream becomes lines or server-sent events.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderValue, Method, Request, Response, header, uri::PathAndQuery};
use prost_reflect::{DynamicMessage, MethodDescriptor};
use serde_json::Value as Json;
use tonic::{Status, Streaming, metadata::MetadataMap};
use voltaire_mesh::Invalid;

use super::{answer, codec::Dynamic, fill, template::Template};
use crate::{
    contract::{Contract, path},
    error::Error,
    grpc::{self, Upstreams},
    visitor::Visitor,
};

/// Headers that become metadata of the call.
const PASSED_ON: [&str; 5] = [
    "authorization",
    "traceparent",
    "tracestate",
    "grpc-timeout",
    "accept-language",
];
/// The largest answer that is turned into JSON, bytes.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(30);
/// How long a call may take whose sender sets no `grpc-timeout`.
const PATIENCE: Duration = Duration::from_mins(1);

/// What can be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// The largest request body, bytes.
    pub(crate) body_bytes: usize,
}

/// Calls methods by their HTTP annotations.
pub(crate) struct Transcoder {
    routes: Vec<Route>,
    upstreams: Upstreams,
    settings: Settings,
}

struct Route {
    verb: Method,
    template: Template,
    body: String,
    method: MethodDescriptor,
    upstream: &'static str,
    rpc: PathAndQuery,
}

type Found<'a> = (&'a Route, Vec<(&'a str, String)>);

impl Transcoder {
    /// Of all methods of the contract that have annotations and are not for services only.
    pub(crate) fn new(contract: &Arc<Contract>, upstreams: Upstreams, settings: Settings) -> anyhow::Result<Self> {
        let mut routes = Vec::new();
        for method in contract.open_methods().filter(|it| !it.is_client_streaming()) {
            let rpc = path(&method);
            let Some(upstream) = contract.upstream(method.parent_service().full_name()) else {
                continue;
            };
            for rule in contract.http_rules(&method)? {
                routes.push(Route {
                    verb: rule.verb,
                    template: Template::parse(&rule.template)?,
                    body: rule.body,
                    method: method.clone(),
                    upstream,
                    rpc: rpc.parse()?,
                });
            }
        }
        routes.sort_by_key(|route| std::cmp::Reverse(route.template.literals()));
        Ok(Self {
            routes,
            upstreams,
            settings,
        })
    }

    /// Whether some method is at this path, whatever the verb.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.routes.iter().any(|route| route.template.matches(path).is_some())
    }

    /// Answers a request.
    pub(crate) async fn call(&self, request: Request<Body>, visitor: &Visitor) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let (route, variables) = match self.find(&parts.method, parts.uri.path()) {
            Ok(found) => found,
            Err(error) => return answer::refusal(error),
        };
        let mut message = match self.message(route, &parts, body).await {
            Ok(message) => message,
            Err(error) => return answer::refusal(error),
        };
        for (field, value) in variables {
            fill::clear(&mut message, field);
            if let Err(invalid) = fill::assign(&mut message, field, &value) {
                return answer::refusal(invalid.into());
            }
        }
        let mut call = tonic::Request::new(message);
        *call.metadata_mut() = metadata(&parts.headers, visitor);
        if route.method.is_server_streaming() {
            let events = wants_events(&parts.headers);
            self.stream(route, call, events).await
        } else {
            if !parts.headers.contains_key("grpc-timeout") {
                call.set_timeout(PATIENCE);
            }
            self.unary(route, call).await
        }
    }

    fn find(&self, verb: &Method, path: &str) -> Result<Found<'_>, Error> {
        let verb = if *verb == Method::HEAD { &Method::GET } else { verb };
        let fitting = self
            .routes
            .iter()
            .filter_map(|it| Some((it, it.template.matches(path)?)));
        let fitting: Vec<_> = fitting.collect();
        let verbs: Vec<_> = fitting.iter().map(|(route, _)| route.verb.as_str()).collect();
        let allow = verbs.join(", ");
        if allow.is_empty() {
            return Err(Error::NotFound);
        }
        let found = fitting.into_iter().find(|(route, _)| route.verb == *verb);
        found.ok_or(Error::Method { allow })
    }

    async fn message(&self, route: &Route, parts: &http::request::Parts, body: Body) -> Result<DynamicMessage, Error> {
        let input = route.method.input();
        let mut message = match route.body.as_str() {
            "" => DynamicMessage::new(input),
            "*" => fill::message(&input, &self.json(&parts.headers, body).await?)?,
            field => {
                let json = self.json(&parts.headers, body).await?;
                fill::message(&input, &serde_json::json!({ field: json }))?
            }
        };
        let bound: Vec<_> = route.template.variables().collect();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            if route.body == "*" || name == route.body.as_str() || bound.contains(&name.as_ref()) {
                return Err(Invalid::new(name, "unknown query parameter").into());
            }
            fill::assign(&mut message, &name, &value)?;
        }
        Ok(message)
    }

    /// The body; nothing is an empty object.
    async fn json(&self, headers: &HeaderMap, body: Body) -> Result<Json, Error> {
        let limit = self.settings.body_bytes;
        let read = tokio::time::timeout(BODY_PATIENCE, axum::body::to_bytes(body, limit)).await;
        let body = read.map_err(|_| Error::Slow)?.map_err(|_| Error::TooLarge { limit })?;
        if headers.contains_key(header::CONTENT_ENCODING) || !is_json(headers) {
            return Err(Error::Type {
                expected: "application/json",
            });
        }
        if body.is_empty() {
            return Ok(Json::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&body).map_err(|error| Error::Json(error.to_string()))
    }

    fn client(&self, route: &Route) -> tonic::client::Grpc<voltaire_mesh::PeerChannel> {
        let channel = if route.method.is_server_streaming() {
            self.upstreams.streams(route.upstream)
        } else {
            self.upstreams.channel(route.upstream)
        };
        tonic::client::Grpc::new(channel).max_decoding_message_size(LARGEST_ANSWER)
    }

    async fn unary(&self, route: &Route, call: tonic::Request<DynamicMessage>) -> Response<Body> {
        let mut client = self.client(route);
        if let Err(error) = client.ready().await {
            return answer::refusal(grpc::unreached(error));
        }
        let codec = Dynamic(route.method.output());
        match client
            .unary::<_, DynamicMessage, _>(call, route.rpc.clone(), codec)
            .await
        {
            Ok(message) => match text(message.get_ref()) {
                Ok(text) => typed(Body::from(text), "application/json"),
                Err(status) => answer::failure(&status),
            },
            Err(status) if grpc::is_timeout(&status) => answer::refusal(Error::Deadline),
            Err(status) => answer::failure(&status),
        }
    }

    async fn stream(&self, route: &Route, call: tonic::Request<DynamicMessage>, events: bool) -> Response<Body> {
        let mut client = self.client(route);
        if let Err(error) = client.ready().await {
            return answer::refusal(grpc::unreached(error));
        }
        let codec = Dynamic(route.method.output());
        match client.server_streaming(call, route.rpc.clone(), codec).await {
            Ok(messages) => {
                let kind = if events {
                    "text/event-stream"
                } else {
                    "application/x-ndjson"
                };
                typed(Body::from_stream(lines(messages.into_inner(), events)), kind)
            }
            Err(status) => answer::failure(&status),
        }
    }
}

fn lines(
    messages: Streaming<DynamicMessage>,
    events: bool,
) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    messages.map(move |message| {
        let line = match message.and_then(|message| text(&message)) {
            Ok(text) if events => format!("data: {text}\n\n"),
            Ok(text) => format!("{text}\n"),
            Err(status) => {
                let error = answer::error_json(&status, crate::error::http_status(status.code()));
                if events {
                    format!("event: error\ndata: {error}\n\n")
                } else {
                    format!("{error}\n")
                }
            }
        };
        Ok(Bytes::from(line))
    })
}

fn text(message: &DynamicMessage) -> Result<String, Status> {
    serde_json::to_string(message)
        .map_err(|_| voltaire_mesh::Refused::new(tonic::Code::Internal, "BROKEN_MESSAGE", "not told as JSON").into())
}

fn typed(body: Body, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn metadata(headers: &HeaderMap, visitor: &Visitor) -> MetadataMap {
    let mut passed = HeaderMap::new();
    for name in PASSED_ON {
        if let Some(value) = headers.get(name) {
            passed.insert(name, value.clone());
        }
    }
    grpc::introduce(&mut passed, visitor);
    MetadataMap::from_headers(passed)
}

/// JSON, told by the content type: pages of other sites cannot send it without asking first.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    kind.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    accept.contains("text/event-stream")
}
