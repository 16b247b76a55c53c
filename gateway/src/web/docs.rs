//! The API's description: the OpenAPI document, a page to read and try it offline, and the descriptor set.

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use swagger_ui_dist::{ApiDefinition, OpenApiSource};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;

const PAGE: &str = include_str!("docs.html");
const ICON: &str = include_str!("docs.svg");
const START: &str = include_str!("docs.js");

/// The pages.
pub(crate) struct Docs {
    router: Router,
}

impl Docs {
    /// Over an OpenAPI document.
    pub(crate) fn new(openapi: Bytes) -> Self {
        let assets = swagger_ui_dist::generate_routes(ApiDefinition {
            uri_prefix: "/api-docs/assets",
            api_definition: OpenApiSource::Uri("/openapi.json"),
            title: None,
        });
        let fixed = |content: &'static str, kind: &'static str| get(move || async move { told(content.into(), kind) });
        let router = Router::new()
            .route(
                "/openapi.json",
                get(move || async move { told(openapi, "application/json") }),
            )
            .route("/api-docs", fixed(PAGE, "text/html; charset=utf-8"))
            .route("/api-docs/", fixed(PAGE, "text/html; charset=utf-8"))
            .route("/api-docs/icon.svg", fixed(ICON, "image/svg+xml"))
            .route("/api-docs/start.js", fixed(START, "text/javascript; charset=utf-8"))
            .route("/api-docs/voltaire.binpb", get(descriptors))
            .merge(assets)
            .layer(CompressionLayer::new());
        Self { router }
    }

    /// Whether the path is theirs.
    pub(crate) fn has(path: &str) -> bool {
        path == "/openapi.json" || path == "/api-docs" || path.starts_with("/api-docs/")
    }

    /// Answers a request.
    pub(crate) async fn serve(&self, request: Request<Body>) -> Response<Body> {
        let mut response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        let fresh = HeaderValue::from_static("no-cache");
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(fresh);
        response
    }
}

async fn descriptors() -> Response<Body> {
    let mut response = told(
        Bytes::from_static(voltaire_proto::DESCRIPTORS),
        "application/x-protobuf",
    );
    let value = HeaderValue::from_static("attachment; filename=\"voltaire.binpb\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    response
}

fn told(content: Bytes, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
